"""The model directory: written as a whole, checked as a whole before anything of it is used.

===============  =================================================================================
``bundle.json``  format version, versions of what trained it, labels, thresholds, figures, and the
                 SHA-256 of every other file
``weights.npz``  plain arrays; reading them never runs code
``encoder.npz``  plain arrays too, only where the model has an encoder
``playbook.toml``  the playbook whose ids are the labels
``MODEL_CARD.md``  what the model is for and how good it is
===============  =================================================================================
"""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from objection_nlp.decision import ActingPoint, Thresholds, find_acting_point
from objection_nlp.dutch import DutchPipeline
from objection_nlp.errors import ModelError, PlaybookError
from objection_nlp.features import BUCKETS
from objection_nlp.playbook import Playbook
from objection_nlp.scoring import WINDOWS, Linear, NgramWeights, Scorer, SecondModels
from objection_nlp.semantic.encoder import Encoder, from_arrays, to_arrays

FORMAT_VERSION = 1
# Names of the packaged models.
DEFAULT = "default"
SEMANTIC = "semantic"
PACKAGED = (DEFAULT, SEMANTIC)
MANIFEST = "bundle.json"
WEIGHTS = "weights.npz"
ENCODER = "encoder.npz"
PLAYBOOK = "playbook.toml"
CARD = "MODEL_CARD.md"

# What is read from the manifest; the rest is information.
_USED = {
    "format_version",
    "labels",
    "none_label",
    "spacy_pipeline",
    "thresholds",
    "acting",
    "files",
}
# More than any model of this format needs; a larger file is not opened. An encoder's numbers of 8
# bits take four times as much when they are used.
_MAX_BYTES = 1 << 29
_MAX_ENCODER_BYTES = 1 << 26
_ARRAYS: dict[str, type[np.generic]] = {
    "buckets": np.int32,
    "idf": np.float16,
    "weights": np.float16,
    "bias": np.float32,
    "main": np.float64,
    "main_bias": np.float64,
    "presence": np.float64,
    "presence_bias": np.float64,
    "prior": np.float64,
}


