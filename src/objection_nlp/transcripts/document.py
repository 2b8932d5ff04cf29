"""What the readers of recognisers' JSON files share."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.text import Head, read_whole
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment, UnreadableError

Json = dict[str, Any]


class Piece(NamedTuple):
    """What one element of a recogniser's file says."""

    name: str | None
    text: str
    start: float | None
    end: float | None


# The elements of a file, and what turns one of them into a piece.
Pieces = tuple[Iterable[Any], Callable[[Any], Piece]]


def document_reader(
    name: str, recognises: Callable[[Json], bool], pieces: Callable[[Json], Pieces]
) -> Reader:
    """Make a reader of a JSON format from two functions of the parsed file.

    Parameters
    ----------
    name : str
        What a user calls the format.
    recognises : callable
        Whether a parsed file is of this format.
    pieces : callable
        The elements of the file in the order in which they were said, and a function that makes
        a :class:`Piece` of one; it may fail on an element that lacks what it needs.
    """

    def seen(head: Head, options: ReadOptions) -> bool:
        return head.document is not None and recognises(head.document)

    def read(source: Source, options: ReadOptions) -> Segments:
        try:
            elements, make = pieces(json.loads(read_whole(source)))
        except _UNFIT as error:
            raise UnreadableError(
                source.name, f"looks like {name} but is not built like it; export it again"
            ) from error
        return _segments(source, elements, make)

    return Reader(name, seen, read)


_UNFIT = (KeyError, TypeError, ValueError, AttributeError, IndexError)


def _segments(
    source: Source, elements: Iterable[Any], make: Callable[[Any], Piece]
) -> Iterator[Segment | Fault]:
    for row, element in enumerate(elements, start=1):
        try:
            piece = make(element)
            text = piece.text.strip()
        except _UNFIT:
            yield Fault(source.name, row, "a segment with a text and times was expected")
            continue
        if text:
            yield Segment(source.stem, piece.name, text, row, piece.start, piece.end, {})
        else:
            yield Fault(source.name, row, "has times but no text")


def label(kind: str, value: Any) -> str | None:
    """Name a speaker or channel that a file only numbers.

    Examples
    --------
    >>> label("speaker", 0), label("speaker", "A"), label("channel", None)
    ('speaker 0', 'speaker A', None)
    """
    return None if value is None or value == "" else f"{kind} {value}"


def grouped_words(words: Iterable[Piece]) -> list[Piece]:
    """Join words that one speaker says in a row; where no speaker is known, those of a sentence.

    Examples
    --------
    >>> grouped_words([Piece("a", "ja", 0.0, 0.2), Piece("a", "hoor", 0.3, 0.5)])
    [Piece(name='a', text='ja hoor', start=0.0, end=0.5)]
    """
    groups: list[list[Piece]] = []
    for word in words:
        if groups and _goes_on(groups[-1][-1], word):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_joined(group) for group in groups]


def _goes_on(last: Piece, word: Piece) -> bool:
    """Whether a word belongs to what was said before; where nobody is named, to its sentence."""
    if last.name != word.name:
        return False
    return last.name is not None or not last.text.endswith((".", "?", "!"))


def _joined(words: list[Piece]) -> Piece:
    text = " ".join(word.text for word in words)
    return Piece(words[0].name, text, words[0].start, words[-1].end)


def by_time(pieces: list[Piece]) -> list[Piece]:
    """Put pieces of several channels in the order in which they were said."""
    return sorted(pieces, key=lambda piece: piece.start or 0.0)


def as_is(piece: Piece) -> Piece:
    """Return a piece that was made already."""
    return piece
