"""Module: what has parameters, buffers and modules of its own, and a forward pass that is ordinary
code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np

from autograd import Tensor
from nn.parameter import Parameter


class Module:
    """The base of every layer and model.

    Assigning a `Parameter` or a `Module` to an attribute registers it. A subclass calls
    `super().__init__()`, assigns its parts, and defines `forward`; calling the module runs it.

    Attributes:
        training: whether layers that behave differently in training, such as dropout, do so.

    Example:
        >>> import nn
        >>> class Double(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.linear = nn.Linear(2, 2)
        ...
        ...     def forward(self, x):
        ...         return 2.0 * self.linear(x)
        >>> [name for name, _ in Double().named_parameters()]
        ['linear.weight', 'linear.bias']
    """

    training: bool
    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Any]
    _modules: dict[str, Module | None]

    def __init__(self) -> None:
        for name, value in (
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("training", True),
        ):
            object.__setattr__(self, name, value)

    # --- registration ---

    def __setattr__(self, name: str, value: Any) -> None:
        if "_parameters" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before assigning {name!r}"
            )
        tables = (self._parameters, self._buffers, self._modules)
        if isinstance(value, Parameter):
            table: dict[str, Any] | None = self._parameters
            if value.name is None:
                value.name = name
        elif isinstance(value, Module):
            table = self._modules
        elif name in self._buffers or (value is None and any(name in t for t in tables)):
            table = next(t for t in tables if name in t)
        else:
            table = None
        for other in tables:
            if other is not table:
                other.pop(name, None)
        if table is None:
            object.__setattr__(self, name, value)
        else:
            self.__dict__.pop(name, None)
            table[name] = value

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_buffers", "_modules"):
            entries = self.__dict__.get(table, {})
            if name in entries:
                return entries[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def register_parameter(self, name: str, parameter: Parameter | None) -> None:
        """Register a parameter under a name, or None for one that this module does without."""
        self._parameters[name] = None
        if parameter is not None:
            setattr(self, name, parameter)

    def register_buffer(self, name: str, data: Any) -> None:
        """Register an array of the state that is not trained, such as running statistics."""
        self._buffers[name] = None if data is None else np.array(data)

    # --- running ---

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The module's computation; a subclass defines it."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run `forward`."""
        return self.forward(*args, **kwargs)

    def train(self, mode: bool = True) -> Self:
        """Switch this module and all in it to training, or with False to evaluation."""
        for module in self.modules():
            object.__setattr__(module, "training", bool(mode))
        return self

    def eval(self) -> Self:
        """Switch this module and all in it to evaluation."""
        return self.train(False)

    # --- what is in it ---

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules that are attributes of this one."""
        return ((name, m) for name, m in self._modules.items() if m is not None)

    def children(self) -> Iterator[Module]:
        """The modules that are attributes of this one, without their names."""
        return (module for _, module in self.named_children())

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all in it, each once, with their paths such as "block.0.linear"."""
        seen: set[int] = set()
        stack: list[tuple[str, Module]] = [(prefix, self)]
        while stack:
            path, module = stack.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            yield path, module
            inner = [(f"{path}.{name}" if path else name, m) for name, m in module.named_children()]
            stack.extend(reversed(inner))

    def modules(self) -> Iterator[Module]:
        """This module and all in it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters, each once, with their paths such as "block.0.weight"."""
        return self._named_entries("_parameters")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Any]]:
        """All buffers, with their paths."""
        return self._named_entries("_buffers")

    def buffers(self) -> Iterator[Any]:
        """All buffers."""
        return (buffer for _, buffer in self.named_buffers())

    def _named_entries(self, table: str) -> Iterator[tuple[str, Any]]:
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, entry in getattr(module, table).items():
                if entry is not None and id(entry) not in seen:
                    seen.add(id(entry))
                    yield (f"{path}.{name}" if path else name), entry

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.zero_grad()

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Freeze all parameters with False, or thaw them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    # --- saving and loading ---

    def state_dict(self) -> dict[str, Any]:
        """The arrays of all parameters and buffers by their paths; PyTorch's keys and layouts.

        Returns:
            a dictionary of arrays, which are copies.
        """
        state = {}
        for path, module in self.named_modules():
            for table in (module._parameters, module._buffers):
                for name, entry in table.items():
                    if entry is not None:
                        data = entry.data if isinstance(entry, Tensor) else entry
                        state[f"{path}.{name}" if path else name] = np.array(data)
        return state

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> None:
        """Take over the arrays of a state dictionary; each is converted to the dtype that is there.

        Args:
            state: arrays by path.
            strict: whether missing and unexpected keys are errors.

        Raises:
            ValueError: keys are missing or unexpected, or shapes differ; all are listed, and
                nothing is loaded.
        """
        places: dict[str, tuple[Module, str, Any]] = {}
        for path, module in self.named_modules():
            for table in (module._parameters, module._buffers):
                for name, entry in table.items():
                    if entry is not None:
                        places[f"{path}.{name}" if path else name] = (module, name, entry)
        problems = []
        if strict:
            problems += [f"missing: {key}" for key in places if key not in state]
            problems += [f"unexpected: {key}" for key in state if key not in places]
        for key, (_, _, entry) in places.items():
            if key in state and np.shape(state[key]) != entry.shape:
                problems.append(
                    f"{key}: shape {np.shape(state[key])} came, {entry.shape} is expected"
                )
        if problems:
            raise ValueError(f"load_state_dict of {type(self).__name__}: {'; '.join(problems)}")
        for key, (module, name, entry) in places.items():
            if key in state:
                array = np.asarray(state[key]).astype(entry.dtype)
                if isinstance(entry, Tensor):
                    entry.data = array
                else:
                    module._buffers[name] = array

    # --- looking at it ---

    def extra_repr(self) -> str:
        """What stands between the brackets of a layer's repr."""
        return ""

    def __repr__(self) -> str:
        lines = [
            f"({name}): {module!r}".replace("\n", "\n  ") for name, module in self.named_children()
        ]
        head = f"{type(self).__name__}({self.extra_repr()}"
        return head + "".join(f"\n  {line}" for line in lines) + ("\n)" if lines else ")")
