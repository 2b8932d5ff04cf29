"""Speakers' names: where they stand in a line, and what role they tell."""

import re
import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from objection_nlp.transcripts.turns import AGENT, DEBTOR, UNKNOWN, ReadOptions

_WORDS = re.compile(r"[^\W\d_]+")
_PART = r"[^\W\d_][\w.'’-]*"
_SMALL = r"(?:van|von|de|den|der|het|ter|ten|te|'t|el|al|d'|&)"
# What stands before a colon: bracketed, numbered, or one to four words of which none but a
# particle begins with a small letter.
_NAME = re.compile(
    r"(?:\[(?P<bracketed>[^\[\]:<>]{1,40})\]|"
    rf"(?P<plain>{_PART}(?: (?:{_SMALL}|{_PART}|\d+)){{0,4}}))\s*:(?:\s+|$)"
)


@lru_cache(maxsize=1)
def word_lists() -> dict[str, Any]:
    """Return the word lists of ``speakers.toml``."""
    file = resources.files("objection_nlp.transcripts") / "speakers.toml"
    return tomllib.loads(file.read_text("utf-8"))


def split_name(line: str) -> tuple[str | None, str]:
    """Split a line into the speaker's name before a colon, if there is one, and what is said.

    Examples
    --------
    >>> split_name("Jan de Boer: goedemorgen"), split_name("SPEAKER_01: ja")
    (('Jan de Boer', 'goedemorgen'), ('SPEAKER_01', 'ja'))
    >>> split_name("Luister: dat betaal ik niet"), split_name("ik zeg u: nee")
    ((None, 'Luister: dat betaal ik niet'), (None, 'ik zeg u: nee'))
    """
    match = _NAME.match(line)
    if match is None:
        return None, line
    name = match["bracketed"] or match["plain"]
    if match["plain"] and not _is_name(name):
        return None, line
    return name.strip(), line[match.end() :]


def _is_name(name: str) -> bool:
    words = name.split()
    if " ".join(words).lower() in word_lists()["no_names"]:
        return False
    if role_of(name) != UNKNOWN:
        return True
    return all(word[0].isupper() or word[0].isdigit() or _is_small(word) for word in words)


def _is_small(word: str) -> bool:
    return re.fullmatch(_SMALL, word) is not None


def role_of(name: str | None, options: ReadOptions | None = None) -> str:
    """Return the role that a speaker's name stands for.

    Parameters
    ----------
    name : str or None
        What the file calls the speaker.
    options : ReadOptions, optional
        Names that the user has given a role; they come before what a name says itself.

    Examples
    --------
    >>> role_of("Klant"), role_of("AGENT_1"), role_of("Spreker 2"), role_of(None)
    ('debtor', 'agent', 'unknown', 'unknown')
    """
    if not name:
        return UNKNOWN
    plain = name.strip().casefold()
    for role, given in _given(options):
        if plain in given:
            return role
    return _role_of_words(plain)


def _given(options: ReadOptions | None) -> list[tuple[str, set[str]]]:
    if options is None:
        return []
    return [
        (AGENT, {name.strip().casefold() for name in options.agents}),
        (DEBTOR, {name.strip().casefold() for name in options.debtors}),
    ]


@lru_cache(maxsize=4096)
def _role_of_words(plain: str) -> str:
    words = set(_WORDS.findall(plain))
    if words & set(word_lists()["agent_names"]):
        return AGENT
    return DEBTOR if words & set(word_lists()["debtor_names"]) else UNKNOWN
