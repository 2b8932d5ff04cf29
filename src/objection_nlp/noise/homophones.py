"""The words that sound alike, from ``homophones.toml``."""

import tomllib
from collections import defaultdict
from functools import lru_cache
from importlib import resources
from typing import NamedTuple


class Sounds(NamedTuple):
    """What a recogniser mixes up, and what it must not.

    Attributes
    ----------
    alike : dict of str to tuple of str
        For a word, or two words that sound like a compound, what it is taken for.
    negations : frozenset of str
        Words that turn a meaning round; never in ``alike``.
    fillers : tuple of str
        Sounds between words.
    """

    alike: dict[str, tuple[str, ...]]
    negations: frozenset[str]
    fillers: tuple[str, ...]


@lru_cache(maxsize=1)
def sounds() -> Sounds:
    """Return the lists, each pair in both directions.

    Examples
    --------
    >>> sounds().alike["wordt"], "niet" in sounds().negations
    (('word',), True)
    """
    raw = tomllib.loads((resources.files(__package__) / "homophones.toml").read_text("utf-8"))
    alike: dict[str, list[str]] = defaultdict(list)
    for one, other in (pair for pairs in raw["pairs"].values() for pair in pairs):
        alike[one].append(other)
        alike[other].append(one)
    return Sounds(
        {word: tuple(others) for word, others in alike.items()},
        frozenset(raw["negations"]),
        tuple(raw["fillers"]),
    )
