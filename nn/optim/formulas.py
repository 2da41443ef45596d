"""What the formulas of several optimizers share."""

from __future__ import annotations

from typing import Any

import numpy as np

DOUBLE = np.dtype(float)
ZERO = np.array(0.0)


def apply_update(data: Any, change: Any, g: Any, state: dict[str, Any]) -> Any:
    """data - change, read-only, in the memory of `change` unless the caller or the state keeps it.

    A new array for a large parameter costs more than the subtraction, because the system has to
    clear its pages.
    """
    own = (
        type(change) is np.ndarray
        and change is not g
        and change.base is None
        and change.dtype is data.dtype
        and change.shape == data.shape
    )
    for name in state:
        own = own and state[name] is not change
    if own:
        new = np.subtract(data, change, change)
    else:
        new = data - change
        if not isinstance(data, np.ndarray):  # on a device, where nothing is read-only
            return new.astype(data.dtype, copy=False)
        new = np.asanyarray(new).astype(data.dtype, copy=False)
        if not data.ndim:  # NumPy's results without axes are scalars
            state.update({name: np.asanyarray(x) for name, x in state.items()})
    new.setflags(False)
    return new


def ema(old: Any, new: Any, decay: float) -> Any:
    """One step of an exponential moving average that starts from zero.

    decay · old + (1 - decay) · new; old = None stands for zero.

    Example:
        >>> from nn.optim.formulas import ema
        >>> ema(None, 1.0, 0.75), ema(2.0, 1.0, 0.75)
        (0.25, 1.75)
    """
    fresh = (1.0 - decay) * new
    return fresh if old is None else decay * old + fresh


def count_step(state: dict[str, Any]) -> Any:
    """Add one to the step count, a 0-d array in the state; returns the new count.

    Example:
        >>> from nn.optim.formulas import count_step
        >>> state = {"step": np.array(6.0)}
        >>> count_step(state), state
        (7.0, {'step': array(7.)})
    """
    before = state.get("step", ZERO)
    if type(before) is np.ndarray:
        # The expression below in a third of the time, because NumPy is slow with single numbers.
        steps = before.item() + 1.0
        state["step"] = np.array(steps)
        return steps
    steps = before + 1.0  # stays an array that is traced
    state["step"] = np.asanyarray(steps)
    return steps


def factor_for(array: Any, number: Any) -> Any:
    """A number computed in double precision, as a factor that leaves the array's dtype as it is.

    Unlike a Python float, a float64 scalar would turn a float32 array into float64.

    Example:
        >>> from nn.optim.formulas import factor_for
        >>> (factor_for(np.ones(2, np.float32), np.float64(0.1)) * np.ones(2, np.float32)).dtype
        dtype('float32')
    """
    if array.dtype is DOUBLE:
        return number
    if not isinstance(array, np.ndarray):  # on a device, where NumPy's scalars are no arrays
        return array.dtype.type(number)
    return np.asanyarray(number).astype(array.dtype, copy=False)
