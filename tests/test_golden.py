"""Border cases of the taxonomy, with a closed list of those that the packaged model gets wrong.

A case that fails and is not listed is red; so is one that is listed and passes.
``python scripts/known_failures.py`` writes the list anew after the model was trained anew: look at
what it adds before you commit it.
"""

import csv
from collections import Counter

import pytest

from conftest import ROOT
from objection_nlp import NO_OBJECTION, OBJECTIONS, load_model
from objection_nlp.corpus import read_labelled
from objection_nlp.response import classify

GOLDEN = ROOT / "data" / "golden"
FILES = sorted(GOLDEN.glob("*.csv"))
# The share of cases that the packaged model has to get wholly right.
FLOOR = 0.8


def known_failures() -> set[str]:
    with (GOLDEN / "known_failures.txt").open(encoding="utf-8") as stream:
        return {line.strip() for line in stream if line.strip() and not line.startswith("#")}


def failing(path) -> tuple[set[str], set[str]]:
    """Return the ids of a file, and of those the ones answered with another set of labels."""
    table = read_labelled([path])
    answers = classify(table["text"].tolist(), load_model())
    wrong = [
        set(labels) != set(right)
        for (labels, _, _), right in zip(answers, table["labels"], strict=True)
    ]
    return set(table["id"]), set(table["id"][wrong])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_border_cases(path) -> None:
    ids, wrong = failing(path)
    known = known_failures() & ids
    assert wrong - known == set(), "these have begun to fail"
    assert known - wrong == set(), "these pass now: take them off the list"


def test_most_border_cases_pass_and_the_list_is_closed() -> None:
    ids = set().union(*(failing(path)[0] for path in FILES))
    assert known_failures() <= ids
    assert len(known_failures()) <= (1 - FLOOR) * len(ids)


def test_every_label_has_its_file() -> None:
    assert {path.stem for path in FILES} == {*OBJECTIONS, NO_OBJECTION}
    for path in FILES:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert len(rows) >= 25 and max(Counter(row["text"] for row in rows).values()) == 1


def test_no_border_case_is_in_the_corpus() -> None:
    said = set(read_labelled([ROOT / "data" / "utterances"])["text"].str.lower())
    for path in FILES:
        assert not said & set(read_labelled([path])["text"].str.lower())
