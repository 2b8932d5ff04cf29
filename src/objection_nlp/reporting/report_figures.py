"""All figures of the evaluation report, gathered into one object of plain values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from objection_nlp.bootstrap import RESAMPLES, Interval, interval, resample
from objection_nlp.bundle import Model
from objection_nlp.corpus import data_hash
from objection_nlp.curves import confusion, reliability, risk_coverage, threshold_for
from objection_nlp.evaluation import Answered, calibration_error
from objection_nlp.evidence import find_evidence
from objection_nlp.reporting.deletion import deletion_check
from objection_nlp.reporting.robustness import crosstalk, noise_curve
from objection_nlp.reporting.slices import slice_figures

_PRECISIONS = (0.8, 0.9, 0.92, 0.95, 0.98)
_MOST_ERRORS = 50


def report_figures(
    answered: Answered,
    table: pd.DataFrame,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, Any]:
    """Compute everything that the report shows of a set of answers.

    Parameters
    ----------
    answered : Answered
    table : DataFrame
        The rows that were answered.
    seed : int, default 0
    progress : callable, optional

    Returns
    -------
    dict
        Plain values, ready for JSON.
    """
    groups = table["group"].tolist()
    progress("resampling groups")
    found: dict[str, Any] = {
        "model": _about(answered.model),
        "data": _about_data(table),
        "overall": answered.figures(),
        "intervals": _intervals(answered, groups, seed),
        "confusion": _confusion(answered),
        "calibration": _calibration(answered),
        "risk_coverage": _risk_coverage(answered),
    }
    progress("scoring with noise")
    found["noise"] = noise_curve(answered, seed)
    found["crosstalk"] = crosstalk(answered, table, seed)
    progress("scoring slices and taking evidence away")
    found["slices"] = slice_figures(answered, table)
    found["deletion"] = deletion_check(answered, groups, seed)
    found["worst_errors"] = _worst_errors(answered, table)
    return found


def _about(model: Model) -> dict[str, Any]:
    """Say which model it is, without the figures of its training."""
    return {name: value for name, value in model.describe().items() if name != "figures"}


def _about_data(table: pd.DataFrame) -> dict[str, Any]:
    return {
        "files": sorted(set(table["file"])),
        "utterances": len(table),
        "groups": int(table["group"].nunique()),
        "sha256": data_hash(table),
    }


def _intervals(answered: Answered, groups: list[str], seed: int) -> dict[str, Any] | None:
    """Return 95 % intervals; None where there is only one group to draw from."""
    if len(set(groups)) < 2:
        return None
    drawn = resample(answered, groups, seed=seed)
    per_label: dict[str, dict[str, Interval]] = {
        label: {name: interval(values) for name, values in scores.items()}
        for label, scores in drawn.per_label.items()
    }
    overall = {name: interval(values) for name, values in drawn.overall.items()}
    return {"resamples": RESAMPLES, "overall": overall, "per_label": per_label}


def _confusion(answered: Answered) -> dict[str, Any]:
    labels = answered.model.labels
    counts = confusion(answered.truth, answered.decisions, labels)
    return {"labels": list(labels), "counts": counts}


def _calibration(answered: Answered) -> dict[str, Any]:
    """Compare the confidence, and the probability of each label, with what came true."""
    main = np.array([right[0] for right in answered.truth], dtype=object)
    per_label = {}
    for column, label in enumerate(answered.model.labels):
        chances, there = answered.scores.main[:, column], main == label
        bins = reliability(chances, there)
        per_label[label] = {"error": calibration_error(chances, there), "bins": bins}
    overall = {
        "error": calibration_error(answered.confidence, answered.right),
        "bins": reliability(answered.confidence, answered.right),
    }
    return {"overall": overall, "per_label": per_label}


def _risk_coverage(answered: Answered) -> dict[str, Any]:
    """Order answers by what they are abstained by; what cannot be read comes last."""
    readable = answered.scores.known >= answered.model.thresholds.known
    mass = np.array([answer.mass for answer in answered.decisions])
    sureness, right = np.where(readable, mass, 0.0), answered.right
    thresholds = []
    for precision in _PRECISIONS:
        threshold = threshold_for(sureness, right, precision)
        kept = None if threshold is None else round(float((sureness >= threshold).mean()), 4)
        thresholds.append({"precision": precision, "threshold": threshold, "coverage": kept})
    return {"points": risk_coverage(sureness, right), "thresholds": thresholds}


def _worst_errors(answered: Answered, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return wrong answers, the surest first; a wrong main label before a wrong set."""
    wrong = [
        row
        for row, (answer, right) in enumerate(zip(answered.decisions, answered.truth, strict=True))
        if set(answer.labels) != set(right)
    ]
    main_right, confidence = answered.right, answered.confidence
    wrong.sort(key=lambda row: (main_right[row], -confidence[row], row))
    return [_error(answered, table, row) for row in wrong[:_MOST_ERRORS]]


def _error(answered: Answered, table: pd.DataFrame, row: int) -> dict[str, Any]:
    model, answer = answered.model, answered.decisions[row]
    column = model.labels.index(answer.labels[0])
    spans = find_evidence(model.scorer, answered.utterances[row], column)
    return {
        "number": row,
        "file": table["file"].iloc[row],
        "row": int(table["row"].iloc[row]),
        "right": list(answered.truth[row]),
        "answered": list(answer.labels),
        "confidence": round(float(answered.confidence[row]), 4),
        "abstained": answer.abstained,
        "evidence": [
            {"start": span.start, "end": span.end, "weight": span.weight} for span in spans
        ],
    }
