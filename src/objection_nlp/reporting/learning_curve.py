"""How much more data would help: the model trained again on growing shares of the groups."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from objection_nlp.bundle import Model
from objection_nlp.classifier import ObjectionClassifier
from objection_nlp.corpus import split_part
from objection_nlp.errors import DataError
from objection_nlp.evaluation import Answered

SHARES = (0.1, 0.25, 0.5, 1.0)


def learning_curve(
    table: pd.DataFrame,
    model: Model,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> list[dict[str, Any]]:
    """Train on growing shares of the groups of split ``train`` and score on split ``dev``.

    Parameters
    ----------
    table : DataFrame
        The whole labelled set, with a column ``split``.
    model : Model
        Whose pipeline and labels are used.
    seed : int, default 0
        Of the order of the groups, each share holding the smaller ones, and of the training.
    progress : callable, optional
        Called with the name of each step as it begins.

    Returns
    -------
    list of dict
        ``share``, ``groups``, ``utterances``, and the figures over all labels; instead of these
        ``left_out``, the reason, where a share is too small to train on.

    Raises
    ------
    DataError
        If the data has no rows of one of the two splits.
    """
    train, dev = split_part(table, "train"), split_part(table, "dev")
    if not len(train) or not len(dev):
        raise DataError(
            "a learning curve is trained on the split 'train' and scored on 'dev'; "
            f"the data has {len(train)} and {len(dev)} rows of these; fill the column 'split'"
        )
    groups = np.random.default_rng(seed).permutation(sorted(train["group"].unique()))
    points = []
    for share in SHARES:
        chosen = groups[: max(1, round(share * len(groups)))]
        progress(f"learning curve: training on {len(chosen)} of {len(groups)} groups")
        part = train[train["group"].isin(chosen)]
        size = {"share": share, "groups": len(chosen), "utterances": len(part)}
        points.append(size | _point(part, dev, model, seed))
    return points


def _point(part: pd.DataFrame, dev: pd.DataFrame, model: Model, seed: int) -> dict[str, Any]:
    """Train on a part and score on dev, or say why not."""
    missing = [label for label in model.labels if label not in set(part["labels"].explode())]
    if missing:
        return {"left_out": f"no row is labelled {', '.join(missing)}"}
    if part["group"].nunique() < 2:
        return {"left_out": "training needs at least 2 groups"}
    classifier = ObjectionClassifier(
        model.spacy_pipeline, model.playbook.none_label, random_state=seed
    )
    classifier.fit(part["text"].tolist(), part["labels"].tolist(), part["group"].to_numpy())
    labels = tuple(classifier.classes_.tolist())
    trained = Model(
        classifier.scorer_, labels, model.playbook, classifier.thresholds_, model.spacy_pipeline
    )
    figures = Answered.by(trained, dev["text"].tolist(), dev["labels"].tolist()).figures()
    return {name: value for name, value in figures.items() if name != "per_label"}
