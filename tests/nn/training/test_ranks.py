"""What ranks do not share, with ranks that are played; tests/nn/distributed has real ones."""

from hashlib import sha256

import numpy as np
import pytest

import autograd as ag
import nn
from nn.distributed.single import World
from nn.training import ranks


class Rank(World):
    def __init__(self, rank, others):
        self.rank, self.others, self.size = rank, others, len(others) + 1

    def gathered(self, x):
        return [*self.others[: self.rank], x, *self.others[self.rank :]]


def test_totals_run_in_the_order_of_the_ranks():
    world = Rank(1, [({"loss": 1e16}, 2), ({"loss": -1e16}, 3)])
    assert ranks.totals(world, {"loss": 1.0}, 1) == ({"loss": 0.0}, 6)
    assert ranks.totals(World(), {"loss": 1.0}, 1) == ({"loss": 1.0}, 1)


def saved(model, sums, seen, seed):
    ag.random.seed(seed)
    state = ranks.states(Rank(0, [{}]), {"model": model}, sums, seen)[0]
    assert ranks.are_states([state])
    return state


def test_each_rank_gets_its_own_back():
    model = nn.Dropout(0.5)
    values = {
        "sums": {"loss": 1.0},
        "seen": 4,
        "ranks": [saved(model, {"loss": r + 1.0}, 4, r) for r in (0, 1)],
    }
    for rank in (0, 1):
        ag.random.seed(9)
        assert ranks.restore(Rank(rank, [{}]), {"model": model}, values) == (
            {"loss": rank + 1.0},
            4,
        )
        assert ag.random.generator().random() == np.random.default_rng(rank).random()


def test_another_number_of_ranks():
    model = nn.Dropout(0.5)
    values = {
        "sums": {"loss": 1.0},
        "seen": 4,
        "ranks": [saved(model, {"loss": r + 1.0}, 4, r) for r in (0, 1)],
    }
    drawn = []
    for rank, expected in (
        (0, ({"loss": 3.0}, 8)),
        (1, ({"loss": 0.0}, 0)),
        (2, ({"loss": 0.0}, 0)),
    ):
        ag.random.seed(0)
        assert ranks.restore(Rank(rank, [{}, {}]), {"model": model}, values) == expected
        drawn.append(ag.random.generator().random())
    assert len(set(drawn)) == 3
    ag.random.seed(0)
    assert ranks.restore(World(), {"model": model}, {**values, "ranks": []}) == ({"loss": 1.0}, 4)
    assert ranks.states(World(), {}, {}, 0) == []


def test_streams_of_generators_that_cannot_jump():
    one = np.random.default_rng(0).bit_generator
    assert ranks._jumped(one, 1) != ranks._jumped(one, 2) != one.state
    for kind in (np.random.SFC64, np.random.MT19937):
        assert str(ranks._jumped(kind(1), 1)) != str(kind(1).state)


def test_buffers_that_differ_from_those_of_rank_0():
    model = nn.BatchNorm1d(2)
    model.running_mean = np.array([1.0, 2.0])
    own = ranks.buffers({"model": model, "other": 3})
    assert list(own) == ["model.running_mean", "model.running_var", "model.num_batches_tracked"]
    first = {name: sha256(x).digest() for name, x in own.items()} | {"model.running_mean": b""}
    state = ranks.states(Rank(1, [first]), {"model": model}, {}, 0)[1]
    assert list(state["buffers"]) == ["model.running_mean"]
    assert ranks.are_states([state])
    model.running_mean = np.zeros(2)
    values = {"sums": {}, "seen": 0, "ranks": [state, state]}
    ranks.restore(Rank(1, [{}]), {"model": model}, values)
    assert model.running_mean.tolist() == [1.0, 2.0]


WHOLE = {"sums": {}, "seen": 1, "generators": {}, "buffers": {}}


@pytest.mark.parametrize(
    "junk", [3, [3], [{}], [{**WHOLE, "sums": 1}], [{**WHOLE, "sums": {"a": "b"}}], [{**WHOLE, "seen": 1.5}],
             [{**WHOLE, "generators": []}], [{**WHOLE, "buffers": []}], [{**WHOLE, "buffers": {"a": 1}}]]
)  # fmt: skip
def test_what_a_file_may_hold_instead(junk):
    assert ranks.are_states([WHOLE])
    assert not ranks.are_states(junk)
