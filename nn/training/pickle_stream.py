"""A reader of pickle streams that executes nothing: it knows containers, numbers and strings.

Python's own `Unpickler` imports what a file names and calls it, and a reader built on it has to
forbid that. Here there is nothing to forbid: opcodes are interpreted one by one, a global is a
text, and a call of one is looked up in the caller's table.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Collection, Mapping
from typing import Any

from nn.training.tensor_file import Damaged

LONGEST = 100_000_000  # bytes of a stream, as of a header of safetensors
MOST_STEPS = 5_000_000  # of it; a tensor takes about 35
DEEPEST = 100  # levels of containers
LARGEST = 2**64  # of an integer


class Global:
    """A name of something in another module; nothing is imported."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Dictionary(dict[Any, Any]):
    """A dictionary while it is read, which may be given attributes; they are dropped."""

    __slots__ = ()


Call = Callable[..., Any]


def read_stream(
    data: bytes,
    calls: Mapping[str, Call],
    reference: Callable[[Any], Any],
    names: Collection[str] = (),
) -> Any:
    """The object that a stream describes.

    Args:
        data: the stream, of any protocol from 2 on.
        calls: what to do for a global that is called, by its full name.
        reference: what a persistent identifier stands for.
        names: further globals that may stand among arguments, by their full names.

    Raises:
        Damaged: the stream is incomplete, or asks for anything else; the text names it.
    """
    if len(data) > LONGEST:
        raise Damaged(f"a stream of {len(data):,} bytes, and {LONGEST:,} are allowed")
    reader = Reader(calls, reference, names)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if opcode.name == "STOP":
                break
            if count >= MOST_STEPS:
                raise Damaged(f"a stream of more than {MOST_STEPS:,} steps")
            reader.step(opcode.name, argument)
    except Damaged:
        raise
    except Exception as error:  # a stream may be any bytes
        raise Damaged(f"its stream is damaged: {type(error).__name__}: {error}") from None
    if len(reader.stack) != 1:
        raise Damaged("its stream does not end with one object")
    check_depth(reader.stack[0])
    return reader.stack[0]


class Reader:
    """The stack, the marks on it and the memo of a stream that is read."""

    def __init__(
        self, calls: Mapping[str, Call], reference: Callable[[Any], Any], names: Collection[str]
    ) -> None:
        self.calls, self.reference, self.names = calls, reference, names
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def step(self, name: str, argument: Any) -> None:
        """One opcode."""
        if name in VALUES:
            self.stack.append(VALUES[name]())
        elif name in LITERALS:
            if isinstance(argument, int) and abs(argument) > LARGEST:
                raise Damaged(f"an integer of {argument.bit_length():,} bits")
            self.stack.append(argument)
        elif name in STEPS:
            STEPS[name](self, argument)
        elif name not in IDLE:
            raise Damaged(f"the opcode {name}, which makes something else")

    def since_mark(self) -> list[Any]:
        """What lies above the last mark, taken off."""
        at = self.marks.pop()
        found = self.stack[at:]
        del self.stack[at:]
        return found

    def tuple_of(self, count: int) -> None:
        """The last entries become a tuple."""
        if len(self.stack) < count:
            raise Damaged("a tuple of more than there is")
        found = tuple(self.stack[-count:])
        self.stack[-count:] = [found]

    def append(self, items: list[Any]) -> None:
        """More entries of a list."""
        if type(self.stack[-1]) is not list:
            raise Damaged(f"entries for {described(self.stack[-1])}, which is no list")
        self.stack[-1].extend(items)

    def add(self, items: list[Any]) -> None:
        """More entries of a set."""
        if type(self.stack[-1]) is not set:
            raise Damaged(f"entries for {described(self.stack[-1])}, which is no set")
        self.stack[-1].update(map(as_key, items))

    def set_items(self, items: list[Any]) -> None:
        """More entries of a dictionary."""
        target = self.stack[-1]
        if type(target) is not Dictionary or len(items) % 2:
            raise Damaged(f"names and values for {described(target)}, which is no dictionary")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[as_key(key)] = value

    def call(self) -> None:
        """A call of a global: what the table has for it."""
        arguments, function = self.stack.pop(), self.stack.pop()
        if not isinstance(function, Global) or type(arguments) is not tuple:
            raise Damaged(f"a call of {described(function)}")
        if function.name not in self.calls:
            raise Damaged(f"a call of {function.name}")
        try:
            self.stack.append(self.calls[function.name](*arguments))
        except TypeError:
            raise Damaged(
                f"a call of {function.name} with other arguments than PyTorch's"
            ) from None

    def build(self) -> None:
        """Attributes of an object: of a dictionary they are dropped, nothing else may have any."""
        state, target = self.stack.pop(), self.stack[-1]
        if type(target) is not Dictionary or not isinstance(state, dict):
            raise Damaged(f"attributes of {described(target)}")

    def name(self, module: Any, name: Any) -> None:
        """A global, which must be one that is known."""
        full = f"{module}.{name}"
        if not (isinstance(module, str) and isinstance(name, str)):
            raise Damaged("a name that is no text")
        if full not in self.calls and full not in self.names:
            raise Damaged(f"it names {full[:100]}")
        self.stack.append(Global(full))

    def named(self, argument: str) -> None:
        """A global whose module and name are the argument."""
        module, _, name = argument.partition(" ")
        self.name(module, name)

    def refer(self) -> None:
        """A persistent identifier."""
        self.stack.append(self.reference(self.stack.pop()))

    def remember(self, at: int | None) -> None:
        """Keep the last entry for later."""
        self.memo[len(self.memo) if at is None else at] = self.stack[-1]


