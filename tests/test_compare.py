"""The gate for retraining: it stops what is worse beyond chance, and nothing else."""

import json
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from conftest import tiny_rows
from objection_nlp import DataError, Model, ModelError, load_model, train
from objection_nlp.compare import compare
from test_cli import run


@pytest.fixture(scope="module")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return labelled rows of twelve voices that no model has seen."""
    rows = tiny_rows(12)
    rows["text"] += " hoor"
    file = tmp_path_factory.mktemp("compare-data") / "voices.csv"
    rows.to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def worse_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model that was taught the wrong label for what is said about systems."""
    rows = tiny_rows()
    wrong = rows["text"].str.startswith("ons systeem")
    rows.loc[wrong, "labels"] = "weigert_te_betalen"
    folder = tmp_path_factory.mktemp("worse")
    rows.to_csv(folder / "rows.csv", index=False)
    train([folder / "rows.csv"], folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def worse(worse_dir: Path) -> Model:
    return load_model(worse_dir)


def test_a_model_is_as_good_as_itself(tiny_model: Model, voices: Path) -> None:
    found = compare(tiny_model, tiny_model, [voices], golden=voices)
    assert not found.reasons and not found.changes and not found.golden
    assert {of.interval for of in (*found.overall, *found.per_label)} == {(0.0, 0.0)}
    assert found.golden_cases == found.utterances == 12 * 22 and found.groups == 12


def test_what_is_worse_beyond_chance_is_stopped_and_named(
    tiny_model: Model, worse: Model, voices: Path
) -> None:
    found = compare(tiny_model, worse, [voices])
    bad = {of.name for of in found.per_label if of.worse}
    assert "systeemproblemen" in bad and "cashflowprobleem" not in bad
    assert any("systeemproblemen is worse beyond chance" in reason for reason in found.reasons)
    lost = [change for change in found.changes if not change.won]
    assert {change.right for change in lost} == {("systeemproblemen",)} and len(lost) == 12
    rows = pd.read_csv(voices)
    assert all(rows["text"][change.row - 2] == change.text for change in lost)


def test_the_other_way_round_it_is_better(tiny_model: Model, worse: Model, voices: Path) -> None:
    found = compare(worse, tiny_model, [voices])
    assert not found.reasons and found.changes and all(change.won for change in found.changes)
    of = next(of for of in found.per_label if of.name == "systeemproblemen")
    assert of.interval is not None and of.interval[0] > 0


def test_one_voice_of_many_is_chance(tiny_model: Model, worse: Model, tmp_path: Path) -> None:
    rows = tiny_rows(12)
    says = rows["text"].str.startswith("ons systeem")
    rows[~says | (rows["group"] == "stem7")].to_csv(tmp_path / "rows.csv", index=False)
    found = compare(tiny_model, worse, [tmp_path / "rows.csv"])
    assert not found.reasons and len(found.changes) == 1


def test_more_false_alarms_are_worse(tiny_model: Model, tmp_path: Path) -> None:
    rows = tiny_rows()
    greets = rows["text"].str.startswith("goedemorgen")
    rows.loc[greets, "labels"] = "dacht_nog_tijd"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    alarming = train([tmp_path / "rows.csv"], tmp_path / "model").model
    found = compare(tiny_model, alarming, [_said(tmp_path, 10)])
    of = next(of for of in found.overall if of.name == "false_alarms")
    assert of.worse and of.new is not None and of.old is not None and of.new > of.old


def _said(folder: Path, groups: int) -> Path:
    tiny_rows(groups).to_csv(folder / "said.csv", index=False)
    return folder / "said.csv"


def test_a_golden_case_that_passed_and_fails_is_enough(
    tiny_model: Model, worse: Model, tmp_path: Path
) -> None:
    golden = tmp_path / "golden"
    golden.mkdir()
    (golden / "systeemproblemen.csv").write_text(
        "id,text,labels,note\n"
        "s-1,ons systeem ligt plat,systeemproblemen,the plain case\n"
        "s-2,goedemorgen met de vries,cashflowprobleem,neither passes\n"
    )
    rows = tiny_rows(4)
    rows[~rows["text"].str.startswith("ons")].to_csv(tmp_path / "rows.csv", index=False)
    found = compare(tiny_model, worse, [tmp_path / "rows.csv"], golden=golden)
    assert found.golden_cases == 2
    (reason,) = found.reasons
    assert "systeemproblemen.csv row 2: a golden case that the old model passed fails" in reason
    back = compare(worse, tiny_model, [tmp_path / "rows.csv"], golden=golden)
    assert not back.reasons and [case.won for case in back.golden] == [True]


def test_models_of_other_labels_are_refused_by_name(
    tiny_model: Model, voices: Path, tmp_path: Path
) -> None:
    text = tiny_model.playbook.source_text.replace("systeemproblemen", "storing")
    (tmp_path / "book.toml").write_text(text)
    rows = tiny_rows()
    rows["labels"] = rows["labels"].str.replace("systeemproblemen", "storing")
    rows.to_csv(tmp_path / "rows.csv", index=False)
    other = train([tmp_path / "rows.csv"], tmp_path / "m", playbook=tmp_path / "book.toml").model
    with pytest.raises(ModelError, match="only the old one systeemproblemen, only the new one st"):
        compare(tiny_model, other, [voices])


def test_one_group_is_refused(tiny_model: Model, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="all rows are of one group"):
        compare(tiny_model, tiny_model, [_said(tmp_path, 1)])


def test_the_command_shows_it_and_exits(
    tiny_model_dir: Path, worse_dir: Path, voices: Path
) -> None:
    good = run("compare", tiny_model_dir, tiny_model_dir, "--data", voices)
    assert good.returncode == 0 and "not worse beyond chance" in good.stdout
    bad = run("compare", tiny_model_dir, worse_dir, "--data", voices, "--golden", voices)
    assert bad.returncode == 1 and "utterances lost: 12" in bad.stdout
    assert "ons systeem ligt plat" in bad.stdout
    told = run("compare", tiny_model_dir, worse_dir, "--data", voices, "--json")
    assert told.returncode == 1 and "ligt plat" not in told.stdout
    found = json.loads(told.stdout)
    assert found["reasons"] and len(found["changes"]) == 12
    assert found["changes"][0]["file"] == str(voices) and found["changes"][0]["row"] > 1


def test_what_was_said_is_shown_as_text(
    tiny_model: Model, worse: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tiny_rows(3)
    rows["text"] = "[bold red]" + rows["text"]
    rows.to_csv(tmp_path / "rows.csv", index=False)
    compare(tiny_model, worse, [tmp_path / "rows.csv"]).show(Console(width=200))
    assert "[bold red]ons systeem ligt plat" in capsys.readouterr().out
