"""Labelled data: read it, refuse what is wrong with file and row, split it by group.

A labelled set has ``text`` and ``labels`` (ids joined by ``+``, or a list; the main one first)
and may have ``group``, ``call_id``, ``speaker``, ``style``, ``region``, ``segment``, ``split``
and further columns, which are carried along.
"""

import hashlib
import json
import logging
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from objection_nlp.checking.row_checks import RowCheck
from objection_nlp.errors import DataError, listed
from objection_nlp.faults import Fault
from objection_nlp.labelled_rows import (
    READERS,
    Row,
    Unreadable,
    UnreadableFileError,
    misspelt,
    rows_of,
)
from objection_nlp.playbook import Playbook

SUFFIXES = tuple(READERS)
# Columns with more different cells than this are not worth sharing the equal ones.
_MAX_SHARED = 50_000

_log = logging.getLogger(__name__)


def labelled_files(paths: Iterable[str | Path]) -> list[Path]:
    """Return the labelled files among paths; a folder stands for all that lie in it.

    Raises
    ------
    DataError
        If a path does not exist, a folder holds none, or a file is of another kind.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
            if not inside:
                raise DataError(f"{path}: no labelled file here; expected {', '.join(SUFFIXES)}")
            files += inside
        elif not path.is_file():
            raise DataError(f"{path}: there is no such file; give a labelled file or a folder")
        elif path.suffix not in SUFFIXES:
            raise DataError(f"{path}: is not a labelled file; expected {', '.join(SUFFIXES)}")
        else:
            files.append(path)
    if not files:
        raise DataError("no labelled file was named; give at least one file or folder")
    return files


def read_labelled(paths: Iterable[str | Path], playbook: Playbook | None = None) -> pd.DataFrame:
    """Read labelled files into one table.

    Parameters
    ----------
    paths : iterable of str or Path
        CSV (comma, UTF-8), JSONL or Parquet files, or folders of these.
    playbook : Playbook, optional
        Whose labels are allowed; the packaged one when None.

    Returns
    -------
    pandas.DataFrame
        One row per utterance, in the order of the files: ``text`` (str), ``labels`` (tuple of
        str), ``file`` (str), ``row`` (int, as a text editor counts lines where there are lines),
        ``group`` (str; each row its own where the data names none) and all further columns.

    Raises
    ------
    DataError
        If anything is wrong: all faults, up to 20, with file and row. No row is ever dropped.

    Examples
    --------
    >>> table = read_labelled(["data/utterances"])  # doctest: +SKIP
    >>> table["labels"].iloc[0]  # doctest: +SKIP
    ('factuur_niet_ontvangen',)
    """
    table, faults = scan_labelled(paths, playbook)
    errors = [str(fault) for fault in faults if fault.severity == "error"]
    if errors:
        raise DataError(
            f"{len(errors)} fault(s) in the labelled data; nothing was used:\n{listed(errors)}"
        )
    if table.empty:
        raise DataError("the labelled data holds no rows")
    for fault in faults:
        _log.warning("%s", fault)
    return table


def scan_labelled(
    paths: Iterable[str | Path], playbook: Playbook | None = None
) -> tuple[pd.DataFrame, list[Fault]]:
    """Read what can be read, and return it with all that is wrong.

    For looking at data, not for training on it: rows with faults are not in the table.

    Parameters
    ----------
    paths : iterable of str or Path
        As for :func:`read_labelled`.
    playbook : Playbook, optional
        Whose labels are allowed; the packaged one when None.

    Returns
    -------
    table : pandas.DataFrame
        The sound rows, as :func:`read_labelled` gives them.
    faults : list of Fault
        In the order of the files.

    Raises
    ------
    DataError
        If a path is missing or of another kind.
    """
    reading = _Reading(playbook or Playbook.load())
    for file in labelled_files(paths):
        reading.read(file)
    return reading.table(), reading.faults


def data_hash(table: pd.DataFrame) -> str:
    """Return the SHA-256 of texts, labels and groups: what a model was trained on.

    Examples
    --------
    >>> data_hash(pd.DataFrame({"text": ["a"], "labels": [("b",)], "group": ["c"]}))[:8]
    '501bda0a'
    """
    digest = hashlib.sha256()
    for text, labels, group in zip(table["text"], table["labels"], table["group"], strict=True):
        digest.update(json.dumps([text, list(labels), str(group)]).encode())
    return digest.hexdigest()


def split_part(table: pd.DataFrame, part: str) -> pd.DataFrame:
    """Return the rows whose ``split`` is ``part``; no rows where the data has no splits."""
    if "split" not in table:
        return table.iloc[:0]
    return table[table["split"] == part]


class _Reading:
    """Rows and faults of the files read so far.

    A million rows have few different labels, groups or sectors: equal cells are one object.
    """

    def __init__(self, playbook: Playbook) -> None:
        self.faults: list[Fault] = []
        self._check = RowCheck(playbook)
        self._columns: dict[str, list[Any]] = {"text": [], "labels": []}
        self._shared: dict[str, dict[str, str]] = {}
        self._files: list[str] = []
        self._rows = array("q")

    def read(self, file: Path) -> None:
        """Add the rows of one file, or what is wrong with them."""
        name, names = str(file), dict[str, None]()
        try:
            for number, row in rows_of(file):
                faults = self._check.faults(row)
                self.faults += [Fault(name, number, "error", *fault) for fault in faults]
                if not isinstance(row, Unreadable):
                    names.update(dict.fromkeys(row))
                    if not faults:
                        self._add(row, name, number)
        except UnreadableFileError as fault:
            self.faults.append(Fault(name, fault.row, "error", fault.kind, fault.message))
        self.faults += _column_faults(name, names)

    def table(self) -> pd.DataFrame:
        """Return the sound rows; a group of its own for each row that names none."""
        table = pd.DataFrame(self._columns)
        table["file"] = pd.Series(self._files, dtype="str")
        table["row"] = pd.Series(self._rows, dtype="int64")
        own = table["file"] + ":" + table["row"].astype(str)
        named = table["group"].map(str, na_action="ignore") if "group" in table else own
        table["group"] = named.fillna(own)
        return table

    def _add(self, row: Row, file: str, number: int) -> None:
        row["labels"] = self._check.labels(row["labels"])
        for name in row:
            if name not in self._columns:
                self._columns[name] = [None] * len(self._files)
        for name, values in self._columns.items():
            cell = row.get(name)
            values.append(self._one_object(name, cell) if isinstance(cell, str) else cell)
        self._files.append(file)
        self._rows.append(number)

    def _one_object(self, column: str, cell: str) -> str:
        shared = self._shared.setdefault(column, {})
        if len(shared) < _MAX_SHARED:
            return shared.setdefault(cell, cell)
        return shared.get(cell, cell)


def _column_faults(file: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, known in misspelt(names):
        yield Fault(
            file,
            None,
            "warning",
            "columns",
            f"column {name!r} is not used; if {known!r} was meant, rename it",
        )
