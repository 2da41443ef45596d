"""Write pytorch.json: the parameters of PyTorch's functions and classes whose names are ours.

Run from the top of the repository, by a Python that has PyTorch and NumPy:
`PYTHONPATH=. python tests/nn/signatures/make.py`.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
from collections.abc import Callable
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
OURS = {"utils.data": "nn.data"}  # where our name for a namespace differs


def from_docstring(function: Callable[..., Any]) -> list[list[Any]] | None:
    """The parameters of a builtin, from the first line of its docstring."""
    found = re.match(r"\s*\w+\((.*?)\) ?->", function.__doc__ or "", re.DOTALL)
    if found is None:
        return None
    parameters, keyword_only = [], False
    for part in re.split(r", (?![^(]*\))", found[1]):
        if part == "*":
            keyword_only = True
            continue
        name, _, default = part.partition("=")
        entry: list[Any] = [name.strip(), "keyword" if keyword_only else "position"]
        parameters.append([*entry, default] if default else entry)
    return parameters


def parameters_of(function: Callable[..., Any]) -> list[list[Any]] | None:
    """[name, "position" or "keyword", default as text if any] of each parameter."""
    # `torch.nn.functional` wraps a function and the form that returns indices in one.
    closure = inspect.getclosurevars(function).nonlocals if inspect.isfunction(function) else {}
    function = closure.get("if_false", function)
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return from_docstring(function)
    kinds = inspect.Parameter
    result: list[list[Any]] = []
    for parameter in signature.parameters.values():
        if parameter.kind in (kinds.VAR_KEYWORD, kinds.VAR_POSITIONAL):
            continue
        entry: list[Any] = [
            parameter.name,
            "keyword" if parameter.kind is kinds.KEYWORD_ONLY else "position",
        ]
        if parameter.default is not kinds.empty:
            entry.append(repr(parameter.default))
        result.append(entry)
    return result


def main() -> None:
    """Collect the facts and write them."""
    facts: dict[str, Any] = {}
    for namespace in NAMESPACES:
        theirs = importlib.import_module(f"torch.{namespace}")
        ours = importlib.import_module(
            OURS.get(namespace, namespace if namespace[:2] == "nn" else f"nn.{namespace}")
        )
        for name in sorted(set(dir(theirs)) & {n for n in vars(ours) if n[0] != "_"}):
            if callable(getattr(theirs, name)):
                facts[f"{namespace}.{name}"] = parameters_of(getattr(theirs, name))
    target = Path(__file__).with_name("pytorch.json")
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in facts.items()]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"PyTorch {torch.__version__}: {len(facts)} names")


if __name__ == "__main__":
    main()
