"""Names for parts of a computation, which pictures show."""

from __future__ import annotations

from typing import Any

from autograd.engine.contexts import F, within
from autograd.engine.note import Part
from autograd.engine.recording import OFF, current
from autograd.errors import DTypeError, described, message


class part:
    """Name what is computed inside: `ag.draw` shows it as one box with this name.

    A context manager and a decorator. Parts may stand inside each other; `draw(..., parts=False)`
    opens them all, as frames around their operations. Paths of modules and gradients are the same
    as without.

    Args:
        name: what the part is called.

    Raises:
        DTypeError: the name is not a text, or is empty.

    Example:
        >>> import autograd as ag
        >>> x = ag.Value(2.0, name="x")
        >>> with ag.part("bell"):
        ...     y = (-x * x).exp()
        >>> "bell" in ag.draw(y).svg, "exp" in ag.draw(y, parts=False).svg
        (True, True)
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name:
            raise DTypeError(message("part", f"name={described(name)}", "a text, such as 'scores'"))
        self._name = name
        self._open: list[tuple[Part | None, Any]] = []

    def __enter__(self) -> None:
        outer = current.get()
        if outer is OFF:
            self._open.append((None, None))
            return
        while isinstance(outer, Part) and outer.over:  # it ended in another thread or task
            outer = outer.parent
            current.set(outer)
        inside = Part(self._name, outer)
        self._open.append((inside, current.set(inside)))

    def __exit__(self, *_: object) -> None:
        inside, token = self._open.pop()
        if inside is None:
            return
        inside.running, inside.over = None, True
        try:
            current.reset(token)
        except ValueError:  # the block ends in another thread or task than it began in
            if current.get() is inside:
                current.set(inside.parent)

    def __call__(self, function: F) -> F:
        """Name everything that `function` computes."""
        return within(function, lambda: part(self._name), "part")
