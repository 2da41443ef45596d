"""Two runs are compared node by node: the first one that differs is named, forward or backward."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.inspect.compare import distance
from tests.faults.data import blobs

NODES = 50
X = np.random.default_rng(0).normal(size=(4, 3))


class Chain(nn.Module):
    """Fifty primitives of its own, in modules of five, with shortcuts; one may be changed."""

    class Block(nn.Module):
        def __init__(self, primitives):
            super().__init__()
            self.primitives = tuple(primitives)

        def forward(self, x, shortcut):
            for i, primitive in enumerate(self.primitives):
                x = primitive(x) if i % 2 else primitive(x) + 0.1 * shortcut
            return x

    def __init__(self, changed=None, phase="forward"):
        super().__init__()
        self.start = nn.Parameter(X)
        made = [primitive(i, i == changed, phase) for i in range(NODES)]
        self.blocks = nn.ModuleList(self.Block(made[i : i + 5]) for i in range(0, NODES, 5))

    def forward(self):
        x = shortcut = self.start
        for block in self.blocks:
            x, shortcut = block(x, shortcut), x
        return (x * x).mean()


def primitive(i, is_changed, phase):
    value = 1e-6 if is_changed and phase == "forward" else 0.0
    slope = 1e-6 if is_changed and phase == "backward" else 0.0
    return ag.Primitive(
        f"p{i}",
        lambda x: np.tanh(x) + 0.5 * x + value,
        lambda g, out, x: g * (1.5 + slope - ag.tanh(x) ** 2),
        elementwise=True,
    )


def run(model, steps=1, optimizer=None):
    with nn.record(model) as recording:
        for _ in range(steps):
            model().backward()
            if optimizer is not None:
                optimizer.step()
    return recording


PLAIN = run(Chain())


@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_each_of_fifty_changed_nodes_is_named(phase):
    named = [nn.compare(PLAIN, run(Chain(i, phase))) for i in range(NODES)]
    expected = [(phase, f"p{i}", f"blocks.{i // 5}") for i in range(NODES)]
    assert [(p.phase, p.operation, p.module) for p in named] == expected
    assert all(0.0 < p.difference < 1e-4 for p in named)
    assert named[0].line.function == "forward"


def test_equal_runs_do_not_part():
    parting = nn.compare(PLAIN, run(Chain()))
    assert not parting and parting.compared > 200
    assert str(parting) == f"the runs do not part: {parting.compared} arrays agree"


def test_a_difference_within_the_tolerance_is_none():
    assert not nn.compare(PLAIN, run(Chain(3)), rtol=1e-3)


def model():
    ag.random.seed(0)
    return nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 4))


def training(lr=0.1, momentum=0.0, batches=3, scale=1.0):
    network = model()
    optimizer = nn.optim.SGD(network.parameters(), lr=lr, momentum=momentum)
    x, y = blobs(96)
    with nn.record(network) as recording:
        for i in range(batches):
            optimizer.zero_grad()
            batch = slice(32 * i, 32 * i + 32)
            nn.cross_entropy(network(scale * x[batch]), y[batch]).backward()
            optimizer.step()
    return recording


def test_trainings_part_where_their_optimizers_do():
    parting = nn.compare(training(), training(momentum=0.5))
    assert (parting.step, parting.phase) == (3, "parameters")
    assert parting.operation.startswith("parameter ") and "the step before it" in parting.note


def test_other_data_part_where_they_enter():
    parting = nn.compare(training(), training(scale=1.001))
    assert (parting.step, parting.phase, parting.operation, parting.module) == (
        1,
        "forward",
        "inner",
        "0",
    )
    assert "argument 0, which is plain data, differs" in str(parting)


def test_other_operations_and_other_lengths():
    ag.random.seed(0)
    other = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
    x, y = blobs(96)
    with nn.record(other) as recording:
        nn.cross_entropy(other(x[:32]), y[:32]).backward()
    parting = nn.compare(training(batches=1), recording)
    assert (parting.phase, parting.operation, parting.module) == ("structure", "tanh", "1")
    assert "one run has 3 passes, the other 1" in nn.compare(training(), training(batches=1)).note


def test_a_hook_that_changes_a_gradient_is_found():
    def step(hook):
        network = model()
        x, y = blobs(32)
        with nn.record(network) as recording:
            out = network[1](network[0](x))
            out.register_hook(hook)
            nn.cross_entropy(network[2](out), y).backward()
        return recording

    parting = nn.compare(step(lambda g: g), step(lambda g: 1.01 * g))
    assert (parting.phase, parting.operation) == ("backward", "tanh")
    assert "what its consumers handed down does not" in parting.note


def test_values_of_a_file_and_back(tmp_path):
    first = training()
    first.save(tmp_path / "values.npz")
    assert not nn.compare(first, tmp_path / "values.npz")
    values = dict(np.load(tmp_path / "values.npz"))
    values["2.out"] = values["2.out"] * 1.001
    values["2.out.grad"] = values["2.out.grad"] * 1.001
    np.savez(tmp_path / "other.npz", **values)
    parting = nn.compare(str(tmp_path / "other.npz"), first)
    assert (parting.operation, parting.module, parting.phase) == ("2.out", "2", "forward")
    slopes = {n: v for n, v in values.items() if n != "2.out"}
    parting = nn.compare(first, slopes)
    assert (parting.operation, parting.module, parting.phase) == ("2.out.grad", "2", "backward")


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: nn.compare(3, PLAIN), TypeError, "compare: got an int; expected what nn.record"),
        (lambda: nn.compare({"a": 1.0}, {"b": 1.0}), ValueError, "got no name that both have, of a and b"),
        (lambda: nn.compare({}, {}), ValueError, "got two runs without values; expected at least one"),
        (lambda: nn.compare({"a": 1.0}, {}), ValueError, "got a run without values; expected at least"),
        (lambda: nn.compare(PLAIN, nn.inspect.Recording()), ValueError, "a recording without a backward"),
        (lambda: nn.compare({"a": 1.0}, nn.inspect.Recording()), ValueError, "a recording without a backward"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared(call, error, text):
    with pytest.raises(error, match=text):
        call()


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1.0, np.inf], [1.0, np.inf], 0.0), ([1.0, np.nan], [1.0, 2.0], np.inf), ([1, 2], [1, 3], 1.0),
        ([np.inf, 1.0], [np.inf, 2.0], 0.5), ([np.inf], [-np.inf], np.inf), ([1e308], [-1e308], 2.0),
        (None, None, 0.0), (None, [1.0], 1.0), ([1.0], [1.0, 2.0], 1.0), ([0.0, -4.0], [0.0, -3.0], 0.25),
    ],
)  # fmt: skip
def test_distances(a, b, expected):
    assert distance(a, b) == expected


def test_files_that_hold_no_named_arrays(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"compare: got .*, where there is no file; expected"
    ):
        nn.compare(tmp_path / "none.npz", {"a": X})
    np.save(tmp_path / "one.npy", X)
    (tmp_path / "text.npz").write_text("hello", encoding="utf-8")
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.npz").touch()
    for name in ("one.npy", "text.npz", "torn.npz", "empty.npz"):
        with pytest.raises(ValueError, match=f"compare: got .*{name}, which is something else"):
            nn.compare({"a": X}, tmp_path / name)


@pytest.mark.parametrize("bound", ["1e-9", None, -1.0, float("nan")])
def test_tolerances_are_numbers(bound):
    for name in ("rtol", "atol"):
        with pytest.raises((TypeError, ValueError), match=f"compare: got {name}="):
            nn.compare({"a": X}, {"a": X}, **{name: bound})


@pytest.mark.parametrize("swapped", [False, True])
def test_an_operation_that_only_one_run_has_is_named(swapped):
    def run(f):
        w = nn.Parameter(np.ones(3))
        with nn.record(nn.ParameterList([w])) as recording:
            ag.exp(f(w * 2.0)).sum().backward()
        return recording

    runs = run(lambda x: x), run(ag.sin)
    parting = nn.compare(*(reversed(runs) if swapped else runs))
    assert (parting.phase, parting.operation) == ("structure", "sin")
    assert ("this" if swapped else "the other") + " run has sin of shape (3,)" in parting.note


def test_a_value_of_another_shape_differs_by_no_number():
    told = str(nn.compare({"0.weight": np.ones((8, 5))}, {"0.weight": np.ones((5, 8))}))
    assert "has shape (8, 5) here and (5, 8) there" in told and "largest entry" not in told


def timeline(path, passes):
    ag.random.seed(0)
    network = nn.Linear(3, 1)
    with nn.record(network, path, every=2):
        for _ in range(passes):
            network(X).sum().backward()
    return path


def test_timelines_of_other_lengths_part_where_the_shorter_one_ends(tmp_path):
    paths = [timeline(tmp_path / f"{n}.glass", n) for n in (20, 40)]
    parting = nn.compare(*paths)
    assert (parting.step, parting.phase) == (21, "structure") and parting.compared > 50
    assert parting.note == "one run has 20 passes, the other 40"
    assert nn.compare(paths[1], paths[0]).note == "one run has 40 passes, the other 20"
    assert not nn.compare(paths[0], timeline(tmp_path / "again.glass", 20))


def test_what_does_not_fit_a_timeline_is_blamed(tmp_path):
    good = timeline(tmp_path / "a.glass", 2)
    (tmp_path / "torn.glass").write_bytes(good.read_bytes()[:300])
    (tmp_path / "empty.glass").touch()
    np.savez(tmp_path / "foreign.npz", x=X)
    for name in ("torn.glass", "empty.glass", "foreign.npz"):
        for pair in ((good, tmp_path / name), (tmp_path / name, good)):
            with pytest.raises(ValueError, match=f"compare: got .*{name}, which is something else"):
                nn.compare(*pair)
    with pytest.raises(FileNotFoundError, match=r"nosuch.glass, where there is no file"):
        nn.compare(good, tmp_path / "nosuch.glass")
    for junk, name in ((123, "an int"), (None, "None"), ({"a": X}, "a dict"), (PLAIN, "a Rec")):
        with pytest.raises(TypeError, match=f"compare: got {name}.*; expected a Timeline or"):
            nn.compare(good, junk)
