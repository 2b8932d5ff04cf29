"""Deepgram: ``results`` with utterances, or channels with paragraphs or words."""

from collections.abc import Iterator
from typing import Any

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.document import (
    Json,
    Piece,
    Pieces,
    as_is,
    by_time,
    document_reader,
    grouped_words,
    label,
)


def _recognises(document: Json) -> bool:
    results = document.get("results")
    return isinstance(results, dict) and isinstance(results.get("channels"), list)


def _pieces(document: Json) -> Pieces:
    results = document["results"]
    several = len(results["channels"]) > 1
    if results.get("utterances"):
        return results["utterances"], _utterance_of_channel if several else _utterance
    pieces = [
        piece
        for number, channel in enumerate(results["channels"])
        for piece in _channel(channel["alternatives"][0], number if several else None)
    ]
    return by_time(pieces), as_is


def _utterance(utterance: Any) -> Piece:
    times = seconds(utterance["start"]), seconds(utterance["end"])
    return Piece(label("speaker", utterance.get("speaker")), utterance["transcript"], *times)


def _utterance_of_channel(utterance: Any) -> Piece:
    return _utterance(utterance)._replace(name=label("channel", utterance.get("channel")))


def _channel(best: Any, number: int | None) -> Iterator[Piece]:
    channel = label("channel", number)
    paragraphs = (best.get("paragraphs") or {}).get("paragraphs")
    pieces = _paragraphs(paragraphs) if paragraphs else grouped_words(_words(best))
    for piece in pieces:
        yield piece if channel is None else piece._replace(name=channel)


def _paragraphs(paragraphs: list[Any]) -> list[Piece]:
    return [
        Piece(
            label("speaker", paragraph.get("speaker")),
            " ".join(sentence["text"] for sentence in paragraph["sentences"]),
            seconds(paragraph["start"]),
            seconds(paragraph["end"]),
        )
        for paragraph in paragraphs
    ]


def _words(best: Any) -> Iterator[Piece]:
    for word in best.get("words", []):
        text = word.get("punctuated_word") or word["word"]
        times = seconds(word["start"]), seconds(word["end"])
        yield Piece(label("speaker", word.get("speaker")), text, *times)


READER = document_reader("Deepgram", _recognises, _pieces)
