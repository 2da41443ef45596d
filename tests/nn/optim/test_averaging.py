"""The exponential moving average of weights."""

import numpy as np
import pytest

import nn
from nn import optim


@pytest.fixture
def averaged():
    """A parameter, its average over 0, 1, 2, 3, 4, and the value that this must have."""
    p = nn.Parameter([0.0])
    ema = optim.ExponentialMovingAverage([p], decay=0.9)
    mean = 0.0
    for k in range(5):
        p.data = np.array([float(k)])
        ema.update()
        mean = 0.9 * mean + 0.1 * k
    return p, ema, mean


def test_the_averages_are_weights_within_the_block_only(averaged):
    p, ema, mean = averaged
    with pytest.raises(RuntimeError), ema.average():
        assert p.item() == pytest.approx(mean)
        raise RuntimeError
    assert p.item() == 4.0


def test_a_saved_average_can_be_loaded(averaged):
    _, ema, _ = averaged
    other = optim.ExponentialMovingAverage([nn.Parameter([7.0])], decay=0.9)
    other.load_state_dict(ema.state_dict())
    assert other.averages == ema.averages and other.updates == 5


def test_the_averages_can_become_the_weights(averaged):
    p, ema, mean = averaged
    ema.copy_to_parameters()
    assert p.item() == pytest.approx(mean)


def test_warmup_soon_forgets_the_first_weights():
    p = nn.Parameter([1.5])
    warm = optim.ExponentialMovingAverage([p], decay=0.999, warmup=True)
    p.data = np.array([11.0])
    warm.update()
    assert warm.averages[0][0] == pytest.approx(2 / 11 * 1.5 + 9 / 11 * 11.0)


@pytest.mark.parametrize("warmup", [False, True])
def test_single_precision_stays_so(warmup):
    p = nn.Parameter([1.5], dtype=np.float32)
    ema = optim.ExponentialMovingAverage([p], warmup=warmup)
    ema.update()
    assert ema.averages[0].dtype == np.float32


def test_a_module_may_be_passed():
    assert optim.ExponentialMovingAverage(nn.Linear(2, 2)).averages[0].shape == (2, 2)


def test_averages_of_other_shapes_are_refused(averaged):
    _, ema, _ = averaged
    with pytest.raises(ValueError, match=r"got shapes \[\(1,\)\]; expected \[\(2,\)\]"):
        optim.ExponentialMovingAverage([nn.Parameter([1.0, 2.0])]).load_state_dict(ema.state_dict())


P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: optim.ExponentialMovingAverage([], 0.9), ValueError, "got no parameters; expected Tensors"),
        (lambda: optim.ExponentialMovingAverage(P, 1.5), ValueError, "decay=1.5"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (3, "got an int; expected keys"),
        ({}, r"got keys \[\]; expected keys \['updates', 'averages'\]"),
        ({"updates": "a", "averages": [np.ones(2)]}, "got updates='a'; expected an integer"),
        ({"updates": 1, "averages": 3}, "got an int as averages; expected a list of arrays"),
        ({"updates": 1, "averages": [np.ones(3)]}, r"got shapes \[\(3,\)\]; expected \[\(2,\)\]"),
    ],
)
def test_a_state_of_something_else_is_refused(state, message):
    average = nn.optim.ExponentialMovingAverage([nn.Parameter([1.0, 2.0])])
    with pytest.raises(ValueError, match=f"load_state_dict of ExponentialMovingAverage: {message}"):
        average.load_state_dict(state)
    assert average.updates == 0 and average.averages[0].tolist() == [1.0, 2.0]


def test_the_average_of_a_parameter_without_axes_is_an_array():
    average = nn.optim.ExponentialMovingAverage([nn.Parameter(1.0)])
    average.update()
    assert type(average.averages[0]) is np.ndarray and average.averages[0].shape == ()


def test_what_is_averaged_and_how_is_checked():
    p = nn.Parameter([0.0])
    for wrong in ([], [np.ones(2)], [p, 3], 3, None):
        with pytest.raises(ValueError, match="ExponentialMovingAverage: got no parameters"):
            optim.ExponentialMovingAverage(wrong)
    with pytest.raises(TypeError, match="warmup='yes'"):
        optim.ExponentialMovingAverage([p], warmup="yes")
    assert optim.ExponentialMovingAverage([p], decay=0.0).decay == 0.0
    assert optim.ExponentialMovingAverage([p], decay=0.05).decay == 0.05
    for decay in (-0.01, 1.01, float("nan")):
        with pytest.raises(ValueError, match="decay="):
            optim.ExponentialMovingAverage([p], decay=decay)
