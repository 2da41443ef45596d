"""Distances as modules: the functions of their options."""

import numpy as np
import pytest

import autograd as ag
import nn

X, Y = np.random.default_rng(0).normal(size=(2, 3, 4))


def test_options_are_those_of_the_functions():
    for layer, function, options in (
        (nn.CosineSimilarity(0, 1e-3), nn.functional.cosine_similarity, {"dim": 0, "eps": 1e-3}),
        (
            nn.PairwiseDistance(1.0, 0.0, True),
            nn.functional.pairwise_distance,
            {"p": 1.0, "eps": 0.0, "keepdim": True},
        ),
    ):
        np.testing.assert_array_equal(
            ag.data_of(layer(X, Y)), ag.data_of(function(X, Y, **options))
        )


def test_messages():
    with pytest.raises(ValueError, match="CosineSimilarity: got eps=-1"):
        nn.CosineSimilarity(eps=-1)
    with pytest.raises(TypeError, match="PairwiseDistance: got keepdim='a'"):
        nn.PairwiseDistance(keepdim="a")
