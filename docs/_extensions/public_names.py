"""The API reference: public names by the file that defines them, and links from `code` to them."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)

# Where users find names, and what programs call the module. A name that two modules offer, such as
# `nn.cross_entropy`, is described in the first.
MODULES = {
    "autograd": "ag",
    "autograd.linalg": "ag.linalg",
    "autograd.random": "ag.random",
    "nn.functional": "nn.functional",
    "nn": "nn",
    "nn.init": "nn.init",
    "nn.optim": "nn.optim",
    "nn.data": "nn.data",
    "nn.distributed": "nn.distributed",
    "nn.checkpoint": "nn.checkpoint",
    "nn.utils": "nn.utils",
    "nn.onnx": "nn.onnx",
    "nn.utils.parametrizations": "nn.utils.parametrizations",
    "nn.utils.parametrize": "nn.utils.parametrize",
}


def find(path: str) -> ModuleType:
    """The module at that path; `autograd.linalg` is an attribute, whose file lies elsewhere."""
    head, *rest = path.split(".")
    module = importlib.import_module(head)
    for name in rest:
        module = getattr(module, name)
    return module


def public(path: str) -> dict[str, Any]:
    """The functions and classes that a module offers, by name."""
    module = find(path)
    file = module.__name__  # `nn.checkpoint` is nn/training/checkpoint.py
    own = [n for n, x in vars(module).items() if getattr(x, "__module__", None) == file]
    names = getattr(module, "__all__", None) or [n for n in own if not n.startswith("_")]
    found = {name: getattr(module, name) for name in names}
    return {n: x for n, x in found.items() if inspect.isclass(x) or inspect.isfunction(x)}


def homes() -> dict[Any, str]:
    """The module that describes each function and class."""
    found: dict[Any, str] = {}
    for path in MODULES:
        for x in public(path).values():
            found.setdefault(x, path)
    return found


class PublicNames(SphinxDirective):
    """`{public-names} nn` over a list of files: a table of what they define, then each name."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the table and the descriptions."""
        path, files = self.arguments[0], [line.strip() for line in self.content if line.strip()]
        offered = public(path)
        names = [n for file in files for n, x in offered.items() if x.__module__ == file]
        if missing := set(files) - {x.__module__ for x in offered.values()}:
            raise self.error(f"{path} offers nothing that is defined in {sorted(missing)}")
        # The pages are Markdown, but autodoc writes reStructuredText.
        lines = ["```{eval-rst}", f".. py:currentmodule:: {path}", ""]
        lines += [".. autosummary::", "   :nosignatures:", "", *(f"   {name}" for name in names)]
        for name in names:
            x = getattr(find(path), name)
            lines += ["", f".. {'autoclass' if inspect.isclass(x) else 'autofunction'}:: {name}"]
            if inspect.isclass(x) and not is_layer(x):
                lines += [
                    "   :members:",
                    "   :inherited-members: Exception, Mapping, Tensor, Module, Optimizer",
                ]
        box = nodes.Element()
        text = StringList([*lines, "```"], source=self.get_source_info()[0])
        self.state.nested_parse(text, self.content_offset, box)
        return box.children


def is_layer(x: type) -> bool:
    """Whether listing its members would only repeat `forward` and those of every module."""
    nn = importlib.import_module("nn")
    return issubclass(x, nn.Module) and x is not nn.Module


def targets() -> dict[str, str]:
    """From what programs write, `ag.grad` or `nn.Linear`, to the full name in the reference."""
    home, found = homes(), {}
    for path, short in MODULES.items():
        for name, x in public(path).items():
            found[f"{short}.{name}"] = f"{home[x]}.{name}"
    alone: dict[str, str] = {}
    for name in found.values():
        word = name.rpartition(".")[2]
        alone.setdefault(f"{word}()", name)
        if "_" in word or word[0].isupper():  # `norm` or `max` alone may be an argument
            alone.setdefault(word, name)
    return {**alone, **found}


LINKS = (nodes.reference, nodes.title, addnodes.pending_xref)


class LinkNames(SphinxTransform):
    """`code` that is a public name becomes a link to its place in the reference."""

    default_priority = 5

    def apply(self, **_: Any) -> None:
        """Wrap each public name in the document."""
        known = targets()
        for literal in list(self.document.findall(nodes.literal)):
            text = literal.astext()
            target = known.get(text) or known.get(text.removesuffix("()"))
            if target is None or isinstance(literal.parent, LINKS):
                continue
            link = addnodes.pending_xref(
                refdomain="py",
                reftype="obj",
                reftarget=target,
                refwarn=True,
                refdoc=self.env.docname,
            )
            literal.replace_self(link)
            link += literal


def check_that_all_are_described(app: Any, env: Any) -> None:
    """Warn about each public name that no page describes, which fails a strict build."""
    described = env.domains["py"].objects
    for name in sorted({*targets().values()} - {*described}):
        logger.warning("%s is on no page: list the file that defines it in docs/api", name)


def setup(app: Any) -> dict[str, bool]:
    """Register the directive, the links and the check."""
    app.add_directive("public-names", PublicNames)
    app.connect("env-check-consistency", check_that_all_are_described)
    app.add_transform(LinkNames)
    return {"parallel_read_safe": True}
