"""Who is who, which segments are one turn, and how turns are numbered."""

from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from objection_nlp.transcripts import read_turns
from objection_nlp.transcripts.conversation import Census, turns_of
from objection_nlp.transcripts.names import role_of, split_name
from objection_nlp.transcripts.speakers import SURE, find_roles
from objection_nlp.transcripts.turns import Fault, ReadOptions, Segment, Turn

AGENT_SAYS = (
    "Goedemiddag, u spreekt met Tim van Drankencentrale Sterckx.",
    "Ik bel u over een openstaande factuur, kunt u die vandaag betalen?",
)
DEBTOR_SAYS = ("Dat heb ik al betaald.", "Mijn baas heeft dat gisteren overgemaakt.")


def segments(*said: tuple[str, str | None, str]) -> Iterator[Segment]:
    for row, (call, name, text) in enumerate(said, start=1):
        yield Segment(call, name, text, row, None, None, {})


def turns(said: Iterator[Segment | Fault], options: ReadOptions | None = None) -> list[Turn]:
    found = list(turns_of(said, "a.csv", options or ReadOptions()))
    assert all(isinstance(turn, Turn) for turn in found)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Agent", "agent"),
        ("MEDEWERKER 2", "agent"),
        ("agent_0", "agent"),
        ("Klantenservice", "agent"),
        ("Customer", "debtor"),
        ("klant:", "debtor"),
        ("De debiteur", "debtor"),
        ("channel 1", "unknown"),
        ("SPEAKER_00", "unknown"),
        ("", "unknown"),
    ],
)
def test_names_that_say_the_role(name: str, role: str) -> None:
    assert role_of(name) == role


def test_what_the_user_says_comes_first() -> None:
    options = ReadOptions(agents=("Klant",), debtors=("Jan de Boer",))
    assert role_of("KLANT", options) == "agent"
    assert role_of("jan de boer", options) == "debtor"


@pytest.mark.parametrize(
    "line", ["Luister: nee", "ik zei: nee", "12:30 was het", "let op: kijk", "http://x.nl/a"]
)
def test_no_name_before_the_colon(line: str) -> None:
    assert split_name(line) == (None, line)


def test_roles_are_found_from_what_is_said() -> None:
    roles = find_roles([("1", AGENT_SAYS[0]), ("2", DEBTOR_SAYS[0]), ("1", AGENT_SAYS[1])])
    assert {name: role.role for name, role in roles.items()} == {"1": "agent", "2": "debtor"}
    assert all(SURE <= role.confidence < 1 for role in roles.values())


def test_unsure_is_unknown() -> None:
    roles = find_roles([("1", "Hallo."), ("2", "Goedemorgen."), (None, AGENT_SAYS[0])])
    assert {role.role for role in roles.values()} == {"unknown"}


def test_the_one_voice_beside_a_named_agent_is_the_debtor() -> None:
    roles = find_roles([("Agent", "Hallo?"), ("SPEAKER_01", "Ja, hallo.")])
    assert roles["SPEAKER_01"].role == "debtor"


def test_three_speakers() -> None:
    said = [("a", text) for text in AGENT_SAYS * 2] + [("b", text) for text in DEBTOR_SAYS * 2]
    roles = find_roles([*said, ("c", "Ja, hallo.")])
    assert [roles[name].role for name in "abc"] == ["agent", "debtor", "unknown"]


def test_one_role_per_speaker_and_call_however_calls_are_mixed() -> None:
    said = [
        (call, name, text)
        for agent, debtor in zip(AGENT_SAYS * 3, DEBTOR_SAYS * 3, strict=True)
        for call in ("x", "y")
        for name, text in (("1", agent), ("2", debtor))
    ]
    found = turns(segments(*said))
    assert [turn.text for turn in found] == [text for _, _, text in said]
    for call in ("x", "y"):
        mine = [turn for turn in found if turn.call_id == call]
        assert [turn.turn for turn in mine] == list(range(12))
    named = zip(found, said, strict=True)
    roles = {(call, name): turn.speaker for turn, (call, name, _) in named}
    assert all(
        turn.speaker == roles[call, name] for turn, (call, name, _) in zip(found, said, strict=True)
    )


def test_the_role_holds_through_a_call_longer_than_is_heard() -> None:
    opening = [("x", "1", AGENT_SAYS[0]), ("x", "1", AGENT_SAYS[1]), ("x", "2", DEBTOR_SAYS[0])]
    census = Census()
    said = segments(*opening, *[("x", "2", "ja hoor")] * 2000)
    found = list(turns_of(said, "a.csv", ReadOptions(), census))
    assert {turn.speaker for turn in found[3:] if isinstance(turn, Turn)} == {"debtor"}
    assert (census.calls, census.speakers) == (1, {"inferred": 2})


def test_memory_does_not_grow_with_the_call() -> None:
    taken = 0

    def counted() -> Iterator[Segment]:
        nonlocal taken
        for segment in segments(*[("x", "1", "ja")] * 5000):
            taken += 1
            yield segment

    waiting = iter(turns_of(counted(), "a.csv", ReadOptions()))
    next(waiting)
    assert taken < 1000


TIMED = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=25)


@given(said=TIMED, gap=st.integers(0, 20))
def test_joined_turns_hold_every_segment_once(said: list[tuple[str, int]], gap: int) -> None:
    clock, listed = 0.0, []
    for row, (name, pause) in enumerate(said, start=1):
        clock += pause / 10
        listed.append(Segment("x", name, f"woord{row}", row, clock, clock + 1, {}))
        clock += 1
    found = turns(iter(listed), ReadOptions(merge_gap=gap / 10))
    rows = [int(row) for turn in found for row in turn.extra["segments"].split("+")]
    assert rows == [segment.row for segment in listed]
    assert " ".join(turn.text for turn in found) == " ".join(s.text for s in listed)
    for turn in found:
        mine = [listed[int(row) - 1] for row in turn.extra["segments"].split("+")]
        assert len({segment.name for segment in mine}) == 1
        assert all(b.start - a.end <= gap / 10 for a, b in pairwise(mine))
        assert (turn.start, turn.end) == (mine[0].start, mine[-1].end)


def test_without_a_gap_every_segment_is_a_turn() -> None:
    said = [Segment("x", "a", "ja", row, float(row), float(row), {}) for row in range(5)]
    assert [turn.turn for turn in turns(iter(said))] == [0, 1, 2, 3, 4]


def test_nobody_is_joined_who_is_not_named() -> None:
    said = [Segment("x", None, "ja", row, float(row), float(row), {}) for row in range(5)]
    assert len(turns(iter(said), ReadOptions(merge_gap=9))) == 5


def test_a_call_is_its_file_where_the_file_names_none(tmp_path: Path) -> None:
    path = tmp_path / "gesprek-12.csv"
    path.write_text("call_id,text\n,ja\nG1,nee\n")
    assert [turn.call_id for turn in read_turns(path)] == ["gesprek-12", "G1"]
    assert [key for key, _ in groupby(read_turns(path), key=lambda turn: turn.turn)] == [0]
