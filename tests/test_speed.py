"""Guards against getting slower: numbers that a machine's mood does not change.

How many functions a training step calls is the same every time. How it compares with a step written out in NumPy is
not, so the best of several turns is taken, and margins are wide; `python -m benchmarks` measures.
"""

import time

import pytest

import autograd as ag
from benchmarks.anatomy import calls_in, examine
from benchmarks.contestants import kind_of
from benchmarks.engines import glassgrad, hand, scalars
from benchmarks.workloads import WORKLOADS

# Calls of functions, of Python's own too, in a step: what was counted, and 7 % for other versions.
CALLS = {
    "mlp-tiny": 538,
    "mlp-normalized": 1863,
    "cnn": 2033,
    "lstm": 13400,
    "gpt": 7751,
}
# The ratio of the times, ours to NumPy by hand, that is never reached unless something is wrong.
RATIOS = {"mlp-tiny": 6.0, "mlp-medium": 2.5, "mlp-wide": 1.6, "cnn": 2.6, "lstm": 3.0, "gpt": 2.2}


def built(engine, workload):
    step, _ = getattr(engine, kind_of(workload))(WORKLOADS[workload].make())
    step()
    step()
    return step


@pytest.mark.parametrize("workload", CALLS)
def test_calls_of_a_training_step(workload):
    step = built(glassgrad, workload)
    assert calls_in(step) == calls_in(step) <= CALLS[workload]


def test_calls_of_a_value():
    def step():
        x = ag.Value(1.0)
        for _ in range(100):
            x = x * 0.5 + 1.0
        x.backward()

    step()
    assert calls_in(step) < 2600  # for 200 nodes


@pytest.mark.parametrize("workload", RATIOS)
def test_ratio_to_numpy_by_hand(workload):
    ours, theirs = built(glassgrad, workload), built(hand, workload)
    start = time.perf_counter()
    theirs()
    turns = max(1, round(0.01 / (time.perf_counter() - start)))

    def seconds(step):
        start = time.perf_counter()
        for _ in range(turns):
            step()
        return time.perf_counter() - start

    best = min(seconds(ours) / seconds(theirs) for _ in range(15))
    assert best < RATIOS[workload]


def test_engines_find_the_same():
    """The hand-written passes are right: their gradients are the engine's."""
    from benchmarks.measure import differ

    class Found(dict):
        files = property(lambda self: list(self))

    for workload in ("mlp-tiny", "mlp-normalized", "cnn", "lstm", "gpt", "op-matmul-1e3"):
        found = []
        for engine in (hand, glassgrad):
            step, read = getattr(engine, kind_of(workload))(WORKLOADS[workload].make())
            step()
            found.append(Found(read()))
        assert found[0].keys() == found[1].keys()
        assert differ(found[1], found[0], WORKLOADS[workload].rtol) == ""
        wrong = Found({k: 1.01 * v for k, v in found[1].items()})
        assert "differs" in differ(wrong, found[0], WORKLOADS[workload].rtol)


def test_scalar_workloads_run_on_values():
    step, read = scalars.chain(WORKLOADS["scalar-chain"].make(), ag.Value)
    step()
    x = ag.grad(lambda x: chain_of(x))(0.3)
    assert read()["x"] == pytest.approx(x, rel=1e-12)


def chain_of(x):
    y = x
    for _ in range(WORKLOADS["scalar-chain"].make()["steps"]):
        y = (y * 0.5 + x) * x
    return y


def test_where_the_time_goes():
    found = examine("mlp-tiny")
    assert found["hand calls"] < found["ours calls"]
    # How the times compare depends on what else the machine does; that they are shares does not.
    assert 0.0 < found["backward"] < 1.0 and 0.0 < found["optimizer"] < 1.0
    assert found["backward"] + found["optimizer"] < 1.0 and found["hand"] > 0.0 < found["ours"]
