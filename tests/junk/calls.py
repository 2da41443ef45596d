"""A right call of every public callable, from which one argument at a time is replaced by junk."""

import functools
import inspect

import numpy as np

import autograd as ag
import nn
from tests.autograd.numpy.drawn import TABLE, Draw

F = nn.functional


def T(*shape):
    """A Tensor that requires a gradient."""
    return ag.Tensor(np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape), requires_grad=True)


def node():
    return (T(3) * 2.0).sum()


def leaf(*shape):
    return nn.Parameter(np.linspace(0.1, 0.9, int(np.prod(shape))).reshape(shape))


def optimizer():
    p = leaf(3, 2)
    p.grad = np.ones((3, 2))
    return nn.optim.SGD([p], lr=0.1, momentum=0.9)


def model():
    return nn.Linear(2, 1)


def loss(output, target):
    return F.mse_loss(output, target)


def square(x):
    return ag.sum(x * x)


class Collector:
    """One without leaves."""

    leaves = frozenset()

    def begin(self):
        pass

    def finish(self, gradients):
        return {}


def energy(x):
    return ag.sum(ag.square(x))


def batches():
    return [(np.ones((4, 2)), np.ones((4, 1)))]


# Arguments without a default, by name; each call makes new ones.
BY_NAME = {
    "world": nn.distributed.World, "collector": lambda: Collector(),
    "input": lambda: T(4, 6), "target": lambda: np.full((4, 6), 0.5), "input1": lambda: T(4, 3), "input2": lambda: T(4, 3),
    "x1": lambda: T(4, 3), "x2": lambda: T(4, 3), "anchor": lambda: T(4, 3), "positive": lambda: T(4, 3), "negative": lambda: T(4, 3),
    "query": lambda: T(2, 4, 4), "key": lambda: T(2, 4, 4), "value": lambda: T(2, 4, 4),
    "x": lambda: T(3), "y": lambda: T(3), "a": lambda: T(3, 3) * 0.1 + np.eye(3), "b": lambda: T(3), "n": lambda: 2,
    "in_features": lambda: 2, "out_features": lambda: 2, "in1_features": lambda: 2, "in2_features": lambda: 2,
    "in_channels": lambda: 4, "out_channels": lambda: 4, "kernel_size": lambda: 3, "num_features": lambda: 4,
    "num_embeddings": lambda: 4, "embedding_dim": lambda: 3, "input_size": lambda: 4, "hidden_size": lambda: 3,
    "num_groups": lambda: 2, "num_channels": lambda: 4, "normalized_shape": lambda: 6, "sizes": lambda: [2, 3, 1],
    "embed_dim": lambda: 4, "num_heads": lambda: 2, "d_model": lambda: 4, "nhead": lambda: 2, "pieces": lambda: 2,
    "output_size": lambda: 2, "length": lambda: 3, "dim": lambda: 1, "unflattened_size": lambda: (2, 3),
    "encoder_layer": lambda: nn.TransformerEncoderLayer(4, 2, 5), "num_layers": lambda: 2, "function": lambda: square,
    "module": model, "model": model, "data": batches, "loss": lambda: loss, "epochs": lambda: 1, "input_shape": lambda: (4, 2),
    "optimizer": optimizer, "params": lambda: [leaf(3, 2)], "parameters": lambda: [leaf(3, 2)], "tensor": lambda: leaf(4, 6),
    "val": lambda: 0.5, "sparsity": lambda: 0.5, "nonlinearity": lambda: "relu", "gamma": lambda: 0.9, "T_max": lambda: 4,
    "T_0": lambda: 4, "steps": lambda: 4, "milestones": lambda: [2], "lr_lambda": lambda: lambda epoch: 1.0, "max_lr": lambda: 0.1,
    "step_size": lambda: 2, "strength": lambda: 0.1, "l1": lambda: 0.1, "l2": lambda: 0.1, "penalty": lambda: nn.optim.L1(0.1),
    "max_norm": lambda: 1.0, "clip_value": lambda: 1.0, "w": lambda: np.ones(3), "threshold": lambda: 0.5,
    "datasets": lambda: [nn.data.TensorDataset(np.ones(3))], "dataset": lambda: nn.data.TensorDataset(np.ones(3)),
    "indices": lambda: [0, 1], "lengths": lambda: [2, 1], "batch": lambda: [(1.0, 2.0), (3.0, 4.0)], "average": lambda: nn.optim.ExponentialMovingAverage([leaf(2)], 0.9),
    "scheduler": lambda: nn.optim.StepLR(optimizer(), 2), "output": lambda: T(4, 3), "path": lambda: "/nonexistent/checkpoint",
    "f": lambda: square, "fn": lambda: square, "v": lambda: np.ones(3), "xs": lambda: (np.ones(3),), "tangents": lambda: (np.ones(3),),
    "root": node, "nodes": node, "roots": lambda: [node()], "weight": lambda: T(4, 6), "shape": lambda: 3, "size": lambda: 2, "arrays": lambda: [T(2), T(2)],
    "upscale_factor": lambda: 2, "downscale_factor": lambda: 2, "groups": lambda: 2, "padding": lambda: 1, "norm_type": lambda: 2.0,
    "theta": lambda: T(2, 2, 3), "grid": lambda: T(2, 3, 3, 2), "logits": lambda: T(4, 6), "decoder_layer": lambda: nn.TransformerDecoderLayer(4, 2, 5),
    "p": lambda: T(3) * 0.1 + 0.5, "name": lambda: "name", "kernel": lambda: lambda x: x, "schedulers": lambda: [nn.optim.StepLR(optimizer(), 2)],
}  # fmt: skip


