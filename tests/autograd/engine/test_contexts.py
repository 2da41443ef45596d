"""A block as a decorator is in effect while the body runs, whatever kind of function it is."""

import asyncio
import contextlib
import functools
import inspect
import itertools
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

import autograd as ag
from autograd.engine.backward import backward_watch
from autograd.engine.contexts import context

x = ag.Value(3.0)
t = ag.Tensor([1.0, 2.0], requires_grad=True)


def recorded():
    return (x * x).requires_grad


@pytest.fixture(params=[ag.no_grad, ag.no_grad()], ids=["no_grad", "no_grad()"])
def off(request):
    return request.param


def test_a_plain_function(off):
    @off
    def f(a, *, b):
        """What it does."""
        return a, b, recorded()

    assert f(1, b=2) == (1, 2, False) and recorded()
    assert (f.__name__, f.__doc__) == ("f", "What it does.")


def test_a_generator_is_inside_while_it_runs_and_its_consumer_is_not(off):
    @off
    def f(n):
        for _ in range(n):
            yield recorded()
        return recorded()

    assert inspect.isgeneratorfunction(f)
    seen, generator = [], f(2)
    with pytest.raises(StopIteration) as stopped:
        while True:
            seen.append((next(generator), recorded()))
    assert seen == [(False, True), (False, True)] and stopped.value.value is False
    assert recorded()


def test_send_throw_and_close_reach_a_generator(off):
    log = []

    @off
    def f():
        try:
            got = yield "first"
            log.append((got, recorded()))
            try:
                yield "second"
            except KeyError as error:
                log.append((error.args, recorded()))
            yield "third"
        finally:
            log.append(("closed", recorded()))

    generator = f()
    assert next(generator) == "first"
    assert generator.send(7) == "second"
    assert generator.throw(KeyError("k")) == "third"
    generator.close()
    assert log == [(7, False), (("k",), False), ("closed", False)] and recorded()


def test_errors_leave_the_block(off):
    @off
    def f():
        yield 1
        raise KeyError

    generator = f()
    next(generator)
    with pytest.raises(KeyError):
        next(generator)
    assert recorded()


def test_generators_that_take_turns(off):
    @off
    def quiet():
        while True:
            yield recorded()

    @ag.enable_grad
    def loud():
        while True:
            yield recorded()

    pairs = zip(quiet(), loud(), range(3), strict=False)
    assert [(a, b, recorded()) for a, b, _ in pairs] == [(False, True, True)] * 3
    with ag.no_grad():
        assert next(loud()) and not ag.is_recording()


def test_yield_from_and_stacked_decorators(off):
    @ag.enable_grad
    @off
    def inner():
        yield recorded()
        return 5

    @off
    def outer():
        result = yield from inner()
        yield result, recorded()

    assert list(outer()) == [False, (5, False)]


def test_a_coroutine(off):
    async def pause():
        await asyncio.sleep(0)
        return recorded()

    @off
    async def f():
        before = recorded()
        between = await pause()
        with pytest.raises(KeyError):
            await failing()
        return before, between, recorded()

    async def failing():
        await asyncio.sleep(0)
        raise KeyError

    async def watch():
        await asyncio.sleep(0)
        return recorded()

    async def both():
        return await asyncio.gather(f(), watch())

    assert inspect.iscoroutinefunction(f)
    assert asyncio.run(both()) == [(False, False, False), True]
    assert recorded()


def test_a_coroutine_driven_by_hand_leaves_the_block_while_it_waits(off):
    class Wait:
        def __await__(self):
            return (yield "waiting")

    @off
    async def f():
        return await Wait(), recorded()

    running = f()
    assert running.send(None) == "waiting" and recorded()
    with pytest.raises(StopIteration) as stopped:
        running.send(4)
    assert stopped.value.value == (4, False)


def test_a_cancelled_coroutine(off):
    log = []

    @off
    async def f():
        try:
            await asyncio.sleep(60)
        finally:
            log.append(recorded())

    async def main():
        task = asyncio.create_task(f())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert log == [False]


