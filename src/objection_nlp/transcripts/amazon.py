"""Amazon Transcribe: the standard output with speaker or channel labels, and Call Analytics."""

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
)


def _is_standard(document: Json) -> bool:
    results = document.get("results")
    return isinstance(results, dict) and "transcripts" in results and "items" in results


def _standard(document: Json) -> Pieces:
    results = document["results"]
    if results.get("audio_segments"):
        return by_time([_audio(segment) for segment in results["audio_segments"]]), as_is
    return grouped_words(_words(results)), as_is


def _audio(segment: Any) -> Piece:
    return Piece(
        segment.get("speaker_label") or segment.get("channel_label"),
        segment["transcript"],
        seconds(segment["start_time"]),
        seconds(segment["end_time"]),
    )


def _words(results: Json) -> list[Piece]:
    """Return the words in order; a sign joins the word before it."""
    speakers = _speakers(results)
    words: list[Piece] = []
    for item in _items(results):
        content = item["alternatives"][0]["content"]
        if item["type"] == "punctuation":
            if words:
                words[-1] = words[-1]._replace(text=words[-1].text + content)
            continue
        speaker = item.get("speaker_label") or speakers.get(item["start_time"])
        times = seconds(item["start_time"]), seconds(item["end_time"])
        words.append(Piece(speaker or item.get("channel_label"), content, *times))
    return words


def _items(results: Json) -> list[Any]:
    """Return the items; those of several channels in the order in which they were said."""
    channels = results.get("channel_labels", {}).get("channels", [])
    if not channels:
        return list(results["items"])
    timed: list[tuple[float, int, Any]] = []
    for channel in channels:
        start = 0.0
        for item in channel["items"]:
            start = seconds(item.get("start_time")) or start
            timed.append((start, len(timed), item | {"channel_label": channel["channel_label"]}))
    return [item for _, _, item in sorted(timed, key=lambda one: one[:2])]


def _speakers(results: Json) -> dict[str, str]:
    """Return who speaks at each start time, where that stands apart from the words."""
    segments = results.get("speaker_labels", {}).get("segments", [])
    return {
        item["start_time"]: item["speaker_label"]
        for segment in segments
        for item in segment["items"]
    }


def _is_analytics(document: Json) -> bool:
    return isinstance(document.get("Transcript"), list) and "Participants" in document


def _analytics(document: Json) -> Pieces:
    return document["Transcript"], _said


def _said(entry: Any) -> Piece:
    role = entry.get("ParticipantRole") or entry.get("ParticipantId")
    start, end = entry["BeginOffsetMillis"] / 1000, entry["EndOffsetMillis"] / 1000
    return Piece(role, entry["Content"], start, end)


STANDARD = document_reader("Amazon Transcribe", _is_standard, _standard)
CALL_ANALYTICS = document_reader("Amazon Transcribe Call Analytics", _is_analytics, _analytics)
