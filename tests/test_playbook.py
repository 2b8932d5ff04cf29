"""The packaged playbook is complete; a user's own is checked."""

import re
import tomllib

import pytest

from objection_nlp import NO_OBJECTION, OBJECTIONS, Playbook, PlaybookError

ENTRY = """
label = "{label}"
title = "t"
description = "d"
goal = "g"
say = ["s"]
ask = ["a"]
do = ["d"]
avoid = ["a"]
escalate = ["e"]
prevent = ["p"]
sources = ["X"]
"""


def book(*labels: str, general: str = "none") -> str:
    entries = "".join(f"[[objection]]\n{ENTRY.format(label=label)}" for label in labels)
    return f'version = 1\n[sources]\nX = "x"\n[general]\n{ENTRY.format(label=general)}\n{entries}'


def test_packaged_playbook_has_the_ten_and_none(playbook: Playbook) -> None:
    assert playbook.labels == (*OBJECTIONS, NO_OBJECTION)


@pytest.mark.parametrize("label", [*OBJECTIONS, NO_OBJECTION])
def test_packaged_entries_are_fit_to_say(playbook: Playbook, label: str) -> None:
    entry = playbook.guidance(label)
    assert len(entry.say) >= 3
    assert set(entry.sources) <= set(playbook.sources)
    # u-form: no informal address in what the caller reads out.
    spoken = " ".join((*entry.say, *entry.ask)).lower()
    assert not re.search(r"\b(jij|jou|jouw|jullie|je)\b", spoken)


def test_every_objection_asks_for_a_moment(playbook: Playbook) -> None:
    moments = r"wanneer|welke dag|maandag|woensdag|vrijdag|vandaag|morgen|deze week|datum"
    for entry in playbook.objections:
        assert re.search(moments, " ".join((*entry.say, *entry.ask)).lower()), entry.label


def test_own_ids_are_allowed() -> None:
    own = Playbook.parse(book("too_expensive", "not_me", general="nothing"))
    assert own.labels == ("too_expensive", "not_me", "nothing")
    assert own.none_label == "nothing"
    assert tomllib.loads(own.source_text)["version"] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (book("a", "a"), r"entry 'a': this label stands there twice"),
        (book("a", "none"), r"entry 'none': this label stands there twice"),
        (book("a").replace('say = ["s"]', "say = []", 1), r"entry general: 'say'"),
        (book("a").replace('goal = "g"', 'goal = "  "'), r"entry objection 'a': 'goal'"),
        (book("a").replace('goal = "g"\n', ""), r"entry objection 'a': 'goal': field required"),
        (book("a") + 'tone = "x"\n', r"entry objection 'a': 'tone': .*unexpected"),
        (book("a").replace('sources = ["X"]', 'sources = ["Y"]'), r"source 'Y' is not listed"),
        (book("a").replace("version = 1", "version = 9"), r"version 9 came, 1 was expected"),
        (book("A b"), r"entry objection 'A b': 'label'"),
        (book("a+b"), r"entry objection 'a\+b': 'label'"),
        ("version = ", r"is not valid TOML"),
        ("version = 1", r"entry sources: field required"),
    ],
)
def test_faults_name_the_entry(text: str, message: str) -> None:
    with pytest.raises(PlaybookError, match=message):
        Playbook.parse(text)


def test_all_faults_come_at_once() -> None:
    text = book("a", "b").replace('goal = "g"\n', "")
    with pytest.raises(PlaybookError) as caught:
        Playbook.parse(text)
    assert all(name in str(caught.value) for name in ("general", "'a'", "'b'"))


def test_missing_and_unreadable_files_are_named(tmp_path) -> None:
    with pytest.raises(PlaybookError, match=r"nowhere\.toml: cannot be read"):
        Playbook.load(tmp_path / "nowhere.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaybookError, match="UTF-8"):
        Playbook.load(binary)


def test_unknown_label_is_refused(playbook: Playbook) -> None:
    with pytest.raises(PlaybookError, match="'nope' is not in the playbook; it has factuur"):
        playbook.guidance("nope")
