"""Labelled data: read it, refuse what is wrong with file and row, split it by group.

A labelled set has ``text`` and ``labels`` (ids joined by ``+``, or a list; the main one first)
and may have ``group``, ``call_id``, ``speaker``, ``style``, ``region``, ``segment``, ``split``
and further columns, which are carried along.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from objection_nlp.errors import DataError, listed
from objection_nlp.labels import split_labels
from objection_nlp.playbook import Playbook

SUFFIXES = (".csv", ".jsonl", ".parquet")
REQUIRED = ("text", "labels")
# A cell longer than this is no utterance; csv's own limit is lower.
_MAX_CELL = 10_000_000


@dataclass
class _Reading:
    """Rows and faults of the files read so far."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    n_rows: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        for name in row.keys() - self.columns.keys():
            self.columns[name] = [None] * self.n_rows
        for name, values in self.columns.items():
            values.append(row.get(name))
        self.n_rows += 1


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
    allowed = (playbook or Playbook.load()).labels
    none = (playbook or Playbook.load()).none_label
    reading = _Reading()
    for file in labelled_files(paths):
        _read_file(file, allowed, none, reading)
    if reading.faults:
        raise DataError(
            f"{len(reading.faults)} fault(s) in the labelled data; nothing was used:\n"
            f"{listed(reading.faults)}"
        )
    if not reading.n_rows:
        raise DataError("the labelled data holds no rows")
    table = pd.DataFrame(reading.columns)
    own = table["file"] + ":" + table["row"].astype(str)
    table["group"] = table["group"].fillna(own) if "group" in table else own
    return table


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


def _read_file(file: Path, allowed: Sequence[str], none: str, reading: _Reading) -> None:
    readers = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".parquet": _parquet_rows}
    try:
        for number, row in readers[file.suffix](file):
            faults = _row_faults(row, allowed, none)
            reading.faults += [f"{file} row {number}: {fault}" for fault in faults]
            if not faults:
                reading.add(
                    row | {"labels": split_labels(row["labels"]), "file": str(file), "row": number}
                )
    except _FileError as fault:
        reading.faults.append(f"{file}{fault}")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        reading.faults.append(f"{file} row {line}: is not UTF-8; save the file as UTF-8")


class _FileError(Exception):
    """Something that keeps a file, or the rest of it, from being read."""


def _row_faults(row: dict[str, Any], allowed: Sequence[str], none: str) -> list[str]:
    text, cell = row.get("text"), row.get("labels")
    faults = []
    if not isinstance(text, str) or not text.strip():
        faults.append("the text is empty")
    if not isinstance(cell, str | list | tuple) or not cell:
        return [*faults, "labels are missing"]
    labels = split_labels(cell)
    unknown = [label for label in labels if label not in allowed]
    if unknown:
        faults.append(
            f"unknown label {', '.join(map(repr, unknown))}; {_nearest(unknown[0], allowed)}"
        )
    if len(set(labels)) < len(labels):
        faults.append("the same label stands there twice")
    if none in labels and len(labels) > 1:
        faults.append(f"{none!r} stands beside another label; it goes alone")
    return faults


def _nearest(label: str, allowed: Sequence[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(label, allowed, n=1)
    return f"did you mean {close[0]!r}?" if close else f"the playbook has {', '.join(allowed)}"


def _csv_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    csv.field_size_limit(_MAX_CELL)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            header = next(reader, [])
            _check_header(header)
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    raise _FileError(
                        f" row {reader.line_num}: {len(cells)} cells where the header has "
                        f"{len(header)}; put texts with commas in double quotes"
                    )
                yield reader.line_num, {k: v or None for k, v in zip(header, cells, strict=True)}
        except csv.Error as error:
            raise _FileError(f" row {reader.line_num}: is not valid CSV ({error})") from error


def _check_header(header: list[str]) -> None:
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        raise _FileError(
            f" row 1: the columns are not separated by commas (header {header[0]!r}); "
            "save the file with commas"
        )
    _check_columns(header)


def _check_columns(names: Sequence[str]) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise _FileError(
            f": column {', '.join(map(repr, missing))} is missing; "
            f"it has {', '.join(map(repr, names)) or 'none'}"
        )
    if len(set(names)) < len(names):
        raise _FileError(": a column name stands there twice")


def _jsonl_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with file.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise _FileError(f" row {number}: is not valid JSON") from error
            if not isinstance(row, dict):
                raise _FileError(f" row {number}: a JSON object was expected")
            yield number, row


def _parquet_rows(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        table = pd.read_parquet(file)
    except ImportError as error:
        raise DataError(
            f"{file}: reading Parquet needs pyarrow; `pip install 'objection-nlp[parquet]'`"
        ) from error
    except (OSError, ValueError) as error:
        raise _FileError(": is not a Parquet file") from error
    _check_columns([str(name) for name in table.columns])
    for number, row in enumerate(table.to_dict(orient="records"), start=1):
        labels = row["labels"]
        yield (
            number,
            {str(k): v for k, v in row.items()}
            | {"labels": labels if isinstance(labels, str) else list(labels)},
        )
