"""The report: page, JSON and model card from one object, escaped, whole or not at all."""

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import tiny_rows
from objection_nlp import DataError, Model, TranscriptError, train
from objection_nlp.card import shown
from objection_nlp.evaluation import evaluate_files
from objection_nlp.reporting.report import FIGURES, PAGE, write_report

NASTY = 'ons systeem ligt plat <script>alert("x")</script> & $\\frac$ {{ 7 * 7 }}'


def labelled(folder: Path) -> Path:
    """Write rows with all columns, in three splits, with errors that a page has to bear."""
    rows = tiny_rows(6)
    rows["split"] = rows["group"].map(
        {"stem0": "train", "stem1": "train", "stem2": "train", "stem3": "train", "stem4": "dev"}
    )
    rows["split"] = rows["split"].fillna("test")
    rows["region"] = rows["group"].map(lambda group: "BE" if group in ("stem1", "stem5") else "NL")
    rows["speaker"] = [
        "agent" if text.startswith("ja prima") else "debtor" for text in rows["text"]
    ]
    wrong = {"text": NASTY, "labels": "cashflowprobleem", "group": "<b>", "split": "test"}
    file = folder / "data.csv"
    pd.concat([rows, pd.DataFrame([wrong])]).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled(tmp_path_factory.mktemp("report-data"))


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return train([data], tmp_path_factory.mktemp("report-model") / "model").model


@pytest.fixture(scope="module")
def folder(data: Path, trained: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "out"
    write_report([data], folder, model=trained, split="test")
    return folder


@pytest.fixture(scope="module")
def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / FIGURES).read_text())
    return found


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / PAGE).read_text()


class _Reader(HTMLParser):
    """Collects tags, addresses and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.said += data


def test_report_evaluation_and_card_agree(
    figures: dict[str, Any], page: str, data: Path, trained: Model
) -> None:
    assert figures["overall"] == evaluate_files([data], model=trained, split="test")
    assert figures["overall"] == trained.info["figures"]["test"]
    said = _Reader(page).said
    for label, scores in figures["overall"]["per_label"].items():
        row = said[said.index("calibration error\n") :].split(label)[1]
        assert shown(scores["precision"]) in row[:20]
    assert f"{figures['overall']['n']} utterances of 2 groups, split test" in said


def test_the_page_needs_nothing_else_and_runs_nothing(page: str) -> None:
    read = _Reader(page)
    assert "script" not in read.tags and "link" not in read.tags
    assert len(read.addresses) == read.tags.count("img") >= 6
    assert all(address.startswith("data:image/svg+xml;base64,") for address in read.addresses)
    assert "default-src 'none'" in page
    assert not re.search(r"https?://", page)


def test_what_was_said_is_escaped_and_shown(page: str, figures: dict[str, Any]) -> None:
    assert "<script" not in page and NASTY in _Reader(page).said
    (error,) = [error for error in figures["worst_errors"] if error["row"] > 100]
    assert error["right"] == ["cashflowprobleem"] and error["answered"] == ["systeemproblemen"]
    spans = [NASTY[span["start"] : span["end"]] for span in error["evidence"]]
    assert any("systeem" in span or "plat" in span for span in spans)
    assert f"<mark>{spans[0]}</mark>" in page


def test_the_figures_hold_no_text_of_a_call(folder: Path) -> None:
    written = (folder / FIGURES).read_text()
    assert "ligt plat" not in written and "script" not in written


def test_the_same_input_gives_the_same_bytes(
    folder: Path, data: Path, trained: Model, tmp_path: Path
) -> None:
    write_report([data], tmp_path / "again", model=trained, split="test")
    for name in (PAGE, FIGURES):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_intervals_hold_their_figures(figures: dict[str, Any]) -> None:
    for name in ("macro_f1", "main_accuracy", "exact_set", "coverage"):
        low, high = figures["intervals"]["overall"][name]
        assert low <= figures["overall"][name] <= high


def test_slices_calibration_and_confusion_are_there(figures: dict[str, Any]) -> None:
    assert set(figures["slices"]["region"]) == {"BE"}
    assert figures["crosstalk"]["mixed"]["n"] == figures["overall"]["n"] - 1
    counts = figures["confusion"]["counts"]
    assert sum(map(sum, counts)) == figures["overall"]["n"]
    for found in figures["calibration"]["per_label"].values():
        assert sum(part["n"] for part in found["bins"]) == figures["overall"]["n"]


def test_a_learning_curve_is_made_when_asked(
    data: Path, trained: Model, page: str, tmp_path: Path
) -> None:
    assert "Not made" in _Reader(page).said
    steps: list[str] = []
    found = write_report(
        [data], tmp_path / "out", model=trained, learning_curve=True, progress=steps.append
    )
    curve = found["learning_curve"]
    assert [point["groups"] for point in curve] == [1, 1, 2, 4]
    assert curve[0]["left_out"] == "training needs at least 2 groups"
    assert curve[-1]["n"] == 22 and curve[-1]["macro_f1"] >= curve[-2]["macro_f1"]
    assert any("training on 4 of 4 groups" in step for step in steps)
    assert "left out: training needs" in _Reader((tmp_path / "out" / PAGE).read_text()).said
    with pytest.raises(DataError, match="the data has 0 and 0 rows of these"):
        rows = tmp_path / "plain.csv"
        tiny_rows().to_csv(rows, index=False)
        write_report([rows], tmp_path / "none", model=trained, learning_curve=True)
    assert not (tmp_path / "none").exists()


def test_little_data_is_warned_of_and_not_crashed_on(tiny_model: Model, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    pd.DataFrame(
        {"text": ["ons systeem ligt plat"], "labels": ["systeemproblemen"], "group": ["a"]}
    ).to_csv(file, index=False)
    found = write_report([file], tmp_path / "out", model=tiny_model)
    assert found["intervals"] is None
    warned = " ".join(found["warnings"])
    assert "all rows are of one group" in warned
    assert "label 'cashflowprobleem' has only 0 rows" in warned


def test_rows_that_the_model_was_trained_on_are_warned_of(
    data: Path, trained: Model, tmp_path: Path
) -> None:
    found = write_report([data], tmp_path / "out", model=trained, split="train")
    assert "the model was trained on 88 of these rows; the figures flatter" in found["warnings"]


def test_another_playbooks_data_is_refused_by_name(tiny_model: Model, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("text,labels\nhallo,vreemd\n")
    with pytest.raises(DataError, match="unknown label 'vreemd'"):
        write_report([file], tmp_path / "out", model=tiny_model)
    assert not (tmp_path / "out").exists()


def test_only_an_earlier_report_is_replaced(
    folder: Path, data: Path, trained: Model, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("keep")
    with pytest.raises(DataError, match="holds other files than an earlier report"):
        write_report([data], tmp_path, model=trained)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    before = (folder / FIGURES).read_bytes()
    write_report([data], folder, model=trained, split="test")
    assert (folder / FIGURES).read_bytes() == before


@pytest.mark.parametrize(
    ("package", "error", "extra"),
    [("matplotlib", DataError, r"\[report,plots\]"), ("jinja2", TranscriptError, r"\[report\]")],
)
def test_missing_packages_are_named(
    package: str,
    error: type[Exception],
    extra: str,
    data: Path,
    trained: Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(error, match=f"pip install 'objection-nlp{extra}'"):
        write_report([data], tmp_path / "out", model=trained)
    assert not (tmp_path / "out").exists()
