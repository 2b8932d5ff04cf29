"""Where transcripts lie: files, folders, globs, and members of ``.gz`` and ``.zip`` archives."""

import glob
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from objection_nlp.errors import TranscriptError
from objection_nlp.transcripts.turns import Fault, UnreadableError

# Speech packs to about a tenth of its size; what unpacks to more than this is an attack.
_MAX_RATIO = 200
_ALWAYS_FINE = 64 << 20
_MAX_MEMBERS = 100_000


@dataclass
class Source:
    """One transcript: a file, or a member of a zip archive.

    Attributes
    ----------
    path : Path
        The file on disk.
    member : str or None
        The member's name where ``path`` is a zip archive.
    """

    path: Path
    member: str | None = None
    _raw: BinaryIO | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """What the transcript is called in rows and messages."""
        return str(self.path) if self.member is None else f"{self.path}/{self.member}"

    @property
    def _inner(self) -> PurePosixPath:
        """The name without the folder, and without ``.gz``."""
        inner = PurePosixPath(self.path.name if self.member is None else self.member)
        return inner.with_suffix("") if inner.suffix.lower() == ".gz" else inner

    @property
    def stem(self) -> str:
        """The bare name, which is the call's where a file holds one call."""
        return self._inner.stem

    @property
    def suffix(self) -> str:
        """The suffix of what is inside, in lower case."""
        return self._inner.suffix.lower()

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the bytes of the transcript, unpacked.

        Raises
        ------
        TranscriptError
            If the file cannot be opened, is damaged, or unpacks to far more than speech would.
        """
        try:
            with self._opened() as stream:
                yield stream
        except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
            raise UnreadableError(
                self.name, f"cannot be read ({_why(error)}); copy or pack it again"
            ) from error

    @contextmanager
    def _opened(self) -> Iterator[BinaryIO]:
        if self.member is not None:
            with zipfile.ZipFile(self.path) as archive:
                packed = archive.getinfo(self.member).compress_size
                with self._opened_member(archive, self.member) as inner:
                    yield _guarded(inner, packed, self.name)
        elif self.path.suffix.lower() == ".gz":
            with self._plain() as raw, gzip.open(raw) as unpacked:
                yield _guarded(cast(IO[bytes], unpacked), self.path.stat().st_size, self.name)
        else:
            with self._plain() as stream:
                yield stream

    def _plain(self) -> BinaryIO:
        self._raw = self.path.open("rb")
        return self._raw

    @property
    def size(self) -> int:
        """How many bytes the file has; 0 for a member, which is read at once."""
        return 0 if self.member is not None else self.path.stat().st_size

    @property
    def position(self) -> int:
        """How many bytes of the file have been read."""
        return 0 if self._raw is None or self._raw.closed else self._raw.tell()

    def _opened_member(self, archive: zipfile.ZipFile, member: str) -> IO[bytes]:
        try:
            return archive.open(member)
        except (RuntimeError, NotImplementedError) as error:
            raise UnreadableError(
                self.name, "is encrypted or packed in an unknown way; unpack it first"
            ) from error


class _Guard(io.RawIOBase):
    """Counts what an archive unpacks to, and stops before a small file fills the machine."""

    def __init__(self, inner: IO[bytes], packed: int, name: str) -> None:
        self._inner = inner
        self._limit = max(_ALWAYS_FINE, packed * _MAX_RATIO)
        self._name = name
        self._total = 0

    def readable(self) -> bool:
        """Say that there is something to read, as ``io`` asks."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, or refuse to go on."""
        data = self._inner.read(len(buffer))
        self._total += len(data)
        if self._total > self._limit:
            raise UnreadableError(
                self._name,
                f"unpacks to more than {_MAX_RATIO} times its size, as a zip bomb "
                "does; unpack it yourself if you trust it",
            )
        buffer[: len(data)] = data
        return len(data)


def _guarded(inner: IO[bytes], packed: int, name: str) -> BinaryIO:
    return io.BufferedReader(_Guard(inner, packed, name), 1 << 16)


def _why(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "the archive is damaged or cut short"


def find_sources(
    inputs: Iterable[str | Path], leave_out: Iterable[str | Path] = ()
) -> Iterator[Source | Fault]:
    """Find the transcripts that a user names, in order.

    Parameters
    ----------
    inputs : iterable of str or Path
        Files, folders (with all that is in them, hidden files left out), or globs.
    leave_out : iterable of str or Path
        Files and folders that are never read, such as the output.

    Yields
    ------
    Source or Fault
        A fault for what is in an archive and may not be opened.

    Raises
    ------
    TranscriptError
        If there is no such file, or nothing was named.
    """
    hidden = {Path(path).resolve() for path in leave_out}
    seen: set[Path] = set()
    named = [path for name in inputs for path in _expand(Path(name))]
    if not named:
        raise TranscriptError("no transcript was named or found; give at least one file or folder")
    for path in named:
        whole = path.resolve()
        if whole in seen or hidden & {whole, *whole.parents}:
            continue
        seen.add(whole)
        yield from _members(path) if path.suffix.lower() == ".zip" else (Source(path),)


def _expand(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(inner for inner in path.rglob("*") if _is_visible_file(inner, path))
    if path.exists():
        return [path]
    found = [Path(name) for name in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207
    if not found:
        raise TranscriptError(f"{path}: there is no such file")
    return [inner for match in found for inner in _expand(match)]


def _is_visible_file(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.is_file() and not any(part.startswith(".") for part in parts)


def _members(path: Path) -> Iterator[Source | Fault]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (OSError, zipfile.BadZipFile):
        yield Fault(str(path), None, "is no readable zip archive; copy or pack it again")
        return
    if len(entries) > _MAX_MEMBERS:
        yield Fault(str(path), None, f"holds more than {_MAX_MEMBERS} files; unpack it first")
        return
    for entry in entries:
        yield _member(path, entry.filename)


def _member(path: Path, name: str) -> Source | Fault:
    source = Source(path, name)
    if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
        return Fault(source.name, None, "its name points outside the archive; it was not opened")
    if name.lower().endswith((".zip", ".gz")):
        return Fault(source.name, None, "is an archive inside an archive; unpack it first")
    return source
