"""How a backward pass wants to be called: with or without a cotangent, with which arguments."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

COTANGENT = re.compile(
    r"g|gs|g_?(y|out|z|h|c|o|output)s?|grads?(_.*)?|d_?(y|out|z|h|c|s|p|o|l|a|x|v|loss|top|logits?"
    r"|outputs?|next|h_next|c_next|dy|values?)|d[A-Z]\w*|up(stream)?(_.*)?|delta(_.*)?|cotangents?"
    r"|(top|output|out|incoming)_?(diff|grad|gradient|error)s?|v|ct|seed|errors?|adjoint|dout\w*"
    r"|gradients?(_.*)?|ybar|y_bar|gradoutput"
)
REMEMBERED = re.compile(r".*(cache|ctx|context|saved|memory|tape|state).*")
RATE = re.compile(r"lr|(learning|update|step)_?(rate|size)|rate|eta|step")

OUTPUT = re.compile(r"y|out(put)?s?|result|activations?|activated|[ashp]|sig\w*|probs?|tanh\w*|fx")


class Plan(NamedTuple):
    """What a backward pass gets.

    Attributes:
        cotangents: how many positions the cotangents take; 0 for none.
        inputs: the names of the inputs that follow, in order.
        cached: whether the second result of the forward pass follows the cotangents instead.
        by_output: whether the result of the forward pass follows instead, as in `tanh_grad(y)`.
        last: whether the cotangents come after the inputs.
        rates: how many learning rates follow: 0 for a function; 1 for an object, whose update then
            shows gradients that it does not keep.
    """

    cotangents: int
    inputs: tuple[str, ...]
    cached: bool = False
    by_output: bool = False
    last: bool = False
    rates: int = 0


def parameters_of(function: Callable[..., Any]) -> list[inspect.Parameter] | None:
    """The parameters by position; None if Python cannot tell."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return [p for p in found if p.kind is not p.VAR_KEYWORD and p.kind is not p.KEYWORD_ONLY]


def names_of_inputs(forward: Callable[..., Any], count: int) -> list[str]:
    """The names of the first `count` arguments of a forward pass."""
    names: list[str] = []
    for p in parameters_of(forward) or ():
        if p.kind is p.VAR_POSITIONAL and p.name == "args" and not names and count <= 3:
            names += ["x", "y", "z"][:count]  # a function of NumPy
        elif p.kind is p.VAR_POSITIONAL:
            single = p.name.removesuffix("s") or p.name
            names += [f"{single}{i}" for i in range(count - len(names))]
        else:
            names.append(p.name)
    return [*names, *(f"input {i}" for i in range(len(names), count))][:count]


def plan_of(
    backward: Callable[..., Any],
    names: Sequence[str],
    outputs: int,
    cached: bool,
    of_object: bool = False,
) -> Plan:
    """How to call a backward pass, by its signature.

    Args:
        backward: the function, or the bound method.
        names: of the inputs of the forward pass.
        outputs: how many results the forward pass has.
        cached: whether it returned a cache beside its results.
        of_object: whether it belongs to an object, which keeps its inputs: then the first parameter
            is the cotangent, whatever it is called.
    """
    parameters = parameters_of(backward)
    if parameters is None:
        return Plan(1, tuple(names))
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return _of_any_number(parameters, names)
    takes = [p.name for p in parameters]
    needed = [p.name for p in parameters if p.default is p.empty]
    if not takes:
        return Plan(0, ())
    rates = sum(1 for name in needed[1:] if RATE.fullmatch(name) and name not in names)
    if rates:
        plain = [name for name in needed if name == needed[0] or not RATE.fullmatch(name)]
        return _plan(plain, plain, names, outputs, cached, of_object)._replace(rates=rates)
    return _plan(takes, needed, names, outputs, cached, of_object)


def _plan(
    takes: Sequence[str],
    needed: Sequence[str],
    names: Sequence[str],
    outputs: int,
    cached: bool,
    of_object: bool,
) -> Plan:
    if of_object and len(needed) <= 1:
        return _of_method(takes, needed, names)
    if cached and (
        len(needed) in (2, outputs + 1)
        or (len(needed) < 2 and len(takes) > 1 and REMEMBERED.fullmatch(takes[-1]))
    ):
        return Plan(max(len(needed) - 1, 1), (), cached=True)
    return _by_names(takes, needed, names) or _by_count(takes, needed, names, outputs)


def _of_method(takes: Sequence[str], needed: Sequence[str], names: Sequence[str]) -> Plan:
    """`backward(self, d)`, perhaps with a learning rate or a flag that has a default."""
    first = takes[0]
    is_input = first in names and len(names) > 1 and not COTANGENT.fullmatch(first)
    own = tuple(name for name in takes[0 if is_input else 1 :] if name in names)
    return Plan(0 if is_input else 1, own)


def outputs_of(backward: Callable[..., Any], names: Sequence[str], results: int) -> int:
    """How many of several arrays that a forward pass returned are results; a cache follows them.

    `backward(dA, cache)` says that of two arrays the second is a cache.
    """
    parameters = parameters_of(backward) or []
    needed = [p.name for p in parameters if p.default is p.empty]
    if len(needed) > 1 and REMEMBERED.fullmatch(needed[-1]) and needed[-1] not in names:
        return len(needed) - 1 if len(needed) <= results else results - 1
    return results


def _by_names(takes: Sequence[str], needed: Sequence[str], names: Sequence[str]) -> Plan | None:
    """By the names of inputs among the parameters: what stands before them is the cotangent."""
    own = [name for name in takes if name in names]
    first = next((i for i, name in enumerate(takes) if name in names), None)
    if first == 0:
        rest = [name for name in needed if name not in own]
        if len(rest) == 1 and needed[-1] == rest[0] and COTANGENT.fullmatch(rest[0]):
            return Plan(1, tuple(own), last=True)
        if len(needed) > len(names):
            return Plan(1, tuple(names))
        return Plan(0, tuple(own) if set(needed) <= set(own) else tuple(names))
    if first is not None and set(needed[first:]) <= set(own):
        return Plan(first, tuple(own))
    return None


def takes_output(name: str) -> bool:
    """Whether a parameter of that name stands for the result of the forward pass."""
    return OUTPUT.fullmatch(name) is not None


def _of_any_number(parameters: Sequence[inspect.Parameter], names: Sequence[str]) -> Plan:
    """`backward(*inputs)` has no cotangent, `backward(grad, *rest)` and `backward(*args)` do."""
    first, *_ = parameters
    is_cotangent = first.name in ("args", "a", "arguments") or COTANGENT.fullmatch(first.name)
    return Plan(int(bool(is_cotangent)), tuple(names))


def _by_count(
    takes: Sequence[str], needed: Sequence[str], names: Sequence[str], outputs: int
) -> Plan:
    """By the number of arguments, where names say nothing."""
    n = len(names)
    if outputs > 1 and len(needed) == outputs + n:
        return Plan(outputs, tuple(names))
    if len(needed) == n + 1:
        return Plan(1, tuple(names))
    if COTANGENT.fullmatch(takes[0]):
        if outputs > 1 and len(needed) == outputs:
            return Plan(outputs, ())
        return Plan(1, tuple(names[: max(len(needed) - 1, 0)]))
    if len(needed) == 1 and takes_output(takes[0]):
        return Plan(0, (), by_output=True)
    return Plan(0, tuple(names[: len(takes)]))
