"""The page of the evaluation report: the figures, the plots and the worst errors in full."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from objection_nlp.card import HEADLINES, shown
from objection_nlp.evaluation import Answered
from objection_nlp.reporting.plots import draw_plots
from objection_nlp.templating import page_environment


class Piece(NamedTuple):
    """A stretch of what was said, and whether it is evidence."""

    text: str
    marked: bool


def render_page(figures: Mapping[str, Any], answered: Answered, table: pd.DataFrame) -> str:
    """Write the page: one file that needs nothing else.

    Parameters
    ----------
    figures : dict
        As ``report_figures`` returns them, with ``warnings`` and ``learning_curve``.
    answered : Answered
        Tells what was said where the figures only tell the row.
    table : DataFrame
        The rows that were answered.

    Returns
    -------
    str
        HTML.
    """
    errors = [
        (error, list(_pieces(answered.utterances[error["number"]].text, error["evidence"])))
        for error in figures["worst_errors"]
    ]
    pages = page_environment({})
    pages.filters |= {"shown": shown, "between": _between}
    return pages.get_template("report.html").render(
        figures=figures, headlines=HEADLINES, plots=draw_plots(figures), errors=errors
    )


def _pieces(text: str, evidence: list[dict[str, Any]]) -> Iterator[Piece]:
    """Cut what was said at the edges of its evidence."""
    position = 0
    for span in sorted(evidence, key=lambda span: span["start"]):
        yield Piece(text[position : span["start"]], False)
        yield Piece(text[span["start"] : span["end"]], True)
        position = span["end"]
    yield Piece(text[position:], False)


def _between(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.3f}–{interval[1]:.3f}"
