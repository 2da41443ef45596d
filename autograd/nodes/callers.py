"""What the statement that reads a Tensor does with it: PyTorch's idioms that no method can see.

They look at the instruction which the caller runs. Where it is another than expected, also in other
versions of Python, nothing happens: the program goes on as if they had not looked.
"""

from __future__ import annotations

import sys
from opcode import opmap

UNPACK = opmap["UNPACK_SEQUENCE"]


def unpacked_into() -> int | None:
    """How many names the statement unpacks into that iterates, as in `_, p = t`; or None."""
    frame = sys._getframe(2)
    code, at = frame.f_code.co_code, frame.f_lasti
    return code[at + 1] if code[at] == UNPACK else None
