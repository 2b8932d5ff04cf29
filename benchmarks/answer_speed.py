"""How fast answers come, each figure as a ratio against a named alternative in the same run.

    python benchmarks/answer_speed.py

The yardstick is the *bare pipeline*: scikit-learn's union of a word 1-2-gram and a char_wb
2-5-gram ``TfidfVectorizer`` with ``LogisticRegression``, fitted on the same rows. One thread.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union

from objection_nlp import load_model, predict_response, predict_responses
from objection_nlp.bundle import SEMANTIC
from objection_nlp.corpus import read_labelled
from objection_nlp.response import classify

DATA = Path(__file__).parents[1] / "data" / "utterances"
ROUNDS = 7


def bare_pipeline(texts: list[str], labels: list[str]) -> Pipeline:
    words = TfidfVectorizer(ngram_range=(1, 2))
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    # The speed of answering does not depend on how far the fit has come.
    model = LogisticRegression(max_iter=5)
    return make_pipeline(make_union(words, characters), model).fit(texts, labels)


def seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def paired(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float, float]:
    """Run both in turn; return the median seconds of each and the median ratio."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in pairs)
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), ratio


def python(code: str) -> Callable[[], object]:
    return lambda: subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def show(name: str, ours: float, theirs: float, ratio: float, limit: str) -> None:
    print(f"{name:46} {ours * 1e3:9.2f} ms {theirs * 1e3:9.2f} ms  x{ratio:.2f}  ({limit})")


def main() -> None:
    import warnings

    warnings.simplefilter("ignore")
    table = read_labelled([DATA])
    fitted = table[table["split"] != "test"]
    bare = bare_pipeline(fitted["text"].tolist(), [labels[0] for labels in fitted["labels"]])
    model = load_model()
    texts = table[table["split"] == "test"]["text"].tolist()
    one = texts[:100]
    print(f"{'':46} {'ours':>12} {'theirs':>12}")
    bare.predict_proba(texts)
    predict_responses(texts, model=model)
    figures = paired(
        lambda: [predict_response(text, model=model) for text in one],
        lambda: [bare.predict_proba([text]) for text in one],
    )
    show("100 utterances one by one, warm", *figures, "at most 2 asked")
    figures = paired(
        lambda: predict_responses(texts, model=model), lambda: bare.predict_proba(texts)
    )
    show(f"predict_responses, {len(texts)} utterances", *figures, "at most 0.33 aimed at")
    figures = paired(lambda: classify(texts, model), lambda: bare.predict_proba(texts))
    show("classify (as annotate does)", *figures, "at most 0.33 asked")
    rates = [len(texts) / seconds for seconds in figures[:2]]
    print(f"{'':46} {rates[0]:8.0f} /s  {rates[1]:8.0f} /s")
    semantic = load_model(SEMANTIC)
    figures = paired(
        lambda: [predict_response(text, model=semantic) for text in one],
        lambda: [predict_response(text, model=model) for text in one],
    )
    show("model semantic, one by one (theirs: default)", *figures, "1500 ms asked")
    figures = paired(
        python("import objection_nlp; objection_nlp.predict_response('de factuur is weg')"),
        python("import spacy, sklearn.linear_model, sklearn.feature_extraction.text"),
    )
    show("first answer of a fresh process", *figures, "at most 1.2 of the imports asked")
    typer = "import typer\napp = typer.Typer()\n@app.command()\ndef a(x: int = 1): ...\n"
    call = "import sys; sys.argv = ['x', '--help']\n{}\ntry: {}\nexcept SystemExit: pass"
    figures = paired(
        python(call.format("from objection_nlp.cli import main", "main()")),
        python(call.format(typer, "app()")),
    )
    show("objection-nlp --help", *figures, "at most 1.5 of a bare Typer program asked")


if __name__ == "__main__":
    main()
