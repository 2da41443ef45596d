"""What every rank checks; test_mpi.py starts it with `mpiexec -n N python program.py FOLDER`."""

import contextlib
import pickle
import sys
import weakref
from pathlib import Path

import numpy as np

import autograd as ag
import nn
from autograd.primitives import PRIMITIVES
from nn.distributed import shared

W = nn.distributed.world()
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
COLLECTIVES = {
    "all_reduce": {},
    "all_gather": {},
    "reduce_scatter": {},
    "broadcast_from": {"root": W.size - 1},
    "reduce_to": {"root": W.size - 1},
}


def of_rank(rank, shape, dtype=float):
    """Numbers of that rank, which every rank can compute."""
    return np.random.default_rng(rank).normal(size=shape).astype(dtype)


def bits(arrays):
    return [(np.asarray(x).dtype, np.shape(x), np.asarray(x).tobytes()) for x in arrays]


def same_everywhere(arrays):
    found = W.gathered(bits(arrays))
    assert all(x == found[0] for x in found)


def summed(xs):
    total = xs[0].copy()
    for x in xs[1:]:
        total = total + x
    return total


# --- collectives ----------------------------------------------------------------------------------


def check_values():
    for dtype in ("f4", "f8", "f2", "i8"):
        for shape in ((2 * W.size, 3), (W.size,), (W.size, 0)):
            xs = [(8 * of_rank(r, shape)).astype(dtype) for r in range(W.size)]
            x, total = xs[W.rank], summed(xs)
            assert bits([W.all_reduce(x)]) == bits([total])
            assert bits([W.all_gather(x)]) == bits([np.concatenate(xs)])
            assert bits([W.reduce_scatter(x)]) == bits([np.split(total, W.size)[W.rank]])
            assert bits([W.broadcast(x, 1)]) == bits([xs[1]])
            expected = total if W.rank == 1 else np.zeros_like(x)
            assert bits([W.reduce(x, 1)]) == bits([expected])
    assert W.all_reduce(np.float32(0.5)) == 0.5 * W.size
    strided = np.arange(4.0 * W.size).reshape(4, -1).T
    assert bits([W.all_reduce(strided)]) == bits([W.size * strided])


def check_gradients_across_ranks():
    """The derivative of the sum of all ranks' roots, by each entry of each rank, to the second order."""
    for name, static in COLLECTIVES.items():
        op, x = PRIMITIVES[name], of_rank(W.rank, (W.size, 2))
        shape = np.shape(op(x, world=W, **static))
        weights, v = of_rank(10 + W.rank, shape), of_rank(20 + W.rank, x.shape)

        def root(x, op=op, static=static, weights=weights):
            return ag.sum(weights * ag.tanh(op(x * x, world=W, **static)))

        def slope(x, root=root, v=v):
            [g] = ag.gradients(root(x), [x], create_graph=True)
            return ag.sum(g * v)

        for f in (root, slope):
            t = ag.Tensor(x, requires_grad=True)
            [g] = ag.gradients(f(t), [t])
            for rank in range(W.size):
                for at in ((0, 0), (W.size - 1, 1)):
                    ends = []
                    for h in (-1e-5, 1e-5):
                        moved = x.copy()
                        moved[at] += h * (rank == W.rank)
                        value = f(ag.Tensor(moved, requires_grad=True)).item()
                        ends.append(sum(W.gathered(value)))
                    numeric = (ends[1] - ends[0]) / 2e-5
                    own = W.gathered(float(g[at]))[rank]
                    assert abs(own - numeric) <= 1e-7 * (1 + abs(numeric)), (name, own, numeric)


