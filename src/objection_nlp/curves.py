"""What plots are drawn of: confusion, reliability, and risk against coverage; plain numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from objection_nlp.decision import Decision
from objection_nlp.evaluation import LabelSet, bin_of
from objection_nlp.scoring import FloatArray

BoolArray = NDArray[np.bool_]

# More points than this no plot can show.
_POINTS = 100


def confusion(
    truth: Sequence[LabelSet], answers: Sequence[Decision], labels: Sequence[str]
) -> list[list[int]]:
    """Count which main label was given for which right one.

    Parameters
    ----------
    truth : sequence of tuple of str
        The right labels of each utterance, main one first.
    answers : sequence of Decision
    labels : sequence of str
        The order of rows and columns.

    Returns
    -------
    list of list of int
        A row per right label, a column per given one. An answer that is among several right
        labels counts as that label; else the row is the main right label.

    Examples
    --------
    >>> confusion([("a", "b"), ("a",)], [Decision(("b",), 1.0, False)] * 2, ["a", "b"])
    [[0, 1], [0, 1]]
    """
    place = {label: i for i, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    for right, answer in zip(truth, answers, strict=True):
        given = answer.labels[0]
        counts[place[given if given in right else right[0]], place[given]] += 1
    return [[int(count) for count in row] for row in counts]


def reliability(chances: FloatArray, there: BoolArray) -> list[dict[str, Any]]:
    """Compare probabilities with what came true, in ten bins of equal width.

    Returns
    -------
    list of dict
        For each bin that is not empty: ``n``, ``said`` (mean probability) and ``came_true``
        (share).

    Examples
    --------
    >>> reliability(np.array([0.95, 0.95, 0.05]), np.array([True, False, False]))[1]
    {'n': 2, 'said': 0.95, 'came_true': 0.5}
    """
    bins = bin_of(chances)
    return [
        {
            "n": int((bins == b).sum()),
            "said": round(float(chances[bins == b].mean()), 4),
            "came_true": round(float(there[bins == b].mean()), 4),
        }
        for b in np.unique(bins)
    ]


def risk_coverage(sureness: FloatArray, right: BoolArray) -> list[dict[str, float]]:
    """Return the share of wrong answers among the surest ones, for growing shares of answers.

    Source: El-Yaniv and Wiener (2010), "On the Foundations of Noise-free Selective
    Classification".

    Parameters
    ----------
    sureness : array of shape (n,)
        What answers are abstained by.
    right : array of shape (n,)

    Returns
    -------
    list of dict
        ``coverage``, ``risk`` and ``threshold`` (the least sureness kept), at most 100.

    Examples
    --------
    >>> risk_coverage(np.array([0.9, 0.5]), np.array([True, False]))[-1]
    {'coverage': 1.0, 'risk': 0.5, 'threshold': 0.5}
    """
    kept, precision, thresholds = _by_sureness(sureness, right)
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(_POINTS, len(kept))).astype(int))
    return [
        {
            "coverage": round(float(kept[i] / len(right)), 4),
            "risk": round(float(1 - precision[i]), 4),
            "threshold": round(float(thresholds[i]), 4),
        }
        for i in chosen
    ]


def threshold_for(sureness: FloatArray, right: BoolArray, precision: float) -> float | None:
    """Return the lowest threshold at which this share of the answers kept is right.

    Returns
    -------
    float or None
        None where no threshold reaches the precision.

    Examples
    --------
    >>> threshold_for(np.array([0.9, 0.8, 0.5]), np.array([True, True, False]), precision=0.9)
    0.8
    """
    _, reached, thresholds = _by_sureness(sureness, right)
    enough = np.flatnonzero(reached >= precision)
    return float(thresholds[enough[-1]]) if len(enough) else None


def _by_sureness(
    sureness: FloatArray, right: BoolArray
) -> tuple[NDArray[np.int64], FloatArray, FloatArray]:
    """Return for each threshold, from high to low: how many are kept, their precision, itself."""
    order = np.argsort(-sureness, kind="stable")
    falling = sureness[order]
    # Equal sureness cannot be parted by a threshold.
    last = np.flatnonzero(np.append(np.diff(falling) < 0, True)) if len(falling) else order
    kept = last + 1
    return kept, np.cumsum(right[order])[last] / kept, falling[last]
