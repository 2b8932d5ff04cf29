import csv
import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from objection_nlp.checking.checks import check_labelled
from objection_nlp.checking.near_duplicates import near_pairs
from objection_nlp.checking.word_table import WordTable, words_of
from objection_nlp.cli import app
from objection_nlp.corpus import read_labelled
from objection_nlp.errors import DataError

ROOT = Path(__file__).parents[2]
NONE, LOST, BROKE = "geen_tegenwerping", "factuur_niet_ontvangen", "cashflowprobleem"
WORDS = ["aap", "noot", "mies", "wim", "zus", "jet", "teun", "vuur"]
PLAIN = "die brief van u heb ik hier nooit zien liggen"


@pytest.fixture
def write(tmp_path):
    def _write(rows, header=("text", "labels"), name="own.csv"):
        file = tmp_path / name
        with file.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([header, *rows])
        return file

    return _write


def found(*files, kind=None):
    faults = check_labelled(files).faults
    return [(f.severity, f.kind, f.row) for f in faults if kind in (None, f.kind)]


def test_sound_data_has_no_faults(write):
    file = write([("goedemorgen", NONE), (PLAIN, LOST), ("de zaak loopt niet", BROKE)])
    report = check_labelled([file])
    assert report.faults == ()
    assert (report.files, report.rows) == (1, 3)
    assert report.labels == {LOST: 1, BROKE: 1, NONE: 1}


@pytest.mark.parametrize(
    ("row", "kind", "says"),
    [
        (("", LOST), "text", "empty"),
        (("  ", LOST), "text", "empty"),
        (("ja", ""), "labels", "missing"),
        (("ja", "cashflowprobleen"), "labels", "did you mean 'cashflowprobleem'?"),
        (("ja", f"{NONE}+{LOST}"), "labels", "it goes alone"),
        (("ja", f"{LOST}+{LOST}"), "labels", "twice"),
        (("één, twee", LOST, "drie"), "format", "3 cells where the header has 2"),
        (("heb ik al geÃ¯nd hoor", LOST), "encoding", "wrong encoding"),
        (("caf\ufffd de zwaan", LOST), "encoding", "wrong encoding"),
    ],
)
def test_a_faulty_row_is_an_error_with_its_row(write, row, kind, says):
    file = write([("hallo", NONE), row, ("dag", NONE)])
    faults = check_labelled([file]).faults
    assert [(f.file, f.severity, f.kind, f.row) for f in faults] == [(str(file), "error", kind, 3)]
    assert says in faults[0].message


def test_all_faults_of_all_files_are_collected(write):
    first = write([("", LOST), ("ja", "x")], name="a.csv")
    second = write([("ja", "y")], name="b.csv")
    assert found(first, second) == [
        ("error", "text", 2),
        ("error", "labels", 3),
        ("error", "labels", 2),
        ("error", "empty", None),
    ]


def test_no_message_holds_a_text(write):
    secret = "mevrouw zwartkruis uit lummen heeft dat nooit gekregen hoor"
    rows = [(secret, LOST), (secret, BROKE), (secret + " zeg", LOST), (secret + "Ã«", LOST)]
    messages = " ".join(fault.message for fault in check_labelled([write(rows)]).faults)
    assert "conflict" in {fault.kind for fault in check_labelled([write(rows)]).faults}
    assert not {"zwartkruis", "lummen", "gekregen"} & set(words_of(messages))


def test_the_same_text_with_other_labels_is_an_error_whatever_case_and_punctuation(write):
    file = write([("Nee. Dat klopt niet!", LOST), ("nee dat klopt niet", BROKE)])
    assert found(file) == [("error", "conflict", 3)]


def test_the_order_of_labels_is_no_contradiction(write):
    file = write([("ja maar", f"{LOST}+{BROKE}"), ("ja maar", f"{BROKE}+{LOST}")])
    assert found(file) == [("warning", "duplicate", 3)]


def test_the_same_text_in_two_splits_is_an_error_unless_anyone_says_it(write):
    header = ("text", "labels", "split")
    rows = [(PLAIN, LOST, "train"), ("ja ja", NONE, "train")]
    rows += [(PLAIN, LOST, "test"), ("ja ja", NONE, "test")]
    assert found(write(rows, header)) == [("error", "leak", 4), ("warning", "duplicate", 5)]