def check_a_linear_layer_in_parts():
    """Two layers, the first divided by columns and the second by rows, are the whole ones."""
    rng = np.random.default_rng(0)
    x, first, second = (rng.normal(size=s) for s in ((5, 6), (2 * W.size, 6), (3, 2 * W.size)))
    own = slice(2 * W.rank, 2 * W.rank + 2)
    t, a, b = (ag.Tensor(p, requires_grad=True) for p in (x, first[own], second[:, own]))
    out = ag.all_reduce(ag.tanh(t @ a.T) @ b.T, W)
    (ag.square(out).sum() / W.size).backward()  # the sum of all ranks' roots is the loss
    whole = [ag.Tensor(p, requires_grad=True) for p in (x, first, second)]
    expected = ag.tanh(whole[0] @ whole[1].T) @ whole[2].T
    ag.square(expected).sum().backward()
    np.testing.assert_allclose(out.data, expected.data, rtol=1e-12)
    np.testing.assert_allclose(a.grad, whole[1].grad[own], rtol=1e-10)
    np.testing.assert_allclose(b.grad, whole[2].grad[:, own], rtol=1e-10)
    np.testing.assert_allclose(W.all_reduce(t.grad), whole[0].grad, rtol=1e-10, atol=1e-12)


def check_a_compiled_step_runs_eagerly():
    step = ag.compile(lambda x: ag.all_reduce(2.0 * x, W))
    x = of_rank(W.rank, 3)
    for _ in range(4):
        out = step(x)
        np.testing.assert_allclose(out, 2.0 * sum(of_rank(r, 3) for r in range(W.size)))
    assert "an array that is being compiled" in step.report()


def refused(f, error, text):
    """That every rank raises it."""
    try:
        f()
    except error as found:
        W.barrier()
        assert type(found) is error and text in str(found), found
    else:
        raise AssertionError(f"rank {W.rank} raised no error: {text}")


def check_ranks_that_do_not_agree():
    """No rank gets memory that nobody wrote: all raise, with what the two of them have."""
    x, other = np.ones((W.size, 2)), np.ones((W.size, 2 + W.rank))
    for f in (ag.all_reduce, ag.all_gather, ag.broadcast_from, ag.reduce_scatter):
        shapes = f"got shape ({W.size}, 2) on rank 0 and ({W.size}, 3) on rank 1"
        refused(lambda f=f: f(other, W), ag.ShapeError, shapes)
        mixed = x.astype("f4" if W.rank else "f8")
        refused(lambda f=f, mixed=mixed: f(mixed, W), ag.DTypeError, "dtype float64 on rank 0 and")
        f(x, W)
    roots = "broadcast: got root 0 on rank 0 and 1 on rank 1"
    refused(lambda: ag.broadcast_from(x, W, W.rank), ValueError, roots)
    mixed = "got a call of all_reduce on rank 0 and all_gather on rank 1"
    refused(lambda: (ag.all_gather if W.rank else ag.all_reduce)(x, W), ValueError, mixed)
    weights = "got weight of shape (4, 3) and dtype float64 on rank 0 and weight of shape (5, 3)"
    model = nn.Linear(3, 4 + W.rank)
    refused(lambda: nn.distributed.broadcast(model), ag.ShapeError, weights)
    a, b = nn.Linear(3, 3), nn.Linear(3, 3)
    for extra, text in (
        ([b.bias] * W.rank, "got a bucket size of 4194304 on rank 0 and parameter 2 (bias)"),
        ([nn.Linear(3, 1 + W.rank).weight], "(1, 3) and dtype float64 on rank 0 and parameter 2"),
        ([nn.Linear(3, 1, dtype="f4" if W.rank else "f8").weight], "float64 on rank 0 and"),
    ):
        inner = nn.optim.SGD([*a.parameters(), *extra], lr=1.0)
        refused(lambda inner=inner: nn.distributed.Optimizer(inner), ag.ShapeError, text)
    order = [a.weight, a.bias] if W.rank else [a.bias, a.weight]
    inner = nn.optim.SGD(order, lr=1.0)
    text = (
        "got parameter 0 (bias) of shape (3,) and dtype float64 on rank 0 and parameter 0 (weight)"
    )
    refused(lambda: nn.distributed.Optimizer(inner), ag.ShapeError, text)
    assert pickle.loads(pickle.dumps(W)) is W


# --- training -------------------------------------------------------------------------------------


def check_broadcast():
    ag.random.seed(W.rank)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    model[1].running_mean = np.full(2, float(W.rank))
    nn.distributed.broadcast(model, root=1)
    same_everywhere(model.state_dict().values())
    assert model[1].running_mean[0] == 1.0


