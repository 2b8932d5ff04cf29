"""The report: a page per call with its objections marked, and an index over all calls.

Every page is one file that needs nothing else; everything that was said is escaped.
"""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, islice
from pathlib import Path
from typing import NamedTuple

from objection_nlp.annotation.rows import Row
from objection_nlp.bundle import Model
from objection_nlp.errors import TranscriptError
from objection_nlp.playbook import Guidance
from objection_nlp.response import ObjectionResponse, predict_responses
from objection_nlp.templating import page_environment

# A browser on a phone shows this many turns, and rows of an index, without trouble.
_TURNS_PER_PAGE = 1000
_CALLS_PER_PAGE = 500
_AGENT_COLUMNS = ("agent", "medewerker", "agent_name", "agent_id", "adviseur", "operator")
_DATE_COLUMNS = ("date", "datum", "call_date", "gespreksdatum", "dag", "started_at", "timestamp")
_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")


class _Piece(NamedTuple):
    """A stretch of what was said, and whether it is evidence."""

    text: str
    marked: bool


@dataclass(frozen=True)
class _Said:
    """A turn as a page shows it."""

    row: Row
    pieces: list[_Piece]
    titles: list[str]
    guess: str
    guidance: Guidance | None


@dataclass
class _Call:
    """A call as the index shows it."""

    page: str
    call_id: str
    source: str
    agent: str
    day: date | None
    turns: int = 0
    labels: Counter[str] = field(default_factory=Counter)

    @property
    def week(self) -> str:
        """Year and week, such as 2026-W11."""
        if self.day is None:
            return ""
        year, week, _ = self.day.isocalendar()
        return f"{year}-W{week:02}"


def write_report(rows: Iterable[Row], folder: Path, model: Model) -> None:
    """Write the report.

    Parameters
    ----------
    rows : iterable of dict
        Annotated rows, those of a call one after the other.
    folder : Path
        Is replaced, if it was a report before, when the new one is complete.
    model : Model
        Tells the evidence and the guidance.
    """
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        beside = Path(scratch) / folder.name
        beside.mkdir()
        pages = _Pages(beside, model)
        pages.write_index([pages.write_call(number, call) for number, call in _calls(rows)])
        if folder.exists():
            shutil.rmtree(folder)
        beside.replace(folder)


def check_folder(folder: Path) -> None:
    """Refuse a folder that holds anything but an earlier report.

    Raises
    ------
    TranscriptError
    """
    strangers = [path for path in folder.glob("*") if not re.fullmatch(_OURS, path.name)]
    if strangers or folder.is_file():
        raise TranscriptError(
            f"{folder}: holds other files than an earlier report; choose another folder"
        )


_OURS = r"(?:index|call)(?:-\d+)?\.html"


def _calls(rows: Iterable[Row]) -> Iterator[tuple[int, list[Row]]]:
    """Yield the rows of each call, those of a very long one in parts."""
    number = 0
    for _, call in groupby(rows, key=lambda row: (row["source"], row["call_id"])):
        while part := list(islice(call, _TURNS_PER_PAGE)):
            number += 1
            yield number, part


class _Pages:
    """Fills the templates."""

    def __init__(self, folder: Path, model: Model) -> None:
        self._folder, self._model = folder, model
        self._none = model.playbook.none_label
        self._titles = {name: model.playbook.guidance(name).title for name in model.labels}
        environment = page_environment(self._titles)
        self._call = environment.get_template("call.html")
        self._index = environment.get_template("index.html")

    def write_call(self, number: int, rows: list[Row]) -> _Call:
        """Write the page of a call and return its entry in the index."""
        first = rows[0]
        call = _Call(
            f"call-{number:06}.html",
            first["call_id"],
            first["source"],
            _first_of(first, _AGENT_COLUMNS),
            _day_of(first),
            len(rows),
        )
        said = list(self._explained(rows))
        call.labels.update(name for turn in said for name in self._named(turn.row))
        self._write(call.page, self._call.render(call=call, said=said))
        return call

    def write_index(self, calls: list[_Call]) -> None:
        """Write the index, in parts where there are many calls."""
        parts = [
            calls[at : at + _CALLS_PER_PAGE] for at in range(0, len(calls), _CALLS_PER_PAGE)
        ] or [[]]
        names = ["index.html", *(f"index-{part}.html" for part in range(2, len(parts) + 1))]
        spread = {
            "Tegenwerpingen": _bars(_by_label(calls, self._titles)),
            "Per medewerker": _bars(_counted(calls, "agent")),
            "Per week": _bars(sorted(_counted(calls, "week"))),
        }
        for name, part in zip(names, parts, strict=True):
            page = self._index.render(
                calls=part, names=names, here=name, spread=spread, total=len(calls)
            )
            self._write(name, page)

    def _explained(self, rows: list[Row]) -> Iterator[_Said]:
        """Add evidence and guidance to the turns with an objection."""
        objections = [row["text"] for row in rows if self._named(row)]
        answers = iter(predict_responses(objections, model=self._model))
        for row in rows:
            names = self._named(row)
            if not names:
                guess = "" if row["label"] == self._none else self._titles[row["label"]]
                yield _Said(row, [_Piece(row["text"], False)], [], guess, None)
                continue
            answer = next(answers)
            titles = [self._titles[name] for name in names]
            yield _Said(row, list(_pieces(answer)), titles, "", answer.guidance)

    def _named(self, row: Row) -> list[str]:
        """Return the objections of a row; none where it was too unsure to tell."""
        if row["abstained"]:
            return []
        return [name for name in row["labels"].split("+") if name != self._none]

    def _write(self, name: str, page: str) -> None:
        (self._folder / name).write_text(page, encoding="utf-8", newline="\n")


def _pieces(answer: ObjectionResponse) -> Iterator[_Piece]:
    """Cut what was said at the edges of its evidence."""
    position = 0
    for span in sorted(answer.evidence, key=lambda span: span.start):
        yield _Piece(answer.text[position : span.start], False)
        yield _Piece(answer.text[span.start : span.end], True)
        position = span.end
    yield _Piece(answer.text[position:], False)


def _first_of(row: Row, columns: Sequence[str]) -> str:
    """Return the first of these carried columns that a row has."""
    plain = {name.lower(): value for name, value in row.items() if value not in (None, "")}
    return next((str(plain[name]) for name in columns if name in plain), "")


def _day_of(row: Row) -> date | None:
    """Return the day of a call: a column's, or one that stands in its id or file name."""
    for text in (_first_of(row, _DATE_COLUMNS), row["call_id"], row["source"]):
        for match in _DATE.finditer(text):
            try:
                return date(*map(int, match.groups()))
            except ValueError:
                continue
    return None


def _by_label(calls: Sequence[_Call], titles: Mapping[str, str]) -> list[tuple[str, int]]:
    counts = sum((call.labels for call in calls), Counter[str]())
    return [(titles[name], count) for name, count in counts.most_common()]


def _counted(calls: Sequence[_Call], what: str) -> list[tuple[str, int]]:
    """Return objections per agent or week, where these are known."""
    counts: Counter[str] = Counter()
    for call in calls:
        if getattr(call, what):
            counts[getattr(call, what)] += call.labels.total()
    return counts.most_common()


def _bars(counts: Sequence[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Add to each count its length in percent of the longest."""
    most = max((count for _, count in counts), default=0) or 1
    return [(name, count, round(100 * count / most)) for name, count in counts]
