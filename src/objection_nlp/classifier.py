"""``ObjectionClassifier``: a scikit-learn estimator over Dutch utterances.

Fitting goes in four steps, each a function below:

1. *first model*: one linear support vector machine per label over hashed n-grams;
2. *views*: the first model, fitted without the group at hand, scores each group's utterances;
3. *second model*: multinomial logistic regression from views to calibrated probabilities;
4. *thresholds*: chosen on probabilities of groups that neither model has seen.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.svm import LinearSVC
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from objection_nlp.decision import Decision, Thresholds, decide
from objection_nlp.dutch import BLANK, DutchPipeline, Utterance, check_texts
from objection_nlp.errors import DataError
from objection_nlp.features import BUCKETS, NgramHasher, Ngrams
from objection_nlp.labels import NO_OBJECTION, split_labels
from objection_nlp.scoring import FloatArray, NgramWeights, Scorer, views

LabelSets = list[tuple[Any, ...]]

# The second model learns from a two-label utterance as from two, weighted by leaning.
_MAIN_SHARE = 0.6


class _Held(NamedTuple):
    """What models found for each training utterance without having seen its group."""

    views: FloatArray
    known: FloatArray
    probabilities: FloatArray


class ObjectionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Maps Dutch utterances to objection labels with calibrated probabilities.

    Parameters
    ----------
    spacy_pipeline : str, default "blank:nl"
        Which spaCy pipeline tokenises; a trained one adds lemmas and parts of speech.
    none_label : str, default "geen_tegenwerping"
        The label that stands for no objection.
    C : float, default 1.0
        Inverse strength of the regularisation of the first model; above 0.
    min_df : int, default 2
        N-grams that fewer utterances hold are left out; at least 1.
    folds : int, default 5
        How many parts the groups are cut into for calibration; at least 2.
    precision : float, default 0.92
        Answers below the threshold at which this share of the rest is right are abstained from.
    random_state : int, default 0
        Seed; the same data and seed give the same model.
    n_jobs : int or None, default None
        How many processes fit in parallel, as in joblib.

    Attributes
    ----------
    classes_ : array of shape (n_labels,)
        The labels, sorted; the columns of ``predict_proba``.
    thresholds_ : Thresholds
        When a second label is named and when the answer is abstained from.
    scorer_ : Scorer
        The fitted arrays; all that answering needs.
    held_out_probabilities_ : array of shape (n_samples, n_labels)
        Probabilities of the training utterances from models that had not seen their group.

    Examples
    --------
    >>> X = ["geen factuur gezien", "al overgemaakt"] * 6
    >>> y = ["factuur_niet_ontvangen", "betaling_onderweg"] * 6
    >>> model = ObjectionClassifier(folds=2).fit(X, y, groups=[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    >>> model.predict(["die is al overgemaakt"]).tolist()
    ['betaling_onderweg']

    Notes
    -----
    One linear classifier per label over n-grams: Wang and Manning (2012), "Baselines and
    Bigrams". Calibration on held-out scores: Platt (1999); Wolpert (1992) for stacking.
    """

    def __init__(
        self,
        spacy_pipeline: str = BLANK,
        none_label: str = NO_OBJECTION,
        C: float = 1.0,
        min_df: int = 2,
        folds: int = 5,
        precision: float = 0.92,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.spacy_pipeline = spacy_pipeline
        self.none_label = none_label
        self.C = C
        self.min_df = min_df
        self.folds = folds
        self.precision = precision
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike,
        y: Sequence[Any],
        groups: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn from labelled utterances.

        Parameters
        ----------
        X : sequence of str, shape (n_samples,)
            The utterances.
        y : sequence of str or of sequences of str, shape (n_samples,)
            The labels of each: one id, ids joined by ``+``, or a list; main one first. Classes
            that are whole numbers are taken too.
        groups : array-like of shape (n_samples,), optional
            Who speaks. Calibration never mixes a group into both sides of a split. Without
            groups each utterance counts as its own, which flatters on authored data.
        sample_weight : array-like of shape (n_samples,), optional
            How much each utterance counts; 1 when None.

        Raises
        ------
        DataError
            If there are fewer than two labels or groups, or texts that are no strings.
        """
        texts, sets = _as_texts(X), _as_label_sets(y)
        weights = _as_weights(sample_weight, len(texts))
        groups = np.arange(len(texts)) if groups is None else np.asarray(groups)
        _check_lengths(len(texts), len(sets), len(groups), len(weights))
        self.classes_ = np.unique([label for labels in sets for label in labels])
        self._check_enough(groups)
        self.pipeline_ = DutchPipeline(self.spacy_pipeline)
        utterances = self.pipeline_.analyse(texts)
        held = self._cross_fit(utterances, sets, groups, weights)
        first = self._fit_first(utterances, sets, weights)
        second = self._fit_second(held.views, sets, weights)
        self.scorer_ = Scorer(first, *_logit_weights(second), self._prior(sets))
        self.held_out_probabilities_ = held.probabilities
        self.held_out_known_ = held.known
        self.thresholds_ = self._choose_thresholds(held, sets)
        return self

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return the probability of each label to be the main one.

        Returns
        -------
        array of shape (n_samples, n_labels)
            Columns in the order of ``classes_``; rows add up to 1.
        """
        return self._scores(X)[0]

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the main label of each utterance: array of shape (n_samples,)."""
        return np.array([answer.labels[0] for answer in self.decide(X)], dtype=self.classes_.dtype)

    def predict_labels(self, X: ArrayLike) -> LabelSets:
        """Return all labels of each utterance, the main one first."""
        return [answer.labels for answer in self.decide(X)]

    def decide(self, X: ArrayLike) -> list[Decision]:
        """Return labels and abstention for each utterance."""
        probabilities, known = self._scores(X)
        return decide(
            probabilities, known, self.classes_.tolist(), self.none_label, self.thresholds_
        )

    def score(
        self, X: ArrayLike, y: Sequence[Any], sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the share of utterances whose predicted label is the main one of ``y``."""
        main = np.array([labels[0] for labels in _as_label_sets(y)])
        weights = _as_weights(sample_weight, len(main))
        return float(np.average(self.predict(X) == main, weights=weights))

    def _scores(self, X: ArrayLike) -> tuple[FloatArray, FloatArray]:
        check_is_fitted(self)
        return self.scorer_.probabilities(self.pipeline_.analyse(_as_texts(X)))

    def _check_enough(self, groups: NDArray[Any]) -> None:
        if len(self.classes_) < 2:
            raise DataError(
                f"y holds {len(self.classes_)} class; a classifier needs at least 2 labels"
            )
        if len(np.unique(groups)) < 2:
            raise DataError(
                "all utterances are of one group; calibration needs at least 2 groups (voices, "
                "callers or calls), so that it can be done on a group that training has not seen"
            )

    def _prior(self, sets: LabelSets) -> FloatArray:
        shares = _shares(sets, self.classes_).sum(axis=0)
        return np.asarray(shares / shares.sum())

    def _cross_fit(
        self,
        utterances: list[Utterance],
        sets: LabelSets,
        groups: NDArray[Any],
        weights: FloatArray,
    ) -> _Held:
        """Score each utterance with first and second models that have not seen its group."""
        splits = list(self._splits(groups))
        hasher = NgramHasher()

        def score(train: NDArray[Any], test: NDArray[Any]) -> tuple[FloatArray, FloatArray]:
            model = self._fit_first(_take(utterances, train), _take(sets, train), weights[train])
            ngrams = hasher(_take(utterances, test))
            return views(model, ngrams), model.known(ngrams)

        scored = [score(train, test) for train, test in splits]
        order = np.concatenate([test for _, test in splits])
        back = np.argsort(order)
        all_views = np.vstack([held for held, _ in scored])[back]
        known = np.concatenate([known for _, known in scored])[back]
        probabilities = np.zeros((len(sets), len(self.classes_)))
        for train, test in splits:
            second = self._fit_second(all_views[train], _take(sets, train), weights[train])
            probabilities[test] = second.predict_proba(all_views[test])
        return _Held(all_views, known, probabilities)

    def _splits(self, groups: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        folds = min(self.folds, len(np.unique(groups)))
        splitter = GroupKFold(folds, shuffle=True, random_state=self.random_state)
        yield from splitter.split(groups, groups=groups)

    def _fit_first(
        self, utterances: list[Utterance], sets: LabelSets, weights: FloatArray
    ) -> NgramWeights:
        """Fit one linear support vector machine per label."""
        matrix, buckets, idf = _matrix(NgramHasher()(utterances), self.min_df)
        held = _shares(sets, self.classes_) > 0
        fits = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit_label)(matrix, column, weights, self.C, self.random_state)
            for column in held.T
        )
        coefficients, biases = zip(*fits, strict=True)
        return NgramWeights(
            buckets,
            idf,
            np.stack(coefficients, axis=1).astype(np.float16).astype(np.float32),
            np.array(biases, dtype=np.float32),
        )

    def _fit_second(
        self, scores: FloatArray, sets: LabelSets, weights: FloatArray
    ) -> LogisticRegression:
        """Fit the multinomial model from views to probabilities."""
        shares = _shares(sets, self.classes_)
        rows, columns = np.nonzero(shares)
        model = LogisticRegression(max_iter=1000)
        # Every class has to be there, also where a fold has none of its utterances.
        missing = np.setdiff1d(np.arange(len(self.classes_)), columns)
        rows = np.concatenate([rows, np.zeros(len(missing), dtype=rows.dtype)])
        columns = np.concatenate([columns, missing])
        counts = np.maximum(shares[rows, columns], 1e-6) * weights[rows]
        fitted: LogisticRegression = model.fit(scores[rows], columns, sample_weight=counts)
        return fitted

    def _choose_thresholds(self, held: _Held, sets: LabelSets) -> Thresholds:
        """Choose, on held-out probabilities, when to name a second label and when to abstain."""
        known = _known_floor(held.known)
        labels = self.classes_.tolist()
        choices = [Thresholds(second, 0.0, known) for second in np.arange(0.1, 0.51, 0.01).tolist()]

        def exact(thresholds: Thresholds) -> int:
            answers = decide(held.probabilities, held.known, labels, self.none_label, thresholds)
            return sum(set(a.labels) == set(truth) for a, truth in zip(answers, sets, strict=True))

        best = max(choices, key=exact)
        answers = decide(held.probabilities, held.known, labels, self.none_label, best)
        right = [a.labels[0] in truth for a, truth in zip(answers, sets, strict=True)]
        act = threshold_for([a.mass for a in answers], right, self.precision)
        return Thresholds(round(best.second, 4), round(act, 4), round(known, 4))

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        return tags


