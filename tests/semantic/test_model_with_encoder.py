"""A model with an encoder: saved whole, loaded alike, refused when damaged; its evidence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import spacy
from small_encoder import random_encoder

from objection_nlp import Model, ModelError, load_model, predict_response
from objection_nlp.bundle import ENCODER, SEMANTIC, save_model
from objection_nlp.scoring import Linear, SecondModels
from objection_nlp.spacy_component import ObjectionComponent

TEXTS = ["ons systeem ligt plat", "mijn baas is op vakantie", ""]


def widened(linear: Linear, n_more: int) -> Linear:
    more = np.random.default_rng(0).normal(size=(n_more, linear.weights.shape[1]))
    return Linear(np.vstack([linear.weights, more]), linear.bias)


@pytest.fixture
def model(tiny_model: Model) -> Model:
    """Return the tiny model with an encoder that knows nothing, but has a say."""
    n_labels = len(tiny_model.labels)
    second = tiny_model.scorer.second
    both = (widened(part, 2 * n_labels) for part in (second.main, second.presence))
    scorer = replace(
        tiny_model.scorer,
        second=SecondModels(*both, second.prior),
        encoder=random_encoder(n_labels),
    )
    return replace(tiny_model, scorer=scorer)


def test_the_encoder_has_a_say_and_loads_alike(
    model: Model, tiny_model: Model, tmp_path: Path
) -> None:
    save_model(model, tmp_path / "model", "card")
    loaded = load_model(tmp_path / "model")
    for text in TEXTS[:2]:
        with_encoder = predict_response(text, model=model).probabilities
        assert predict_response(text, model=loaded).probabilities == with_encoder
        assert predict_response(text, model=tiny_model).probabilities != with_encoder
    assert predict_response(TEXTS[2], model=loaded).abstained


def test_it_works_in_a_spacy_pipeline_and_survives_its_bytes(model: Model, tmp_path: Path) -> None:
    save_model(model, tmp_path / "model", "card")
    made = ObjectionComponent(path=str(tmp_path / "model"))
    again = ObjectionComponent(path="not there").from_bytes(made.to_bytes())
    heard = again(spacy.blank("nl")(TEXTS[0]))._.objection
    assert heard.probabilities == predict_response(TEXTS[0], model=model).probabilities


def test_only_a_bare_name_is_a_packaged_model(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    save_model(model, SEMANTIC, "card")
    own = load_model(SEMANTIC).info != load_model(f"./{SEMANTIC}").info
    assert own and load_model(Path(SEMANTIC)).info == model.info


def test_a_damaged_encoder_is_refused(model: Model, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    save_model(model, folder, "card")
    whole = (folder / ENCODER).read_bytes()
    (folder / ENCODER).write_bytes(whole[:-100])
    with pytest.raises(ModelError, match=r"encoder\.npz was changed or cut short"):
        load_model(folder)
    (folder / ENCODER).unlink()
    with pytest.raises(ModelError, match=r"encoder\.npz is missing"):
        load_model(folder)


def test_the_packaged_one_answers_and_tells_what_its_words_add() -> None:
    model = load_model(SEMANTIC)
    text = "die rekening is hier nooit binnengekomen hoor"
    response = predict_response(text, model=model)
    assert response.label == "factuur_niet_ontvangen"
    assert "binnengekomen" in response.evidence[0].text
    assert sum(response.probabilities.values()) == pytest.approx(1)


def test_the_packaged_one_was_trained_on_the_same_data_as_the_default() -> None:
    default, semantic = (load_model(name).info for name in (None, SEMANTIC))
    assert semantic["training_data"] == default["training_data"]
    assert semantic["figures"]["test"]["macro_f1"] >= default["figures"]["test"]["macro_f1"] - 0.01
