"""``ObjectionClassifier(semantic=True)`` around an encoder that takes no time to train."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from small_encoder import random_encoder

from conftest import tiny_rows
from objection_nlp import DataError, ObjectionClassifier, classifier

Seen = list[list[str]]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Put a random encoder in place of fine-tuning; return which texts it was given."""
    texts: Seen = []

    def fine_tune(utterances: list, shares: np.ndarray, weights: np.ndarray, **_: object):
        texts.append([utterance.text for utterance in utterances])
        return random_encoder(shares.shape[1])

    monkeypatch.setattr(classifier, "fine_tune", fine_tune)
    monkeypatch.setattr(classifier, "check_installed", lambda: None)
    return texts


@pytest.fixture
def fit() -> Callable[[int], ObjectionClassifier]:
    def fitted(n_groups: int) -> ObjectionClassifier:
        rows = tiny_rows(n_groups)
        model = ObjectionClassifier(folds=2, semantic=True)
        return model.fit(rows["text"], rows["labels"].tolist(), groups=rows["group"])

    return fitted


def test_calibration_is_on_groups_that_the_encoder_has_not_seen(seen: Seen, fit) -> None:
    model = fit(8)
    rows = tiny_rows(8)
    held_out = set(rows["group"].iloc[model.held_out_rows_])
    by_encoder = {text.rsplit(" ", 1)[1] for text in seen[0]}
    assert len(held_out) == 2 and not held_out & by_encoder
    assert len(held_out | by_encoder) == 8
    assert len(model.held_out_scores_.main) == len(model.held_out_rows_)


def test_it_answers_and_travels(seen: Seen, fit) -> None:
    model = fit(8)
    text = "mijn baas is op vakantie"
    assert model.predict([text]).tolist() == ["verantwoordelijke_afwezig"]
    content = pickle.dumps(model)
    np.testing.assert_array_equal(
        pickle.loads(content).predict_proba([text]), model.predict_proba([text])
    )


def test_too_few_groups_are_refused_before_anything_is_trained(seen: Seen, fit) -> None:
    with pytest.raises(DataError, match="4 groups came; with semantic"):
        fit(4)
    assert seen == []


def test_a_label_of_one_group_only_is_refused(seen: Seen) -> None:
    rows = tiny_rows(8)
    others = (rows["labels"] != "systeemproblemen") | (rows["group"] == "stem3")
    rows = rows[others]
    model = ObjectionClassifier(folds=2, semantic=True)
    with pytest.raises(DataError, match="must both hold every label"):
        model.fit(rows["text"], rows["labels"].tolist(), groups=rows["group"])
