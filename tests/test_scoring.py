"""Scores are sums over words; what is done in batches equals what is done alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp import Model
from objection_nlp.evidence import find_evidence
from objection_nlp.features import NgramHasher
from objection_nlp.scoring import WINDOWS, views

WORDS = ["de", "factuur", "is", "nooit", "binnengekomen", "systeem", "ligt", "plat", "zxqw", "niet"]
utterance_texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


@given(st.lists(utterance_texts, max_size=6))
def test_a_batch_equals_its_texts_one_by_one(tiny_model: Model, texts: list[str]) -> None:
    together = tiny_model.scorer.score(tiny_model.pipeline.analyse(texts)).main
    alone = [tiny_model.scorer.score(tiny_model.pipeline.analyse([text])).main[0] for text in texts]
    np.testing.assert_allclose(together, np.array(alone).reshape(together.shape), atol=1e-6)


@given(utterance_texts)
def test_strongest_window_is_the_best_stretch(tiny_model: Model, text: str) -> None:
    """Each window view equals the best of all stretches scored as texts of their own words."""
    analyse, weights = tiny_model.pipeline.analyse, tiny_model.scorer.ngrams
    (utterance,) = analyse([text])
    ngrams = NgramHasher()([utterance])
    tokens, n_labels = weights.token_scores(ngrams), len(weights.bias)
    scores = views(weights, ngrams)[0].reshape(1 + len(WINDOWS), n_labels) - weights.bias
    if not len(tokens):
        np.testing.assert_array_equal(scores, 0)
        return
    for row, width in zip(scores, (len(tokens), *WINDOWS), strict=True):
        stretches = [tokens[i : i + width].sum(0) for i in range(max(1, len(tokens) - width + 1))]
        best = np.max([s[:-1] / np.sqrt(max(s[-1], 1e-9)) for s in stretches], axis=0)
        np.testing.assert_allclose(row, best, atol=1e-5)


@given(utterance_texts)
def test_evidence_adds_up_to_the_logit(tiny_model: Model, text: str) -> None:
    scorer = tiny_model.scorer
    (utterance,) = tiny_model.pipeline.analyse([text])
    scores = scorer.score([utterance])
    if scores.known[0] == 0:
        return
    logits = np.log(scores.main[0])
    for label in range(len(tiny_model.labels)):
        gain = scorer.second.main.weights[:, label] - scorer.second.main.weights.mean(axis=1)
        constant = np.tile(scorer.ngrams.bias, 1 + len(WINDOWS)) @ gain
        constant += scorer.second.main.bias[label] - scorer.second.main.bias.mean()
        evidence = scorer.token_evidence(utterance, label).sum()
        assert logits[label] - logits.mean() == pytest.approx(evidence + constant, abs=1e-6)


def test_evidence_names_the_words_in_the_text(tiny_model: Model) -> None:
    text = "Ja dag mevrouw, ons systeem ligt plat, tot ziens"
    (utterance,) = tiny_model.pipeline.analyse([text])
    spans = find_evidence(tiny_model.scorer, utterance, tiny_model.labels.index("systeemproblemen"))
    assert any("systeem" in span.text for span in spans)
    assert all(text[span.start : span.end] == span.text and span.weight > 0 for span in spans)
    assert [span.weight for span in spans] == sorted((s.weight for s in spans), reverse=True)


def test_removing_evidence_lowers_the_label(tiny_model: Model) -> None:
    text = "wacht even hoor ons systeem ligt plat zegt mijn collega net"
    label = tiny_model.labels.index("systeemproblemen")
    (utterance,) = tiny_model.pipeline.analyse([text])
    strongest = find_evidence(tiny_model.scorer, utterance, label)[0]
    without = text[: strongest.start] + text[strongest.end :]
    before, after = tiny_model.scorer.score(tiny_model.pipeline.analyse([text, without])).main
    assert after[label] < before[label]
