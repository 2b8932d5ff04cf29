"""Labelled files in, a model directory out: reproducible, by group, with any playbook."""

import json
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from conftest import tiny_rows
from objection_nlp import DataError, ModelError, load_model, predict_response, train
from objection_nlp.bundle import CARD, MANIFEST, PLAYBOOK, WEIGHTS


def write(path: Path, rows: pd.DataFrame) -> Path:
    rows.to_csv(path, index=False)
    return path


def test_same_data_and_seed_give_the_same_bytes(tiny_csv: Path, tmp_path: Path) -> None:
    for name, n_jobs in (("a", None), ("b", 2)):
        train([tiny_csv], tmp_path / name, seed=3, n_jobs=n_jobs)
    for file in (MANIFEST, WEIGHTS, PLAYBOOK, CARD):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_the_directory_tells_what_it_was_made_of(tiny_model_dir: Path) -> None:
    manifest = json.loads((tiny_model_dir / MANIFEST).read_text())
    assert manifest["training_data"]["groups"] == 3  # one of four is set apart
    assert manifest["figures"]["test"]["n"] == 22
    assert set(manifest["versions"]) == {"objection-nlp", "scikit-learn", "spacy"}
    assert len(manifest["training_data"]["sha256"]) == 64
    card = (tiny_model_dir / CARD).read_text()
    assert f"{manifest['figures']['test']['macro_f1']:.3f}" in card
    assert "authored, not recorded" in card


def test_test_rows_are_never_fitted(tmp_path: Path) -> None:
    rows = tiny_rows()
    rows["split"] = ["test" if group == "stem3" else "train" for group in rows["group"]]
    with_test = train([write(tmp_path / "a.csv", rows)], tmp_path / "a")
    without = train([write(tmp_path / "b.csv", rows[rows["split"] == "train"])], tmp_path / "b")
    assert (tmp_path / "a" / WEIGHTS).read_bytes() == (tmp_path / "b" / WEIGHTS).read_bytes()
    assert with_test.figures["test"]["n"] == 22 and without.figures["test"] is None


def test_a_group_in_two_splits_is_refused(tmp_path: Path) -> None:
    rows = tiny_rows()
    rows["split"] = ["test" if i % 2 else "train" for i in range(len(rows))]
    with pytest.raises(DataError, match=r"stem0.* a group belongs to one split"):
        train([write(tmp_path / "a.csv", rows)], tmp_path / "a")


def test_another_playbook_brings_its_own_labels(tmp_path: Path) -> None:
    entry = "\n".join(
        f'{key} = ["x"]' for key in ("say", "ask", "do", "avoid", "escalate", "prevent")
    )
    text = 'version = 1\n[sources]\nS = "s"\n'
    for head, label in (
        ("[general]", "nothing"),
        ("[[objection]]", "late"),
        ("[[objection]]", "no"),
    ):
        keys = f'label = "{label}"\ntitle = "T {label}"\ndescription = "d"\ngoal = "g"\n'
        text += f'{head}\n{keys}sources = ["S"]\n{entry}\n'
    (tmp_path / "book.toml").write_text(text)
    said = {"late": "it is on the pile", "no": "never ever", "nothing": "good morning to you"}
    rows = pd.DataFrame(
        [
            {"text": f"{text} v{i}", "labels": label, "group": f"g{i}"}
            for i in range(5)
            for label, text in said.items()
        ]
    )
    data = write(tmp_path / "own.csv", rows)
    train([data], tmp_path / "own", playbook=tmp_path / "book.toml")
    response = predict_response("never ever", model=tmp_path / "own")
    assert response.label == "no" and set(response.probabilities) == set(said)
    with pytest.raises(DataError, match="unknown label 'late'"):
        train([data], tmp_path / "packaged")


def test_labels_that_no_row_has_are_refused_by_name(tmp_path: Path) -> None:
    rows = tiny_rows()
    data = write(tmp_path / "a.csv", rows[rows["labels"] != "systeemproblemen"])
    with pytest.raises(DataError, match="no row is labelled systeemproblemen"):
        train([data], tmp_path / "a")
    assert not (tmp_path / "a").exists()


def test_rare_labels_are_warned_of(tmp_path: Path) -> None:
    rows = tiny_rows()
    rare = rows[(rows["labels"] != "systeemproblemen") | ~rows.duplicated(["labels", "group"])]
    report = train([write(tmp_path / "a.csv", rare)], tmp_path / "a")
    assert any("'systeemproblemen' has only 3 rows" in warning for warning in report.warnings)
    assert "has only 3 rows" in (tmp_path / "a" / CARD).read_text()


def test_weights_lean_the_model_and_unknown_files_are_refused(
    tiny_csv: Path, tmp_path: Path
) -> None:
    own = pd.DataFrame(
        [
            {"text": f"dat zit anders {i}", "labels": "fout_in_factuur", "group": f"own{i}"}
            for i in range(4)
        ]
    )
    data = [tiny_csv, write(tmp_path / "own.csv", own)]
    plain = train(data, tmp_path / "plain")
    heavy = train(data, tmp_path / "heavy", weights={"own.csv": 5})
    assert (
        heavy.by_data[str(data[1])]["n"] + heavy.by_data[str(data[0])]["n"]
        == (heavy.figures["held_out"]["n"])
    )
    text = "dat zit anders"
    chances = [
        predict_response(text, model=report.model).probabilities["fout_in_factuur"]
        for report in (plain, heavy)
    ]
    assert chances[1] > chances[0]
    with pytest.raises(DataError, match=r"'other.csv', which is not among the data files"):
        train(data, tmp_path / "none", weights={"other.csv": 2})
    with pytest.raises(DataError, match="expected a number above 0"):
        train(data, tmp_path / "none", weights={"own.csv": 0})


def test_an_existing_model_needs_force_and_other_folders_are_left_alone(
    tiny_csv: Path, tmp_path: Path
) -> None:
    train([tiny_csv], tmp_path / "model")
    with pytest.raises(ModelError, match="exists; choose another directory or use --force"):
        train([tiny_csv], tmp_path / "model")
    train([tiny_csv], tmp_path / "model", force=True, seed=1)
    assert load_model(tmp_path / "model").info["seed"] == 1
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "letter.txt").write_text("keep")
    with pytest.raises(ModelError, match="is no model directory"):
        train([tiny_csv], tmp_path / "precious", force=True)
    assert (tmp_path / "precious" / "letter.txt").read_text() == "keep"


@pytest.mark.skipif(
    find_spec("nl_core_news_sm") is None, reason="the spaCy pipeline nl_core_news_sm is missing"
)
def test_a_trained_pipeline_is_recorded_and_used(tiny_csv: Path, tmp_path: Path) -> None:
    train([tiny_csv], tmp_path / "rich", spacy_pipeline="nl_core_news_sm")
    model = load_model(tmp_path / "rich")
    assert model.spacy_pipeline == "nl_core_news_sm"
    assert model.info["spacy_pipeline_version"].startswith("nl_core_news_sm ")
    assert predict_response("ons systeem ligt plat", model=model).label == "systeemproblemen"
    # Lemmas are features: more n-grams are known than without them.
    plain = train([tiny_csv], tmp_path / "plain").model
    assert len(model.scorer.ngrams.buckets) > len(plain.scorer.ngrams.buckets)


def test_steps_are_told(tiny_csv: Path, tmp_path: Path) -> None:
    steps: list[str] = []
    train([tiny_csv], tmp_path / "model", progress=steps.append)
    assert [step.split()[0] for step in steps] == ["reading", "fitting", "evaluating", "writing"]