def checked():
    p = leaf(3)
    return {"fn": lambda: lambda: square(p), "parameters": lambda: {"p": p}}


def training():
    fitted = model()
    return {
        "model": lambda: fitted,
        "optimizer": lambda: nn.optim.SGD(fitted.parameters(), lr=0.1),
        "progress": lambda: False,
    }


def trial():
    fitted = model()
    return {
        "model": lambda: fitted,
        "optimizer": lambda: nn.optim.SGD(fitted.parameters(), lr=0.1),
        "batch": lambda: batches()[0],
        "steps": lambda: 1,
    }


def backward(grad_output, x):
    return 2.0 * x * grad_output


def slope(x):
    return 1.0 - np.tanh(x) ** 2


def expansion():
    root = T(2)
    return {
        "root": lambda: root,
        "values": lambda: {root: np.array([ag.Value(0.1), ag.Value(0.9)])},
    }


def timeline():
    """One step of one layer."""
    found = nn.Timeline()
    found.steps, found.losses, found.dead = np.array([1]), np.zeros(1), np.zeros((1, 1))
    found.names, found.layers, found.kinds = ["out"], ["0"], ["Linear"]
    found.statistics, found.histograms = np.zeros((1, 1, 4)), np.zeros((1, 1, 24), np.uint8)
    return found


def named():
    return {"0.weight": np.ones((2, 3))}


SIGNAL = {"input": lambda: T(2, 4, 8)}
IMAGE = {"input": lambda: T(2, 4, 6, 6)}
VOLUME = {"input": lambda: T(1, 4, 4, 4, 4)}
CLASSES = {"input": lambda: T(4, 6), "target": lambda: np.array([0, 2, 1, 2])}
SIGNS = {"target": lambda: np.array([1, -1, 1, -1])}
PLANE = {"tensor": lambda: leaf(3, 3)}


def chained():
    opt = optimizer()
    return {"optimizer": lambda: opt, "schedulers": lambda: [nn.optim.StepLR(opt, 2), nn.optim.StepLR(opt, 3)]}  # fmt: skip


