"""The word lists of ``dutch.toml``, read once."""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple


class Words(NamedTuple):
    """The word lists of ``dutch.toml``."""

    fillers: frozenset[str]
    months: frozenset[str]
    weekdays: frozenset[str]
    currency: frozenset[str]
    spelling: dict[str, tuple[str, ...]]


def read_lists() -> dict[str, Any]:
    """Return the file as it is."""
    return tomllib.loads((resources.files(__package__) / "dutch.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the lists that cleaning needs, ready for look-ups."""
    raw = read_lists()
    spelling = {word: tuple(plain.split()) for word, plain in raw["spelling"].items()}
    return Words(
        frozenset(raw["fillers"]),
        frozenset(raw["months"]),
        frozenset(raw["weekdays"]),
        frozenset(raw["currency"]),
        spelling,
    )
