"""What most nodes do without, kept beside them: a label, hooks, the module that made them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar


class Note:
    """What most nodes do without: a label, hooks, the wish to keep a gradient, a module.

    Shared by nodes and never changed; `noted` makes another one. Only one that `acts` concerns the
    backward pass.
    """

    __slots__ = ("acts", "hooks", "label", "retains", "scope")

    def __init__(
        self,
        label: str | None = None,
        hooks: tuple[Callable[[Any], Any], ...] = (),
        retains: bool = False,
        scope: Scope | None = None,
    ) -> None:
        self.label, self.hooks, self.retains, self.scope = label, hooks, retains, scope
        self.acts = bool(hooks) or retains


class Scope:
    """One call of a module: what it is called in the module around it, its class, and that call.

    It is the note of the nodes that are made meanwhile. It holds words, so that a graph does not
    keep a module alive; only while the call is `running` does it know the module's attributes, by
    which the modules that it calls learn their names. `given` are shape and dtype of the arrays
    that an outermost call got.
    """

    __slots__ = ("given", "kind", "name", "parent", "running")

    acts: ClassVar[bool] = False
    label: ClassVar[None] = None
    hooks: ClassVar[tuple[Any, ...]] = ()
    retains: ClassVar[bool] = False

    def __init__(
        self,
        name: str,
        kind: str,
        parent: Scope | None,
        given: tuple[Any, ...] = (),
        running: Any = None,
    ) -> None:
        self.name, self.kind, self.parent = name, kind, parent
        self.given, self.running = given, running

    @property
    def scope(self) -> Scope:
        """The call itself."""
        return self

    @property
    def chain(self) -> tuple[Scope, ...]:
        """The calls from the outermost to this one."""
        return (self,) if self.parent is None else (*self.parent.chain, self)

    @property
    def path(self) -> str:
        """The names from the outermost call to this one, joined by dots."""
        return ".".join(scope.name for scope in self.chain if scope.name)


def noted(note: Note | Scope | None, **changes: Any) -> Note:
    """A note that differs."""
    names = ("label", "hooks", "retains", "scope")
    kept = {} if note is None else {name: getattr(note, name) for name in names}
    return Note(**(kept | changes))
