"""Finished rows to a file that others read: CSV, JSONL or Parquet, made beside and then renamed."""

import csv
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from objection_nlp.annotation.rows import Row
from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts.turns import OUTPUT_COLUMNS, Fault

if TYPE_CHECKING:
    import pyarrow as pa

# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection"), unless the
# whole of it is a number.
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")
_PARQUET_ROWS = 65_536

FAULT_SUFFIXES = (".csv", ".jsonl")

# Carried columns in order, with the types of the values in each.
Kinds = Mapping[str, Sequence[str]]


def read_rows(lines: Path) -> Iterator[Row]:
    """Yield the rows of a JSONL file of ours."""
    with lines.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def write_output(lines: Path, kinds: Kinds, target: Path) -> None:
    """Write rows in the format of the target's suffix.

    Parameters
    ----------
    lines : Path
        The rows as JSONL.
    kinds : mapping of str to sequence of str
        The carried columns, which come after ours.
    target : Path
        Appears, or is replaced, only when it is complete.
    """
    beside = lines.parent / f"output{target.suffix}"
    WRITERS[target.suffix.lower()](lines, kinds, beside)
    beside.replace(target)


def write_faults(lines: Path, target: Path) -> None:
    """Write faults as ``source``, ``row`` and ``reason`` in the format of the target's suffix."""
    beside = lines.parent / f"faults{target.suffix}"
    if target.suffix.lower() == ".csv":
        write_csv(read_rows(lines), Fault._fields, beside)
    else:
        shutil.copyfile(lines, beside)
    beside.replace(target)


def check_suffix(target: Path) -> None:
    """Refuse an output that cannot be written, before any work is done.

    Raises
    ------
    TranscriptError
        If the suffix is unknown or a package that it needs is missing.
    """
    if target.suffix.lower() not in WRITERS:
        known = ", ".join(WRITERS)
        raise TranscriptError(f"{target}: cannot write this kind of file; use one of {known}")
    if target.suffix.lower() == ".parquet":
        _import_pyarrow()


def _write_jsonl(lines: Path, kinds: Kinds, beside: Path) -> None:
    # The rows stay where they are too: the report and a run that is gone on with read them.
    beside.unlink(missing_ok=True)
    try:
        os.link(lines, beside)
    except OSError:  # a file system without hard links
        shutil.copyfile(lines, beside)


def _write_csv(lines: Path, kinds: Kinds, beside: Path) -> None:
    write_csv(read_rows(lines), (*OUTPUT_COLUMNS, *kinds), beside)


def write_csv(rows: Iterable[Row], columns: Sequence[str], beside: Path) -> None:
    """Write rows as CSV in which no cell is a formula for a spreadsheet."""
    with beside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(map(_harmless, columns))
        for row in rows:
            writer.writerow([_harmless(row.get(name)) for name in columns])


def _harmless(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    if isinstance(value, str):
        risky = value.startswith(_FORMULA_SIGNS) and not _NUMBER.fullmatch(value)
        return f"'{value}" if risky else value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _write_parquet(lines: Path, kinds: Kinds, beside: Path) -> None:
    pa, pq = _import_pyarrow()
    schema = _schema(kinds)
    rows = read_rows(lines)
    with pq.ParquetWriter(beside, schema) as writer:
        while batch := list(islice(rows, _PARQUET_ROWS)):
            typed = [_typed(row, schema) for row in batch]
            writer.write_table(pa.Table.from_pylist(typed, schema=schema))


def _schema(kinds: Kinds) -> "pa.Schema":
    import pyarrow as pa

    own = {
        "turn": pa.int64(),
        "start": pa.float64(),
        "end": pa.float64(),
        "confidence": pa.float64(),
        "abstained": pa.bool_(),
    }
    fields = {name: own.get(name, pa.string()) for name in OUTPUT_COLUMNS}
    fields |= {name: _arrow_type(set(found)) for name, found in kinds.items()}
    return pa.schema(list(fields.items()))


def _arrow_type(kinds: set[str]) -> "pa.DataType":
    """Return the type of a carried column; text where its values are of several kinds."""
    import pyarrow as pa

    kinds = kinds - {"NoneType"}
    if kinds == {"bool"}:
        return pa.bool_()
    if kinds == {"int"}:
        return pa.int64()
    return pa.float64() if kinds and kinds <= {"int", "float"} else pa.string()


def _typed(row: Row, schema: "pa.Schema") -> Row:
    import pyarrow as pa

    return {
        field.name: _as_text(row.get(field.name))
        if field.type == pa.string()
        else row.get(field.name)
        for field in schema
    }


def _as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _import_pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise TranscriptError(
            "Parquet needs pyarrow: pip install 'objection-nlp[parquet]'"
        ) from error
    return pa, pq


WRITERS: dict[str, Callable[[Path, Kinds, Path], None]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
