"""What a run over transcripts came to."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Self

from objection_nlp.annotation.rows import Annotated

_SHOWN = 20


@dataclass
class AnnotationSummary:
    """What a run came to.

    Attributes
    ----------
    files, calls, turns : int
        How many were annotated.
    labels : Counter of str
        How often each label was named.
    speakers : Counter of str
        Speakers of calls: ``named`` by the file, ``inferred`` from what is said, or ``unknown``.
    errors : int
        Files and rows that could not be read.
    faults : list of str
        The first of them, with file and row.
    """

    files: int = 0
    calls: int = 0
    turns: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    speakers: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, done: Annotated) -> None:
        """Add what came of a block."""
        block = done.block
        self.files += block.files
        self.calls += block.calls
        self.turns += done.turns
        self.labels += done.labels
        self.speakers += block.speakers
        self.errors += len(block.faults)
        self.faults += map(str, block.faults[: _SHOWN - len(self.faults)])

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as a plain dictionary."""
        # Not asdict(): before Python 3.12 it takes the items of a Counter for things to count.
        return vars(self) | {"labels": dict(self.labels), "speakers": dict(self.speakers)}

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> Self:
        """Return the summary that :meth:`to_dict` has written."""
        counters = {key: Counter(stored[key]) for key in ("labels", "speakers")}
        return cls(**(stored | counters))
