"""A model beside its ONNX file: what both return, in the reference and in onnxruntime."""

import numpy as np
import pytest

import autograd as ag
import nn
from tests.nn.signatures.calls import LAYERS, LOSSES, TOKENS

onnx = pytest.importorskip("onnx")
reference = pytest.importorskip("onnx.reference")
try:
    import onnxruntime
except ImportError:
    onnxruntime = None

WEIGHTS = np.float32([1.0, 2.0, 0.5, 1.0, 1.0, 3.0])
# Losses that are 0 or nearly so on the arrays of that table: a relative error would mean nothing.
APART = {
    "KLDivLoss": lambda rng: rng.dirichlet(np.ones(6), 4),
    "DistillationLoss": lambda rng: 5.0 * rng.normal(size=(4, 6)),
}
# Those that are refused, with the reason: an array of lengths decides how many letters are read.
REFUSED = {
    "CTCLoss": "CTCLoss, which looks at values",
    "FractionalMaxPool2d": "draw in FractionalMaxPool2d; it draws random numbers",
    "FractionalMaxPool3d": "draw in FractionalMaxPool3d; it draws random numbers",
}


def flat(out):
    return [y for x in out for y in flat(x)] if isinstance(out, (tuple, list)) else [out]


def tensors(arrays):
    return [ag.Tensor(x) if x.dtype.kind == "f" else x for x in arrays]


def layer(name):
    """A layer or loss in float32, and arrays for it."""
    if name in LAYERS:
        make, arrays = LAYERS[name]
        given = [x.astype(np.float32) for x in arrays] or [TOKENS]
        return make(dtype=np.float32).astype(np.float32), given
    make, arrays, rest = LOSSES[name]
    given = [x.astype(np.float32) for x in arrays] + [np.asarray(x) for x in rest]
    if name in APART:
        given[1] = APART[name](np.random.default_rng(1)).astype(np.float32)
    return make(WEIGHTS), given


def runs(path, feed, names):
    """The outputs by the reference implementation, and by onnxruntime where that is installed."""
    model = onnx.load(path)
    with np.errstate(all="ignore"):
        yield "reference", reference.ReferenceEvaluator(model).run(names, feed)
    if onnxruntime is not None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        yield "onnxruntime", session.run(names, feed)


def error(got, want):
    """The largest difference, relative to the largest value."""
    got, want = np.asarray(got, float), np.asarray(want, float)
    assert got.shape == want.shape
    scale = np.abs(want).max(initial=0.0)
    return np.abs(got - want).max(initial=0.0) / (scale or 1.0)


def written(model, arrays, path, **options):
    """The file of a model."""
    nn.onnx.export(model, tuple(arrays), path, **options)
    return onnx.load(path)


def check(model, arrays, path, bound=1e-6, only=None):
    """That a file computes what its model does, in other programs and when it is loaded.

    The file may have been written for other arrays.
    """
    file = onnx.load(path)
    feed = {v.name: x for v, x in zip(file.graph.input, arrays, strict=False)}
    model.eval()
    loaded = nn.onnx.load(path)
    check_state(loaded, model)
    want = [ag.data_of(x) for x in flat(model(*tensors(arrays)))]
    got = [ag.data_of(x) for x in flat(loaded(*tensors(arrays)))]
    assert len(got) == len(want)
    assert max(map(error, got, want)) <= bound
    for engine, got in runs(path, feed, None):
        if only in (None, engine):
            assert len(got) == len(want)
            worst = max(map(error, got, want))
            assert worst <= bound, (engine, worst)


def check_state(loaded, model):
    """That what is loaded has parameters and buffers of the model, under their names."""
    assert {k for k, _ in loaded.named_parameters()} <= {k for k, _ in model.named_parameters()}
    state = model.state_dict()
    assert all(np.array_equal(v, state[k]) for k, v in loaded.state_dict().items())


def check_training(model, arrays, path, bound=1e-6, only=None):
    """That the gradients of a file are those of its model."""
    file = onnx.load(path)
    feed = {v.name: x for v, x in zip(file.graph.input, arrays, strict=False)}
    cotangents = [v.name for v in file.graph.input if v.name.startswith("cotangent")]
    names = [v.name for v in file.graph.output if v.name.startswith(("output", "grad"))]
    rng = np.random.default_rng(1)
    model.train()
    model.zero_grad()
    outs = flat(model(*tensors(arrays)))
    gs = [rng.normal(size=x.shape).astype(x.dtype) if cotangents else 1.0 for x in outs]
    feed |= zip(cotangents, gs, strict=bool(cotangents))
    pairs = [(x, g) for x, g in zip(outs, gs, strict=True) if x.requires_grad]
    if pairs:
        sum(ag.sum(x * g) for x, g in pairs).backward()
    grads = {f"grad.{k}": p.grad for k, p in model.named_parameters() if p.grad is not None}
    assert {n for n in names if n.startswith("grad")} == grads.keys()
    want = [ag.data_of(x) for x in outs]
    for engine, got in runs(path, feed, names):
        if only in (None, engine):
            found = dict(zip(names, got, strict=True))
            results = [x for n, x in found.items() if n.startswith("output")]
            worst = max(map(error, results, want))
            worst = max([worst, *(error(found[n], g) for n, g in grads.items())])
            assert worst <= bound, (engine, worst)
