"""DLPack: arrays in memory that two libraries share, for those who have no NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.backends.numpy import ARRAYS
from autograd.engine.graph import Node
from autograd.engine.recording import is_recording
from autograd.errors import DTypeError, GraphError, described, kind, message

# From this version on, a capsule can say that its memory must not be written to.
READ_ONLY = (1, 0)


def capsule(tensor: Any, max_version: tuple[int, int] | None, copy: bool | None) -> Any:
    """A copy of a Tensor's numbers as a capsule; with copy=False, the Tensor's own memory.

    PyTorch 2.13 asks for a version with read-only memory and then writes to it, so a Tensor could
    change. Only who asks for no copy gets none.

    Raises:
        GraphError: the Tensor requires a gradient, which the other library would drop.
        BufferError: the reader allows no copy and knows no read-only memory.
    """
    if tensor.requires_grad and is_recording():
        got = "a Tensor that requires a gradient, which another library would drop"
        raise GraphError(message("__dlpack__", got, hint="pass tensor.detach()"))
    data = tensor._data
    if not isinstance(data, np.ndarray):
        data = np.asarray(data)
    if copy is False:
        if max_version is not None and tuple(max_version) >= READ_ONLY:
            try:
                return data.__dlpack__(max_version=max_version)
            except TypeError:  # NumPy 2.0 knows no versions
                pass
        got = "copy=False from a reader that knows no read-only memory"
        raise BufferError(message("__dlpack__", got, "copy=None, which allows a copy"))
    return data.copy().__dlpack__()


def from_dlpack(x: Any) -> Any:
    """A Tensor with the numbers of an array of another library, which supports DLPack.

    They are copied, because a Tensor does not change, and the other library may write to its
    memory.

    Args:
        x: an array or tensor in the memory of the processor, such as one of PyTorch, JAX or CuPy.

    Raises:
        DTypeError: `x` does not support DLPack, is on another device, or has a dtype that NumPy
            lacks, such as bfloat16.
        GraphError: `x` is one of our own nodes, which has no need of it.

    Example:
        >>> import numpy as np
        >>> from_dlpack(np.arange(3.0))
        Tensor([0., 1., 2.])
    """
    if isinstance(x, Node):
        hint = "it is a node already; detach() cuts it off from its graph"
        raise GraphError(message("from_dlpack", kind(x), "an array of another library", hint))
    if not (hasattr(x, "__dlpack__") and hasattr(x, "__dlpack_device__")) or isinstance(x, type):
        got, hint = described(x), "ag.Tensor(x) takes lists and whatever NumPy can read"
        raise DTypeError(message("from_dlpack", got, "an array that supports DLPack", hint))
    try:
        array = np.from_dlpack(x)
    except Exception as error:  # of the other library, or NumPy's
        reason = " ".join(str(error).split()) or type(error).__name__
        hint = "move it to the processor's memory and convert it to a dtype of NumPy's"
        raise DTypeError(message("from_dlpack", f"{kind(x)} ({reason})", hint=hint)) from error
    return ARRAYS.node(array)
