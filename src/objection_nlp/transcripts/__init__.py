"""Transcript files in, turns out: one reader per format behind one function.

source -> head -> the reader that recognises it -> segments -> turns

A new reader is one small module with a ``Reader`` and one line in ``_READERS``.
"""

from collections.abc import Iterator
from pathlib import Path

from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts import (
    amazon,
    assemblyai,
    azure,
    deepgram,
    delimited,
    google,
    jsonl,
    parquet,
    plain,
    subtitles,
    whisper,
)
from objection_nlp.transcripts.conversation import Census, turns_of
from objection_nlp.transcripts.reader import Reader, Segments
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.text import Head
from objection_nlp.transcripts.turns import Fault, ReadOptions, Turn, UnreadableError

# The first that recognises a file reads it: from formats with clear marks to those without.
_READERS: tuple[Reader, ...] = (
    parquet.READER,
    subtitles.WEBVTT,
    subtitles.SUBRIP,
    whisper.READER,
    amazon.STANDARD,
    amazon.CALL_ANALYTICS,
    azure.READER,
    google.READER,
    deepgram.READER,
    assemblyai.READER,
    jsonl.READER,
    delimited.READER,
    plain.READER,
)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_turns(path: str | Path, options: ReadOptions | None = None) -> Iterator[Turn]:
    """Yield the turns of a transcript file, in order, without holding the file in memory.

    Parameters
    ----------
    path : str or Path
        A file of one of the known formats, told by what is in it; ``.gz`` is unpacked.
    options : ReadOptions, optional
        Columns, names and joining, where the file does not tell them.

    Yields
    ------
    Turn

    Raises
    ------
    TranscriptError
        If the file or a row of it cannot be read; with file and row. Turns before that row have
        been yielded.
    """
    for item in read_source(Source(Path(path)), options or ReadOptions()):
        if isinstance(item, Fault):
            raise TranscriptError(str(item))
        yield item


def read_source(
    source: Source, options: ReadOptions, census: Census | None = None
) -> Iterator[Turn | Fault]:
    """Yield the turns of a transcript in order, and a fault for each row that cannot be read.

    A fault because of which nothing more of the file can be read comes last.
    """
    yield from turns_of(read_segments(source, options), source.name, options, census)


def read_segments(source: Source, options: ReadOptions) -> Segments:
    """Yield the segments of a transcript as the file has them, and its faults."""
    try:
        if not source.path.is_file():
            raise UnreadableError(source.name, "there is no such file")
        yield from find_reader(source, options).read(source, options)
    except UnreadableError as error:
        yield error.fault


def find_reader(source: Source, options: ReadOptions) -> Reader:
    """Return the reader that knows a file's format.

    Raises
    ------
    TranscriptError
        If the file is empty, of an unknown format or in an unknown encoding.
    """
    head = Head(source)
    _check_readable(head)
    for reader in _READERS:
        if reader.recognises(head, options):
            return reader
    if head.text.lstrip().startswith(("{", "[")):
        raise UnreadableError(
            source.name,
            "is JSON of no known recogniser, or cut short; export it again",
        )
    known = ", ".join(reader.name for reader in _READERS)
    raise UnreadableError(source.name, f"is of an unknown format; expected one of {known}")


def _check_readable(head: Head) -> None:
    name = head.source.name
    if not head.raw.strip():
        raise UnreadableError(name, "is empty")
    if head.raw.startswith(_UTF_16):
        raise UnreadableError(
            name,
            "is UTF-16; save it as UTF-8, or run `iconv -f UTF-16 -t UTF-8`",
        )
    if b"\0" in head.raw and not head.raw.startswith(b"PAR1"):
        raise UnreadableError(
            name,
            "holds bytes that no text has; expected a transcript in UTF-8 or Parquet",
        )