# Where the names above mean something else, by path; None stands for an argument that is left out.
BY_PATH = {
    **{f"nn.functional.{n}1d": SIGNAL for n in ("adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool", "dropout")},
    **{f"nn.functional.{n}2d": IMAGE for n in ("adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool", "dropout")},
    **{f"nn.functional.{n}3d": VOLUME for n in ("adaptive_avg_pool", "adaptive_max_pool", "avg_pool", "max_pool", "dropout", "lp_pool")},
    **{f"nn.functional.{n}": IMAGE for n in ("lp_pool2d", "unfold", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "local_response_norm", "grid_sample")},
    "nn.functional.lp_pool1d": SIGNAL, "nn.functional.conv3d": {**VOLUME, "weight": lambda: T(4, 4, 3, 3, 3)},
    "nn.functional.conv_transpose3d": {**VOLUME, "weight": lambda: T(4, 4, 3, 3, 3)}, "nn.functional.pad": {"pad": lambda: (1, 2)},
    "nn.functional.pdist": {"input": lambda: T(4, 3)},
    **{
        f"nn.{name}{k}d": {"output_size": lambda: 2} | ({"input": lambda k=k: T(1, 2, *(4,) * k)} if "_" in name else {})
        for name in ("functional.fractional_max_pool", "FractionalMaxPool")
        for k in (2, 3)
    },
    "nn.functional.fold": {"input": lambda: T(2, 9, 4), "output_size": lambda: 4}, "nn.functional.affine_grid": {"size": lambda: (2, 1, 3, 4)},
    **{
        f"nn.functional.max_unpool{k}d": {"input": lambda k=k: T(1, 1, *(2,) * k), "indices": lambda k=k: np.arange(2**k).reshape(1, 1, *(2,) * k), "kernel_size": lambda: 2}
        for k in (1, 2, 3)
    },
    "nn.functional.embedding_bag": {"input": lambda: [[0, 1]], "weight": lambda: T(4, 3)}, "nn.functional.threshold": {"value": lambda: 0.0},
    "nn.Threshold": {"value": lambda: 0.0}, **{f"nn.ConstantPad{k}d": {"value": lambda: 0.5} for k in (1, 2, 3)},
    "nn.UpsamplingNearest2d": {"scale_factor": lambda: 2}, "nn.UpsamplingBilinear2d": {"scale_factor": lambda: 2}, "nn.Transformer": {"d_model": lambda: 4, "nhead": lambda: 2, "num_encoder_layers": lambda: 1, "num_decoder_layers": lambda: 1, "dim_feedforward": lambda: 5},
    "nn.LocalResponseNorm": {"size": lambda: 3}, "nn.utils.parametrize.register_parametrization": {"tensor_name": lambda: "weight", "parametrization": lambda: nn.Tanh()},
    "nn.utils.parametrize.remove_parametrizations": {"module": lambda: nn.utils.parametrizations.spectral_norm(model()), "tensor_name": lambda: "weight"},
    "nn.utils.parametrizations.SpectralNorm": {"weight": lambda: T(3, 2)}, "nn.utils.vector_to_parameters": {"vec": lambda: np.ones(6)},
    "nn.functional.conv1d": {**SIGNAL, "weight": lambda: T(4, 4, 3)}, "nn.functional.conv2d": {**IMAGE, "weight": lambda: T(4, 4, 3, 3)},
    "nn.functional.conv_transpose1d": {**SIGNAL, "weight": lambda: T(4, 4, 3)},
    "nn.functional.conv_transpose2d": {**IMAGE, "weight": lambda: T(4, 4, 3, 3)},
    "nn.functional.batch_norm": {"training": lambda: True}, "nn.functional.group_norm": SIGNAL, "nn.functional.instance_norm": IMAGE,
    "nn.functional.bilinear": {"weight": lambda: T(2, 3, 3)}, "nn.functional.prelu": {"weight": lambda: T(1)},
    "nn.functional.linear": {"weight": lambda: T(2, 6)}, "nn.functional.embedding": {"input": lambda: [0, 1], "weight": lambda: T(4, 3)},
    "nn.functional.interpolate": {**IMAGE, "scale_factor": lambda: 2}, "nn.functional.one_hot": {"tensor": lambda: [0, 1]},
    "nn.functional.cosine_embedding_loss": SIGNS, "nn.functional.nll_loss": CLASSES, "nn.functional.multi_margin_loss": CLASSES,
    "nn.functional.focal_loss": CLASSES, "nn.functional.margin_ranking_loss": {**SIGNS, "input1": lambda: T(4), "input2": lambda: T(4)},
    "nn.functional.soft_margin_loss": {"input": lambda: T(4), **SIGNS}, "nn.functional.gaussian_nll_loss": {"var": lambda: np.full((4, 6), 0.5)},
    "nn.functional.multilabel_margin_loss": {"target": lambda: np.full((4, 6), -1)},
    "nn.functional.ctc_loss": {"log_probs": lambda: T(4, 1, 3) - 2.0, "targets": lambda: [[1, 2]], "input_lengths": lambda: [4], "target_lengths": lambda: [2]},
    "nn.optim.CyclicLR": {"base_lr": lambda: 0.01}, "nn.optim.Muon": {"params": lambda: [leaf(3, 2)]},
    "nn.data.BatchSampler": {"sampler": lambda: [0, 1, 2], "batch_size": lambda: 2, "drop_last": lambda: False},
    "nn.data.WeightedRandomSampler": {"weights": lambda: [0.5, 0.25], "num_samples": lambda: 2},
    **{f"nn.data.{n}": {"data_source": lambda: nn.data.TensorDataset(np.ones(3))} for n in ("RandomSampler", "SequentialSampler")},
    "nn.cross_entropy": CLASSES, "nn.functional.hinge_loss": {"input": lambda: T(4), **SIGNS},
    "nn.functional.hinge_embedding_loss": {"input": lambda: T(4), **SIGNS}, "nn.Upsample": {"scale_factor": lambda: 2},
    "nn.training.accuracy": {"target": lambda: np.array([0, 2, 1, 2])}, "nn.init.eye_": PLANE, "nn.init.dirac_": {"tensor": lambda: leaf(3, 3, 3)},
    "nn.optim.SequentialLR": chained, "nn.optim.ChainedScheduler": lambda: {"schedulers": chained()["schedulers"], "optimizer": None},
    "nn.optim.OneCycleLR": {"total_steps": lambda: 4}, "nn.optim.max_norm_": {"parameters": lambda: [leaf(3, 2)]},
    "ag.embedding": {"weight": lambda: T(4, 3), "indices": lambda: [0, 1]}, "ag.one_hot": {"indices": lambda: [0, 1]},
    "ag.fold": {"x": lambda: T(2, 2)}, "ag.softmax": {"x": lambda: T(2, 3)}, "ag.linalg.solve": {"b": lambda: T(3)},
    "ag.numerical_gradient": {"x": lambda: np.ones(3)}, "ag.Tensor": {"data": lambda: [1.0, 2.0], "others": None},
    "nn.Parameter": {"data": lambda: [1.0]}, "ag.Value": {"data": lambda: 2.0}, "ag.expand": {"tensor": node}, "ag.explain": {"node": node},
    "ag.line_of": {"node": node}, "ag.multiply_adds": {"node": node}, "ag.gradients": {"wrt": lambda: [T(3)]},
    "ag.linalg.outer": {"x1": lambda: T(3), "x2": lambda: T(2)}, "ag.linalg.diagonal": {"x": lambda: T(3, 3)}, "ag.linalg.trace": {"x": lambda: T(3, 3)},
    "ag.multi_dot": {"arrays": lambda: [T(2, 2), T(2, 2)]}, "ag.hvp": {"x": lambda: np.ones(3)}, "nn.Lambda": {"function": lambda: square},
    "ag.check_gradients": checked, "nn.fit": training, "nn.optim.clip_grad_norm_": {"parameters": lambda: optimizer().parameters}, "nn.optim.clip_grad_value_": {"parameters": lambda: optimizer().parameters},
    "nn.functional.causal_mask": {"length": lambda: 3},
    "ag.check_backward": {"forward": lambda: energy, "arguments": lambda: [backward, np.ones(3)]},
    "ag.check_derivative": {"f": lambda: np.tanh, "df": lambda: slope, "points": lambda: [np.ones(3)]},
    "ag.derive": {"result": lambda: energy, "inputs": lambda: [T(3)]}, "ag.watch_backward": {"look": lambda: lambda root, seed, adds: None},
    "nn.preflight": trial, "nn.generalization": {"training": batches, "validation": batches},
    "ag.from_dlpack": {"x": lambda: np.ones(3)},
    "nn.compare": {"run_a": named, "run_b": named},
    "ag.Expansion": expansion, "ag.source": {"f": lambda: square, "args": lambda: [np.ones(3)]},
    "nn.init.values_": {"tensor": lambda: leaf(2), "numbers": lambda: [1.0, 2.0]}, "nn.init.zero_rows_": {"rows": lambda: [0]},
    "nn.record": {"path": lambda: "run.glass"},
    "nn.viewer": {"run": timeline, "other": timeline, "path": lambda: "run.html"},
    "nn.optim.ExponentialMovingAverage": {"decay": lambda: 0.9}, "nn.data.default_collate": {},
}  # fmt: skip

