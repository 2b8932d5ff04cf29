"""Bring the figures and the console example in README.md up to date with the packaged model.

Run: python scripts/readme_figures.py
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from objection_nlp import load_model
from objection_nlp.bundle import SEMANTIC
from objection_nlp.card import HEADLINES
from objection_nlp.card import shown as figure

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- figures: made by scripts/readme_figures.py -->", "<!-- end of figures -->"
CONSOLE = re.compile(r"(```console\n\$ objection-nlp (.+?)\n).*?(```)", re.DOTALL)


def figures() -> str:
    """Return the figures of both packaged models on the test groups, side by side."""
    infos = [load_model(name).info for name in (None, SEMANTIC)]
    data, found = infos[0]["training_data"], [info["figures"]["test"] for info in infos]
    rows = [
        f"| {name} | {' | '.join(figure(of[key]) for of in found)} |" for key, name in HEADLINES
    ]
    return (
        f"Fitted on {data['utterances']} utterances of {data['groups']} groups; the figures are on "
        f"{found[0]['n']} utterances\nof other voices, set apart and never fitted. "
        "`objection-nlp evaluate data/utterances --split test`,\nand the same with "
        "`--model semantic`, gives them again.\n\n"
        + "\n".join(["| figure | default | semantic |", "| --- | --- | --- |", *rows])
        + "\n"
    )


def shown(arguments: str) -> str:
    command = [sys.executable, "-m", "objection_nlp", *shlex.split(arguments)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "\n".join(line.rstrip() for line in printed.splitlines())


def refreshed(readme: str) -> str:
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme = f"{head}{BEGIN}\n\n{figures()}\n{END}{tail}"
    return CONSOLE.sub(lambda found: found[1] + shown(found[2]).rstrip() + "\n" + found[3], readme)


if __name__ == "__main__":
    README.write_text(refreshed(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {README}")
