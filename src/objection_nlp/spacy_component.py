"""``objection_classifier``: a component that lets a spaCy pipeline hear objections.

spaCy finds it through its entry point as soon as the package is installed:

    nlp = spacy.blank("nl")
    nlp.add_pipe("objection_classifier")

Each document gets the probability of every label in ``doc.cats`` and an ``ObjectionResponse`` in
``doc._.objection``. The response travels with the document (to other processes, ``to_bytes``,
``DocBin``); the words that speak for its label are worked out when it is sent or first asked for.
"""

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

import srsly
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from objection_nlp.bundle import (
    CARD,
    ENCODER,
    MANIFEST,
    PACKAGED,
    PLAYBOOK,
    WEIGHTS,
    Model,
    load_model,
    save_model,
)
from objection_nlp.card import model_card
from objection_nlp.evidence import Evidence
from objection_nlp.playbook import Guidance
from objection_nlp.response import ObjectionResponse, predict_responses

_SENT_AS = "objection_nlp.ObjectionResponse"
_PLAIN = ("text", "label", "labels", "confidence", "probabilities", "abstained")


class ObjectionComponent(Pipe):
    """Sets ``doc.cats`` and ``doc._.objection``.

    Parameters
    ----------
    name : str, default "objection_classifier"
        What the component is called in its pipeline.
    path : str, optional
        A model directory; the packaged model when None. One that is not there yet is asked for
        with the first document: a saved pipeline brings its model along (``from_disk``).

    Raises
    ------
    ModelError
        If the model directory cannot be used.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("nl")
    >>> component = nlp.add_pipe("objection_classifier")
    >>> doc = nlp("Die rekening is hier nooit binnengekomen hoor.")
    >>> doc._.objection.label, max(doc.cats, key=doc.cats.get)
    ('factuur_niet_ontvangen', 'factuur_niet_ontvangen')
    """

    def __init__(self, name: str = "objection_classifier", path: str | None = None) -> None:
        self.name = name
        self.path = path
        self._model: Model | None = None
        # The directory may be one that a saved pipeline has yet to bring.
        if path is None or path in PACKAGED or Path(path).exists():
            self._model = load_model(path)
        if not Doc.has_extension("objection"):
            Doc.set_extension("objection", default=None)

    @property
    def labels(self) -> tuple[str, ...]:
        """The keys of ``doc.cats``, in the order of the playbook."""
        return self._loaded().playbook.labels

    @property
    def hide_labels(self) -> bool:
        """Whether spaCy leaves the labels out of its lists: while there is no model yet."""
        return self._model is None

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one document."""
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate a stream of documents, a batch at a time.

        A batch that fails goes to the error handler of the pipeline, as with spaCy's own
        components.
        """
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            try:
                self._annotate(docs)
            except Exception as error:
                self.get_error_handler()(self.name, self, docs, error)
            else:
                yield from docs

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the model as a directory of its own, with all that answering needs."""
        save_model(self._loaded(), path, model_card(self._loaded()))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Self:
        """Take over the model that :meth:`to_disk` wrote."""
        self._model = load_model(path)
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return the files of the model directory."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "model"
            self.to_disk(target)
            files = {file.name: file.read_bytes() for file in sorted(target.iterdir())}
        packed: bytes = srsly.msgpack_dumps(files)
        return packed

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Self:
        """Take over the model that :meth:`to_bytes` returned."""
        files = srsly.msgpack_loads(bytes_data)
        with tempfile.TemporaryDirectory() as folder:
            # The names are ours, whatever the bytes hold: nothing is written outside the folder.
            for name in (MANIFEST, WEIGHTS, ENCODER, PLAYBOOK, CARD):
                if name in files:
                    (Path(folder) / name).write_bytes(files[name])
            return self.from_disk(folder)

    # No attribute `model`: spaCy looks for one to tell components that it can train, and looking
    # would ask for a model that a saved pipeline has yet to bring.
    def _loaded(self) -> Model:
        if self._model is None:
            self._model = load_model(self.path)
        return self._model

    def _annotate(self, docs: list[Doc]) -> None:
        responses = predict_responses([doc.text for doc in docs], model=self._loaded())
        for doc, response in zip(docs, responses, strict=True):
            doc.cats.update(response.probabilities)
            doc._.objection = response


@Language.factory(
    "objection_classifier",
    assigns=["doc.cats", "doc._.objection"],
    default_config={"model": None},
)
def make_component(nlp: Language, name: str, model: str | None) -> ObjectionComponent:
    """Build the component from its configuration: ``model`` is a model directory, or null."""
    return ObjectionComponent(name, model)


def _encode(obj: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    """Turn a response into what msgpack knows; spaCy sends documents between processes so."""
    if isinstance(obj, ObjectionResponse):
        fields = {name: getattr(obj, name) for name in _PLAIN}
        evidence = [piece.to_dict() for piece in obj.evidence]
        return {_SENT_AS: fields | {"evidence": evidence, "guidance": _packed(obj.guidance)}}
    return obj if chain is None else chain(obj)


def _decode(obj: Any, chain: Callable[[Any], Any] | None = None) -> Any:
    if isinstance(obj, dict) and _SENT_AS in obj:
        return _response(obj[_SENT_AS])
    return obj if chain is None else chain(obj)


def _response(data: dict[str, Any]) -> ObjectionResponse:
    """Rebuild a response from what ``_encode`` made of it."""
    plain = {name: data[name] for name in _PLAIN}
    plain["labels"] = tuple(plain["labels"])
    evidence = tuple(Evidence(**piece) for piece in data["evidence"])
    return ObjectionResponse(
        **plain, guidance=_unpacked(data["guidance"]), _explain=partial(tuple, evidence)
    )


# Thousands of documents share a few entries of the playbook: each is turned around only once.
@lru_cache(maxsize=256)
def _packed(guidance: Guidance) -> str:
    return json.dumps(guidance.to_dict())


@lru_cache(maxsize=256)
def _unpacked(guidance: str) -> Guidance:
    return Guidance(**json.loads(guidance))


srsly.msgpack_encoders.register("objection_response", func=_encode)
srsly.msgpack_decoders.register("objection_response", func=_decode)
