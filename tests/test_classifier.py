"""The estimator: scikit-learn's contract, several labels, calibration by group, determinism."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import estimator_checks

from conftest import tiny_rows
from objection_nlp import DataError, ObjectionClassifier
from objection_nlp.decision import Decision
from objection_nlp.fitting import acting_points

ROWS = tiny_rows()
X, Y, GROUPS = ROWS["text"].tolist(), ROWS["labels"].tolist(), ROWS["group"].to_numpy()

# scikit-learn's checks that bring no data of their own, or data that is not looked at. All others
# hand a matrix of numbers to `fit`; their subjects (weights, idempotence, batches, empty input,
# one label, errors) have tests with texts here and in test_scoring.py.
CHECKS_FOR_TEXT = (
    "check_estimator_cloneable",
    "check_estimator_tags_renamed",
    "check_valid_tag_types",
    "check_estimator_repr",
    "check_no_attributes_set_in_init",
    "check_estimators_unfitted",
    "check_do_not_raise_errors_in_init_or_set_params",
    "check_n_features_in_after_fitting",
    "check_mixin_order",
    "check_supervised_y_no_nan",
    "check_non_transformer_estimators_n_iter",
    "check_decision_proba_consistency",
    "check_parameters_default_constructible",
    "check_get_params_invariance",
    "check_set_params",
    "check_fit1d",
)


def all_check_names() -> list[str]:
    """Return the names of all checks that scikit-learn runs on a classifier of numbers."""
    checks = estimator_checks.estimator_checks_generator(LogisticRegression())
    return list(dict.fromkeys(getattr(check, "func", check).__name__ for _, check in checks))


@pytest.fixture(scope="module")
def fitted() -> ObjectionClassifier:
    return ObjectionClassifier(folds=2).fit(X, Y, groups=GROUPS)


@pytest.mark.parametrize("name", all_check_names())
def test_scikit_learns_own_checks(name: str) -> None:
    if name not in CHECKS_FOR_TEXT:
        pytest.skip(f"{name} hands a matrix of numbers to an estimator of texts")
    getattr(estimator_checks, name)("ObjectionClassifier", ObjectionClassifier())


def test_predicts_what_it_has_learnt(fitted: ObjectionClassifier) -> None:
    assert fitted.predict(["mijn baas is op vakantie"]).tolist() == ["verantwoordelijke_afwezig"]
    assert fitted.score(X, Y) > 0.95


def test_probabilities_are_a_distribution_over_classes(fitted: ObjectionClassifier) -> None:
    chances = fitted.predict_proba([*X[:5], "", "zxqw qwzx"])
    assert chances.shape == (7, len(fitted.classes_))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    assert fitted.classes_.tolist() == sorted(set(Y))


def test_what_cannot_be_read_gets_the_prior_and_is_abstained(fitted: ObjectionClassifier) -> None:
    for text in ("", "   ", "😂", "zxqw qwzx"):
        (answer,) = fitted.decide([text])
        assert answer.labels == ("geen_tegenwerping",) and answer.abstained
    np.testing.assert_allclose(fitted.predict_proba([""])[0], fitted.scorer_.second.prior)


def test_two_labels_are_learnt_and_named() -> None:
    both = "geen geld en het bedrag klopt niet"
    texts = [*X, *[f"{both} stem{g}" for g in range(4) for _ in range(6)]]
    labels = [*Y, *["cashflowprobleem+fout_in_factuur"] * 24]
    groups = [*GROUPS, *[f"stem{g}" for g in range(4) for _ in range(6)]]
    model = ObjectionClassifier(folds=2).fit(texts, labels, groups=groups)
    (named,) = model.predict_labels([both])
    assert named[0] == "cashflowprobleem" and set(named) == {"cashflowprobleem", "fout_in_factuur"}


def test_works_where_estimators_work() -> None:
    model = ObjectionClassifier(folds=2)
    chances = cross_val_predict(
        model, np.array(X), np.array(Y), groups=GROUPS, cv=GroupKFold(2), method="predict_proba"
    )
    assert chances.shape == (len(X), len(set(Y)))
    search = GridSearchCV(model, {"C": [0.1, 1.0]}, cv=GroupKFold(2)).fit(X, Y, groups=GROUPS)
    assert search.best_params_["C"] in (0.1, 1.0)
    pipe = make_pipeline(FunctionTransformer(), clone(model)).fit(X, Y)
    assert pipe.predict(X[:1]).tolist() == Y[:1]


def test_same_data_and_seed_give_the_same_numbers(fitted: ObjectionClassifier) -> None:
    again = clone(fitted).fit(X, Y, groups=GROUPS)
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


@pytest.mark.parametrize("change", [{"C": 0.01}, {"min_df": 5}, {"smoothing": 3.0}])
def test_parameters_of_the_first_model_change_it(fitted: ObjectionClassifier, change: dict) -> None:
    other = clone(fitted).set_params(**change).fit(X, Y, groups=GROUPS)
    assert not np.array_equal(other.predict_proba(X), fitted.predict_proba(X))


def test_parameters_of_the_calibration_change_it() -> None:
    noisy = [label if i % 3 else "weigert_te_betalen" for i, label in enumerate(Y)]

    def fit(**parameters: float) -> ObjectionClassifier:
        return ObjectionClassifier(folds=2).set_params(**parameters).fit(X, noisy, groups=GROUPS)

    first = fit()
    for change in ({"folds": 4}, {"random_state": 3}):
        other = fit(**change)
        assert not np.array_equal(first.held_out_scores_.main, other.held_out_scores_.main)
    assert fit(precision=0.1).thresholds_.act < fit(precision=1.0).thresholds_.act


def test_held_out_scores_come_from_models_without_the_group() -> None:
    # A label that only one group uses cannot be foretold for that group.
    labels = [
        "geheim" if group == "stem0" else label for group, label in zip(GROUPS, Y, strict=True)
    ]
    model = ObjectionClassifier(folds=4).fit(X, labels, groups=GROUPS)
    secret = model.classes_.tolist().index("geheim")
    assert model.held_out_scores_.main[GROUPS == "stem0", secret].max() < 0.5


def test_sample_weight_leans_the_model() -> None:
    text = "dat zit anders in elkaar"
    texts, labels = [*X, *[text] * 8], [*Y, *["fout_in_factuur", "zelf_niet_betaald"] * 4]
    groups = [*GROUPS, *["stem0", "stem0", "stem1", "stem1"] * 2]
    weights = np.ones(len(texts))
    weights[len(X) :: 2] = 20
    model = ObjectionClassifier(folds=2).fit(texts, labels, groups=groups, sample_weight=weights)
    assert model.predict([text]).tolist() == ["fout_in_factuur"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], []), "no utterances came"),
        ((["a", "b"], ["x", "x"]), "at least 2 labels"),
        ((["a", "b"], ["x", "y"], [1, 1]), "at least 2 groups"),
        ((["a", "b"], ["x"]), "must be of one length"),
        ((["a", None], ["x", "y"]), "row 1: NoneType came"),
        (("abc", ["x"]), "a single text came"),
        ((["a", "b"], [1.5, 2.5]), "y row 0: float came where a label"),
        ((["a", "b"], ["x", None]), "y row 1: NoneType came where a label"),
    ],
)
def test_unusable_input_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(DataError, match=message):
        ObjectionClassifier().fit(*arguments)


def test_acting_points_keep_equal_scores_together() -> None:
    answers = [Decision((label,), mass, False) for label, mass in (("a", 0.9), ("b", 0.5))]
    points = acting_points([*answers, answers[1]], [("a",), ("b",), ("c",)])
    assert [(point.threshold, point.coverage) for point in (points[0], points[-1])] == [
        (0.5, 1.0),
        (0.9, 0.3333),
    ]


def test_threshold_for_grows_with_the_precision_and_refuses_what_was_not_reached(
    fitted: ObjectionClassifier,
) -> None:
    thresholds = [point.threshold for point in fitted.acting_points_]
    assert thresholds == sorted(thresholds)
    highest = fitted.acting_points_[-1].precision
    assert fitted.threshold_for(highest) == thresholds[-1]
    for precision in (0.0, 1.5):
        with pytest.raises(DataError, match="above 0, at most 1"):
            fitted.threshold_for(precision)
