"""What a trained model does with a batch of utterances: numbers in, probabilities out.

Only numpy and scipy are needed here, so that answering does not wait for the training stack.
The flow, for one utterance:

1. every token gets a score per label, the sum of what its n-grams are worth;
2. *views* of the utterance add these up: the whole of it, and its strongest window of a few
   words, because objections hide in the middle of long turns; each is divided by its length;
3. an encoder, where the model has one, adds views of its own: it reads the utterance as a whole;
4. two small linear models weigh the views: one says which label is the main one (probabilities
   that add up to 1), one says of each label by itself whether it is there at all (several can be).

Each view by n-grams is a sum over tokens, so what they add to the logit of a label is one too: that
is the evidence.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from objection_nlp.dutch import Utterance
from objection_nlp.features import BUCKETS, NgramHasher, Ngrams
from objection_nlp.semantic.encoder import Encoder

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

# Widths, in words, of the windows whose strongest one counts as a view of its own.
WINDOWS = (8, 16)
# Utterances scored at a time: large enough to spread numpy's overhead, small enough for the cache.
_BATCH = 256


@dataclass(frozen=True)
class NgramWeights:
    """What each known n-gram is worth.

    Attributes
    ----------
    buckets : int32 array of shape (n_known,)
        The buckets met in training, ascending.
    idf : float32 array of shape (n_known,)
        Inverse document frequency of each bucket.
    weights : float32 array of shape (n_known, n_labels)
        Weight of each bucket for each label.
    bias : float32 array of shape (n_labels,)
        Score of a text without any known n-gram.
    """

    buckets: NDArray[np.int32]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    _lookup: NDArray[np.int32] = field(init=False, repr=False, compare=False)
    _table: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Row 0 of the table stands for all buckets that are not known: it is worth nothing.
        lookup = np.zeros(BUCKETS, dtype=np.int32)
        lookup[self.buckets] = np.arange(1, len(self.buckets) + 1, dtype=np.int32)
        idf = self.idf.astype(np.float32)[:, None]
        worth = np.hstack([self.weights.astype(np.float32) * idf, np.square(idf)])
        object.__setattr__(self, "_lookup", lookup)
        object.__setattr__(self, "_table", np.vstack([np.zeros_like(worth[:1]), worth]))

    def token_scores(self, ngrams: Ngrams) -> FloatArray:
        """Return what each token is worth; features of two words are shared between them.

        Returns
        -------
        array of shape (n_tokens, n_labels + 1)
            Scores per label; the last column is the token's part of the squared length.
        """
        shape = (len(ngrams.word), len(self._table))
        starts = np.append(ngrams.gram_start, len(ngrams.gram))
        ones = np.ones(len(ngrams.gram), dtype=np.float32)
        own = sparse.csr_array((ones, self._lookup[ngrams.gram], starts), shape=shape)
        rows = self._lookup[ngrams.joint]
        met = np.flatnonzero(rows)  # most pairs of words were never met
        halves = np.full(2 * len(met), 0.5, dtype=np.float32)
        places = (ngrams.joint_tokens[met].ravel(), np.repeat(rows[met], 2))
        shared = sparse.coo_array((halves, places), shape=shape).tocsr()
        return np.asarray(own @ self._table + shared @ self._table, dtype=np.float64)

    def known(self, ngrams: Ngrams) -> FloatArray:
        """Return the share of each text's words that training has met; 0 for an empty text.

        All n-grams of a word that was met were met too. One bucket alone says little: a third of
        them are taken, so that every third new word would fall into one by chance.
        """
        met = np.zeros(len(ngrams.word))
        if len(met):
            met[:] = np.logical_and.reduceat(self._lookup[ngrams.gram] > 0, ngrams.gram_start)
        words = np.bincount(ngrams.text_of_token, minlength=ngrams.n_texts)
        return np.bincount(ngrams.text_of_token, met, ngrams.n_texts) / np.maximum(words, 1)


@dataclass(frozen=True)
class _Windows:
    """Cumulated token scores of a batch, from which any stretch of words is scored at once."""

    sums: FloatArray
    starts: IntArray
    text_of_token: IntArray

    @classmethod
    def of(cls, token_scores: FloatArray, ngrams: Ngrams) -> "_Windows":
        """Cumulate the scores of a batch."""
        lengths = np.bincount(ngrams.text_of_token, minlength=ngrams.n_texts)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        sums = np.zeros((len(token_scores) + 1, token_scores.shape[1]))
        np.cumsum(token_scores, axis=0, out=sums[1:])
        return cls(sums, starts, ngrams.text_of_token.astype(np.int64))

    def whole(self) -> FloatArray:
        """Return the scores of each text as a whole."""
        return self._scores(self.starts[:-1], self.starts[1:])

    def strongest(self, width: int) -> tuple[FloatArray, IntArray, IntArray]:
        """Return the best score of each text and label, and first and last word of all windows."""
        first = np.arange(len(self.text_of_token))
        begin, end = self.starts[self.text_of_token], self.starts[self.text_of_token + 1]
        # Near the end of its text a window is moved back, so that it stays as wide as it can.
        first = np.maximum(begin, np.minimum(first, end - width))
        last = np.minimum(first + width, end)
        best = np.zeros((len(self.starts) - 1, self.sums.shape[1] - 1))
        filled = np.flatnonzero(np.diff(self.starts))
        if len(filled):
            windows = self._scores(first, last)
            best[filled] = np.maximum.reduceat(windows, self.starts[filled], axis=0)
        return best, first, last

    def _scores(self, first: IntArray, last: IntArray) -> FloatArray:
        """Scores of stretches of words, divided by their length as a vector of n-grams."""
        sums = self.sums[last] - self.sums[first]
        return sums[:, :-1] / np.sqrt(np.maximum(sums[:, -1:], 1e-9))


def views(weights: NgramWeights, ngrams: Ngrams) -> FloatArray:
    """Score a batch as a whole and by its strongest windows.

    Returns
    -------
    array of shape (n_texts, (1 + len(WINDOWS)) * n_labels)
        The scores of the whole utterance first, then those of each window width.
    """
    windows = _Windows.of(weights.token_scores(ngrams), ngrams)
    scores = [windows.whole(), *(windows.strongest(width)[0] for width in WINDOWS)]
    return np.hstack([score + weights.bias for score in scores])


def softmax(logits: FloatArray) -> FloatArray:
    """Turn rows of logits into probabilities that add up to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(logits: FloatArray) -> FloatArray:
    """Turn each logit by itself into a probability."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))


@dataclass(frozen=True)
class Linear:
    """A linear map from views to a logit per label.

    Attributes
    ----------
    weights : float64 array of shape (n_views * n_labels, n_labels)
        The views by n-grams first, then those by an encoder.
    bias : float64 array of shape (n_labels,)
    """

    weights: FloatArray
    bias: FloatArray

    def __call__(self, scores: FloatArray) -> FloatArray:
        """Return the logits of a batch of views."""
        return np.asarray(scores @ self.weights + self.bias)


class Scores(NamedTuple):
    """What a model makes of a batch.

    Attributes
    ----------
    main : array of shape (n_texts, n_labels)
        Probability of each label to be the main one; rows add up to 1.
    presence : array of shape (n_texts, n_labels)
        Probability of each label to be there, alone or beside another.
    known : array of shape (n_texts,)
        Share of the words that training has met; 0 for an empty text.
    """

    main: FloatArray
    presence: FloatArray
    known: FloatArray


@dataclass(frozen=True)
class SecondModels:
    """From views to calibrated probabilities.

    Attributes
    ----------
    main : Linear
        To the logit of each label to be the main one.
    presence : Linear
        To the logit of each label to be there at all.
    prior : float64 array of shape (n_labels,)
        Share of each label in training: the answer for what cannot be read.
    """

    main: Linear
    presence: Linear
    prior: FloatArray

    def score(self, scores: FloatArray, known: FloatArray) -> Scores:
        """Turn the views of a batch into probabilities; without a known word, into the prior."""
        readable = known[:, None] > 0
        main = np.where(readable, softmax(self.main(scores)), self.prior)
        return Scores(main, np.where(readable, sigmoid(self.presence(scores)), self.prior), known)


@dataclass(frozen=True)
class Scorer:
    """A trained model: arrays, and the way from utterances to probabilities.

    Attributes
    ----------
    ngrams : NgramWeights
        The first model.
    second : SecondModels
        The second models.
    encoder : Encoder, optional
        What reads utterances as a whole.
    """

    ngrams: NgramWeights
    second: SecondModels
    encoder: Encoder | None = None
    _hasher: NgramHasher = field(default_factory=NgramHasher, init=False, repr=False, compare=False)

    def score(self, utterances: Sequence[Utterance]) -> Scores:
        """Score utterances in batches."""
        batches = [
            self._score_batch(utterances[start : start + _BATCH])
            for start in range(0, len(utterances), _BATCH)
        ]
        if not batches:
            nothing = np.zeros((0, len(self.second.prior)))
            return Scores(nothing, nothing, np.zeros(0))
        return Scores(*map(np.concatenate, zip(*batches, strict=True)))

    def _score_batch(self, utterances: Sequence[Utterance]) -> Scores:
        ngrams = self._hasher(utterances)
        seen = views(self.ngrams, ngrams)
        if self.encoder is not None:
            seen = np.hstack([seen, self.encoder.views(utterances)])
        return self.second.score(seen, self.ngrams.known(ngrams))

    def token_evidence(self, utterance: Utterance, label: int) -> FloatArray:
        """Return what each token adds to the logit of one label, against the mean of all labels.

        The sum over the tokens is exactly what the n-grams add to the logit (a linear model over
        linear views), so removing evidence lowers the label. What an encoder adds cannot be told
        word by word and is left out; without one, a constant is all that is missing.

        Returns
        -------
        array of shape (n_tokens,)
        """
        ngrams = self._hasher([utterance])
        scores = self.ngrams.token_scores(ngrams)
        weights = self.second.main.weights[: (1 + len(WINDOWS)) * (scores.shape[1] - 1)]
        gain = (weights[:, label] - weights.mean(axis=1)).reshape(1 + len(WINDOWS), -1)
        windows = _Windows.of(scores, ngrams)
        evidence = scores[:, :-1] @ gain[0] / np.sqrt(max(scores[:, -1].sum(), 1e-9))
        for weight, width in zip(gain[1:], WINDOWS, strict=True):
            evidence += _window_evidence(scores, windows, weight, width)
        return np.asarray(evidence)


def _window_evidence(
    scores: FloatArray, windows: _Windows, weight: FloatArray, width: int
) -> FloatArray:
    """Spread the score of each label's strongest window over the words in it."""
    _, first, last = windows.strongest(width)
    all_scores = windows._scores(first, last)
    evidence = np.zeros(len(scores))
    for label, best in enumerate(all_scores.argmax(axis=0)):
        inside = slice(first[best], last[best])
        length = np.sqrt(max(scores[inside, -1].sum(), 1e-9))
        evidence[inside] += scores[inside, label] * weight[label] / length
    return evidence
