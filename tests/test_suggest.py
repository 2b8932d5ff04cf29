"""What to label next: uncertain, unlike each other, rare labels covered; ready to fill in."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import TINY
from objection_nlp import DataError, Model, TranscriptError, train
from objection_nlp.suggest import COLUMNS, suggest
from test_cli import run

SURE = [text for texts in TINY.values() for text in texts]
# Half of one label, half of another.
TORN = "de boekhouder is ziek thuis en ons systeem ligt plat"


def transcript(folder: Path, texts: list[str], **columns: Any) -> Path:
    file = folder / "calls.csv"
    rows = {"call_id": "c1", "speaker": "debtor", "text": texts} | columns
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_doubtful_utterances_come_before_sure_ones(tiny_model: Model, tmp_path: Path) -> None:
    calls = transcript(tmp_path, [*TINY["systeemproblemen"], TORN])
    suggest([calls], tmp_path / "out.csv", n=1, model=tiny_model)
    (row,) = rows_of(tmp_path / "out.csv")
    assert row["text"] == TORN and row["labels"] == "" and 0 < float(row["confidence"]) < 1
    assert row["source"] == str(calls) and row["turn"] == "2"
    assert row["call_id"] == row["group"] == "c1"
    assert tuple(row) == COLUMNS


def test_what_is_alike_is_asked_once(tiny_model: Model, tmp_path: Path) -> None:
    alike = [f"{TORN} {word}" for word in ("hoor", "zeg", "joh", "he", "toch", "mevrouw")]
    calls = transcript(tmp_path, [TORN, TORN.upper(), *alike, "mijn baas is thuis en plat"])
    summary = suggest([calls], tmp_path / "out.csv", n=2, model=tiny_model)
    assert summary.turns == 9 and summary.candidates < 9
    texts = [row["text"] for row in rows_of(tmp_path / "out.csv")]
    assert "mijn baas is thuis en plat" in texts and len(texts) == 2


def test_rare_labels_are_covered(tiny_model: Model, tmp_path: Path) -> None:
    greetings = [f"ja prima {word} dat is goed" for word in "abcdefghijklmnopqrstuvwxyz"]
    calls = transcript(tmp_path, greetings + SURE)
    summary = suggest([calls], tmp_path / "out.csv", n=11, model=tiny_model)
    assert set(summary.guesses) == set(TINY)


def test_agents_and_labelled_rows_are_left_out(tiny_model: Model, tmp_path: Path) -> None:
    calls = transcript(
        tmp_path,
        SURE[:4],
        speaker=["agent", "debtor", "debtor", "debtor"],
        labels=["", "x", "", ""],
    )
    suggest([calls], tmp_path / "out.csv", model=tiny_model)
    assert {row["text"] for row in rows_of(tmp_path / "out.csv")} == set(SURE[2:4])


def test_the_file_trains_once_it_is_filled(
    tiny_model: Model, tiny_csv: Path, tmp_path: Path
) -> None:
    calls = transcript(tmp_path, SURE)
    out = tmp_path / "out.csv"
    suggest([calls], out, model=tiny_model)
    with pytest.raises(DataError, match=r"out.csv row 2"):
        train([tiny_csv, out], tmp_path / "model")
    filled = pd.read_csv(out, keep_default_na=False)
    filled["labels"] = filled["guess"]
    filled.to_csv(out, index=False)
    report = train([tiny_csv, out], tmp_path / "model")
    assert report.model.labels == tiny_model.labels
    checked = run("data", "check", out, "--json")
    faults = json.loads(checked.stdout)["faults"]
    assert not [fault for fault in faults if fault["kind"] == "columns"]


def test_no_cell_is_a_formula(tiny_model: Model, tmp_path: Path) -> None:
    said = "=HYPERLINK(1) ons systeem ligt plat"
    calls = transcript(tmp_path, [said], call_id="@c")
    suggest([calls], tmp_path / "out.csv", model=tiny_model)
    (row,) = rows_of(tmp_path / "out.csv")
    assert row["text"] == f"'{said}" and row["call_id"] == row["group"] == "'@c"


@settings(max_examples=15)
@given(n=st.integers(1, 30), size=st.integers(1, 22), seed=st.integers(0, 9))
def test_never_more_than_asked_for_and_none_twice(
    n: int, size: int, seed: int, tiny_model: Model, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("suggest")
    texts = pd.Series(SURE).sample(size, random_state=seed).tolist()
    suggest([transcript(folder, texts)], folder / "out.csv", n=n, model=tiny_model)
    chosen = [row["text"] for row in rows_of(folder / "out.csv")]
    assert len(chosen) == len(set(chosen)) == min(n, size) and set(chosen) <= set(texts)


def test_what_cannot_be_done_is_refused(tiny_model: Model, tmp_path: Path) -> None:
    calls = transcript(tmp_path, SURE)
    with pytest.raises(TranscriptError, match=r"suggestions are written as .csv"):
        suggest([calls], tmp_path / "out.jsonl", model=tiny_model)
    with pytest.raises(TranscriptError, match="is an input too"):
        suggest([calls], calls, model=tiny_model, force=True)
    with pytest.raises(TranscriptError, match="no such folder"):
        suggest([calls], tmp_path / "no" / "out.csv", model=tiny_model)
    with pytest.raises(DataError, match="ask for at least 1"):
        suggest([calls], tmp_path / "out.csv", n=0, model=tiny_model)
    suggest([calls], tmp_path / "out.csv", model=tiny_model)
    with pytest.raises(TranscriptError, match="exists; choose another output or use --force"):
        suggest([calls], tmp_path / "out.csv", model=tiny_model)
    suggest([calls], tmp_path / "out.csv", n=3, model=tiny_model, force=True)
    assert len(rows_of(tmp_path / "out.csv")) == 3


def test_nothing_to_choose_from_writes_nothing(tiny_model: Model, tmp_path: Path) -> None:
    calls = transcript(tmp_path, SURE[:2], speaker="agent")
    with pytest.raises(TranscriptError, match="no unlabelled utterance of a debtor was found"):
        suggest([calls], tmp_path / "out.csv", model=tiny_model)
    assert [path.name for path in tmp_path.iterdir()] == ["calls.csv"]


def test_the_command_writes_it_and_tells_what_it_could_not_read(
    tiny_model_dir: Path, tmp_path: Path
) -> None:
    calls = transcript(tmp_path, SURE)
    out = tmp_path / "out.csv"
    done = run("suggest", calls, "--out", out, "--n", "5", "--model", tiny_model_dir, "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["suggested"] == 5
    (tmp_path / "bad.vtt").write_bytes(b"")
    again = run("suggest", calls, tmp_path / "bad.vtt", "--out", out, "--model", tiny_model_dir)
    assert again.returncode == 1 and "exists; choose another output" in again.stderr
    again = run(
        "suggest", calls, tmp_path / "bad.vtt", "--out", out, "--model", tiny_model_dir, "--force"
    )
    assert again.returncode == 1 and "bad.vtt: is empty" in again.stderr
    assert len(rows_of(out)) == 22 and "Traceback" not in again.stderr
    assert run("suggest", calls, "--out", out, "--n", "0").returncode == 2


def test_a_column_by_another_name_can_be_told(tiny_model: Model, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    pd.DataFrame({"zin": SURE[:3], "wie": ["debtor"] * 3, "nr": [1, 2, 3]}).to_csv(
        file, index=False
    )
    columns = {"text": "zin", "speaker": "wie", "call_id": "nr"}
    suggest([file], tmp_path / "out.csv", model=tiny_model, columns=columns)
    assert {row["group"] for row in rows_of(tmp_path / "out.csv")} == {"1", "2", "3"}