def networks(count=2):
    for _ in range(count):
        ag.random.seed(0)
        yield nn.MLP([4, 8, 8, 3], dtype=np.float32)


def check_weights_are_those_of_one_process():
    """With clipping and two passes for each step: bit by bit, whatever the size of the buffers."""
    for bucket_size in (1, 300, 2**20):
        ours, alone = networks()
        optimizer = nn.optim.Adam(ours.parameters(), lr=0.01)
        optimizer = nn.distributed.Optimizer(optimizer, bucket_size=bucket_size)
        plain = nn.optim.Adam(alone.parameters(), lr=0.01)
        for step in range(4):
            optimizer.zero_grad()
            plain.zero_grad()
            total = [0.0] * len(list(alone.parameters()))
            for half in range(2):
                seeds = [100 * step + 10 * half + r for r in range(W.size)]
                batches = [(of_rank(s, (6, 4), "f4"), np.arange(6) % 3) for s in seeds]
                x, y = batches[W.rank]
                nn.cross_entropy(ours(x), y).backward()
                parts = []
                for x, y in batches:
                    alone.zero_grad()
                    nn.cross_entropy(alone(x), y).backward()
                    parts.append([p.grad.copy() for p in alone.parameters()])
                means = [summed(list(gs)) / W.size for gs in zip(*parts, strict=True)]
                total = [t + m for t, m in zip(total, means, strict=True)]
            for p, g in zip(alone.parameters(), total, strict=True):
                p.grad = g.astype("f4")
            norms = [nn.utils.clip_grad_norm_(m.parameters(), 0.1) for m in (ours, alone)]
            assert bits([norms[0]]) == bits([norms[1]])
            optimizer.step()
            plain.step()
        assert bits(p.data for p in ours.parameters()) == bits(p.data for p in alone.parameters())
        saved = optimizer.state_dict()
        assert saved["state"].keys() == plain.state_dict()["state"].keys()
        optimizer.load_state_dict(saved)
        nn.optim.StepLR(optimizer, 1).step()
        assert abs(optimizer.lr - 0.001) < 1e-12


def check_parameters_that_some_ranks_do_not_use():
    one, two, three = (nn.Parameter(np.ones(2)) for _ in range(3))
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([one, two, three], lr=1.0))
    (one * (W.rank + 1.0) + (two if W.rank == 1 else 0.0)).sum().backward()
    assert one.grad.tolist() == [(W.size + 1) / 2] * 2
    assert two.grad.tolist() == [1.0 / W.size] * 2 and three.grad is None
    optimizer.step()
    same_everywhere([one.data, two.data, three.data])


def check_passes_of_one_rank_alone():
    """A pass that reaches no parameter of the optimizer waits for nobody, nor does `gradients`."""
    p, q = nn.Parameter(np.ones(2)), ag.Tensor(np.ones(2), requires_grad=True)
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0))
    if W.rank == 0:
        q.sum().backward()
        assert ag.gradients((p * p).sum(), [p])[0].tolist() == [2.0, 2.0]
    del optimizer
    if W.rank == 0:  # nobody collects any more
        p.sum().backward()


def check_two_optimizers():
    ps = [nn.Parameter(np.ones(2)) for _ in range(6)]
    optimizers = [nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0)) for p in ps]
    sum((p * (i + W.rank)).sum() for i, p in enumerate(ps)).backward()
    for optimizer in optimizers:
        optimizer.step()
    same_everywhere(p.data for p in ps)
    assert ps[1].data[0] == 1.0 - (1.0 + (W.size - 1) / 2)


def check_hooks():
    """All count, whenever they were registered, and in a pass of their own as well."""
    p = nn.Parameter(np.ones(2))
    p.register_hook(lambda g: 2.0 * g)
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0))
    (p * float(W.rank)).sum().backward()
    assert p.grad.tolist() == [W.size - 1.0] * 2
    p.register_hook(lambda g: 2.0 * g)
    optimizer.zero_grad()
    (p * float(W.rank)).sum().backward()
    assert p.grad.tolist() == [2.0 * (W.size - 1.0)] * 2
    assert not any(type(hook).__module__.startswith("nn.") for hook in p.note.hooks.values())


