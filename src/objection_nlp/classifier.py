"""``ObjectionClassifier``: a scikit-learn estimator over Dutch utterances.

Fitting goes in four steps; ``fitting.py`` has each as a function. With ``semantic`` an encoder from
``semantic/finetuning.py`` stands beside the first model:

1. *first model*: one linear classifier per label over hashed n-grams;
2. *views*: the first model, fitted without the group at hand, scores each group's utterances;
3. *second models*: from views to calibrated probabilities, of the main label and of each label;
4. *thresholds*: chosen on scores of groups that no model has seen.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import GroupKFold, GroupShuffleSplit
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from objection_nlp.decision import ActingPoint, Decision, decide, find_acting_point
from objection_nlp.dutch import BLANK, DutchPipeline, Utterance, check_texts
from objection_nlp.errors import DataError
from objection_nlp.features import NgramHasher
from objection_nlp.fitting import (
    LabelSets,
    acting_points,
    choose_thresholds,
    fit_ngrams,
    fit_second,
    label_shares,
)
from objection_nlp.labels import NO_OBJECTION, split_labels
from objection_nlp.scoring import FloatArray, NgramWeights, Scorer, Scores, views
from objection_nlp.semantic.encoder import Encoder
from objection_nlp.semantic.finetuning import check_installed, fine_tune

# With an encoder, this share of the groups is kept from it for calibration.
_CALIBRATION = 0.25
_DRAWS = 100


class ObjectionClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Maps Dutch utterances to objection labels with calibrated probabilities.

    Parameters
    ----------
    spacy_pipeline : str, default "blank:nl"
        Which spaCy pipeline tokenises; a trained one adds lemmas and parts of speech.
    none_label : str, default "geen_tegenwerping"
        The label that stands for no objection.
    C : float, default 3.0
        Inverse strength of the regularisation of the first model; above 0.
    smoothing : float, default 0.1
        What is added to the count of each n-gram under each label before their ratio is taken;
        above 0. Smaller values trust rare n-grams more.
    min_df : int, default 3
        N-grams that fewer utterances hold are left out; at least 1.
    folds : int, default 5
        How many parts the groups are cut into for calibration; at least 2.
    precision : float, default 0.92
        Answers below the threshold at which this share of the rest is right are abstained from.
    semantic : bool, default False
        Whether to fine-tune an encoder beside the n-grams (extra ``semantic``). It learns from
        three quarters of the groups; the second models and thresholds then from the other quarter.
    random_state : int, default 0
        Seed; the same data and seed give the same model (with ``semantic``, on the same machine).
    n_jobs : int or None, default None
        How many processes fit in parallel, as in joblib.

    Attributes
    ----------
    classes_ : array of shape (n_labels,)
        The labels, sorted; the columns of ``predict_proba``.
    thresholds_ : Thresholds
        When a second label is named and when the answer is abstained from.
    acting_points_ : tuple of ActingPoint
        The threshold to act on, and the coverage it leaves, by the precision it keeps.
    scorer_ : Scorer
        The fitted arrays; all that answering needs.
    held_out_rows_ : array of shape (n_held_out,)
        The places of the utterances that calibration was done on: all, or with ``semantic`` those
        of groups that the encoder has not seen.
    held_out_scores_ : Scores
        Scores of these utterances from models that had not seen their group.

    Examples
    --------
    >>> X = ["geen factuur gezien", "al overgemaakt"] * 6
    >>> y = ["factuur_niet_ontvangen", "betaling_onderweg"] * 6
    >>> model = ObjectionClassifier(folds=2).fit(X, y, groups=[0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    >>> model.predict(["die is al overgemaakt"]).tolist()
    ['betaling_onderweg']

    Notes
    -----
    The first model is NB-SVM: Wang and Manning (2012), "Baselines and Bigrams: Simple, Good
    Sentiment and Topic Classification". Calibration on held-out scores: Platt (1999),
    "Probabilistic Outputs for Support Vector Machines"; Wolpert (1992), "Stacked Generalization".
    """

    def __init__(
        self,
        spacy_pipeline: str = BLANK,
        none_label: str = NO_OBJECTION,
        C: float = 3.0,
        smoothing: float = 0.1,
        min_df: int = 3,
        folds: int = 5,
        precision: float = 0.92,
        semantic: bool = False,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.spacy_pipeline = spacy_pipeline
        self.none_label = none_label
        self.C = C
        self.smoothing = smoothing
        self.min_df = min_df
        self.folds = folds
        self.precision = precision
        self.semantic = semantic
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
        if self.semantic:
            check_installed()  # now, not after minutes of fitting
        shares = label_shares(sets, self.classes_)
        self.pipeline_ = DutchPipeline(self.spacy_pipeline)
        utterances = self.pipeline_.analyse(texts)
        held_views, known = self._held_out_views(utterances, shares, weights, groups)
        encoder = None
        self.held_out_rows_ = np.arange(len(texts))
        if self.semantic:
            encoder, rows = self._fit_encoder(utterances, shares, weights, groups)
            own_views = encoder.views([utterances[i] for i in rows])
            held_views, known = np.hstack([held_views[rows], own_views]), known[rows]
            self.held_out_rows_ = rows
        rows = self.held_out_rows_
        held = (held_views, known, shares[rows], weights[rows], groups[rows])
        self.held_out_scores_ = self._held_out_scores(*held)
        self.scorer_ = Scorer(
            self._fit_ngrams(utterances, shares, weights),
            fit_second(held_views, shares[rows], weights[rows]),
            encoder,
        )
        self._choose_thresholds([sets[i] for i in rows])
        return self

    def _choose_thresholds(self, truth: LabelSets) -> None:
        names = (self.classes_.tolist(), self.none_label)
        self.thresholds_ = choose_thresholds(self.held_out_scores_, truth, *names, self.precision)
        answers = decide(self.held_out_scores_, *names, self.thresholds_)
        self.acting_points_: tuple[ActingPoint, ...] = acting_points(answers, truth)

    def _fit_encoder(
        self,
        utterances: list[Utterance],
        shares: FloatArray,
        weights: FloatArray,
        groups: NDArray[Any],
    ) -> tuple[Encoder, NDArray[Any]]:
        """Fine-tune on most groups; return the encoder and the utterances of the others."""
        seen, unseen = self._parts_for_encoder(shares > 0, groups)
        encoder = fine_tune(
            [utterances[i] for i in seen],
            shares[seen],
            weights[seen],
            seed=self.random_state,
            n_threads=effective_n_jobs(self.n_jobs),
        )
        return encoder, unseen

    def _parts_for_encoder(
        self, held: NDArray[np.bool_], groups: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return utterances to fine-tune on and, of other groups, to calibrate on.

        The first of some random draws in which both parts have every label and the second, which
        is cut again, has groups enough.
        """
        splitter = GroupShuffleSplit(_DRAWS, test_size=_CALIBRATION, random_state=self.random_state)
        for seen, unseen in splitter.split(groups, groups=groups):
            every_label = held[seen].any(axis=0).all() and held[unseen].any(axis=0).all()
            if every_label and len(np.unique(groups[unseen])) > 1:
                return seen, unseen
        raise DataError(
            f"{len(np.unique(groups))} groups came; with semantic, three quarters of the groups "
            "and the other quarter (at least 2) must both hold every label: bring rows of more "
            "speakers, or train without semantic"
        )

    def predict_proba(self, X: ArrayLike) -> FloatArray:
        """Return the probability of each label to be the main one.

        Returns
        -------
        array of shape (n_samples, n_labels)
            Columns in the order of ``classes_``; rows add up to 1.
        """
        return self._scores(X).main

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the main label of each utterance: array of shape (n_samples,)."""
        return np.array([answer.labels[0] for answer in self.decide(X)], dtype=self.classes_.dtype)

    def predict_labels(self, X: ArrayLike) -> LabelSets:
        """Return all labels of each utterance, the main one first."""
        return [answer.labels for answer in self.decide(X)]

    def decide(self, X: ArrayLike) -> list[Decision]:
        """Return labels and abstention for each utterance."""
        return decide(self._scores(X), self.classes_.tolist(), self.none_label, self.thresholds_)

    def threshold_for(self, precision: float) -> float:
        """Return the lowest threshold to act on that keeps ``precision`` on held-out groups.

        Precisions are known in steps of 0.01 from 0.50 on; the next higher one is taken.

        Parameters
        ----------
        precision : float
            Which share of the answers acted on should be right; above 0, at most 1.

        Raises
        ------
        DataError
            If no threshold reaches it.
        """
        check_is_fitted(self)
        return find_acting_point(self.acting_points_, precision).threshold

    def score(
        self, X: ArrayLike, y: Sequence[Any], sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the share of utterances whose predicted label is the main one of ``y``."""
        main = np.array([labels[0] for labels in _as_label_sets(y)])
        weights = _as_weights(sample_weight, len(main))
        return float(np.average(self.predict(X) == main, weights=weights))

    def _scores(self, X: ArrayLike) -> Scores:
        check_is_fitted(self)
        return self.scorer_.score(self.pipeline_.analyse(_as_texts(X)))

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

    def _held_out_views(
        self,
        utterances: list[Utterance],
        shares: FloatArray,
        weights: FloatArray,
        groups: NDArray[Any],
    ) -> tuple[FloatArray, FloatArray]:
        """Return views and known share of each utterance, by a model without its group."""
        hasher = NgramHasher()
        parts = []
        for train, test in self._splits(groups):
            model = self._fit_ngrams([utterances[i] for i in train], shares[train], weights[train])
            ngrams = hasher([utterances[i] for i in test])
            parts.append((test, views(model, ngrams), model.known(ngrams)))
        rows, scores, known = (np.concatenate(part) for part in zip(*parts, strict=True))
        back = np.argsort(rows)
        return scores[back], known[back]

    def _held_out_scores(
        self,
        held_views: FloatArray,
        known: FloatArray,
        shares: FloatArray,
        weights: FloatArray,
        groups: NDArray[Any],
    ) -> Scores:
        """Return scores by second models, too, that have not seen the group."""
        main, presence = np.zeros_like(shares), np.zeros_like(shares)
        for train, test in self._splits(groups):
            second = fit_second(held_views[train], shares[train], weights[train])
            scores = second.score(held_views[test], known[test])
            main[test], presence[test] = scores.main, scores.presence
        return Scores(main, presence, known)

    def _splits(self, groups: NDArray[Any]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        folds = min(self.folds, len(np.unique(groups)))
        splitter = GroupKFold(folds, shuffle=True, random_state=self.random_state)
        yield from splitter.split(groups, groups=groups)

    def _fit_ngrams(
        self, utterances: list[Utterance], shares: FloatArray, weights: FloatArray
    ) -> NgramWeights:
        return fit_ngrams(
            NgramHasher()(utterances),
            shares > 0,
            weights,
            C=self.C,
            smoothing=self.smoothing,
            min_df=self.min_df,
            seed=self.random_state,
            n_jobs=self.n_jobs,
        )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        return tags


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
