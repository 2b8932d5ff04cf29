"""Texts that are almost the same, found without comparing each with each.

Two steps. MinHash signatures, made with numpy for all texts at once, bring texts that share most
of their words into one bucket; rapidfuzz then measures how alike the texts in a bucket are, letter
by letter. A bucket is sorted and each text compared with the few before it, so that the work grows
with the number of texts, also where thousands are alike.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from objection_nlp.checking.word_table import WordTable

# 12 bands of 4: two texts that share 2 of 3 words meet in a band with a chance of 93 %.
_BANDS, _ROWS = 12, 4
# Before letters are compared, this share of the signatures has to agree.
_ROUGHLY = 0.5
_BEFORE = 3
_BATCH = 200_000


class Pair(NamedTuple):
    """Two texts that are almost the same: their numbers and how alike they are (0-1)."""

    first: int
    second: int
    likeness: float


def near_pairs(
    table: WordTable, rows: NDArray[np.int64], least: float = 0.9, seed: int = 0
) -> list[Pair]:
    """Find pairs of texts that are almost the same.

    Parameters
    ----------
    table : WordTable
        The texts.
    rows : ndarray of int64
        Which of them to compare.
    least : float, default 0.9
        How alike two texts have to be: 1 minus insertions and deletions of letters per letter.
    seed : int, default 0
        Of the signatures.

    Returns
    -------
    list of Pair
        In the order of the texts. In a large family of like texts each is paired with some.

    Examples
    --------
    >>> table = WordTable.of([
    ...     "die factuur is hier echt nooit aangekomen hoor",
    ...     "ik bel u morgen even terug over die bestelling",
    ...     "die factuur is hier echt nooit angekomen hoor",
    ... ])
    >>> [(pair.first, pair.second) for pair in near_pairs(table, np.arange(3))]
    [(0, 2)]
    """
    if len(rows) < 2:
        return []
    signatures = _signatures(table, seed)[:, rows]
    left, right = _candidates(signatures)
    found: list[Pair] = []
    for start in range(0, len(left), _BATCH):
        part = slice(start, start + _BATCH)
        found += _alike(table, rows[left[part]], rows[right[part]], least)
    return sorted(found)


def _signatures(table: WordTable, seed: int) -> NDArray[np.int32]:
    """Return MinHash signatures, a column per text: the least word in many shuffled orders."""
    random = np.random.default_rng(seed)
    signatures = np.empty((_BANDS * _ROWS, len(table)), dtype=np.int32)
    for line in signatures:
        shuffled = random.permutation(len(table.vocabulary)).astype(np.int32)
        np.minimum.reduceat(shuffled[table.codes], table.starts[:-1], out=line)
    return signatures


def _candidates(signatures: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of columns that meet in a band and agree in half of their signatures."""
    count = signatures.shape[1]
    keys = [
        np.minimum(left, right) * count + np.maximum(left, right)
        for band in range(_BANDS)
        for left, right in _bucket_pairs(_band_keys(signatures, band))
        for left, right in [_roughly_alike(signatures, left, right)]
    ]
    pairs = np.unique(np.concatenate(keys))
    return pairs // count, pairs % count


def _band_keys(signatures: NDArray[np.int32], band: int) -> NDArray[np.uint64]:
    keys = np.zeros(signatures.shape[1], dtype=np.uint64)
    for line in signatures[band * _ROWS : (band + 1) * _ROWS]:
        keys = keys * np.uint64(0x9E3779B97F4A7C15) + line.astype(np.uint64) + np.uint64(1)
    return keys


def _bucket_pairs(
    keys: NDArray[np.uint64],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield pairs with the same key: each with up to three before it."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    for step in range(1, min(_BEFORE, len(keys) - 1) + 1):
        same = np.flatnonzero(keys[step:] == keys[:-step])
        yield order[same], order[same + step]


def _roughly_alike(
    signatures: NDArray[np.int32], left: NDArray[np.int64], right: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    agree = np.zeros(len(left), dtype=np.int32)
    for line in signatures:
        agree += line[left] == line[right]
    keep = agree >= _ROUGHLY * len(signatures)
    return left[keep], right[keep]


def _alike(
    table: WordTable, left: NDArray[np.int64], right: NDArray[np.int64], least: float
) -> Iterator[Pair]:
    from rapidfuzz import fuzz
    from rapidfuzz.process import cpdist

    texts = {int(row): " ".join(table.words(row)) for row in np.union1d(left, right)}
    scores = cpdist(
        [texts[row] for row in left.tolist()],
        [texts[row] for row in right.tolist()],
        scorer=fuzz.ratio,
        score_cutoff=100 * least,
        workers=-1,
    )
    for pair in np.flatnonzero(scores):
        yield Pair(int(left[pair]), int(right[pair]), round(float(scores[pair]) / 100, 3))
