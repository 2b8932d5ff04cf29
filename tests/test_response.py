"""What a caller gets for one utterance, whatever comes in."""

import dataclasses
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp import (
    NO_OBJECTION,
    OBJECTIONS,
    DataError,
    Model,
    Playbook,
    predict_response,
    predict_responses,
)


def test_the_packaged_model_hears_a_missing_invoice(playbook: Playbook) -> None:
    response = predict_response("Die rekening is hier nooit binnengekomen hoor.")
    assert response.label == "factuur_niet_ontvangen" and not response.abstained
    assert response.labels == ("factuur_niet_ontvangen",)
    assert response.guidance == playbook.guidance("factuur_niet_ontvangen")
    assert "binnengekomen" in " ".join(piece.text for piece in response.evidence)
    assert response.confidence == response.probabilities["factuur_niet_ontvangen"]


def test_probabilities_cover_the_playbook_and_add_up(tiny_model: Model) -> None:
    response = predict_response("ons systeem ligt plat", model=tiny_model)
    assert tuple(response.probabilities) == (*OBJECTIONS, NO_OBJECTION)
    assert sum(response.probabilities.values()) == pytest.approx(1)


def test_a_response_cannot_be_changed(tiny_model: Model) -> None:
    response = predict_response("ons systeem ligt plat", model=tiny_model)
    with pytest.raises(dataclasses.FrozenInstanceError):
        response.label = "x"  # type: ignore[misc]


def test_to_dict_is_json_with_every_field(tiny_model: Model) -> None:
    response = predict_response("ons systeem ligt plat 'hè'", model=tiny_model)
    data = json.loads(json.dumps(response.to_dict()))
    assert list(data) == [
        "text",
        "label",
        "labels",
        "confidence",
        "probabilities",
        "abstained",
        "evidence",
        "guidance",
    ]
    assert set(data["evidence"][0]) == {"start", "end", "text", "weight"}
    assert data["guidance"]["say"] == list(response.guidance.say)


def test_a_response_survives_pickling_between_workers(tiny_model: Model) -> None:
    response = predict_response("ons systeem ligt plat", model=tiny_model)
    again = pickle.loads(pickle.dumps(response))
    assert again == response and again.evidence == response.evidence


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\x00\x01", "😂👍", "‮‏", "你好你好", "🧾" * 1000, "zxqwv" * 5]
)
def test_what_holds_no_dutch_is_none_and_abstained(text: str, playbook: Playbook) -> None:
    response = predict_response(text)
    assert response.label == NO_OBJECTION and response.abstained
    assert response.confidence < 0.5 and response.guidance == playbook.general


def test_a_megabyte_of_text_gets_an_answer(tiny_model: Model) -> None:
    assert predict_response("de factuur is er niet " * 50_000, model=tiny_model).labels
    assert predict_response("x" * 1_000_000, model=tiny_model).abstained


@given(st.text(max_size=400))
def test_any_text_gets_a_whole_answer(tiny_model: Model, text: str) -> None:
    response = predict_response(text, model=tiny_model)
    assert response.text == text and response.label == response.labels[0]
    assert 0 <= response.confidence <= 1 and len(response.labels) in (1, 2)
    assert all(text[e.start : e.end] == e.text for e in response.evidence)
    json.dumps(response.to_dict())


@given(st.lists(st.sampled_from(["systeem", "geen geld", "", "ziek", "2 facturen"]), max_size=8))
def test_many_equal_one_by_one_in_order(tiny_model: Model, texts: list[str]) -> None:
    together = predict_responses(texts, model=tiny_model)
    assert [r.text for r in together] == texts
    for response, text in zip(together, texts, strict=True):
        alone = predict_response(text, model=tiny_model)
        assert response.labels == alone.labels
        assert response.confidence == pytest.approx(alone.confidence, abs=1e-6)


def test_an_abstained_answer_hands_out_the_general_stance(tiny_model: Model) -> None:
    doubt = dataclasses.replace(tiny_model.thresholds, act=1.01)
    unsure = dataclasses.replace(tiny_model, thresholds=doubt)
    response = predict_response("ons systeem ligt plat", model=unsure)
    assert response.abstained and response.label == "systeemproblemen"
    assert response.guidance.label == NO_OBJECTION


@pytest.mark.parametrize("bad", [None, 3, 2.5, b"bytes", ["list"], object()])
def test_what_is_no_text_is_refused(bad: object) -> None:
    with pytest.raises(DataError, match=f"{type(bad).__name__} came where a text"):
        predict_response(bad)  # type: ignore[arg-type]


def test_a_bare_string_is_not_a_list_of_texts() -> None:
    with pytest.raises(DataError, match="use predict_response"):
        predict_responses("abc")
