"""Plain text: ``[00:12] Klant: ...`` or ``Klant: ...`` per line; other lines continue the turn."""

import re
from collections.abc import Iterator
from pathlib import Path

from objection_nlp.transcripts.turns import Reader, Turn, role_of

_LINE = re.compile(
    r"^\s*(?:\[?(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,2}):(?P<s>\d{2}(?:[.,]\d{1,3})?)\]?\s+)?"
    r"(?:(?P<name>[^\W\d_][\w .-]{0,30}?)\s*:\s+)(?P<text>.*)$"
)


def _read(file: Path) -> Iterator[Turn]:
    turn: Turn | None = None
    count = 0
    with file.open(encoding="utf-8-sig") as stream:
        for number, raw in enumerate(stream, start=1):
            line = raw.strip()
            if not line:
                continue
            match = _LINE.match(line)
            if match is None and turn is not None:
                turn = _continued(turn, line)
                continue
            if turn is not None:
                yield turn
            turn = _begin(file, count, number, line, match)
            count += 1
    if turn is not None:
        yield turn


def _begin(file: Path, count: int, number: int, line: str, match: re.Match[str] | None) -> Turn:
    if match is None:
        return Turn(file.stem, count, role_of(None), line, number)
    return Turn(
        file.stem, count, role_of(match["name"]), match["text"], number, start=_seconds(match)
    )


def _continued(turn: Turn, line: str) -> Turn:
    return Turn(
        turn.call_id, turn.turn, turn.speaker, f"{turn.text} {line}", turn.row, turn.start, turn.end
    )


def _seconds(match: re.Match[str]) -> float | None:
    if match["s"] is None:
        return None
    seconds = float(match["s"].replace(",", "."))
    return int(match["h"] or 0) * 3600 + int(match["m"]) * 60 + seconds


READER = Reader("plain text", (".txt",), _read)
