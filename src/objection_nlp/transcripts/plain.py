"""Plain text: ``[00:12] Klant: ...`` or ``Klant: ...`` per line; other lines continue the turn."""

import re
from typing import NamedTuple

from objection_nlp.transcripts.clock import clock
from objection_nlp.transcripts.names import split_name
from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.text import Head, Lines
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:[.,]\d{1,6})?)"
_STAMP = re.compile(rf"[\[(]?{_CLOCK}(?:\s*(?:-|–|-->)\s*{_CLOCK})?[\])]?\s*(?:-\s+)?(?=\S|$)")
_SUFFIXES = frozenset({".txt", ".text", ".log", ".md"})


class _Line(NamedTuple):
    """A line taken apart."""

    start: float | None
    end: float | None
    name: str | None
    text: str

    @property
    def begins(self) -> bool:
        """Whether it says when, or who."""
        return self.start is not None or self.name is not None


def _parse(line: str) -> _Line:
    match = _STAMP.match(line)
    if match is None:
        return _Line(None, None, *split_name(line))
    times = match.groups()
    end = None if times[4] is None else clock(*times[3:])
    return _Line(clock(*times[:3]), end, *split_name(line[match.end() :]))


def _read(source: Source, options: ReadOptions) -> Segments:
    lines = Lines(source)
    turn: Segment | None = None
    timed: bool | None = None  # whether turns begin with a time; the first that is marked tells
    for raw in lines:
        yield from lines.take_faults()
        line = raw.strip()
        if not line:
            continue
        parsed = _parse(line)
        if turn is not None and timed is not None and _continues(parsed, timed):
            turn = turn._replace(text=f"{turn.text} {line}".strip())
            continue
        if turn is not None:
            yield _whole(source, turn)
        timed = parsed.start is not None if timed is None and parsed.begins else timed
        turn = Segment(
            source.stem, parsed.name, parsed.text, lines.number, parsed.start, parsed.end, {}
        )
    yield from lines.take_faults()
    if turn is not None:
        yield _whole(source, turn)


def _continues(line: _Line, timed: bool) -> bool:
    """Whether a line goes on with the turn before it, in a file whose turns are marked."""
    return line.start is None if timed else not line.begins


def _whole(source: Source, turn: Segment) -> Segment | Fault:
    if turn.text:
        return turn
    return Fault(source.name, turn.row, "names a speaker or a time, but nothing is said")


def _recognises(head: Head, options: ReadOptions) -> bool:
    if head.suffix in _SUFFIXES:
        return True
    lines = [line.strip() for line in head.text.splitlines() if line.strip()][:50]
    return bool(lines) and sum(_parse(line).begins for line in lines) * 2 > len(lines)


READER = Reader("plain text", _recognises, _read)
