"""The rows of one labelled file: CSV, JSONL or Parquet, read one after the other.

Nothing here knows labels. A row that cannot be read comes out as :class:`Unreadable`; what keeps
the rest of a file from being read is an :class:`UnreadableFileError`.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from objection_nlp.errors import DataError

REQUIRED = ("text", "labels")
OPTIONAL = (
    "id",
    "group",
    "call_id",
    "speaker",
    "style",
    "region",
    "segment",
    "sector",
    "kind",
    "split",
)
# A cell longer than this is no utterance; csv's own limit is lower.
_MAX_CELL = 10_000_000
# How alike two column names are before one is taken for a misspelling of the other.
_ALIKE = 0.8

Row = dict[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A row that could not be read, and why."""

    kind: str
    message: str


class UnreadableFileError(Exception):
    """Something that keeps a file, or the rest of it, from being read."""

    def __init__(self, kind: str, message: str, row: int | None = None) -> None:
        super().__init__(message)
        self.kind, self.message, self.row = kind, message, row


def rows_of(file: Path) -> Iterator[tuple[int, Row | Unreadable]]:
    """Yield the rows of a file with their numbers.

    Parameters
    ----------
    file : Path
        Its suffix, one of ``READERS``, says how it is read.

    Yields
    ------
    tuple of int and dict or Unreadable
        Row number, as a text editor counts lines where there are lines, and the cells.

    Raises
    ------
    UnreadableFileError
        If the file, or what follows in it, cannot be read at all.
    DataError
        If a package that reads this format is not installed.
    """
    try:
        yield from READERS[file.suffix](file)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            "encoding", "is not UTF-8; save the file as UTF-8", _first_bad_line(file)
        ) from error


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name that looks like a misspelt column, with the column it looks like.

    Examples
    --------
    >>> list(misspelt(["text", "labels", "Spilt", "invoice_age"]))
    [('Spilt', 'split')]
    """
    names = list(names)
    absent = [known for known in (*REQUIRED, *OPTIONAL) if known not in names]
    for name in names:
        close = nearest(name, absent)
        if name not in REQUIRED + OPTIONAL and close:
            yield name, close


def nearest(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that is most like ``name``, or None where none is."""
    close = get_close_matches(name.strip().lower(), known, n=1, cutoff=_ALIKE)
    return close[0] if close else None


def _first_bad_line(file: Path) -> int:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _csv_rows(file: Path) -> Iterator[tuple[int, Row | Unreadable]]:
    csv.field_size_limit(_MAX_CELL)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            header = next(reader, [])
            _check_header(header)
            for cells in reader:
                if cells:
                    yield reader.line_num, _csv_row(header, cells)
        except csv.Error as error:
            raise UnreadableFileError(
                "format", f"is not valid CSV ({error})", reader.line_num
            ) from error


def _csv_row(header: list[str], cells: list[str]) -> Row | Unreadable:
    if len(cells) != len(header):
        return Unreadable(
            "format",
            f"{len(cells)} cells where the header has {len(header)}; "
            "put texts with commas in double quotes",
        )
    return {name: cell or None for name, cell in zip(header, cells, strict=True)}


def _check_header(header: list[str]) -> None:
    if len(header) == 1 and any(sign in header[0] for sign in ";\t|"):
        raise UnreadableFileError(
            "format",
            f"the columns are not separated by commas (header {header[0]!r}); "
            "save the file with commas",
            1,
        )
    _check_columns(header, row=1)


def _check_columns(names: Sequence[str], row: int | None = None) -> None:
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise UnreadableFileError("columns", _missing_columns(missing, names), row)
    if len(set(names)) < len(names):
        raise UnreadableFileError("columns", "a column name stands there twice; rename one", row)


def _missing_columns(missing: Sequence[str], names: Sequence[str]) -> str:
    meant = {known: name for name, known in misspelt(names)}
    hints = [f"; rename {meant[name]!r} to {name!r}" for name in missing if name in meant]
    return (
        f"column {', '.join(map(repr, missing))} is missing; "
        f"it has {', '.join(map(repr, names)) or 'none'}{''.join(hints)}"
    )


def _jsonl_rows(file: Path) -> Iterator[tuple[int, Row | Unreadable]]:
    with file.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _jsonl_row(line)


def _jsonl_row(line: str) -> Row | Unreadable:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return Unreadable("format", "is not valid JSON; write one object per line")
    if not isinstance(row, dict):
        return Unreadable("format", f"a JSON object was expected, {type(row).__name__} came")
    return row


def _parquet_rows(file: Path) -> Iterator[tuple[int, Row | Unreadable]]:
    try:
        from pyarrow import ArrowInvalid, parquet
    except ImportError as error:
        raise DataError(
            f"{file}: reading Parquet needs pyarrow; `pip install 'objection-nlp[parquet]'`"
        ) from error
    try:
        with parquet.ParquetFile(file) as table:
            _check_columns(table.schema_arrow.names)
            rows = (row for batch in table.iter_batches(10_000) for row in batch.to_pylist())
            yield from enumerate(rows, start=1)
    except (ArrowInvalid, OSError) as error:
        raise UnreadableFileError("format", "is not a Parquet file that can be read") from error


READERS = {".csv": _csv_rows, ".jsonl": _jsonl_rows, ".parquet": _parquet_rows}
