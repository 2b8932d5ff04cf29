"""Tables of turns, whatever they are stored in: which column is what."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from objection_nlp.transcripts.clock import seconds
from objection_nlp.transcripts.sources import Source
from objection_nlp.transcripts.turns import (
    OUTPUT_COLUMNS,
    Fault,
    ReadOptions,
    Segment,
    UnreadableError,
)

# What our columns are called in Dutch and English files; the first that a file has is taken.
_NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "tekst", "utterance", "uiting", "uitspraak", "transcript", "transcriptie"),
        *("transcription", "zin", "gezegd", "content", "inhoud", "message", "bericht"),
    ),
    "speaker": (
        *("speaker", "spreker", "speaker_name", "speaker_label", "role", "rol", "participant"),
        *("deelnemer", "wie", "who", "channel", "kanaal"),
    ),
    "call_id": (
        *("call_id", "callid", "call", "gesprek_id", "gespreksid", "gesprek", "gespreksnummer"),
        *("conversation_id", "conversation", "contact_id", "contactid", "recording_id"),
    ),
    "start": (
        *("start", "begin", "start_time", "starttime", "starttijd", "begintijd", "start_seconds"),
        *("tijd", "time", "van"),
    ),
    "end": (
        *("end", "eind", "einde", "end_time", "endtime", "eindtijd", "end_seconds", "stop", "tot"),
    ),
}
OURS = tuple(_NAMES)


def find_columns(header: Iterable[str], options: ReadOptions) -> dict[str, str]:
    """Say which column of a table is which of ours.

    Parameters
    ----------
    header : iterable of str
        The table's column names.
    options : ReadOptions
        Columns that the user has named.

    Returns
    -------
    dict of str to str
        The table's name of each of our columns that it has.

    Examples
    --------
    >>> find_columns(["Gesprek", "Spreker", "Tekst", "filiaal"], ReadOptions())
    {'text': 'Tekst', 'speaker': 'Spreker', 'call_id': 'Gesprek'}
    """
    plain = {_plain(name): name for name in reversed(list(header))}
    found = {}
    for ours, names in _NAMES.items():
        wanted = (options.columns[ours],) if ours in options.columns else names
        theirs = next((plain[_plain(name)] for name in wanted if _plain(name) in plain), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def check_header(source: Source, header: list[str], options: ReadOptions) -> dict[str, str]:
    """Return the columns of a table, or say why it is none that can be read.

    Raises
    ------
    TranscriptError
        If the text, or a column that the user has named, is missing, a name stands there twice,
        or the table was written by annotating.
    """
    if is_output(header):
        raise UnreadableError(
            source.name,
            "was written by annotating and is not read back; give the transcript",
        )
    if len(set(header)) < len(header):
        raise UnreadableError(
            source.name, row=1, reason="a column name stands there twice; rename one"
        )
    found = find_columns(header, options)
    missing = [name for ours, name in options.columns.items() if ours not in found]
    if missing or "text" not in found:
        raise UnreadableError(
            source.name,
            row=1,
            reason=f"column {(missing or ['text'])[0]!r} is missing; the header has "
            f"{_shown(header)}. Say which one it is, such as --column text=NAME",
        )
    return found


def _shown(header: Iterable[str]) -> str:
    """Name columns, but not what may be speech in a table without a header."""
    names = [repr(name) if " " not in name else "a longer one" for name in header]
    return ", ".join(names) or "nothing"


def is_output(names: Iterable[str]) -> bool:
    """Whether a table has the columns of an annotated file."""
    return tuple(names)[: len(OUTPUT_COLUMNS)] == OUTPUT_COLUMNS


class _Plan(NamedTuple):
    """Which keys of a record are which of our columns."""

    keys: tuple[str, ...]
    text: str | None
    speaker: str | None
    call_id: str | None
    start: str | None
    end: str | None
    extra: tuple[str, ...]


class Records:
    """Makes segments of rows that are dictionaries, such as those of JSONL and Parquet.

    Parameters
    ----------
    source : Source
    options : ReadOptions
    """

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._name, self._stem = source.name, source.stem
        self._options = options
        self._plan = self._planned(())

    def segment(self, record: Mapping[str, Any], row: int) -> Segment | Fault:
        """Return a row as a segment, or what is wrong with it."""
        if tuple(record) != self._plan.keys:
            self._plan = self._planned(tuple(record))
        plan = self._plan
        text = record[plan.text] if plan.text is not None else None
        if not isinstance(text, str):
            return Fault(self._name, row, "a text (a string) was expected")
        try:
            start = None if plan.start is None else seconds(record[plan.start])
            end = None if plan.end is None else seconds(record[plan.end])
        except (TypeError, ValueError, OverflowError):
            return Fault(self._name, row, "a time in seconds, or as 00:12, was expected")
        name = None if plan.speaker is None else record[plan.speaker]
        call = None if plan.call_id is None else record[plan.call_id]
        return Segment(
            self._stem if call is None or call == "" else str(call),
            None if name is None else str(name) or None,
            text,
            row,
            start,
            end,
            {key: record[key] for key in plan.extra},
        )

    def _planned(self, keys: tuple[str, ...]) -> _Plan:
        columns = find_columns(keys, self._options)
        taken = set(columns.values())
        extra = tuple(key for key in keys if key not in taken)
        return _Plan(keys=keys, extra=extra, **{ours: columns.get(ours) for ours in OURS})
