"""PyTorch's modules (`module_db`) against the classes of `nn` with the same name."""

from __future__ import annotations

import copy
import inspect
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.nn.modules.lazy import LazyModuleMixin
from torch.testing._internal.common_modules import module_db

import nn
from tests.against_pytorch.compare import (
    SKIPPED,
    UNMAPPED,
    NotMapped,
    Run,
    Translation,
    Verdict,
    compare,
    difference,
    numpy_dtype,
    other_precision,
    refusal,
    run_ours,
    run_pytorch,
    strictly,
    tensors,
)


def names() -> list[str]:
    """PyTorch's modules, as "nn.Linear"."""
    return [info.name for info in module_db]


def samples(name: str, dtype: torch.dtype) -> Iterator[tuple[str, Verdict]]:
    """Each sample of a module, in training and evaluation, with its verdict."""
    info = next(info for info in module_db if info.name == name)
    ours = getattr(nn, info.module_cls.__name__, None)
    if ours is None:
        yield "", Verdict(UNMAPPED, "")
        return
    for training in (True, False):
        torch.manual_seed(0)  # the same samples whatever ran before
        try:
            inputs = info.module_inputs_func(
                info, device="cpu", dtype=dtype, requires_grad=True, training=training
            )
        except Exception as error:
            yield "", Verdict(SKIPPED, f"PyTorch: {error}")
            continue
        for number, sample in enumerate(inputs):
            label = f"{number} {'train' if training else 'eval'} {summary(sample)}"
            yield label, judge(info.module_cls, ours, sample, dtype, training)


def summary(sample: Any) -> str:
    """The arguments of a sample in one line."""
    made, called = sample.constructor_input, sample.forward_input
    return (
        f"({short(made.args)} {short(made.kwargs)}) on {short(called.args)} {short(called.kwargs)}"
    )


def short(x: Any) -> str:
    """A tree of arguments with shapes in place of tensors."""
    if isinstance(x, torch.Tensor):
        return f"{str(x.dtype).removeprefix('torch.')}{list(x.shape)}"
    if isinstance(x, dict):
        return "{" + ", ".join(f"{k}={short(v)}" for k, v in x.items()) + "}"
    if isinstance(x, (list, tuple)):
        return "(" + ", ".join(short(v) for v in x) + ")"
    return repr(x)


def without_chance(module: torch.nn.Module) -> None:
    """Dropout off: its numbers are random."""
    for part in module.modules():
        if isinstance(part, torch.nn.modules.dropout._DropoutNd):
            part.p = 0.0
        if isinstance(getattr(part, "dropout", None), float):
            part.dropout = 0.0


