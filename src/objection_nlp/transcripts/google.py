"""Google Speech-to-Text: ``results`` with alternatives; words with a speaker where it has them."""

from collections.abc import Iterator
from typing import Any

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.document import (
    Json,
    Piece,
    Pieces,
    as_is,
    document_reader,
    grouped_words,
    label,
)


def _results(document: Json) -> Any:
    """Return the results, also of a long-running operation, which wraps them."""
    return document.get("results") or (document.get("response") or {}).get("results")


def _recognises(document: Json) -> bool:
    results = _results(document)
    return isinstance(results, list) and any("alternatives" in result for result in results)


def _pieces(document: Json) -> Pieces:
    results = [result for result in _results(document) if result.get("alternatives")]
    # Version 1 gives all words a speaker in the last result only; those before have none.
    words = list(_tagged_words(results))
    if words:
        return grouped_words(words), as_is
    return [*_said(results)], as_is


def _tagged_words(results: list[Any]) -> Iterator[Piece]:
    for result in results:
        for word in result["alternatives"][0].get("words", []):
            speaker = word.get("speakerLabel") or word.get("speakerTag")
            if speaker:
                yield Piece(label("speaker", speaker), word["word"], *_times(word))


def _times(word: Any) -> tuple[float | None, float | None]:
    start = word.get("startTime", word.get("startOffset"))
    return seconds(start), seconds(word.get("endTime", word.get("endOffset")))


def _said(results: list[Any]) -> Iterator[Piece]:
    """Yield a piece per result; it begins where its words do, or else the one before it ended."""
    ends: dict[Any, float | None] = {}
    for result in results:
        channel, best = result.get("channelTag"), result["alternatives"][0]
        words = best.get("words", [])
        end = seconds(result.get("resultEndTime", result.get("resultEndOffset")))
        start = _times(words[0])[0] if words else ends.get(channel, 0.0 if end else None)
        ends[channel] = end
        yield Piece(label("channel", channel), best["transcript"], start, end)


READER = document_reader("Google Speech-to-Text", _recognises, _pieces)
