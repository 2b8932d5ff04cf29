"""Words into the likeliest sequence of known pieces.

Source: Kudo (2018), "Subword Regularization", the unigram language model: the pieces of a word
are those whose log-probabilities add up to most.
"""

from collections.abc import Iterable, Sequence
from typing import Any

# Stands before the first piece of a word.
WORD_START = "\u2581"
# What no vocabulary holds is read as one unknown piece per character, as a last resort.
_UNKNOWN_SCORE = -30.0
_LONGEST = 20
_REMEMBERED = 50_000
# A word of more characters is noise; the rest of it is not read.
_WORD_LIMIT = 100


class PieceVocabulary:
    """Cuts words into pieces.

    Parameters
    ----------
    pieces : sequence of str
        The pieces; their places are their numbers.
    scores : sequence of float
        The log-probability of each.
    unknown : int
        The number of the piece that stands for what is not in the vocabulary.

    Examples
    --------
    >>> vocabulary = PieceVocabulary(["?", "▁de", "▁", "d", "e"], [0, -1, -2, -3, -3], unknown=0)
    >>> vocabulary.cut("de"), vocabulary.cut("dx")
    ((1,), (2, 3, 0))
    """

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], unknown: int) -> None:
        self._places = {piece: place for place, piece in enumerate(pieces) if place != unknown}
        self._scores = [float(score) for score in scores]
        self._unknown = unknown
        # Most words of an utterance were met a moment ago.
        self._met: dict[str, tuple[int, ...]] = {}

    def read(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of the pieces of several words, one after the other."""
        return [place for word in words for place in self.cut(word)]

    def cut(self, word: str) -> tuple[int, ...]:
        """Return the numbers of the pieces of one word."""
        pieces = self._met.get(word)
        if pieces is None:
            if len(self._met) >= _REMEMBERED:
                self._met.clear()
            pieces = self._met[word] = self._cut(word)
        return pieces

    def __getstate__(self) -> dict[str, Any]:
        # What callers said does not travel with a copy.
        return self.__dict__ | {"_met": {}}

    def _cut(self, word: str) -> tuple[int, ...]:
        """Find the best way to each character in turn (Viterbi)."""
        text = WORD_START + word[:_WORD_LIMIT]
        best = [0.0] + [float("-inf")] * len(text)
        steps: list[tuple[int, int]] = [(0, self._unknown)] * (len(text) + 1)
        for start in range(len(text)):
            if best[start] + _UNKNOWN_SCORE > best[start + 1]:
                best[start + 1] = best[start] + _UNKNOWN_SCORE
                steps[start + 1] = (start, self._unknown)
            for end in range(start + 1, min(len(text), start + _LONGEST) + 1):
                place = self._places.get(text[start:end])
                if place is not None and best[start] + self._scores[place] > best[end]:
                    best[end] = best[start] + self._scores[place]
                    steps[end] = (start, place)
        found = []
        end = len(text)
        while end:
            end, place = steps[end]
            found.append(place)
        return tuple(reversed(found))
