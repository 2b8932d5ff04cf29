"""A fine-tuned transformer encoder, run with numpy: utterances in, scores per label out.

Source of the architecture: Devlin et al. (2019), "BERT"; of the weights that fine-tuning starts
from: Wang et al. (2024), "Multilingual E5 Text Embeddings" (MIT licence).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from objection_nlp.dutch import Utterance
from objection_nlp.semantic.pieces import PieceVocabulary

FloatArray = NDArray[np.float32]
_Part = TypeVar("_Part")

ATTENTION_HEADS = 12
# More pieces than this of one utterance are not read: the first and the last are.
MAX_PIECES = 128
# Special pieces, by their places: begin, padding, end, unknown.
BEGIN, PADDING, END, UNKNOWN = range(4)
_EPSILON = 1e-12
# No weight of an encoder is anywhere near it.
_GREATEST = 1e4
_GELU_SLOPE = np.float32(np.sqrt(2 / np.pi))
_GELU_CUBE = np.float32(0.044715) * _GELU_SLOPE
# Utterances that go through the network together; sorted by length, so that little is padding.
_BATCH = 16
MATRICES = ("query", "key", "value", "attended", "up", "down")
NORMS = ("attended_norm", "output_norm")


@dataclass(frozen=True)
class Dense:
    """A matrix and what is added after it.

    Attributes
    ----------
    matrix : float32 array of shape (n_inputs, n_outputs)
    bias : float32 array of shape (n_outputs,)
    """

    matrix: FloatArray
    bias: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return ``values @ matrix + bias``."""
        return np.asarray(values @ self.matrix + self.bias, dtype=np.float32)


@dataclass(frozen=True)
class Norm:
    """Layer normalisation, with a gain and a shift of shape (width,)."""

    gain: FloatArray
    shift: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return each row with mean 0 and variance 1, scaled and shifted."""
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        return np.asarray(centred / np.sqrt(variance + _EPSILON) * self.gain + self.shift)


@dataclass(frozen=True)
class Layer:
    """One layer of the encoder."""

    query: Dense
    key: Dense
    value: Dense
    attended: Dense
    attended_norm: Norm
    up: Dense
    down: Dense
    output_norm: Norm

    @classmethod
    def of(cls, dense: Callable[[str], Dense], norm: Callable[[str], Norm]) -> Self:
        """Put a layer together from what finds its parts by their names."""
        return cls(
            query=dense("query"),
            key=dense("key"),
            value=dense("value"),
            attended=dense("attended"),
            attended_norm=norm("attended_norm"),
            up=dense("up"),
            down=dense("down"),
            output_norm=norm("output_norm"),
        )

    def __call__(self, values: FloatArray, padding: FloatArray) -> FloatArray:
        """Let every piece look at the others of its text.

        Parameters
        ----------
        values : array of shape (n_texts, n_pieces, width)
        padding : array of shape (n_texts, 1, 1, n_pieces)
            0 for a piece, a very low number for padding.
        """
        query, key, value = (_by_head(part(values)) for part in (self.query, self.key, self.value))
        weights = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(query.shape[-1])) + padding
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        mixed = weights @ value / weights.sum(axis=-1, keepdims=True)
        together = mixed.swapaxes(1, 2).reshape(values.shape)
        values = self.attended_norm(values + self.attended(together))
        return self.output_norm(values + self.down(_gelu(self.up(values))))


@dataclass(frozen=True)
class Encoder:
    """Scores utterances as a whole.

    Attributes
    ----------
    pieces : tuple of str
        The vocabulary.
    piece_scores : float32 array of shape (n_pieces,)
    words : float32 array of shape (n_pieces, width)
        The vector of each piece.
    positions : float32 array of shape (MAX_PIECES, width)
        The vector of each place in a text.
    input_norm : Norm
    layers : tuple of Layer
    heads : Dense
        From the mean and the greatest of the pieces' vectors to two scores per label: that it is
        the main one, and that it is there at all.
    """

    pieces: tuple[str, ...]
    piece_scores: FloatArray
    words: FloatArray
    positions: FloatArray
    input_norm: Norm
    layers: tuple[Layer, ...]
    heads: Dense
    _vocabulary: PieceVocabulary = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        vocabulary = PieceVocabulary(self.pieces, self.piece_scores.tolist(), UNKNOWN)
        object.__setattr__(self, "_vocabulary", vocabulary)

    def read(self, utterance: Utterance) -> list[int]:
        """Return the numbers of an utterance's pieces, with those for its begin and end."""
        return bounded(self._vocabulary.read(utterance.forms))

    def views(self, utterances: Sequence[Utterance]) -> NDArray[np.float64]:
        """Score a batch.

        Returns
        -------
        array of shape (n_texts, 2 * n_labels)
            Logit of each label to be the main one, then of each label to be there.
        """
        rows = [self.read(utterance) for utterance in utterances]
        scores = np.zeros((len(rows), len(self.heads.bias)))
        for batch in by_length([len(row) for row in rows], _BATCH):
            scores[batch] = self._score([rows[i] for i in batch])
        return scores

    def _score(self, rows: Sequence[Sequence[int]]) -> FloatArray:
        places, there = padded(rows)
        values = self.input_norm(self.words[places] + self.positions[: places.shape[1]])
        padding = np.where(there, np.float32(0), np.float32(-1e9))[:, None, None, :]
        for layer in self.layers:
            values = layer(values, padding)
        inside = there[:, :, None]
        mean = np.where(inside, values, 0).sum(axis=1) / inside.sum(axis=1)
        most = np.where(inside, values, np.float32(-1e4)).max(axis=1)
        return self.heads(np.hstack([mean, most]).astype(np.float32))


