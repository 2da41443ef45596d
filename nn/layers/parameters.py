"""Containers of parameters: a list and a dictionary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from autograd import Tensor
from autograd.errors import kind, message
from nn.layers.container import entry_at
from nn.module.module import Module
from nn.module.parameter import Parameter


class ParameterList(Module):
    """A list of registered parameters; Tensors and arrays become parameters.

    Args:
        values: the parameters.

    Example:
        >>> import nn
        >>> weights = nn.ParameterList([[1.0, 2.0], nn.Parameter([3.0])])
        >>> [name for name, _ in weights.named_parameters()]
        ['0', '1']
    """

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.extend(() if values is None else values)

    def append(self, value: Any) -> ParameterList:
        """Add a parameter at the end."""
        self.register_parameter(str(len(self)), _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> ParameterList:
        """Add several parameters at the end."""
        if not isinstance(values, Iterable):
            raise TypeError(message("ParameterList", kind(values), "several parameters"))
        for parameter in values:
            self.append(parameter)
        return self

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def __len__(self) -> int:
        return len(self._parameters)

    def __getitem__(self, index: int | slice) -> Any:
        entries = list(self)
        if isinstance(index, slice):
            return ParameterList(entries[index])
        return entry_at("ParameterList", entries, index, "parameters")

    def extra_repr(self) -> str:
        """Their shapes."""
        return "\n".join(f"({i}): Parameter of shape {p.shape}" for i, p in enumerate(self))


class ParameterDict(Module):
    """A dictionary of registered parameters; Tensors and arrays become parameters.

    Args:
        parameters: names and parameters.

    Raises:
        TypeError: it is no mapping.

    Example:
        >>> import nn
        >>> scales = nn.ParameterDict({"left": [1.0, 2.0], "right": nn.Parameter([3.0])})
        >>> "left" in scales, [name for name, _ in scales.named_parameters()]
        (True, ['left', 'right'])
    """

    def __init__(self, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.update({} if parameters is None else parameters)

    def update(self, parameters: Mapping[str, Any]) -> None:
        """Add several parameters."""
        if not isinstance(parameters, (Mapping, ParameterDict)):
            raise TypeError(message("ParameterDict", kind(parameters), "parameters by name"))
        for name, parameter in parameters.items():
            self[name] = parameter

    def __getitem__(self, name: str) -> Any:
        if name not in self._parameters:
            names = ", ".join(map(repr, self._parameters)) or "an empty one"
            raise KeyError(message("ParameterDict", f"the key {name!r}", f"one of {names}"))
        return self._parameters[name]

    def __setitem__(self, name: str, parameter: Any) -> None:
        self.register_parameter(name, _as_parameter(parameter))

    def __delitem__(self, name: str) -> None:
        self[name]
        delattr(self, name)

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._parameters.keys()

    def values(self) -> Iterable[Any]:
        """The parameters."""
        return self._parameters.values()

    def items(self) -> Iterable[tuple[str, Any]]:
        """Names and parameters."""
        return self._parameters.items()

    def pop(self, key: str) -> Any:
        """Remove a parameter and return it."""
        parameter = self[key]
        del self[key]
        return parameter

    def popitem(self) -> tuple[str, Any]:
        """Remove the last parameter and return its name and itself."""
        if not len(self):
            raise KeyError(message("ParameterDict", "popitem of an empty one", "a parameter"))
        name = next(reversed(self))
        return name, self.pop(name)

    def get(self, key: str, default: Any = None) -> Any:
        """The parameter of a name, or the default."""
        return self._parameters.get(key, default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """The parameter of a name; if there is none, the default becomes it."""
        if key not in self:
            self[key] = default
        return self[key]

    def copy(self) -> ParameterDict:
        """Another dictionary of the same parameters."""
        return ParameterDict(self._parameters)

    def fromkeys(self, keys: Iterable[str], default: Any = None) -> ParameterDict:
        """A dictionary with these names, and the default for each."""
        return ParameterDict(dict.fromkeys(keys, default))

    def __reversed__(self) -> Iterator[str]:
        return reversed(self._parameters)

    def __or__(self, other: Any) -> ParameterDict:
        out = self.copy()
        out.update(other)
        return out

    def __ror__(self, other: Any) -> ParameterDict:
        return ParameterDict(other) | self

    def __ior__(self, other: Any) -> ParameterDict:
        self.update(other)
        return self

    def clear(self) -> None:
        """Remove all parameters."""
        for name in list(self._parameters):
            del self[name]

    def extra_repr(self) -> str:
        """Their shapes."""
        return "\n".join(f"({name}): Parameter of shape {p.shape}" for name, p in self.items())


def _as_parameter(value: Any) -> Parameter:
    """A Parameter as it is, anything else as the data of a new one."""
    if isinstance(value, Parameter):
        return value
    return Parameter(value.detach() if isinstance(value, Tensor) else value)