def test_an_async_generator(off):
    log = []

    @off
    async def f():
        try:
            got = yield recorded()
            log.append((got, recorded()))
            try:
                yield await asyncio.sleep(0, "waited")
            except KeyError:
                yield recorded()
        finally:
            log.append(("closed", recorded()))

    async def main():
        generator = f()
        seen = [await generator.asend(None), await generator.asend(5), recorded()]
        seen.append(await generator.athrow(KeyError()))
        await generator.aclose()
        assert [item async for item in every(2)] == [(0, False), (1, False)]
        return seen

    @off
    async def every(n):
        for i in range(n):
            await asyncio.sleep(0)
            yield i, recorded()

    assert inspect.isasyncgenfunction(f)
    assert asyncio.run(main()) == [False, "waited", True, False]
    assert log == [(5, False), ("closed", False)] and recorded()


def test_methods_of_every_kind(off):
    class C:
        @off
        def method(self):
            return recorded()

        @off
        @staticmethod
        def static():
            return recorded()

        @classmethod
        @off
        def below(cls):
            return cls, recorded()

        @off
        @classmethod
        def above(cls):
            yield cls, recorded()

        @off
        def __call__(self):
            yield recorded()

    c = C()
    assert (c.method(), c.static(), C.static()) == (False, False, False)
    assert C.below() == (C, False) and list(c.above()) == [(C, False)] and list(c()) == [False]
    assert list(ag.no_grad(c)()) == [False] and list(ag.no_grad(functools.partial(c))()) == [False]


@pytest.mark.parametrize(
    "decorate", [ag.no_grad, ag.no_grad(), ag.detect_anomaly, ag.record_lines()]
)
def test_classes_are_refused(decorate):
    with pytest.raises(
        ag.DTypeError, match="as a decorator: got the class C; expected a function or a method; dec"
    ):

        @decorate
        class C:
            pass


def test_what_is_no_function():
    with pytest.raises(ag.DTypeError, match="no_grad as a decorator: got a property"):
        ag.no_grad()(property(lambda self: 1))
    with pytest.raises(ag.DTypeError, match="no_grad: got a bool; expected no argument or a fun"):
        ag.no_grad(False)


@pytest.mark.parametrize(
    "make", [ag.detect_anomaly, ag.detect_anomaly(), ag.detect_anomaly("raise")]
)
def test_detect_anomaly_decorates_generators(make):
    @make
    def steps():
        t = ag.Tensor([0.0], requires_grad=True)
        yield "started"
        ag.sqrt(t).sum().backward()

    generator = steps()
    assert next(generator) == "started"
    ag.sqrt(ag.Tensor([0.0], requires_grad=True)).sum().backward()  # nobody looks
    with pytest.raises(ag.AnomalyError, match="sqrt") as caught:
        next(generator)
    assert "backward()" in str(caught.value.anomalies[0].line)


def test_record_lines_decorates_generators():
    @ag.record_lines
    def nodes():
        yield x * x
        yield x + x

    [first, second] = nodes()
    assert ag.line_of(first).text == "yield x * x" and ag.line_of(second).text == "yield x + x"
    assert ag.line_of(x * x) is None


def test_a_context_is_entered_again_and_within_itself():
    log = []

    @context
    def block(name="b"):
        log.append(f"{name} in")
        try:
            yield name
        finally:
            log.append(f"{name} out")

    one = block("a")
    with one as first, one as second:
        assert (first, second) == ("a", "a")
    with pytest.raises(KeyError), one:
        raise KeyError
    assert log == ["a in", "a in", "a out", "a out", "a in", "a out"]


def test_a_generator_that_is_awaited(off):
    @off
    @types.coroutine
    def old():
        yield
        return recorded()

    async def main():
        return await old()

    assert asyncio.run(main()) is False


def test_a_part_of_a_generator_function(off):
    def numbers(a, b):
        yield a, recorded()
        yield b, recorded()

    @types.coroutine
    def old(a):
        yield
        return a, recorded()

    async def main():
        return await off(functools.partial(old, 3))()

    assert list(off(functools.partial(numbers, 1))(2)) == [(1, False), (2, False)]
    assert asyncio.run(main()) == (3, False)