def judge(
    theirs_class: Any, ours_class: Any, sample: Any, dtype: torch.dtype, training: bool
) -> Verdict:
    """Build both, load PyTorch's state into ours, and compare outputs, gradients and buffers."""
    made, called = sample.constructor_input, sample.forward_input
    torch.manual_seed(0)
    kwargs = {k: v for k, v in made.kwargs.items() if k not in ("device", "dtype")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = theirs_class(*made.args, **kwargs).to(dtype).train(training)
    without_chance(module)
    if called is None:
        return Verdict(SKIPPED, "no input")
    if isinstance(module, LazyModuleMixin):  # ours gets its shapes from the state, below
        module(*called.args, **called.kwargs)
    arguments = (called.args, called.kwargs)
    translate = Translation()
    args, named = translate(called.args), translate(called.kwargs)
    try:
        with strictly():
            model = build(
                ours_class,
                parts(translate(made.args), dtype),
                parts(translate(kwargs), dtype),
                dtype,
            )
            if hasattr(model, "load_state_dict"):
                state = {k: v.numpy().copy() for k, v in module.state_dict().items()}
                model.load_state_dict(state)
                model.train(training)
    except Exception as error:
        return refusal(error)
    wide = torch.float64 if dtype == torch.float32 else torch.float32
    second_module = copy.deepcopy(module).to(wide)
    try:
        expected = run_module(module, arguments)
    except (RuntimeError, ValueError, TypeError, NotImplementedError) as error:
        return Verdict(SKIPPED, f"PyTorch: {error}")
    other = None
    try:
        other = run_module(second_module, other_precision(arguments, wide, {}))
    except (RuntimeError, ValueError, TypeError):
        other = None
    inputs = [translate.leaves[id(x)] for x in tensors(arguments) if x.requires_grad]
    try:
        with strictly():
            parameters = {k: p for k, p in model.named_parameters()}
            leaves = inputs + [parameters[k] for k, _ in module.named_parameters()]
            found = run_ours(lambda: model(*args, **named), leaves, False)
            buffers = model.state_dict()
    except Exception as error:
        return refusal(error)
    verdict = compare(found, expected, other)
    if verdict.kind != "agrees":
        return verdict
    theirs = {k: v.numpy() for k, v in module.state_dict().items()}
    if list(theirs) != list(buffers):
        return Verdict("wrong number", f"state: {list(buffers)}, PyTorch {list(theirs)}")
    ours = [np.asarray(getattr(buffers[k], "data", buffers[k])) for k in theirs]
    precise = [v.numpy() for v in second_module.state_dict().values()] if other else None
    return difference("state", ours, list(theirs.values()), precise) or verdict


# Options that some class of ours has not; with these values they change nothing.
DEFAULTS = {
    "add_bias_kv": False, "add_zero_attn": False, "return_indices": False, "p": 1, "bias": True,
}  # fmt: skip
FUNCTIONS = {
    torch.nn.functional.gelu: nn.functional.gelu,
    torch.nn.functional.relu: nn.functional.relu,
}


def parts(x: Any, dtype: torch.dtype) -> Any:
    """Arguments in which PyTorch's layers and functions became ours."""
    if isinstance(x, torch.nn.TransformerEncoderLayer):
        return nn.TransformerEncoderLayer(
            x.self_attn.embed_dim,
            x.self_attn.num_heads,
            x.linear1.out_features,
            0.0,
            FUNCTIONS[x.activation],
            batch_first=x.self_attn.batch_first,
            norm_first=x.norm_first,
            bias=x.linear1.bias is not None,
            dtype=numpy_dtype(dtype),
        )
    if isinstance(x, torch.nn.Module):
        raise NotMapped(f"a {type(x).__name__} as an argument")
    if isinstance(x, tuple):
        return tuple(parts(entry, dtype) for entry in x)
    if isinstance(x, dict):
        return {key: parts(entry, dtype) for key, entry in x.items()}
    return FUNCTIONS.get(x, x) if callable(x) else x


def is_default(name: str, value: Any) -> bool:
    """Whether an option has the value with which it changes nothing."""
    return name in DEFAULTS and type(value) is type(DEFAULTS[name]) and value == DEFAULTS[name]


def build(cls: Any, args: Any, kwargs: Any, dtype: torch.dtype) -> Any:
    """An instance of ours in the dtype, with dropout off."""
    known = inspect.signature(cls).parameters
    kwargs = {k: v for k, v in kwargs.items() if k in known or not is_default(k, v)}
    if "dtype" in known:
        kwargs = {**kwargs, "dtype": numpy_dtype(dtype)}
    model = cls(*args, **kwargs)
    for part in getattr(model, "modules", list)():
        if isinstance(getattr(part, "dropout", None), float):
            part.dropout = 0.0
        if hasattr(part, "p") and "Dropout" in type(part).__name__:
            part.p = 0.0
    return model


def run_module(module: torch.nn.Module, arguments: Any) -> Run:
    """PyTorch's values, and the gradients of its inputs and parameters."""
    args, kwargs = arguments
    leaves = [x for x in tensors(arguments) if x.requires_grad] + list(module.parameters())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run_pytorch(lambda: module(*args, **kwargs), leaves, False)
