"""Labelled utterances into an encoder: the lower layers of a pretrained one, trained further.

Only the pieces that the utterances, and the single letters, need are kept of the vocabulary.
Source: Devlin et al. (2019), "BERT", for the way of fine-tuning. Needs the extra ``semantic``.
"""

import logging
import random
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from objection_nlp.dutch import Utterance
from objection_nlp.errors import ModelError
from objection_nlp.semantic.base import BaseWeights, find_base, read_base
from objection_nlp.semantic.encoder import (
    ATTENTION_HEADS,
    MAX_PIECES,
    UNKNOWN,
    Dense,
    Encoder,
    Layer,
    Norm,
    bounded,
    from_arrays,
    padded,
    to_arrays,
)
from objection_nlp.semantic.pieces import WORD_START, PieceVocabulary

_LOG = logging.getLogger(__name__)

# Six layers learn faster than four, and twelve would take twice as long; see docs/model.md.
DEPTH = 6
EPOCHS = 6
_RATE, _HEAD_RATE = 1e-4, 1e-3
_BATCH = 32
_WARM_UP = 0.06
_DROPOUT, _HEAD_DROPOUT = 0.1, 0.2
# So many pieces are left out at random, each time anew: no single word should decide.
_PIECE_DROPOUT = 0.05
# Weight of the question "is this label there" against "which label is the main one".
_PRESENCE_WEIGHT = 1.5
_SPECIAL = (0, 1, 2, 3)
_LATIN_END = 0x250
_MATRIX_NAMES = {
    "query": "q",
    "key": "k",
    "value": "v",
    "attended": "ao",
    "up": "fi",
    "down": "fo",
}
_NORM_NAMES = {"attended_norm": "aln", "output_norm": "oln"}


def fine_tune(
    utterances: Sequence[Utterance],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
    *,
    seed: int,
    n_threads: int | None = None,
) -> Encoder:
    """Train an encoder on labelled utterances.

    Parameters
    ----------
    utterances : sequence of Utterance
    shares : array of shape (n_utterances, n_labels)
        How much of each utterance goes to each label, as ``fitting.label_shares`` gives it.
    weights : array of shape (n_utterances,)
        How much each utterance counts.
    seed : int
        The same data, seed and number of threads give the same encoder on the same machine.
    n_threads : int, optional
        How many threads compute; PyTorch's own choice when None.

    Raises
    ------
    ModelError
        If PyTorch or the pretrained weights are not installed.
    """
    torch, base = check_installed(), read_base()
    kept = _pieces_needed(base, utterances)
    pieces = tuple(base.pieces[place] for place in kept)
    vocabulary = PieceVocabulary(pieces, base.scores[kept].tolist(), UNKNOWN)
    rows = [bounded(vocabulary.read(utterance.forms)) for utterance in utterances]
    threads_before = torch.get_num_threads()
    torch.set_num_threads(n_threads or threads_before)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            network = _Network(torch, _parameters(torch, base, kept, shares.shape[1]))
            _train(torch, network, rows, shares, weights, random.Random(seed))  # noqa: S311
    finally:
        torch.set_num_threads(threads_before)
    return network.to_encoder(pieces, base.scores[kept])


def check_installed() -> Any:
    """Return PyTorch, where it and the pretrained weights are installed.

    Raises
    ------
    ModelError
        If one of them is not installed; the message gives the command that installs it.
    """
    try:
        import torch
    except ImportError as error:
        raise ModelError(
            "fine-tuning needs PyTorch, which is not installed: "
            "pip install 'objection-nlp[semantic]'"
        ) from error
    find_base()
    return torch


def _pieces_needed(base: BaseWeights, utterances: Sequence[Utterance]) -> list[int]:
    """Return the pieces that the utterances are cut into, and all letters, ascending."""
    whole = PieceVocabulary(base.pieces, base.scores.tolist(), UNKNOWN)
    words = {form for utterance in utterances for form in utterance.forms}
    letters = {
        place
        for place, piece in enumerate(base.pieces)
        if piece == WORD_START or (len(piece) == 1 and ord(piece) < _LATIN_END)
    }
    return sorted({*_SPECIAL, *letters, *whole.read(sorted(words))})


