"""Resampling of groups: its figures are the figures, its intervals behave."""

import numpy as np
import pytest

from objection_nlp import Model
from objection_nlp.bootstrap import interval, mean_interval, resample
from objection_nlp.evaluation import Answered

ROWS = {
    "ons systeem ligt plat": "systeemproblemen",
    "dat betaal ik niet": "systeemproblemen",
    "goedemorgen met de vries": "geen_tegenwerping",
    "er is geen geld": "cashflowprobleem",
}


def answered(model: Model, times: int = 1) -> Answered:
    return Answered.by(model, [*ROWS] * times, [(label,) for label in ROWS.values()] * times)


def test_one_group_gives_the_figures_themselves(tiny_model: Model) -> None:
    # With one group every resample is the data, so each figure must be the one that is reported.
    of = answered(tiny_model)
    drawn, expected = resample(of, ["one"] * 4, resamples=3), of.figures()
    for name, values in drawn.overall.items():
        shown = expected[name]
        assert values == pytest.approx([shown] * 3, abs=1e-4), name
    for label in ("systeemproblemen", "geen_tegenwerping"):
        scores = expected["per_label"][label]
        for name, values in drawn.per_label[label].items():
            assert values == pytest.approx([scores[name]] * 3, abs=1e-4)


def test_a_label_that_never_occurs_has_no_interval(tiny_model: Model) -> None:
    drawn = resample(answered(tiny_model), ["a", "b", "a", "b"], resamples=50)
    assert interval(drawn.per_label["zelf_niet_betaald"]["recall"]) is None


def test_whole_groups_are_drawn(tiny_model: Model) -> None:
    of = answered(tiny_model, 2)
    groups = ["good" if right else "bad" for right in of.right]
    values = set(np.round(resample(of, groups, resamples=200).overall["main_accuracy"], 4))
    # Two groups: both of one, or one of each; nothing in between.
    assert values == {0.0, 1.0, round(float(of.right.mean()), 4)}


def test_the_same_seed_draws_the_same(tiny_model: Model) -> None:
    of, groups = answered(tiny_model, 3), list("abcdefghijkl")
    first, again = (resample(of, groups, 20, seed=4).overall["macro_f1"] for _ in range(2))
    other = resample(of, groups, 20, seed=5).overall["macro_f1"]
    assert first.tolist() == again.tolist() != other.tolist()


def test_interval_is_where_the_values_are() -> None:
    assert interval(np.arange(1001) / 1000) == (0.025, 0.975)
    assert interval(np.array([np.nan, 0.5])) == (0.5, 0.5)
    assert interval(np.array([np.nan])) is None


def test_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=4000)
    low, high = mean_interval(values, [str(i) for i in range(4000)]) or (0.0, 0.0)
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(4000), rel=0.15)
    assert low < values.mean() < high


def test_alike_rows_of_a_group_do_not_narrow_the_interval() -> None:
    chance = np.random.default_rng(0)
    voices = chance.normal(size=20)
    groups = [str(i) for i in range(20)]
    once = mean_interval(voices, groups) or (0.0, 0.0)
    often = mean_interval(np.repeat(voices, 30), list(np.repeat(groups, 30))) or (0.0, 0.0)
    assert often == pytest.approx(once)


def test_one_group_has_no_interval() -> None:
    assert mean_interval(np.ones(3), ["a"] * 3) is None
    assert mean_interval(np.ones(0), []) is None
