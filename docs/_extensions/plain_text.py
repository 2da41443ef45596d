"""Docstrings and pages, whose only markup is `code`, turned into what Sphinx expects.

reStructuredText would read |x| as a substitution, tanh_ as a link and *args as emphasis, so those
are escaped before it sees them.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

CODE = re.compile(r"(`[^`]+`)")
SPECIAL = re.compile(r"([*|\\])|(?<=\w)_(?=\W|$)")
LABEL = re.compile(r"^(Source|Shape|Derivatives?): (?=\S)")


def escape(text: str) -> str:
    """The text with `code` as reStructuredText writes it and everything else unchanged."""
    parts = CODE.split(text)
    parts[1::2] = [f"`{code}`" for code in parts[1::2]]
    parts[::2] = [SPECIAL.sub(lambda m: "\\" + m[0], plain) for plain in parts[::2]]
    return "".join(parts)


def process(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Rewrite a docstring, in place; the prompts of examples and indented code stay."""
    text = "\n".join(lines)
    # A span of code may continue on the next line.
    paragraphs = re.split(r"(\n\s*\n)", text)
    for i, paragraph in enumerate(paragraphs[::2]):
        if ">>>" not in paragraph:
            label = LABEL.match(paragraph)
            body = escape(paragraph[label.end() :] if label else paragraph)
            paragraphs[2 * i] = f"**{label[1]}:** {body}" if label else body
    lines[:] = "".join(paragraphs).split("\n")


class TrimExamples(SphinxTransform):
    """Drop the empty line at the end of a page's examples, which only doctest needs."""

    default_priority = 5

    def apply(self, **_: Any) -> None:
        """Trim every literal block of the document."""
        for block in self.document.findall(nodes.literal_block):
            if block.astext().endswith("\n"):
                block[:] = [nodes.Text(block.astext().rstrip("\n"))]
                block.rawsource = block.astext()


def setup(app: Any) -> dict[str, bool]:
    """Run before napoleon, which turns sections into fields."""
    app.add_transform(TrimExamples)
    app.connect("autodoc-process-docstring", process, priority=400)
    return {"parallel_read_safe": True}
