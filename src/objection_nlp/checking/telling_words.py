"""The word that gives a label away, and how much the label leans on it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from objection_nlp.checking.word_table import WordTable

# A word tells something if it is this many times as common in the rows of a label as elsewhere.
_TIMES = 3
_BLOCK = 100_000


@dataclass(frozen=True)
class TellingWord:
    """The word that tells a label best from the others.

    Attributes
    ----------
    label : str
        The label.
    rows : int
        How many rows carry it.
    word : str
        The commonest word in these rows among those three times as common as elsewhere.
    share : float
        The share of these rows that hold the word (0-1).
    elsewhere : float
        The share of the other rows that hold it.
    """

    label: str
    rows: int
    word: str
    share: float
    elsewhere: float


def telling_words(
    table: WordTable, labels: Sequence[tuple[str, ...]], names: Sequence[str]
) -> list[TellingWord]:
    """Find the most telling word of each label.

    Parameters
    ----------
    table : WordTable
        The texts.
    labels : sequence of tuple of str
        The labels of each text.
    names : sequence of str
        The labels to report on; one that no text carries is left out.

    Returns
    -------
    list of TellingWord
        In the order of ``names``.

    Examples
    --------
    >>> table = WordTable.of(["storing bij de bank", "een storing", "ik bel de bank"])
    >>> telling_words(table, [("s",), ("s",), ("n",)], ["s"])
    [TellingWord(label='s', rows=2, word='storing', share=1.0, elsewhere=0.0)]
    """
    carries = np.array([[name in row for row in labels] for name in names], dtype=bool)
    counts = _rows_with_word(table, carries)
    everywhere = counts[-1]
    found = []
    for name, mask, inside in zip(names, carries, counts, strict=False):
        rows = int(mask.sum())
        if rows:
            share = inside / rows
            elsewhere = (everywhere - inside) / max(len(table) - rows, 1)
            best = int(np.argmax(np.where(share >= _TIMES * elsewhere, share, 0)))
            figures = round(float(share[best]), 4), round(float(elsewhere[best]), 4)
            found.append(TellingWord(name, rows, table.vocabulary[best], *figures))
    return found


def _rows_with_word(table: WordTable, carries: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Count the rows that hold each word: a line per label, the last one for all rows."""
    size = len(table.vocabulary)
    counts = np.zeros((len(carries) + 1, size), dtype=np.int64)
    for first in range(0, len(table), _BLOCK):
        last = min(first + _BLOCK, len(table))
        rows = np.repeat(np.arange(first, last), table.lengths[first:last])
        codes = table.codes[table.starts[first] : table.starts[last]]
        once = np.unique(rows * size + codes)
        rows, words = once // size, once % size
        counts[-1] += np.bincount(words, minlength=size)
        for line, mask in zip(counts, carries, strict=False):
            line += np.bincount(words[mask[rows]], minlength=size)
    return counts
