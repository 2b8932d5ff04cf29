"""The steps of fitting, each a function from arrays to arrays.

Who calls them in which order, and which utterances each may see, is told in ``classifier.py``.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from objection_nlp.curves import threshold_for
from objection_nlp.decision import ActingPoint, Decision, Thresholds, decide
from objection_nlp.features import BUCKETS, Ngrams
from objection_nlp.scoring import FloatArray, Linear, NgramWeights, Scores, SecondModels

LabelSets = list[tuple[Any, ...]]
BoolArray = NDArray[np.bool_]

# The model of the main label learns from a two-label utterance as from two, weighted by leaning.
_MAIN_SHARE = 0.6
# Naming second labels may cost this much of the best macro-F1 over sets of labels.
_SECOND_COST = 0.002
# Above every mass: the threshold where no answer is sure enough to be acted on.
NEVER = 1.01


def label_shares(sets: LabelSets, labels: NDArray[Any]) -> FloatArray:
    """Return how much of each utterance goes to each label.

    Returns
    -------
    array of shape (n_utterances, n_labels)
        Rows add up to 1; the main label of several has the largest share.
    """
    column = {label: i for i, label in enumerate(labels.tolist())}
    shares = np.zeros((len(sets), len(labels)))
    for row, names in enumerate(sets):
        rest = (1 - _MAIN_SHARE) / max(len(names) - 1, 1)
        for rank, name in enumerate(names):
            shares[row, column[name]] = 1.0 if len(names) == 1 else (rest if rank else _MAIN_SHARE)
    return shares


def fit_ngrams(
    ngrams: Ngrams,
    held: BoolArray,
    weights: FloatArray,
    *,
    C: float,
    smoothing: float,
    min_df: int,
    seed: int,
    n_jobs: int | None,
) -> NgramWeights:
    """Fit the first model: for each label, a linear support vector machine against the rest.

    Each n-gram is first scaled by the log-ratio of its share under the label and under the rest
    (NB-SVM, Wang and Manning 2012), which is then folded into its weight.

    Parameters
    ----------
    ngrams : Ngrams
    held : array of shape (n_utterances, n_labels)
        Which utterance holds which label.
    weights : array of shape (n_utterances,)
    C, smoothing, min_df, seed, n_jobs
        As in ``ObjectionClassifier``.
    """
    matrix, buckets, idf = _matrix(ngrams, min_df)
    fits = Parallel(n_jobs=n_jobs)(
        delayed(_fit_label)(matrix, column, weights, C, smoothing, seed) for column in held.T
    )
    coefficients, biases = zip(*fits, strict=True)
    # Rounded as the model directory stores them, so that a loaded model answers alike.
    worth = np.stack(coefficients, axis=1).astype(np.float16).astype(np.float32)
    return NgramWeights(buckets, idf, worth, np.array(biases, dtype=np.float32))


def fit_second(views: FloatArray, shares: FloatArray, weights: FloatArray) -> SecondModels:
    """Fit the second models on views by first models that had not seen the utterance's group.

    Parameters
    ----------
    views : array of shape (n_utterances, n_views * n_labels)
    shares : array of shape (n_utterances, n_labels)
        As ``label_shares`` gives them.
    weights : array of shape (n_utterances,)
    """
    prior = shares.sum(axis=0) / shares.sum()
    main = _fit_main(views, shares, weights)
    return SecondModels(main, _fit_presence(views, shares > 0, weights), prior)


def _fit_main(views: FloatArray, shares: FloatArray, weights: FloatArray) -> Linear:
    """Fit the model of the main label: multinomial logistic regression on views."""
    rows, columns = np.nonzero(shares)
    # Every label has to be there, also where a fold has none of its utterances.
    missing = np.setdiff1d(np.arange(shares.shape[1]), columns)
    rows = np.concatenate([rows, np.zeros(len(missing), dtype=rows.dtype)])
    columns = np.concatenate([columns, missing])
    counts = np.maximum(shares[rows, columns], 1e-6) * weights[rows]
    model = LogisticRegression(max_iter=1000).fit(views[rows], columns, sample_weight=counts)
    coefficients, bias = model.coef_.T, model.intercept_
    if len(bias) == 1:  # scikit-learn keeps one column where there are two labels
        coefficients = np.hstack([np.zeros_like(coefficients), coefficients])
        bias = np.append(0.0, bias)
    return Linear(np.ascontiguousarray(coefficients), bias)


def _fit_presence(views: FloatArray, held: BoolArray, weights: FloatArray) -> Linear:
    """Fit the model of each label by itself: whether it is there, alone or beside another."""
    coefficients = np.zeros((views.shape[1], held.shape[1]))
    bias = np.where(held.all(axis=0), 10.0, -10.0)
    for label in np.flatnonzero(held.any(axis=0) & ~held.all(axis=0)):
        model = LogisticRegression(max_iter=1000)
        model.fit(views, held[:, label], sample_weight=weights)
        coefficients[:, label], bias[label] = model.coef_[0], model.intercept_[0]
    return Linear(coefficients, bias)


def choose_thresholds(
    scores: Scores, truth: LabelSets, labels: list[Any], none_label: Any, precision: float
) -> Thresholds:
    """Choose, on held-out scores, when to name a second label and when to abstain.

    The lowest threshold for a second label that costs next to nothing of the macro-F1 over sets
    of labels; then the lowest threshold to act on that keeps ``precision``.
    """
    known = _known_floor(scores.known)
    grid = [round(0.2 + 0.01 * step, 2) for step in range(61)]
    macro = [
        _macro_f1(decide(scores, labels, none_label, Thresholds(second, 0.0, known)), truth, labels)
        for second in grid
    ]
    second = next(s for s, f1 in zip(grid, macro, strict=True) if f1 >= max(macro) - _SECOND_COST)
    answers = decide(scores, labels, none_label, Thresholds(second, 0.0, known))
    act = threshold_for(*_mass_and_right(answers, truth), precision)
    return Thresholds(second, NEVER if act is None else round(act, 4), round(known, 4))


def acting_points(answers: Sequence[Decision], truth: LabelSets) -> tuple[ActingPoint, ...]:
    """Return the threshold to act on, and the coverage it leaves, for each precision reached.

    Parameters
    ----------
    answers : sequence of Decision
        To held-out utterances.
    truth : list of tuple
        The right labels of each.

    Returns
    -------
    tuple of ActingPoint
        By growing precision, in steps of 0.01 from 0.50 to 1.00; those that no threshold reaches
        are left out.

    Examples
    --------
    >>> answers = [Decision(("a",), 0.9, False), Decision(("a",), 0.5, False)]
    >>> acting_points(answers, [("a",), ("b",)])[-1]
    ActingPoint(precision=1.0, threshold=0.9, coverage=0.5)
    """
    mass, right = _mass_and_right(answers, truth)
    points = []
    for percent in range(50, 101):
        threshold = threshold_for(mass, right, percent / 100)
        if threshold is not None:
            coverage = float((mass >= threshold).mean())
            points.append(ActingPoint(percent / 100, round(threshold, 4), round(coverage, 4)))
    return tuple(points)


def _mass_and_right(answers: Sequence[Decision], truth: LabelSets) -> tuple[FloatArray, BoolArray]:
    right = [a.labels[0] in there for a, there in zip(answers, truth, strict=True)]
    return np.array([a.mass for a in answers]), np.array(right)


def _macro_f1(answers: Sequence[Any], truth: LabelSets, labels: list[Any]) -> float:
    hits = dict.fromkeys(labels, 0)
    sizes = dict.fromkeys(labels, 0)
    for answer, there in zip(answers, truth, strict=True):
        for label in (*answer.labels, *there):
            sizes[label] += 1
        for label in set(answer.labels) & set(there):
            hits[label] += 2
    return float(np.mean([hits[label] / max(sizes[label], 1) for label in labels]))


def _known_floor(known: FloatArray) -> float:
    """Return the share of known words under which held-out utterances practically never fall."""
    return float(min(np.quantile(known[known > 0], 0.002), 0.5)) if (known > 0).any() else 0.0


def _matrix(
    ngrams: Ngrams, min_df: int
) -> tuple[sparse.csr_array, NDArray[np.int32], NDArray[np.float32]]:
    """Return the tf-idf matrix of a batch, the buckets of its columns and their idf.

    The length of a row is that of its n-grams counted one by one, as ``scoring`` counts them.
    """
    sizes = np.diff(np.append(ngrams.gram_start, len(ngrams.gram)))
    tokens = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), ngrams.joint_tokens[:, 0]])
    buckets = np.concatenate([ngrams.gram, ngrams.joint])
    places = (ngrams.text_of_token[tokens], buckets)
    ones = np.ones(len(buckets), dtype=np.float32)
    counts = sparse.coo_array((ones, places), shape=(ngrams.n_texts, BUCKETS)).tocsr()
    df = np.bincount(counts.indices, minlength=BUCKETS)
    kept = np.flatnonzero(df >= min_df).astype(np.int32)
    idf = (np.log((1 + ngrams.n_texts) / (1 + df[kept])) + 1).astype(np.float16).astype(np.float32)
    counts = counts[:, kept]
    lengths = np.sqrt(np.maximum(counts @ np.square(idf), 1e-9))
    matrix = sparse.diags_array(1 / lengths) @ counts @ sparse.diags_array(idf)
    return sparse.csr_array(matrix), kept, idf


def _fit_label(
    matrix: sparse.csr_array,
    held: BoolArray,
    weights: FloatArray,
    C: float,
    smoothing: float,
    seed: int,
) -> tuple[FloatArray, float]:
    """Fit one label against the rest; return its coefficients and bias."""
    if held.all() or not held.any():
        return np.zeros(matrix.shape[1]), 1.0 if held.all() else -1.0
    ratio = _log_ratio(matrix, held, smoothing)
    # The default of 1,000 iterations is too few for some small sets.
    model = LinearSVC(C=C, random_state=seed, max_iter=5_000)
    model.fit(matrix @ sparse.diags_array(ratio), held, sample_weight=weights)
    return model.coef_[0] * ratio, float(model.intercept_[0])


def _log_ratio(matrix: sparse.csr_array, held: BoolArray, smoothing: float) -> FloatArray:
    """Return how much more of the label's utterances than of the rest each n-gram makes up."""
    inside = smoothing + np.asarray(matrix[held].sum(axis=0)).ravel()
    outside = smoothing + np.asarray(matrix[~held].sum(axis=0)).ravel()
    return np.asarray(np.log(inside / inside.sum()) - np.log(outside / outside.sum()))
