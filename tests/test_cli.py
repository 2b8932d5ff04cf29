"""The command: what it prints, what it refuses, its exit codes; run as users run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

EXAMPLE = "Die rekening is hier nooit binnengekomen hoor."


def run(*arguments: str | Path, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from objection_nlp.cli import main; main()"]
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run([*command, *map(str, arguments)], input=data, capture_output=True)
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert any(line.startswith("objection-nlp: ") for line in done.stderr.splitlines())
    assert all(word in done.stderr for word in words), done.stderr


def test_predict_shows_label_evidence_and_guidance() -> None:
    done = run("predict", EXAMPLE)
    assert done.returncode == 0
    for word in ("factuur_niet_ontvangen", "gehoord aan", "Zeg", "Vraag", "Vermijd"):
        assert word in done.stdout


def test_predict_reads_lines_and_writes_json() -> None:
    done = run("predict", "--json", stdin=f"{EXAMPLE}\ngoedemorgen\n")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["text"] for row in rows] == [EXAMPLE, "goedemorgen"]
    assert rows[0]["label"] == "factuur_niet_ontvangen" and rows[0]["evidence"]


def test_predict_abstains_more_for_a_higher_precision() -> None:
    doubtful = "ja die van boven moet daar nog naar kijken en dan zien we wel weer"
    strict, mild = (
        json.loads(run("predict", "--json", "--precision", p, doubtful).stdout)
        for p in ("1", "0.5")
    )
    assert strict["abstained"] and not mild["abstained"]
    assert strict["probabilities"] == mild["probabilities"]


def test_predict_refuses_a_precision_that_is_none() -> None:
    refused(run("predict", "--precision", "3", EXAMPLE), "above 0, at most 1")


def test_predict_shows_markup_as_text() -> None:
    done = run("predict", "[bold]nee[/bold] [link=x]ik betaal niet[/link]")
    assert "[bold]nee[/bold]" in done.stdout


def test_predict_refuses_what_is_not_utf8() -> None:
    refused(run("predict", stdin=b"caf\xe9\n"), "UTF-8")


@pytest.mark.parametrize(
    "command",
    [
        ["predict"],
        ["train"],
        ["evaluate"],
        ["annotate"],
        ["data", "check"],
        ["playbook", "show"],
        ["playbook", "check"],
        ["model", "info"],
    ],
)
def test_help_shows_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert f"Example: objection-nlp {' '.join(command)}" in " ".join(done.stdout.split())


def test_wrong_usage_is_exit_code_2(tmp_path: Path) -> None:
    assert run("predict", "--nonsense").returncode == 2
    assert run("train").returncode == 2
    assert run("train", "x.csv", "--out", tmp_path / "m", "--weight", "x").returncode == 2


def test_train_evaluate_predict_with_own_model(tiny_csv: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    done = run("train", tiny_csv, "--out", model)
    assert done.returncode == 0 and "macro-F1" in done.stdout
    refused(run("train", tiny_csv, "--out", model), "exists", "--force")
    assert run("train", tiny_csv, "--out", model, "--force", "--seed", "2").returncode == 0
    own = tmp_path / "own.csv"
    own.write_text(
        "text,labels,group\nja hoor,geen_tegenwerping,a\nons systeem,systeemproblemen,b\n"
    )
    both = run("train", tiny_csv, own, "--weight", "own.csv=3", "--out", tmp_path / "both")
    assert both.returncode == 0 and f"{own}\n\n| figure | value |" in both.stdout
    scored = run("evaluate", tiny_csv, "--model", model, "--json")
    assert json.loads(scored.stdout)["n"] == 88
    answer = run("predict", "ons systeem ligt plat", "--model", model, "--json")
    assert json.loads(answer.stdout)["label"] == "systeemproblemen"
    info = json.loads(run("model", "info", "--model", model, "--json").stdout)
    assert info["seed"] == 2
    assert "Model card" in run("model", "info", "--model", model).stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"zin,label\na,b\n", ("'text'", "'labels'", "missing")),
        (b"text;labels\na;b\n", ("not separated by commas",)),
        (b"text,labels\nhallo,onbekend\n", ("row 2", "unknown label 'onbekend'")),
        (b"text,labels\ncaf\xe9,geen_tegenwerping\n", ("row 2", "UTF-8")),
        (b"text,labels\n,geen_tegenwerping\n", ("row 2", "text is empty")),
        (b"text,labels\na,b,c\n", ("row 2", "3 cells")),
        (b"text,labels\nx,geen_tegenwerping+cashflowprobleem\n", ("row 2", "beside another")),
    ],
)
def test_bad_training_data_is_named_and_nothing_written(
    content: bytes, words: tuple[str, ...], tmp_path: Path
) -> None:
    data = tmp_path / "bad.csv"
    data.write_bytes(content)
    refused(run("train", data, "--out", tmp_path / "model"), "bad.csv", *words)
    assert not (tmp_path / "model").exists()


def test_missing_model_and_playbook_are_refused(tmp_path: Path) -> None:
    refused(run("predict", "hallo", "--model", tmp_path / "no"), "no model here")
    refused(run("playbook", "check", tmp_path / "no.toml"), "cannot be read")


def test_playbook_show_and_check(tmp_path: Path) -> None:
    shown = run("playbook", "show", "cashflowprobleem")
    assert "Doel" in shown.stdout or "Zeg" in shown.stdout
    assert len(json.loads(run("playbook", "show", "--json").stdout)) == 11
    own = tmp_path / "own.toml"
    own.write_text(run("playbook", "show", "--toml").stdout)
    assert run("playbook", "check", own).returncode == 0
    own.write_text(own.read_text().replace("goal = ", "gaol = ", 1))
    refused(run("playbook", "check", own), "entry general", "'gaol'")
    refused(run("playbook", "show", "nope"), "'nope' is not in the playbook")


def test_importing_loads_neither_spacy_nor_scikit_learn() -> None:
    code = (
        "import objection_nlp, sys\n"
        "print([m for m in ('spacy', 'sklearn', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['objection-nlp', '--help']\n"
        "from objection_nlp.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print('heavy', [m for m in ('spacy', 'sklearn', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "heavy []" in done.stdout


def test_answering_does_not_wait_for_scikit_learn() -> None:
    code = (
        "import objection_nlp, sys; objection_nlp.predict_response('hallo')\n"
        "print('sklearn' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "False"
