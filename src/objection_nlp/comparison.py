"""What a comparison of two models came to, for people and for programs."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from objection_nlp.bootstrap import Interval
from objection_nlp.card import shown
from objection_nlp.labels import join_labels

if TYPE_CHECKING:
    from rich.console import Console

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Difference:
    """One figure of two models.

    Attributes
    ----------
    name : str
        The figure, or the label whose F1 it is.
    old, new : float or None
        None where there is nothing to count.
    interval : (float, float) or None
        95 % of the resampled differences, new minus old.
    chance : float
        Share of resamples in which the new model is not worse: how well no loss fits the data.
    worse : bool
        Whether it is worse beyond chance, all figures of its family taken together.
    """

    name: str
    old: float | None
    new: float | None
    interval: Interval
    chance: float
    worse: bool = False


@dataclass(frozen=True)
class Change:
    """An utterance that one model answers rightly and the other does not.

    Attributes
    ----------
    file : str
    row : int
    text : str
    right, old, new : tuple of str
        Labels: the right ones and those of the two models.
    won : bool
        Whether the new model is the one that is right.
    """

    file: str
    row: int
    text: str
    right: tuple[str, ...]
    old: tuple[str, ...]
    new: tuple[str, ...]
    won: bool

    def to_dict(self) -> dict[str, Any]:
        """Return all but the text, as plain values."""
        return {
            "file": self.file,
            "row": self.row,
            "right": list(self.right),
            "old": list(self.old),
            "new": list(self.new),
            "won": self.won,
        }


@dataclass(frozen=True)
class Comparison:
    """What a comparison came to.

    Attributes
    ----------
    utterances, groups : int
    overall : tuple of Difference
        Macro-F1, main label right, exact set, false alarms.
    per_label : tuple of Difference
        F1 of each label.
    changes : tuple of Change
        What was won and lost, by file and row.
    golden : tuple of Change
        The same for the golden cases.
    golden_cases : int
        How many golden cases there are.
    """

    utterances: int
    groups: int
    overall: tuple[Difference, ...]
    per_label: tuple[Difference, ...]
    changes: tuple[Change, ...]
    golden: tuple[Change, ...]
    golden_cases: int

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the new model may not take the old one's place; empty where it may."""
        worse = [
            f"{of.name} is worse beyond chance: {of.old} before, {of.new} now"
            for of in (*self.overall, *self.per_label)
            if of.worse
        ]
        failed = [
            f"{case.file} row {case.row}: a golden case that the old model passed fails"
            for case in self.golden
            if not case.won
        ]
        return (*worse, *failed)

    def show(self, console: "Console") -> None:
        """Show figures, what was won and lost, golden cases and the verdict."""
        console.print(f"{self.utterances} utterances of {self.groups} groups")
        console.print(_table("figure", self.overall))
        console.print(_table("F1 of", self.per_label))
        for name, changes in (("utterances", self.changes), ("golden cases", self.golden)):
            for verb, won in (("won", True), ("lost", False)):
                _show_changes(console, f"{name} {verb}", [c for c in changes if c.won == won])
        for reason in self.reasons:
            console.print(Text(f"worse: {reason}", style="bold red"))
        if not self.reasons:
            console.print("The new model is not worse beyond chance.")

    def to_dict(self) -> dict[str, Any]:
        """Return everything but what was said, ready for JSON."""
        return {
            "utterances": self.utterances,
            "groups": self.groups,
            "overall": [asdict(of) for of in self.overall],
            "per_label": [asdict(of) for of in self.per_label],
            "changes": [change.to_dict() for change in self.changes],
            "golden": [case.to_dict() for case in self.golden],
            "golden_cases": self.golden_cases,
            "reasons": list(self.reasons),
        }


def _table(name: str, differences: Iterable[Difference]) -> Table:
    table = Table(name, "old", "new", "95 % of the difference", "")
    for of in differences:
        span = "" if of.interval is None else f"{of.interval[0]:+.3f} to {of.interval[1]:+.3f}"
        table.add_row(of.name, shown(of.old), shown(of.new), span, "worse" if of.worse else "")
    return table


def _show_changes(console: "Console", name: str, changes: Sequence[Change]) -> None:
    """Show changes with what was said, as text and never as markup."""
    console.print(Text(f"{name}: {len(changes)}", style="bold"))
    for change in changes[:_MOST_SHOWN]:
        old, new, right = map(join_labels, (change.old, change.new, change.right))
        console.print(Text(f"  {change.file} row {change.row}: {old} -> {new}, right: {right}"))
        console.print(Text(f"    {change.text}", style="dim"))
    if len(changes) > _MOST_SHOWN:
        console.print(f"  ... and {len(changes) - _MOST_SHOWN} more")
