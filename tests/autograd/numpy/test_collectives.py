"""Collectives in a world of one, and what they refuse; tests/nn/distributed has more ranks."""

import numpy as np
import pytest

import autograd as ag
import nn

ALONE = nn.distributed.World()


class Three(nn.distributed.World):
    size = 3


@pytest.mark.parametrize("name", ["all_reduce", "all_gather", "reduce_scatter", "broadcast_from"])
def test_alone_each_returns_its_argument(name):
    f = getattr(ag, name)
    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    out = f(x, ALONE)
    (out * out).sum().backward()
    assert out.tolist() == [1.0, 2.0] and x.grad.tolist() == [2.0, 4.0]
    assert f([1.0, 2.0], ALONE).tolist() == [1.0, 2.0]
    assert name in ag.draw(out).dot


@pytest.mark.parametrize("name", ["all_reduce", "all_gather", "reduce_scatter", "broadcast_from"])
def test_what_is_no_world_is_refused(name):
    for world in (None, 2, nn.distributed.World, np):
        with pytest.raises(
            TypeError, match=rf"{name}: got .* as world; .* pass nn.distributed.world\(\)"
        ):
            getattr(ag, name)(np.ones(2), world)
    with pytest.raises(ag.DTypeError, match="a Value"):
        getattr(ag, name)(ag.Value(1.0), ALONE)


def test_shapes_and_ranks():
    for f in (ag.all_gather, ag.reduce_scatter):
        with pytest.raises(ag.ShapeError, match="at least one axis"):
            f(np.float64(1.0), ALONE)
    with pytest.raises(
        ag.ShapeError, match=r"shape \(4, 2\) for 3 ranks; expected a first axis that 3 divides"
    ):
        ag.reduce_scatter(np.ones((4, 2)), Three())
    for root in (1, -1, 0.0, True, "0"):
        with pytest.raises(ValueError, match="expected a rank from 0 to 0"):
            ag.broadcast_from(np.ones(2), ALONE, root)
