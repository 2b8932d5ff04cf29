"""Which words speak for a label: token weights joined into spans of the original text."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from objection_nlp.dutch import Utterance
from objection_nlp.scoring import FloatArray, Scorer

# A word is evidence when it weighs at least this share of the heaviest one.
_NOTABLE = 0.3
_MOST_SPANS = 5


@dataclass(frozen=True)
class Evidence:
    """A stretch of an utterance that speaks for the label.

    Attributes
    ----------
    start, end : int
        Where it stands in the text, in characters: ``text[start:end]``.
    text : str
        The words themselves.
    weight : float
        What it adds to the logit of the label against the mean of all labels; above 0.
    """

    start: int
    end: int
    text: str
    weight: float

    def to_dict(self) -> dict[str, Any]:
        """Return the span as a plain dictionary."""
        return asdict(self)


def find_evidence(scorer: Scorer, utterance: Utterance, label: int) -> tuple[Evidence, ...]:
    """Return the stretches of words that speak most for a label, strongest first.

    Parameters
    ----------
    scorer : Scorer
    utterance : Utterance
    label : int
        Column of the label.

    Returns
    -------
    tuple of Evidence
        At most five; empty where no word speaks for the label.
    """
    if not utterance.forms:
        return ()
    weights = scorer.token_evidence(utterance, label)
    spans = sorted(_spans(utterance, weights), key=lambda span: (-span.weight, span.start))
    return tuple(spans[:_MOST_SPANS])


def _spans(utterance: Utterance, weights: FloatArray) -> Iterator[Evidence]:
    """Join notable words that stand side by side."""
    notable = np.flatnonzero((weights > 0) & (weights >= _NOTABLE * weights.max()))
    if not len(notable):
        return
    for run in np.split(notable, np.flatnonzero(np.diff(notable) > 1) + 1):
        start, end = _without_edges(
            utterance.text, utterance.span(int(run[0]))[0], utterance.span(int(run[-1]))[1]
        )
        weight = round(float(weights[run].sum()), 4)
        yield Evidence(start, end, utterance.text[start:end], weight)


def _without_edges(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out punctuation around a stretch, which is never what was heard."""
    while end - start > 1 and not text[end - 1].isalnum():
        end -= 1
    while end - start > 1 and not text[start].isalnum():
        start += 1
    return start, end
