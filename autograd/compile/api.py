"""`ag.compile` and `ag.source`. The compiler is imported when one of them is first called: it takes
30 ms, a quarter of what the engine takes to start."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from autograd.errors import check_flags, described, kind, message
from autograd.visualize.recompute import Programs

BACKENDS = ("auto", "numpy", "native")


def compile(
    f: Callable[..., Any] | None = None,
    *,
    backend: str = "auto",
    threads: int | None = None,
    keep_gradients: bool = True,
) -> Any:
    """A function that runs as one program once it has been seen at work.

    The first two calls are traced and compared, and from the third on the program runs, as long as
    its guards hold. A call for which they do not hold runs eagerly. If the first call does what no
    later one does, as when an optimizer creates its state, the second is rehearsed: it runs again
    up to three times, and each time everything that it changes is put back.

    Args:
        f: a training step, or any function of arrays, Tensors and Values.
        backend: "native" for machine code, which LLVM makes for this processor; "numpy" for NumPy
            calls, which give the bits of the eager run; "auto" for machine code where llvmlite is
            installed. For arrays, machine code rounds otherwise: it is within 4 ulp of the true
            value in each elementary function, and adds in another order. For Values it gives the
            bits of the eager run.
        threads: how many threads the back end may use; both leave that to NumPy's BLAS.
        keep_gradients: whether parameters have their `.grad` after a step. If not, a gradient that
            the step clears, computes and uses up in an update of the same parameter is None
            afterwards, and the update may go into the product that makes it. Gradients that add up
            over several calls, or that an optimizer outside of the step reads, are kept.

    Raises:
        ValueError: there is no such back end, or the number of threads is not positive.
        TypeError: `f` is not a function, or `keep_gradients` is not a bool (a DTypeError).
        ModuleNotFoundError: `backend` is "native", and llvmlite is missing or does not fit.

    Example:
        >>> import numpy as np
        >>> w = ag.Tensor(np.ones(2), requires_grad=True)
        >>> @compile
        ... def step(w, x):
        ...     w.zero_grad()
        ...     loss = ((w * x) ** 2).sum()
        ...     loss.backward()
        ...     return loss
        >>> [step(w, np.array([k, 1.0])).item() for k in (1.0, 2.0, 3.0, 4.0, 5.0)]
        [2.0, 5.0, 10.0, 17.0, 26.0]
        >>> w.grad
        array([50.,  2.])
        >>> print(step.report().splitlines()[0])
        step: 5 calls, 2 of them eager, 2 of those traced
    """
    if not isinstance(backend, str) or backend not in BACKENDS:
        got = f"backend={described(backend)}"
        raise ValueError(message("compile", got, "'auto', 'numpy' or 'native'"))
    if threads is not None and (type(threads) is not int or threads < 1):
        raise ValueError(message("compile", f"threads={threads!r}", "a positive int or None"))
    check_flags("compile", keep_gradients=keep_gradients)
    if f is not None and not callable(f):
        raise TypeError(message("compile", kind(f), "a function"))
    if backend == "native":
        from autograd.compile.native.llvm import missing

        if missing():
            raise ModuleNotFoundError(missing())
    if f is None:
        return functools.partial(
            compile, backend=backend, threads=threads, keep_gradients=keep_gradients
        )
    from autograd.compile.step import Step

    return Step(f, keep_gradients, backend)


def source(f: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """NumPy source of a function of arrays and of its gradient, or of a whole training step.

    The function runs once or twice, and everything that it changes is put back.

    Args:
        f: the function. What it returns is differentiated if that is one number, with respect to
            arrays of floats among `args` and to the parameters that the function uses; a step that
            calls `backward()` itself is printed as it is.
        args, kwargs: arguments to run it on.

    Raises:
        UnsupportedError: the function cannot be written down, for the reason that is given.

    Example:
        >>> import numpy as np
        >>> print(source(lambda x: (x * x).sum(), np.ones(3)))  # doctest: +SKIP
    """
    from autograd.compile.printing.function import source_of

    if not callable(f):
        raise TypeError(message("source", f"{kind(f)} as f", "a function"))
    return source_of(f, args, kwargs)


def program(f: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What a function does to arrays, as data: the list of instructions that `source` prints.

    The function runs once or twice, and everything that it changes is put back. This is what an
    exporter to another format reads.

    Args:
        f: the function; it may call `backward()`, and assign to parameters.
        args, kwargs: arguments to run it on.

    Returns:
        a `Written`: its `program` has inputs, instructions and outputs; `values` are the arrays
        that the inputs had in this call, `places` where they are found, `roles` what each output
        is and `targets` what it belongs to, and `looked` what Python saw of values on the way.

    Raises:
        TypeError: `f` is no function.
        UnsupportedError: the function cannot be written down, for the reason that is given.

    Example:
        >>> import numpy as np
        >>> written = program(lambda x: np.exp(x) * 2.0, np.ones(3))
        >>> [i.operation.name for i in written.program.instructions]
        ['exp', 'multiply']
        >>> written.places, written.roles
        (['args[0]'], [('result', '')])
    """
    if not callable(f):
        raise TypeError(message("program", kind(f), "a function"))
    from autograd.compile.written import written

    return written(f, args, kwargs)


def _in_json(function: Callable[..., Any], arrays: list[Any]) -> dict[str, Any]:
    """A program for a page's interpreter."""
    from autograd.compile.printing.in_json import in_json

    return in_json(function, arrays)


Programs.write = staticmethod(_in_json)
