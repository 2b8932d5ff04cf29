"""Numbers behind the plots, against values worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from objection_nlp.curves import confusion, reliability, risk_coverage, threshold_for
from objection_nlp.decision import Decision

pairs = st.lists(st.tuples(st.integers(0, 10), st.booleans()), min_size=1, max_size=50)


def test_an_answer_among_several_right_labels_is_on_the_diagonal() -> None:
    truth = [("a", "b"), ("a", "b"), ("a", "b")]
    answers = [Decision((label,), 0.9, False) for label in ("a", "b", "c")]
    assert confusion(truth, answers, "abc") == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]


def test_confusion_is_that_of_scikit_learn_where_labels_stand_alone() -> None:
    truth, answered = ["late", "late", "none", "broke"], ["late", "none", "none", "late"]
    labels = ["late", "broke", "none"]
    counts = confusion(
        [(label,) for label in truth],
        [Decision((label,), 0.9, False) for label in answered],
        labels,
    )
    assert counts == confusion_matrix(truth, answered, labels=labels).tolist()


def test_reliability_says_what_was_promised_and_what_came() -> None:
    chances = np.array([0.12, 0.18, 0.62, 1.0])
    came = np.array([False, True, True, True])
    assert reliability(chances, came) == [
        {"n": 2, "said": 0.15, "came_true": 0.5},
        {"n": 1, "said": 0.62, "came_true": 1.0},
        {"n": 1, "said": 1.0, "came_true": 1.0},
    ]


def test_risk_grows_with_the_answers_kept() -> None:
    points = risk_coverage(np.array([0.5, 0.9, 0.7, 0.7]), np.array([False, True, True, False]))
    assert points == [
        {"coverage": 0.25, "risk": 0.0, "threshold": 0.9},
        {"coverage": 0.75, "risk": 0.3333, "threshold": 0.7},
        {"coverage": 1.0, "risk": 0.5, "threshold": 0.5},
    ]
    assert risk_coverage(np.zeros(0), np.zeros(0, dtype=bool)) == []


def test_many_answers_make_few_points() -> None:
    points = risk_coverage(np.linspace(0, 1, 5000), np.ones(5000, dtype=bool))
    assert len(points) == 100 and points[-1]["coverage"] == 1.0


def test_no_threshold_reaches_what_cannot_be_reached() -> None:
    assert threshold_for(np.array([0.9, 0.8]), np.array([False, True]), precision=0.9) is None


@given(pairs, st.sampled_from([0.5, 0.8, 1.0]))
def test_a_threshold_keeps_its_promise(rows: list[tuple[int, bool]], precision: float) -> None:
    sureness = np.array([number / 10 for number, _ in rows])
    right = np.array([came for _, came in rows])
    threshold = threshold_for(sureness, right, precision)
    lower = [t for t in np.unique(sureness) if threshold is None or t < threshold]
    assert all(right[sureness >= t].mean() < precision for t in lower)
    if threshold is not None:
        assert right[sureness >= threshold].mean() >= precision
