"""Checks of losses, optimizers and batches name the function that was called."""

import numpy as np
import pytest

import nn
from nn.training.kinds import (
    check_batches,
    check_loss,
    check_optimizer,
    inputs_and_target,
    optimizers_of,
)


@pytest.mark.parametrize("loss", ["mse", None, nn.MSELoss, 3], ids=["text", "None", "class", "int"])
def test_what_is_no_loss_is_refused(loss):
    with pytest.raises(TypeError, match=r"f: got .* as the loss; expected a function; pass e\.g\."):
        check_loss("f", loss)


def test_modules_and_functions_are_losses():
    check_loss("f", nn.MSELoss())
    check_loss("f", nn.functional.mse_loss)


@pytest.mark.parametrize("thing", ["sgd", None, nn.optim.SGD], ids=["text", "None", "class"])
def test_what_is_no_optimizer_is_refused(thing):
    with pytest.raises(TypeError, match=r"f: got .* as optimizer; expected an optimizer"):
        check_optimizer("f", thing)


def test_an_optimizer_and_what_behaves_like_one_pass():
    class Own:
        lr = 0.1

        def zero_grad(self):
            pass

        def step(self):
            pass

    check_optimizer("f", Own())
    check_optimizer("f", nn.optim.SGD(nn.Linear(2, 1).parameters(), lr=0.1))


@pytest.mark.parametrize(
    "batches", [None, 3, list, np.array(1.0)], ids=["None", "int", "class", "0 axes"]
)
def test_what_one_cannot_iterate_over_is_no_batches(batches):
    with pytest.raises(TypeError, match=r"f: got .* as validation; expected batches"):
        check_batches("f", "validation", batches)


def test_a_data_set_without_iter_is_batches():
    class Batches:
        def __getitem__(self, i):
            return [(1.0, 2.0)][i]

    check_batches("f", "data", Batches())
    check_batches("f", "data", iter([]))


def test_the_target_comes_last():
    assert inputs_and_target("f", (1, 2, 3)) == ((1, 2), 3)
    assert inputs_and_target("f", [1, 2]) == ([1], 2)


@pytest.mark.parametrize(
    ("batch", "got"),
    [
        ((1,), "a tuple of 1 as a batch"),
        (np.ones((2, 2)), "an ndarray as a batch"),
        ("ab", "a str"),
    ],
    ids=["one", "array", "text"],
)
def test_a_batch_without_a_target_is_refused(batch, got):
    with pytest.raises(ValueError, match=f"f: got {got}.*; expected a tuple"):
        inputs_and_target("f", batch)


def test_one_optimizer_several_or_none():
    one = nn.optim.SGD([nn.Parameter(1.0)], lr=0.1)
    assert optimizers_of("f", None) == [] and optimizers_of("f", one) == [one]
    assert optimizers_of("f", (one, one)) == [one, one]
    for junk in ([], [None], "sgd"):
        with pytest.raises(TypeError, match="f: got"):
            optimizers_of("f", junk)
