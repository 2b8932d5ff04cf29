"""Which utterances to label next: uncertain, unlike each other, and of rare labels too.

transcripts -> for each label the utterances that might be it, least certain first -> labels take
turns, the rarest in training first; each takes the least certain that is least like those taken

Source: Settles (2009), "Active Learning Literature Survey" (margin sampling); Carbonell and
Goldstein (1998), "The Use of MMR" (least like those taken).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from objection_nlp.annotation.blocks import cut_blocks
from objection_nlp.annotation.outputs import write_csv
from objection_nlp.annotation.run import read_options
from objection_nlp.bundle import Model, load_model
from objection_nlp.candidates import Candidate, Pools
from objection_nlp.errors import DataError, TranscriptError, listed
from objection_nlp.features import BUCKETS, NgramHasher
from objection_nlp.scoring import FloatArray
from objection_nlp.transcripts.sources import find_sources

COLUMNS = ("text", "labels", "guess", "confidence", "source", "call_id", "turn", "group")
# For each label so many times n utterances are kept to choose from.
_POOL = 10


@dataclass(frozen=True)
class SuggestSummary:
    """What choosing utterances came to.

    Attributes
    ----------
    turns : int
        How many turns were read.
    candidates : int
        How many different unlabelled utterances of debtors there were to choose from.
    suggested : int
    guesses : dict of str to int
        How many of the suggested ones have each main label as the guess.
    faults : tuple of str
        What could not be read.
    """

    turns: int
    candidates: int
    suggested: int
    guesses: dict[str, int]
    faults: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return asdict(self) | {"faults": list(self.faults)}


def suggest(
    inputs: Iterable[str | Path],
    output: str | Path,
    *,
    n: int = 50,
    model: Model | str | Path | None = None,
    force: bool = False,
    columns: Mapping[str, str] | None = None,
    agents: Sequence[str] = (),
    debtors: Sequence[str] = (),
    progress: Callable[[int, float], None] = lambda turns, share: None,
) -> SuggestSummary:
    """Choose utterances worth labelling and write them as a file to fill in.

    Parameters
    ----------
    inputs : iterable of str or Path
        Transcripts, as for ``annotate``. Agents' turns, and rows whose column ``labels`` is
        filled, are left out.
    output : str or Path
        A ``.csv`` file; once its column ``labels`` is filled, ``train`` reads it.
    n : int, default 50
        How many to choose at most.
    model : Model, str or Path, optional
        The packaged model when None.
    force : bool, default False
        Whether an output that exists may be replaced.
    columns, agents, debtors
        As for ``annotate``.
    progress : callable, optional
        Called with the number of turns read and the share of the inputs read.

    Returns
    -------
    SuggestSummary

    Raises
    ------
    TranscriptError
        If the output cannot or may not be written, or there is nothing to choose from.
    DataError
        If ``n`` is not at least 1.
    """
    if n < 1:
        raise DataError(f"{n} utterances were asked for; ask for at least 1")
    target, named = Path(output), [Path(path) for path in inputs]
    _check_output(target, named, force)
    options = read_options(columns or {}, agents, debtors, None)
    sources = list(find_sources(named, leave_out=[target]))
    pools = Pools(model if isinstance(model, Model) else load_model(model), _POOL * n)
    for block in cut_blocks(sources, options):
        pools.add(block.turns)
        pools.faults += map(str, block.faults)
        progress(pools.turns, block.share)
    if not pools.candidates:
        why = f":\n{listed(pools.faults)}" if pools.faults else ""
        raise TranscriptError(f"no unlabelled utterance of a debtor was found{why}")
    chosen = _choose(pools, n)
    _write(chosen, target)
    guesses = Counter(candidate.guess[0] for candidate in chosen)
    return SuggestSummary(
        pools.turns, pools.candidates, len(chosen), dict(guesses), tuple(pools.faults)
    )


def _check_output(target: Path, inputs: Sequence[Path], force: bool) -> None:
    if target.suffix.lower() != ".csv":
        raise TranscriptError(f"{target}: suggestions are written as .csv")
    if any(target.resolve() == path.resolve() for path in inputs):
        raise TranscriptError(f"{target}: is an input too; choose another output")
    if target.exists() and not force:
        raise TranscriptError(f"{target}: exists; choose another output or use --force")
    if not target.resolve().parent.is_dir():
        raise TranscriptError(f"{target.parent}: there is no such folder; make it first")


def _choose(pools: Pools, n: int) -> list[Candidate]:
    """Let labels take turns until there are ``n`` utterances or none is left."""
    by_label = pools.by_label()
    candidates = list(dict.fromkeys(c for pool in by_label.values() for c in pool))
    number = {candidate: i for i, candidate in enumerate(candidates)}
    members = [np.array([number[c] for c in pool]) for pool in by_label.values()]
    vectors = _vectors(pools.model, [candidate.text for candidate in candidates])
    doubt = np.array([candidate.doubt for candidate in candidates])
    likeness, taken = np.zeros(len(candidates)), np.zeros(len(candidates), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(n, len(candidates)):
        for pool in members:
            left = pool[~taken[pool]]
            if len(left) and len(chosen) < n:
                best = int(left[np.argmax(doubt[left] * (1 - likeness[left]))])
                chosen.append(best)
                taken[best] = True
                alike = vectors @ vectors[[best]].toarray().ravel()
                likeness = np.maximum(likeness, np.minimum(alike, 1.0))
    return [candidates[i] for i in chosen]


def _vectors(model: Model, texts: Sequence[str]) -> Any:
    """Return the words and character n-grams of each text, as rows of length 1."""
    ngrams = NgramHasher()(model.pipeline.analyse(texts))
    sizes = np.diff(np.append(ngrams.gram_start, len(ngrams.gram)))
    rows = np.repeat(ngrams.text_of_token, sizes)
    ones: FloatArray = np.ones(len(rows))
    counts = sparse.csr_array((ones, (rows, ngrams.gram)), shape=(len(texts), BUCKETS))
    lengths = np.sqrt(counts.multiply(counts).sum(axis=1))
    return sparse.diags_array(1 / np.maximum(lengths, 1)) @ counts


def _write(chosen: Sequence[Candidate], target: Path) -> None:
    beside = target.with_name(f".{target.name}")
    write_csv((candidate.row() for candidate in chosen), COLUMNS, beside)
    beside.replace(target)
