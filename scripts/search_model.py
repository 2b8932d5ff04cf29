"""Compare settings of the classifier by group-wise cross-validation; the table of docs/model.md.

Run: python scripts/search_model.py  (about twenty minutes on two cores)

Fitted on the groups of split ``train``; every figure is on held-out groups of the
cross-validation or on the groups of split ``dev``. Split ``test`` is never read here.
"""

import time
from pathlib import Path

import pandas as pd

from objection_nlp import ObjectionClassifier
from objection_nlp.corpus import read_labelled, split_part
from objection_nlp.decision import decide
from objection_nlp.evaluation import figures

DATA = Path(__file__).parents[1] / "data" / "utterances"
CANDIDATES: dict[str, dict[str, float]] = {
    "as packaged": {},
    "C 0.3": {"C": 0.3},
    "C 1": {"C": 1.0},
    "C 10": {"C": 10.0},
    "smoothing 0.03": {"smoothing": 0.03},
    "smoothing 0.5": {"smoothing": 0.5},
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
    labels, none = model.classes_.tolist(), model.none_label
    held = decide(model.held_out_scores_, labels, none, model.thresholds_)
    on_held = figures(train["labels"].tolist(), held, model.held_out_scores_.main, labels, none)
    texts = dev["text"].tolist()
    chances, answers = model.predict_proba(texts), model.decide(texts)
    on_dev = figures(dev["labels"].tolist(), answers, chances, labels, none)
    cells = [f"{on_held[name]:.3f} / {on_dev[name]:.3f}" for name in COLUMNS]
    return [*cells, f"{seconds:.0f} s"]


def main() -> None:
    table = read_labelled([DATA])
    print(f"| settings | {' | '.join(COLUMNS)} | fit |")
    print("| --- |" + " --- |" * (len(COLUMNS) + 1))
    for name, settings in CANDIDATES.items():
        print(f"| {name} | {' | '.join(row(table, settings))} |", flush=True)


if __name__ == "__main__":
    main()