def check_passes_inside_of_a_pass():
    """`ag.gradients` is no pass of the optimizer; a backward pass inside of one is refused."""
    a, b = nn.Parameter(np.full(2, 2.0)), nn.Parameter(np.full(2, 3.0))
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([a, b], lr=0.1), bucket_size=1)
    for _ in range(20):
        optimizer.zero_grad()
        h = a * (W.rank + 1.0)
        h.register_hook(lambda g: (ag.gradients((a * a).sum(), [a]), None)[1])
        (h * b).sum().backward()
        assert a.grad.tolist() == [3.0 * (W.size + 1) / 2] * 2
        assert b.grad.tolist() == [2.0 * (W.size + 1) / 2] * 2
    h = a * 1.0
    h.register_hook(lambda g: (a * a).sum().backward())
    refused((h * b).sum().backward, ag.GraphError, "another one through its parameters is under")
    optimizer.zero_grad()
    (a * b).sum().backward()
    assert a.grad.tolist() == [3.0] * 2


def check_a_forgotten_broadcast():
    ag.random.seed(W.rank)
    model = nn.Linear(3, 2)
    optimizer = nn.distributed.Optimizer(nn.optim.SGD(model.parameters(), lr=0.1))
    loss = model(np.ones((2, 3))).sum()
    refused(loss.backward, ag.GraphError, "other weights on rank 0 than on rank 1, such as weight")
    nn.distributed.broadcast(model)
    model(np.ones((2, 3))).sum().backward()
    optimizer.step()
    same_everywhere(p.data for p in model.parameters())


def check_many_optimizers():
    """One after another: neither communicators nor memory run out, also if sums were abandoned."""

    def rule(g, out, x):
        raise ZeroDivisionError

    bad = ag.Primitive("bad", lambda x: x * 1.0, rule, elementwise=True)
    before = len(W._channels)
    for turn in range(60):
        p, q = nn.Parameter(np.ones(3000)), nn.Parameter(np.ones(3000))
        optimizer = nn.distributed.Optimizer(nn.optim.SGD([p, q], lr=1.0), bucket_size=1)
        if turn % 20 == 19:
            with contextlib.suppress(ZeroDivisionError):
                (bad(p * p) * q).sum().backward()
        (p * q * W.rank).sum().backward()
        optimizer.step()
        assert p.grad.tolist() == [(W.size - 1) / 2] * 3000
        gone = weakref.ref(ag.data_of(p))
        del optimizer, p, q
        assert gone() is None  # without the cyclic collector
    assert len(W._channels) - before <= 4


def check_a_nan_of_one_rank():
    """It reaches every rank, and the pass that runs again with care sends nothing again."""
    p = nn.Parameter(np.ones(2))
    _optimizer = nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0))
    (p * (np.nan if W.rank == 0 else 1.0)).sum().backward()
    assert np.isnan(p.grad).all()


class Stop(Exception):
    pass


def optimizer_that_fails():
    """Two parameters in buffers of their own; a hook of the first raises while a list has entries."""
    p, q, fails = nn.Parameter(np.ones(3)), nn.Parameter(np.ones(2)), [True]

    def stops(g):
        if fails:
            raise Stop

    p.register_hook(stops)
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([p, q], lr=1.0), bucket_size=1)
    return optimizer, lambda: ((p * p).sum() * (q * (W.rank + 1.0)).sum()).backward(), fails


def check_a_pass_whose_error_all_ranks_catch():
    """The next one is right."""
    optimizer, backward, fails = optimizer_that_fails()
    for _ in range(3):
        with contextlib.suppress(Stop):
            backward()
    fails.clear()
    optimizer.zero_grad()
    backward()
    p, q = optimizer.parameters
    assert p.grad.tolist() == [4.0 * (W.size + 1) / 2] * 3
    assert q.grad.tolist() == [3.0 * (W.size + 1) / 2] * 2


