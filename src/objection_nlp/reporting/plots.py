"""The plots of the report, drawn from its figures, each as an image that a page can hold."""

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from objection_nlp.errors import DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _RED, _GREY = "#4a6fa5", "#a33b20", "#8a93a6"
# Text of the data is no formula, and the same figures give the same bytes.
_SETTINGS: dict[str, Any] = {
    "text.parse_math": False,
    "svg.hashsalt": "objection-nlp",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


class Plot(NamedTuple):
    """A plot in a page.

    Attributes
    ----------
    source : str
        The image as a ``data:`` address.
    alt : str
        What it shows, for those who cannot see it.
    """

    source: str
    alt: str


def draw_plots(figures: Mapping[str, Any]) -> dict[str, Plot]:
    """Draw all plots for which there are figures.

    Parameters
    ----------
    figures : dict
        As ``report_figures`` returns them.

    Returns
    -------
    dict of str to Plot

    Raises
    ------
    DataError
        If matplotlib is not installed.
    """
    matplotlib = import_matplotlib()
    with matplotlib.rc_context(_SETTINGS):
        plots = {name: _rendered(draw(figures), alt) for name, (draw, alt) in _PLOTS.items()}
        if figures["learning_curve"]:
            alt = "Macro-F1 on dev for growing shares of the training groups"
            plots["learning_curve"] = _rendered(_draw_learning_curve(figures), alt)
    return plots


def import_matplotlib() -> Any:
    """Return matplotlib, or say how to install it.

    Raises
    ------
    DataError
    """
    try:
        import matplotlib
    except ImportError as error:
        raise DataError(
            "the plots of the report need matplotlib: pip install 'objection-nlp[report,plots]'"
        ) from error
    return matplotlib


def _rendered(figure: "Figure", alt: str) -> Plot:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return Plot(f"data:image/svg+xml;base64,{encoded}", alt)


def _canvas(width: float, height: float) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _draw_confusion(figures: Mapping[str, Any]) -> "Figure":
    labels, counts = figures["confusion"]["labels"], figures["confusion"]["counts"]
    size = 2.5 + 0.45 * len(labels)
    figure, axes = _canvas(size + 1, size)
    shares = [[count / max(sum(row), 1) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            if count:
                ink = "white" if shares[row][column] > 0.5 else "black"
                axes.text(column, row, str(count), ha="center", va="center", color=ink)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=45, ha="right")
    axes.set_yticks(places, labels)
    axes.set(xlabel="answered", ylabel="right")
    return figure


def _draw_labels(figures: Mapping[str, Any]) -> "Figure":
    per_label = figures["overall"]["per_label"]
    figure, axes = _canvas(8, 1 + 0.45 * len(per_label))
    for shift, (name, colour) in enumerate((("precision", _GREY), ("recall", _RED), ("f1", _BLUE))):
        for place, (label, scores) in enumerate(per_label.items()):
            at = place + 0.22 * (shift - 1)
            interval = figures["intervals"] and figures["intervals"]["per_label"][label][name]
            if interval:
                axes.plot(interval, [at, at], color=colour, linewidth=1.5)
            axes.plot(scores[name], at, "o", color=colour, markersize=4)
        axes.plot([], [], "o-", color=colour, label=name)
    axes.set_yticks(range(len(per_label)), list(per_label))
    axes.set(xlim=(0, 1.01))
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    axes.legend(loc="lower left")
    return figure


def _draw_reliability(figures: Mapping[str, Any]) -> "Figure":
    from matplotlib.figure import Figure

    calibration = figures["calibration"]
    panels = {"main label": calibration["overall"], **calibration["per_label"]}
    rows = math.ceil(len(panels) / 4)
    figure = Figure(figsize=(9, 2.4 * rows), layout="constrained")
    grid = figure.subplots(rows, 4, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, (label, found) in zip(grid, panels.items(), strict=False):
        _draw_bins(axes, label, found)
    for axes in grid[len(panels) :]:
        axes.set_visible(False)
    figure.supxlabel("probability said")
    figure.supylabel("share come true")
    return figure


def _draw_bins(axes: "Axes", label: str, found: Mapping[str, Any]) -> None:
    axes.plot([0, 1], [0, 1], color=_GREY, linewidth=0.8)
    bins = found["bins"]
    most = max((part["n"] for part in bins), default=1)
    axes.plot([part["said"] for part in bins], [part["came_true"] for part in bins], color=_BLUE)
    axes.scatter(
        [part["said"] for part in bins],
        [part["came_true"] for part in bins],
        s=[6 + 40 * part["n"] / most for part in bins],
        color=_BLUE,
    )
    error = found["error"]
    axes.set_title(f"{label}\nerror {'-' if error is None else f'{error:.3f}'}", fontsize=8)


def _draw_risk(figures: Mapping[str, Any]) -> "Figure":
    figure, axes = _canvas(6, 3.2)
    points = figures["risk_coverage"]["points"]
    axes.plot([p["coverage"] for p in points], [p["risk"] for p in points], color=_BLUE)
    overall = figures["overall"]
    if overall["precision"] is not None:
        axes.plot(overall["coverage"], 1 - overall["precision"], "o", color=_RED)
        place = (overall["coverage"], 1 - overall["precision"])
        axes.annotate("as set", place, xytext=(-8, 8), textcoords="offset points", ha="right")
    axes.set(xlabel="share of answers kept", ylabel="share wrong", xlim=(0, 1.01))
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    return figure


def _draw_noise(figures: Mapping[str, Any]) -> "Figure":
    figure, axes = _canvas(6, 3.2)
    rates = [point["word_error_rate"] for point in figures["noise"]]
    lines = (("as_heard", "as heard", _BLUE), ("bare", "no capitals, no punctuation", _RED))
    for key, name, colour in lines:
        values = [point[key]["macro_f1"] for point in figures["noise"]]
        axes.plot(rates, values, "o-", color=colour, label=name)
    axes.set(xlabel="word error rate", ylabel="macro-F1", ylim=(0, 1.01))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    return figure


def _draw_slices(figures: Mapping[str, Any]) -> "Figure":
    found = [
        (f"{column}: {value} ({of['n']})", of["main_accuracy"])
        for column, values in figures["slices"].items()
        for value, of in values.items()
    ]
    figure, axes = _canvas(8, 0.8 + 0.24 * len(found))
    axes.plot([share for _, share in found], range(len(found)), "o", color=_BLUE, markersize=4)
    axes.axvline(figures["overall"]["main_accuracy"], color=_GREY, linewidth=0.8)
    axes.set_yticks(range(len(found)), [name for name, _ in found])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1.01), xlabel="share with a right main label; the line is all rows")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _draw_learning_curve(figures: Mapping[str, Any]) -> "Figure":
    figure, axes = _canvas(6, 3.2)
    points: Sequence[Mapping[str, Any]] = [
        point for point in figures["learning_curve"] if "left_out" not in point
    ]
    axes.plot([p["groups"] for p in points], [p["macro_f1"] for p in points], "o-", color=_BLUE)
    axes.set(xlabel="groups trained on", ylabel="macro-F1 on dev", ylim=(0, 1.01))
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    return figure


_Draw = Callable[[Mapping[str, Any]], "Figure"]
_PLOTS: dict[str, tuple[_Draw, str]] = {
    "confusion": (_draw_confusion, "Which main label was answered for which right one"),
    "labels": (_draw_labels, "Precision, recall and F1 per label with 95 % intervals"),
    "reliability": (_draw_reliability, "Probabilities against what came true, per label"),
    "risk_coverage": (_draw_risk, "Share of wrong answers for growing shares of answers kept"),
    "noise": (_draw_noise, "Macro-F1 for growing word error rates"),
    "slices": (_draw_slices, "Share of right main labels for parts of the data"),
}
