"""Errors inside a model name the path of the layer, once, and keep their type and traceback."""

import traceback

import numpy as np
import pytest

import autograd as ag
import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return self.linear(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleList([Block()])

    def forward(self, x):
        return self.encoder[0](x)


def raised(model, x):
    with pytest.raises(Exception) as caught:
        model(x)
    return caught.value


@pytest.mark.parametrize("mode", [ag.enable_grad, ag.no_grad])
def test_the_first_line_names_the_path(mode):
    with mode():
        alone = raised(nn.Linear(4, 4), np.ones((2, 3)))
        one = raised(nn.Sequential(nn.Linear(3, 5), nn.Linear(4, 4)), np.ones((2, 3)))
        deep = raised(Net(), np.ones((2, 3)))
    rest = str(alone).partition(": ")[2]
    assert str(one) == f"1: Linear: {rest.replace('3', '5')}"
    assert str(deep) == f"encoder.0.linear: Linear: {rest}"
    assert type(alone) is type(one) is type(deep) is ag.ShapeError


def test_an_error_of_an_index_keeps_its_type():
    error = raised(nn.Sequential(nn.Embedding(3, 2)), np.array([7]))
    assert isinstance(error, IndexError) and str(error).startswith("0: Embedding: ")


def test_the_traceback_still_leads_to_the_layer():
    frames = traceback.extract_tb(raised(Net(), np.ones((2, 3))).__traceback__)
    assert {"forward", "__call__"} <= {frame.name for frame in frames}


@pytest.mark.parametrize(
    "own", [KeyError("x"), ValueError("mine"), KeyboardInterrupt(), OSError(2, "no")]
)
def test_a_users_own_exceptions_stay_as_they_are(own):
    class Mine(nn.Module):
        def forward(self, x):
            raise own

    arguments = own.args
    with pytest.raises(type(own)) as caught:
        nn.Sequential(Mine())(np.ones(2))
    assert caught.value is own and own.args == arguments


def test_an_error_that_a_model_handles_does_not_count():
    class Falling(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = nn.Linear(4, 4)

        def forward(self, x):
            try:
                return self.inner(x)
            except ag.ShapeError:
                return x

    assert Falling()(np.ones((2, 3))).shape == (2, 3)


@pytest.mark.parametrize(
    "fail", [lambda: {}["x"], lambda: int("mine"), lambda: [][0], lambda: 1 / 0]
)
@pytest.mark.parametrize("mode", [ag.enable_grad, ag.no_grad])
def test_a_users_own_exceptions_have_a_note_with_the_path(fail, mode):
    class Mine(nn.Module):
        def forward(self, x):
            return fail()

    model = nn.Sequential(nn.ReLU(), nn.Sequential(Mine()))
    with mode():
        assert raised(model, np.ones(2)).__notes__ == ["raised in 1.0: Mine"]
        assert raised(nn.Sequential(model), np.ones(2)).__notes__ == ["raised in 0.1.0: Mine"]
        assert not hasattr(raised(Mine(), np.ones(2)), "__notes__")


@pytest.mark.parametrize(
    ("x", "got"),
    [
        (None, "None"),
        ("a", "a str"),
        ({"x": 1.0}, "a dict"),
        ((ag.Tensor([1.0]), 1), "a tuple"),
        ([ag.Tensor([1.0], requires_grad=True)], "a list"),
        ([None, "a"], "a list"),
    ],
)
@pytest.mark.parametrize(
    "layer",
    [
        nn.Linear(2, 2),
        nn.ReLU(),
        nn.Conv1d(2, 2, 1),
        nn.BatchNorm1d(2),
        nn.Dropout(),
        nn.LayerNorm(2),
        nn.Embedding(3, 2),
        nn.LSTM(2, 2),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_an_input_that_is_no_array_is_named(layer, x, got):
    kind = type(layer).__name__
    text = f"{kind}: got {got}; expected a Tensor or an array as input"
    assert str(raised(layer, x)).startswith(text)
    assert str(raised(nn.Sequential(nn.Identity(), layer), x)).startswith(f"1: {text}")


def test_a_layer_after_a_recurrent_one_says_what_it_got():
    text = (
        "1: Linear: got a tuple; expected a Tensor or an array as input; "
        "pass one of its entries; nn.LSTM and its kin return their output and their state"
    )
    for recurrent in (nn.LSTM(2, 2), nn.GRU(2, 2)):
        model = nn.Sequential(recurrent, nn.Linear(2, 2))
        assert str(raised(model, np.ones((3, 4, 2)))) == text
