"""Bring the figures in data/README.md up to date: the counts and the agreement.

Run: python scripts/data_card.py
"""

from itertools import combinations
from pathlib import Path

import pandas as pd

from objection_nlp.checking.agreement import agreement, agreement_table, read_second_reading
from objection_nlp.corpus import read_labelled
from objection_nlp.playbook import Playbook

DATA = Path(__file__).parents[1] / "data"
FIELDS = ("kind", "speaker", "style", "region", "segment", "sector")
WORD_BANDS = ((1, 5), (6, 12), (13, 25), (26, 40), (41, 60))


def main() -> None:
    card = DATA / "README.md"
    card.write_text(refreshed(card.read_text("utf-8"), DATA), "utf-8")
    print(f"wrote {card}")


def refreshed(card: str, data: Path) -> str:
    playbook = Playbook.load()
    table = read_labelled([data / "utterances"], playbook)
    card = between_markers(card, "counts", counts(table, playbook))
    return between_markers(card, "agreement", second_reading(table, playbook, data))


def between_markers(card: str, name: str, section: str) -> str:
    begin, end = f"<!-- {name}: made by scripts/data_card.py -->", f"<!-- end of {name} -->"
    head, found, rest = card.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"data/README.md: put the lines {begin} and {end} where {name} belong")
    return f"{head}{begin}\n\n{section}\n\n{end}{tail}"


def second_reading(table: pd.DataFrame, playbook: Playbook, data: Path) -> str:
    file = data / "second_reading.csv"
    if not file.exists():
        return "The second reading is not in yet."
    dropped = data / "dropped.csv"
    if dropped.exists():  # rows on which the readers differ count as well
        table = pd.concat([table, read_labelled([dropped], playbook)])
    first = dict(zip(table["id"], table["labels"], strict=True))
    return agreement_table(agreement(first, read_second_reading(file, playbook), playbook.labels))


def counts(table: pd.DataFrame, playbook: Playbook) -> str:
    two = int((table["labels"].map(len) > 1).sum())
    words = table["text"].str.split().map(len)
    sections = [
        f"{len(table)} utterances of {table['group'].nunique()} groups, {words.sum()} words; "
        f"{len(table) - two} with one label, {two} with two.",
        _by_label(table, playbook),
        _by_pair(table, playbook),
        _by_split(table),
        *(_by_field(table, name) for name in FIELDS),
        _by_length(words),
        _by_group(table),
    ]
    return "\n\n".join(sections)


def _by_label(table: pd.DataFrame, playbook: Playbook) -> str:
    rows = []
    for label in playbook.labels:
        with_it = table[table["labels"].map(lambda labels, label=label: label in labels)]
        alone = int((with_it["labels"].map(len) == 1).sum())
        splits = with_it["split"].value_counts()
        parts = [int(splits.get(part, 0)) for part in ("train", "dev", "test")]
        rows.append((label, alone, len(with_it) - alone, len(with_it), *parts))
    header = ("label", "alone", "with another", "all", "train", "dev", "test")
    return _titled("By label", header, rows)


def _by_pair(table: pd.DataFrame, playbook: Playbook) -> str:
    seen = table.loc[table["labels"].map(len) > 1, "labels"].map(frozenset).value_counts()
    pairs = combinations(playbook.labels[:-1], 2)
    rows = [(f"{one} + {other}", int(seen.get(frozenset((one, other)), 0))) for one, other in pairs]
    return _titled("By pair of labels, in either order", ("pair", "utterances"), rows)


def _by_split(table: pd.DataFrame) -> str:
    rows = []
    for part in ("train", "dev", "test"):
        inside = table[table["split"] == part]
        rows.append((part, len(inside), inside["group"].nunique()))
    return _titled("By split", ("split", "utterances", "groups"), rows)


def _by_field(table: pd.DataFrame, name: str) -> str:
    seen = table[name].fillna("(none)").value_counts()
    ordered = sorted(seen.items(), key=lambda item: (-item[1], item[0]))
    rows = [(value, count, f"{count / len(table):.1%}") for value, count in ordered]
    return _titled(f"By {name}", (name, "utterances", "share"), rows)


def _by_length(words: pd.Series) -> str:
    rows = [(f"{low} to {high}", int(words.between(low, high).sum())) for low, high in WORD_BANDS]
    longest = WORD_BANDS[-1][1]
    rows.append((f"over {longest}", int((words > longest).sum())))
    return _titled("By number of words", ("words", "utterances"), rows)


def _by_group(table: pd.DataFrame) -> str:
    rows = []
    for name, inside in sorted(table.groupby("group"), key=lambda item: item[0]):
        fixed = inside.iloc[0]
        voice = [fixed[field] for field in ("split", "region", "segment", "sector")]
        rows.append((name, *voice, len(inside)))
    header = ("group", "split", "region", "segment", "sector", "utterances")
    return _titled("By group", header, rows)


def _titled(title: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return f"### {title}\n\n" + "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


if __name__ == "__main__":
    main()
