"""Whisper and WhisperX JSON: ``segments`` with a text, times, and with WhisperX a speaker."""

from typing import Any

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.document import Json, Piece, Pieces, document_reader


def _recognises(document: Json) -> bool:
    segments = document.get("segments")
    return isinstance(segments, list) and all(
        isinstance(segment, dict) and "text" in segment for segment in segments[:1]
    )


def _pieces(document: Json) -> Pieces:
    return document["segments"], _piece


def _piece(segment: Any) -> Piece:
    return Piece(
        segment.get("speaker"),
        segment["text"],
        seconds(segment.get("start")),
        seconds(segment.get("end")),
    )


READER = document_reader("Whisper JSON", _recognises, _pieces)
