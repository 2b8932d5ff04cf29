"""CSV and TSV with a header, of any delimiter, as databases and Dutch Excel write them."""

import csv
import re
from collections.abc import Iterator

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.table import check_header, find_columns
from objection_nlp.transcripts.text import MAX_LINE, Head, Lines
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment, UnreadableError

_SUFFIXES = frozenset({".csv", ".tsv", ".tab"})
# Excel's own way to name the delimiter, on a line before the header.
_SEP = re.compile(r"sep=(.)\s*$", re.IGNORECASE)


def _read(source: Source, options: ReadOptions) -> Segments:
    csv.field_size_limit(MAX_LINE)
    head = Head(source)
    if not head.text.strip():
        raise UnreadableError(source.name, "is empty")
    lines = Lines(source, newline="")
    numbered = _without_sep(lines)
    delimiter = _delimiter(head, options) or ","
    rows = csv.reader(numbered, delimiter=delimiter, strict=True)
    header = _header(source, rows)
    make = _Maker(source, header, check_header(source, header, options), delimiter)
    yield from _segments(source, rows, lines, make)
    yield from lines.take_faults()


def _header(source: Source, rows: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(rows, [])]
    except csv.Error as error:
        reason = "a quote in the header is never closed; nothing was read"
        raise UnreadableError(source.name, reason, 1) from error


def _without_sep(lines: Lines) -> Iterator[str]:
    for line in lines:
        if lines.number > 1 or not _SEP.match(line):
            yield line


def _segments(source: Source, rows: Iterator[list[str]], lines: Lines, make: "_Maker") -> Segments:
    begin = lines.number + 1  # the line that the row at hand begins on
    while True:
        try:
            for cells in rows:
                if lines.faults:
                    yield from lines.take_faults()
                if cells:
                    yield make(begin, cells)
                begin = lines.number + 1
            return
        except csv.Error as error:
            if "expected after" not in str(error):
                reason = (
                    "a quote that opens here is never closed; from this row on nothing was read"
                )
                raise UnreadableError(source.name, reason, begin) from error
            yield Fault(source.name, begin, "has text after a closing quote; double it")
            begin = lines.number + 1


class _Maker:
    """Makes a segment of the cells of a row."""

    def __init__(
        self, source: Source, header: list[str], columns: dict[str, str], delimiter: str
    ) -> None:
        at = {name: i for i, name in enumerate(header)}
        self._source, self._stem = source.name, source.stem
        self._width, self._delimiter = len(header), delimiter
        self._text = at[columns["text"]]
        self._speaker, self._call, self._start, self._end = (
            at[columns[ours]] if ours in columns else None
            for ours in ("speaker", "call_id", "start", "end")
        )
        taken = set(columns.values())
        self._extras = [(name, i) for name, i in at.items() if name not in taken]

    def __call__(self, row: int, cells: list[str]) -> Segment | Fault:
        if len(cells) != self._width:
            reason = (
                f"has {len(cells)} cells where the header has {self._width}; put texts with a "
                f"{self._delimiter!r} in double quotes"
            )
            return Fault(self._source, row, reason)
        try:
            start = None if self._start is None else seconds(cells[self._start])
            end = None if self._end is None else seconds(cells[self._end])
        except ValueError:
            return Fault(self._source, row, "a time in seconds, or as 00:12, was expected")
        call = self._stem if self._call is None else cells[self._call] or self._stem
        name = None if self._speaker is None else cells[self._speaker] or None
        extra = {key: cells[i] for key, i in self._extras}
        return Segment(call, name, cells[self._text], row, start, end, extra)


def _recognises(head: Head, options: ReadOptions) -> bool:
    return head.suffix in _SUFFIXES or _delimiter(head, options) is not None


def _delimiter(head: Head, options: ReadOptions) -> str | None:
    """Return the delimiter with which the header has the most columns, the text among them."""
    lines = [line for line in head.text.splitlines() if line.strip()][:2] or [""]
    if match := _SEP.match(lines[0]):
        return match[1]
    best, most = None, 0
    for sign in dict.fromkeys(",;\t|" + "".join(c for c in lines[0] if not _in_names(c))):
        header = [name.strip() for name in next(csv.reader(lines[:1], delimiter=sign), [])]
        if "text" in find_columns(header, options) and len(header) > most:
            best, most = sign, len(header)
    return best


def _in_names(sign: str) -> bool:
    """Whether a character may stand inside a column name, or cannot part columns."""
    return sign.isalnum() or sign in "\"'_- \r\n"


READER = Reader("CSV", _recognises, _read)