def as_key(key: Any) -> Any:
    """A key of a dictionary. Others could be made so that hashing them takes forever."""
    if isinstance(key, (str, bool)) or key is None or (type(key) is int and abs(key) < 2**60):
        return key
    raise Damaged(f"{described(key)} as a name in a dictionary")


def described(x: Any) -> str:
    """What an object is, for a message."""
    return x.name if isinstance(x, Global) else f"a {type(x).__name__.lower()}"


def check_depth(root: Any) -> None:
    """Raise Damaged if containers are nested too deeply, or in a circle, or hold a global.

    Every container is looked at once, however often it is shared: a file of a hundred lists of the
    list before it, twice each, has 2¹⁰⁰ paths.
    """
    heights: dict[int, int] = {}
    stack: list[tuple[Any, bool]] = [(root, False)]
    path: set[int] = set()
    while stack:
        x, done = stack.pop()
        if isinstance(x, Global):
            raise Damaged(f"the name {x.name} in place of a value")
        if not isinstance(x, (dict, list, tuple)) or id(x) in heights:
            continue
        inside = list(x.values()) if isinstance(x, dict) else list(x)
        if done:
            path.discard(id(x))
            heights[id(x)] = 1 + max((heights.get(id(e), 0) for e in inside), default=0)
            if heights[id(x)] > DEEPEST:
                raise Damaged(f"containers in more than {DEEPEST} levels")
        elif id(x) in path:
            raise Damaged("a container that contains itself")
        else:
            path.add(id(x))
            if len(path) > DEEPEST:
                raise Damaged(f"containers in more than {DEEPEST} levels")
            stack.append((x, True))
            stack.extend((e, False) for e in inside)


VALUES: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_DICT": Dictionary,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": set,
}
LITERALS = {
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "BINFLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
}
IDLE = {"PROTO", "FRAME"}
STEPS: dict[str, Callable[[Reader, Any], Any]] = {
    "MARK": lambda r, _: r.marks.append(len(r.stack)),
    "POP": lambda r, _: r.stack.pop(),
    "POP_MARK": lambda r, _: r.since_mark(),
    "DUP": lambda r, _: r.stack.append(r.stack[-1]),
    "TUPLE": lambda r, _: r.stack.append(tuple(r.since_mark())),
    "TUPLE1": lambda r, _: r.tuple_of(1),
    "TUPLE2": lambda r, _: r.tuple_of(2),
    "TUPLE3": lambda r, _: r.tuple_of(3),
    "APPEND": lambda r, _: r.append([r.stack.pop()]),
    "APPENDS": lambda r, _: r.append(r.since_mark()),
    "ADDITEMS": lambda r, _: r.add(r.since_mark()),
    "SETITEM": lambda r, _: r.set_items([r.stack.pop(-2), r.stack.pop()]),
    "SETITEMS": lambda r, _: r.set_items(r.since_mark()),
    "GLOBAL": Reader.named,
    "STACK_GLOBAL": lambda r, _: r.name(r.stack.pop(-2), r.stack.pop()),
    "REDUCE": lambda r, _: r.call(),
    "BUILD": lambda r, _: r.build(),
    "BINPERSID": lambda r, _: r.refer(),
    "BINPUT": Reader.remember,
    "LONG_BINPUT": Reader.remember,
    "MEMOIZE": Reader.remember,
    "BINGET": lambda r, at: r.stack.append(r.memo[at]),
    "LONG_BINGET": lambda r, at: r.stack.append(r.memo[at]),
}
