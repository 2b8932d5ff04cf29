"""The component in a spaCy pipeline: what it sets, in batches and workers, saved and loaded."""

import pickle
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import spacy
import srsly
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from objection_nlp import Model, ModelError, ObjectionResponse, predict_responses
from objection_nlp.spacy_component import ObjectionComponent

TEXTS = ["ons systeem ligt plat", "mijn baas is op vakantie", "", "dat betaal ik niet"]


@pytest.fixture(scope="module")
def nlp(tiny_model_dir: Path) -> Language:
    return _with_component(tiny_model_dir)


def _with_component(model: Path) -> Language:
    nlp = spacy.blank("nl")
    nlp.add_pipe("objection_classifier", config={"model": str(model)})
    return nlp


def _component(nlp: Language) -> Any:
    return nlp.get_pipe("objection_classifier")


def _check(docs: list[Doc], expected: list[ObjectionResponse]) -> None:
    """Compare; the last digits of a probability depend on who else is in the batch."""
    for doc, answer in zip(docs, expected, strict=True):
        found, wanted = doc._.objection.to_dict(), answer.to_dict()
        assert isinstance(doc._.objection, ObjectionResponse)
        assert found.pop("confidence") == pytest.approx(wanted.pop("confidence"))
        assert found.pop("probabilities") == pytest.approx(wanted.pop("probabilities"))
        for piece, right in zip(found["evidence"], wanted["evidence"], strict=True):
            assert piece.pop("weight") == pytest.approx(right.pop("weight"), abs=2e-4)
        assert found == wanted
        assert doc.cats == doc._.objection.probabilities


def test_spacy_finds_the_component_by_its_entry_point() -> None:
    (entry,) = metadata.entry_points(group="spacy_factories", name="objection_classifier")
    assert entry.value == "objection_nlp.spacy_component:make_component"
    code = (
        "import objection_nlp, sys; assert 'spacy' not in sys.modules\n"
        "import spacy; nlp = spacy.blank('nl'); nlp.add_pipe('objection_classifier')\n"
        "print(nlp('die is gisteren al overgemaakt')._.objection.label)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "betaling_onderweg"


def test_a_document_gets_all_labels_and_the_response(nlp: Language, tiny_model: Model) -> None:
    doc = nlp(TEXTS[0])
    _check([doc], predict_responses([TEXTS[0]], model=tiny_model))
    assert doc._.objection.label == "systeemproblemen"
    assert tuple(doc.cats) == tiny_model.playbook.labels == _component(nlp).labels
    first = doc._.objection.evidence[0]
    assert doc.text[first.start : first.end] == first.text


def test_other_categories_of_the_document_stay(nlp: Language) -> None:
    doc = nlp.make_doc(TEXTS[0])
    doc.cats = {"spoed": 1.0}
    assert _component(nlp)(doc).cats["spoed"] == 1.0


@pytest.mark.parametrize("options", [{"batch_size": 2}, {"n_process": 2, "batch_size": 3}])
def test_pipe_answers_in_order(nlp: Language, tiny_model: Model, options: dict[str, int]) -> None:
    texts = TEXTS * 3
    _check(list(nlp.pipe(texts, **options)), predict_responses(texts, model=tiny_model))


def test_pipe_answers_a_batch_at_a_time(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def counted(texts: list[str], *, model: Model) -> list[ObjectionResponse]:
        sizes.append(len(texts))
        return predict_responses(texts, model=model)

    monkeypatch.setattr("objection_nlp.spacy_component.predict_responses", counted)
    docs = _component(nlp).pipe(map(nlp.make_doc, TEXTS * 2), batch_size=3)
    assert next(docs)._.objection is not None and sizes == [3]
    assert len(list(docs)) == 7 and sizes == [3, 3, 2]


def test_a_failing_batch_goes_to_the_error_handler(
    tiny_model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(texts: list[str], *, model: Model) -> list[ObjectionResponse]:
        raise ValueError("no")

    nlp, failed = _with_component(tiny_model_dir), []
    monkeypatch.setattr("objection_nlp.spacy_component.predict_responses", failing)
    with pytest.raises(ValueError, match="no"):
        nlp(TEXTS[0])
    nlp.set_error_handler(lambda name, component, docs, error: failed.append((name, len(docs))))
    assert list(nlp.pipe(TEXTS)) == [] and failed == [("objection_classifier", 4)]


@given(st.text(max_size=60))
@settings(max_examples=30)
def test_any_text_survives_bytes_and_stores(nlp: Language, text: str) -> None:
    doc = nlp(text)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    (stored,) = DocBin(store_user_data=True, docs=[doc]).get_docs(nlp.vocab)
    _check([again], [doc._.objection])
    assert stored._.objection == doc._.objection
    assert again._.objection.to_dict() == doc._.objection.to_dict()


def test_other_things_pass_msgpack_unchanged() -> None:
    data = {"a": [1, {"b": None}], "c": b"x"}
    assert srsly.msgpack_loads(srsly.msgpack_dumps(data)) == data
    with pytest.raises(TypeError):
        srsly.msgpack_dumps({"a": object()})


def test_a_saved_pipeline_brings_its_model(
    tiny_model_dir: Path, tiny_model: Model, tmp_path: Path
) -> None:
    source = tmp_path / "model"
    source.symlink_to(tiny_model_dir)
    nlp = _with_component(source)
    nlp.to_disk(tmp_path / "saved")
    nlp.to_disk(tmp_path / "saved")  # saving again replaces
    source.unlink()
    loaded = spacy.load(tmp_path / "saved")
    assert loaded.config["components"]["objection_classifier"] == {
        "factory": "objection_classifier",
        "model": str(source),
    }
    assert _component(loaded).labels == tiny_model.playbook.labels
    _check(list(loaded.pipe(TEXTS)), predict_responses(TEXTS, model=tiny_model))


def test_a_pipeline_as_bytes_brings_its_model(nlp: Language, tiny_model: Model) -> None:
    other = spacy.blank("nl")
    other.add_pipe("objection_classifier")
    other.from_bytes(nlp.to_bytes())
    _check(list(other.pipe(TEXTS)), predict_responses(TEXTS, model=tiny_model))


def test_bytes_cannot_write_elsewhere_and_must_be_whole(nlp: Language, tmp_path: Path) -> None:
    component = _component(nlp)
    files = srsly.msgpack_loads(component.to_bytes())
    outside = tmp_path / "outside"
    component.from_bytes(srsly.msgpack_dumps({**files, str(outside): b"x"}))
    assert not outside.exists()
    files["weights.npz"] = files["weights.npz"][:-1]
    with pytest.raises(ModelError, match="changed or cut short"):
        component.from_bytes(srsly.msgpack_dumps(files))


def test_the_component_can_be_pickled(nlp: Language, tiny_model: Model) -> None:
    again = pickle.loads(pickle.dumps(_component(nlp)))
    doc = again(nlp.make_doc(TEXTS[0]))
    _check([doc], predict_responses([TEXTS[0]], model=tiny_model))


def test_a_model_that_is_nowhere_is_refused_with_its_path(tmp_path: Path) -> None:
    nlp = _with_component(tmp_path / "nowhere")
    assert nlp.pipe_labels == {}
    with pytest.raises(ModelError, match="nowhere: no model here"):
        nlp(TEXTS[0])


def test_a_folder_that_is_no_model_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model here"):
        ObjectionComponent(path=str(tmp_path))


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        spacy.blank("nl").add_pipe("objection_classifier", config={"threshold": 0.5})
