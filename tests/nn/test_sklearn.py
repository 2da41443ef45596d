"""Estimators: scikit-learn's own checks, and what is ours."""

import warnings

import numpy as np
import pytest

import autograd as ag
import nn

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from nn.sklearn import Classifier, Regressor


@parametrize_with_checks(
    [Classifier(epochs=15, random_state=0), Regressor(epochs=15, random_state=0)]
)
def test_the_checks_of_scikit_learn(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the checks provoke warnings, and test them themselves
        check(estimator)


def test_a_pipeline_a_search_and_a_cross_validation():
    x, y = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), Classifier(epochs=20, random_state=0))
    assert cross_val_score(model, x, y, cv=3).mean() > 0.9
    search = GridSearchCV(model, {"classifier__lr": [1e-6, 0.01]}, cv=2).fit(x, y)
    assert search.best_params_ == {"classifier__lr": 0.01}


def convolution(features, classes):
    return nn.Sequential(
        nn.Unflatten(1, (1, features)),
        nn.Conv1d(1, 4, 3),
        nn.Dropout(0.1),
        nn.Flatten(),
        nn.Linear(4 * (features - 2), classes),
    )


def test_a_model_loss_and_optimizer_of_the_users():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 6)).astype(np.float32)
    y = np.where(x[:, 0] > 0, "up", "down")
    estimator = Classifier(
        lambda f, c: convolution(f, c).astype(np.float32),
        loss=nn.CrossEntropyLoss(label_smoothing=0.1),
        optimizer=lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9),
        options={"clip_norm": 1.0, "metrics": ["accuracy"]},
        random_state=1,
    )
    estimator.fit(x, y)
    assert estimator.score(x, y) > 0.9 and not estimator.model_.training
    assert estimator.history_["accuracy"][-1] > 0.9
    proba = estimator.predict_proba(x)
    assert proba.dtype == np.float32 and proba.shape == (60, 2)
    np.testing.assert_allclose(proba.sum(axis=1), 1.0, rtol=1e-6)


def test_targets_of_several_columns():
    x = np.linspace(-1, 1, 80)[:, None]
    y = np.hstack([x, x**2])
    fitted = Regressor(epochs=80, random_state=0).fit(x, y)
    assert fitted.predict(x).shape == y.shape and fitted.score(x, y) > 0.95
    scaled = TransformedTargetRegressor(Regressor(random_state=0), transformer=StandardScaler())
    assert scaled.fit(x, 1e4 * x[:, 0] ** 2).score(x, 1e4 * x[:, 0] ** 2) > 0.9


def test_the_seed_decides_and_the_default_generator_goes_on_as_before():
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    estimator = Classifier(convolution, epochs=2, random_state=3)
    ag.random.seed(0)
    first = ag.random.generator().normal()
    ag.random.seed(0)
    a = estimator.fit(x, y).predict_proba(x)
    assert ag.random.generator().normal() == first
    np.testing.assert_array_equal(clone(estimator).fit(x, y).predict_proba(x), a)
    other = clone(estimator).set_params(random_state=4)
    assert not np.array_equal(other.fit(x, y).predict_proba(x), a)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        (
            {"model_fn": nn.Linear(2, 2)},
            TypeError,
            "pass a function that makes a new model for each fit",
        ),
        (
            {"model_fn": 3},
            TypeError,
            "Classifier: got model_fn=3; expected a function of the two sizes",
        ),
        ({"model_fn": lambda f, c: None}, TypeError, "got None from model_fn; expected a Module"),
        ({"options": 3}, TypeError, "got options=3; expected a dictionary"),
        ({"options": {"epochs": 3}}, TypeError, "options with 'epochs'.*; nn.fit takes validation"),
        ({"optimizer": 3}, TypeError, "got optimizer=3; expected a function of parameters"),
        ({"loss": 1}, TypeError, "Classifier: got"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
    ],
)
def test_junk_is_refused_by_fit(options, error, text):
    with pytest.raises(error, match=text):
        Classifier(**options).fit(np.ones((4, 2)), [0, 1, 0, 1])


def test_a_model_of_another_number_of_outputs_is_refused():
    fitted = Classifier(lambda f, c: nn.Linear(f, 5), epochs=1).fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(ValueError, match=r"whose output has the shape \(4, 5\); expected \(4, 2\)"):
        fitted.predict(np.eye(4))


def test_a_single_sample_that_is_left_over_is_left_out():
    def normalized(features, classes):
        return nn.Sequential(nn.BatchNorm1d(features), nn.Linear(features, classes))

    x = np.random.default_rng(0).normal(size=(9, 2))
    for count, batches in ((9, 2), (8, 2), (5, 1)):
        fitted = Classifier(normalized, epochs=2, batch_size=4).fit(x[:count], np.arange(count) % 2)
        assert int(fitted.model_[0].num_batches_tracked) == 2 * batches


def test_a_model_that_was_trained_before_is_refused():
    model = nn.Linear(2, 2)
    estimator = Classifier(lambda features, classes: model, epochs=1)
    estimator.fit(np.eye(2), [0, 1])
    for again in (estimator, clone(estimator)):
        with pytest.raises(ValueError, match="a model from model_fn that was trained before"):
            again.fit(np.eye(2), [0, 1])
