import csv
import random
import tomllib
from collections import Counter
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from objection_nlp.checking.word_table import words_of
from objection_nlp.errors import DataError
from objection_nlp.noise import Noise, word_error_rate
from objection_nlp.noise.homophones import sounds
from objection_nlp.noise.spoken_numbers import spoken_figure, spoken_number

CORPUS = Path(__file__).parents[2] / "data" / "utterances"


@pytest.fixture(scope="module")
def texts():
    rows = []
    for file in sorted(CORPUS.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as stream:
            rows += [row["text"] for row in csv.DictReader(stream)]
    return random.Random(0).sample(rows, 600)


def distance(said, heard):
    """Words replaced, dropped and put in, counted the plain way."""
    line = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        before, line[0] = line[0], i
        for j, other in enumerate(heard, start=1):
            before, line[j] = line[j], min(line[j] + 1, line[j - 1] + 1, before + (word != other))
    return line[-1]


@pytest.mark.parametrize("level", [0.05, 0.2, 0.5])
def test_the_level_that_was_asked_is_met(texts, level):
    noise = Noise(level)
    pairs = [(words_of(text), words_of(noise.augment(text))) for text in texts]
    wrong = sum(distance(said, heard) for said, heard in pairs)
    assert wrong / sum(len(said) for said, _ in pairs) == pytest.approx(level, abs=0.02)


def test_word_error_rate_counts_words_without_case_and_punctuation():
    assert word_error_rate("Ik heb dat, niet.", "ik heb dat niet") == 0
    assert word_error_rate("ik heb dat niet", "heb heb nou dat") == pytest.approx(3 / 4)


def test_no_noise_changes_nothing(texts):
    assert [Noise(0).augment(text) for text in texts[:50]] == texts[:50]


def test_the_result_depends_on_seed_and_copy_and_not_on_the_order(texts):
    some = texts[:40]
    forth = {text: Noise(0.3, seed=4).augment(text) for text in some}
    noise = Noise(0.3, seed=4)
    assert {text: noise.augment(text) for text in reversed(some)} == forth
    assert {text: Noise(0.3, seed=5).augment(text) for text in some} != forth
    assert {text: noise.augment(text, copy=1) for text in some} != forth


def test_the_noise_is_the_same_on_every_machine():
    text = "Nee, die factuur van € 125 heb ik op ons postadres nooit ontvangen, mevrouw."
    assert Noise(0.4, seed=2).augment(text) == (
        "hm nee die uhm factuur van € 125 hep ik op ons postadres dus nooit ontvange mevrouw"
    )


def test_negations_are_never_dropped_nor_put_in(texts):
    negations = sounds().negations
    noise = Noise(0.5)
    for text in texts:
        kept = [word for word in words_of(noise.augment(text)) if word in negations]
        assert kept == [word for word in words_of(text) if word in negations]


def test_every_kind_of_error_occurs(texts):
    noise = Noise(0.3)
    heard = [noise.augment(text) for text in texts]
    said_words = [words_of(text) for text in texts]
    heard_words = [words_of(text) for text in heard]
    doubled = sum(any(one == two for one, two in pairwise(words)) for words in heard_words)
    fillers = Counter(word for words in heard_words for word in words)
    assert doubled > 100
    assert fillers["uhm"] > Counter(word for words in said_words for word in words)["uhm"]
    cut = [said[-1] != heard[-1] for said, heard in zip(said_words, heard_words, strict=True)]
    assert 0.05 < sum(cut) / len(cut) < 0.6
    assert sum(text == text.lower() for text in heard) > sum(t == t.lower() for t in texts)
    assert sum("," in text for text in heard) < sum("," in text for text in texts) / 2


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("wordt", "word"),
        ("hun", "hen"),
        ("Incassobureau,", "Incasso bureau,"),
        ("€120,50", "honderdtwintig euro vijftig"),
        ("factuur nummer", "factuurnummer"),
    ],
)
def test_a_word_can_be_misheard(said, heard):
    text = f"goedemorgen {said} graag voor morgen of zo"
    tries = {Noise(0.5, seed=seed).augment(text) for seed in range(300)}
    assert any(heard.lower().strip(",") in one.lower() for one in tries)


def test_capitals_and_punctuation_stay_with_a_replaced_word():
    tries = {Noise(0.4, seed=seed).augment("Wordt, zo") for seed in range(200)}
    assert "Word, zo" in tries


def test_the_list_has_the_pairs_it_promises():
    raw = tomllib.loads(
        (resources.files("objection_nlp.noise") / "homophones.toml").read_text("utf-8")
    )
    pairs = [tuple(pair) for group in raw["pairs"].values() for pair in group]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs) >= 150
    assert {"ij-ei", "au-ou", "d-t", "g-ch", "s-z", "f-v", "compounds", "flemish"} <= set(
        raw["pairs"]
    )
    for one, other in pairs:
        assert one != other
        assert one == one.lower() and other == other.lower()
        assert not {*one.split(), *other.split()} & set(raw["negations"])
    assert not {word for filler in raw["fillers"] for word in filler.split()} & set(
        raw["negations"]
    )


@pytest.mark.parametrize("level", [-0.1, 0.51, float("nan")])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(DataError, match=r"give one from 0 to 0\.5"):
        Noise(level)


def test_numbers_are_spoken_as_in_dutch():
    said = {0: "nul", 13: "dertien", 21: "eenentwintig", 33: "drieëndertig", 100: "honderd"}
    said |= {
        250: "tweehonderdvijftig",
        1000: "duizend",
        9999: "negenduizend negenhonderdnegenennegentig",
    }
    assert {number: spoken_number(number) for number in said} == said
    assert len({spoken_number(number) for number in range(10_000)}) == 10_000


@pytest.mark.parametrize("word", ["0475", "12-3", "1.25", "€", "12345", "nr5", "²", ""])
def test_what_is_no_plain_figure_is_not_spoken(word):
    assert spoken_figure(word) is None


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60), st.integers(0, 3))
def test_any_text_keeps_a_word(text, seed):
    heard = Noise(0.5, seed=seed).augment(text)
    assert bool(heard.strip()) == bool(text.strip())
