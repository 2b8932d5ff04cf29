"""What the README shows is what happens."""

import doctest
import re
import shlex
import subprocess
import sys

import pytest

from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n\$ (.+?)\n(.*?)```", README, re.DOTALL)


def test_python_examples() -> None:
    failures, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried >= 5 and failures == 0


@pytest.mark.parametrize(("command", "shown"), CONSOLE)
def test_console_examples(command: str, shown: str) -> None:
    ours = f"{shlex.quote(sys.executable)} -m objection_nlp"
    real = command.replace("objection-nlp", ours, 1).replace(
        "| python ", f"| {shlex.quote(sys.executable)} "
    )
    done = subprocess.run(real, shell=True, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == shown


def test_figures_are_those_of_the_packaged_model() -> None:
    from objection_nlp import load_model

    figures = load_model().info["figures"]["test"]
    for key in ("macro_f1", "exact_set", "false_alarms", "coverage", "precision"):
        assert f"{figures[key]:.3f}" in README, key


def test_commands_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
