"""How long ``objection-nlp data check`` takes on a large set, and how much memory.

Run: python benchmarks/data_check_speed.py [ROWS]

The rows are made from the corpus: the first half of one utterance and the second half of another,
so that word frequencies and lengths are real and thousands of rows share long stretches. One row
in a hundred is an exact copy, one in a hundred a copy with a word changed, one in a hundred from
a template. The command runs in a process of its own; its peak memory is what is reported.
"""

import csv
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from objection_nlp.corpus import read_labelled
from objection_nlp.labels import join_labels

CORPUS = Path(__file__).parents[1] / "data" / "utterances"
HEADER = ("id", "text", "labels", "style", "region", "segment", "sector", "group", "split")
GROUPS = 2_000


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "synthetic.csv"
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADER)
            writer.writerows(synthetic_rows(rows))
        print(f"{rows:,} rows, {file.stat().st_size / 1e6:.0f} MB, {os.cpu_count()} cores")
        start = time.perf_counter()
        command = [
            sys.executable,
            "-c",
            "from objection_nlp.cli import main; main()",
            "data",
            "check",
            str(file),
        ]
        shown = subprocess.run(command, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    print(shown.stderr or shown.stdout.splitlines()[-1])
    print(f"{seconds:.0f} s (aim: 600), peak {peak:.2f} GB (aim: 2)")


def synthetic_rows(rows: int, seed: int = 0) -> Iterator[tuple[str, ...]]:
    table = read_labelled([CORPUS])
    pool = list(zip(table["text"].str.split(), map(join_labels, table["labels"]), strict=True))
    words = sorted({word for text, _ in pool for word in text})
    chance = random.Random(seed)
    kept: list[tuple[list[str], str]] = []
    for number in range(rows):
        text, labels = _row(chance, pool, words, kept)
        if len(kept) < 10_000:
            kept.append((text, labels))
        group = chance.randrange(GROUPS)
        split = "test" if group % 10 == 0 else "train"
        fields = ("asr", "NL", "B2B", f"sector-{group % 40}", f"group-{group}", split)
        yield (f"row-{number}", " ".join(text), labels, *fields)


def _row(
    chance: random.Random,
    pool: list[tuple[list[str], str]],
    words: list[str],
    kept: list[tuple[list[str], str]],
) -> tuple[list[str], str]:
    kind = chance.random()
    if kept and kind < 0.02:
        text, labels = chance.choice(kept)
        if kind < 0.01:
            return text, labels
        place = chance.randrange(len(text))
        return [*text[:place], chance.choice(words), *text[place + 1 :]], labels
    if kind < 0.03:
        return f"wij zijn over die {chance.choice(words)} nog niet te spreken".split(), pool[0][1]
    (head, labels), (tail, _) = chance.choice(pool), chance.choice(pool)
    return head[: len(head) // 2 + 1] + tail[len(tail) // 2 :], labels


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
