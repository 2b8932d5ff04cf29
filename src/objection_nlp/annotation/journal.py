"""How far a run has come, kept on disk so that a killed one can go on where it stopped.

Rows and faults are appended to files in a work folder beside the output. From time to time the
journal notes how long these files were and where in the inputs that was. Whatever stands in the
files behind the last note is cut off when the run goes on.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from objection_nlp.annotation.blocks import Position
from objection_nlp.annotation.rows import Annotated, to_lines
from objection_nlp.annotation.summary import AnnotationSummary
from objection_nlp.bundle import Model
from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.turns import Fault, ReadOptions

_FORMAT = 1
# Seconds between two notes: what a kill may cost.
_EVERY = 0.5


@dataclass
class _Note:
    """One entry of the journal."""

    fingerprint: str
    position: Position = field(default_factory=Position)
    rows: int = 0
    errors: int = 0
    kinds: dict[str, list[str]] = field(default_factory=dict)
    summary: AnnotationSummary = field(default_factory=AnnotationSummary)

    def to_json(self) -> bytes:
        """Return the note as it is kept on disk."""
        stored = {"format": _FORMAT, **vars(self), "summary": self.summary.to_dict()}
        return json.dumps(stored, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read a note; ValueError, KeyError or TypeError where it is none of this format."""
        stored = json.loads(raw)
        if stored.pop("format") != _FORMAT:
            raise ValueError("another format")
        stored["position"] = Position(*stored["position"])
        stored["summary"] = AnnotationSummary.from_dict(stored["summary"])
        return cls(**stored)


class Journal:
    """The work folder of a run.

    Parameters
    ----------
    target : Path
        The output; the folder lies beside it.
    fingerprint : str
        What the run depends on.
    resume : bool
        Whether to go on with an unfinished run; otherwise it is removed.

    Raises
    ------
    TranscriptError
        If the unfinished run had other transcripts, options or another model.

    Attributes
    ----------
    folder : Path
    """

    def __init__(self, target: Path, fingerprint: str, *, resume: bool = False) -> None:
        self.folder = work_folder(target)
        self._note = _Note(fingerprint)
        if resume:
            self._take_over()
        else:
            self._remove()
        self._noted = 0.0
        self._rows: BinaryIO | None = None
        self._errors: BinaryIO | None = None

    @property
    def position(self) -> Position:
        """Where in the inputs to go on."""
        return self._note.position

    @property
    def summary(self) -> AnnotationSummary:
        """What the run has come to so far."""
        return self._note.summary

    @property
    def kinds(self) -> dict[str, list[str]]:
        """Carried columns in order of appearance, with the types of their values."""
        return self._note.kinds

    @property
    def rows_file(self) -> Path:
        """The rows so far, as JSONL."""
        return self.folder / "rows.jsonl"

    @property
    def errors_file(self) -> Path:
        """The faults so far, as JSONL."""
        return self.folder / "errors.jsonl"

    def _take_over(self) -> None:
        """Go on from what an earlier run has noted, if there was one."""
        file = self.folder / "journal.json"
        if not file.exists():
            return
        try:
            note = _Note.from_json(file.read_bytes())
        except (ValueError, KeyError, TypeError) as error:
            raise TranscriptError(
                f"{file}: cannot be gone on with; start again with --force"
            ) from error
        if note.fingerprint != self._note.fingerprint:
            raise TranscriptError(
                f"{self.folder}: was begun with other transcripts, options or another model; "
                "start again with --force"
            )
        self._note = note

    def __enter__(self) -> Self:
        """Open the files, cut back to what was noted."""
        self.folder.mkdir(exist_ok=True)
        self._rows = _cut_open(self.rows_file, self._note.rows)
        self._errors = _cut_open(self.errors_file, self._note.errors)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        """Close the files; keep them only where the run was broken off and can be gone on with."""
        for stream in (self._rows, self._errors):
            if stream is not None:
                stream.close()
        if kind is None or issubclass(kind, TranscriptError):
            self._remove()

    def add(self, done: Annotated) -> None:
        """Write down what came of a block."""
        assert self._rows is not None and self._errors is not None  # it was entered
        note, faults = self._note, to_lines([fault._asdict() for fault in done.block.faults])
        self._rows.write(done.lines)
        self._errors.write(faults)
        note.rows += len(done.lines)
        note.errors += len(faults)
        note.position = done.block.end
        note.summary.add(done)
        for name, kinds in done.kinds.items():
            note.kinds[name] = sorted({*note.kinds.get(name, []), *kinds})
        if time.monotonic() - self._noted > _EVERY:
            self.note()

    def note(self) -> None:
        """Note how far the run has come; it can go on from here."""
        for stream in (self._rows, self._errors):
            assert stream is not None  # it was entered
            stream.flush()
            os.fsync(stream.fileno())
        beside = self.folder / "journal.new"
        beside.write_bytes(self._note.to_json())
        beside.replace(self.folder / "journal.json")
        self._noted = time.monotonic()

    def _remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def work_folder(target: Path) -> Path:
    """Return where the unfinished run of an output lies."""
    return target.parent / f".{target.name}.part"


def _cut_open(path: Path, length: int) -> BinaryIO:
    stream = path.open("r+b" if path.exists() else "w+b")
    stream.truncate(length)
    stream.seek(length)
    return stream


def fingerprint(sources: Sequence[Source | Fault], options: ReadOptions, model: Model) -> str:
    """Return a hash of all that the rows depend on: transcripts, options, model and package."""
    digest = hashlib.sha256(f"{metadata.version('objection-nlp')} {options}".encode())
    digest.update(json.dumps(model.describe(), sort_keys=True, default=str).encode())
    for array in _arrays(model.scorer):
        digest.update(np.ascontiguousarray(array).data)
    hashed: dict[Path, bytes] = {}
    for source in sources:
        digest.update(repr(source).encode())
        if isinstance(source, Source):
            if source.path not in hashed:
                hashed = {source.path: _hash(source.path)}
            digest.update(hashed[source.path])
    return digest.hexdigest()


def _arrays(part: Any) -> Iterator[NDArray[Any]]:
    """Yield every array that a scorer is made of."""
    if isinstance(part, np.ndarray):
        yield part
    elif isinstance(part, tuple):
        for piece in part:
            yield from _arrays(piece)
    elif is_dataclass(part):
        for piece in fields(part):
            if piece.init:
                yield from _arrays(getattr(part, piece.name))


def _hash(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError:  # reading it will say why
        return b""
