"""The words of many texts as numbers, so that a million texts can be compared with numpy."""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Return the words of a text: lower case, without punctuation; at least one.

    Examples
    --------
    >>> words_of("Nee hoor, da's 'n half uur geleden al!")
    ['nee', 'hoor', "da's", 'n', 'half', 'uur', 'geleden', 'al']
    >>> words_of("...")
    ['...']
    """
    return _WORD.findall(text.casefold()) or [text]


@dataclass(frozen=True)
class WordTable:
    """Texts as numbers, one text after the other.

    Attributes
    ----------
    codes : ndarray of int32
        The words of all texts.
    starts : ndarray of int64
        Where each text begins in ``codes``, and where the last one ends.
    vocabulary : list of str
        The word behind each number.

    Examples
    --------
    >>> table = WordTable.of(["Ja, ja.", "nee"])
    >>> table.words(0), table.lengths.tolist(), table.vocabulary
    (['ja', 'ja'], [2, 1], ['ja', 'nee'])
    """

    codes: NDArray[np.int32]
    starts: NDArray[np.int64]
    vocabulary: list[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "WordTable":
        """Make a table of texts, words numbered in the order in which they are met."""
        known: dict[str, int] = {}
        codes, starts = array("i"), array("q", [0])
        for text in texts:
            codes.extend(known.setdefault(word, len(known)) for word in words_of(text))
            starts.append(len(codes))
        return cls(
            np.frombuffer(codes, dtype=np.int32) if codes else np.empty(0, np.int32),
            np.frombuffer(starts, dtype=np.int64),
            list(known),
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many words each text has."""
        return np.diff(self.starts)

    def words(self, row: int) -> list[str]:
        """Return the words of one text."""
        return [self.vocabulary[code] for code in self._slice(row)]

    def same_as(self) -> NDArray[np.int64]:
        """Return, for each text, the first text with the same words in the same order."""
        keys = np.fromiter(
            (hash(self._slice(row).tobytes()) for row in range(len(self))), np.int64, len(self)
        )
        _, firsts, which = np.unique(keys, return_index=True, return_inverse=True)
        return firsts[which].astype(np.int64)

    def _slice(self, row: int) -> NDArray[np.int32]:
        return self.codes[self.starts[row] : self.starts[row + 1]]