def test_near_duplicates_are_found_across_files_and_splits(write):
    header = ("text", "labels", "split")
    first = write([(PLAIN, LOST, "train")], header, "a.csv")
    near = PLAIN.replace("brief", "brieven")
    second = write(
        [("goedemiddag met de boekhouding", NONE, "test"), (near, BROKE, "test")], header
    )
    (fault,) = check_labelled([first, second]).faults
    assert (fault.file, fault.row, fault.kind) == (str(second), 3, "near_duplicate")
    assert f"{first} row 2, which is in split 'train', with other labels" in fault.message


def test_a_group_in_two_splits_is_an_error(write):
    header = ("text", "labels", "group", "split")
    rows = [("ja", NONE, "a", "train"), ("nee", NONE, "b", "test"), ("hm", NONE, "a", "test")]
    file = write([*rows, ("ho", NONE, "a", "test")], header)
    (fault,) = check_labelled([file]).faults
    assert (fault.severity, fault.kind, fault.row) == ("error", "group", 4)
    assert f"in 'train' ({file} row 2)" in fault.message


def test_a_misspelt_split_value_is_told_once(write):
    rows = [("ja", NONE, "train"), ("nee", NONE, "tets"), ("hm", NONE, "tets")]
    assert found(write(rows, ("text", "labels", "split"))) == [("warning", "split", 3)]


def test_rows_from_a_template_are_found(write):
    things = [
        "kast",
        "tafel",
        "stoel",
        "lamp",
        "fiets",
        "bank",
        "pomp",
        "boor",
        "zaag",
        "deur",
        "klok",
    ]
    rows = [(f"wij zijn over die {thing} van u nog niet te spreken", LOST) for thing in things]
    faults = [f for f in check_labelled([write(rows)]).faults if f.kind == "template"]
    assert [fault.row for fault in faults] == list(range(2, 13))
    assert "'wij zijn over die _ van u nog' with 10 other rows" in faults[0].message
    assert not [f for f in found(write(rows[:9])) if f[1] == "template"]


def test_a_label_that_leans_on_a_word_is_told(write):
    words = [*WORDS, "gijs", "lam", "kees", "bok", "weide", "does", "hok", "duif"]
    rows = [(f"storing {word} {other}", BROKE) for word in words for other in words[:3]]
    rows += [(f"{other} {word}", NONE) for word in words for other in words[:3]]
    report = check_labelled([write(rows)])
    (fault,) = [fault for fault in report.faults if fault.kind == "leaning"]
    assert "100% of the rows with cashflowprobleem hold 'storing' (0% of the others)" in str(fault)
    telling = {word.label: word for word in report.telling_words}[BROKE]
    assert (telling.word, telling.share, telling.rows) == ("storing", 1.0, 48)


@pytest.mark.parametrize(
    ("name", "known"),
    [("Spilt", "split"), ("speakr", "speaker"), ("call id", "call_id")],
)
def test_a_misspelt_column_is_a_warning_with_the_nearest_name(write, name, known):
    (fault,) = check_labelled([write([("ja", NONE, "x")], ("text", "labels", name))]).faults
    assert (fault.severity, fault.kind, fault.row) == ("warning", "columns", None)
    assert repr(name) in fault.message
    assert repr(known) in fault.message


def test_further_columns_are_carried_along_without_a_word(write):
    file = write([("ja", NONE, "30", "x")], ("text", "labels", "invoice_age", "label"))
    assert found(file) == []
    assert read_labelled([file])["invoice_age"].tolist() == ["30"]


def test_a_missing_column_is_an_error_with_the_name_that_was_meant(write):
    faults = check_labelled([write([("ja", NONE)], ("text", "label"))]).faults
    assert (faults[0].kind, faults[0].row) == ("columns", 1)
    assert "column 'labels' is missing" in faults[0].message
    assert "rename 'label' to 'labels'" in faults[0].message


def test_a_file_that_is_not_utf8_names_the_line_also_far_into_it(tmp_path):
    file = tmp_path / "own.csv"
    lines = ["text,labels", *(f"goedemorgen {i},{NONE}" for i in range(5_000)), f"één,{NONE}"]
    file.write_bytes("\n".join(lines).encode("latin-1"))
    assert ("error", "encoding", 5_002) in found(file)
    with pytest.raises(DataError, match="row 5002: is not UTF-8"):
        read_labelled([file])


def test_a_quote_that_is_never_closed_stops_the_file(tmp_path):
    file = tmp_path / "own.csv"
    file.write_text(f'text,labels\nja,{NONE}\n"nee,{NONE}\n', encoding="utf-8")
    assert ("error", "format", 3) in found(file)


