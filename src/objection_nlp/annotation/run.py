"""Transcript files in, annotated rows out: one row per turn, in order, in constant memory.

sources -> blocks of turns -> annotated by an engine -> journal -> output, faults and report
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from objection_nlp.annotation.blocks import cut_blocks
from objection_nlp.annotation.call_pages import check_folder, write_report
from objection_nlp.annotation.engines import check_engine, run_blocks
from objection_nlp.annotation.journal import Journal, fingerprint, work_folder
from objection_nlp.annotation.outputs import (
    FAULT_SUFFIXES,
    check_suffix,
    read_rows,
    write_faults,
    write_output,
)
from objection_nlp.annotation.rows import Annotated, annotate_frame, annotate_turns
from objection_nlp.annotation.summary import AnnotationSummary
from objection_nlp.bundle import Model, load_model
from objection_nlp.errors import TranscriptError, listed
from objection_nlp.templating import import_jinja
from objection_nlp.transcripts.sources import find_sources
from objection_nlp.transcripts.table import OURS
from objection_nlp.transcripts.turns import OUTPUT_COLUMNS as COLUMNS
from objection_nlp.transcripts.turns import ReadOptions

__all__ = ["COLUMNS", "AnnotationSummary", "annotate", "annotate_frame", "annotate_turns"]


def annotate(
    inputs: Iterable[str | Path],
    output: str | Path,
    *,
    model: Model | str | Path | None = None,
    force: bool = False,
    resume: bool = False,
    errors: str | Path | None = None,
    strict: bool = False,
    html: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    agents: Sequence[str] = (),
    debtors: Sequence[str] = (),
    merge_gap: float | None = None,
    n_jobs: int = 1,
    engine: str = "local",
    scheduler: str | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> AnnotationSummary:
    """Annotate every turn of transcript files.

    Parameters
    ----------
    inputs : iterable of str or Path
        Files, folders, globs and archives; the format of each is told by what is in it.
    output : str or Path
        A ``.csv``, ``.jsonl`` or ``.parquet`` file. It appears when the whole run is done.
    model : Model, str or Path, optional
        The packaged model when None.
    force : bool, default False
        Whether an output that exists, or an unfinished run of it, may be replaced.
    resume : bool, default False
        Whether to go on with an unfinished run of this output; without one, all is done anew.
    errors : str or Path, optional
        A ``.csv`` or ``.jsonl`` file for what cannot be read: ``source``, ``row``, ``reason``.
    strict : bool, default False
        Whether to stop, without an output, at the first file or row that cannot be read.
    html : str or Path, optional
        A folder for the report: a page per call and an index.
    columns : mapping of str to str, optional
        Which column of a table is our ``text``, ``speaker``, ``call_id``, ``start`` or ``end``.
    agents, debtors : sequence of str
        Names of speakers whose role is known.
    merge_gap : float, optional
        Join what one speaker says with pauses of at most this many seconds; the column
        ``segments`` then tells the rows that each turn comes from.
    n_jobs : int, default 1
        Processes; -1 for one per core.
    engine : {"local", "dask"}, default "local"
        Whether the work is done here or on a Dask cluster; the output is the same to the byte.
    scheduler : str, optional
        Address of a Dask scheduler.
    progress : callable, optional
        Called with the number of turns done so far and the share of the inputs read.

    Returns
    -------
    AnnotationSummary
        With the number of faults in ``errors`` and the first of them in ``faults``.

    Raises
    ------
    TranscriptError
        If a fault is met and ``strict`` is set, no turn at all can be read, or an output exists,
        is also an input, or cannot be written. No output is written then.

    Examples
    --------
    >>> annotate(["missing.csv"], "out.csv")
    Traceback (most recent call last):
    objection_nlp.errors.TranscriptError: missing.csv: there is no such file
    """
    outputs = _Outputs(Path(output), _path(errors), _path(html))
    options = read_options(columns or {}, agents, debtors, merge_gap)
    check_engine(engine, n_jobs, scheduler)
    named = [Path(path) for path in inputs]
    outputs.check(named, force, resume)
    sources = list(find_sources(named, leave_out=outputs.paths))
    loaded = model if isinstance(model, Model) else load_model(model)
    journal = Journal(outputs.target, fingerprint(sources, options, loaded), resume=resume)
    with journal:
        blocks = cut_blocks(sources, options, journal.position)
        work = run_blocks(blocks, loaded, n_jobs=n_jobs, engine=engine, scheduler=scheduler)
        _write_down(work, journal, strict, progress)
        outputs.write(journal, loaded)
    return journal.summary


def _write_down(
    work: Generator[Annotated],
    journal: Journal,
    strict: bool,
    progress: Callable[[int, float], None] | None,
) -> None:
    """Take what the engine yields into the journal."""
    with closing(work):
        for done in work:
            journal.add(done)
            if strict and journal.summary.faults:
                raise TranscriptError(journal.summary.faults[0])
            if progress is not None:
                progress(journal.summary.turns, done.block.share)
    journal.note()


@dataclass(frozen=True)
class _Outputs:
    """What a run writes."""

    target: Path
    errors: Path | None
    html: Path | None

    @property
    def paths(self) -> list[Path]:
        return [path for path in (self.target, self.errors, self.html) if path is not None]

    def check(self, inputs: Sequence[Path], force: bool, resume: bool) -> None:
        """Refuse what cannot or may not be written, before any work is done."""
        check_suffix(self.target)
        if self.errors is not None and self.errors.suffix.lower() not in FAULT_SUFFIXES:
            raise TranscriptError(f"{self.errors}: faults are written as .csv or .jsonl")
        if len({path.resolve() for path in self.paths}) < len(self.paths):
            raise TranscriptError(f"{self.target}: is named twice; give each output its own name")
        for path in self.paths:
            _check_output(path, inputs, anew=force or resume)
        if self.html is not None:
            import_jinja()
            check_folder(self.html)
        if work_folder(self.target).exists() and not (force or resume):
            raise TranscriptError(
                f"{self.target}: an unfinished run of it lies here; go on with --resume, or start "
                "again with --force"
            )

    def write(self, journal: Journal, model: Model) -> None:
        """Write everything from what the journal holds."""
        summary = journal.summary
        if self.errors is not None:
            write_faults(journal.errors_file, self.errors)
        if summary.errors and not summary.turns:
            raise TranscriptError(f"no turn could be read:\n{listed(summary.faults)}")
        if self.html is not None:
            write_report(read_rows(journal.rows_file), self.html, model)
        write_output(journal.rows_file, journal.kinds, self.target)


def _check_output(path: Path, inputs: Sequence[Path], anew: bool) -> None:
    if any(path.resolve() == file.resolve() for file in inputs):
        raise TranscriptError(f"{path}: is an input too; choose another output")
    if path.exists() and not anew:
        raise TranscriptError(f"{path}: exists; choose another output, or use --force or --resume")
    if not path.resolve().parent.is_dir():
        raise TranscriptError(f"{path.parent}: there is no such folder; make it first")


def read_options(
    columns: Mapping[str, str],
    agents: Sequence[str],
    debtors: Sequence[str],
    merge_gap: float | None,
) -> ReadOptions:
    """Check what a user says about transcripts, and gather it.

    Raises
    ------
    TranscriptError
        If a column is none of ours, a speaker has two roles, or the gap is no time.
    """
    for ours in columns:
        if ours not in OURS:
            raise TranscriptError(f"column {ours!r} is none of ours; use one of {', '.join(OURS)}")
    both = {name.casefold() for name in agents} & {name.casefold() for name in debtors}
    if both:
        raise TranscriptError("a speaker is named as agent and as debtor; choose one")
    if merge_gap is not None and not 0 <= merge_gap < float("inf"):
        raise TranscriptError(f"the merge gap is {merge_gap}; use a number of seconds, 0 or more")
    return ReadOptions(dict(columns), tuple(agents), tuple(debtors), merge_gap)


def _path(path: str | Path | None) -> Path | None:
    return None if path is None else Path(path)