# What is made for users and not by them, and what takes nothing or only functions.
LEFT_OUT = {
    *("ag.BackwardReport", "ag.Mistake", "nn.Finding", "nn.Generalization", "nn.Parting", "nn.Preflight", "nn.Recording"),
    *("ag.Anomaly", "ag.Drawing", "ag.Explanation", "ag.GradientReport", "ag.Node", "ag.Replay", "ag.Scope", "ag.SourceLine"),
    *("ag.Primitive", "nn.Callback", "nn.Diagnosis", "nn.Epoch", "nn.Identity", "nn.Module", "nn.RemovableHandle", "nn.Run", "nn.Summary"),
    *("nn.data.Dataset", "nn.data.Sampler", "nn.inspect.Finding", "nn.inspect.LayerReport", "nn.inspect.Diagnosis", "nn.optim.LRScheduler", "nn.training.Run", "nn.training.Epoch"),
    *("nn.utils.parametrize.ParametrizationList", "ag.random.cache", "nn.training.Callback", "nn.training.EpochFunction", "ag.from_cupy", "ag.program", "ag.vjp", "nn.data.TensorDataset"),
}  # fmt: skip
MODULES = {
    "ag": ag, "ag.linalg": ag.linalg, "nn": nn, "nn.functional": F, "nn.init": nn.init, "nn.optim": nn.optim,
    "nn.data": nn.data, "nn.distributed": nn.distributed, "nn.training": nn.training, "ag.random": ag.random, "nn.utils": nn.utils,
    "nn.utils.parametrize": nn.utils.parametrize, "nn.utils.parametrizations": nn.utils.parametrizations,
}  # fmt: skip
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def public():
    """Every public callable, by its path."""
    seen = set()
    for prefix, module in MODULES.items():
        for name in sorted(getattr(module, "__all__", None) or vars(module)):
            thing, path = getattr(module, name), f"{prefix}.{name}"
            ours = getattr(thing, "__module__", "").split(".")[0] in ("autograd", "nn")
            error = isinstance(thing, type) and issubclass(thing, BaseException)
            listed = hasattr(module, "__all__")
            helper = not listed and getattr(thing, "__module__", "") != module.__name__
            if name[0] == "_" or not callable(thing) or not ours or error or helper:
                continue
            if path not in LEFT_OUT and id(thing) not in seen:
                seen.add(id(thing))
                yield path, thing


