"""The version of both packages; a test compares it with that of pyproject.toml."""

from __future__ import annotations

# Written down, because importlib.metadata, which could read it, takes long to import.
__version__ = "0.1.0"