def check_a_pass_whose_error_one_rank_catches():
    """Its next pass meets the others' last one, and all ranks are told."""
    optimizer, backward, fails = optimizer_that_fails()
    if W.rank == 0:
        with contextlib.suppress(Stop):
            backward()
    fails.clear()
    refused(backward, ag.GraphError, "gradients of different backward passes")
    del optimizer


def check_memory_that_all_ranks_see():
    """Zeros that one writes and all read; where there is none, no rank gets any."""
    memory = shared.memory_of_all(W, 4096)
    assert bytes(memory) == bytes(4096)
    W.barrier()
    memory[W.rank] = W.rank + 1
    W.barrier()
    assert list(memory[: W.size]) == [r + 1 for r in range(W.size)]
    assert shared.memory_of_all(W, 2**60) is None
    files, shared.FILES = shared.FILES, Path("/nowhere")
    assert shared.memory_of_all(W, 4096) is None
    p = nn.Parameter(np.ones(2))
    optimizer = nn.distributed.Optimizer(nn.optim.SGD([p], lr=1.0))
    shared.FILES = files
    assert type(optimizer.buckets[0].buffer).__name__ == "OwnBuffer"
    (p * W.rank).sum().backward()
    assert p.grad.tolist() == [(W.size - 1) / 2] * 2
    assert not list(files.glob("glassgrad-*"))


def check_lbfgs():
    """The closure's loss is the mean, so the line search of every rank takes the same steps."""
    p = nn.Parameter(np.array([3.0, -2.0]))
    optimizer = nn.optim.LBFGS([p], line_search_fn="strong_wolfe", max_iter=15)
    optimizer = nn.distributed.Optimizer(optimizer)
    target = of_rank(W.rank, 2)

    def closure():
        optimizer.zero_grad()
        loss = ((p - target) ** 4).sum()
        loss.backward()
        return loss

    losses = [float(optimizer.step(closure)) for _ in range(3)]
    same_everywhere([p.data, np.array(losses)])
    assert losses[-1] <= losses[0]


def check_batch_normalization():
    x = of_rank(0, (3 * W.size + 1, 2, 2, 2))
    cuts = np.cumsum([3 + 1] + [3] * (W.size - 1))[:-1]  # the first rank has one sample more
    own = np.split(x, cuts)[W.rank]
    for kind, joined, shape in (
        (nn.SyncBatchNorm2d, nn.BatchNorm2d, (2, 2, 2)),
        (nn.SyncBatchNorm1d, nn.BatchNorm1d, (2, 4)),
    ):
        ours, whole = kind(2), joined(2)
        given = [ag.Tensor(d.reshape(-1, *shape), requires_grad=True) for d in (own, x)]
        weights = np.cos(np.arange(x.size)).reshape(-1, *shape)
        (ours(given[0]) * np.split(weights, cuts)[W.rank]).sum().backward()
        (whole(given[1]) * weights).sum().backward()
        expected = np.split(given[1].grad, cuts)[W.rank]
        np.testing.assert_allclose(given[0].grad, expected, rtol=1e-9, atol=1e-12)
        for p, q in zip(ours.parameters(), whole.parameters(), strict=True):
            np.testing.assert_allclose(W.all_reduce(p.grad), q.grad, rtol=1e-9, atol=1e-12)
        for name in ("running_mean", "running_var", "num_batches_tracked"):
            np.testing.assert_allclose(getattr(ours, name), getattr(whole, name), rtol=1e-12)
        ours.eval(), whole.eval()
        np.testing.assert_allclose(
            ours(own.reshape(-1, *shape)).data, whole(own.reshape(-1, *shape)).data
        )


def check_loaders():
    """Every sample once, batches in the order of ranks, the seed that of rank 0."""
    for n in (8 * W.size, 8 * W.size + 1, 9 * W.size - 1):
        ag.random.seed(W.rank)
        loader = nn.data.DataLoader(nn.data.TensorDataset(np.arange(n)), 2, shuffle=True, shard=W)
        alone = nn.data.DataLoader(
            nn.data.TensorDataset(np.arange(n)), 2, shuffle=True, seed=loader.seed
        )
        for _ in range(2):
            found = W.gathered([x.tolist() for (x,) in loader])
            assert all(len(batches) == len(loader) for batches in found)
            dealt = [b for batches in zip(*found, strict=True) for b in batches]
            assert sorted(i for b in dealt for i in b) == list(range(n))
            expected = [x.tolist() for (x,) in alone]
            assert dealt[: 3 * W.size] == expected[: 3 * W.size]


