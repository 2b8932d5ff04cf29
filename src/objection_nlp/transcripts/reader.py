"""What a reader is: a name, a way to recognise its format, and a way to read it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.text import Head
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment

Segments = Iterator[Segment | Fault]


class Reader(NamedTuple):
    """A transcript format.

    Attributes
    ----------
    name : str
        What a user calls the format.
    recognises : callable
        Whether a file that begins so is of this format.
    read : callable
        Yields the file's segments in order, and a fault for each row that cannot be read. Raises
        ``TranscriptError`` where nothing more of the file can be read.
    """

    name: str
    recognises: Callable[[Head, ReadOptions], bool]
    read: Callable[[Source, ReadOptions], Segments]
