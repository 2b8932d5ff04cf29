"""A small encoder with random weights."""

import numpy as np

from objection_nlp.semantic.encoder import (
    ATTENTION_HEADS,
    MAX_PIECES,
    Dense,
    Encoder,
    Layer,
    Norm,
    from_arrays,
    to_arrays,
)
from objection_nlp.semantic.pieces import WORD_START

WIDTH, INNER, DEPTH = 2 * ATTENTION_HEADS, 5 * ATTENTION_HEADS, 2


def random_encoder(n_labels: int, seed: int = 0) -> Encoder:
    """Return an encoder as a model directory would give it."""
    rng = np.random.default_rng(seed)

    def array(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32) / np.float32(np.sqrt(shape[0]))

    def dense(name: str) -> Dense:
        sizes = {"up": (WIDTH, INNER), "down": (INNER, WIDTH)}.get(name, (WIDTH, WIDTH))
        return Dense(array(*sizes), array(sizes[1]))

    def norm(name: str = "") -> Norm:
        return Norm(array(WIDTH) + 1, array(WIDTH))

    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = ("<s>", "<pad>", "</s>", "<unk>", WORD_START, *letters)
    made = Encoder(
        pieces,
        np.full(len(pieces), -3, dtype=np.float32),
        array(len(pieces), WIDTH),
        array(MAX_PIECES, WIDTH),
        norm(),
        tuple(Layer.of(dense, norm) for _ in range(DEPTH)),
        Dense(array(2 * WIDTH, 2 * n_labels), array(2 * n_labels)),
    )
    return from_arrays(to_arrays(made), n_labels)