def threshold_for(mass: Sequence[float], right: Sequence[bool], precision: float) -> float:
    """Return the lowest threshold at which the answers kept are right often enough.

    Parameters
    ----------
    mass : sequence of float
        How sure each answer is, 0 to 1.
    right : sequence of bool
        Whether each answer was right.
    precision : float
        Wanted share of right answers among those kept, 0 to 1.

    Returns
    -------
    float
        Answers at or above it are kept; above every ``mass`` where no threshold will do.

    Examples
    --------
    >>> threshold_for([0.9, 0.8, 0.6, 0.3], [True, True, False, False], precision=0.9)
    0.8
    """
    order = np.argsort(-np.asarray(mass), kind="stable")
    sorted_mass = np.asarray(mass)[order]
    share_right = np.cumsum(np.asarray(right)[order]) / np.arange(1, len(order) + 1)
    # Equal masses stand or fall together: only the last of each counts.
    last_of_equal = np.append(sorted_mass[1:] != sorted_mass[:-1], True)
    enough = np.flatnonzero(last_of_equal & (share_right >= precision))
    return float(sorted_mass[enough[-1]]) if len(enough) else 1.01


def _as_texts(X: ArrayLike) -> list[str]:
    """Return utterances from any array-like as a list of strings."""
    texts: Any = X if isinstance(X, str | bytes) else np.asarray(X, dtype=object).ravel()
    return check_texts(texts)