def _parameters(torch: Any, base: BaseWeights, kept: list[int], n_labels: int) -> dict[str, Any]:
    """Return what is trained, as tensors by name: ``layer.matrix`` or ``layer.matrix_bias``."""
    width = base.width
    words = base.tensor("emb.word", (base.vocabulary_size, width))[kept]
    # All text is of one type: its vector becomes part of those of the positions.
    kind = base.tensor("emb.type", (base.tensor_size("emb.type") // width, width))[0]
    places = base.tensor("emb.pos", (base.tensor_size("emb.pos") // width, width))
    arrays = {
        "words": words,
        "positions": places[:MAX_PIECES] + kind,
        "input_norm.gain": base.tensor("emb.ln.w", (width,)),
        "input_norm.shift": base.tensor("emb.ln.b", (width,)),
    }
    for layer in range(DEPTH):
        inner = base.tensor_size(f"l{layer}.fi.b")
        sizes = {"up": (inner, width), "down": (width, inner)}
        for name, short in _MATRIX_NAMES.items():
            shape = sizes.get(name, (width, width))
            arrays[f"{layer}.{name}"] = base.tensor(f"l{layer}.{short}.w", shape)
            arrays[f"{layer}.{name}_bias"] = base.tensor(f"l{layer}.{short}.b", shape[:1])
        for name, short in _NORM_NAMES.items():
            arrays[f"{layer}.{name}.gain"] = base.tensor(f"l{layer}.{short}.w", (width,))
            arrays[f"{layer}.{name}.shift"] = base.tensor(f"l{layer}.{short}.b", (width,))
    tensors = {name: torch.tensor(array) for name, array in arrays.items()}
    tensors["heads"] = torch.randn(2 * n_labels, 2 * width) / np.sqrt(2 * width)
    tensors["heads_bias"] = torch.zeros(2 * n_labels)
    return {name: tensor.requires_grad_() for name, tensor in tensors.items()}


class _Network:
    """The encoder of ``encoder.py`` again, in PyTorch, with dropout."""

    def __init__(self, torch: Any, parameters: dict[str, Any]) -> None:
        self._torch = torch
        self.parameters = parameters

    def scores(self, rows: Sequence[Sequence[int]]) -> Any:
        """Return the logits of a batch, as while training: shape (n_texts, 2 * n_labels)."""
        torch, own = self._torch, self.parameters
        numbers, inside = padded(rows)
        places, there = torch.from_numpy(numbers), torch.from_numpy(inside)
        values = own["words"][places] + own["positions"][: places.shape[1]]
        values = self._dropped(self._normed(values, "input_norm"), _DROPOUT)
        for layer in range(DEPTH):
            values = self._layer(values, there[:, None, None, :], str(layer))
        mask = there[..., None]
        mean = (values * mask).sum(1) / mask.sum(1)
        most = values.masked_fill(~mask, -1e4).amax(1)
        together = self._dropped(torch.cat([mean, most], 1), _HEAD_DROPOUT)
        return torch.nn.functional.linear(together, own["heads"], own["heads_bias"])

    def _layer(self, values: Any, there: Any, layer: str) -> Any:
        functional = self._torch.nn.functional
        query, key, value = (
            self._by_head(self._dense(values, f"{layer}.{name}"))
            for name in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=there)
        attended = self._dense(mixed.transpose(1, 2).flatten(2), f"{layer}.attended")
        values = self._normed(values + self._dropped(attended), f"{layer}.attended_norm")
        inner = functional.gelu(self._dense(values, f"{layer}.up"), approximate="tanh")
        down = self._dropped(self._dense(inner, f"{layer}.down"))
        return self._normed(values + down, f"{layer}.output_norm")

    def _by_head(self, values: Any) -> Any:
        return values.unflatten(-1, (ATTENTION_HEADS, -1)).transpose(1, 2)

    def _dense(self, values: Any, name: str) -> Any:
        own = self.parameters
        return self._torch.nn.functional.linear(values, own[name], own[f"{name}_bias"])

    def _normed(self, values: Any, name: str) -> Any:
        own = self.parameters
        gain, shift = own[f"{name}.gain"], own[f"{name}.shift"]
        return self._torch.nn.functional.layer_norm(values, gain.shape, gain, shift, 1e-12)

    def _dropped(self, values: Any, share: float = _DROPOUT) -> Any:
        return self._torch.nn.functional.dropout(values, share)

    def to_encoder(self, pieces: tuple[str, ...], piece_scores: NDArray[np.float32]) -> Encoder:
        """Return the trained network as numpy arrays, rounded as the model directory stores them.

        So a loaded model answers as the one that was just trained.
        """
        own = {name: tensor.detach().numpy() for name, tensor in self.parameters.items()}

        def dense(place: str, name: str) -> Dense:
            return Dense(np.ascontiguousarray(own[place + name].T), own[f"{place}{name}_bias"])

        def norm(place: str, name: str) -> Norm:
            return Norm(own[f"{place}{name}.gain"], own[f"{place}{name}.shift"])

        layers = tuple(
            Layer.of(partial(dense, f"{layer}."), partial(norm, f"{layer}."))
            for layer in range(DEPTH)
        )
        trained = Encoder(
            pieces,
            piece_scores,
            own["words"],
            own["positions"],
            norm("", "input_norm"),
            layers,
            dense("", "heads"),
        )
        return from_arrays(to_arrays(trained), len(own["heads_bias"]) // 2)


def _train(
    torch: Any,
    network: _Network,
    rows: list[list[int]],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
    chance: random.Random,
) -> None:
    """Train with AdamW: the rate grows for a while, then falls to 0."""
    heads = [tensor for name, tensor in network.parameters.items() if name.startswith("heads")]
    rest = [tensor for name, tensor in network.parameters.items() if not name.startswith("heads")]
    rates = [{"params": rest, "lr": _RATE}, {"params": heads, "lr": _HEAD_RATE}]
    weights = weights / weights.mean()
    optimiser = torch.optim.AdamW(rates, weight_decay=0.01)
    n_steps = EPOCHS * -(-len(rows) // _BATCH)
    warm_up = max(1, int(_WARM_UP * n_steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser,
        lambda step: min((step + 1) / warm_up, max(0.0, (n_steps - step) / (n_steps - warm_up))),
    )
    for epoch in range(EPOCHS):
        losses = []
        for batch in _batches(rows, chance):
            optimiser.zero_grad()
            thinned = [_thinned(rows[i], chance) for i in batch]
            loss = _loss(torch, network, thinned, shares[batch], weights[batch])
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*rest, *heads], 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        _LOG.info("fine-tuning: round %d of %d, loss %.3f", epoch + 1, EPOCHS, np.mean(losses))


def _loss(
    torch: Any,
    network: _Network,
    rows: list[list[int]],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> Any:
    functional = torch.nn.functional
    target = torch.tensor(shares, dtype=torch.float32)
    counts = torch.tensor(weights, dtype=torch.float32)  # 1 on average over all batches
    with torch.autocast("cpu", torch.bfloat16):
        scores = network.scores(rows)
    main, presence = scores.float().chunk(2, dim=1)
    there = (target > 0).float()
    of_main = functional.cross_entropy(main, target, reduction="none")
    of_presence = functional.binary_cross_entropy_with_logits(presence, there, reduction="none")
    losses = of_main + _PRESENCE_WEIGHT * of_presence.mean(dim=1)
    return (losses * counts).mean()


def _batches(rows: list[list[int]], chance: random.Random) -> Iterator[list[int]]:
    """Yield all places once, in random batches of texts of about one length."""
    order = chance.sample(range(len(rows)), len(rows))
    batches = []
    pool = 40 * _BATCH
    for start in range(0, len(order), pool):
        near = sorted(order[start : start + pool], key=lambda i: len(rows[i]))
        batches += [near[i : i + _BATCH] for i in range(0, len(near), _BATCH)]
    yield from chance.sample(batches, len(batches))


def _thinned(row: list[int], chance: random.Random) -> list[int]:
    """Leave out some pieces of a text, but never its begin."""
    return [row[0], *(piece for piece in row[1:] if chance.random() > _PIECE_DROPOUT)]