def test_a_generator_function_in_the_name_of_an_object(off):
    class C:
        def __call__(self):
            return 3

    @off
    @functools.wraps(C())
    def numbers():
        yield recorded()

    assert list(numbers()) == [False]


def test_attributes_of_functions_are_kept_and_those_of_objects_are_not(off):
    class C:
        def __init__(self):
            self.weight = 2.0

        def __call__(self):
            return recorded()

    def function():
        return recorded()

    function.mark = "mine"
    decorated, called = off(function), off(C())
    assert decorated.mark == "mine" and not hasattr(called, "weight")
    assert (decorated(), called()) == (False, False)


def test_what_else_is_called(off):
    @contextlib.contextmanager
    @off
    def manager():
        yield recorded()

    class C:
        @property
        @off
        def value(self):
            return recorded()

    with manager() as inside:
        assert (inside, recorded()) == (False, True)
    assert C().value is False and off(lambda: recorded())() is False
    assert off(functools.lru_cache(recorded))() is False
    assert list(off(functools.partial(iter, [1]))()) == [1]


def test_a_plain_generator_is_not_awaitable_and_a_function_with_options_is_no_decorated_one(off):
    @off
    def numbers():
        yield 1

    assert not inspect.isawaitable(numbers())
    opened = []

    @context
    def block(function, twice=False):
        opened.append((function, twice))
        yield

    with block(len, twice=True):
        pass
    assert opened == [(len, True)]


# --- A block inside a generator: it is in force while the generator runs --------------------------


def in_thread(function):
    """Call a function in another thread, and return its result or raise its error."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def quiet():
    with ag.no_grad():
        while True:
            yield recorded()


def loud():
    with ag.enable_grad():
        while True:
            yield recorded()


def test_a_generator_that_is_broken_out_of_ends_its_block():
    for inside in quiet():
        assert not inside and recorded() and ag.is_recording()
        break
    assert recorded()


def test_the_consumer_of_a_generator_records_as_it_would_without():
    """Of three batches none would count if the block of the generator were in force here."""
    w = ag.Tensor([3.0], requires_grad=True)

    def batches():
        with ag.no_grad():
            for i in range(1, 4):
                yield ag.Tensor([float(i)]) * (1.0 + 0.0 * w)

    loss = penalty = (w * w).sum()
    for batch in batches():
        assert not batch.requires_grad
        loss = loss + (w * batch).sum()
    (loss + penalty * 0.0).backward()
    assert w.grad == [12.0]
    held = batches()
    next(held)
    assert recorded() and ag.exp(w).requires_grad and ag.stack([w, w]).requires_grad
    with ag.no_grad():
        assert not recorded() and not next(held).requires_grad
        with ag.enable_grad():
            assert recorded()
        assert not recorded()
    with ag.enable_grad():
        assert recorded()
    assert recorded() and not next(held).requires_grad


def test_a_generator_that_records_in_a_block_that_does_not():
    with ag.no_grad():
        held = loud()
        assert next(held) and not recorded() and next(held) and not ag.is_recording()
    assert recorded()
    held.close()
    assert recorded()


def test_a_module_that_is_called_while_a_generator_is_suspended_has_its_path():
    import nn

    held = quiet()
    next(held)
    y = nn.Sequential(nn.Linear(2, 1))(t)
    assert ag.ancestors([y])[-1].note.scope.path == "0" and not next(held) and recorded()


def test_a_block_made_of_a_generator_is_in_force_in_its_body():
    @contextlib.contextmanager
    def silence():
        with ag.no_grad():
            yield

    @contextlib.contextmanager
    def twice():
        with contextlib.ExitStack() as stack:
            stack.enter_context(silence())
            yield

    @contextlib.asynccontextmanager
    async def later():
        with ag.no_grad():
            yield

    def batches():
        with twice():
            yield recorded()

    async def main():
        async with later():
            return recorded()

    for block in (silence, twice):
        with block():
            assert not recorded() and not ag.is_recording()
        assert recorded()
    assert asyncio.run(main()) is False and recorded()
    for inside in batches():
        assert not inside and recorded()
    assert recorded()


def test_blocks_that_end_in_another_order_than_they_began():
    """Begun by a generator, they are none of this function's."""
    for begin in itertools.permutations([quiet, loud, quiet]):
        for end in itertools.permutations(range(3)):
            generators = [make() for make in begin]
            for generator in generators:
                next(generator)
            for i in end:
                generators[i].close()
                assert recorded()
            switches = [ag.enable_grad() if make is loud else ag.no_grad() for make in begin]
            for switch in switches:
                switch.__enter__()
            open_blocks = list(zip(begin, switches, strict=True))
            for i in end:
                switches[i].__exit__(None, None, None)
                open_blocks = [(make, s) for make, s in open_blocks if s is not switches[i]]
                assert recorded() is (not open_blocks or open_blocks[-1][0] is loud)
            assert recorded()