def _as_label_sets(y: Sequence[Any]) -> LabelSets:
    """Return the labels of each row as a tuple.

    Whole numbers are taken as they are: scikit-learn's cross-validation encodes classes so.
    """
    for row, labels in enumerate(y):
        number = isinstance(labels, int | np.integer)
        if not number and not (isinstance(labels, str | list | tuple) and labels):
            raise DataError(
                f"y row {row}: {type(labels).__name__} came where a label was expected: an id, "
                "ids joined by '+', or a list of ids"
            )
    return [
        (int(labels),) if isinstance(labels, int | np.integer) else split_labels(labels)
        for labels in y
    ]


def _as_weights(sample_weight: ArrayLike | None, n_samples: int) -> FloatArray:
    if sample_weight is None:
        return np.ones(n_samples)
    return np.asarray(sample_weight, dtype=np.float64)


def _check_lengths(n_texts: int, *others: int) -> None:
    if n_texts == 0:
        raise DataError("Found array with 0 sample(s): no utterances came to learn from")
    if any(n_texts != other for other in others):
        raise DataError(
            f"X has {n_texts} rows but y, groups and sample_weight have {others}; "
            "they must be of one length"
        )


def _take(items: list[Any], rows: NDArray[Any]) -> list[Any]:
    return [items[row] for row in rows]


def _shares(sets: LabelSets, labels: NDArray[Any]) -> FloatArray:
    """Return how much of each utterance goes to each label: rows add up to 1."""
    column = {label: i for i, label in enumerate(labels.tolist())}
    shares = np.zeros((len(sets), len(labels)))
    for row, names in enumerate(sets):
        rest = (1 - _MAIN_SHARE) / max(len(names) - 1, 1)
        for rank, name in enumerate(names):
            shares[row, column[name]] = 1.0 if len(names) == 1 else (rest if rank else _MAIN_SHARE)
    return shares


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
    matrix: sparse.csr_array, held: NDArray[Any], weights: FloatArray, C: float, seed: int
) -> tuple[FloatArray, float]:
    """Fit one label against the rest; return its coefficients and bias."""
    if held.all() or not held.any():
        return np.zeros(matrix.shape[1]), 1.0 if held.all() else -1.0
    model = LinearSVC(C=C, random_state=seed).fit(matrix, held, sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def _logit_weights(model: LogisticRegression) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and biases with one column per label, also where there are only two."""
    coefficients, biases = model.coef_.T, model.intercept_
    if len(biases) == 1:
        coefficients = np.hstack([np.zeros_like(coefficients), coefficients])
        biases = np.append(0.0, biases)
    return np.ascontiguousarray(coefficients), biases


def _known_floor(known: FloatArray) -> float:
    """Return the share of known words under which held-out utterances practically never fall."""
    return float(min(np.quantile(known[known > 0], 0.002), 0.5)) if (known > 0).any() else 0.0
