"""Transcript files in, annotated rows out: one row per turn, in order, in constant memory."""

import csv
import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO

from objection_nlp.bundle import Model, load_model
from objection_nlp.errors import TranscriptError
from objection_nlp.labels import join_labels
from objection_nlp.response import classify
from objection_nlp.transcripts import read_turns
from objection_nlp.transcripts.turns import AGENT, Turn

COLUMNS = (
    "source",
    "call_id",
    "turn",
    "speaker",
    "start",
    "end",
    "text",
    "label",
    "labels",
    "confidence",
    "abstained",
    "guidance",
)
_BATCH = 512
# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection").
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")

Row = dict[str, Any]


@dataclass
class AnnotationSummary:
    """What a run came to.

    Attributes
    ----------
    files, calls, turns : int
        How many were annotated.
    labels : Counter of str
        How often each label was named.
    """

    files: int = 0
    calls: int = 0
    turns: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """Return the summary as a plain dictionary."""
        return asdict(self)


class _Writer(Protocol):
    def write(self, rows: Sequence[Row]) -> None: ...


def annotate(
    inputs: Iterable[str | Path],
    output: str | Path,
    *,
    model: Model | str | Path | None = None,
    force: bool = False,
    progress: Callable[[int], None] | None = None,
) -> AnnotationSummary:
    """Annotate every turn of transcript files.

    Parameters
    ----------
    inputs : iterable of str or Path
        CSV, JSONL or plain text transcripts.
    output : str or Path
        A ``.csv`` or ``.jsonl`` file. It appears only when the whole run has gone well.
    model : Model, str or Path, optional
        The packaged model when None.
    force : bool, default False
        Whether an output that exists may be replaced.
    progress : callable, optional
        Called after each batch with the number of turns done so far.

    Returns
    -------
    AnnotationSummary

    Raises
    ------
    TranscriptError
        If a file cannot be read (with file and row), or the output exists, is also an input, or
        is of an unknown kind. No output is written then.

    Examples
    --------
    >>> annotate(["missing.csv"], "out.csv")
    Traceback (most recent call last):
    objection_nlp.errors.TranscriptError: missing.csv: there is no such file
    """
    files, target = [Path(path) for path in inputs], Path(output)
    _check_paths(files, target, force)
    loaded = model if isinstance(model, Model) else load_model(model)
    summary = AnnotationSummary(files=len(files))
    columns = _columns(files) if target.suffix == ".csv" else ()
    with _written_whole(target) as stream:
        writer = _WRITERS[target.suffix](stream, columns)
        for rows in _annotated(files, loaded, summary):
            writer.write(rows)
            if progress is not None:
                progress(summary.turns)
    return summary


def annotate_turns(turns: Sequence[tuple[str, Turn]], model: Model) -> list[Row]:
    """Annotate a batch of turns, each with the name of its file.

    Parameters
    ----------
    turns : sequence of (str, Turn)
        Source and turn.
    model : Model

    Returns
    -------
    list of dict
        One row per turn, in order, with the columns of ``COLUMNS`` and the turn's own extras.
        An agent's turn carries the label for none, whatever is said in it.
    """
    none = model.playbook.none_label
    title = {label: model.playbook.guidance(label).title for label in model.labels}
    spoken = [turn.text for _, turn in turns if turn.speaker != AGENT]
    heard = iter(classify(spoken, model))
    rows = []
    for source, turn in turns:
        labels, confidence, abstained = (
            ((none,), 1.0, False) if turn.speaker == AGENT else next(heard)
        )
        rows.append(
            {
                "source": source,
                "call_id": turn.call_id,
                "turn": turn.turn,
                "speaker": turn.speaker,
                "start": turn.start,
                "end": turn.end,
                "text": turn.text,
                "label": labels[0],
                "labels": join_labels(labels),
                "confidence": round(confidence, 4),
                "abstained": abstained,
                "guidance": title[none if abstained else labels[0]],
                **{_extra_name(name): value for name, value in turn.extra.items()},
            }
        )
    return rows


def _annotated(
    files: Sequence[Path], model: Model, summary: AnnotationSummary
) -> Iterator[list[Row]]:
    turns = ((str(file), turn) for file in files for turn in read_turns(file))
    last_call: tuple[str, str] | None = None
    while batch := list(islice(turns, _BATCH)):
        rows = annotate_turns(batch, model)
        for row in rows:
            call = (row["source"], row["call_id"])
            summary.calls += call != last_call
            last_call = call
            summary.labels.update(row["labels"].split("+"))
        summary.turns += len(rows)
        yield rows


def _extra_name(name: str) -> str:
    """Rename a carried column that would take the place of one of ours."""
    return f"input_{name}" if name in COLUMNS else name


def _columns(files: Sequence[Path]) -> tuple[str, ...]:
    """Return our columns and, after them, those that the first turns of the inputs carry."""
    extras: dict[str, None] = {}
    for file in files:
        for turn in islice(read_turns(file), 1):
            extras |= dict.fromkeys(map(_extra_name, turn.extra))
    return (*COLUMNS, *extras)


def _check_paths(files: Sequence[Path], target: Path, force: bool) -> None:
    if not files:
        raise TranscriptError("no transcript was named; give at least one file")
    for file in files:
        if not file.is_file():
            raise TranscriptError(f"{file}: there is no such file")
    if target.suffix not in _WRITERS:
        raise TranscriptError(
            f"{target}: cannot write this kind of file; use {' or '.join(_WRITERS)}"
        )
    if any(target.resolve() == file.resolve() for file in files):
        raise TranscriptError(f"{target}: is an input too; choose another output")
    if target.exists() and not force:
        raise TranscriptError(f"{target}: exists; choose another output or use --force")
    if not target.parent.is_dir():
        raise TranscriptError(f"{target.parent}: there is no such folder; make it first")


@contextmanager
def _written_whole(target: Path) -> Iterator[TextIO]:
    """Open a file beside the target that takes its place only when all went well."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        beside.chmod(0o666 & ~_umask())
        beside.replace(target)
    except BaseException:
        beside.unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


class _CsvWriter:
    """Comma separated, UTF-8; cells that a spreadsheet would run are made harmless."""

    def __init__(self, stream: TextIO, columns: Sequence[str]) -> None:
        self._writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        self._columns = frozenset(columns)
        self._writer.writeheader()

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            surplus = row.keys() - self._columns
            if surplus:
                raise TranscriptError(
                    f"{row['source']} turn {row['turn']}: has the further field(s) "
                    f"{', '.join(sorted(surplus))}, which the first turn of its file lacks and a "
                    "CSV cannot take in any more; write to .jsonl instead"
                )
            self._writer.writerow({key: _harmless(value) for key, value in row.items()})


class _JsonlWriter:
    """One JSON object per line."""

    def __init__(self, stream: TextIO, columns: Sequence[str]) -> None:
        self._stream = stream

    def write(self, rows: Sequence[Row]) -> None:
        self._stream.writelines(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


_WRITERS: dict[str, Callable[[TextIO, Sequence[str]], _Writer]] = {
    ".csv": _CsvWriter,
    ".jsonl": _JsonlWriter,
}


def _harmless(value: Any) -> Any:
    """Put an apostrophe before text that a spreadsheet would take for a formula."""
    if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
        return f"'{value}"
    return value
