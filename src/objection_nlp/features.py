"""Utterances to numbers: hashed word and character n-grams, for a whole batch at once.

Each word form is turned into the hashes of itself and of its character n-grams only once and
then kept, so that a batch costs a few array operations instead of a walk over every character.
Nothing is fitted here; what the hashes are worth is learnt in ``classifier.py``.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from objection_nlp.dutch import Utterance

IntArray = NDArray[np.int32]

BUCKETS = 1 << 20
CHAR_NGRAMS = (2, 6)
NEGATIONS = ("niet", "geen", "nooit", "niets", "nergens", "zonder", "nee")
# How many words after a negation are read as negated.
NEGATION_SCOPE = 3

# Words of one text that stand this far apart make a pair; those further apart than two words
# share one kind, so that it matters little how many words come between.
PAIR_DISTANCES = (1, 2, 3, 4)
# How many words at each edge of a text also count as first or last words.
EDGE_WORDS = 4

_MAX_CACHED = 200_000
# Odd multipliers that spread the hash of an ordered pair over the buckets (Knuth, TAOCP 6.4);
# one for each way in which words can stand together.
_NEIGHBOURS, _SKIP, _FAR, _NEGATED, _EDGE, _TRIPLE = (
    np.uint64(0x9E3779B97F4A7C15 + 2 * i) for i in range(6)
)
_RIGHT = np.uint64(0xC2B2AE3D27D4EB4F)
_VERY_FIRST, _VERY_LAST, _FIRST, _LAST = range(4)


class Ngrams(NamedTuple):
    """The hashed n-grams of a batch, laid out flat.

    A *token* is one word form of one text; tokens are numbered through the whole batch.

    Attributes
    ----------
    n_texts : int
        How many texts the batch has, those without tokens included.
    text_of_token : array of shape (n_tokens,)
        The position in the batch of the text that each token stands in.
    word : array of shape (n_tokens,)
        Bucket of each token as a whole word.
    gram : array of shape (n_grams,)
        Buckets of the tokens' own features: the word, its character n-grams, its lemma.
    gram_start : array of shape (n_tokens,)
        Where in ``gram`` each token's features begin.
    joint : array of shape (n_joint,)
        Buckets of features that rest on two or three tokens, or on the place of one.
    joint_tokens : array of shape (n_joint, 2)
        The outer two tokens (the same one twice for a word at the edge of its text).
    """

    n_texts: int
    text_of_token: IntArray
    word: IntArray
    gram: IntArray
    gram_start: IntArray
    joint: IntArray
    joint_tokens: IntArray


class NgramHasher:
    """Hashes the n-grams of utterances into ``BUCKETS`` buckets.

    Examples
    --------
    >>> from objection_nlp.dutch import DutchPipeline
    >>> ngrams = NgramHasher()(DutchPipeline().analyse(["geen factuur", ""]))
    >>> ngrams.n_texts, ngrams.text_of_token.tolist()
    (2, [0, 0])
    """

    def __init__(self) -> None:
        self._cache: dict[str, IntArray] = {}
        self._negations = np.array([_hash_form(word)[0] for word in NEGATIONS], dtype=np.int32)

    def __call__(self, utterances: Sequence[Utterance]) -> Ngrams:
        """Hash a batch of utterances."""
        lengths = [len(utterance.forms) for utterance in utterances]
        text_of_token = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        if not len(text_of_token):
            none = np.zeros(0, dtype=np.int32)
            return Ngrams(len(lengths), none, none, none, none, none, none.reshape(0, 2))
        grams = [self._grams(key) for key in _keys(utterances)]
        sizes = np.fromiter(map(len, grams), dtype=np.int32, count=len(grams))
        gram = np.concatenate(grams)
        gram_start = np.cumsum(sizes, dtype=np.int32) - sizes
        word = gram[gram_start]
        joint, joint_tokens = _joint(word, text_of_token, self._negations)
        return Ngrams(len(lengths), text_of_token, word, gram, gram_start, joint, joint_tokens)

    def _grams(self, key: str) -> IntArray:
        grams = self._cache.get(key)
        if grams is None:
            if len(self._cache) >= _MAX_CACHED:
                self._cache.clear()
            grams = self._cache[key] = _hash_form(*key.split("\t"))
        return grams


def _keys(utterances: Sequence[Utterance]) -> Iterator[str]:
    """Yield each token as a key of the cache: its form, and its lemma where there is one."""
    for utterance in utterances:
        if utterance.lemmas is None:
            yield from utterance.forms
        else:
            yield from map("\t".join, zip(utterance.forms, utterance.lemmas, strict=True))


def _hash_form(form: str, lemma: str | None = None) -> IntArray:
    """Return the buckets of one word: itself first, then its character n-grams and lemma."""
    padded = f" {form} "
    shortest, longest = CHAR_NGRAMS
    names = [f"w{form}"]
    names += [
        padded[start : start + size]
        for size in range(shortest, longest + 1)
        for start in range(len(padded) - size + 1)
    ]
    if lemma is not None:
        names += [f"l{lemma.rpartition('/')[0]}", f"p{lemma}"]
    hashes = [zlib.crc32(name.encode()) % BUCKETS for name in names]
    return np.array(hashes, dtype=np.int32)


def _joint(
    word: IntArray, text_of_token: IntArray, negations: IntArray
) -> tuple[IntArray, IntArray]:
    """Return buckets and tokens of all features that rest on more than one word of a text."""
    groups = [
        _pairs(word, text_of_token),
        _negated(word, text_of_token, negations),
        _triples(word, text_of_token),
        _edges(word, text_of_token),
    ]
    buckets, firsts, lasts = (np.concatenate(part) for part in zip(*groups, strict=True))
    return buckets, np.stack([firsts, lasts], axis=1)


def _pairs(word: IntArray, text_of_token: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Hash pairs of words that stand up to four apart."""
    lefts = [_left_of(text_of_token, distance) for distance in PAIR_DISTANCES]
    distances = np.repeat(PAIR_DISTANCES, [len(left) for left in lefts]).astype(np.int32)
    kinds = np.array([0, _NEIGHBOURS, _SKIP] + [_FAR] * 2, dtype=np.uint64)[distances]
    left = np.concatenate(lefts)
    right = left + distances
    return _pair_buckets(word[left], word[right], kinds), left, right


