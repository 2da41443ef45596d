"""Settings of the documentation site, which `sphinx-build -W -n docs build/docs` builds.

We use Sphinx because it is well maintained (MkDocs has had no release since 2024, and its Material
theme has reached its end of life), resolves Python names, and reads Markdown through MyST.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_extensions"), str(HERE.parent)]

project = "Glassgrad"
author = "the Glassgrad contributors"
project_copyright = "the Glassgrad contributors"
release = version = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"][
    "version"
]

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "myst_parser",
    "sphinx_copybutton",
    "plain_text",
    "playground",
    "public_names",
]
exclude_patterns = ["_extensions"]
nitpicky = True
nitpick_ignore = [
    ("py:exc", "numpy.linalg.LinAlgError"),
    ("py:class", "collections.abc.Mapping"),
    ("py:class", "numpy.random._generator.Generator"),
]

# Docstrings describe the arguments in words; signatures full of `Any` would add nothing.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autosummary_generate = False
napoleon_use_rtype = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Source", "notes_style"), ("Derivative", "notes_style")]
add_module_names = False
default_role = "code"

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "Glassgrad"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
