"""Bring the figures and the console example in README.md up to date with the packaged model.

Run: python scripts/readme_figures.py
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from objection_nlp import load_model
from objection_nlp.card import headlines_table

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- figures: made by scripts/readme_figures.py -->", "<!-- end of figures -->"
CONSOLE = re.compile(r"(```console\n\$ objection-nlp (.+?)\n).*?(```)", re.DOTALL)


def figures() -> str:
    info = load_model().info
    data, found = info["training_data"], info["figures"]["test"]
    return (
        f"Fitted on {data['utterances']} utterances of {data['groups']} voices; the figures are on "
        f"{found['n']} utterances\nof other voices, set apart and never fitted. "
        "`objection-nlp evaluate data/utterances --split test`\ngives them again.\n\n"
        f"{headlines_table(found)}"
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
