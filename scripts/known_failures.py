"""Write data/golden/known_failures.txt: the border cases that the packaged model gets wrong.

Run: python scripts/known_failures.py
"""

from pathlib import Path

from objection_nlp import load_model
from objection_nlp.corpus import read_labelled
from objection_nlp.response import classify

GOLDEN = Path(__file__).parents[1] / "data" / "golden"


def main() -> None:
    table = read_labelled(sorted(GOLDEN.glob("*.csv")))
    answers = classify(table["text"].tolist(), load_model())
    wrong = [
        case
        for case, right, (labels, _, _) in zip(table["id"], table["labels"], answers, strict=True)
        if set(labels) != set(right)
    ]
    head = "# Border cases that the packaged model gets wrong; see tests/test_golden.py.\n"
    (GOLDEN / "known_failures.txt").write_text(head + "".join(f"{case}\n" for case in wrong))
    print(f"{len(wrong)} of {len(table)} border cases fail")


if __name__ == "__main__":
    main()
