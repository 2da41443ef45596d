"""Comparing instructions, and two recordings of a step."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compile.program import Program

# By the way in which Python looks at a value: what is said where two calls differ in it.
LOOKS = {
    "number": "a number is formatted, used as an index or key, or given to other code, and",
    "text": "an f-string, format, str or repr shows an array of the step, which",
    "values": "other code, such as np.float32(x), reads an array of the step, which",
    "shape": "the shape of a result depends on values, and",
    "dtype": "the dtype of a result depends on values, and",
}


def key_of(x: Any) -> Any:
    """A part of an instruction, to be compared; the type counts, and -0 is not 0."""
    kind = type(x)
    if kind is tuple or kind is list:
        return (kind, tuple(map(key_of, x)))
    if kind is dict:
        return (kind, tuple((k, key_of(v)) for k, v in x.items()))
    if kind is slice:
        return (kind, key_of((x.start, x.stop, x.step)))
    if kind is float:
        return (kind, x.hex())
    if isinstance(x, np.generic):
        return (kind, x.dtype.str, x.tobytes())
    try:
        hash(x)
    except TypeError:
        return (kind, id(x))
    return (kind, x)


def looks_differ(a: Program, b: Program) -> str:
    """Which value that Python looked at was another one in a second recording; or ""."""
    for c, d in zip(a.checks, b.checks, strict=False):
        if (c.how, c.line) == (d.how, d.line) and key_of(c.value) != key_of(d.value):
            what = LOOKS.get(c.how, f"{c.how}() of an array gives a value that")
            return f"{what} differs from call to call: {d.line}"
    return ""


def matches(a: Program, b: Program) -> str:
    """Why two recordings of a step are not the same program; "" if they are.

    A constant that differs was computed where the trace does not see it.
    """
    if len(a.inputs) != len(b.inputs) or len(a.outputs) != len(b.outputs):
        return "two calls differ in what they read or change"
    if looked := looks_differ(a, b):
        return looked
    pairs = dict(zip(b.inputs, a.inputs, strict=True))
    for i, j in zip(a.instructions, b.instructions, strict=False):
        for u, v in zip(i.inputs(), j.inputs(), strict=False):
            if u.kind == v.kind == "constant":
                alike = (u.shape, u.dtype) == (v.shape, v.dtype)
                if not alike or u.value.tobytes() != v.value.tobytes():
                    return f"an array differs from call to call: {i.operation} at {j.line}"
                pairs[v] = u
        moved = j.replaced(lambda v: pairs.get(v, v))
        if i.operation is not j.operation or i.result.shape != j.result.shape:
            return f"two calls do different things: {i.operation}, {j.operation} at {j.line}"
        if key_of((i.args, i.kwargs)) != key_of((moved.args, moved.kwargs)):
            return f"a value differs from call to call: {i.operation} at {j.line}"
        pairs[j.result] = i.result
    if len(a.instructions) != len(b.instructions):
        return "one call does more than another"
    if any(
        c.how != d.how or key_of(c.value) != key_of(d.value)
        for c, d in zip(a.checks, b.checks, strict=False)
    ):
        return "two calls look at different values"
    if [pairs.get(v, v) for v in b.outputs] != a.outputs:
        return "two calls differ in what they return or keep"
    return "" if len(a.checks) == len(b.checks) else "two calls look at different values"
