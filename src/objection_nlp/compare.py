"""Whether a new model may take the place of an old one: the gate for retraining.

Both answer the same utterances. Groups are resampled for both at once, so what a group is hard or
easy for cancels out. Golden cases are looked at one by one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from objection_nlp.bootstrap import Resampled, interval, resample
from objection_nlp.bundle import Model, load_model
from objection_nlp.comparison import Change, Comparison, Difference
from objection_nlp.corpus import read_labelled
from objection_nlp.errors import DataError, ModelError
from objection_nlp.evaluation import Answered, part_of
from objection_nlp.scoring import FloatArray

# How often a model as good as the old one may be called worse; per family of figures.
_CHANCE = 0.05
_LOWER_IS_BETTER = ("false_alarms",)
_OVERALL = ("macro_f1", "main_accuracy", "exact_set", "false_alarms")


def compare(
    old: Model | str | Path,
    new: Model | str | Path,
    data: Iterable[str | Path],
    *,
    split: str | None = None,
    golden: str | Path | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare two models on the same labelled files.

    Parameters
    ----------
    old, new : Model, str or Path
        Of the same labels. Neither may have been trained on the rows.
    data : iterable of str or Path
        Labelled files or folders of them.
    split : str, optional
        Only rows of this split, such as ``test``.
    golden : str or Path, optional
        A labelled file or a folder of them whose cases are looked at one by one.
    seed : int, default 0
        Of the resampling.

    Returns
    -------
    Comparison

    Raises
    ------
    ModelError
        If the labels of the models differ.
    DataError
        If the data cannot be used or holds only one group.
    """
    models = [one if isinstance(one, Model) else load_model(one) for one in (old, new)]
    _check_labels(*models)
    table = part_of(read_labelled(data, models[1].playbook), split)
    groups = table["group"].tolist()
    if len(set(groups)) < 2:
        raise DataError(
            "all rows are of one group; a comparison resamples groups and needs at least 2"
        )
    before, after = (_answered(model, table) for model in models)
    cases = table.iloc[:0] if golden is None else read_labelled([golden], models[1].playbook)
    then, now = (_answered(model, cases) for model in models)
    drawn = [resample(answered, groups, seed=seed) for answered in (before, after)]
    return Comparison(
        len(table),
        len(set(groups)),
        _overall(before, after, *drawn),
        _per_label(before, after, *drawn),
        _changes(before, after, table),
        _changes(then, now, cases),
        len(cases),
    )


def _check_labels(old: Model, new: Model) -> None:
    only_old, only_new = set(old.labels) - set(new.labels), set(new.labels) - set(old.labels)
    if only_old or only_new:
        raise ModelError(
            "the models know different labels: "
            f"only the old one {', '.join(sorted(only_old)) or 'nothing'}, "
            f"only the new one {', '.join(sorted(only_new)) or 'nothing'}; "
            "compare models of one playbook"
        )


def _answered(model: Model, table: pd.DataFrame) -> Answered:
    return Answered.by(model, table["text"].tolist(), table["labels"].tolist())


def _overall(
    before: Answered, after: Answered, old: Resampled, new: Resampled
) -> tuple[Difference, ...]:
    then, now = before.figures(), after.figures()
    found = []
    for name in _OVERALL:
        gain = new.overall[name] - old.overall[name]
        found.append(_difference(name, then[name], now[name], gain, name in _LOWER_IS_BETTER))
    return _judged(found)


def _per_label(
    before: Answered, after: Answered, old: Resampled, new: Resampled
) -> tuple[Difference, ...]:
    then, now = (answered.figures()["per_label"] for answered in (before, after))
    found = []
    for label in sorted(then):
        # In a resample without the label a model that never names it has no F1: nothing is lost.
        gain = np.nan_to_num(new.per_label[label]["f1"]) - np.nan_to_num(old.per_label[label]["f1"])
        found.append(_difference(label, then[label]["f1"], now[label]["f1"], gain))
    return _judged(found)


def _difference(
    name: str, old: float | None, new: float | None, gain: FloatArray, lower: bool = False
) -> Difference:
    gain = gain[~np.isnan(gain)]
    not_worse = (-gain if lower else gain) >= 0
    # One more than was counted: a chance of nothing cannot be told from so many resamples.
    chance = (not_worse.sum() + 1) / (len(gain) + 1)
    return Difference(name, old, new, interval(gain), round(float(chance), 4))


def _judged(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """Say which figures are worse beyond chance, as Holm (1979) does for several at once."""
    worse: set[str] = set()
    for tried, of in enumerate(sorted(differences, key=lambda of: of.chance)):
        if of.chance > _CHANCE / (len(differences) - tried):
            break
        worse.add(of.name)
    return tuple(replace(of, worse=of.name in worse) for of in differences)


def _changes(before: Answered, after: Answered, table: pd.DataFrame) -> tuple[Change, ...]:
    """Return the utterances whose set of labels only one of the models has right."""
    changes = []
    places = zip(table["file"], table["row"], table["text"], before.truth, strict=True)
    answers = zip(before.decisions, after.decisions, strict=True)
    for (file, row, text, right), (old, new) in zip(places, answers, strict=True):
        was, is_now = set(old.labels) == set(right), set(new.labels) == set(right)
        if was != is_now:
            changes.append(Change(file, int(row), text, right, old.labels, new.labels, is_now))
    return tuple(changes)
