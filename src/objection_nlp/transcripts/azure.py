"""Azure Speech batch transcription: ``recognizedPhrases`` per channel, with ticks of 100 ns."""

from typing import Any

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.document import Json, Piece, Pieces, document_reader, label

_TICKS = 10_000_000


def _recognises(document: Json) -> bool:
    return isinstance(document.get("recognizedPhrases"), list)


def _pieces(document: Json) -> Pieces:
    return sorted(document["recognizedPhrases"], key=_begin), _piece


def _piece(phrase: Any) -> Piece:
    begin = _begin(phrase)
    name = label("speaker", phrase.get("speaker")) or label("channel", phrase.get("channel"))
    return Piece(name, phrase["nBest"][0]["display"], begin, round(begin + _length(phrase), 6))


def _begin(phrase: Any) -> float:
    return _time(phrase, "offset")


def _length(phrase: Any) -> float:
    return _time(phrase, "duration")


def _time(phrase: Any, kind: str) -> float:
    ticks = phrase.get(f"{kind}InTicks")
    found = seconds(phrase[kind]) if ticks is None else ticks / _TICKS
    if found is None:
        raise ValueError(f"a phrase without {kind}")
    return found


READER = document_reader("Azure Speech batch", _recognises, _pieces)
