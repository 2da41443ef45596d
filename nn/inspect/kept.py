"""A model left as it was: parameters, gradients, buffers, attributes, modes and randomness."""

from __future__ import annotations

import contextlib
import random
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import data_of
from autograd import random as randomness
from nn.module.module import Module
from nn.training.modes import restored_modes

ENGINE = frozenset(vars(Module()))  # attributes that every module has, which are kept elsewhere


class Kept:
    """What a model held when this was made; `restore` brings it back, as often as needed.

    Args:
        model: the model.
        loss: the loss, whose attributes are kept too if it is an object.
    """

    def __init__(self, model: Module, loss: Any = None) -> None:
        self.model = model
        self.parameters = [(p, data_of(p), p.grad, p.requires_grad) for p in model.parameters()]
        self.buffers = [(m, dict(m._buffers)) for m in model.modules()]
        self.attributes = [_attributes(m) for m in model.modules()]
        if hasattr(loss, "__dict__") and not isinstance(loss, type):
            self.attributes.append(_attributes(loss))
        held = [value for _, values in self.attributes for value in values.values()]
        self.states = [undo for value in held if (undo := _state_of(value)) is not None]
        for module in model.modules():
            held += _named_by(type(module).forward)
        generators = [x for x in held if isinstance(x, np.random.Generator)]
        generators.append(randomness.generator())
        self.generators = [(g.bit_generator, g.bit_generator.state) for g in generators]
        self.legacy = np.random.get_state(), random.getstate()  # noqa: NPY002

    def restore(self) -> None:
        """Bring everything back."""
        for p, data, grad, requires_grad in self.parameters:
            p.requires_grad = requires_grad
            p.data = data
            p.grad = grad
        for module, buffers in self.buffers:
            for name, value in buffers.items():
                setattr(module, name, value)
        for holder, values in self.attributes:
            now = vars(holder)
            for name in [n for n in now if n not in values and n not in ENGINE]:
                del now[name]
            now.update(values)
        for undo in self.states:
            undo()
        self.rewind()

    def rewind(self) -> None:
        """Bring only randomness back, so that dropout draws the same masks again.

        That is all of `ag.random`, `numpy.random` and `random`, and the generators that modules
        hold as attributes or that their `forward` names.
        """
        for generator, state in self.generators:
            generator.state = state
        np.random.set_state(self.legacy[0])  # noqa: NPY002
        random.setstate(self.legacy[1])


def _attributes(holder: Any) -> tuple[Any, dict[str, Any]]:
    return holder, {name: x for name, x in vars(holder).items() if name not in ENGINE}


def _named_by(function: Any) -> list[Any]:
    """What a function names in its closure and among the globals."""
    code = getattr(function, "__code__", None)
    if code is None:
        return []
    cells = [cell.cell_contents for cell in function.__closure__ or () if _is_filled(cell)]
    return cells + [function.__globals__[n] for n in code.co_names if n in function.__globals__]


def _is_filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not cell
    except ValueError:  # a variable without a value yet
        return False


def _state_of(value: Any) -> Callable[[], Any] | None:
    """A function that brings the contents of an array or a container back."""
    if isinstance(value, np.ndarray) and value.flags.writeable:
        array = value.copy()
        return lambda: np.copyto(value, array)
    if isinstance(value, (dict, set)):
        entries = value.copy()
        return lambda: (value.clear(), value.update(entries))
    if isinstance(value, (list, deque)):
        items = list(value)
        return lambda: (value.clear(), value.extend(items))
    return None


@contextlib.contextmanager
def kept(model: Any, loss: Any = None) -> Iterator[Kept]:
    """On leaving, also by an error, the model is as it was.

    Example:
        >>> import nn
        >>> from nn.inspect.kept import kept
        >>> layer = nn.Linear(1, 1)
        >>> before = layer.weight.tolist()
        >>> with kept(layer):
        ...     _ = nn.init.zeros_(layer.weight)
        >>> layer.weight.tolist() == before
        True
    """
    state = Kept(model, loss)
    with restored_modes(model):
        try:
            yield state
        finally:
            state.restore()
