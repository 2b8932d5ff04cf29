"""``predict_response()``: an utterance in, the objection and what to answer out.

utterances -> plain words -> probabilities -> decision -> guidance from the playbook
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from objection_nlp.bundle import Model, load_model
from objection_nlp.decision import Decision, decide
from objection_nlp.dutch import Utterance, check_texts
from objection_nlp.evidence import Evidence, find_evidence
from objection_nlp.playbook import Guidance
from objection_nlp.scoring import Scores


@dataclass(frozen=True)
class ObjectionResponse:
    """What was heard in one utterance, how sure that is, why, and what to do about it.

    Attributes
    ----------
    text : str
        The utterance as it came.
    label : str
        The main label; the best guess also when ``abstained``.
    labels : tuple of str
        All labels, the main one first; never empty.
    confidence : float
        Probability of ``label``, 0 to 1, calibrated on speakers unseen in training.
    probabilities : dict of str to float
        Probability of each label to be the main one; they add up to 1.
    abstained : bool
        True when the answer is too unsure to act on.
    guidance : Guidance
        What the playbook advises; the general stance for none and when abstained.
    evidence : tuple of Evidence
        The words that speak for ``label``, strongest first; worked out when first asked for.
    """

    text: str
    label: str
    labels: tuple[str, ...]
    confidence: float
    probabilities: dict[str, float]
    abstained: bool
    guidance: Guidance
    _explain: Callable[[], tuple[Evidence, ...]] = field(repr=False, compare=False)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The words that speak for ``label``, strongest first."""
        return self._explain()

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain lists, numbers and strings, ready for JSON."""
        return {
            "text": self.text,
            "label": self.label,
            "labels": list(self.labels),
            "confidence": self.confidence,
            "probabilities": dict(self.probabilities),
            "abstained": self.abstained,
            "evidence": [piece.to_dict() for piece in self.evidence],
            "guidance": self.guidance.to_dict(),
        }


def predict_response(text: str, *, model: Model | str | Path | None = None) -> ObjectionResponse:
    """Say which objection an utterance holds and what the playbook advises.

    Parameters
    ----------
    text : str
        What the debtor said in one turn, in Dutch. An empty or unreadable text is answered with
        the label for none, abstained.
    model : Model, str or Path, optional
        A loaded model or a model directory (read at each call: load it once for many texts); the
        packaged model when None.

    Returns
    -------
    ObjectionResponse

    Raises
    ------
    DataError
        If ``text`` is not a string.
    ModelError
        If the model directory cannot be used.

    Examples
    --------
    >>> predict_response("Die rekening is hier nooit binnengekomen hoor.").label
    'factuur_niet_ontvangen'
    """
    return predict_responses([text], model=model)[0]


def predict_responses(
    texts: Iterable[str], *, model: Model | str | Path | None = None
) -> list[ObjectionResponse]:
    """Answer many utterances at once, faster than one by one.

    Parameters
    ----------
    texts : iterable of str
        The utterances.
    model : Model, str or Path, optional
        As in :func:`predict_response`.

    Returns
    -------
    list of ObjectionResponse
        One per text, in order.

    Raises
    ------
    DataError
        If ``texts`` is a single string or holds anything but strings; the message names the row.

    Examples
    --------
    >>> [r.label for r in predict_responses(["Goedemorgen, met De Vries.", "dat betaal ik niet"])]
    ['geen_tegenwerping', 'weigert_te_betalen']
    """
    loaded = model if isinstance(model, Model) else load_model(model)
    utterances = loaded.pipeline.analyse(check_texts(texts))
    scores, decisions = _decide(utterances, loaded)
    return [
        _respond(loaded, utterance, dict(zip(loaded.labels, chances, strict=True)), decision)
        for utterance, chances, decision in zip(
            utterances, scores.main.tolist(), decisions, strict=True
        )
    ]


def classify(texts: Sequence[str], model: Model) -> list[tuple[tuple[str, ...], float, bool]]:
    """Answer many utterances with labels alone: what annotating files needs, and no more.

    Parameters
    ----------
    texts : sequence of str
    model : Model

    Returns
    -------
    list of (labels, confidence, abstained)
        As the fields of :class:`ObjectionResponse` of these names, one per text.
    """
    scores, decisions = _decide(model.pipeline.analyse(texts), model)
    column = {label: i for i, label in enumerate(model.labels)}
    return [
        (decision.labels, chances[column[decision.labels[0]]], decision.abstained)
        for decision, chances in zip(decisions, scores.main.tolist(), strict=True)
    ]


def _decide(utterances: Sequence[Utterance], model: Model) -> tuple[Scores, list[Decision]]:
    scores = model.scorer.score(utterances)
    return scores, decide(scores, model.labels, model.playbook.none_label, model.thresholds)


def _respond(
    model: Model, utterance: Utterance, chances: dict[str, float], decision: Decision
) -> ObjectionResponse:
    label = decision.labels[0]
    playbook = model.playbook
    return ObjectionResponse(
        text=utterance.text,
        label=label,
        labels=decision.labels,
        confidence=chances[label],
        probabilities={name: chances[name] for name in playbook.labels},
        abstained=decision.abstained,
        guidance=playbook.general if decision.abstained else playbook.guidance(label),
        _explain=partial(find_evidence, model.scorer, utterance, model.labels.index(label)),
    )
