"""Compare settings of the classifier by group-wise cross-validation; the table of docs/model.md.

Run: python scripts/search_model.py  (about ten minutes on two cores)

Fitted on the groups of split ``train``; every figure is on held-out groups of the
cross-validation or on the groups of split ``dev``. Split ``test`` is never read here.
"""

import time
from pathlib import Path
from typing import Any

import pandas as pd

from objection_nlp import ObjectionClassifier
from objection_nlp.corpus import read_labelled, split_part
from objection_nlp.decision import decide
from objection_nlp.evaluation import figures
from objection_nlp.scoring import Scores

DATA = Path(__file__).parents[1] / "data" / "utterances"
CANDIDATES: dict[str, dict[str, float]] = {
    "as packaged: C 3, smoothing 0.1, n-grams of 3 utterances": {},
    "C 1": {"C": 1.0},
    "C 10": {"C": 10.0},
    "smoothing 0.03": {"smoothing": 0.03},
    "smoothing 0.3": {"smoothing": 0.3},
    "smoothing 1000 (a plain linear SVM, nearly)": {"smoothing": 1000.0},
    "n-grams of 2 utterances or more": {"min_df": 2},
    "n-grams of 5 utterances or more": {"min_df": 5},
}
COLUMNS = ("macro_f1", "exact_set_two", "false_alarms", "calibration_error", "coverage")


def row(table: pd.DataFrame, settings: dict[str, float]) -> list[str]:
    train, dev = split_part(table, "train"), split_part(table, "dev")
    begin = time.perf_counter()
    model = ObjectionClassifier(n_jobs=2, **settings)
    model.fit(train["text"].tolist(), train["labels"].tolist(), groups=train["group"].to_numpy())
    seconds = time.perf_counter() - begin
    dev_scores = model.scorer_.score(model.pipeline_.analyse(dev["text"].tolist()))
    on_held = figures_of(model, model.held_out_scores_, train)
    on_dev = figures_of(model, dev_scores, dev)
    cells = [f"{on_held[name]:.3f} / {on_dev[name]:.3f}" for name in COLUMNS]
    return [*cells, f"{seconds:.0f} s"]


def figures_of(model: ObjectionClassifier, scores: Scores, rows: pd.DataFrame) -> dict[str, Any]:
    labels, none = model.classes_.tolist(), model.none_label
    answers = decide(scores, labels, none, model.thresholds_)
    return figures(rows["labels"].tolist(), answers, scores.main, labels, none)


def main() -> None:
    table = read_labelled([DATA])
    print(f"| settings | {' | '.join(COLUMNS)} | fit |")
    print("| --- |" + " --- |" * (len(COLUMNS) + 1))
    for name, settings in CANDIDATES.items():
        print(f"| {name} | {' | '.join(row(table, settings))} |", flush=True)


if __name__ == "__main__":
    main()
