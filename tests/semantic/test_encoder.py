"""The encoder answers alike alone and in a batch, saved and loaded, and refuses what is broken."""

import pickle

import numpy as np
import pytest
from small_encoder import random_encoder

from objection_nlp.dutch import Utterance
from objection_nlp.semantic.encoder import (
    BEGIN,
    END,
    MAX_PIECES,
    Encoder,
    Norm,
    bounded,
    by_length,
    from_arrays,
    to_arrays,
)


@pytest.fixture
def encoder() -> Encoder:
    return random_encoder(n_labels=3)


def said(*texts: str) -> list[Utterance]:
    return [Utterance(text, text.split()) for text in texts]


TEXTS = said("de factuur is weg", "ja", "", "x" * 500, "wij wachten al weken op een monteur hoor")


def test_alone_and_in_a_batch_alike(encoder: Encoder) -> None:
    together = encoder.views(TEXTS)
    assert together.shape == (len(TEXTS), 6)
    alone = np.vstack([encoder.views([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert np.ptp(together, axis=0).max() > 0.1


def test_the_order_of_words_matters(encoder: Encoder) -> None:
    first, second = encoder.views(said("niet de factuur", "de factuur niet"))
    assert np.abs(first - second).max() > 1e-3


def test_as_arrays_and_back(encoder: Encoder) -> None:
    again = from_arrays(to_arrays(encoder), n_labels=3)
    np.testing.assert_array_equal(again.views(TEXTS), encoder.views(TEXTS))


def test_a_pickled_copy_answers_alike(encoder: Encoder) -> None:
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.views(TEXTS), encoder.views(TEXTS))


@pytest.mark.parametrize(
    "changes",
    [
        {"up": None},
        {"up": np.zeros((2, 60, 23), np.int8)},
        {"words": np.zeros((31, 24), np.float32)},
        {"heads": np.zeros((48, 8), np.float32)},
        {"heads_bias": np.full(6, np.nan, np.float32)},
        {"heads": np.full((48, 6), 1e30, np.float32)},
        {"words": np.zeros((31, 0), np.int8)},
        {"pieces": np.frombuffer(b"a\nb", np.uint8)},
        {"pieces": np.frombuffer(b"\xff\n" * 30, np.uint8)},
        {"query": np.zeros((3, 24, 24), np.int8)},
    ],
)
def test_what_does_not_fit_is_refused(encoder: Encoder, changes: dict) -> None:
    arrays = to_arrays(encoder) | changes
    with pytest.raises(ValueError, match=r"does not fit|too few|can't decode"):
        from_arrays(arrays, n_labels=3)


def test_of_too_many_pieces_the_first_and_last_are_read() -> None:
    pieces = list(range(10, 10 + 2 * MAX_PIECES))
    kept = bounded(pieces)
    assert len(kept) == MAX_PIECES
    assert (kept[0], kept[1], kept[-2], kept[-1]) == (BEGIN, pieces[0], pieces[-1], END)


def test_batches_hold_every_text_once_and_are_of_about_one_length() -> None:
    lengths = [5, 1, 9, 2, 7]
    batches = [batch.tolist() for batch in by_length(lengths, 2)]
    assert batches == [[1, 3], [0, 4], [2]]


def test_a_norm_gives_mean_0_and_variance_1() -> None:
    values = np.array([[1.0, 2.0, 6.0]], np.float32)
    normed = Norm(np.ones(3, np.float32), np.zeros(3, np.float32))(values)
    np.testing.assert_allclose([normed.mean(), normed.var()], [0, 1], atol=1e-6)
