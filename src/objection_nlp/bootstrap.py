"""How much figures would differ with other speakers: bootstrap over groups.

Utterances of one speaker are alike, so groups are drawn, not rows. Every figure is a function of
counts that add up over groups, so a resample costs one product of matrices.

Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", percentile intervals;
Field and Welsh (2007), "Bootstrapping Clustered Data".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from objection_nlp.evaluation import Answered
from objection_nlp.scoring import FloatArray

RESAMPLES = 2000
# Of more groups than this several are drawn together: intervals stay the same, memory small.
_MOST_UNITS = 2000
_OVERALL = ("macro_f1", "main_accuracy", "exact_set", "false_alarms", "coverage", "precision")

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Resampled:
    """Figures of many resamples.

    Attributes
    ----------
    overall : dict of str to array of shape (n_resamples,)
        ``macro_f1``, ``main_accuracy``, ``exact_set``, ``false_alarms``, ``coverage`` and
        ``precision``, as in ``evaluation.figures``.
    per_label : dict of str to dict of str to array
        ``precision``, ``recall`` and ``f1`` of each label. NaN where a resample says nothing.
    """

    overall: dict[str, FloatArray]
    per_label: dict[str, dict[str, FloatArray]]


def resample(
    answered: Answered, groups: Sequence[str], resamples: int = RESAMPLES, seed: int = 0
) -> Resampled:
    """Compute the figures of many resamples of groups.

    The same groups, number and seed draw the same resamples, so that two models can be compared
    pair by pair.

    Parameters
    ----------
    answered : Answered
    groups : sequence of str
        The group of each utterance.
    resamples : int, default 2000
    seed : int, default 0
    """
    unit, draws = _drawn_units(groups, resamples, seed)
    counts = _counts(answered)
    sums = np.zeros((draws.shape[1], counts.shape[1]))
    np.add.at(sums, unit, counts)
    return _figures_of(draws @ sums, answered.model.labels)


def interval(values: FloatArray, level: float = 0.95) -> Interval:
    """Return the interval that holds this share of the values; None where there are none."""
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return round(float(low), 4), round(float(high), 4)


def mean_interval(values: FloatArray, groups: Sequence[str], seed: int = 0) -> Interval:
    """Return the 95 % interval of a mean over utterances, by resampling groups.

    Fewer than two groups give none.

    Examples
    --------
    >>> mean_interval(np.array([1.0, 1.0, 1.0]), ["a", "b", "b"])
    (1.0, 1.0)
    """
    if len(set(groups)) < 2:
        return None
    unit, draws = _drawn_units(groups, RESAMPLES, seed)
    totals = np.bincount(unit, values, draws.shape[1]), np.bincount(unit, minlength=draws.shape[1])
    return interval(_ratio(draws @ totals[0], draws @ totals[1]))


def _drawn_units(
    groups: Sequence[str], resamples: int, seed: int
) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the unit of each utterance, and how often each unit is drawn in each resample."""
    _, unit = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    chance = np.random.default_rng(seed)
    if unit.max() >= _MOST_UNITS:
        unit = (chance.permutation(unit.max() + 1) % _MOST_UNITS)[unit]
    n_units = int(unit.max()) + 1
    even = np.full(n_units, 1 / n_units)
    return unit, chance.multinomial(n_units, even, size=resamples).astype(np.float64)


def _counts(answered: Answered) -> FloatArray:
    """Return what adds up to all figures, per utterance."""
    labels, none = answered.model.labels, answered.model.playbook.none_label
    there = _indicators(answered.truth, labels)
    named = _indicators([answer.labels for answer in answered.decisions], labels)
    kept = np.array([not answer.abstained for answer in answered.decisions])
    no_objection = np.array([right == (none,) for right in answered.truth])
    alarm = np.array([answer.labels != (none,) for answer in answered.decisions])
    single = [
        np.ones(len(kept)),
        answered.right,
        (there == named).all(axis=1),
        no_objection & alarm,
        no_objection,
        kept,
        kept & answered.right,
    ]
    return np.hstack([there * named, named, there, np.stack(single, axis=1)]).astype(np.float64)


def _indicators(sets: Sequence[tuple[str, ...]], labels: Sequence[str]) -> NDArray[np.bool_]:
    return np.array([[label in names for label in labels] for names in sets], dtype=bool)


def _figures_of(sums: FloatArray, labels: Sequence[str]) -> Resampled:
    """Turn rows of summed counts into figures."""
    n_labels = len(labels)
    hits, named, there = (sums[:, i * n_labels : (i + 1) * n_labels] for i in range(3))
    n, main, exact, alarms, nones, kept, kept_right = sums[:, 3 * n_labels :].T
    scores = {
        "precision": _ratio(hits, named),
        "recall": _ratio(hits, there),
        "f1": _ratio(2 * hits, named + there),
    }
    supported = there > 0
    macro = _ratio(
        np.where(supported, np.nan_to_num(scores["f1"]), 0).sum(axis=1), supported.sum(axis=1)
    )
    parts = ((main, n), (exact, n), (alarms, nones), (kept, n), (kept_right, kept))
    values = [macro, *(_ratio(*part) for part in parts)]
    per_label = {
        label: {name: of[:, i] for name, of in scores.items()} for i, label in enumerate(labels)
    }
    return Resampled(dict(zip(_OVERALL, values, strict=True)), per_label)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Divide, with NaN where there is nothing to divide by."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))
