"""State dictionaries, copies, conversions and freezing."""

import copy
import pickle

import numpy as np
import pytest

import autograd as ag
import nn


def model(**options):
    ag.random.seed(3)
    return nn.Sequential(
        nn.Linear(3, 5, **options), nn.Tanh(), nn.Linear(5, 2, **options), nn.ReLU()
    )


def test_state_dict_round_trip():
    a, b = model(), model()
    for p in b.parameters():
        p.data = p.data * 0.0
    state = a.state_dict()
    assert list(state) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    b.load_state_dict(state)
    assert (a(np.ones(3)).data == b(np.ones(3)).data).all()
    state["0.weight"][:] = 9.0  # copies
    assert not (a.state_dict()["0.weight"] == 9.0).any()
    with pytest.raises(
        ValueError,
        match=r"got no 2\.bias, an unknown extra, 0\.bias of shape \(1,\); "
        r"expected 0\.bias of shape \(5,\); pass strict=False",
    ):
        b.load_state_dict(
            {
                **{k: v for k, v in a.state_dict().items() if k != "2.bias"},
                "extra": 1,
                "0.bias": np.ones(1),
            }
        )
    found = b.load_state_dict({"0.bias": np.zeros(5), "extra": 1}, strict=False)
    assert found.missing_keys == ["0.weight", "2.weight", "2.bias"]
    assert found.unexpected_keys == ["extra"]
    assert not b[0].bias.data.any() and (b[0].weight.data == a[0].weight.data).all()
    b.load_state_dict(dict(a.named_parameters()))
    assert (b[2].weight.data == a[2].weight.data).all()


@pytest.mark.parametrize("array", [[1j], ["1.5"], [None]])
def test_loading_what_a_parameter_cannot_hold_changes_nothing(array):
    net = nn.Linear(1, 1)
    before = net.state_dict()
    with pytest.raises(ValueError, match=r"got bias of dtype .*; expected bias of dtype float64"):
        net.load_state_dict({"weight": [[7.0]], "bias": array})
    assert all((before[key] == data).all() for key, data in net.state_dict().items())


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (
            {"weight": np.ones((3, 3)), "bias": np.ones(3)},
            "got weight of shape (3, 3); expected weight of shape (3, 2)",
        ),
        (
            {"weight": np.ones((3, 2))},
            "got no bias; pass strict=False to load the keys that fit",
        ),
        (
            {"weight": np.ones((3, 2)), "bias": np.ones(3), "b": 1.0},
            "got an unknown b; pass strict=False to load the keys that fit",
        ),
        (
            {"weight": [[1.0], [1.0, 2.0]], "bias": np.ones(3)},
            "got weight with rows of different lengths; expected weight of shape (3, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_told_beside_what_would(state, text):
    with pytest.raises(ValueError) as raised:
        nn.Linear(2, 3).load_state_dict(state)
    assert str(raised.value) == f"load_state_dict of Linear: {text}"


def test_loading_keeps_the_dtype():
    net = nn.Linear(2, 1, dtype=np.float32)
    net.load_state_dict(nn.Linear(2, 1).state_dict())
    assert net.weight.dtype == np.float32


def test_a_parameter_that_is_done_without_is_not_asked_for():
    net = nn.Linear(2, 1, bias=False)
    assert list(net.state_dict()) == ["weight"]
    assert net.load_state_dict(net.state_dict()) == ([], [])


def test_repr_copies_and_freezing():
    net = model()
    assert repr(net).splitlines()[1] == "  (0): Linear(in_features=3, out_features=5, bias=True)"
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert (other(np.ones(3)).data == net(np.ones(3)).data).all()
        assert other[0].weight is not net[0].weight
    net.requires_grad_(False)
    assert not net(np.ones(3)).requires_grad
    assert len(net[:2]) == 2 and isinstance(net[1], nn.Tanh)


def test_conversion_of_parameters_gradients_and_floating_buffers():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    net(np.ones((4, 3)) * np.arange(4.0)[:, None]).sum().backward()
    assert net.float() is net
    assert {p.dtype for p in net.parameters()} == {p.grad.dtype for p in net.parameters()} == {np.dtype("float32")}  # fmt: skip
    assert net[1].running_mean.dtype == np.float32 and net[1].num_batches_tracked.dtype == np.int64
    assert net.double()[0].weight.dtype == np.float64
    with pytest.raises(ag.DTypeError, match="astype of Sequential: got dtype int64"):
        net.astype(int)


def test_copies_of_everything():
    for make in (
        lambda: nn.LSTM(2, 3, bidirectional=True),
        lambda: nn.TransformerEncoderLayer(4, 2, 8).eval(),
        lambda: nn.Sequential(nn.Conv1d(2, 3, 2), nn.BatchNorm1d(3), nn.CELU(0.5)).eval(),
        lambda: nn.CrossEntropyLoss(weight=[1.0, 2.0]),
    ):
        module = make()
        for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
            assert repr(other) == repr(module)
            state, copied = module.state_dict(), other.state_dict()
            assert list(state) == list(copied)
            assert all((state[key] == copied[key]).all() for key in state)
            assert not any(p is q for p in module.parameters() for q in other.parameters())


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: model().load_state_dict([1.0]), TypeError, "got a list; expected a mapping"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
