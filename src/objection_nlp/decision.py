"""From probabilities to an answer: which labels, and whether to stand by them.

Thresholds are not chosen here; training finds them on utterances of unseen groups and the model
directory keeps them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from objection_nlp.errors import DataError
from objection_nlp.scoring import Scores


class ActingPoint(NamedTuple):
    """What acting from a threshold on gives, measured on groups unseen in training.

    Attributes
    ----------
    precision : float
        Share of the answers acted on whose main label is right, at least.
    threshold : float
        The lowest threshold (``Thresholds.act``) that keeps this precision.
    coverage : float
        Share of all answers that are acted on then.
    """

    precision: float
    threshold: float
    coverage: float


def find_acting_point(points: Sequence[ActingPoint], precision: float) -> ActingPoint:
    """Return the first point, in order of precision, that keeps at least ``precision``.

    Raises
    ------
    DataError
        If ``precision`` is not between 0 and 1, or higher than any that was reached.

    Examples
    --------
    >>> find_acting_point([ActingPoint(0.9, 0.5, 0.8), ActingPoint(0.95, 0.7, 0.6)], 0.93)
    ActingPoint(precision=0.95, threshold=0.7, coverage=0.6)
    """
    if not 0 < precision <= 1:
        raise DataError(f"the precision is {precision}; expected a number above 0, at most 1")
    for point in points:
        if point.precision >= precision - 1e-9:
            return point
    best = f"{points[-1].precision:.2f}" if points else "none that was measured"
    raise DataError(
        f"no threshold keeps a precision of {precision} on groups unseen in training; "
        f"the highest is {best}"
    )


@dataclass(frozen=True)
class Thresholds:
    """When a second label joins the first, and when an answer is not to be acted on.

    Attributes
    ----------
    second : float
        A second objection is named when its probability to be there is at least this.
    act : float
        The answer is abstained from when the probabilities of the named labels add up to less.
    known : float
        The utterance counts as unreadable (another language, noise) when a smaller share of its
        words was met in training.
    """

    second: float = 0.4
    act: float = 0.5
    known: float = 0.3

    def to_dict(self) -> dict[str, float]:
        """Return the thresholds as a plain dictionary."""
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """What is answered for one utterance.

    Attributes
    ----------
    labels : tuple of str
        The main label first; never empty.
    mass : float
        Sum of the probabilities of the named labels, 0 to 1.
    abstained : bool
        Whether the answer is too unsure to act on.
    """

    labels: tuple[str, ...]
    mass: float
    abstained: bool


def decide(
    scores: Scores,
    labels: Sequence[str],
    none_label: str,
    thresholds: Thresholds,
) -> list[Decision]:
    """Turn a batch of probabilities into answers.

    Parameters
    ----------
    scores : Scores
        What the model makes of a batch.
    labels : sequence of str
        What the columns stand for.
    none_label : str
        The label that never stands beside another.
    thresholds : Thresholds

    Returns
    -------
    list of Decision
        One per row. An unreadable utterance is answered with ``none_label`` (where there is such
        a column), abstained.

    Examples
    --------
    >>> scores = Scores(np.array([[0.5, 0.4, 0.1]]), np.array([[0.9, 0.7, 0.1]]), np.array([1.0]))
    >>> answer, = decide(scores, ["a", "b", "none"], "none", Thresholds(second=0.5, act=0.6))
    >>> answer.labels, answer.abstained
    (('a', 'b'), False)
    """
    # A classifier fitted without a label for none has no column for it.
    none = list(labels).index(none_label) if none_label in labels else None
    first = scores.main.argmax(axis=1)
    second = _second(scores, first, none, thresholds)
    decisions = []
    for row, chosen in enumerate(zip(first.tolist(), second.tolist(), strict=True)):
        chances = scores.main[row]
        if scores.known[row] < thresholds.known:
            best = chosen[0] if none is None else none
            decisions.append(Decision((labels[best],), float(chances[best]), True))
            continue
        named = [label for label in chosen if label >= 0]
        mass = min(1.0, float(chances[named].sum()))
        decisions.append(Decision(tuple(labels[i] for i in named), mass, mass < thresholds.act))
    return decisions


def _second(
    scores: Scores, first: NDArray[np.int64], none: int | None, thresholds: Thresholds
) -> NDArray[np.int64]:
    """Return the second objection of each text, -1 where there is none."""
    others = scores.presence.copy()
    others[np.arange(len(first)), first] = -1.0
    if none is not None:
        others[:, none] = -1.0
        others[first == none] = -1.0
    second = others.argmax(axis=1)
    enough = others.max(axis=1) >= thresholds.second
    return np.where(enough, second, -1)
