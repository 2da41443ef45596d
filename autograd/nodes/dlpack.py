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
PROCESSOR = (1, 0)  # a kind of device and its number


def capsule(tensor: Any, stream: Any, max_version: Any, dl_device: Any, copy: Any) -> Any:
    """A copy of a Tensor's numbers as a capsule; with copy=False, the Tensor's own memory.

    PyTorch 2.13 asks for a version with read-only memory and then writes to it, so a Tensor could
    change. Only who asks for no copy gets none: after `torch.from_dlpack(t, copy=False)`, writing
    to PyTorch's tensor changes `t`.

    Raises:
        GraphError: the Tensor requires a gradient, which the other library would drop.
        BufferError: the reader allows no copy and knows no read-only memory, or wants another
            device.
        TypeError: an argument is not what the protocol says.
    """
    check_request(stream, max_version, dl_device, copy)
    if tensor.requires_grad and is_recording():
        got = "a Tensor that requires a gradient, which another library would drop"
        raise GraphError(message("__dlpack__", got, hint="pass tensor.detach()"))
    data = tensor._data
    if copy is False:
        if max_version is not None and max_version >= READ_ONLY:
            try:
                return data.__dlpack__(max_version=max_version)
            except TypeError:  # NumPy 2.0 knows no versions
                pass
        got = "copy=False from a reader that knows no read-only memory"
        raise BufferError(message("__dlpack__", got, "copy=None, which allows a copy"))
    copied = data.copy()
    if max_version is not None and max_version >= READ_ONLY:
        try:
            return copied.__dlpack__(max_version=max_version)  # which says that it may be written
        except TypeError:
            pass
    return copied.__dlpack__()


def check_request(stream: Any, max_version: Any, dl_device: Any, copy: Any) -> None:
    """Raise if a reader asks for what the protocol does not have, or for another device."""
    if stream is not None:
        hint = "the processor's memory has no streams"
        raise BufferError(message("__dlpack__", f"stream={described(stream)}", "None", hint))
    if dl_device is not None and not _are_ints(dl_device):
        raise TypeError(message("__dlpack__", f"dl_device={described(dl_device)}", "two ints"))
    if dl_device is not None and tuple(dl_device) != PROCESSOR:
        got, expected = f"dl_device={tuple(dl_device)}", f"{PROCESSOR}, the processor"
        raise BufferError(message("__dlpack__", got, expected, "move a copy there afterwards"))
    if max_version is not None and not _are_ints(max_version):
        got = f"max_version={described(max_version)}"
        raise TypeError(message("__dlpack__", got, "two ints, such as (1, 0)"))
    if not (copy is None or isinstance(copy, bool)):
        raise TypeError(message("__dlpack__", f"copy={described(copy)}", "True, False or None"))


def _are_ints(x: Any) -> bool:
    return isinstance(x, tuple) and len(x) == 2 and all(isinstance(n, int) for n in x)


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
        hint = advice(reason)
        raise DTypeError(message("from_dlpack", f"{kind(x)} ({reason})", hint=hint)) from error
    return ARRAYS.node(array)


def advice(reason: str) -> str:
    """What to do about an array that cannot be read, by what its library says."""
    text = reason.lower()
    if "grad" in text:
        return "pass x.detach()"
    if "conj" in text:
        return "pass x.resolve_conj()"
    if "type" in text or "bfloat16" in text:
        return "convert it to a dtype of NumPy's, such as float32"
    return "move it to the processor's memory and convert it to a dtype of NumPy's"
