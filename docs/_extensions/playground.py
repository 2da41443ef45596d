"""The directive `playground`: pages that compute, as part of the site.

They are made by the demo, copied beside the page that lists them, and the one that the directive
names is shown at once: ```{playground} softmax```.
"""

from __future__ import annotations

import html
import tempfile
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from demos import playground


class Playground(SphinxDirective):
    """A list of the pages, below the one that is named."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the list as HTML; other builders have no pages to link to."""
        shown = self.arguments[0]
        if shown not in playground.PAGES:
            raise self.error(f"there is no page {shown!r}; there are {', '.join(playground.PAGES)}")
        items = []
        for name in playground.PAGES:
            title, rest = (html.escape(text) for text in playground.said(name))
            items.append(f'<li><a href="playground/{name}.html">{title}</a>: {rest}</li>')
        title = html.escape(playground.said(shown)[0])
        frame = (
            f'<iframe class="playground" src="playground/{shown}.html" title="{title}" '
            'loading="lazy"></iframe>'
        )
        return [nodes.raw("", f"{frame}<ul>{''.join(items)}</ul>", format="html")]


def write_pages(app: Sphinx, config: Config) -> None:
    """Write the pages where Sphinx copies extra files from."""
    app.playground = tempfile.TemporaryDirectory()  # type: ignore[attr-defined]
    folder = Path(app.playground.name)  # type: ignore[attr-defined]
    playground.write(folder / "playground")
    config.html_extra_path = [*config.html_extra_path, str(folder)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("playground", Playground)
    app.connect("config-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
