"""Text files, read with care: encoding checked row by row, lines of bounded length."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TextIO

from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.turns import Fault, UnreadableError

# No turn of a call is as long as this; a longer line is noise, or an attempt to fill the memory.
MAX_LINE = 1 << 20
# A recogniser's file has to be held in memory as a whole.
MAX_DOCUMENT = 64 << 20
_HEAD = 1 << 16
JSONL_SUFFIXES = frozenset({".jsonl", ".ndjson"})
# Bytes that are not UTF-8 arrive as these code points ("surrogateescape").
_UNDECODED = re.compile("[\udc80-\udcff]")


class Head:
    """The beginning of a file: what a reader recognises its format by."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.suffix = source.suffix
        with source.open() as stream:
            self.raw = stream.read(_HEAD)
        self._whole = len(self.raw) < _HEAD

    @cached_property
    def text(self) -> str:
        """The text of the beginning, without a byte order mark."""
        return self.raw.decode("utf-8-sig", errors="replace")

    @cached_property
    def first_line(self) -> str:
        """The first line that holds anything."""
        return next((line for line in self.text.splitlines() if line.strip()), "")

    @cached_property
    def first_object(self) -> dict[str, Any] | None:
        """The JSON object that the first line is, where it is one."""
        return _as_object(self.first_line) if self.first_line.startswith("{") else None

    @cached_property
    def document(self) -> dict[str, Any] | None:
        """The JSON object that the whole file is, where it is one."""
        if not self.first_line.lstrip().startswith("{") or self.suffix in JSONL_SUFFIXES:
            return None
        rest = self.text.strip()[len(self.first_line.strip()) :]
        if self.first_object is not None and (rest or not self._whole):
            return None
        return _as_object(read_whole(self.source))


def _as_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_whole(source: Source) -> str:
    """Return the text of a file that has to be read as a whole.

    Raises
    ------
    TranscriptError
        If it is not UTF-8, or larger than any call's file.
    """
    with source.open() as stream:
        raw = stream.read(MAX_DOCUMENT + 1)
    if len(raw) > MAX_DOCUMENT:
        raise UnreadableError(
            source.name,
            f"is larger than {MAX_DOCUMENT >> 20} MB, which no call's file is; "
            "split it into a file per call",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(source, raw[: error.start].count(b"\n") + 1) from error


def not_utf8(source: Source, row: int) -> UnreadableError:
    """Return the error for a file in another encoding."""
    return UnreadableError(
        source.name,
        row=row,
        reason="is not UTF-8; from this row on nothing was read. It looks like "
        "Windows text (cp1252): save it as UTF-8, or run `iconv -f CP1252 -t UTF-8`",
    )


class Lines:
    """The lines of a text file, one by one; what is too long goes to ``faults``.

    Attributes
    ----------
    number : int
        The line at hand, from 1.
    faults : list of Fault
        Lines left out since the list was last emptied.
    """

    def __init__(self, source: Source, newline: str | None = None) -> None:
        self.number = 0
        self.faults: list[Fault] = []
        self._source = source
        self._newline = newline

    def __iter__(self) -> Iterator[str]:
        with self._opened() as stream:
            readline = stream.readline
            while line := readline(MAX_LINE):
                self.number += 1
                if len(line) == MAX_LINE and line[-1] != "\n":
                    self._leave_out(stream)
                    continue
                if not line.isascii() and _UNDECODED.search(line):
                    raise not_utf8(self._source, self.number)
                yield line

    @contextmanager
    def _opened(self) -> Iterator[TextIO]:
        with self._source.open() as raw:
            yield io.TextIOWrapper(
                raw, encoding="utf-8-sig", errors="surrogateescape", newline=self._newline
            )

    def _leave_out(self, stream: TextIO) -> None:
        while (rest := stream.readline(MAX_LINE)) and rest[-1] != "\n":
            pass
        reason = f"is a line of more than {MAX_LINE} characters; no turn is that long"
        self.faults.append(Fault(self._source.name, self.number, reason))

    def take_faults(self) -> list[Fault]:
        """Return the faults met so far and forget them."""
        faults, self.faults = self.faults, []
        return faults
