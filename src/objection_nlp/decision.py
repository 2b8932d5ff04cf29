"""From probabilities to an answer: which labels, and whether to stand by them.

Thresholds are not chosen here; training finds them on utterances of unseen groups and the model
directory keeps them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """When a second label joins the first, and when an answer is not to be acted on.

    Attributes
    ----------
    second : float
        A second objection is named when its probability is at least this.
    act : float
        The answer is abstained from when the probabilities of the named labels add up to less.
    known : float
        The utterance counts as unreadable (another language, noise) when a smaller share of its
        words was met in training.
    """

    second: float = 0.25
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
    probabilities: FloatArray,
    known: FloatArray,
    labels: Sequence[str],
    none_label: str,
    thresholds: Thresholds,
) -> list[Decision]:
    """Turn a batch of probabilities into answers.

    Parameters
    ----------
    probabilities : array of shape (n_texts, n_labels)
        Rows add up to 1.
    known : array of shape (n_texts,)
        Share of words met in training, 0 to 1.
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
    >>> answer, = decide(np.array([[0.5, 0.4, 0.1]]), np.array([1.0]), ["a", "b", "none"],
    ...                  "none", Thresholds(second=0.3, act=0.6))
    >>> answer.labels, answer.abstained
    (('a', 'b'), False)
    """
    # A classifier fitted without a label for none has no column for it.
    none = list(labels).index(none_label) if none_label in labels else None
    order = np.argsort(-probabilities, axis=1, kind="stable")
    decisions = []
    for row, (first, second) in enumerate(order[:, :2].tolist()):
        chances = probabilities[row]
        if known[row] < thresholds.known:
            best = first if none is None else none
            decisions.append(Decision((labels[best],), float(chances[best]), True))
            continue
        chosen = [first]
        if none not in (first, second) and chances[second] >= thresholds.second:
            chosen.append(second)
        mass = min(1.0, float(chances[chosen].sum()))
        decisions.append(Decision(tuple(labels[i] for i in chosen), mass, mass < thresholds.act))
    return decisions
