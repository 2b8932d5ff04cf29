import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from objection_nlp.checking.agreement import (
    Agreement,
    agreement,
    agreement_table,
    read_second_reading,
)
from objection_nlp.errors import DataError
from objection_nlp.playbook import Playbook


def test_kappa_is_what_scikit_learn_computes():
    chance = random.Random(3)
    first = {str(i): chance.sample("abc", chance.randint(1, 2)) for i in range(200)}
    second = {i: x if chance.random() < 0.7 else ["a"] for i, x in first.items()}
    found = agreement(first, second, "abc")
    for label in "abc":
        one, other = ([label in x for x in reading.values()] for reading in (first, second))
        assert found.kappa[label] == pytest.approx(cohen_kappa_score(one, other))


def test_exact_set_leaves_order_aside_and_main_does_not():
    first = {"1": ["a", "b"], "2": ["a"], "3": ["a", "b"]}
    second = {"1": ["b", "a"], "2": ["a"], "3": ["a"]}
    found = agreement(first, second, ["a", "b"])
    assert (found.exact_set, found.main) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert found.kappa["a"] is None


def test_rows_that_are_gone_are_counted_apart():
    found = agreement({"1": ["a"]}, {"1": ["a"], "9": ["b"]}, ["a"])
    assert (found.rows, found.left_out) == (1, 1)
    assert "1 more were read and are no longer in the data." in agreement_table(found)


def test_readings_of_other_data_are_refused():
    with pytest.raises(DataError, match="no id in common"):
        agreement({"1": ["a"]}, {"2": ["a"]}, ["a"])


@given(st.dictionaries(st.integers(0, 9).map(str), st.sampled_from(["a", "b"]), min_size=1))
def test_a_reading_agrees_with_itself(reading):
    labels = {name: [label] for name, label in reading.items()}
    found = agreement(labels, labels, ["a", "b"])
    assert found.exact_set == found.main == 1
    assert set(found.kappa.values()) <= {1.0, None}


def test_the_table_shows_shares_and_kappas():
    table = agreement_table(Agreement(8, 0.5, 0.75, {"a": 0.333, "b": None}, 0))
    assert "8 utterances read twice: the same set of labels for 50.0 %" in table
    assert table.endswith("| a | 0.33 |\n| b | - |")


def test_a_second_reading_is_read(tmp_path):
    file = tmp_path / "second.csv"
    file.write_text("id,labels\nx-1,cashflowprobleem+fout_in_factuur\n", encoding="utf-8")
    reading = read_second_reading(file, Playbook.load())
    assert reading == {"x-1": ("cashflowprobleem", "fout_in_factuur")}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("id,label\n1,x\n", "column labels is missing"),
        ("", "column id, labels is missing"),
        (
            "id,labels\n1,geen_tegenwerpin\n",
            "unknown label 'geen_tegenwerpin'; did you",
        ),
        ("id,labels\n1,\n", "row 2: labels are missing"),
        ("id,labels\n1\n", "row 2: labels are missing"),
        (
            "id,labels\n1,geen_tegenwerping\n1,geen_tegenwerping\n",
            "row 3: the id stands there twice",
        ),
        ('id,labels\n"1,geen_tegenwerping\n', "cannot be read as CSV"),
    ],
)
def test_a_faulty_second_reading_is_refused(tmp_path, content, says):
    file = tmp_path / "second.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=says):
        read_second_reading(file, Playbook.load())


def test_a_missing_second_reading_is_refused(tmp_path):
    with pytest.raises(DataError, match="cannot be read"):
        read_second_reading(tmp_path / "none.csv", Playbook.load())
