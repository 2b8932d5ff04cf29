"""Print how far the second reader agrees with the labels of the corpus.

Run: python scripts/agreement.py [--second data/second_reading.csv] [--data data/utterances]
"""

import argparse
from pathlib import Path

from objection_nlp.checking.agreement import agreement, agreement_table, read_second_reading
from objection_nlp.corpus import read_labelled
from objection_nlp.errors import ObjectionNlpError
from objection_nlp.playbook import Playbook

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--second", type=Path, default=DATA / "second_reading.csv")
    parser.add_argument("--data", type=Path, default=DATA / "utterances")
    options = parser.parse_args()
    playbook = Playbook.load()
    # Rows that were dropped because the readings differ count as well.
    table = read_labelled([options.data, DATA / "dropped.csv"], playbook)
    first = dict(zip(table["id"], table["labels"], strict=True))
    second = read_second_reading(options.second, playbook)
    print(agreement_table(agreement(first, second, playbook.labels)))


if __name__ == "__main__":
    try:
        main()
    except ObjectionNlpError as error:
        raise SystemExit(f"agreement: {error}") from None