def test_a_block_that_ends_in_another_thread():
    generator = quiet()
    next(generator)
    in_thread(generator.close)
    assert recorded() and ag.is_recording()


def test_a_block_of_another_thread_is_left_alone():
    generator = quiet()
    in_thread(lambda: next(generator))
    with ag.no_grad():
        generator.close()
        assert not recorded()
    assert recorded()


@pytest.mark.parametrize(
    "result",
    [lambda: x * x, lambda: ag.exp(x), lambda: 2.0 - x, lambda: ag.stack([t, t]), lambda: t[0]],
    ids=["binary", "unary", "constant", "variadic", "static"],
)  # fmt: skip
def test_the_first_operation_after_such_a_block_is_recorded(result):
    generator = quiet()
    next(generator)
    in_thread(generator.close)
    assert result().requires_grad


def test_one_switch_for_several_blocks():
    switch = ag.no_grad()

    def block():
        with switch:
            yield

    first, second = block(), block()
    next(first)
    in_thread(lambda: next(second))
    first.close()
    assert recorded()
    second.close()
    with switch, switch:
        assert not recorded()
    assert recorded()


def test_a_kernel_records_nothing_after_such_a_block():
    """The first kernel of a thread prepares its context, here inside a block."""

    def work():
        generator = quiet()
        next(generator)
        t * t
        in_thread(generator.close)
        inner = []
        op = ag.Primitive("probe", lambda a: inner.append(recorded()) or a, lambda g, out, a: g)
        return op(t).requires_grad, inner

    assert in_thread(work) == (True, [False])


def test_a_block_begun_by_a_module_that_returned():
    import nn

    held = []

    class Model(nn.Module):
        def forward(self, x):
            held.append(quiet())
            next(held[-1])
            return x

    Model()(t)
    held.pop().close()
    assert recorded() and (x * x).note is None


def test_an_async_generator_that_is_broken_out_of():
    async def steps():
        with ag.no_grad():
            while True:
                await asyncio.sleep(0)
                yield recorded()

    async def main():
        async for inside in steps():
            assert not inside
            break
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        held = steps()
        await anext(held)
        await asyncio.create_task(held.aclose())
        return recorded()

    assert asyncio.run(main())


def test_a_decorated_generator_that_is_closed_elsewhere(off):
    log = []

    @off
    def f():
        try:
            yield recorded()
        finally:
            log.append(recorded())

    generator = f()
    assert next(generator) is False and recorded()
    in_thread(generator.close)
    for _ in f():
        break
    assert log == [False, False] and recorded()


def test_detect_anomaly_that_ends_in_another_thread():
    def watching():
        with ag.detect_anomaly("collect") as found:
            yield found

    def fail():
        ag.sqrt(ag.Tensor([0.0], requires_grad=True)).sum().backward()

    first, second = watching(), watching()
    outer, inner = next(first), next(second)
    first.close()
    fail()
    assert (len(outer), len(inner)) == (0, 1)
    in_thread(second.close)
    fail()
    assert len(inner) == 1 and backward_watch.get() is None
    assert ag.line_of(x * x) is None and sys.gettrace() is None


def test_record_lines_that_ends_in_another_thread():
    def recording():
        with ag.record_lines():
            yield

    generator = recording()
    next(generator)

    def close():
        before = sys.gettrace()
        generator.close()
        return sys.gettrace() is before

    assert in_thread(close)
    recorded()  # the next call of a function finds that the block is over
    assert sys.gettrace() is None and ag.line_of(x * x) is None
