"""Blocks that also decorate functions of every kind: plain, generators, coroutines and both.

`contextlib.ContextDecorator` enters its block around the call. The call of a generator or coroutine
function only creates an object, and its body would run outside. Here the block is entered each time
the body resumes and left each time it yields, so whoever consumes the generator is not affected.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, cast, overload

from autograd.errors import DTypeError, kind, message

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
F = TypeVar("F", bound=Callable[..., Any])
Block = Callable[[], AbstractContextManager[Any]]


def within(function: F, block: Block, name: str) -> F:
    """`function` with its body inside a block; what `name` does when it decorates.

    Args:
        function: a function, method, generator function, coroutine function or async generator
            function.
        block: returns the block to enter, a new one each time or a re-entrant one.
        name: the decorator, for messages.

    Raises:
        DTypeError: a class, or something that cannot be called.
    """
    if isinstance(function, (staticmethod, classmethod)):
        return type(function)(within(function.__func__, block, name))
    if isinstance(function, type) or not callable(function):
        got, hint = kind(function), ""
        if isinstance(function, type):
            got = f"the class {function.__name__}"
            hint = "decorate its methods, such as forward"
        raise DTypeError(message(f"{name} as a decorator", got, "a function or a method", hint))
    # The wrapper of a module must not get the module's attributes.
    updated = ("__dict__",) if isinstance(function, types.FunctionType) else ()
    return cast(F, functools.wraps(function, updated=updated)(_wrapper(function, block)))


def _wrapper(function: Callable[..., Any], block: Block) -> Callable[..., Any]:
    body: Any = function
    if not isinstance(function, (types.FunctionType, types.MethodType, functools.partial)):
        body = getattr(function, "__call__", function)  # noqa: B004  (of an object such as a module)
    if inspect.isasyncgenfunction(body):

        async def async_generator(*args: Any, **kwargs: Any) -> Any:
            inner = function(*args, **kwargs)
            resumed = inner.asend(None)
            while True:
                try:
                    item = await _Inside(resumed, block)
                except StopAsyncIteration:
                    return
                try:
                    resumed = inner.asend((yield item))
                except GeneratorExit:
                    await _Inside(inner.aclose(), block)
                    raise
                except BaseException as error:
                    resumed = inner.athrow(error)

        return async_generator
    if inspect.iscoroutinefunction(body):

        async def coroutine(*args: Any, **kwargs: Any) -> Any:
            return await _Inside(function(*args, **kwargs), block)

        return coroutine
    if inspect.isgeneratorfunction(body):

        def generator(*args: Any, **kwargs: Any) -> Any:
            return (yield from _inside(function(*args, **kwargs), block))

        while isinstance(body, functools.partial):
            body = body.func
        awaitable = body.__code__.co_flags & inspect.CO_ITERABLE_COROUTINE
        return types.coroutine(generator) if awaitable else generator

    def plain(*args: Any, **kwargs: Any) -> Any:
        with block():
            return function(*args, **kwargs)

    return plain


def _inside(generator: Any, block: Block) -> Generator[Any, Any, Any]:
    """Run a generator, each resumption in a block; send, throw and close are forwarded."""
    resume, given = generator.send, None
    while True:
        with block():
            try:
                item = resume(given)
            except StopIteration as stop:
                return stop.value
        try:
            resume, given = generator.send, (yield item)
        except GeneratorExit:
            with block():
                generator.close()
            raise
        except BaseException as error:
            resume, given = generator.throw, error


class _Inside:
    """An awaitable whose every step runs in a block."""

    def __init__(self, awaitable: Any, block: Block) -> None:
        self.awaitable, self.block = awaitable, block

    def __await__(self) -> Generator[Any, Any, Any]:
        return _inside(self.awaitable.__await__(), self.block)


class Context(Generic[T_co]):
    """A block to enter by `with`, as often as needed, and a decorator."""

    def __init__(self, block: Callable[[], AbstractContextManager[T_co]], name: str) -> None:
        self._block, self._name = block, name
        self._entered: list[AbstractContextManager[T_co]] = []

    def __enter__(self) -> T_co:
        block = self._block()
        value = block.__enter__()
        self._entered.append(block)
        return value

    def __exit__(self, *error: Any) -> bool | None:
        return self._entered.pop().__exit__(*error)

    def __call__(self, function: F) -> F:
        """`function` with its body inside the block."""
        return within(function, self._block, self._name)


class _Opener(Protocol[P, T_co]):
    """What `context` makes of a function: it opens a block, or decorates without brackets."""

    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Context[T_co]: ...
    @overload
    def __call__(self, function: F, /) -> F: ...


def context(function: Callable[P, Iterator[T]]) -> _Opener[P, T]:
    """`contextlib.contextmanager`, for blocks that decorate functions of every kind.

    The decorator may be written without brackets where all arguments have defaults.

    Example:
        >>> from autograd.engine.contexts import context
        >>> @context
        ... def shouting(times=1):
        ...     print("<" * times)
        ...     yield
        ...     print(">" * times)
        >>> @shouting
        ... def numbers():
        ...     yield 1
        >>> list(numbers())
        <
        >
        <
        >
        [1]
    """
    manager = contextmanager(function)

    @functools.wraps(function)
    def opened(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and is_decorated(args[0]):
            return within(args[0], manager, function.__name__)
        return Context(functools.partial(manager, *args, **kwargs), function.__name__)

    return cast(_Opener[P, T], opened)


def is_decorated(argument: Any) -> bool:
    """Whether a decorator without brackets was given this: a function, a class, or a method."""
    return callable(argument) or isinstance(argument, (staticmethod, classmethod))
