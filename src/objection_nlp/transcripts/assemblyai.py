"""AssemblyAI: ``utterances`` with a speaker's letter and milliseconds, or words alone."""

from typing import Any

from objection_nlp.transcripts.document import (
    Json,
    Piece,
    Pieces,
    as_is,
    document_reader,
    grouped_words,
    label,
)


def _recognises(document: Json) -> bool:
    return "text" in document and ("audio_url" in document or "language_model" in document)


def _pieces(document: Json) -> Pieces:
    if document.get("utterances"):
        return document["utterances"], _piece
    return grouped_words(_piece(word) for word in document["words"]), as_is


def _piece(said: Any) -> Piece:
    name = label("speaker", said.get("speaker") or said.get("channel"))
    return Piece(name, said["text"], said["start"] / 1000, said["end"] / 1000)


READER = document_reader("AssemblyAI", _recognises, _pieces)
