"""Tables of turns: CSV with a header, and JSONL with an object per line."""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts.turns import Reader, Turn, role_of

_OWN = ("text", "call_id", "turn", "speaker", "start", "end")
_MAX_CELL = 10_000_000


def _read_csv(file: Path) -> Iterator[Turn]:
    csv.field_size_limit(_MAX_CELL)
    with file.open(encoding="utf-8-sig", newline="") as stream:
        dialect = _dialect(stream.readline())
        stream.seek(0)
        reader = csv.reader(stream, delimiter=dialect, strict=True)
        calls: Counter[str] = Counter()
        try:
            header = [name.strip() for name in next(reader, [])]
            _check_header(file, header)
            for cells in reader:
                if len(cells) != len(header):
                    raise TranscriptError(
                        f"{file} row {reader.line_num}: {len(cells)} cells where the header has "
                        f"{len(header)}; put texts with a {dialect!r} in double quotes"
                    )
                row = dict(zip(header, cells, strict=True))
                yield _turn(file, reader.line_num, row, calls)
        except csv.Error as error:
            raise TranscriptError(f"{file} row {reader.line_num}: is not valid CSV") from error


def _read_jsonl(file: Path) -> Iterator[Turn]:
    calls: Counter[str] = Counter()
    with file.open(encoding="utf-8-sig") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise TranscriptError(f"{file} row {number}: is not valid JSON") from error
            if not isinstance(row, dict) or not isinstance(row.get("text"), str):
                raise TranscriptError(
                    f"{file} row {number}: an object with a 'text' string was expected"
                )
            yield _turn(file, number, row, calls)


def _dialect(first_line: str) -> str:
    return max(",;\t|", key=first_line.count)


def _check_header(file: Path, header: list[str]) -> None:
    if "text" not in header:
        raise TranscriptError(
            f"{file} row 1: column 'text' is missing; the header has "
            f"{', '.join(map(repr, header)) or 'nothing'}"
        )
    if len(set(header)) < len(header):
        raise TranscriptError(f"{file} row 1: a column name stands there twice")


def _turn(file: Path, number: int, row: dict[str, Any], calls: Counter[str]) -> Turn:
    call_id = str(row.get("call_id") or file.stem)
    turn = calls[call_id]
    calls[call_id] += 1
    name = row.get("speaker")
    return Turn(
        call_id=call_id,
        turn=turn,
        speaker=role_of(str(name) if name else None),
        text=row["text"],
        row=number,
        start=_seconds(file, number, row.get("start")),
        end=_seconds(file, number, row.get("end")),
        extra={key: value for key, value in row.items() if key not in _OWN},
    )


def _seconds(file: Path, number: int, value: Any) -> float | None:
    if value is None or value == "":
        return None
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise TranscriptError(f"{file} row {number}: a time in seconds was expected") from error


CSV = Reader("CSV", (".csv", ".tsv"), _read_csv)
JSONL = Reader("JSONL", (".jsonl", ".ndjson"), _read_jsonl)
