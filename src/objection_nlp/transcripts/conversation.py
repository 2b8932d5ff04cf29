"""From segments to turns: numbered within their call, joined where wanted, each with a role."""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from objection_nlp.transcripts.speakers import Role, find_roles
from objection_nlp.transcripts.turns import UNKNOWN, Fault, ReadOptions, Segment, Turn

# How much of a call is heard before it is said who is who; longer calls keep those roles.
_LOOK_AHEAD = 400
# Calls whose rows may stand mixed in one file. Older ones are forgotten to bound the memory.
_OPEN_CALLS = 10_000
SEGMENTS = "segments"


@dataclass
class Census:
    """How many calls there were, and how it was known who is who in them.

    Attributes
    ----------
    calls : int
    speakers : Counter of str
        ``named``, ``inferred`` and ``unknown``: speakers of calls, not turns.
    """

    calls: int = 0
    speakers: Counter[str] = field(default_factory=Counter)

    def count(self, role: Role) -> None:
        """Add a speaker of a call."""
        how = "named" if role.confidence == 1.0 else "inferred"
        self.speakers["unknown" if role.role == UNKNOWN else how] += 1

    def reset(self) -> None:
        """Begin counting anew."""
        self.calls, self.speakers = 0, Counter()


@dataclass
class _Call:
    """What is remembered of a call while its file is read."""

    turns: int = 0
    last: float = 0.0
    roles: dict[str | None, Role] = field(default_factory=dict)


def turns_of(
    segments: Iterator[Segment | Fault],
    source: str,
    options: ReadOptions,
    census: Census | None = None,
) -> Iterator[Turn | Fault]:
    """Turn the segments of a file into turns.

    Parameters
    ----------
    segments : iterator of Segment or Fault
        What a reader yields; faults are passed on.
    source : str
        The file's name, for messages.
    options : ReadOptions
    census : Census, optional
        Where calls and speakers are counted.

    Yields
    ------
    Turn or Fault
        Every segment ends up in exactly one turn or one fault. A speaker has one role in a call.
    """
    conversation = _Conversation(source, options, census or Census())
    joined = segments if options.merge_gap is None else _joined(segments, options.merge_gap)
    for segment in joined:
        if not isinstance(segment, Fault) and segment.call_id != conversation.call_id:
            yield from conversation.flush()
            conversation.take_up(segment.call_id)
        conversation.hear(segment)
        if conversation.is_full:
            yield from conversation.flush()
    yield from conversation.flush()


class _Conversation:
    """Holds the segments of a call until it can be said who is who."""

    def __init__(self, source: str, options: ReadOptions, census: Census) -> None:
        self._source, self._options, self._census = source, options, census
        self._calls: OrderedDict[str, _Call] = OrderedDict()
        self._current = _Call()
        self.call_id: str | None = None
        self._waiting: list[Segment | Fault] = []

    @property
    def is_full(self) -> bool:
        """Whether enough has been heard to say who is who."""
        return len(self._waiting) >= _LOOK_AHEAD

    def hear(self, said: Segment | Fault) -> None:
        """Let a segment of the call at hand wait, or what is wrong with it."""
        if not isinstance(said, Fault) and (said.start is not None or said.end is not None):
            said = self._clock_fault(said) or said
        self._waiting.append(said)

    def flush(self) -> Iterator[Turn | Fault]:
        """Yield what waits, in order, the turns with their roles."""
        waiting, self._waiting = self._waiting, []
        call = self._current
        self._cast(call, [said for said in waiting if not isinstance(said, Fault)])
        for said in waiting:
            if isinstance(said, Fault):
                yield said
                continue
            call_id, name, text, row, start, end, extra = said
            number, call.turns = call.turns, call.turns + 1
            yield Turn(call_id, number, call.roles[name].role, text, row, start, end, extra)

    def _cast(self, call: _Call, waiting: list[Segment]) -> None:
        """Give a role to each speaker who has none yet."""
        new = {said.name for said in waiting} - call.roles.keys()
        if not new:
            return
        found = find_roles([(said.name, said.text) for said in waiting], self._options)
        for name in sorted(new, key=lambda name: name or ""):
            call.roles[name] = found[name]
            self._census.count(found[name])

    def take_up(self, call_id: str) -> None:
        """Go to another call, or back to one."""
        call = self._calls.pop(call_id, None)
        if call is None:
            call = _Call()
            self._census.calls += 1
        self._calls[call_id] = call
        if len(self._calls) > _OPEN_CALLS:
            self._calls.popitem(last=False)
        self.call_id, self._current = call_id, call

    def _clock_fault(self, segment: Segment) -> Fault | None:
        if segment.end is not None and segment.start is not None and segment.end < segment.start:
            return Fault(self._source, segment.row, "ends before it starts; mend its times")
        if segment.start is None:
            return None
        before, self._current.last = self._current.last, segment.start
        if segment.start < before:
            reason = f"starts at {segment.start:g} s, before the turn ahead of it at {before:g} s"
            return Fault(self._source, segment.row, f"{reason}; put the rows in order")
        return None


def _joined(segments: Iterator[Segment | Fault], gap: float) -> Iterator[Segment | Fault]:
    """Join what one speaker says with pauses of at most ``gap`` seconds; note the rows joined."""
    last: Segment | None = None
    rows: list[int] = []
    for segment in segments:
        if isinstance(segment, Fault):
            if last is not None:
                yield _traced(last, rows)
            last = None
            yield segment
            continue
        if last is not None and _belongs(segment, last, gap):
            last = last._replace(text=f"{last.text} {segment.text}", end=segment.end)
            rows.append(segment.row)
            continue
        if last is not None:
            yield _traced(last, rows)
        last, rows = segment, [segment.row]
    if last is not None:
        yield _traced(last, rows)


def _belongs(segment: Segment, last: Segment, gap: float) -> bool:
    if segment.name is None or segment.start is None or last.end is None:
        return False
    same = (segment.call_id, segment.name, segment.extra) == (last.call_id, last.name, last.extra)
    return same and 0 <= segment.start - last.end <= gap


def _traced(segment: Segment, rows: list[int]) -> Segment:
    extra: Mapping[str, Any] = {
        f"input_{key}" if key == SEGMENTS else key: value for key, value in segment.extra.items()
    }
    return segment._replace(extra={**extra, SEGMENTS: "+".join(map(str, rows))})
