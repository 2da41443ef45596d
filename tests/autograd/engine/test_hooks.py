"""Hooks see the whole gradient once, read-only, and what they return is checked."""

import functools

import numpy as np
import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


@KINDS
def test_hooks_see_the_whole_gradient_and_may_replace_it(make):
    x = make(2.0)
    y = x * 3.0
    seen = []
    remove = y.register_hook(lambda g: seen.append(float(g)))
    y.register_hook(lambda g: g * 10.0)
    z = y * y + y
    z.backward()
    assert seen == [13.0]
    assert x.grad == 390.0
    remove()
    z.backward()
    assert seen == [13.0]


@KINDS
def test_a_hook_on_a_leaf_is_called_once_even_if_nan_turns_up(make):
    x = make(0.0)
    calls = []
    x.register_hook(lambda g: calls.append(float(g)))
    y = ag.where(x > 0, ag.log(x), 0.0) + x
    y.backward()
    assert calls == [1.0]
    assert x.grad == 1.0


@KINDS
def test_a_hook_on_a_leaf_is_called_in_a_plain_pass(make):
    x = make(2.0)
    x.register_hook(lambda g: g * 10.0)
    (x * x).backward()
    assert x.grad == 40.0


@KINDS
def test_backward_inside_a_hook(make):
    x = make(2.0)
    y = x * x

    def reenter(g):
        (x * 5.0).backward()

    y.register_hook(reenter)
    (y * 3.0).backward()
    assert x.grad == 12.0 + 5.0


def test_a_value_keeps_what_its_hook_made_of_the_gradient():
    x = ag.Value(3.0)
    y = x * 2.0
    y.register_hook(lambda g: 10.0 * g)
    (y * 5.0).backward()
    assert (y.grad, x.grad) == (50.0, 100.0)


def test_a_hook_cannot_change_the_gradient_it_is_given():
    """`add` hands one array to both inputs: a change in place would show at `b`."""
    a, b = (ag.Tensor(np.ones(3), requires_grad=True) for _ in range(2))

    def spoil(g):
        g *= 100.0

    a.register_hook(spoil)
    with pytest.raises(ValueError, match="read-only"):
        (a + b).sum().backward()
    assert a.grad is None and b.grad is None


def test_what_a_hook_keeps_does_not_change_with_grad():
    kept = []
    x = ag.Tensor(np.ones(3), requires_grad=True)
    x.register_hook(kept.append)
    (x * 2.0).sum().backward()
    x.grad *= 100.0
    assert kept[0].tolist() == [2.0, 2.0, 2.0] and x.grad.tolist() == [200.0] * 3


def test_an_array_that_a_hook_returns_may_change_later():
    buffer = np.full(2, 5.0)
    x = ag.Tensor(np.ones(2), requires_grad=True)
    x.register_hook(lambda g: buffer)
    x.sum().backward()
    x.grad *= 2.0
    assert buffer.tolist() == [5.0, 5.0]
    buffer[:] = 7.0
    assert x.grad.tolist() == [10.0, 10.0]


def test_a_hook_of_one_number_gets_an_array():
    seen = []
    x = ag.Tensor(2.0, requires_grad=True)
    y = x * x
    y.register_hook(seen.append)
    (y * y).backward()
    assert type(seen[0]) is np.ndarray and seen[0].shape == () and seen[0] == 8.0


def widen(g):
    return np.ones((4, 3))


