"""Who is the debtor: by name where the file says so, else from what is said."""

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from objection_nlp.transcripts.names import role_of, word_lists
from objection_nlp.transcripts.turns import AGENT, DEBTOR, UNKNOWN, ReadOptions

# A role found from what is said is used from this confidence on.
SURE = 0.9
# How many turns of a speaker are listened to.
_TURNS = 40
# A firm's name at the beginning of a call is said by who calls.
_OPENING_TURNS = 2
_OPENING = re.compile(r"\b(?:u spreekt met|met) [\w '’-]{2,40} (?:van|bij|namens)\b")
_OPENING_WEIGHT = 1.5


class Role(NamedTuple):
    """What a speaker of a call is.

    Attributes
    ----------
    role : str
        ``debtor``, ``agent`` or ``unknown``.
    confidence : float
        0 to 1; 1 where the name says it.
    """

    role: str
    confidence: float


def find_roles(
    heard: Iterable[tuple[str | None, str]], options: ReadOptions | None = None
) -> dict[str | None, Role]:
    """Say who is who in one call.

    Parameters
    ----------
    heard : iterable of (name, text)
        The beginning of the call, or all of it.
    options : ReadOptions, optional
        Names that the user has given a role.

    Returns
    -------
    dict
        The role of each name. Where no speaker is named at all, nobody's role can be known.

    Examples
    --------
    >>> roles = find_roles([
    ...     ("A", "Goedemiddag, u spreekt met Tim van Sterckx. Ik bel u over de factuur."),
    ...     ("B", "Dat heb ik al betaald."),
    ... ])
    >>> roles["A"].role, roles["B"].role
    ('agent', 'debtor')
    """
    said: dict[str | None, list[str]] = {}
    for name, text in heard:
        said.setdefault(name, []).append(text)
    roles = {name: _by_name(name, options) for name in said}
    open_ = {name: texts for name, texts in said.items() if name and not roles[name].confidence}
    if open_:
        known = {role.role for role in roles.values()} - {UNKNOWN}
        roles |= _by_speech({name: _agent_logit(texts) for name, texts in open_.items()}, known)
    return roles


def _by_name(name: str | None, options: ReadOptions | None) -> Role:
    role = role_of(name, options)
    return Role(role, 0.0 if role == UNKNOWN else 1.0)


def _by_speech(logits: Mapping[str | None, float], known: set[str]) -> dict[str | None, Role]:
    """Tell roles from how each speaker talks; two are set against each other."""
    if len(logits) == 2 and not known:
        (one, first), (other, second) = logits.items()
        return {one: _role(first - second), other: _role(second - first)}
    # One side is named and one voice is left: it is the other side unless it speaks otherwise.
    left_over = len(known) == 1 and len(logits) == 1
    bias = (3.0 if DEBTOR in known else -3.0) if left_over else 0.0
    return {name: _role(logit + bias) for name, logit in logits.items()}


def _role(logit: float) -> Role:
    sure = 1 / (1 + math.exp(-abs(logit)))
    if sure < SURE:
        return Role(UNKNOWN, round(sure, 4))
    # Only a name is certain.
    return Role(AGENT if logit > 0 else DEBTOR, min(0.9999, round(sure, 4)))


@lru_cache(maxsize=1)
def _cues() -> list[tuple[re.Pattern[str], float]]:
    return [
        (re.compile("|".join(cue["words"])), float(cue["weight"])) for cue in word_lists()["cues"]
    ]


def _agent_logit(texts: list[str]) -> float:
    """Return how much speaks for a speaker to be the agent, in logits; 0 where nothing tells."""
    heard = [text.lower() for text in texts[:_TURNS]]
    logit = sum(_cue_logit(text) for text in heard)
    if any(_OPENING.search(text) for text in heard[:_OPENING_TURNS]):
        logit += _OPENING_WEIGHT
    return max(-12.0, min(12.0, logit))


def _cue_logit(text: str) -> float:
    return sum(weight for pattern, weight in _cues() if pattern.search(text))
