"""Words are cut into the likeliest pieces, and nothing of them is lost."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp.semantic.pieces import WORD_START, PieceVocabulary

PIECES = ["<unk>", WORD_START, f"{WORD_START}fac", "tuur", "t", "u", "r", "a", "c", "f", "fac"]
SCORES = [0.0, -2.0, -3.0, -3.0, *[-5.0] * 6, -4.0]
VOCABULARY = PieceVocabulary(PIECES, SCORES, unknown=0)


def test_the_likeliest_cut_wins() -> None:
    assert [PIECES[place] for place in VOCABULARY.cut("factuur")] == [f"{WORD_START}fac", "tuur"]


def test_what_is_unknown_costs_a_piece_per_character() -> None:
    assert VOCABULARY.cut("xfacé") == (1, 0, 10, 0)


@given(st.text(alphabet="factur", min_size=1, max_size=40))
def test_known_letters_come_back_whole(word: str) -> None:
    assert "".join(PIECES[place] for place in VOCABULARY.cut(word)) == WORD_START + word


@given(st.text(max_size=300))
def test_any_text_is_cut(word: str) -> None:
    assert len(VOCABULARY.cut(word)) <= 101


def test_what_callers_said_does_not_travel_with_a_copy() -> None:
    VOCABULARY.cut("kattenkwaad")
    content = pickle.dumps(VOCABULARY)
    assert b"kattenkwaad" not in content
    assert pickle.loads(content).cut("factuur") == VOCABULARY.cut("factuur")


def test_words_are_read_one_after_the_other() -> None:
    assert VOCABULARY.read(["fac", "tuur"]) == [*VOCABULARY.cut("fac"), *VOCABULARY.cut("tuur")]
    with pytest.raises(TypeError):
        VOCABULARY.read([None])  # type: ignore[list-item]