@pytest.mark.parametrize(
    ("hook", "error", "text"),
    [
        (widen, ag.ShapeError, r"got an array of shape \(4, 3\); expected shape \(3,\)"),
        (lambda g: g[:2], ag.ShapeError, r"got an array of shape \(2,\)"),
        (lambda g: g.sum(), ag.ShapeError, r"got an array of shape \(\)"),
        (lambda g: 0.0, ag.DTypeError, r"got a float; expected an array of shape \(3,\)"),
        (lambda g: [0.0, 0.0, 0.0], ag.DTypeError, "got a list"),
        (lambda g: "nothing", ag.DTypeError, "got a str"),
        (lambda g: g.astype(np.float32), ag.DTypeError, "dtype float32; expected dtype float64"),
        (lambda g: g > 0, ag.DTypeError, "dtype bool"),
        (lambda g: g * 1j, ag.DTypeError, "dtype complex128"),
        (lambda g: ag.Value(1.0), ag.DTypeError, "got a Value"),
        (lambda g: ag.Tensor([1.0]), ag.ShapeError, r"got an array of shape \(1,\)"),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_what_a_hook_of_a_tensor_returns_is_checked(hook, error, text, create_graph):
    x = ag.Tensor(np.ones(3), requires_grad=True, name="x")
    x.register_hook(lambda g: hook(g.data if create_graph else g))
    with pytest.raises(error, match=text) as caught:
        ag.gradients((x * x).sum(), [x], create_graph=create_graph)
    assert str(caught.value).startswith("the hook <lambda> (test_hooks.py:")
    assert ") on x: got " in str(caught.value)


@pytest.mark.parametrize("result", ["text", [1.0], 1j, np.ones(2), ag.Tensor(1.0)], ids=repr)
@pytest.mark.parametrize("create_graph", [False, True])
def test_what_a_hook_of_a_value_returns_is_checked(result, create_graph):
    x = ag.Value(2.0)
    y = x * x
    y.register_hook(lambda g: result)
    with pytest.raises(ag.DTypeError, match=r"the hook <lambda> .* on the result of mul: got"):
        ag.gradients(y * 3.0, [x], create_graph=create_graph)
    with pytest.raises(ag.DTypeError, match="expected one number"):
        (y * 3.0).backward()


@pytest.mark.parametrize("result", [6, np.float32(6.0), np.array(6.0), ag.Value(6.0)])
def test_any_real_number_is_a_gradient_of_a_value(result):
    x = ag.Value(2.0)
    x.register_hook(lambda g: result)
    (x * x).backward()
    assert x.grad == float(result.data if isinstance(result, ag.Value) else result)
    assert type(x.grad) is float


@pytest.mark.parametrize("result", [True, np.True_, np.array(True)])
def test_a_bool_is_no_gradient(result):
    for x in (ag.Value(2.0), ag.Tensor(2.0, requires_grad=True)):
        x.register_hook(lambda g: result)
        with pytest.raises(
            ag.DTypeError, match=r"the hook .* on a leaf without a name: got .*bool"
        ):
            (x * x).backward()


def _doubles(g):
    g *= 2


@pytest.mark.parametrize(
    "hook", [_doubles, lambda g: g.fill(0), lambda g: np.add(g, 1, out=g), lambda g: g.sort()]
)
def test_a_hook_that_writes_to_its_argument_is_told_what_to_write(hook):
    x = ag.Tensor([1.0, 2.0], requires_grad=True, name="x")
    x.register_hook(hook)
    with pytest.raises(ValueError, match=r"the hook .* on x: .*; write return g \* 2 ") as caught:
        (x * x).sum().backward()
    assert "read-only" in str(caught.value.__cause__)


def test_other_errors_of_a_hook_stay():
    def hook(g):
        raise ValueError("mine")

    x = ag.Tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(hook)
    with pytest.raises(ValueError, match=r"^mine$"):
        (x * x).sum().backward()


def test_the_message_says_which_hook_and_where_it_was_defined():
    x = ag.Tensor(np.ones(3), requires_grad=True, name="x")
    x.register_hook(lambda g: None)
    x.register_hook(widen)
    line = widen.__code__.co_firstlineno
    with pytest.raises(ag.ShapeError, match=rf"the hook widen \(test_hooks\.py:{line}\) on x: got"):
        x.sum().backward()


class Scaler:
    def __call__(self, g):
        return np.ones(7)

    def method(self, g):
        return np.ones(7)


@pytest.mark.parametrize(
    ("hook", "name"),
    [
        (Scaler(), r"Scaler \(test_hooks\.py:\d+\)"),
        (Scaler().method, r"Scaler\.method \(test_hooks\.py:\d+\)"),
        (functools.partial(np.repeat, repeats=2), "repeat"),
        (functools.partial(lambda n, g: np.ones(n), 7), r"<lambda> \(test_hooks\.py:\d+\)"),
        (np.atleast_2d, r"atleast_2d \("),
    ],
)
def test_hooks_of_every_kind_have_a_name(hook, name):
    x = ag.Tensor(np.ones(3), requires_grad=True)
    x.register_hook(hook)
    with pytest.raises(ag.ShapeError, match=f"the hook {name}.*on a leaf without a name"):
        x.sum().backward()


@KINDS
@pytest.mark.parametrize("hook", [None, 3.0, "g", [print]], ids=repr)
def test_what_is_not_callable_is_refused_at_registration(make, hook):
    with pytest.raises(TypeError, match=r"register_hook: got .*; expected a function"):
        make(1.0).register_hook(hook)


@KINDS
@pytest.mark.parametrize("error", [ValueError, ArithmeticError, ZeroDivisionError, ag.ShapeError, TypeError, KeyError])  # fmt: skip
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_error_of_a_hook_is_raised_as_it_is_and_the_hook_called_once(make, error, create_graph):
    calls = []
    mine = error("of the hook")

    def failing(g):
        calls.append(g)
        raise mine

    x = make(2.0)
    y = x * 3.0
    y.register_hook(failing)
    run = lambda: ag.gradients(y * 2.0, [x], create_graph=True)
    with pytest.raises(error) as caught:
        run() if create_graph else (y * 2.0).backward()
    assert caught.value is mine and len(calls) == 1 and mine.__context__ is None
    (x * x).backward()  # and nothing is left of the pass that failed
    assert x.grad == 4.0


@KINDS
def test_an_error_in_a_hook_of_a_pass_that_is_run_again(make):
    """The nan below sends the pass around again; the hook of `x` is called in the second run only."""
    calls = []
    x = make(0.0)

    def failing(g):
        calls.append(float(g))
        raise ValueError("of the hook")

    x.register_hook(failing)
    with pytest.raises(ValueError, match="of the hook"):
        (ag.where(x > 0, ag.log(x), 0.0) + x).backward()
    assert calls == [1.0]


@KINDS
def test_a_remover_removes_its_own_registration_only(make):
    calls = []

    def hook(g):
        calls.append(g)
        return g * 10.0

    x = make(2.0)
    first, second = x.register_hook(hook), x.register_hook(hook)
    (x * 1.0).backward()
    assert len(calls) == 2 and x.grad == 100.0
    first()
    first()
    x.zero_grad()
    (x * 1.0).backward()
    assert len(calls) == 3 and x.grad == 10.0
    second()
    first()
    x.zero_grad()
    (x * 1.0).backward()
    assert len(calls) == 3 and x.grad == 1.0


@KINDS
def test_a_name_given_later_keeps_hooks(make):
    x = make(2.0)
    remove = x.register_hook(lambda g: g * 10.0)
    x.name = "x"
    (x * 1.0).backward()
    remove()
    assert x.grad == 10.0 and x.name == "x" and not x.note.hooks


@KINDS
def test_hooks_of_a_pass_with_create_graph_get_nodes(make):
    x = make(2.0)
    y = x * x
    remove = y.register_hook(lambda g: g * y)
    [slope] = ag.gradients(y * 3.0, [x], create_graph=True)  # 3 y · 2 x = 6 x³
    remove()
    assert slope.data == 48.0 and ag.gradients(slope, [x]) == [72.0]


@KINDS
def test_a_plain_result_with_create_graph_is_a_constant(make):
    x = make(2.0)
    x.register_hook(lambda g: g.data * 0.0 + 5.0)
    [slope] = ag.gradients(x * x, [x], create_graph=True)
    assert isinstance(slope, type(x)) and slope.data == 5.0 and not slope.requires_grad


@KINDS
def test_a_hook_that_only_looks_sees_what_it_cannot_change(make):
    x = make(2.0)
    y = x * 3.0
    seen = []

    def look(g):
        seen.append(float(g))
        if isinstance(g, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                g[...] = 0.0
        return 100.0  # which does not count

    look.only_looks = True
    y.register_hook(look)
    y.register_hook(lambda g: g * 10.0)
    (y * y + y).backward()
    assert seen == [13.0] and x.grad == 390.0


def test_a_look_at_a_gradient_copies_nothing():
    x = ag.Tensor(np.ones(1000), requires_grad=True)
    y = x * 2.0
    seen = []

    def look(g):
        seen.append(g.base is not None and g.size)

    look.only_looks = True
    y.register_hook(look)
    (y * np.arange(1000.0)).sum().backward()
    assert seen == [1000] and x.grad[999] == 1998.0
