"""Modules made of modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nn.module import Module


class Sequential(Module):
    """Modules that run one after the other.

    Args:
        modules: the modules, or one mapping of names to modules.

    Raises:
        TypeError: an entry is no Module.

    Example:
        >>> import nn
        >>> nn.Sequential(nn.Linear(4, 8), nn.ReLU())
        Sequential(
          (0): Linear(in_features=4, out_features=8, bias=True)
          (1): ReLU()
        )
    """

    def __init__(self, *modules: Module | Mapping[str, Module]) -> None:
        super().__init__()
        first = modules[0] if len(modules) == 1 else None
        entries = (
            first if isinstance(first, Mapping) else {str(i): m for i, m in enumerate(modules)}
        )
        for name, module in entries.items():
            if not isinstance(module, Module):
                hint = ""
                if isinstance(module, type) and issubclass(module, Module):
                    hint = f"; write {module.__name__}()"
                elif isinstance(module, (list, tuple)):
                    hint = "; write Sequential(*modules)"
                raise TypeError(
                    f"Sequential: entry {name} is a {type(module).__name__}, a Module is expected"
                    + hint
                )
            self.register_module(name, module)

    def forward(self, x: Any) -> Any:
        """The output of the last module."""
        for module in self:
            x = module(x)
        return x

    def __iter__(self) -> Iterator[Module]:
        return self.children()

    def __len__(self) -> int:
        return len(self._modules)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Sequential(dict(list(self.named_children())[index]))
        try:
            return list(self)[index]
        except IndexError:
            raise IndexError(
                f"Sequential: index {index} came, there are {len(self)} modules"
            ) from None
