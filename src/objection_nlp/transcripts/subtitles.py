"""WebVTT and SubRip: cues with times, read one by one.

The libraries for subtitles (webvtt-py, pysubs2) are made for players: they drop a cue that they do
not understand without a word, know one voice per cue, give no line numbers and hold the file in
memory. Here every cue either becomes a segment or is reported with its line. webvtt-py is the
yardstick in the tests.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from objection_nlp.transcripts.clock import clock
from objection_nlp.transcripts.names import split_name
from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.text import Head, Lines
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment

_TIME = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,3})?)"
_CUE = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_TAG = re.compile(r"</?(?:v|c|i|b|u|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<[\d:.]+>|\{\\an?\d\}")

# Lines of a cue in, who says what out.
_Spoken = Callable[[list[str]], Iterator[tuple[str | None, str]]]


class _Block(NamedTuple):
    """Lines of a subtitle file between blank ones."""

    row: int
    lines: list[str]


def _blocks(lines: Lines) -> Iterator[_Block]:
    block = _Block(1, [])
    for line in lines:
        if line.strip():
            if not block.lines:
                block = _Block(lines.number, [])
            block.lines.append(line.strip())
        elif block.lines:
            yield block
            block = _Block(lines.number, [])
    if block.lines:
        yield block


def _read_vtt(source: Source, options: ReadOptions) -> Segments:
    lines = Lines(source)
    for block in _blocks(lines):
        yield from lines.take_faults()
        if not _is_setup(block):
            yield from _cue(source, block, _voices)
    yield from lines.take_faults()


def _is_setup(block: _Block) -> bool:
    """Whether a block of WebVTT is header, note, style or region, and no cue."""
    first = block.lines[0].split(maxsplit=1)[0]
    arrow = any("-->" in line for line in block.lines[:2])
    return first == "WEBVTT" or (first in {"NOTE", "STYLE", "REGION"} and not arrow)


def _read_srt(source: Source, options: ReadOptions) -> Segments:
    lines = Lines(source)
    for block in _blocks(lines):
        yield from lines.take_faults()
        yield from _cue(source, block, _plain_text)
    yield from lines.take_faults()


def _cue(source: Source, block: _Block, spoken: _Spoken) -> Segments:
    at = next((i for i, line in enumerate(block.lines[:2]) if "-->" in line), None)
    match = _CUE.match(block.lines[at]) if at is not None else None
    if at is None or match is None:
        reason = "a cue with a line like '00:00:01.000 --> 00:00:02.500' was expected"
        yield Fault(source.name, block.row, reason)
        return
    row, times = block.row + at, match.groups()
    start, end = clock(*times[:3]), clock(*times[3:])
    pieces = [(name, text) for name, text in spoken(block.lines[at + 1 :]) if text]
    if not pieces:
        yield Fault(source.name, row, "a cue without text")
    for name, text in pieces:
        yield Segment(source.stem, name, text, row, start, end, {})


def _voices(lines: list[str]) -> Iterator[tuple[str | None, str]]:
    """Yield what each voice of a WebVTT cue says."""
    before, *voiced = _VOICE.split(" ".join(lines))
    yield split_name(_words(html.unescape(_TAG.sub("", before))))
    for name, text in zip(voiced[::2], voiced[1::2], strict=True):
        yield html.unescape(name).strip() or None, _words(html.unescape(_TAG.sub("", text)))


def _plain_text(lines: list[str]) -> Iterator[tuple[str | None, str]]:
    yield split_name(_words(_TAG.sub("", " ".join(lines))))


def _words(text: str) -> str:
    return " ".join(text.split())


def _is_vtt(head: Head, options: ReadOptions) -> bool:
    return re.match(r"WEBVTT(?:\s|$)", head.text) is not None


def _is_srt(head: Head, options: ReadOptions) -> bool:
    lines = [line for line in head.text.splitlines() if line.strip()][:2]
    return any(_CUE.match(line) for line in lines)


WEBVTT = Reader("WebVTT", _is_vtt, _read_vtt)
SUBRIP = Reader("SubRip", _is_srt, _read_srt)
