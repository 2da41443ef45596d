"""Write pytorch.json: the parameters of PyTorch's public functions and classes, in their order.

names.json has all public names, also of modules, by namespace.

Run from the top of the repository, by a Python that has PyTorch and NumPy:
`python tests/nn/signatures/make.py`.

Each entry is a list of parameters, [name, kind, default]: the kind is "position", "keyword" for
those that a position cannot give, or "rest" for *args; the default is its text and is missing where
the argument is required. "nn.LSTM.forward" holds the parameters of a call of the module, and
"nn.Module.apply" those of a method.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

NAMESPACES = (
    "nn",
    "nn.functional",
    "nn.init",
    "nn.utils",
    "utils.data",
    "optim",
    "optim.lr_scheduler",
)
# Classes whose other methods users call.
WITH_METHODS = (
    "nn.Module",
    "nn.Sequential",
    "nn.ModuleList",
    "nn.ModuleDict",
    "nn.ParameterList",
    "optim.Optimizer",
    "optim.LBFGS",
    "optim.lr_scheduler.LRScheduler",
    "optim.lr_scheduler.ReduceLROnPlateau",
    "utils.data.DataLoader",
)
KINDS = {
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_POSITIONAL: "rest",
}


def from_docstring(function: Callable[..., Any]) -> list[list[Any]] | None:
    """The parameters of a builtin, from the first line of its docstring."""
    name = re.escape(function.__name__)
    found = re.search(rf"^\s*{name}\((.*?)\)\s*->", function.__doc__ or "", re.DOTALL | re.M)
    if found is None:
        return None
    parameters: list[list[Any]] = []
    keyword_only = False
    for part in re.split(r",\s*(?![^(]*\))", found[1]):
        if part == "*":
            keyword_only = True
            continue
        name, _, default = (word.strip() for word in part.partition("="))
        entry = [name, "keyword" if keyword_only else "position"]
        parameters.append([*entry, default] if default else entry)
    return parameters


def default_text(value: Any) -> str:
    """A default as text that does not change from run to run."""
    if isinstance(value, torch.Generator):
        return "default_generator"
    return value.__name__ if inspect.isfunction(value) else repr(value)


def from_signature(signature: inspect.Signature) -> list[list[Any]]:
    """The parameters of a signature, without `self` and **kwargs."""
    result: list[list[Any]] = []
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD or parameter.name == "self":
            continue
        entry: list[Any] = [parameter.name, KINDS.get(parameter.kind, "position")]
        if parameter.default is not inspect.Parameter.empty:
            entry.append(default_text(parameter.default))
        result.append(entry)
    return result


def overloads_of(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The overloads of a function that is written in Python."""
    return list(typing.get_overloads(function)) if inspect.isfunction(function) else []


def parameters_of(function: Callable[..., Any]) -> list[list[Any]] | None:
    """The parameters of a function, or of the constructor of a class."""
    # An `__init__(self, *args, **kwargs)` says its parameters in its first overload.
    overloads = overloads_of(function.__init__) if inspect.isclass(function) else []
    if overloads:
        return from_signature(inspect.signature(overloads[0]))
    # `torch.nn.functional` wraps a function and the form that returns indices in one.
    if inspect.isfunction(function):
        function = inspect.getclosurevars(function).nonlocals.get("if_false", function)
    try:
        return from_signature(inspect.signature(function))
    except (ValueError, TypeError):
        return from_docstring(function)


def is_public(value: Any) -> bool:
    """Whether a callable is PyTorch's own, and not a helper that its file imports."""
    module = getattr(value, "__module__", None) or "torch"
    helpers = module.startswith(("torch._", "torch.overrides")) and not module.startswith(
        "torch._C"
    )
    return (
        callable(value) and module.startswith("torch") and not helpers and value is not torch.Tensor
    )


def facts() -> Iterator[tuple[str, list[list[Any]]]]:
    """Each public name with its parameters, and those of a module's `forward`."""
    for namespace in NAMESPACES:
        theirs = importlib.import_module(f"torch.{namespace}")
        for name in sorted(n for n in dir(theirs) if not n.startswith("_")):
            value = getattr(theirs, name)
            parameters = parameters_of(value) if is_public(value) else None
            if parameters is None:
                continue
            yield f"{namespace}.{name}", parameters
            if inspect.isclass(value) and issubclass(value, torch.nn.Module):
                forward = (*overloads_of(value.forward), value.forward)[0]
                yield f"{namespace}.{name}.forward", from_signature(inspect.signature(forward))
    for owner in WITH_METHODS:
        home, _, name = owner.rpartition(".")
        for method, function in vars(
            getattr(importlib.import_module(f"torch.{home}"), name)
        ).items():
            if inspect.isfunction(function) and not method.startswith("_") and method != "forward":
                yield f"{owner}.{method}", from_signature(inspect.signature(function))


def names(namespace: str) -> list[str]:
    """The public names of a namespace: its functions, classes and modules."""
    theirs = importlib.import_module(f"torch.{namespace}")
    found = []
    for name in sorted(n for n in dir(theirs) if not n.startswith("_")):
        value = getattr(theirs, name)
        if inspect.ismodule(value):
            public = value.__name__ == f"torch.{namespace}.{name}"
        else:
            public = is_public(value) and "_jit" not in str(getattr(value, "__module__", ""))
        if public and "torch_function" not in name:
            found.append(name)
    return found


def main() -> None:
    """Collect the facts and write them."""
    lists = [f"  {json.dumps(n)}: {json.dumps(names(n))}" for n in NAMESPACES]
    Path(__file__).with_name("names.json").write_text("{\n" + ",\n".join(lists) + "\n}\n")
    entries = dict(facts())
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in entries.items()]
    target = Path(__file__).with_name("pytorch.json")
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"PyTorch {torch.__version__}: {len(entries)} entries")


if __name__ == "__main__":
    main()
