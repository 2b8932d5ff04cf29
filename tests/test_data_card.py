import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from objection_nlp.playbook import Playbook

ROOT = Path(__file__).parents[1]
BOTH = "factuur_niet_ontvangen+cashflowprobleem"
ROWS = [
    ("a-1", "ja hoor", "geen_tegenwerping", "small", "a", "train"),
    ("a-2", "er is geen geld", "cashflowprobleem", "", "a", "train"),
    (
        "b-1",
        "geen geld en nooit een factuur",
        "factuur_niet_ontvangen+cashflowprobleem",
        "",
        "b",
        "test",
    ),
]
COLUMNS = ["id", "text", "labels", "kind", "group", "split"]
CARD = """before
<!-- counts: made by scripts/data_card.py -->
old
<!-- end of counts -->
between
<!-- agreement: made by scripts/data_card.py -->
<!-- end of agreement -->
after
"""


@pytest.fixture(scope="module")
def data_card():
    spec = importlib.util.spec_from_file_location("data_card", ROOT / "scripts" / "data_card.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "utterances"
    folder.mkdir()
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    table = table.assign(speaker="debtor", style="asr", region="NL", segment="B2B", sector="bouw")
    table.to_csv(folder / "all.csv", index=False)
    return tmp_path


def test_the_figures_in_the_card_are_those_of_the_corpus(data_card):
    card = (ROOT / "data" / "README.md").read_text("utf-8")
    assert data_card.refreshed(card, ROOT / "data") == card, "run python scripts/data_card.py"


def test_counts_are_right(data_card, data):
    card = data_card.refreshed(CARD, data)
    assert "3 utterances of 2 groups, 12 words; 2 with one label, 1 with two." in card
    assert "| cashflowprobleem | 1 | 1 | 2 | 1 | 0 | 1 |" in card
    assert "| factuur_niet_ontvangen + cashflowprobleem | 1 |" in card
    assert "| train | 2 | 1 |" in card
    assert "| (none) | 2 | 66.7% |" in card
    assert "| b | test | NL | B2B | bouw | 1 |" in card
    assert "The second reading is not in yet." in card


def test_all_pairs_are_listed_also_where_there_is_none(data_card, data):
    card = data_card.refreshed(CARD, data)
    pairs = [line for line in card.splitlines() if line.startswith("|") and " + " in line]
    objections = len(Playbook.load().labels) - 1
    assert len(pairs) == objections * (objections - 1) // 2
    assert "| systeemproblemen + weigert_te_betalen | 0 |" in card


def test_the_agreement_is_put_in(data_card, data):
    (data / "second_reading.csv").write_text(
        "id,labels\na-1,geen_tegenwerping\na-2,cashflowprobleem\n"
    )
    card = data_card.refreshed(CARD, data)
    assert "2 utterances read twice: the same set of labels for 100.0 %" in card
    assert "| cashflowprobleem | 1.00 |" in card


def test_what_stands_outside_the_markers_stays(data_card, data):
    card = data_card.refreshed(CARD, data)
    assert card.startswith("before\n") and card.endswith("\nafter\n")
    assert "\nbetween\n" in card and "\nold\n" not in card
    assert data_card.refreshed(card, data) == card


def test_a_card_without_markers_is_refused(data_card, data):
    with pytest.raises(SystemExit, match="end of agreement"):
        data_card.refreshed(CARD.replace("<!-- end of agreement -->", ""), data)


def test_the_card_says_what_it_must():
    card = (ROOT / "data" / "README.md").read_text("utf-8")
    for words in (
        "authored, not recorded",
        "CC BY 4.0",
        "consent",
        "Masking",
        "GDPR",
        "Known gaps",
    ):
        assert words in card