def _negated(
    word: IntArray, text_of_token: IntArray, negations: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Hash each word in the scope of a negation together with it."""
    negating = np.flatnonzero(np.isin(word, negations)).astype(np.int32)
    left = np.repeat(negating, NEGATION_SCOPE)
    right = left + np.tile(np.arange(1, NEGATION_SCOPE + 1, dtype=np.int32), len(negating))
    inside = right < len(word)
    left, right = left[inside], right[inside]
    together = text_of_token[left] == text_of_token[right]
    left, right = left[together], right[together]
    return _pair_buckets(word[left], word[right], _NEGATED), left, right


def _triples(word: IntArray, text_of_token: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Hash three words in a row."""
    left = _left_of(text_of_token, 2)
    right = left + np.int32(2)
    pair = _pair_buckets(word[left], word[left + 1], _NEIGHBOURS)
    return _pair_buckets(pair, word[right], _TRIPLE), left, right


def _edges(word: IntArray, text_of_token: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Hash the first and the last words of each text as such: how a turn opens tells who speaks."""
    changes = np.flatnonzero(np.diff(text_of_token)).astype(np.int32)
    starts = np.append(np.int32(0), changes + np.int32(1))
    ends = np.append(changes, np.int32(len(word) - 1))
    tokens, roles = [starts, ends], [_VERY_FIRST, _VERY_LAST]
    for step in range(EDGE_WORDS):
        long_enough = ends - starts >= step
        tokens += [starts[long_enough] + np.int32(step), ends[long_enough] - np.int32(step)]
        roles += [_FIRST, _LAST]
    token = np.concatenate(tokens)
    role = np.repeat(np.array(roles, dtype=np.int32), [len(part) for part in tokens])
    return _pair_buckets(word[token], role, _EDGE), token, token


def _left_of(text_of_token: IntArray, distance: int) -> IntArray:
    """Return the tokens that have a token of the same text ``distance`` to the right."""
    same = text_of_token[distance:] == text_of_token[: max(len(text_of_token) - distance, 0)]
    return np.flatnonzero(same).astype(np.int32)


def _pair_buckets(
    left: IntArray, right: IntArray, kind: np.uint64 | NDArray[np.uint64]
) -> IntArray:
    """Multiply-shift hash of ordered pairs of buckets."""
    mixed = left.astype(np.uint64) * kind + (right.astype(np.uint64) + np.uint64(1)) * _RIGHT
    mixed ^= mixed >> np.uint64(29)
    mixed *= _NEIGHBOURS
    return (mixed >> np.uint64(44)).astype(np.int32)
