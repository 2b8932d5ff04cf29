"""The check of a labelled set: what is wrong with it, row by row and as a whole.

Errors are what makes scores wrong or labels contradict each other; warnings want a look.
No message ever holds the text of a row.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from objection_nlp.checking.check_report import CheckReport
from objection_nlp.checking.near_duplicates import near_pairs
from objection_nlp.checking.skeletons import skeleton_repeats
from objection_nlp.checking.telling_words import TellingWord, telling_words
from objection_nlp.checking.word_table import WordTable
from objection_nlp.corpus import labelled_files, scan_labelled
from objection_nlp.faults import Fault, Severity
from objection_nlp.labels import join_labels
from objection_nlp.playbook import Playbook

SPLITS = ("train", "dev", "test")

# Shorter texts ("ja", "met wie spreek ik") are what anyone may say: equal ones betray nothing.
_LEAST_WORDS = 4
# A frame is a template from ten rows, and in large sets from two in a thousand.
_TEMPLATE_ROWS = 10
_TEMPLATE_SHARE = 0.002
# A label leans on its most telling word if two in five of its rows hold it.
_LEANS_SHARE = 0.4
_LEANS_ROWS = 20
# UTF-8 that was read as Latin-1 or Windows-1252, or was damaged before that.
_BROKEN = re.compile("\ufffd|Ã[\u0080-\u00bf\u0152-\u2122]|â€|â\u201a¬|Â[\u00a0-\u00bf]")


def check_labelled(paths: Iterable[str | Path], playbook: Playbook | None = None) -> CheckReport:
    """Check labelled data, row by row and as a whole.

    Parameters
    ----------
    paths : iterable of str or Path
        CSV, JSONL or Parquet files, or folders of these.
    playbook : Playbook, optional
        Whose labels are allowed; the packaged one when None.

    Returns
    -------
    CheckReport
        All faults with file and row. What is checked across rows is checked on the rows that
        are sound by themselves.

    Raises
    ------
    DataError
        If a path is missing or of another kind.

    Examples
    --------
    >>> check_labelled(["data/utterances"]).errors  # doctest: +SKIP
    0
    """
    files, playbook = labelled_files(paths), playbook or Playbook.load()
    table, faults = scan_labelled(files, playbook)
    if table.empty:
        faults.append(Fault(str(files[0]), None, "error", "empty", "there is no sound row in it"))
        return CheckReport(len(files), 0, {}, (), tuple(faults))
    data = _Data(table)
    for check in (_encodings, _split_values, _split_groups, _same_texts, _near_texts, _templates):
        faults += check(data)
    telling = telling_words(data.words, data.labels, playbook.labels)
    faults += _leaning(telling)
    order = {str(file): number for number, file in enumerate(files)}
    faults.sort(key=lambda fault: (order.get(fault.file, len(order)), fault.row or 0))
    labels = {word.label: word.rows for word in telling}
    return CheckReport(len(files), len(table), labels, tuple(telling), tuple(faults))


class _Data:
    """The sound rows, and what several checks need of them."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = table
        self.labels: list[tuple[str, ...]] = table["labels"].tolist()
        self.words = WordTable.of(table["text"])
        self.first = self.words.same_as()

    @cached_property
    def uniques(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """The first of each lot of equal texts, without the very short ones."""
        own = self.first == np.arange(len(self.first))
        return np.flatnonzero(own & (self.words.lengths >= _LEAST_WORDS))

    def split(self, row: int) -> str | None:
        """Return the split of a row; None where it names none."""
        value = self.table["split"].iat[row] if "split" in self.table else None
        return value if isinstance(value, str) else None

    def place(self, row: int) -> str:
        """Return file and row, as a message names them."""
        return "{} row {}".format(*self._where(row))

    def fault(self, row: int, severity: Severity, kind: str, message: str) -> Fault:
        """Return a fault of a row."""
        return Fault(*self._where(row), severity, kind, message)

    def apart(self, row: int, other: int) -> bool:
        """Whether two rows stand in different splits."""
        splits = {self.split(row), self.split(other)}
        return None not in splits and len(splits) == 2

    def _where(self, row: int) -> tuple[str, int]:
        return str(self.table["file"].iat[row]), int(cast(int, self.table["row"].iat[row]))


def _encodings(data: _Data) -> Iterator[Fault]:
    for row, text in enumerate(data.table["text"]):
        if _BROKEN.search(text):
            message = "the text was read in the wrong encoding before; export it again as UTF-8"
            yield data.fault(row, "error", "encoding", message)


def _split_values(data: _Data) -> Iterator[Fault]:
    if "split" not in data.table:
        return
    named = data.table["split"].dropna()
    for row in named[~named.isin(SPLITS)].drop_duplicates().index:
        message = (
            f"split {data.table['split'].iat[row]!r} is not one of {', '.join(SPLITS)}; "
            "a test row under another name would be trained on: mend or empty it"
        )
        yield data.fault(row, "warning", "split", message)


def _split_groups(data: _Data) -> Iterator[Fault]:
    if "split" not in data.table:
        return
    parts = data.table[["group", "split"]].dropna().drop_duplicates()
    homes = parts.drop_duplicates("group")
    first = dict(zip(homes["group"], homes.index, strict=True))
    for row, group in parts.loc[parts.index.difference(homes.index), "group"].items():
        message = (
            f"group {group!r} stands in split {data.split(row)!r} and in "
            f"{data.split(first[group])!r} ({data.place(first[group])}); a group belongs in one"
        )
        yield data.fault(row, "error", "group", message)


def _same_texts(data: _Data) -> Iterator[Fault]:
    lengths = data.words.lengths
    for row in np.flatnonzero(data.first != np.arange(len(data.first))).tolist():
        other = int(data.first[row])
        if set(data.labels[row]) != set(data.labels[other]):
            message = (
                f"the same text has {join_labels(data.labels[row])} here and "
                f"{join_labels(data.labels[other])} at {data.place(other)}; label both alike"
            )
            yield data.fault(row, "error", "conflict", message)
        elif data.apart(row, other) and lengths[row] >= _LEAST_WORDS:
            message = (
                f"the same text stands in split {data.split(other)!r} ({data.place(other)}); "
                "a test on known texts proves nothing: delete one"
            )
            yield data.fault(row, "error", "leak", message)
        else:
            message = f"the same text stands at {data.place(other)}"
            yield data.fault(row, "warning", "duplicate", message)


def _near_texts(data: _Data) -> Iterator[Fault]:
    for first, second, likeness in near_pairs(data.words, data.uniques):
        message = f"{likeness:.0%} like the text at {data.place(first)}"
        if data.apart(first, second):
            message += f", which is in split {data.split(first)!r}"
        if set(data.labels[first]) != set(data.labels[second]):
            message += ", with other labels: see whether both are right"
        yield data.fault(second, "warning", "near_duplicate", message)


def _templates(data: _Data) -> Iterator[Fault]:
    least = max(_TEMPLATE_ROWS, round(_TEMPLATE_SHARE * len(data.uniques)))
    for row, frame, rows in skeleton_repeats(data.words, data.uniques, least):
        message = f"shares the frame '{frame}' with {rows - 1} other rows; templates teach nothing"
        yield data.fault(row, "warning", "template", message)


def _leaning(telling: Iterable[TellingWord]) -> Iterator[Fault]:
    for word in telling:
        if word.rows >= _LEANS_ROWS and word.share >= _LEANS_SHARE:
            message = (
                f"{word.share:.0%} of the rows with {word.label} hold {word.word!r} "
                f"({word.elsewhere:.0%} of the others); add rows that say it otherwise"
            )
            yield Fault("all files", None, "warning", "leaning", message)
