"""The numbers of a problem, by which a mistaken factor is named: 2, 1/N, 1 - p, √d."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd.testing.examine.flow import Flow


class Number(NamedTuple):
    """A number with what it is called.

    Attributes:
        name: its name.
        value: a positive number.
        is_constant: whether it is known only by its value, as the 3 of x³.
    """

    name: str
    value: float
    is_constant: bool = False


CONSTANT = "the constant"


def base_numbers(
    values: Mapping[str, Any],
    outputs: Sequence[Any],
    flow: Flow | None,
    facts: Mapping[str, float],
    lengths: bool = True,
) -> list[Number]:
    """The lengths of axes, sizes of arrays and constants of a problem, each once.

    Args:
        values: the variables by name.
        outputs: the results.
        flow: the backward pass, whose nodes hold constants.
        facts: numbers with a name, such as attributes of an object.
        lengths: whether to look at the lengths of the axes of nodes, too.
    """
    found: dict[float, str] = {}

    def note(name: str, value: float) -> None:
        value = abs(float(value))
        if math.isfinite(value) and value not in (0.0, 1.0):
            found.setdefault(value, name)

    for name, value in facts.items():
        note(name, value)
    arrays = [*values.items(), *(("the result", y) for y in outputs)]
    for name, x in arrays:
        if np.ndim(x) == 0 and np.asarray(x).dtype.kind in "fiu":
            note(name, x)
        elif np.ndim(x):
            note(f"N, the rows of {name}", len(x))
    for name, value in _of_means(flow) if flow is not None else ():
        note(name, value)
    for name, x in arrays:
        for axis, length in enumerate(np.shape(x)):
            note(f"the length of axis {axis} of {name}", length)
    for name, x in arrays:
        note(f"the number of entries of {name}", np.size(x))
    for name, value in _of_nodes(flow, lengths) if flow is not None else ():
        note(name, value)
    return [Number(name, value, name.startswith(CONSTANT)) for value, name in found.items()]


def _of_means(flow: Flow) -> Iterator[tuple[str, float]]:
    """How many entries a mean takes together, as the window of a pooling layer."""
    for node in flow.nodes:
        if node.op is not None and node.op.name == "mean" and np.size(node._data):
            count = np.size(node.saved[0]) / np.size(node._data)
            yield f"the {count:g} entries that mean takes together", count


def _of_nodes(flow: Flow, lengths: bool) -> Iterator[tuple[str, float]]:
    for node in flow.nodes:
        if node.op is None:
            continue
        for x, datum in zip(node.inputs, node.saved, strict=True):
            if x is None and np.ndim(datum) == 0 and np.asarray(datum).dtype.kind in "fiu":
                yield f"{CONSTANT} {float(datum):g}", float(datum)
        if not lengths:
            continue
        for length in np.shape(node._data):
            yield f"the length {length} of an axis", length
        for x in node.inputs:
            if x is not None and np.size(x._data) > np.size(node._data) > 0:
                ratio = np.size(x._data) / np.size(node._data)
                yield f"the {ratio:g} entries that {node.op.name} takes together", ratio


def _called(name: str, before: str = "", after: str = "") -> str:
    """A name in a formula: "1/T", but "1/(the constant 3)"."""
    short = name.split(",")[0]
    return f"{before}{short}{after}" if " " not in short else f"{before}({short}){after}"


def _inverses(n: Number) -> Iterator[Number]:
    yield n
    yield Number(_called(n.name, "1/"), 1.0 / n.value)


def _rests(n: Number) -> Iterator[Number]:
    """What is made of a probability."""
    p, rest = _called(n.name), 1.0 - n.value
    if 0.0 < n.value < 1.0:
        yield Number(f"1 - {p}", rest)
        yield Number(f"1/(1 - {p})", 1.0 / rest)
        yield Number(f"(1 - {p})/{p}", rest / n.value)
        yield Number(f"{p}/(1 - {p})", n.value / rest)
        yield Number(f"(1 - {p})²", rest**2)
        yield Number(f"1/(1 - {p})²", 1.0 / rest**2)
    elif n.value > 1.0 and n.value == int(n.value) and not n.is_constant:
        yield Number(f"{p}/({p} - 1)", n.value / (n.value - 1.0))
        yield Number(f"({p} - 1)/{p}", (n.value - 1.0) / n.value)


def _roots(n: Number) -> Iterator[Number]:
    yield Number(_called(n.name, "√"), math.sqrt(n.value))
    yield Number(_called(n.name, "1/√"), 1.0 / math.sqrt(n.value))


def _doubles(n: Number) -> Iterator[Number]:
    for number in (*_inverses(n), *_roots(n)):
        yield Number(f"2 · {number.name}", 2.0 * number.value)
        yield Number(f"½ · {number.name}", 0.5 * number.value)


def _squares(n: Number) -> Iterator[Number]:
    yield Number(_called(n.name, after="²"), n.value**2)
    yield Number(_called(n.name, "1/", "²"), 1.0 / n.value**2)


PLAIN = (Number("2", 2.0), Number("½", 0.5))
# Numbers that formulas contain; tried after those of the problem.
FAMOUS = (
    *(Number("3", 3.0), Number("⅓", 1.0 / 3.0), Number("4", 4.0), Number("¼", 0.25)),
    *(Number("ln 2", math.log(2.0)), Number("1/ln 2", 1.0 / math.log(2.0))),
    *(Number("π", math.pi), Number("1/π", 1.0 / math.pi), Number("√2", math.sqrt(2.0))),
    *(Number("√(2/π)", math.sqrt(2.0 / math.pi)), Number("√(π/2)", math.sqrt(math.pi / 2.0))),
    *(Number("1/√(2π)", 1.0 / math.sqrt(2.0 * math.pi)), Number("1/√2", math.sqrt(0.5))),
    *(Number("2/√π", 2.0 / math.sqrt(math.pi)), Number("√π/2", math.sqrt(math.pi) / 2.0)),
)


def name_of(factor: float, numbers: Sequence[Number]) -> str:
    """What a positive factor is called, "" if it is none of the problem's numbers."""
    named = [number for number in numbers if not number.is_constant]
    constants = [number for number in numbers if number.is_constant]
    own = [
        form
        for group in (named, constants)
        for make in (_inverses, _rests, _roots)
        for number in group
        for form in make(number)
    ]
    own += [form for number in numbers for form in _doubles(number)]
    squares = [form for number in numbers for form in _squares(number)]
    quotients = [
        Number(f"{_called(a.name)} / {_called(b.name)}", a.value / b.value)
        for a, b in itertools.permutations(numbers, 2)
    ]
    for candidate in (*PLAIN, *own, *FAMOUS, *squares, *quotients):
        if abs(candidate.value - factor) <= 1e-7 * factor:
            return candidate.name
    return ""
