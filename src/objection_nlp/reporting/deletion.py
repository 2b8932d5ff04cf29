"""Whether evidence is what an answer rests on: take it away, and see the answer weaken.

For each utterance the probability of its main label is compared with and without the words of
the evidence, and with and without as many words drawn at random.

Source: DeYoung et al. (2020), "ERASER: A Benchmark to Evaluate Rationalized NLP Models"
(comprehensiveness).
"""

import random
import re
from collections.abc import Sequence, Set
from typing import Any, NamedTuple

import numpy as np

from objection_nlp.bootstrap import mean_interval
from objection_nlp.dutch import Utterance
from objection_nlp.evaluation import Answered
from objection_nlp.evidence import find_evidence
from objection_nlp.scoring import FloatArray

# How many times random words are drawn for each utterance.
_DRAWS = 5
_WORD = re.compile(r"\S+")


class _Case(NamedTuple):
    """An utterance whose evidence can be taken away, and what then remains of it."""

    row: int
    without_evidence: str
    without_random: list[str]


def deletion_check(answered: Answered, groups: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Compare taking away the evidence with taking away as many random words.

    Parameters
    ----------
    answered : Answered
    groups : sequence of str
        The group of each utterance, for the interval.
    seed : int, default 0
        Of the random words.

    Returns
    -------
    dict
        ``n`` utterances; ``left_out``, those without evidence or with nothing else; the mean drop
        of the main label's probability ``drop_evidence`` and ``drop_random``; the 95 %
        ``interval`` of their difference; ``share_lower``, the share of utterances that the
        evidence weakens more than random words; and ``per_label``, by answered label.
    """
    chance = random.Random(seed)  # noqa: S311
    cases = [case for row in range(len(answered.truth)) if (case := _case(answered, row, chance))]
    rows = np.array([case.row for case in cases], dtype=int)
    before = answered.confidence[rows]
    after = _chances(answered, rows, [case.without_evidence for case in cases])
    random_after = np.mean(
        [
            _chances(answered, rows, [case.without_random[draw] for case in cases])
            for draw in range(_DRAWS)
        ],
        axis=0,
    )
    named = np.array([answered.decisions[row].labels[0] for row in rows], dtype=object)
    found = _drops(before - after, before - random_after)
    found["left_out"] = len(answered.truth) - len(cases)
    found["interval"] = mean_interval(random_after - after, [groups[row] for row in rows])
    found["per_label"] = {
        label: _drops((before - after)[named == label], (before - random_after)[named == label])
        for label in answered.model.labels
    }
    return found


def _case(answered: Answered, row: int, chance: random.Random) -> _Case | None:
    """Take the evidence out of an utterance; None where there is none or nothing else."""
    utterance = answered.utterances[row]
    words = _WORD.findall(utterance.text)
    gone = _evidence_words(answered, utterance, answered.decisions[row].labels[0])
    if not 0 < len(gone) < len(words):
        return None
    drawn = (set(chance.sample(range(len(words)), len(gone))) for _ in range(_DRAWS))
    return _Case(row, _without(words, gone), [_without(words, places) for places in drawn])


def _evidence_words(answered: Answered, utterance: Utterance, label: str) -> set[int]:
    """Return which words of an utterance its evidence touches."""
    column = answered.model.labels.index(label)
    spans = find_evidence(answered.model.scorer, utterance, column)
    return {
        place
        for place, word in enumerate(_WORD.finditer(utterance.text))
        if any(word.start() < span.end and span.start < word.end() for span in spans)
    }


def _without(words: Sequence[str], gone: Set[int]) -> str:
    return " ".join(word for place, word in enumerate(words) if place not in gone)


def _chances(answered: Answered, rows: FloatArray, texts: list[str]) -> FloatArray:
    """Return how probable the main labels of some rows are for other texts."""
    model = answered.model
    columns = [model.labels.index(answered.decisions[row].labels[0]) for row in rows]
    scores = model.scorer.score(model.pipeline.analyse(texts))
    return np.asarray(scores.main[np.arange(len(columns)), columns])


def _drops(by_evidence: FloatArray, by_random: FloatArray) -> dict[str, Any]:
    if not len(by_evidence):
        return {"n": 0, "drop_evidence": None, "drop_random": None, "share_lower": None}
    return {
        "n": len(by_evidence),
        "drop_evidence": round(float(by_evidence.mean()), 4),
        "drop_random": round(float(by_random.mean()), 4),
        "share_lower": round(float((by_evidence > by_random).mean()), 4),
    }