@dataclass(frozen=True)
class Model:
    """A trained model, ready to answer.

    Attributes
    ----------
    scorer : Scorer
        The arrays.
    labels : tuple of str
        What the columns of the scorer's probabilities stand for.
    playbook : Playbook
        The guidance, and the id for none.
    thresholds : Thresholds
        When a second label is named and when the answer is abstained from.
    spacy_pipeline : str
        Name of the spaCy pipeline that the model was trained with.
    acting : tuple of ActingPoint
        What other thresholds to act on would give; empty where that was not measured.
    info : dict
        The rest of ``bundle.json``: versions, hash of the training data, figures.
    """

    scorer: Scorer
    labels: tuple[str, ...]
    playbook: Playbook
    thresholds: Thresholds
    spacy_pipeline: str
    acting: tuple[ActingPoint, ...] = ()
    info: dict[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def pipeline(self) -> DutchPipeline:
        """The spaCy pipeline, loaded when it is first needed."""
        return DutchPipeline(self.spacy_pipeline)

    def threshold_for(self, precision: float) -> float:
        """Return the lowest threshold to act on that keeps ``precision``.

        Precisions are known in steps of 0.01 from 0.50 on; the next higher one is taken.

        Parameters
        ----------
        precision : float
            Which share of the answers acted on should be right; above 0, at most 1. Measured on
            training groups, each answered by models that had not seen it.

        Raises
        ------
        DataError
            If no threshold reaches it, or the model was written without these measurements.

        Examples
        --------
        >>> model = load_model()
        >>> model.threshold_for(precision=0.9) < model.threshold_for(precision=0.95)
        True
        """
        return find_acting_point(self.acting, precision).threshold

    def at_precision(self, precision: float) -> Self:
        """Return the same model, abstaining so that ``precision`` is kept; see ``threshold_for``.

        Examples
        --------
        >>> load_model().at_precision(0.99).thresholds.act > load_model().thresholds.act
        True
        """
        act = self.threshold_for(precision)
        return replace(self, thresholds=replace(self.thresholds, act=act))

    def describe(self) -> dict[str, Any]:
        """Return what ``bundle.json`` says about the model, without the hashes of the files."""
        return {
            "format_version": FORMAT_VERSION,
            "labels": list(self.labels),
            "none_label": self.playbook.none_label,
            "spacy_pipeline": self.spacy_pipeline,
            "thresholds": self.thresholds.to_dict(),
            "acting": [point._asdict() for point in self.acting],
            **self.info,
        }


def save_model(model: Model, path: str | Path, card: str) -> None:
    """Write a model directory; an existing one is replaced only when the new one is complete.

    Parameters
    ----------
    model : Model
    path : str or Path
        The directory.
    card : str
        The text of ``MODEL_CARD.md``.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".model-", dir=target.parent) as folder:
        beside = Path(folder) / target.name
        beside.mkdir()
        files = {
            WEIGHTS: _pack(_scorer_arrays(model.scorer)),
            PLAYBOOK: model.playbook.source_text.encode(),
            CARD: card.encode(),
        }
        if model.scorer.encoder is not None:
            files[ENCODER] = _pack(to_arrays(model.scorer.encoder))
        for name, content in files.items():
            (beside / name).write_bytes(content)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        manifest = model.describe() | {"files": hashes}
        text = json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=True)
        (beside / MANIFEST).write_bytes(f"{text}\n".encode())
        if target.exists():
            shutil.rmtree(target)
        beside.replace(target)


def load_model(path: str | Path | None = None) -> Model:
    """Check a model directory and load it.

    Parameters
    ----------
    path : str or Path, optional
        The directory. The strings ``"default"`` and ``"semantic"`` name the packaged models, the
        second with an encoder, better and slower (directories of these names are
        ``"./default"`` and ``"./semantic"``); the default one when None.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        If the directory is missing, incomplete, changed since it was written, or of another
        format version. Nothing of it is used then.
    PipelineError
        If it was trained with a spaCy pipeline that is not installed.

    Examples
    --------
    >>> load_model().playbook.none_label
    'geen_tegenwerping'
    """
    wanted = DEFAULT if path is None else path
    return _packaged(str(wanted)) if wanted in PACKAGED else _load(Path(wanted))


@lru_cache(maxsize=2)
def _packaged(name: str) -> Model:
    inside = Path(__file__).parent / "models" / name
    # In a checkout the models lie in models/; the wheel carries them inside the package.
    return _load(inside if inside.exists() else Path(__file__).parents[2] / "models" / name)


def _load(folder: Path) -> Model:
    manifest = _read_manifest(folder)
    contents = _read_files(folder, manifest)
    try:
        playbook = Playbook.parse(contents[PLAYBOOK].decode("utf-8"), name=str(folder / PLAYBOOK))
        labels = tuple(map(_text, manifest["labels"]))
        thresholds = Thresholds(**{key: float(v) for key, v in manifest["thresholds"].items()})
        acting = _acting(manifest.get("acting", []))
        scorer = _read_scorer(contents, len(labels), folder)
        spacy_pipeline = str(manifest["spacy_pipeline"])
    except (KeyError, TypeError, ValueError, UnicodeDecodeError, PlaybookError) as error:
        raise _damaged(folder, f"{MANIFEST} or {PLAYBOOK} does not fit ({error})") from error
    if set(labels) != set(playbook.labels) or len(labels) != len(playbook.labels):
        raise _damaged(folder, f"the labels of {MANIFEST} and {PLAYBOOK} differ")
    info = {key: value for key, value in manifest.items() if key not in _USED}
    model = Model(scorer, labels, playbook, thresholds, spacy_pipeline, acting, info)
    _ = model.pipeline  # a pipeline that is not installed is refused now, not at the first call
    return model


def _acting(points: list[dict[str, Any]]) -> tuple[ActingPoint, ...]:
    numbers = [{name: float(value) for name, value in dict(point).items()} for point in points]
    return tuple(sorted(ActingPoint(**point) for point in numbers))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a label was expected")
    return value


def _read_manifest(folder: Path) -> dict[str, Any]:
    if not (folder / MANIFEST).is_file():
        raise ModelError(
            f"{folder}: no model here ({MANIFEST} is missing); expected a directory written by "
            "`objection-nlp train DATA --out DIR`"
        )
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise _damaged(folder, f"{MANIFEST} is not valid JSON") from error
    if not isinstance(manifest, dict):
        raise _damaged(folder, f"{MANIFEST} holds no object")
    version = manifest.get("format_version")
    if version != FORMAT_VERSION:
        raise ModelError(
            f"{folder}: the model has format version {version}, this objection-nlp "
            f"{metadata.version('objection-nlp')} reads version {FORMAT_VERSION}; train it again "
            "with this version, or install the one that wrote it"
        )
    return manifest


def _read_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, bytes]:
    """Read every file of the model once, and check what was read against its hash."""
    hashes = manifest.get("files")
    if not isinstance(hashes, dict) or set(hashes) - {ENCODER} != {WEIGHTS, PLAYBOOK, CARD}:
        raise _damaged(folder, f"{MANIFEST} does not list exactly the files of a model")
    contents = {}
    for name, expected in hashes.items():
        file = folder / name
        if not file.is_file():
            raise _damaged(folder, f"{name} is missing")
        if file.stat().st_size > _MAX_BYTES:
            raise _damaged(folder, f"{name} is larger than any model needs")
        contents[name] = file.read_bytes()
        if hashlib.sha256(contents[name]).hexdigest() != expected:
            raise _damaged(folder, f"{name} was changed or cut short (its SHA-256 differs)")
    return contents


def _damaged(folder: Path, what: str) -> ModelError:
    return ModelError(
        f"{folder}: the model is damaged: {what}. It was not used; copy it again from where it "
        "was made, or train it again"
    )


def _scorer_arrays(scorer: Scorer) -> dict[str, NDArray[Any]]:
    first = scorer.ngrams
    return {
        "buckets": first.buckets,
        "idf": first.idf.astype(np.float16),
        "weights": first.weights.astype(np.float16),
        "bias": first.bias,
        "main": scorer.second.main.weights,
        "main_bias": scorer.second.main.bias,
        "presence": scorer.second.presence.weights,
        "presence_bias": scorer.second.presence.bias,
        "prior": scorer.second.prior,
    }


def _pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _arrays_of(content: bytes, name: str, folder: Path) -> dict[str, NDArray[Any]]:
    """Read plain arrays; nothing in them is ever run."""
    most = _MAX_ENCODER_BYTES if name == ENCODER else _MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            n_bytes = sum(entry.file_size for entry in archive.infolist())
        if n_bytes <= most:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                arrays = {key: stored[key] for key in stored.files}
    # Forged archives make zipfile and numpy raise errors of a dozen kinds.
    except Exception as error:
        raise _damaged(folder, f"{name} does not hold the arrays of a model") from error
    if n_bytes > most:
        raise _damaged(folder, f"{name} unpacks to more than any model needs")
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise _damaged(folder, f"{name} does not hold the arrays of a model")
    return arrays


def _read_encoder(contents: Mapping[str, bytes], n_labels: int, folder: Path) -> Encoder | None:
    if ENCODER not in contents:
        return None
    arrays = _arrays_of(contents[ENCODER], ENCODER, folder)
    try:
        return from_arrays(arrays, n_labels)
    except ValueError as error:
        raise _damaged(folder, str(error)) from error


def _read_scorer(contents: Mapping[str, bytes], n_labels: int, folder: Path) -> Scorer:
    """Rebuild the scorer from plain arrays, after a look at each one's type, shape and range."""
    encoder = _read_encoder(contents, n_labels, folder)
    arrays = _arrays_of(contents[WEIGHTS], WEIGHTS, folder)
    if set(arrays) != set(_ARRAYS):
        raise _damaged(folder, f"{WEIGHTS} does not hold the arrays of a model")
    n_known = len(arrays["buckets"]) if arrays["buckets"].ndim else 0
    n_views = 1 + len(WINDOWS) + (0 if encoder is None else 2)
    shapes: dict[str, tuple[int, ...]] = {
        "buckets": (n_known,),
        "idf": (n_known,),
        "weights": (n_known, n_labels),
        "bias": (n_labels,),
        "main": (n_views * n_labels, n_labels),
        "main_bias": (n_labels,),
        "presence": (n_views * n_labels, n_labels),
        "presence_bias": (n_labels,),
        "prior": (n_labels,),
    }
    for name, array in arrays.items():
        if array.dtype != _ARRAYS[name] or array.shape != shapes[name]:
            raise _damaged(folder, f"array {name!r} has shape {array.shape} of {array.dtype}")
        if not np.isfinite(array).all():
            raise _damaged(folder, f"array {name!r} holds values that are no numbers")
    buckets = arrays["buckets"]
    if n_known and (buckets[0] < 0 or buckets[-1] >= BUCKETS or (np.diff(buckets) <= 0).any()):
        raise _damaged(folder, "array 'buckets' is out of range")
    ngrams = NgramWeights(
        buckets,
        arrays["idf"].astype(np.float32),
        arrays["weights"].astype(np.float32),
        arrays["bias"],
    )
    main = Linear(arrays["main"], arrays["main_bias"])
    presence = Linear(arrays["presence"], arrays["presence_bias"])
    return Scorer(ngrams, SecondModels(main, presence, arrays["prior"]), encoder)
