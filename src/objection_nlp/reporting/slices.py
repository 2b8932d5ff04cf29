"""How good answers are for parts of the data: by region, segment, style, length, speaker, kind."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from objection_nlp.evaluation import Answered

COLUMNS = ("region", "segment", "style", "speaker", "kind")
# Up to how many words a turn is short, and from how many it is long: the outer quarters of the
# packaged corpus.
_SHORT, _LONG = 12, 36
# More values than this in a column are no slices; the commonest are shown.
_MOST_VALUES = 20


def slice_figures(answered: Answered, table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Compute the figures of each slice of a labelled set.

    Parameters
    ----------
    answered : Answered
        The rows of ``table``, in order.
    table : DataFrame
        As ``read_labelled`` gives it; columns that are not there are left out.

    Returns
    -------
    dict of str to dict of str to dict
        Per column and value: the figures over all labels, and ``groups``, the number of groups.
    """
    slices: dict[str, dict[str, Any]] = {}
    for column, value, rows in _slices(table):
        found = answered.figures(rows) | {"groups": int(table["group"][rows].nunique())}
        # Over one label, as in a slice without objections, a mean would say something else.
        if sum(score["support"] > 0 for score in found.pop("per_label").values()) < 2:
            found["macro_f1"] = None
        slices.setdefault(column, {})[value] = found
    return slices


def _slices(table: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield column, value and rows of each slice."""
    for column in COLUMNS:
        if column in table:
            cells = table[column].map(str, na_action="ignore")
            for value in sorted(cells.value_counts().index[:_MOST_VALUES]):
                yield column, value, (cells == value).to_numpy(dtype=bool)
    words = np.array([len(text.split()) for text in table["text"]])
    for name, rows in (
        (f"short (up to {_SHORT} words)", words <= _SHORT),
        ("between", (words > _SHORT) & (words < _LONG)),
        (f"long (from {_LONG} words)", words >= _LONG),
    ):
        if rows.any():
            yield "length", name, rows
