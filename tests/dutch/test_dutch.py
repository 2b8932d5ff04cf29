"""Cleaning, masking and tokenising, with each step's golden cases."""

import csv
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp import DataError, PipelineError
from objection_nlp.dutch.pipeline import DutchPipeline, check_texts, installed_pipelines
from objection_nlp.features import NEGATIONS

GOLDEN = Path(__file__).parent / "cleaning.csv"
TRAINED = "nl_core_news_sm"
needs_trained = pytest.mark.skipif(
    find_spec(TRAINED) is None, reason=f"the spaCy pipeline {TRAINED} is not installed"
)


def golden_cases() -> list:
    with GOLDEN.open(encoding="utf-8", newline="") as stream:
        return [
            pytest.param(row["text"], row["cleaned"], id=f"{row['step']}-{number}")
            for number, row in enumerate(csv.DictReader(stream), start=2)
        ]


@pytest.fixture(scope="module")
def pipeline() -> DutchPipeline:
    return DutchPipeline()


@pytest.fixture(scope="module")
def trained() -> DutchPipeline:
    return DutchPipeline(TRAINED)


@pytest.mark.parametrize(("text", "cleaned"), golden_cases())
def test_golden_cleaning(pipeline: DutchPipeline, text: str, cleaned: str) -> None:
    assert pipeline.clean(text) == cleaned


@needs_trained
@pytest.mark.parametrize(
    ("text", "cleaned"),
    [case for case in golden_cases() if case.id.split("-")[0] in {"amount", "iban", "email"}],
)
def test_trained_pipeline_masks_alike(trained: DutchPipeline, text: str, cleaned: str) -> None:
    assert trained.clean(text) == cleaned


@needs_trained
def test_trained_pipeline_adds_lemmas(trained: DutchPipeline) -> None:
    (utterance,) = trained.analyse(["De kinderen werden niet betaald."])
    assert utterance.forms == ["de", "kinderen", "werden", "niet", "betaald"]
    assert utterance.lemmas is not None and len(utterance.lemmas) == len(utterance.forms)
    assert utterance.lemmas[1] == "kind/NOUN" and utterance.lemmas[4].startswith("betalen/")


@needs_trained
def test_trained_pipeline_takes_long_texts(trained: DutchPipeline) -> None:
    text = "de factuur klopt van geen kant " * 700
    (utterance,) = trained.analyse([text])
    start, end = utterance.span(len(utterance.forms) - 1)
    assert end == len(text.rstrip()) and text[start:end] == "kant"


def test_names_are_masked_where_entities_are_found() -> None:
    import spacy

    from objection_nlp.dutch.pipeline import Utterance, _add_doc

    nlp = spacy.blank("nl")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Jan Peeters"}])
    utterance = Utterance("Dat is Jan Peeters hoor", lemmas=[], _offsets=[])
    _add_doc(utterance, nlp(utterance.text), 0)
    assert utterance.forms == ["dat", "is", "_naam_", "hoor"]


@given(st.text(max_size=300))
def test_any_text_gives_forms_that_lie_in_it(text: str) -> None:
    (utterance,) = DutchPipeline().analyse([text])
    spans = [utterance.span(i) for i in range(len(utterance.forms))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


@given(st.lists(st.sampled_from([*NEGATIONS, "factuur", "uh", "12", "€", "vrijdag"]), max_size=12))
def test_negations_survive(words: list[str]) -> None:
    kept = DutchPipeline().clean(" ".join(words)).split()
    assert {word for word in words if word in NEGATIONS} == {w for w in kept if w in NEGATIONS}


def test_time_grows_with_length_not_faster(pipeline: DutchPipeline) -> None:
    def seconds(text: str) -> float:
        begin = time.perf_counter()
        pipeline.analyse([text])
        return time.perf_counter() - begin

    for unit in ("ik betaal niet ", "a", "1", "1.", "1-", "€ 5 ", "a@", "a.", "apenstaart ", "-1 "):
        seconds(unit * 100)
        short, long = seconds(unit * 10_000), seconds(unit * 100_000)
        # Generous: quadratic growth would be a factor of 100.
        assert long < 40 * short + 0.5, unit


@pytest.mark.parametrize(
    "text",
    [
        "I don't speak Dutch, who is this?",
        "where are you calling from",
        "bonjour je ne parle pas le neerlandais",
        "ich habe das schon bezahlt",
        "no entiendo lo que dice usted",
    ],
)
def test_other_languages_are_not_read(pipeline: DutchPipeline, text: str) -> None:
    assert pipeline.clean(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "sorry die invoice staat on hold bij accounts payable",
        "allez merci madame ça va hè",
        "nul komma nul krijgt ge",
        "ja goed",
        "wij doen end of month een batch run, daar zit hij in",
    ],
)
def test_dutch_with_foreign_words_is_read(pipeline: DutchPipeline, text: str) -> None:
    assert pipeline.clean(text) != ""


def test_missing_pipeline_says_how_to_get_it() -> None:
    with pytest.raises(PipelineError, match="python -m spacy download nl_core_news_xl"):
        DutchPipeline("nl_core_news_xl")


@pytest.mark.parametrize("name", ["../evil", "os;ls", ""])
def test_pipeline_names_are_no_paths(name: str) -> None:
    with pytest.raises(PipelineError, match="not installed"):
        DutchPipeline(name)


def test_blank_pipeline_is_always_there() -> None:
    assert installed_pipelines()[0] == "blank:nl"


@pytest.mark.parametrize("bad", [None, 3, b"abc", 1.5, ["x"]])
def test_what_is_no_text_is_named_with_its_row(bad: object) -> None:
    with pytest.raises(DataError, match=rf"row 1: {type(bad).__name__} came"):
        check_texts(["goed", bad])  # type: ignore[list-item]


def test_a_single_text_is_no_list() -> None:
    with pytest.raises(DataError, match="a single text came"):
        check_texts("abc")
