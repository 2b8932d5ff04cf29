"""What a check of labelled data found, for people and for programs."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from objection_nlp.checking.telling_words import TellingWord
from objection_nlp.faults import Fault

if TYPE_CHECKING:
    from rich.console import Console

_SHOWN_PER_KIND = 10


@dataclass(frozen=True)
class CheckReport:
    """What a check of labelled data found.

    Attributes
    ----------
    files : int
        How many files were read.
    rows : int
        How many rows were sound by themselves.
    labels : dict of str to int
        How many of these carry each label.
    telling_words : tuple of TellingWord
        How much each label leans on one word.
    faults : tuple of Fault
        All that is wrong or doubtful, by file and row.
    """

    files: int
    rows: int
    labels: dict[str, int]
    telling_words: tuple[TellingWord, ...]
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> int:
        """How many faults have to be mended before the data is used."""
        return sum(fault.severity == "error" for fault in self.faults)

    @property
    def warnings(self) -> int:
        """How many faults want a look."""
        return len(self.faults) - self.errors

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values, for JSON."""
        return {
            "files": self.files,
            "rows": self.rows,
            "errors": self.errors,
            "warnings": self.warnings,
            "labels": self.labels,
            "telling_words": [asdict(word) for word in self.telling_words],
            "faults": [fault.to_dict() for fault in self.faults],
        }

    def show(self, console: "Console") -> None:
        """Print the report for people: the labels, then the faults by kind, errors first."""
        _show_labels(console, self.telling_words)
        kinds = Counter((fault.severity, fault.kind) for fault in self.faults)
        for severity, kind in sorted(kinds):
            faults = [
                fault for fault in self.faults if (fault.severity, fault.kind) == (severity, kind)
            ]
            _show_faults(console, f"{severity}: {kind} ({len(faults)})", faults)
        console.print(
            f"{self.rows} sound rows in {self.files} file(s): "
            f"{self.errors} error(s), {self.warnings} warning(s)"
        )


def _show_labels(console: "Console", words: tuple[TellingWord, ...]) -> None:
    from rich.table import Column, Table

    label = Column("label", no_wrap=True)
    table = Table(label, "rows", "most telling word", "share of rows", "elsewhere")
    for word in words:
        table.add_row(
            word.label, str(word.rows), word.word, f"{word.share:.0%}", f"{word.elsewhere:.0%}"
        )
    console.print(table)


def _show_faults(console: "Console", heading: str, faults: list[Fault]) -> None:
    from rich.text import Text

    style = "bold red" if faults[0].severity == "error" else "bold yellow"
    console.print(Text(heading, style=style))
    for fault in faults[:_SHOWN_PER_KIND]:
        console.print(Text(f"  {fault}"), soft_wrap=True)
    if len(faults) > _SHOWN_PER_KIND:
        console.print(f"  ... and {len(faults) - _SHOWN_PER_KIND} more; --json lists them all")
