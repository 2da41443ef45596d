"""How the calling statement uses a node, where no method can see it.

Five idioms need that: `w.data -= lr * g`, which reads an array in order to write to it;
`_, p = t.max(1)`, which has to be distinguished from `a, b = t`; `"%.2f" % loss`, which calls
`__float__` as `float(loss)` does; and `array[0] = t[0]`, where NumPy replaces the error of
`__float__` by one that does not mention gradients; and `scipy.special.softmax(t)`, which is written
in Python and asks for an array. The functions look at the instruction that the
caller runs. If they do not recognize it, as may happen in another version of Python, they do
nothing, and the program behaves as if they did not exist.
"""

from __future__ import annotations

import opcode
import sys
from types import FrameType
from typing import Any

from autograd.names import SCIPY

UNPACK = opcode.opmap.get("UNPACK_SEQUENCE")
EXTENDED = opcode.opmap.get("EXTENDED_ARG")
COPY = opcode.opmap.get("COPY")
OPERATOR = opcode.opmap.get("BINARY_OP")
ASSIGN = {opcode.opmap.get(name) for name in ("STORE_SUBSCR", "STORE_SLICE")}
# What NumPy says where it keeps no cause: `array.flat[0] = t[0]`.
BARE = "Error setting single item of array."
PERCENT = {i for i, (_, sign) in enumerate(getattr(opcode, "_nb_ops", ())) if sign in ("%", "%=")}


def _instruction(frame: FrameType) -> tuple[int, int]:
    """The instruction that a frame runs, and its argument; -1 for a long argument."""
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at], -1 if at >= 2 and code[at - 2] == EXTENDED else code[at + 1]


def updated(frame: FrameType) -> bool:
    """Whether the frame reads an attribute that it assigns next, as in `w.data -= g`.

    Only such a statement keeps the object on the stack when it reads the attribute.
    """
    code, at = frame.f_code.co_code, frame.f_lasti - 2
    if code[at] == EXTENDED:
        at -= 2
    return code[at] == COPY


def unpacked_into() -> int | None:
    """How many names the iterating statement unpacks into, such as 2 for `_, p = t`; or None.

    Call it from the method that the statement calls.
    """
    name, argument = _instruction(sys._getframe(2))
    return argument if name == UNPACK and argument >= 0 else None


def formatted(frame: FrameType) -> bool:
    """Whether the frame formats by `%`, the only operator that asks its operand for a number."""
    name, argument = _instruction(frame)
    return name == OPERATOR and argument in PERCENT


def assigned(frame: FrameType) -> bool:
    """Whether the frame assigns to an entry, as in `array[0] = t`."""
    return _instruction(frame)[0] in ASSIGN


def raise_in(frame: FrameType, error: Exception) -> None:
    """Raise an error; if C code replaces it on its way to the frame, let the new one say the same.

    NumPy turns any error of an element's `__float__` into "setting an array element with a
    sequence", and keeps the error as its cause, or into one without. A trace function is the only
    one to see the new error before the program does. It removes itself when it is called.
    """
    if sys.gettrace() is not None:  # a debugger's, or that of a tool that measures coverage
        raise error

    identity, args = id(error), error.args

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        sys.settrace(None)
        frame.f_trace = None
        if event != "exception":
            return
        found = argument[1]
        bare = found.__cause__ is None and str(found) == BARE
        if bare or id(found.__cause__) == identity:
            found.args = args

    frame.f_trace = trace
    sys.settrace(lambda *_: None)
    try:
        raise error
    finally:
        del error, frame  # else the error would refer to itself, through its traceback


def scipy_caller(frame: FrameType | None) -> str | None:
    """The function of SciPy's that asks for an array and has another form here, such as "softmax".

    Its other functions are ufuncs, which say what they are called with.
    """
    found = None
    while frame is not None and frame.f_globals.get("__name__", "").startswith("scipy."):
        found = frame.f_code.co_name if frame.f_code.co_name in SCIPY else found
        frame = frame.f_back
    return found
