"""How the layers of a model are connected: calls, paths between them, and where paths are cut."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple

from autograd import Node, ancestors, data_of, explain
from nn.inspect.findings import Finding, listing
from nn.inspect.graph import AFFINE, LossGraph, is_affine, name
from nn.inspect.layer_findings import INSTANCE_NORMS
from nn.inspect.loop import Loop, Weight, parameters_of
from nn.inspect.loop_findings import common_module
from nn.layers.container import ModuleList, Sequential
from nn.layers.convolution import Conv1d, Conv2d, Conv3d
from nn.layers.linear import Linear
from nn.layers.normalization import GroupNorm, LayerNorm
from nn.layers.running_statistics import BATCH_NORMS
from nn.module.module import Module

WEIGHTED = (Linear, Conv1d, Conv2d, Conv3d)


NORMALIZING = (*BATCH_NORMS, GroupNorm, LayerNorm, *INSTANCE_NORMS)


def normalizes(layers: list[Any]) -> bool:
    """Whether the first layers make a model indifferent to the scale of its inputs.

    That is a normalization, or one right after a linear layer.
    """
    first = [m for m in layers[:2] if not isinstance(m, WEIGHTED)][:1]
    return bool(first) and isinstance(first[0], NORMALIZING)


class LayerCall(NamedTuple):
    """One call of a layer: its path, the module, what it was given and what it returned."""

    path: str
    module: Module
    given: Any
    out: Any


def missing_activations(graph: LossGraph, calls: list[LayerCall]) -> Iterator[Finding]:
    """Linear layers with nothing but affine operations between them, which collapse into one.

    Not reported where the layer between is narrower than both ends: such a bottleneck, as in an
    autoencoder, limits the rank and is meant.
    """
    made = {call.out: call for call in calls if isinstance(call.out, Node)}
    for call in calls:
        if not isinstance(call.module, WEIGHTED) or getattr(call.module, "groups", 1) != 1:
            continue
        before = _layer_before(graph, made, call.given)
        if before is None or getattr(before.module, "groups", 1) != 1:
            continue
        # What another block ends with, such as the output projection of attention, is its own.
        if before.path.rpartition(".")[0] != call.path.rpartition(".")[0]:
            continue
        first, second = before.module.weight.shape, call.module.weight.shape
        width, ends = first[0], (math.prod(first[1:]), second[0])
        if width < min(ends):
            continue
        yield Finding(
            "activation missing",
            call.path,
            {"width": width, "inputs": ends[0], "outputs": ends[1]},
            f"{before.path}: {type(before.module).__name__} and {call.path}: "
            f"{type(call.module).__name__} follow each other without an activation, so together "
            "they are one linear layer, which only draws straight lines",
            "put an activation between them, such as nn.ReLU()",
        )


def _layer_before(graph: LossGraph, made: Mapping[Any, LayerCall], node: Any) -> LayerCall | None:
    """The linear layer whose output alone reaches a node, by affine operations."""
    while isinstance(node, Node) and node in graph.users:
        found = made.get(node)
        if found is not None and isinstance(found.module, WEIGHTED):
            # A second user, such as a shortcut, keeps the two from collapsing.
            return found if len(graph.users[node]) == 1 else None
        if len(graph.users[node]) != 1 or not is_affine(node, AFFINE) or _picks(node):
            return None
        node = next(x for x in node.inputs if x is not None and x.requires_grad)
    return None


def _picks(node: Any) -> bool:
    """Whether a node is a part of its input, as one step of a sequence is."""
    return name(node) == "getitem" and bool(node.shape != node.inputs[0].shape)


def recurrent(calls: list[LayerCall]) -> set[str]:
    """The paths of layers that are given what they returned in an earlier call."""
    by_path: dict[str, list[LayerCall]] = {}
    for call in calls:
        by_path.setdefault(call.path, []).append(call)
    again = [c for c in by_path.values() if len(c) > 1 and isinstance(c[1].given, Node)]
    return {c[0].path for c in again if c[0].out in set(ancestors([c[1].given]))}


class Held(NamedTuple):
    """A tensor that a module holds and that is no parameter.

    Attributes:
        path: the path of the module.
        name: its name in the module.
        tensor: the tensor.
        data: what it held when it was found.
    """

    path: str
    name: str
    tensor: Any
    data: Any


def unregistered(model: Module, prefix: str, graph: LossGraph) -> list[Held]:
    """The tensors in a graph that require gradients and that modules hold as plain attributes."""
    registered = {id(p) for p in model.parameters()}
    leaves = {x for x in graph.leaves() if id(x) not in registered}
    found = []
    for path, module in model.named_modules() if leaves else ():
        for name_, value in vars(module).items():
            for tensor in _entries(value):
                if tensor in leaves:
                    leaves.remove(tensor)
                    found.append(Held(join(prefix, path), name_, tensor, data_of(tensor)))
    return found


def repeated(model: Module, prefix: str) -> Iterator[Finding]:
    """Containers that hold one layer with parameters several times, as `[layer] * 4` makes them."""
    for path, module in model.named_modules():
        if not isinstance(module, (Sequential, ModuleList)):
            continue
        held = [m for m in module if any(True for _ in m.parameters())]
        if len(held) > 1 and all(m is held[0] for m in held):
            yield Finding(
                "one layer several times",
                join(prefix, path),
                {"times": len(held)},
                f"all {len(held)} layers are one {type(held[0]).__name__}, so they share its "
                "parameters",
                "make each layer anew: [nn.Linear(8, 8) for _ in range(4)]",
            )


def _entries(value: Any) -> list[Any]:
    """A tensor, or the tensors of a container."""
    if isinstance(value, Mapping):
        value = list(value.values())
    many = value if isinstance(value, (list, tuple)) else [value]
    return [x for x in many if isinstance(x, Node)]


def not_registered(held: list[Held], optimizers: list[Any]) -> Iterator[Finding]:
    """Those that no optimizer holds and no step changed."""
    owned = {id(p) for o in optimizers for p in parameters_of(o)}
    lost = [h for h in held if id(h.tensor) not in owned and data_of(h.tensor) is h.data]
    if not lost:
        return
    yield Finding(
        "parameters not registered",
        lost[0].path,
        {"tensors": len(lost)},
        f"{listing(f'{join(h.path, h.name)} of shape {h.tensor.shape}' for h in lost)} requires "
        "gradients and is a plain Tensor of its module, so model.parameters() does not list it, "
        "no optimizer trains it, and state_dict() does not save it",
        "assign nn.Parameter(...), in a list nn.ParameterList(...), in __init__",
    )


def join(prefix: str, path: str) -> str:
    """Two parts of a path, either of which may be empty."""
    return f"{prefix}.{path}".strip(".")


def unreached(
    loop: Loop, called: set[str], roots: list[Any], elsewhere: Set[str] = frozenset()
) -> Iterator[Finding]:
    """Parameters that no backward pass reached: their layers are unused, or the path is cut.

    Args:
        loop: the ledger of the model.
        called: the paths of the modules that ran.
        roots: the losses of some passes.
        elsewhere: the paths of modules that run at other times, as those do which depth drops at
            random.
    """
    if not (loop.passes or loop.foreign_passes) or not roots:
        return
    lost = [w for w in loop.trainable if not w.reached]
    lost = [w for w in lost if w.module in called or w.module not in elsewhere]
    idle = [w for w in lost if not _ran(w, called)]
    if idle:
        yield Finding(
            "unused layer",
            common_module(loop, idle),
            {"parameters": len(idle)},
            f"{listing(dict.fromkeys(w.module for w in idle))} did not run in any pass, so "
            f"{len(idle)} parameters have no gradient",
            "call it in forward, or remove it",
        )
    cut = [w for w in lost if _ran(w, called)]
    if not cut:
        return
    reason = explain(cut[0].parameter, roots[-1])
    at = f", at {reason.cut}" if reason.cut is not None and reason.where is not None else ""
    told = reason.reason.partition("; run the program under")[0]
    yield Finding(
        "detached branch",
        common_module(loop, cut),
        {"parameters": len(cut)},
        f"{len(cut)} parameters ran but no gradient reaches them ({listing(w.path for w in cut)}): "
        f"{told}{at}",
        "remove the detach(), no_grad(), .data or NumPy function between the layer and the loss; "
        "ag.explain(parameter, loss) under ag.record_lines() names the line",
    )


def _ran(weight: Weight, called: set[str]) -> bool:
    return weight.module in called


def made_again(before: list[Any], now: list[Any], graph: LossGraph) -> Iterator[Finding]:
    """Parameters of no model that are others in each pass: a layer was made where it is called.

    Args:
        before, now: such parameters of two passes in turn; those of the first are still alive.
        graph: of the second pass.
    """
    new = [x for x in now if not any(x is y for y in before)]
    users = [u for x in new for u in graph.users.get(x, ())]
    # A change of the input, as for an adversarial example, is made outside of the model's call.
    inside = all(u.note is not None and u.note.scope is not None for u in users)
    if not before or not users or len(new) < len(now) or not inside:
        return
    place = graph.place(users[0])
    shapes = listing(str(x.shape) for x in new)
    yield Finding(
        "layer made in each call",
        place,
        {"parameters": len(new)},
        f"{len(new)} parameters that belong to no model, of shapes {shapes}, are new in each pass, "
        "so no step can train them",
        "make layers in __init__ and keep them as attributes",
    )
