"""Sequences and plateaus: what PyTorch's rates leave out."""

import pytest

import nn
from nn import optim
from nn.optim import lr_scheduler as lr

P = [nn.Parameter([1.0])]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: lr.SequentialLR(optim.SGD(P), [], [3]), ValueError, "got 0 schedulers and milestones"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P)).step(), ValueError, "got no metric; expected one"),
        (lambda: lr.ReduceLROnPlateau(optim.SGD(P), factor=1.0), ValueError, "got factor=1.0; expected a number below 1"),
        (lambda: lr.SequentialLR(optim.SGD(P), [lr.ReduceLROnPlateau(optim.SGD(P))], []), ValueError, "got a ReduceLROnPlateau that takes a metric"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


INF = float("inf")
# The options, the metrics of some steps, and after how many of them the rate falls.
PLATEAUS = [
    # As good as the best is no improvement; better by the threshold is none either.
    ({"threshold": 0.0, "patience": 0}, [3.0, 2.0, 2.0, 1.5, 1.5], [3, 5]),
    ({"threshold": 0.5, "patience": 0, "threshold_mode": "abs"}, [3.0, 2.5, 1.75, 1.25], [2, 4]),
    ({"threshold": 0.5, "patience": 0, "threshold_mode": "abs", "mode": "max"}, [3.0, 3.5, 3.6, 4.5], [2]),
    ({"threshold": 0.25, "patience": 0}, [4.0, 3.0, 2.0, 1.6, 1.4], [2, 4]),
    ({"threshold": 0.25, "patience": 0, "mode": "max"}, [4.0, 5.0, 8.0, 9.0, 10.5], [2, 4]),
    # The first metric is better than none, even if it is infinite the wrong way.
    ({"patience": 0}, [INF, 9.0, 8.0], [1]), ({"patience": 0, "mode": "max"}, [-INF, -9.0, -8.0], [1]),
    ({"patience": 0, "mode": "max"}, [INF, 9.0], [2]), ({"patience": 0, "threshold_mode": "abs"}, [9.0, 9.0], [2]),
    # Only more bad steps than `patience` in a row count.
    ({"patience": 2}, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [4, 7]), ({"patience": 2}, [1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 1.0], [7]),
    ({"patience": 0, "cooldown": 2}, [1.0, 1.0, 1.0, 1.0, 1.0], [2, 5]), ({"patience": 1, "cooldown": 1}, [1.0] * 7, [3, 6]),
    ({}, [1.0] * 12, [12]), ({}, [1.0] * 11, []),
]  # fmt: skip


@pytest.mark.parametrize(("options", "metrics", "falls"), PLATEAUS)
def test_when_a_plateau_lowers_the_rate(options, metrics, falls):
    o = optim.SGD(P, lr=1.0)
    scheduler = lr.ReduceLROnPlateau(o, factor=0.5, **options)
    rates = [o.lr]
    for metric in metrics:
        scheduler.step(metric)
        rates.append(o.lr)
    assert [t for t in range(1, len(rates)) if rates[t] == 0.5 * rates[t - 1]] == falls
    assert len(set(rates)) == 1 + len(falls) and scheduler.last_epoch == len(metrics)


def test_a_rate_falls_by_the_factor_down_to_the_least_and_by_more_than_eps():
    o = optim.SGD([{"params": P}, {"params": nn.Parameter([1.0]), "lr": 0.5}], lr=1.0)
    scheduler = lr.ReduceLROnPlateau(o, patience=0, factor=0.5, min_lr=[0.3, 0.0], eps=0.25)
    found = []
    for _ in range(4):
        scheduler.step(1.0)
        found.append(scheduler.get_last_lr())
    assert found == [[1.0, 0.5], [0.5, 0.5], [0.5, 0.5], [0.5, 0.5]]
    scheduler = lr.ReduceLROnPlateau(optim.SGD(P, lr=1.0), patience=0)
    scheduler.step(1.0), scheduler.step(1.0)
    assert scheduler.get_last_lr() == [0.1]  # by the factor of 10 that is the default


def test_a_sequence_starts_its_members_anew():
    """Those that have stepped on their own before too."""
    o = optim.SGD(P, lr=1.0)
    members = [lr.LinearLR(o, 0.5, 1.0, 2), lr.ExponentialLR(o, 0.5)]
    for member in members:
        member.step()
    sequence = lr.SequentialLR(o, members, [2])
    assert [m.last_epoch for m in (*members, sequence)] == [0, 0, 0]
    rates = []
    for _ in range(5):
        rates.append(o.lr)
        sequence.step()
    assert rates == [0.5, 0.75, 1.0, 0.5, 0.25]
    assert [m.last_epoch for m in (*members, sequence)] == [1, 3, 5]


def test_the_second_scheduler_may_begin_after_one_step():
    o = optim.SGD(P, lr=1.0)
    members = [lr.ConstantLR(o, 0.25, 9), lr.ExponentialLR(o, 0.5)]
    sequence = lr.SequentialLR(o, members, [1])
    rates = []
    for _ in range(4):
        rates.append(o.lr)
        sequence.step()
    assert rates == [0.25, 1.0, 0.5, 0.25]


def test_a_sequence_comes_to_a_chain():
    o = optim.SGD(P, lr=1.0)
    chain = lr.ChainedScheduler([lr.ExponentialLR(o, 0.5), lr.ConstantLR(o, 0.25, 1)])
    sequence = lr.SequentialLR(o, [lr.ConstantLR(o, 0.5, 9), chain], [2])
    rates = []
    for _ in range(5):
        rates.append(o.lr)
        sequence.step()
    assert rates == [0.5, 0.5, 0.25, 0.5, 0.25]


def test_a_scheduler_that_sets_the_rate_may_be_alone_in_a_chain():
    o = optim.SGD(P, lr=1.0)
    chain = lr.ChainedScheduler([lr.LambdaLR(o, lambda t: 0.5**t)])
    chain.step()
    chain.step()
    assert o.lr == 0.25
    other = lr.ExponentialLR(o, 0.5)
    other.step()
    with pytest.raises(ValueError, match="ChainedScheduler: got a step beside an ExponentialLR"):
        chain.step()


@pytest.mark.parametrize(
    "make",
    [lambda s, o: lr.SequentialLR(o, [s], []), lambda s, o: lr.ChainedScheduler([s])],
)
def test_one_scheduler_alone_saves_and_loads(make):
    def made():
        o = optim.SGD(P, lr=1.0)
        return o, make(lr.ExponentialLR(o, 0.5), o)

    _, scheduler = made()
    scheduler.step()
    scheduler.step()
    other, again = made()
    again.load_state_dict(scheduler.state_dict())
    assert again.last_epoch == again.schedulers[0].last_epoch == 2 and other.lr == 0.25
    again.step()
    assert other.lr == 0.125


def test_a_chain_of_pytorch_is_as_far_as_its_first_scheduler():
    """Its state has no count of its own."""
    o = optim.SGD(P, lr=1.0)
    chain = lr.ChainedScheduler([lr.ExponentialLR(o, 0.5), lr.ExponentialLR(o, 0.1)])
    inner = [
        {"gamma": gamma, "base_lrs": [1.0], "last_epoch": last_epoch, "_last_lr": [1.0]}
        for gamma, last_epoch in ((0.5, 3), (0.1, 2))
    ]
    chain.load_state_dict({"_last_lr": [1.0], "_schedulers": inner})
    assert [chain.last_epoch, *(s.last_epoch for s in chain.schedulers)] == [3, 3, 2]


def test_a_chain_of_pytorch_may_wait_in_a_sequence():
    """Its members have made -1 steps then."""
    o = optim.SGD(P, lr=1.0)
    chain = lr.ChainedScheduler([lr.ExponentialLR(o, 0.5)])
    sequence = lr.SequentialLR(o, [lr.ConstantLR(o, 0.5, 9), chain], [3])
    last = {"base_lrs": [1.0], "_last_lr": [0.5]}
    constant = {"factor": 0.5, "total_iters": 9, "last_epoch": 2, **last}
    waiting = {"_schedulers": [{"gamma": 0.5, "last_epoch": -1, **last}], "_last_lr": [1.0]}
    inner = {"_milestones": [3], "last_epoch": 2, "_schedulers": [constant, waiting]}
    sequence.load_state_dict({**inner, "_last_lr": [0.5]})
    assert [sequence.last_epoch, chain.last_epoch, chain.schedulers[0].last_epoch] == [2, 0, 0]
    rates = []
    for _ in range(4):
        rates.append(o.lr)
        sequence.step()
    assert rates == [0.5, 1.0, 0.5, 0.25]


def test_members_are_of_the_optimizer_that_is_named():
    o, other = optim.SGD(P, lr=1.0), optim.SGD(P, lr=1.0)
    for make in (
        lambda s, o: lr.SequentialLR(o, [s], []),
        lambda s, o: lr.ChainedScheduler([s], o),
    ):
        assert make(lr.StepLR(o, 3), o).optimizer is o
        for wrong in (lr.StepLR(other, 3), lr.ReduceLROnPlateau(o)):
            with pytest.raises(ValueError, match="takes a metric or belongs to another optimizer"):
                make(wrong, o)
    chain = lr.ChainedScheduler([lr.ExponentialLR(other, 0.5), lr.ExponentialLR(other, 0.1)])
    assert chain.optimizer is other and chain.last_epoch == 0
    chain.step()
    assert other.lr == pytest.approx(0.05) and chain.last_epoch == 1


def test_a_state_with_more_members_is_refused():
    def chain(n):
        o = optim.SGD([nn.Parameter([1.0])])
        return lr.ChainedScheduler([lr.ExponentialLR(o, 0.5) for _ in range(n)])

    with pytest.raises(ValueError, match="ChainedScheduler: got 3 schedulers; expected 2"):
        chain(2).load_state_dict(chain(3).state_dict())
    with pytest.raises(ValueError, match="ChainedScheduler: got 0 schedulers; expected 2"):
        chain(2).load_state_dict({})
    with pytest.raises(ValueError, match="got a list; expected a mapping, as state_dict"):
        chain(2).load_state_dict([])
