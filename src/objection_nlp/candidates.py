"""The utterances that :func:`objection_nlp.suggest.suggest` chooses from, in bounded memory."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np

from objection_nlp.bundle import Model
from objection_nlp.decision import decide
from objection_nlp.labels import join_labels
from objection_nlp.transcripts.turns import AGENT, Turn

# A label that is at least this probable is worth asking about.
_WORTH_ASKING = 0.05


@dataclass(frozen=True)
class Candidate:
    """An utterance that might be labelled.

    Attributes
    ----------
    text, source, call_id, turn
        What was said, and where.
    guess : tuple of str
        What the model makes of it.
    confidence : float
        The probability of the first of these.
    doubt : float
        1 minus the lead of the likeliest label over the next, 0 to 1.
    """

    text: str
    source: str
    call_id: str
    turn: int
    guess: tuple[str, ...]
    confidence: float
    doubt: float

    def row(self) -> dict[str, Any]:
        """Return the row to fill in; a call is a group, because it has one debtor."""
        return {
            "text": self.text,
            "labels": "",
            "guess": join_labels(self.guess),
            "confidence": round(self.confidence, 4),
            "source": self.source,
            "call_id": self.call_id,
            "turn": self.turn,
            "group": self.call_id,
        }


@dataclass
class Pools:
    """For each label the utterances that might be it, as many as are worth comparing.

    An utterance stands in the pool of its likeliest label, and of the next one where that is
    worth asking about.

    Attributes
    ----------
    model : Model
    size : int
        How many utterances are kept for each label.
    turns, candidates : int
        How many turns were seen, and how many different unlabelled ones of debtors.
    faults : list of str
        What could not be read.
    """

    model: Model
    size: int
    turns: int = 0
    candidates: int = 0
    faults: list[str] = field(default_factory=list)
    _heaps: dict[str, list[tuple[float, int, Candidate]]] = field(default_factory=dict)
    _seen: set[bytes] = field(default_factory=set)

    def add(self, turns: Sequence[tuple[str, Turn]]) -> None:
        """Take up the turns of a block."""
        self.turns += len(turns)
        fresh = [(source, turn) for source, turn in turns if _is_open(turn)]
        model = self.model
        utterances = model.pipeline.analyse([turn.text for _, turn in fresh])
        scores = model.scorer.score(utterances)
        answers = decide(scores, model.labels, model.playbook.none_label, model.thresholds)
        likeliest = np.argsort(-scores.main, axis=1)[:, :2]
        for row, ((source, turn), answer) in enumerate(zip(fresh, answers, strict=True)):
            readable = scores.known[row] >= model.thresholds.known
            if not readable or not self._is_new(" ".join(utterances[row].forms)):
                continue
            first, second = likeliest[row].tolist()
            lead = float(scores.main[row, first] - scores.main[row, second])
            confidence = float(scores.main[row][model.labels.index(answer.labels[0])])
            place = (source, turn.call_id, turn.turn)
            candidate = Candidate(turn.text, *place, answer.labels, confidence, 1 - lead)
            asked = [first, second] if scores.main[row, second] >= _WORTH_ASKING else [first]
            self._keep(candidate, [model.labels[column] for column in asked])

    def by_label(self) -> dict[str, list[Candidate]]:
        """Return the pools, the label that is rarest in training first."""
        share = dict(zip(self.model.labels, self.model.scorer.second.prior, strict=True))
        return {
            label: [candidate for _, _, candidate in sorted(self._heaps[label], reverse=True)]
            for label in sorted(self._heaps, key=lambda label: (share[label], label))
        }

    def _keep(self, candidate: Candidate, labels: Sequence[str]) -> None:
        self.candidates += 1
        for label in labels:
            heap = self._heaps.setdefault(label, [])
            heapq.heappush(heap, (candidate.doubt, -self.candidates, candidate))
            if len(heap) > self.size:
                heapq.heappop(heap)

    def _is_new(self, words: str) -> bool:
        """Say whether these words were not met before; only a hash of them is kept."""
        key = blake2b(words.encode("utf-8", "replace"), digest_size=8).digest()
        known = key in self._seen
        self._seen.add(key)
        return not known


def _is_open(turn: Turn) -> bool:
    """Say whether a turn is a debtor's and not labelled yet."""
    return turn.speaker != AGENT and not turn.extra.get("labels")
