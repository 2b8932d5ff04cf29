"""Every figure against a value worked out by hand or by scikit-learn."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support
from sklearn.preprocessing import MultiLabelBinarizer

from objection_nlp import DataError, Model
from objection_nlp.decision import Decision
from objection_nlp.evaluation import Answered, calibration_error, evaluate_files, figures

LABELS = ["late", "broke", "none"]


def said(labels: str, abstained: bool = False) -> Decision:
    return Decision(tuple(labels.split("+")), 0.9, abstained)


TRUTH = [("late",), ("late", "broke"), ("broke",), ("none",), ("none",), ("late", "broke")]
ANSWERS = [
    said("late"),  # right
    said("broke+late"),  # right as a set, the other one first
    said("none"),  # missed
    said("none"),  # right
    said("late", abstained=True),  # a false alarm, but abstained
    said("late"),  # one of two
]
CHANCES = np.array(
    [
        [0.95, 0.03, 0.02],
        [0.35, 0.55, 0.10],
        [0.20, 0.25, 0.55],
        [0.00, 0.00, 1.00],
        [0.45, 0.25, 0.30],
        [0.75, 0.20, 0.05],
    ]
)


def found() -> dict[str, object]:
    return figures(TRUTH, ANSWERS, CHANCES, LABELS, "none")


def test_shares_worked_out_by_hand() -> None:
    of = found()
    assert of["n"] == 6
    assert of["main_accuracy"] == round(4 / 6, 4)
    assert of["exact_set"] == 0.5
    assert of["exact_set_two"] == 0.5
    assert of["false_alarms"] == 0.5
    assert of["coverage"] == round(5 / 6, 4)
    assert of["precision"] == 0.8


def test_calibration_error_worked_out_by_hand() -> None:
    # Bins: 0.45 wrong; 0.55 right and 0.55 wrong; 0.75 right; 0.95 and 1.00 right.
    by_hand = (0.45 * 1 + abs(0.5 - 0.55) * 2 + 0.25 * 1 + abs(1 - 0.975) * 2) / 6
    assert found()["calibration_error"] == round(by_hand, 4)


def test_scores_per_label_are_those_of_scikit_learn() -> None:
    binarise = MultiLabelBinarizer(classes=LABELS)
    truth = binarise.fit_transform(TRUTH)
    answers = binarise.transform([answer.labels for answer in ANSWERS])
    expected = precision_recall_fscore_support(truth, answers, zero_division=0)
    for label, *scores in zip(LABELS, *expected, strict=True):
        of = found()["per_label"][label]  # type: ignore[index]
        assert [of["precision"], of["recall"], of["f1"]] == pytest.approx(scores[:3], abs=1e-4)
        assert of["support"] == scores[3]
    assert found()["macro_f1"] == pytest.approx(expected[2].mean(), abs=1e-4)


def test_labels_that_no_utterance_has_do_not_count_in_the_mean() -> None:
    of = figures(TRUTH[3:5], ANSWERS[3:5], CHANCES[3:5], LABELS, "none")
    assert of["macro_f1"] == of["per_label"]["none"]["f1"] == round(2 / 3, 4)


def test_figures_over_nothing_are_none() -> None:
    of = figures([], [], np.zeros((0, 3)), LABELS, "none")
    assert of["n"] == 0
    keys = set(of) - {"n", "per_label"}
    assert {of[key] for key in keys} == {None}
    assert calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_calibration_error_is_a_share_and_ignores_the_order(
    pairs: list[tuple[float, bool]],
) -> None:
    chances = np.array([chance for chance, _ in pairs])
    right = np.array([came for _, came in pairs])
    error = calibration_error(chances, right)
    assert error is not None and 0 <= error <= 1
    assert calibration_error(chances[::-1], right[::-1]) == pytest.approx(error, abs=1e-4)


def test_files_are_scored_as_a_whole_or_by_split(tiny_model: Model, tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "text": ["ons systeem ligt plat", "de computer start niet op", "dat betaal ik niet"],
            "labels": ["systeemproblemen", "systeemproblemen", "systeemproblemen"],
            "split": ["test", "test", "dev"],
        }
    )
    file = tmp_path / "data.csv"
    rows.to_csv(file, index=False)
    assert evaluate_files([file], model=tiny_model)["main_accuracy"] == round(2 / 3, 4)
    on_test = evaluate_files([file], model=tiny_model, split="test")
    assert on_test["n"] == 2 and on_test["main_accuracy"] == 1.0
    with pytest.raises(DataError, match="no row has split 'tets'; check the column 'split'"):
        evaluate_files([file], model=tiny_model, split="tets")
    json.dumps(on_test)


def test_answers_hold_what_the_figures_are_made_of(tiny_model: Model) -> None:
    texts = ["ons systeem ligt plat", "goedemorgen met de vries"]
    truth = [("systeemproblemen",), ("cashflowprobleem",)]
    answered = Answered.by(tiny_model, texts, truth)
    assert answered.right.tolist() == [True, False]
    assert answered.confidence.tolist() == answered.scores.main.max(axis=1).tolist()
    assert answered.figures()["n"] == 2
    assert answered.figures(np.array([True, False]))["exact_set"] == 1.0
