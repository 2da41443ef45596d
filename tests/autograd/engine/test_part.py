"""Names for parts of a computation."""

import contextvars
import threading

import numpy as np
import pytest

import autograd as ag
import nn


def scopes(node):
    return [scope.name for scope in node.note.scope.chain]


def test_nodes_know_their_parts():
    x = ag.Value(2.0)
    with ag.part("outer"):
        a = x * x
        with ag.part("inner"):
            b = a * x
        c = b * x
    assert (scopes(a), scopes(b), scopes(c)) == (["outer"], ["outer", "inner"], ["outer"])
    assert (c * x).note is None and a.module == ""


def test_a_decorator_names_what_functions_and_generators_compute():
    @ag.part("steps")
    def steps(x):
        for _ in range(2):
            x = x * 2.0
            yield x

    @ag.part("f")
    def f(x):
        return x * 3.0

    x = ag.Value(1.0)
    assert scopes(f(x)) == ["f"] and f.__name__ == "f"
    for y in steps(x):
        assert scopes(y) == ["steps"] and (y * 1.0).note is None


def test_paths_of_modules_are_the_same_in_a_part():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Linear(2, 2)

        def forward(self, x):
            with ag.part("first half"):
                return self.a(x) * 2.0

    net = Net()
    y = net(np.ones((1, 2)))
    assert scopes(y) == ["", "first half"] and y.module == ""
    inner = next(n for n in ag.ancestors([y]) if n.op is not None)
    assert inner.module == "a" and scopes(inner) == ["", "first half", "a"]
    assert inner.note.scope.parent.running is None, "a graph keeps no module alive"
    with ag.part("whole"):
        outer = net(np.ones((1, 2)))
    assert scopes(outer) == ["whole", "", "first half"]


def test_nothing_is_named_where_nothing_is_recorded():
    x = ag.Value(2.0)
    with ag.no_grad(), ag.part("p"):
        assert (x * x).note.scope is None
    with ag.part("p"), ag.no_grad():
        pass
    assert (x * x).note is None


def test_an_exception_leaves_the_part():
    x = ag.Value(2.0)
    with pytest.raises(ZeroDivisionError), ag.part("p"):
        1 / 0  # noqa: B018
    assert (x * x).note is None


def test_a_generator_that_another_thread_closes():
    def generate(x):
        with ag.part("p"):
            yield x * 2.0

    x = ag.Value(1.0)
    held = generate(x)
    next(held)
    thread = threading.Thread(target=held.close)
    thread.start()
    thread.join()
    with ag.part("q"):
        assert scopes(x * 2.0) == ["q"]
    assert (x * 2.0).note is None


def test_gradients_and_compiled_steps_are_the_same():
    def f(x):
        with ag.part("square"):
            y = x * x
        return (y * 3.0).sum()

    x = np.array([1.0, 2.0])
    assert ag.grad(f)(x) == pytest.approx(6.0 * x)
    step = ag.compile(f)
    for _ in range(4):
        assert step(ag.Tensor(x)).item() == 15.0


@pytest.mark.parametrize("name", [3, None, "", b"x", ["a"]])
def test_names_that_are_none(name):
    with pytest.raises(ag.DTypeError, match=r"part: got name=.*; expected a text"):
        ag.part(name)


def test_a_part_that_ends_in_a_copy_of_its_context_is_over_there():
    """As a task that was created in it may do; another part that runs there goes on."""
    x = ag.Value(2.0)
    for inner, expected in ((None, ["outer"]), ("inner", ["outer", "p", "inner"])):
        with ag.part("outer"):
            p = ag.part("p")
            p.__enter__()

            def end(inner=inner, p=p):
                if inner:
                    ag.part(inner).__enter__()
                p.__exit__(None, None, None)
                return scopes(x * 2.0)

            assert contextvars.copy_context().run(end) == expected
            assert scopes(x * 2.0) == ["outer", "p"]
