"""Notes: what only a few nodes have, kept beside them: a label, hooks, the module of origin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

NO_HOOKS: Mapping[int, Callable[[Any], Any]] = MappingProxyType({})


class Note:
    """A label, hooks, whether to keep the gradient, a module; most nodes have none of these.

    `parameter` marks a leaf that is drawn as a parameter without being one: an entry of one.

    Nodes share a note, so it never changes; `noted` makes another one. The backward pass looks only
    at a note that `acts`: one with hooks, or one that keeps the gradient.
    """

    __slots__ = ("acts", "hooks", "label", "parameter", "retains", "scope")

    def __init__(
        self,
        label: str | None = None,
        hooks: Mapping[int, Callable[[Any], Any]] = NO_HOOKS,
        retains: bool = False,
        scope: Scope | None = None,
        parameter: bool = False,
    ) -> None:
        self.label, self.hooks, self.retains, self.scope = label, hooks, retains, scope
        self.parameter = parameter
        self.acts = bool(hooks) or retains


class Scope:
    """One call of a module: its name in the module around it, its class, and the call around it.

    It is the note of all nodes that the call makes. It holds strings only, so a graph does not keep
    a module alive. While the call runs, `running` holds the module's attributes, in which the
    modules that it calls find their names. `given` lists the shapes and dtypes of the arrays that
    an outermost call got.
    """

    __slots__ = ("given", "kind", "name", "parent", "running")

    acts: ClassVar[bool] = False
    is_part: ClassVar[bool] = False  # whether it is a named part of a computation, not a call
    label: ClassVar[None] = None
    hooks: ClassVar[Mapping[int, Callable[[Any], Any]]] = NO_HOOKS
    retains: ClassVar[bool] = False
    parameter: ClassVar[bool] = False

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
        """The names from the outermost call to this one, joined by dots; those of parts are not
        among them."""
        return ".".join(scope.name for scope in self.chain if scope.name and not scope.is_part)


class Part(Scope):
    """A named part of a computation, such as "forget gate", which pictures show by its name.

    It is between the call around it and what is called inside, which finds its name as if the part
    were not there.
    """

    __slots__ = ("over",)

    is_part: ClassVar[bool] = True

    def __init__(self, name: str, parent: Scope | None) -> None:
        running = None if parent is None else parent.running
        super().__init__(name, "part", parent, (), running)
        self.over = False


# The notes of constants that an operation computed, which no graph leads to: of one without a
# gradient to record, and of one while recording was off, or whose graph `detach` left behind.
PLAIN, QUIET = Note(), Note()


def is_cut(x: Any) -> bool:
    """Whether an argument is a constant whose graph was left behind."""
    return x is not None and x.note is QUIET


def noted(note: Note | Scope | None, **changes: Any) -> Note:
    """A copy of a note with some changes."""
    names = ("label", "hooks", "retains", "scope", "parameter")
    kept = {} if note is None else {name: getattr(note, name) for name in names}
    return Note(**(kept | changes))
