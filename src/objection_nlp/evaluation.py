"""How good a set of answers is: the figures that reports, cards and gates are made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from objection_nlp.bundle import Model, load_model
from objection_nlp.corpus import read_labelled, split_part
from objection_nlp.decision import Decision, decide
from objection_nlp.dutch import Utterance
from objection_nlp.errors import DataError
from objection_nlp.scoring import FloatArray, Scores

LabelSet = tuple[str, ...]
BINS = 10


@dataclass(frozen=True)
class Answered:
    """Labelled utterances with what a model makes of them.

    Attributes
    ----------
    model : Model
    truth : list of tuple of str
        The right labels of each utterance, main one first.
    utterances : list of Utterance
    scores : Scores
    decisions : list of Decision
    """

    model: Model
    truth: list[LabelSet]
    utterances: list[Utterance]
    scores: Scores
    decisions: list[Decision]

    @classmethod
    def by(cls, model: Model, texts: Sequence[str], truth: Sequence[LabelSet]) -> Self:
        """Let a model answer utterances whose right labels are known."""
        utterances = model.pipeline.analyse(texts)
        scores = model.scorer.score(utterances)
        none = model.playbook.none_label
        decisions = decide(scores, model.labels, none, model.thresholds)
        return cls(model, list(truth), utterances, scores, decisions)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the main label of each answer is among the right ones."""
        pairs = zip(self.decisions, self.truth, strict=True)
        return np.array([answer.labels[0] in right for answer, right in pairs], dtype=bool)

    @property
    def confidence(self) -> FloatArray:
        """The probability of the main label of each answer."""
        columns = [self.model.labels.index(answer.labels[0]) for answer in self.decisions]
        return np.asarray(self.scores.main[np.arange(len(columns)), columns])

    def figures(self, rows: NDArray[np.bool_] | None = None) -> dict[str, Any]:
        """Return :func:`figures` over all utterances, or over those that ``rows`` picks."""
        chosen = np.arange(len(self.truth)) if rows is None else np.flatnonzero(rows)
        return figures(
            [self.truth[i] for i in chosen],
            [self.decisions[i] for i in chosen],
            self.scores.main[chosen],
            self.model.labels,
            self.model.playbook.none_label,
        )


def figures(
    truth: Sequence[LabelSet],
    answers: Sequence[Decision],
    probabilities: NDArray[np.float64],
    labels: Sequence[str],
    none_label: str,
) -> dict[str, Any]:
    """Compute all figures for a set of answers.

    Parameters
    ----------
    truth : sequence of tuple of str
        The right labels of each utterance, main one first.
    answers : sequence of Decision
        What was answered.
    probabilities : array of shape (n_texts, n_labels)
        What the answers rest on.
    labels : sequence of str
        What the columns stand for.
    none_label : str
        The label for none.

    Returns
    -------
    dict
        ``n``; ``macro_f1`` and ``per_label`` (precision, recall, f1, support) over sets of
        labels; ``main_accuracy``; ``exact_set`` and ``exact_set_two``; ``false_alarms`` (share
        of utterances without an objection that got one); ``calibration_error`` (expected, of the
        confidence in the main label, ten bins of equal width); ``coverage`` and ``precision`` of
        the answers not abstained. A figure over no utterances is None.
    """
    pairs = list(zip(answers, truth, strict=True))
    main = np.array([answer.labels[0] in right for answer, right in pairs], dtype=bool)
    exact = np.array([set(answer.labels) == set(right) for answer, right in pairs], dtype=bool)
    alarmed = np.array([answer.labels != (none_label,) for answer in answers], dtype=bool)
    kept = np.array([not answer.abstained for answer in answers], dtype=bool)
    two = np.array([len(right) > 1 for right in truth], dtype=bool)
    none = np.array([right == (none_label,) for right in truth], dtype=bool)
    columns = [list(labels).index(answer.labels[0]) for answer in answers]
    confidence = probabilities[np.arange(len(columns)), columns]
    per_label = {label: _scores(label, truth, answers) for label in labels}
    supported = [score["f1"] for score in per_label.values() if score["support"]]
    return {
        "n": len(truth),
        "macro_f1": _rounded(np.mean(supported)) if supported else None,
        "main_accuracy": _share(main),
        "exact_set": _share(exact),
        "exact_set_two": _share(exact[two]),
        "false_alarms": _share(alarmed[none]),
        "calibration_error": calibration_error(confidence, main),
        "coverage": _share(kept),
        "precision": _share(main[kept]),
        "per_label": per_label,
    }


def evaluate_files(
    data: Iterable[str | Path],
    *,
    model: Model | str | Path | None = None,
    split: str | None = None,
) -> dict[str, Any]:
    """Score a model on labelled files.

    Parameters
    ----------
    data : iterable of str or Path
        Labelled files or folders of them.
    model : Model, str or Path, optional
        The packaged model when None.
    split : str, optional
        Only rows of this split, such as ``test``.

    Returns
    -------
    dict
        As :func:`figures` returns it.

    Raises
    ------
    DataError
        If the data cannot be used, or holds no row of the split.
    """
    loaded = model if isinstance(model, Model) else load_model(model)
    table = part_of(read_labelled(data, loaded.playbook), split)
    return Answered.by(loaded, table["text"].tolist(), table["labels"].tolist()).figures()


def part_of(table: pd.DataFrame, split: str | None) -> pd.DataFrame:
    """Return the rows of one split; all rows when None.

    Raises
    ------
    DataError
        If no row is of that split.
    """
    if split is None:
        return table
    part = split_part(table, split)
    if not len(part):
        raise DataError(f"no row has split {split!r}; check the column 'split' of the data")
    return part


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> float | None:
    """Return the expected calibration error with ten bins of equal width.

    Source: Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning".

    Examples
    --------
    >>> calibration_error(np.array([0.95, 0.95]), np.array([True, False]))
    0.45
    """
    if not len(confidence):
        return None
    bins = bin_of(confidence)
    gaps = [
        abs(right[bins == b].mean() - confidence[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    return _rounded(np.sum(gaps))


def bin_of(chances: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return which of the bins of equal width each probability falls into."""
    return np.minimum((chances * BINS).astype(np.int64), BINS - 1)


def _scores(label: str, truth: Sequence[LabelSet], answers: Sequence[Decision]) -> dict[str, Any]:
    """Precision, recall, F1 and support of one label, over sets of labels."""
    is_there = np.array([label in right for right in truth], dtype=bool)
    is_named = np.array([label in answer.labels for answer in answers], dtype=bool)
    hits = float((is_there & is_named).sum())
    return {
        "precision": _rounded(hits / max(is_named.sum(), 1)),
        "recall": _rounded(hits / max(is_there.sum(), 1)),
        "f1": _rounded(2 * hits / max(is_there.sum() + is_named.sum(), 1)),
        "support": int(is_there.sum()),
    }


def _share(of: NDArray[np.bool_]) -> float | None:
    return _rounded(of.mean()) if len(of) else None


def _rounded(value: Any) -> float:
    """Four digits: more would only make equal models look different."""
    return round(float(value), 4)
