"""Noise, lost punctuation, agents mixed in: figures that move the way the damage goes."""

import pandas as pd

from conftest import TINY
from objection_nlp import Model
from objection_nlp.evaluation import Answered
from objection_nlp.reporting.robustness import WORD_ERROR_RATES, crosstalk, noise_curve


def answered(model: Model) -> tuple[Answered, pd.DataFrame]:
    rows = [(text, (label,)) for label, texts in TINY.items() for text in texts]
    table = pd.DataFrame(rows, columns=["text", "labels"])
    return Answered.by(model, table["text"].tolist(), table["labels"].tolist()), table


def test_without_noise_the_curve_starts_at_the_figures(tiny_model: Model) -> None:
    of, _ = answered(tiny_model)
    curve = noise_curve(of)
    assert [point["word_error_rate"] for point in curve] == list(WORD_ERROR_RATES)
    assert curve[0]["as_heard"]["macro_f1"] == of.figures()["macro_f1"]


def test_noise_changes_answers_and_is_the_same_each_time(tiny_model: Model) -> None:
    of, _ = answered(tiny_model)
    curve = noise_curve(of, seed=2)
    assert curve == noise_curve(of, seed=2) != noise_curve(of, seed=3)
    errors = [point["as_heard"]["calibration_error"] for point in curve]
    assert len(set(errors)) == len(errors)


def test_bare_texts_have_neither_capitals_nor_punctuation(tiny_model: Model) -> None:
    loud = [text.upper().replace(" ", "... ") + "!" for texts in TINY.values() for text in texts]
    truth = [(label,) for label, texts in TINY.items() for _ in texts]
    of = Answered.by(tiny_model, loud, truth)
    plain, _ = answered(tiny_model)
    assert noise_curve(of)[0]["bare"] == noise_curve(plain)[0]["bare"]


def test_crosstalk_puts_an_agents_line_before_each_debtors(tiny_model: Model) -> None:
    of, table = answered(tiny_model)
    assert crosstalk(of, table) is None
    table["speaker"] = "debtor"
    assert crosstalk(of, table) is None
    table.loc[0, "speaker"] = "agent"
    found = crosstalk(of, table)
    assert found is not None
    # What stands before each utterance now speaks for another label.
    assert found["alone"]["n"] == found["mixed"]["n"] == len(table) - 1
    assert found["mixed"]["main_accuracy"] < found["alone"]["main_accuracy"]
