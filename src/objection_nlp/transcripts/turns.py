"""What the readers yield and what comes of it: segments, faults and turns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from objection_nlp.errors import TranscriptError

DEBTOR, AGENT, UNKNOWN = "debtor", "agent", "unknown"

# The columns of an annotated file; no reader takes such a file for a transcript.
OUTPUT_COLUMNS = (
    "source",
    "call_id",
    "turn",
    "speaker",
    "start",
    "end",
    "text",
    "label",
    "labels",
    "confidence",
    "abstained",
    "guidance",
)


class Segment(NamedTuple):
    """One piece of speech as a file has it, before anyone knows who speaks.

    Attributes
    ----------
    call_id : str
        Which call of the file this is; the file's name where the file holds one call.
    name : str or None
        What the file calls the speaker.
    text : str
        What was said.
    row : int
        Line, cue or row of the file, from 1.
    start, end : float or None
        Seconds from the beginning of the call.
    extra : dict
        Further columns of the file, carried along.
    """

    call_id: str
    name: str | None
    text: str
    row: int
    start: float | None
    end: float | None
    extra: Mapping[str, Any]


class Fault(NamedTuple):
    """A file, or a row of it, that cannot be read.

    Attributes
    ----------
    source : str
        The file.
    row : int or None
        The row at fault; None where it is the whole file.
    reason : str
        What came, what was expected, what to do.
    """

    source: str
    row: int | None
    reason: str

    def __str__(self) -> str:
        where = self.source if self.row is None else f"{self.source} row {self.row}"
        return f"{where}: {self.reason}"


class UnreadableError(TranscriptError):
    """A fault because of which nothing more of a file can be read.

    Parameters
    ----------
    source : str
        The file.
    reason : str
        What came, what was expected, what to do.
    row : int, optional
        The row from which on nothing was read.
    """

    def __init__(self, source: str, reason: str, row: int | None = None) -> None:
        self.fault = Fault(source, row, reason)
        super().__init__(str(self.fault))


class Turn(NamedTuple):
    """What one speaker says before another takes over.

    Attributes
    ----------
    call_id : str
        Which call of the file this is.
    turn : int
        Number of the turn in its call, from 0.
    speaker : str
        ``debtor``, ``agent`` or ``unknown``.
    text : str
        What was said.
    row : int
        Line, cue or row of the file that the turn begins at, from 1.
    start, end : float or None
        Seconds from the beginning of the call.
    extra : dict
        Further columns of the file, carried along.
    """

    call_id: str
    turn: int
    speaker: str
    text: str
    row: int
    start: float | None
    end: float | None
    extra: Mapping[str, Any]


@dataclass(frozen=True)
class ReadOptions:
    """What a user may say about transcripts that the files do not say themselves.

    Attributes
    ----------
    columns : dict of str to str
        Which column of a table is our ``text``, ``speaker``, ``call_id``, ``start`` or ``end``.
    agents, debtors : tuple of str
        Names of speakers whose role is known.
    merge_gap : float or None
        Segments of one speaker that follow each other within this many seconds become one turn;
        None keeps every segment a turn of its own.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    agents: tuple[str, ...] = ()
    debtors: tuple[str, ...] = ()
    merge_gap: float | None = None
