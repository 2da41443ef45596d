"""Batches that a network cannot learn from, or only slowly, and many that are well."""

import numpy as np
import pytest

from nn.inspect.data import (
    class_findings,
    feature_is_target,
    input_findings,
    same_as_inputs,
    targets_not_finite,
    value_findings,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 5))
Y = RNG.integers(0, 3, 64)


def kinds(findings):
    return [f.kind for f in findings]


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (X, []), (RNG.random((64, 5)), []), (np.eye(5)[RNG.integers(0, 5, 64)], []), (X[:, :1] * 3 + 2, []),
        (X * 60 + 128, ["inputs not scaled"]), (X / 255**2, ["inputs not scaled"]),
        (X * [1, 1, 1, 1, 5000], ["inputs not scaled"]), (np.where(X > 2, np.nan, X), ["inputs are not finite"]),
        (np.where(X > 2, np.inf, X), ["inputs are not finite"]), (np.repeat(X[:1], 64, 0), ["inputs do not vary"]),
        (RNG.integers(0, 255, (64, 5)), []), (X[:0], []), (np.ones((64, 5)) * X[:, :1], []),
    ],
)  # fmt: skip
def test_inputs(inputs, expected):
    assert kinds(input_findings([inputs])) == expected


def test_the_scale_is_free_before_a_normalization():
    assert input_findings([X * 100], normalized=True) == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([Y], []), ([np.sort(Y)], []), ([np.zeros(64, int)], ["targets do not vary"]),
        ([np.where(np.arange(256) < 252, 0, 1)], ["labels out of balance"]), ([np.where(np.arange(64) < 58, 0, 1)], []), ([np.where(np.arange(256) < 248, 0, 1)], ["labels out of balance"]),
        ([np.full(16, k) for k in (0, 1, 2, 1)], ["data not shuffled"]),
        ([Y[i : i + 1] for i in range(64)], []), ([Y[:8]], []), ([], []),
    ],
)  # fmt: skip
def test_class_numbers(labels, expected):
    assert kinds(class_findings(labels, 3)) == expected


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([X[:, :1]], []), ([1e5 * X[:, :1] + 3e5], ["targets not scaled"]), ([np.full((64, 1), 2.0)], ["targets do not vary"]),
        ([X, X[:, :2]], []), ([], []), ([np.full((64, 1), np.nan)], []),
    ],
)  # fmt: skip
def test_real_targets(targets, expected):
    assert kinds(value_findings(targets)) == expected


def test_targets_that_are_the_inputs():
    tokens = RNG.integers(0, 7, (8, 9))
    assert kinds(same_as_inputs(tokens, tokens)) == ["targets are the inputs"]
    assert kinds(same_as_inputs(tokens, tokens.ravel())) == ["targets are the inputs"]
    assert same_as_inputs(tokens[:, :-1], tokens[:, 1:]) == []
    assert same_as_inputs(X, X) == []  # an autoencoder


def test_integers_are_numbers_only_if_they_are_used_as_such():
    pixels = np.random.default_rng(0).integers(0, 255, (32, 16)).astype(np.uint8)
    assert input_findings([pixels]) == []
    assert [f.kind for f in input_findings([pixels], counts=True)] == ["inputs not scaled"]


def test_small_inputs_and_sparse_ones():
    x = np.random.default_rng(0).normal(size=(32, 16))
    assert [f.kind for f in input_findings([x * 0.002])] == ["inputs not scaled"]
    sparse = np.zeros((32, 4000))
    sparse[np.arange(32), np.arange(32)] = 1.0
    assert input_findings([sparse]) == []


def test_targets_that_are_no_numbers_and_one_that_is_a_feature():
    x = np.random.default_rng(0).normal(size=(64, 4))
    [found] = targets_not_finite([np.where(x > 2.0, np.nan, x)])
    assert found.kind == "targets are not finite" and "targets of a batch" in found.text
    [found] = feature_is_target(x, x[:, 2:3])
    assert found.numbers["feature"] == 2
    assert feature_is_target(x, x) == [] == feature_is_target(x, 2.0 * x[:, 2])
