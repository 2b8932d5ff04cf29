"""Slices: the figures of exactly the rows that have a value."""

import pandas as pd

from objection_nlp import Model
from objection_nlp.evaluation import Answered
from objection_nlp.reporting.slices import slice_figures


def test_each_slice_has_its_own_rows(tiny_model: Model) -> None:
    table = pd.DataFrame(
        {
            "text": ["ons systeem ligt plat", "dat betaal ik niet", "goedemorgen met de vries"],
            "labels": [("systeemproblemen",), ("cashflowprobleem",), ("geen_tegenwerping",)],
            "region": ["NL", "NL", None],
            "kind": [None, None, "small"],
            "group": ["a", "b", "b"],
        }
    )
    of = Answered.by(tiny_model, table["text"].tolist(), table["labels"].tolist())
    found = slice_figures(of, table)
    assert set(found) == {"region", "kind", "length"}
    assert set(found["region"]) == {"NL"} and set(found["kind"]) == {"small"}
    assert found["region"]["NL"]["n"] == 2 and found["region"]["NL"]["groups"] == 2
    assert found["region"]["NL"]["main_accuracy"] == 0.5
    assert found["kind"]["small"]["false_alarms"] == 0.0
    assert found["kind"]["small"]["macro_f1"] is None
    assert "per_label" not in found["kind"]["small"]


def test_length_slices_part_all_rows(tiny_model: Model) -> None:
    sizes = [1, 12, 13, 35, 36, 90]
    table = pd.DataFrame(
        {
            "text": ["plat " * size for size in sizes],
            "labels": [("systeemproblemen",)] * len(sizes),
            "group": [str(size) for size in sizes],
        }
    )
    of = Answered.by(tiny_model, table["text"].tolist(), table["labels"].tolist())
    assert [figures["n"] for figures in slice_figures(of, table)["length"].values()] == [2, 2, 2]
