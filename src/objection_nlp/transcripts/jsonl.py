"""JSONL: one object per line, a turn each."""

import json
from typing import Any

from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.table import Records, find_columns, is_output
from objection_nlp.transcripts.text import JSONL_SUFFIXES, Head, Lines
from objection_nlp.transcripts.turns import Fault, ReadOptions, UnreadableError

_decode = json.JSONDecoder().raw_decode


def _read(source: Source, options: ReadOptions) -> Segments:
    lines = Lines(source)
    records = Records(source, options)
    for line in lines:
        if lines.faults:
            yield from lines.take_faults()
        text = line.strip()
        if not text:
            continue
        record = _object(text)
        if record is None:
            yield Fault(source.name, lines.number, "is no JSON object; it may be cut short")
            continue
        if lines.number == 1 and is_output(record):
            raise UnreadableError(
                source.name, "was written by annotating and is not read back; give the transcript"
            )
        yield records.segment(record, lines.number)
    yield from lines.take_faults()


def _object(text: str) -> dict[str, Any] | None:
    """Return the object that a line is; None where it is none, or something follows it."""
    try:
        record, end = _decode(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) and end == len(text) else None


def _recognises(head: Head, options: ReadOptions) -> bool:
    if head.suffix in JSONL_SUFFIXES:
        return True
    return head.first_object is not None and "text" in find_columns(head.first_object, options)


READER = Reader("JSONL", _recognises, _read)
