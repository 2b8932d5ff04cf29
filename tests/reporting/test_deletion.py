"""Taking evidence away weakens the answer more than taking random words away."""

from dataclasses import replace

import numpy as np

from conftest import TINY
from objection_nlp import Model
from objection_nlp.evaluation import Answered
from objection_nlp.reporting.deletion import deletion_check

STORY = "ja kijk gisteren stond de hond te blaffen toen de postbode langs kwam en"


def answered(model: Model) -> Answered:
    rows = [(f"{STORY} {text}", (label,)) for label, texts in TINY.items() for text in texts]
    return Answered.by(model, *map(list, zip(*rows, strict=True)))


def groups(of: Answered) -> list[str]:
    return [str(row % 5) for row in range(len(of.truth))]


def test_evidence_weighs_more_than_random_words(tiny_model: Model) -> None:
    of = answered(tiny_model)
    found = deletion_check(of, groups(of))
    assert found["n"] + found["left_out"] == len(of.truth) and found["n"] > 15
    assert found["drop_evidence"] > found["drop_random"]
    assert found["share_lower"] > 0.8
    low, high = found["interval"]
    assert 0 < low < found["drop_evidence"] - found["drop_random"] < high
    assert sum(of_label["n"] for of_label in found["per_label"].values()) == found["n"]


def test_false_evidence_is_found_out(tiny_model: Model) -> None:
    # A model whose weights are shuffled between n-grams explains nothing of the one that answered.
    of = answered(tiny_model)
    scorer = tiny_model.scorer
    order = np.random.default_rng(0).permutation(len(scorer.ngrams.weights))
    shuffled = replace(scorer.ngrams, weights=scorer.ngrams.weights[order])
    liar = replace(tiny_model, scorer=_Explains(scorer, replace(scorer, ngrams=shuffled)))
    honest = deletion_check(of, groups(of))
    lying = deletion_check(replace(of, model=liar), groups(of))
    assert lying["drop_evidence"] < honest["drop_evidence"]
    assert lying["share_lower"] < honest["share_lower"]


class _Explains:
    """Answers as one scorer, and explains as another."""

    def __init__(self, answers: object, explains: object) -> None:
        self.score = answers.score  # type: ignore[attr-defined]
        self.token_evidence = explains.token_evidence  # type: ignore[attr-defined]


def test_utterances_with_nothing_else_are_left_out(tiny_model: Model) -> None:
    of = Answered.by(tiny_model, ["plat", ""], [("systeemproblemen",)] * 2)
    found = deletion_check(of, ["a", "b"])
    assert found["n"] == 0 and found["left_out"] == 2
    assert found["drop_evidence"] is None and found["interval"] is None
