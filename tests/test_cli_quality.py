"""The commands about quality, run as users run them."""

import json
from pathlib import Path

import pytest

from conftest import ROOT
from objection_nlp.cli import app
from test_cli import run


@pytest.mark.parametrize("command", ["evaluate", "compare", "suggest"])
def test_help_shows_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert f"Example: objection-nlp {command}" in " ".join(done.stdout.split())


def test_evaluate_prints_the_figures_that_the_report_holds(
    tiny_csv: Path, tiny_model_dir: Path, tmp_path: Path
) -> None:
    done = run(
        "evaluate", tiny_csv, "--model", tiny_model_dir, "--report", tmp_path / "out", "--json"
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert json.loads(done.stdout) == figures["overall"]
    assert "report.html" in done.stderr and "warning: only 4 groups" in done.stderr
    plain = run("evaluate", tiny_csv, "--model", tiny_model_dir, "--json")
    assert plain.stdout == done.stdout


def test_a_learning_curve_without_a_report_is_wrong_usage(tiny_csv: Path) -> None:
    done = run("evaluate", tiny_csv, "--learning-curve")
    assert done.returncode == 2 and "add --report DIR" in done.stderr


def test_the_page_explains_every_command_and_option() -> None:
    page = (ROOT / "docs" / "evaluation.md").read_text()
    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert {"evaluate", "compare", "suggest"} <= names
    for option in ("--report", "--learning-curve", "--golden", "--split", "--n", "--out"):
        assert option in page
