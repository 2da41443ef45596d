"""Tensors whose arrays are on a device: `ag.from_cupy`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from autograd.backends.cupy import DeviceArrays
from autograd.backends.numpy import check_differentiable
from autograd.engine.graph import constant
from autograd.errors import DTypeError, check_flags, kind, message
from autograd.nodes.operators import install_operators
from autograd.nodes.tensor import Tensor


class DeviceTensor(Tensor):
    """A Tensor whose array is on a device; `from_cupy` makes one."""

    __slots__ = ()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        got = "a Tensor on a device, which NumPy cannot read"
        raise DTypeError(message("np.array", got, hint="write tensor.data.get() for a copy"))

    def __dlpack__(self, **options: Any) -> Any:
        return self._data.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._data.__dlpack_device__()  # type: ignore[no-any-return]

    def _replace(self, data: Any) -> None:
        self._data = data  # no array of a device is read-only

    def __repr__(self) -> str:
        return f"Tensor(shape={self.shape}, dtype={self.dtype}, on {type(self._data).__module__})"


@cache
def tensors_of(array: Any, asarray: Callable[..., Any], special: Any) -> type[DeviceTensor]:
    """The class of Tensors with arrays of a type, such as `cupy.ndarray`, and its backend."""
    backend = DeviceArrays(array, asarray, special)
    made = type("Tensor", (DeviceTensor,), {"__slots__": (), "_backend": backend})
    backend.node = made
    install_operators(made)
    return made


def leaf(array: Any, requires_grad: bool, asarray: Callable[..., Any], special: Any) -> Any:
    """A Tensor on the device of an array, which is copied."""
    of_array: Any = type(array)
    kind_of = tensors_of(of_array, asarray, special)
    node = constant(kind_of._backend, array.copy(), None)
    if requires_grad:
        check_differentiable(array, "from_cupy")
        node.requires_grad = True
    return node


def from_cupy(x: Any, requires_grad: bool = False) -> Any:
    """A Tensor whose numbers stay on the GPU.

    Operations, functions of `ag` and backward passes run there, by CuPy's kernels; `.data` and
    `.grad` are CuPy's arrays. This has not been run on a GPU: it is written against CuPy's
    documentation, and tested with arrays of another type that refuses what CuPy refuses.

    Args:
        x: an array of CuPy's; copied.
        requires_grad: whether `backward()` computes a gradient for it.

    Raises:
        DTypeError: `x` is no array of CuPy's, or not of floats with requires_grad=True.

    Example:
        >>> import cupy  # doctest: +SKIP
        >>> w = from_cupy(cupy.ones(3), requires_grad=True)  # doctest: +SKIP
        >>> (w * w).sum().backward()  # doctest: +SKIP
        >>> w.grad  # doctest: +SKIP
        array([2., 2., 2.])
    """
    check_flags("from_cupy", requires_grad=requires_grad)
    if type(x).__module__.partition(".")[0] != "cupy":
        hint = (
            "ag.Tensor(x) takes arrays of NumPy's, and ag.from_dlpack(x) those of other libraries"
        )
        raise DTypeError(message("from_cupy", kind(x), "an array of CuPy's", hint))
    import cupy
    from cupyx.scipy import special

    return leaf(x, bool(requires_grad), cupy.asarray, special)
