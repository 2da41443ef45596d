"""Guards against getting slower: counts, which are the same on a busy machine.

A step is slow because it calls many functions or because it fills much memory. Both are counted here; times are for
`python -m benchmarks`.
"""

import pytest

import autograd as ag
from autograd.engine import backward
from benchmarks.anatomy import calls_in, examine, peak_of
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
# The most memory in use at once, as a ratio to the step by hand: what was counted, and 4 %.
PEAKS = {
    "mlp-medium": 0.68,
    "mlp-wide": 0.96,
    "mlp-normalized": 1.28,
    "cnn": 1.22,
    "lstm": 1.73,
    "gpt": 2.06,
}


@pytest.fixture(autouse=True)
def no_look_at_kept_graphs(monkeypatch):
    """One pass of sixteen looks for graphs that are kept; tests/autograd/engine/test_kept.py counts that."""
    monkeypatch.setattr(backward, "_passes", 0)


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


@pytest.mark.parametrize("workload", PEAKS)
def test_peak_memory_of_a_training_step(workload):
    ours, by_hand = (peak_of(built(engine, workload)) for engine in (glassgrad, hand))
    assert ours <= PEAKS[workload] * by_hand


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
