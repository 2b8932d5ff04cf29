"""The evaluation report: one object of figures, written as a page and as JSON beside it.

data -> answers -> figures -> figures.json
                          `-> plots -> report.html

The figures hold no text of a call, only where it stands; the page, which is for the owner of the
data, shows the worst errors in full.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from objection_nlp.bundle import Model, load_model
from objection_nlp.corpus import data_hash, read_labelled
from objection_nlp.errors import DataError
from objection_nlp.evaluation import Answered, part_of
from objection_nlp.reporting.learning_curve import learning_curve as make_learning_curve
from objection_nlp.reporting.plots import import_matplotlib
from objection_nlp.reporting.report_figures import report_figures
from objection_nlp.reporting.report_page import render_page
from objection_nlp.templating import import_jinja

PAGE, FIGURES = "report.html", "figures.json"
_FEW_GROUPS, _FEW_ROWS = 10, 5


def write_report(
    data: Iterable[str | Path],
    folder: str | Path,
    *,
    model: Model | str | Path | None = None,
    split: str | None = None,
    learning_curve: bool = False,
    seed: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Evaluate a model on labelled files and write ``report.html`` and ``figures.json``.

    Parameters
    ----------
    data : iterable of str or Path
        Labelled files or folders of them.
    folder : str or Path
        Made if need be; only an earlier report in it is replaced.
    model : Model, str or Path, optional
        The packaged model when None.
    split : str, optional
        Only rows of this split, such as ``test``.
    learning_curve : bool, default False
        Whether to train on growing shares of split ``train`` and score on ``dev``.
    seed : int, default 0
        Of resampling, noise, random words and training.
    progress : callable, optional
        Called with the name of each step as it begins.

    Returns
    -------
    dict
        What stands in ``figures.json``; ``overall`` is what ``evaluate_files`` returns.

    Raises
    ------
    DataError
        If the data cannot be used, the folder holds other files, or matplotlib is missing.
    TranscriptError
        If Jinja is missing.
    """
    target = Path(folder)
    _check_folder(target)
    import_jinja()
    import_matplotlib()
    loaded = model if isinstance(model, Model) else load_model(model)
    progress("reading the data")
    whole = read_labelled(data, loaded.playbook)
    table = part_of(whole, split)
    curve = (
        make_learning_curve(whole, loaded, seed=seed, progress=progress) if learning_curve else None
    )
    answered = Answered.by(loaded, table["text"].tolist(), table["labels"].tolist())
    found = report_figures(answered, table, seed=seed, progress=progress)
    found["data"]["split"] = split
    found["learning_curve"] = curve
    found["warnings"] = list(_warnings(found, answered, table, whole))
    progress("writing the report")
    _write(target, found, render_page(found, answered, table))
    return found


def _warnings(
    found: dict[str, Any], answered: Answered, table: pd.DataFrame, whole: pd.DataFrame
) -> Iterator[str]:
    """Say what makes the figures mean less than they seem to."""
    groups = found["data"]["groups"]
    if groups < 2:
        yield "all rows are of one group, so there are no intervals; add other speakers"
    elif groups < _FEW_GROUPS:
        yield f"only {groups} groups: the intervals are too narrow; add other speakers"
    for label, scores in found["overall"]["per_label"].items():
        if scores["support"] < _FEW_ROWS:
            yield f"label {label!r} has only {scores['support']} rows; its figures mean little"
    if found["learning_curve"] and answered.model.scorer.encoder is not None:
        yield "the learning curve is that of the n-grams alone, without the encoder"
    yield from _seen_in_training(answered.model, table, whole)


def _seen_in_training(model: Model, table: pd.DataFrame, whole: pd.DataFrame) -> Iterator[str]:
    held_out = table["split"] == "test" if "split" in table else pd.Series(False, table.index)
    count = int((~held_out).sum())
    if not count:
        return
    fitted = whole[whole["split"] != "test"] if "split" in whole else whole
    trained_on = model.info.get("training_data", {}).get("sha256")
    if data_hash(fitted) == trained_on:
        yield f"the model was trained on {count} of these rows; the figures flatter"
    else:
        yield (
            f"{count} of these rows are not of split 'test'; if the model was trained on them, "
            "the figures flatter"
        )


def _check_folder(folder: Path) -> None:
    strangers = [path for path in folder.glob("*") if path.name not in (PAGE, FIGURES)]
    if folder.is_file() or strangers:
        raise DataError(f"{folder}: holds other files than an earlier report; choose another one")


def _write(folder: Path, figures: dict[str, Any], page: str) -> None:
    """Write both files, each complete or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    for name, content in ((FIGURES, text), (PAGE, page)):
        beside = folder / f".{name}"
        beside.write_text(content, encoding="utf-8", newline="\n")
        beside.replace(folder / name)