def parameters_of(path, thing):
    """The parameters of a callable that junk can be given for, and whether each has a default."""
    found = inspect.signature(thing).parameters.values()
    return {p.name: p for p in found if p.kind not in VARIADIC}


def variadic_of(thing):
    """The name of the parameter that takes any number of positional arguments, if there is one."""
    found = inspect.signature(thing).parameters.values()
    return [p.name for p in found if p.kind is inspect.Parameter.VAR_POSITIONAL]


@functools.cache
def right_seed(path, thing):
    """The first seed that draws a call which is right."""
    for seed in range(100):
        args, kwargs = TABLE[path[3:]][1](Draw(path, seed, wild=0.0))
        try:
            thing(*args, **kwargs)
        except Exception:
            continue
        if all(np.size(x) for x in args if isinstance(x, np.ndarray)):  # nothing proves nothing
            return seed
    raise AssertionError(path)


def right_call(path, thing):
    """New arguments of a right call: (positional, by name)."""
    if path[3:] in TABLE and path.startswith("ag."):
        args, kwargs = TABLE[path[3:]][1](Draw(path, right_seed(path, thing), wild=0.0))
        return list(args), dict(kwargs)
    own = BY_PATH.get(path, {})
    own = own() if callable(own) else own
    given = {}
    for name, p in parameters_of(path, thing).items():
        make = own[name] if name in own else BY_NAME[name] if p.default is p.empty else None
        if make is not None:
            given[name] = make()
    more = [name for name in own if name in variadic_of(thing)]
    kinds = POSITIONAL if more else POSITIONAL[:1]
    by_position = [n for n in given if parameters_of(path, thing)[n].kind in kinds]
    args = [given.pop(n) for n in by_position]
    return [*args, *(x for name in more for x in own[name]())], given
