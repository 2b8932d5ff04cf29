"""What every reader yields: the turns of calls, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

DEBTOR, AGENT, UNKNOWN = "debtor", "agent", "unknown"

_AGENTS = frozenset(
    {
        *("agent", "medewerker", "medewerkster", "adviseur", "beller", "incasso"),
        *("creditmanager", "operator", "caller", "employee", "representative"),
    }
)
_DEBTORS = frozenset(
    {
        *("debiteur", "debtor", "klant", "customer", "client", "contact", "gebelde"),
        *("schuldenaar", "consument"),
    }
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker says before another takes over, as a transcript file has it.

    Attributes
    ----------
    call_id : str
        Which call of the file this is; the file's name where the file holds one call.
    turn : int
        Number of the turn in its call, from 0.
    speaker : str
        ``debtor``, ``agent`` or ``unknown``.
    text : str
        What was said.
    row : int
        Line, cue or row of the file that the turn comes from, from 1.
    start, end : float or None
        Seconds from the beginning of the call.
    extra : dict of str to str
        Further columns of the file, carried along.
    """

    call_id: str
    turn: int
    speaker: str
    text: str
    row: int
    start: float | None = None
    end: float | None = None
    extra: dict[str, Any] = field(default_factory=dict)


class Reader(NamedTuple):
    """A transcript format: how it is recognised and how it is read."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Iterator[Turn]]


def role_of(name: str | None) -> str:
    """Return the role that a speaker's name stands for.

    Examples
    --------
    >>> role_of("Klant"), role_of("AGENT 1"), role_of("Spreker 2"), role_of(None)
    ('debtor', 'agent', 'unknown', 'unknown')
    """
    words = (name or "").lower().replace("_", " ").split()
    if any(word in _AGENTS for word in words):
        return AGENT
    return DEBTOR if any(word in _DEBTORS for word in words) else UNKNOWN