def fitted(path, epochs, every_steps=None, callbacks=(), dropout=0.5):
    """A model with dropout, trained; `path` is the checkpoint."""
    ag.random.seed(0)
    # Each rank has running statistics of its own; without dropout, one process can compare.
    own = nn.BatchNorm1d(8) if dropout else nn.Identity()
    model = nn.Sequential(nn.Linear(4, 8), own, nn.Dropout(dropout), nn.Tanh(), nn.Linear(8, 3))
    ag.random.seed(W.rank)  # so that dropout differs
    data = nn.data.TensorDataset(of_rank(5, (48, 4)), np.arange(48) % 3)
    # 24 samples in a step, whatever the number of ranks
    loader = nn.data.DataLoader(data, 24 // W.size, shuffle=True, shard=W, seed=3)
    optimizer = nn.distributed.Optimizer(nn.optim.Adam(model.parameters(), lr=0.01))
    callbacks = [*callbacks, nn.Checkpoint(path, every_steps)]
    validation = nn.data.DataLoader(data, 5, shard=W)
    history = nn.fit(
        model, loader, nn.CrossEntropyLoss(), optimizer, epochs, metrics=["accuracy"],
        validation=validation, clip_norm=1.0, callbacks=callbacks,
    )  # fmt: skip
    state = model.state_dict()
    fitted.buffers = [state[k] for k, _ in model.named_buffers()]
    return [p.data for p in model.parameters()], history


class StopsAt(nn.Callback):
    def on_batch_end(self, run):
        if run.step == 4:
            raise Stop


def check_fit():
    """History and weights are the same on all ranks, and after a stop in the middle of an epoch."""
    whole, history = fitted(FOLDER / "whole", 3)
    same_everywhere(whole)
    statistics = fitted.buffers
    first, second = W.gathered(statistics)[:2]
    assert not np.array_equal(first[0], second[0])
    assert len(set(map(str, W.gathered(history.columns)))) == 1
    path = FOLDER / "stopped"
    with contextlib.suppress(Stop):
        fitted(path, 3, every_steps=3, callbacks=[StopsAt()])
    resumed, other = fitted(path, 3)
    assert bits(resumed) == bits(whole)
    assert bits(fitted.buffers) == bits(statistics)
    assert other.columns == history.columns
    # as the model is at the end without dropout
    counts = history.columns["val_accuracy"][-1] * 48
    assert abs(counts - round(counts)) < 1e-9


def check_a_run_that_another_number_of_ranks_resumes():
    """Here it stops; test_mpi.py resumes it alone and compares it with what is saved here."""
    weights, history = fitted(FOLDER / "all of it", 3, dropout=0.0)
    saved = {str(i): w for i, w in enumerate(weights)} | {"loss": np.array(history.columns["loss"])}
    if W.rank == 0:
        nn.checkpoint.save(FOLDER / "weights", saved)
    with contextlib.suppress(Stop):
        fitted(FOLDER / "without dropout", 3, 3, [StopsAt()], dropout=0.0)


def check_fit_stops_together():
    class OneStops(nn.Callback):
        def on_epoch_end(self, run):
            if W.rank == 1:
                run.request_stop()

    _, history = fitted(FOLDER / "one", 3, callbacks=[OneStops()])
    assert len(history.columns["loss"]) == 1


if __name__ == "__main__":
    W.shares_memory = "--messages" not in sys.argv
    only = [name for name in sys.argv[2:] if name != "--messages"] or [
        name for name in globals() if name.startswith("check_")
    ]
    for name in only:
        globals()[name]()
        W.barrier()
        if W.rank == 0:
            print("passed", name, flush=True)
