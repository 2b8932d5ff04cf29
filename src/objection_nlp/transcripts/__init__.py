"""Transcript files in, turns out: one reader per format behind one function.

A new reader is one small module with a ``READER`` and one line in ``_READERS``.
"""

from collections.abc import Iterator
from pathlib import Path

from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts import plain, table
from objection_nlp.transcripts.turns import Reader, Turn

_READERS: tuple[Reader, ...] = (table.CSV, table.JSONL, plain.READER)


def read_turns(path: str | Path) -> Iterator[Turn]:
    """Yield the turns of a transcript file, in order, without holding the file in memory.

    Parameters
    ----------
    path : str or Path
        A file whose format is one of the known ones.

    Yields
    ------
    Turn

    Raises
    ------
    TranscriptError
        If the file cannot be read; with file and row. Turns before that row have been yielded.
    """
    file = Path(path)
    if not file.is_file():
        raise TranscriptError(f"{file}: there is no such file")
    reader = _reader_for(file)
    try:
        yield from reader.read(file)
    except UnicodeDecodeError as error:
        raise TranscriptError(
            f"{file}: is not UTF-8 (byte {error.start} of a block); save it as UTF-8"
        ) from error


def _reader_for(file: Path) -> Reader:
    for reader in _READERS:
        if file.suffix.lower() in reader.suffixes:
            return reader
    known = ", ".join(suffix for reader in _READERS for suffix in reader.suffixes)
    raise TranscriptError(f"{file}: is of an unknown format; expected one of {known}")