def bounded(pieces: Sequence[int]) -> list[int]:
    """Add the begin and the end; of more pieces than can be read keep the first and the last."""
    room = MAX_PIECES - 2
    if len(pieces) > room:
        pieces = [*pieces[: room // 2], *pieces[-(room - room // 2) :]]
    return [BEGIN, *pieces, END]


def padded(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return rows of one length, and where they hold pieces instead of padding."""
    longest = max(map(len, rows))
    places = np.full((len(rows), longest), PADDING, dtype=np.int64)
    for i, row in enumerate(rows):
        places[i, : len(row)] = row
    lengths = np.array([len(row) for row in rows])
    return places, np.arange(longest) < lengths[:, None]


def by_length(lengths: Sequence[int], size: int) -> Iterator[NDArray[np.int64]]:
    """Yield the places of texts in batches of about one length."""
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _by_head(values: FloatArray) -> FloatArray:
    n_texts, n_pieces, _ = values.shape
    return values.reshape(n_texts, n_pieces, ATTENTION_HEADS, -1).swapaxes(1, 2)


def _gelu(values: FloatArray) -> FloatArray:
    """Gaussian error linear unit by its usual approximation: ten times as fast as the exact one.

    Source: Hendrycks and Gimpel (2016), "Gaussian Error Linear Units".
    """
    inner = values * (_GELU_CUBE * values * values + _GELU_SLOPE)
    return np.asarray(values * np.float32(0.5) * (1 + np.tanh(inner)))


# --- as arrays, for the model directory ----------------------------------------------------------


def to_arrays(encoder: Encoder) -> dict[str, NDArray[Any]]:
    """Return an encoder as plain arrays; matrices as whole numbers of 8 bits with a scale a row.

    Examples
    --------
    >>> whole, scale = _to_bytes(np.array([[1.0, -0.5], [0.0, 0.0]], dtype=np.float32))
    >>> whole.tolist()
    [[127, -64], [0, 0]]
    """
    blob = "\n".join(encoder.pieces).encode()
    arrays: dict[str, NDArray[Any]] = {
        "pieces": np.frombuffer(blob, dtype=np.uint8),
        "piece_scores": encoder.piece_scores,
        "positions": encoder.positions.astype(np.float16),
        "input_norm": np.stack([encoder.input_norm.gain, encoder.input_norm.shift]),
        "heads": encoder.heads.matrix,
        "heads_bias": encoder.heads.bias,
    }
    arrays["words"], arrays["words_scale"] = _to_bytes(encoder.words)
    for name in MATRICES:
        parts: list[Dense] = [getattr(layer, name) for layer in encoder.layers]
        stored = [_to_bytes(part.matrix.T) for part in parts]
        arrays[name] = np.stack([whole for whole, _ in stored])
        arrays[f"{name}_scale"] = np.stack([scale for _, scale in stored])
        arrays[f"{name}_bias"] = np.stack([part.bias for part in parts])
    for name in NORMS:
        norms: list[Norm] = [getattr(layer, name) for layer in encoder.layers]
        arrays[name] = np.stack([np.stack([norm.gain, norm.shift]) for norm in norms])
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[Any]], n_labels: int) -> Encoder:
    """Rebuild an encoder, after a look at each array.

    Raises
    ------
    ValueError
        If an array is missing, or its type, shape or range is not that of an encoder.
    """
    pieces = tuple(bytes(_checked(arrays, "pieces", np.uint8, (None,))).decode().split("\n"))
    n_pieces = len(pieces)
    _, width = _checked(arrays, "words", np.int8, (n_pieces, None)).shape
    depth, inner, _ = _checked(arrays, "up", np.int8, (None, None, width)).shape
    if width < ATTENTION_HEADS or width % ATTENTION_HEADS or n_pieces <= UNKNOWN:
        raise ValueError("the encoder's vectors or pieces are too few")
    sizes = {"up": (width, inner), "down": (inner, width)}
    dense = {
        name: _dense_parts(arrays, name, depth, *sizes.get(name, (width, width)))
        for name in MATRICES
    }
    norms = {
        name: [Norm(*part) for part in _checked(arrays, name, np.float32, (depth, 2, width))]
        for name in NORMS
    }
    layers = tuple(Layer.of(_nth(dense, i), _nth(norms, i)) for i in range(depth))
    words = arrays["words"] * _checked(arrays, "words_scale", np.float32, (n_pieces, 1))
    return Encoder(
        pieces,
        _checked(arrays, "piece_scores", np.float32, (n_pieces,)),
        words,
        _checked(arrays, "positions", np.float16, (MAX_PIECES, width)).astype(np.float32),
        Norm(*_checked(arrays, "input_norm", np.float32, (2, width))),
        layers,
        Dense(
            _checked(arrays, "heads", np.float32, (2 * width, 2 * n_labels)),
            _checked(arrays, "heads_bias", np.float32, (2 * n_labels,)),
        ),
    )


def _to_bytes(matrix: FloatArray) -> tuple[NDArray[np.int8], FloatArray]:
    scale = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), 1e-12) / 127
    return np.rint(matrix / scale).astype(np.int8), scale.astype(np.float32)


def _nth(parts: Mapping[str, Sequence[_Part]], i: int) -> Callable[[str], _Part]:
    return lambda name: parts[name][i]


def _dense_parts(
    arrays: Mapping[str, NDArray[Any]], name: str, depth: int, n_inputs: int, n_outputs: int
) -> list[Dense]:
    whole = _checked(arrays, name, np.int8, (depth, n_outputs, n_inputs))
    scale = _checked(arrays, f"{name}_scale", np.float32, (depth, n_outputs, 1))
    bias = _checked(arrays, f"{name}_bias", np.float32, (depth, n_outputs))
    matrices = (whole * scale).swapaxes(1, 2)
    return [
        Dense(np.ascontiguousarray(matrix), part)
        for matrix, part in zip(matrices, bias, strict=True)
    ]


def _small(array: NDArray[Any]) -> bool:
    return bool((np.abs(array) < _GREATEST).all())


def _checked(
    arrays: Mapping[str, NDArray[Any]], name: str, dtype: type, shape: tuple[int | None, ...]
) -> NDArray[Any]:
    """Return an array whose type, shape (None: any) and values are as expected."""
    array = arrays.get(name)
    fits = (
        array is not None
        and array.dtype == dtype
        and array.ndim == len(shape)
        and all(want in (None, came) for want, came in zip(shape, array.shape, strict=True))
    )
    # Comparisons with what is no number are false; whole numbers of 8 bits are always small.
    if array is None or not fits or (array.dtype.kind == "f" and not _small(array)):
        raise ValueError(f"array {name!r} of the encoder is missing or does not fit")
    return array