def test_jsonl_faults_have_their_lines(tmp_path):
    file = tmp_path / "own.jsonl"
    good = json.dumps({"text": "ja", "labels": [NONE], "group": 3})
    half = json.dumps({"text": "\ud83d", "labels": [NONE]})
    lines = [good, "{", "[1]", '{"labels": "x"}', '{"text": 5, "labels": []}', half]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert found(file) == [
        ("error", "format", 2),
        ("error", "format", 3),
        ("error", "text", 4),
        ("error", "labels", 4),
        ("error", "text", 5),
        ("error", "labels", 5),
        ("error", "encoding", 6),
    ]


def test_parquet_is_read_and_faults_have_their_rows(tmp_path):
    pytest.importorskip("pyarrow")
    file = tmp_path / "own.parquet"
    pd.DataFrame({"text": ["ja", None], "labels": [[NONE], None]}).to_parquet(file)
    assert found(file) == [("error", "text", 2), ("error", "labels", 2)]
    file.write_bytes(b"no parquet")
    assert found(file)[0] == ("error", "format", None)


def test_reading_refuses_with_at_most_twenty_faults(write):
    file = write([("ja", "x")] * 30)
    with pytest.raises(DataError, match=r"30 fault.*nothing was used") as caught:
        read_labelled([file])
    assert str(caught.value).count("unknown label") == 20
    assert "... and 10 more" in str(caught.value)


def test_reading_numbers_rows_and_keeps_the_order_of_columns(write):
    file = write(
        [("ja\nnee", NONE, "z", "a"), ("hm", NONE, None, "b")], ("text", "labels", "z", "a")
    )
    table = read_labelled([file])
    assert table["row"].tolist() == [3, 4]
    assert list(table) == ["text", "labels", "z", "a", "file", "row", "group"]
    assert table["group"].tolist() == [f"{file}:3", f"{file}:4"]


def test_the_command_fails_on_errors_and_not_on_warnings(write):
    run = CliRunner().invoke
    doubtful = write([("ja", NONE), ("ja", NONE)])
    shown = run(app, ["data", "check", str(doubtful)])
    assert shown.exit_code == 0
    assert "warning: duplicate (1)" in shown.output
    assert "0 error(s), 1 warning(s)" in shown.output
    wrong = write([("ja", "x")])
    shown = run(app, ["data", "check", str(wrong), "--json"])
    assert shown.exit_code == 1
    assert json.loads(shown.output)["faults"][0]["row"] == 2


def test_long_lists_are_cut_for_people_only(write):
    file = write([("ja", "x")] * 12)
    run = CliRunner().invoke
    assert "... and 2 more" in run(app, ["data", "check", str(file)]).output
    assert len(json.loads(run(app, ["data", "check", str(file), "--json"]).output)["faults"]) == 13


def test_the_corpus_of_the_project_has_no_errors():
    report = check_labelled([ROOT / "data" / "utterances"])
    assert [str(fault) for fault in report.faults if fault.severity == "error"] == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.sampled_from([NONE, LOST])), max_size=12))
def test_any_texts_are_checked_without_a_crash(tmp_path_factory, rows):
    file = tmp_path_factory.mktemp("any") / "own.jsonl"
    lines = [json.dumps({"text": text, "labels": labels}) for text, labels in rows]
    file.write_text("\n".join(lines), encoding="utf-8")
    report = check_labelled([file])
    wrong = {fault.row for fault in report.faults if fault.kind == "text"}
    assert report.rows == len(rows) - len(wrong)


def test_copies_with_a_letter_changed_are_near_and_nothing_else_is():
    chance = random.Random(5)
    known = ["".join(chance.choices("abdegiklmnoprstu", k=6)) for _ in range(400)]
    texts = [" ".join(chance.choices(known, k=12)) for _ in range(300)]
    copies = [f"{text[:9]}q{text[10:]}" for text in texts]
    pairs = near_pairs(WordTable.of(texts + copies), np.arange(600), least=0.8)
    found = {(pair.first, pair.second) for pair in pairs}
    right = {(row, row + 300) for row in range(300)}
    assert found <= right
    assert len(found) >= 0.98 * len(right)


def test_a_large_family_of_like_texts_is_found_whole():
    texts = [f"de brief van week {week} is hier op kantoor nooit gezien" for week in range(500)]
    pairs = near_pairs(WordTable.of(texts), np.arange(500))
    assert {row for pair in pairs for row in (pair.first, pair.second)} == set(range(500))
    assert len(pairs) < 20_000
