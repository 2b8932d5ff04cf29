"""Templates: rows that share a frame of small words with many others.

A row written from a template keeps its small words and changes the others: "die _ van _ is hier
nooit bij ons _". So each content word becomes a slot, every window of eight positions is a frame,
and frames that stand in many rows betray the template. Frames are safe to show: they hold no
content word, and so no name and no number.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from objection_nlp.checking.word_table import WordTable

SLOT = "_"
WIDTH = 8
# A frame of slots alone would fit everything.
_LEAST_SMALL = 5


class Repeat(NamedTuple):
    """A row with a frame that many rows share, the frame, and how many they are."""

    row: int
    frame: str
    rows: int


def skeleton_repeats(table: WordTable, rows: NDArray[np.int64], least: int) -> list[Repeat]:
    """Find rows that share a frame with many others.

    Parameters
    ----------
    table : WordTable
        The texts.
    rows : ndarray of int64
        Which of them to look at.
    least : int
        How many rows make a frame a template.

    Returns
    -------
    list of Repeat
        In the order of the rows; for each the frame that most rows share.

    Examples
    --------
    >>> things = ("fiets", "tafel", "lamp")
    >>> table = WordTable.of(f"wij zijn over die {thing} niet te spreken hoor" for thing in things)
    >>> skeleton_repeats(table, np.arange(3), least=3)[0]
    Repeat(row=0, frame='wij zijn over die _ niet te _', rows=3)
    """
    chosen = np.zeros(len(table), dtype=bool)
    chosen[rows] = True
    places, owners, keys = _windows(table, chosen)
    often, counts = _frequent(owners, keys, least)
    return list(_repeats(table, places, owners, keys, often, counts))


def _small_codes(table: WordTable) -> NDArray[np.int32]:
    """Return each word's number plus one where it is a small word, 0 where it is a slot."""
    from spacy.lang.nl.stop_words import STOP_WORDS

    small = np.fromiter((word in STOP_WORDS for word in table.vocabulary), dtype=bool)
    return np.where(small, np.arange(1, len(small) + 1), 0).astype(np.int32)


def _windows(
    table: WordTable, chosen: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.uint64]]:
    """Return where each usable window begins, whose it is, and a key that its frame alone fixes."""
    frame = _small_codes(table)[table.codes]
    if len(frame) < WIDTH:
        return np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.uint64)
    owner = np.repeat(np.arange(len(table), dtype=np.int32), table.lengths)
    small = np.concatenate([[0], np.cumsum(frame > 0, dtype=np.int32)])
    usable = owner[: -WIDTH + 1] == owner[WIDTH - 1 :]
    usable &= small[WIDTH:] - small[:-WIDTH] >= _LEAST_SMALL
    usable &= chosen[owner[: -WIDTH + 1]]
    places = np.flatnonzero(usable)
    keys = np.zeros(len(places), dtype=np.uint64)
    for step in range(WIDTH):
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + frame[places + step].astype(np.uint64)
    return places, owner[places], keys


def _frequent(
    owners: NDArray[np.int32], keys: NDArray[np.uint64], least: int
) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return the keys, sorted, that stand in at least so many rows, and in how many."""
    values, counts = np.unique(keys, return_counts=True)
    values = values[counts >= least]
    some = np.flatnonzero(np.isin(keys, values))
    span = int(owners.max(initial=0)) + 1
    once = np.unique(np.searchsorted(values, keys[some]) * span + owners[some])
    rows = np.bincount(once // span, minlength=len(values))
    return values[rows >= least], rows[rows >= least]


def _repeats(
    table: WordTable,
    places: NDArray[np.int64],
    owners: NDArray[np.int32],
    keys: NDArray[np.uint64],
    often: NDArray[np.uint64],
    counts: NDArray[np.int64],
) -> Iterator[Repeat]:
    hits = np.flatnonzero(np.isin(keys, often))
    rows = counts[np.searchsorted(often, keys[hits])]
    order = np.lexsort((places[hits], -rows, owners[hits]))
    _, firsts = np.unique(owners[hits][order], return_index=True)
    codes = _small_codes(table)
    for index in order[firsts]:
        start = places[hits[index]]
        window = table.codes[start : start + WIDTH]
        frame = " ".join(table.vocabulary[code] if codes[code] else SLOT for code in window)
        yield Repeat(int(owners[hits[index]]), frame, int(rows[index]))
