"""JSONL: one object per line, a turn each."""

import json

from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.table import Records, find_columns, is_output
from objection_nlp.transcripts.text import JSONL_SUFFIXES, Head, Lines
from objection_nlp.transcripts.turns import Fault, ReadOptions, UnreadableError

_decode = json.JSONDecoder().decode


def _read(source: Source, options: ReadOptions) -> Segments:
    lines = Lines(source)
    records = Records(source, options)
    for line in lines:
        if lines.faults:
            yield from lines.take_faults()
        if line.isspace():
            continue
        try:
            record = _decode(line)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            yield Fault(source.name, lines.number, "is no JSON object; it may be cut short")
            continue
        if lines.number == 1 and is_output(record):
            raise UnreadableError(
                source.name, "was written by annotating and is not read back; give the transcript"
            )
        yield records.segment(record, lines.number)
    yield from lines.take_faults()


def _recognises(head: Head, options: ReadOptions) -> bool:
    if head.suffix in JSONL_SUFFIXES:
        return True
    return head.first_object is not None and "text" in find_columns(head.first_object, options)


READER = Reader("JSONL", _recognises, _read)
