"""Primitives: what a rule may return, and what is refused at construction or call."""

import functools

import numpy as np
import pytest

import autograd as ag

KINDS = pytest.mark.parametrize("make", [ag.Value, lambda x: ag.Tensor(x, requires_grad=True)])


def test_add_to_of_a_primitive_of_ones_own():
    def rule(g, out, x, *, at):
        calls.append("rule")
        return np.eye(1, len(x), at)[0] * g

    def add_to(total, g, x, *, at):
        calls.append("add_to")
        total[at] += g

    calls = []
    pick = ag.Primitive("pick", lambda x, *, at: x[at], rule, add_to=add_to)
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    (pick(x, at=0) + 2.0 * pick(x, at=2) + 4.0 * pick(x, at=2)).backward()
    assert x.grad.tolist() == [1.0, 0.0, 6.0]
    assert calls == ["rule", "add_to", "add_to"]


def primitive(rule, **facts):
    return ag.Primitive("mine", lambda x: x * 2.0, rule, **facts)


def gradient_with(rule, make=None, **facts):
    x = ag.Tensor(np.ones(3), requires_grad=True) if make is None else make(2.0)
    out = primitive(rule, **facts)(x)
    (out if make else out.sum()).backward()
    return x.grad


WRONG = [
    (lambda g, out, x: None, r"got None from the rule for argument 0; .*write None in place"),
    (lambda g, out, x: "text", "got a str from the rule for argument 0"),
    (lambda g, out, x: [g, g], "got a list from the rule"),
    (lambda g, out, x: 1j, "got a complex from the rule for argument 0"),
    (lambda g, out, x: np.ones((5, 4)), r"of shape \(5, 4\) from the rule for argument 0"),
]


@KINDS
@pytest.mark.parametrize(("rule", "text"), WRONG)
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("followed", [False, True])
def test_a_rule_that_returns_no_gradient_is_named(make, rule, text, create_graph, followed):
    x = make(2.0)
    y = x * 3.0 if followed else x
    out = primitive(rule, elementwise=True)(y) + y
    with pytest.raises(ag.GraphError, match=f"^mine: got .*{text.removeprefix('got ')}"):
        ag.gradients(out, [x], create_graph=create_graph)
    with pytest.raises(ag.GraphError, match=r"^mine: got "):
        out.backward()


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (lambda g, out, x: g[:2], r"got a gradient of shape \(2,\).*expected the .* shape, \(3,\)"),
        (lambda g, out, x: np.ones((2, 3)), r"got a gradient of shape \(2, 3\)"),
        (lambda g, out, x: g.astype(complex), "got a gradient of dtype complex128"),
        (lambda g, out, x: g.astype(object), "got a gradient of dtype object"),
        (lambda g, out, x: ag.Value(1.0), "got a Value from the rule"),
    ],
)
@pytest.mark.parametrize("elementwise", [False, True])
def test_a_gradient_of_a_tensor_that_does_not_fit_is_named(rule, text, elementwise):
    with pytest.raises(ag.GraphError, match=f"^mine: {text}"):
        gradient_with(rule, elementwise=elementwise)


def test_labels_name_the_argument():
    power = ag.Primitive(
        "mine",
        lambda base, exponent: base**exponent,
        lambda g, out, base, exponent: g * exponent * base ** (exponent - 1),
        lambda g, out, base, exponent: None,
        labels=("base", "exponent"),
        elementwise=True,
    )
    for make in (ag.Value, lambda x: ag.Tensor(x, requires_grad=True)):
        out = power(make(2.0), make(3.0))
        with pytest.raises(ag.GraphError, match=r"from the rule for argument 1 \(exponent\);"):
            out.backward()


@KINDS
@pytest.mark.parametrize("result", [2.0, np.float32(2.0), np.array(2.0)], ids=repr)
def test_a_rule_may_return_any_real_number(make, result):
    grad = gradient_with(lambda g, out, x: result, make, elementwise=True)
    assert grad == float(result)
    assert type(grad) is (float if make is ag.Value else np.ndarray)


@KINDS
def test_a_rule_may_return_a_node_it_closed_over(make):
    slope = make(7.0)
    assert gradient_with(lambda g, out, x: slope, make, elementwise=True) == 7.0


@KINDS
def test_a_rule_that_returns_a_number_returns_a_constant_with_create_graph(make):
    x = make(2.0)
    [d] = ag.gradients(
        primitive(lambda g, out, x: 2.0, elementwise=True)(x), [x], create_graph=True
    )
    assert isinstance(d, type(x)) and d.data == 2.0 and not d.requires_grad


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (
            lambda: ag.Primitive("p", lambda x, y: x, G),
            "got 1 rule for a kernel that takes a different",
        ),
        (lambda: ag.Primitive("p", lambda x: x, G, G2), "got 2 rules for a kernel"),
        (lambda: ag.Primitive("p", np.hypot, G), "got 1 rule for a kernel"),
        (lambda: ag.Primitive("p", lambda x: x), "got 0 rules for a kernel"),
        (lambda: ag.Primitive("p", lambda x: x, G, labels=("x", "y")), "labels=.* and 1 rule"),
        (
            lambda: ag.Primitive("p", lambda x: x, lambda g, out: g),
            "argument 0 that takes a different",
        ),
        (lambda: ag.Primitive("p", lambda x: x, 3.0), "a float as the rule for argument 0"),
        (lambda: ag.Primitive("p", None, G), "None as its kernel"),
        (lambda: ag.Primitive("p", lambda *xs: xs, variadic=True), "variadic=True and 0 rules"),
        (
            lambda: ag.Primitive("p", lambda *xs: xs, None, variadic=True),
            "variadic=True and 1 rule",
        ),
        (lambda: ag.Primitive("p", lambda *xs: xs, G, G, variadic=True), "variadic=True and 2"),
    ],
)
def test_parts_that_do_not_fit_are_refused_at_construction(build, text):
    with pytest.raises(TypeError, match=f"^Primitive 'p': got .*{text.removeprefix('got ')}"):
        build()


def G(g, out, x):
    return g


def G2(g, out, x, y):
    return g


def test_kernels_and_rules_may_have_defaults_and_facts_by_keyword():
    ag.Primitive("p", lambda x, n=2: x * n, lambda g, out, x, n=2: g * n)
    ag.Primitive("p", lambda x, *, n: x * n, lambda g, out, x, *, n: g * n)
    ag.Primitive("p", lambda *xs: xs[0], lambda g, *rest: g, None)
    ag.Primitive("p", np.exp, lambda g, out, x: g * out)
    ag.Primitive("p", functools.partial(np.clip, a_min=0.0, a_max=1.0), G)


@KINDS
@pytest.mark.parametrize("given", [0, 1, 3])
def test_a_call_with_another_number_of_arguments_says_how_many(make, given):
    first = ag.Primitive("first", lambda x, y: x, G2, None)
    both = ag.Primitive("both", lambda x, y: x + y, G2, G2, elementwise=True)
    three = ag.Primitive("three", lambda x, y, z: x, *[lambda g, out, x, y, z: g] * 3, elementwise=True)  # fmt: skip
    for op, wanted in ((first, 2), (both, 2), (three, 3)):
        args = [make(1.0)] * (given + (wanted == 3 and given == 3))
        for plain in (False, True):
            with pytest.raises(TypeError, match=rf"{op.name}: got {len(args)} argument.*; expected {wanted}"):  # fmt: skip
                op(*([1.0] * len(args) if plain else args))


def test_the_type_error_of_a_kernel_is_its_own():
    op = ag.Primitive("p", lambda x: x + "text", G)
    with pytest.raises(TypeError, match=r"p: got shape \(1,\); .*ufunc .add"):
        op(ag.Tensor([1.0]))


def test_what_a_primitive_is_called():
    plain, named = ag.Primitive("p", lambda x: x, G), ag.Primitive("p", lambda x: x, G, symbol="§")
    assert (plain.name, plain.symbol, plain.__name__) == ("p", "p", "p") and named.symbol == "§"
    assert repr(plain) == "<primitive p>" and plain.__doc__ == "p, a primitive"
    told = ag.Primitive("p", lambda x: x, G, formula="x")
    assert (told.formula, told.__doc__, plain.formula) == ("x", "p: x", "")


def test_two_arguments_and_a_static_fact_again_and_again():
    """The first call makes the fast form, which takes no facts beside two arguments."""
    op = ag.Primitive(
        "scaled", lambda x, y, k=1.0: k * x * y,
        lambda g, out, x, y, k=1.0: g * k * y, lambda g, out, x, y, k=1.0: g * k * x,
    )  # fmt: skip
    x, y = ag.Tensor(2.0, requires_grad=True), ag.Tensor(3.0, requires_grad=True)
    for _ in range(3):
        assert op(x, y).item() == 6.0
        z = op(x, y, k=5.0)
        assert z.item() == 30.0 and z.static == {"k": 5.0}
        assert ag.gradients(z, [x, y]) == [15.0, 10.0]


def test_one_argument_and_a_static_fact_again_and_again():
    op = ag.Primitive("times", lambda x, k=1.0: k * x, lambda g, out, x, k=1.0: g * k)
    x = ag.Tensor(2.0, requires_grad=True)
    for k in (2.0, 3.0, 4.0):
        z = op(x, k=k)
        assert (z.item(), z.static, ag.gradients(z, [x])) == (2.0 * k, {"k": k}, [k])
        assert op(x).item() == 2.0


def test_a_wrapped_rule_counts_as_taking_what_it_passes_on():
    @functools.wraps(lambda g, out, x: g)
    def rule(*args):
        return args[0]

    assert ag.Primitive("p", lambda x: x, rule).rules == (rule,)


def test_a_wrapper_is_taken_by_its_own_number_of_arguments():
    @functools.wraps(G)
    def rule(g):
        return g

    with pytest.raises(TypeError, match="argument 0 that takes a different number"):
        ag.Primitive("p", lambda x: x, rule)


class Scale:
    def __init__(self, by):
        self.by = by

    def kernel(self, x):
        return self.by * x

    def rule(self, g, out, x):
        return self.by * g


@KINDS
def test_kernel_and_rule_may_be_methods(make):
    scale, x = Scale(3.0), make(2.0)
    op = ag.Primitive("scale", scale.kernel, scale.rule, elementwise=True)
    assert op(x).data == 6.0 and ag.gradients(op(x), [x]) == [3.0]
    with pytest.raises(TypeError, match="got 2 rules for a kernel"):
        ag.Primitive("scale", scale.kernel, scale.rule, scale.rule)


def test_what_is_said_of_a_primitive():
    plain = ag.Primitive("p", lambda x: x, G)
    assert plain.analytic and not (plain.step or plain.elementwise or plain.variadic)
    other = ag.Primitive("p", lambda x: x, G, analytic=False, step=True, elementwise=True)
    assert (other.analytic, other.step, other.elementwise) == (False, True, True)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("create_graph", [False, True])
def test_any_number_of_arguments(count, at_once, create_graph):
    def each(g, out, *xs, argument):
        calls.append(argument)
        return (argument + 1.0) * g

    def all_of_them(g, out, *xs):
        calls.append("all")
        return [(k + 1.0) * g for k in range(len(xs))]

    calls = []
    rule = all_of_them if at_once else each
    weighted = ag.Primitive("weighted", lambda *xs: sum((k + 1.0) * x for k, x in enumerate(xs)), rule, variadic=True, at_once=at_once)  # fmt: skip
    xs = [ag.Tensor(1.0, requires_grad=True) for _ in range(count)]
    for _ in range(2):
        calls.clear()
        out = weighted(*xs)
        found = ag.gradients(out, xs, create_graph=create_graph)
        assert out.inputs == tuple(xs) and [ag.data_of(g) for g in found] == [1.0, 2.0, 3.0, 4.0][:count]  # fmt: skip
        assert calls == (["all"] if at_once else [*range(count)])


def test_the_type_error_of_a_kernel_of_any_number_of_arguments_is_its_own():
    op = ag.Primitive("p", lambda *xs: xs[0] + "text", lambda g, out, *xs: g, variadic=True)
    with pytest.raises(TypeError, match="unsupported operand"):
        op(1.0, 2.0)


def test_no_argument_at_all():
    op = ag.Primitive("seven", lambda: 7.0)
    for _ in range(2):
        assert op() == 7.0
        with pytest.raises(TypeError, match="seven: got 1 argument; expected 0"):
            op(ag.Tensor(1.0))


@KINDS
def test_an_argument_without_a_gradient_again_and_again(make):
    """No fast form is made of it."""
    first = ag.Primitive("first", lambda x, y: x + 0.0 * y, G2, None, elementwise=True)
    x, y = make(2.0), make(3.0)
    for _ in range(3):
        z = first(x, y)
        assert z.inputs == (x, None) and ag.gradients(z, [x, y]) == [1.0, None]
        assert not first(x.detach(), y).requires_grad


@KINDS
def test_what_is_no_operand_again_and_again(make):
    add = ag.Primitive("sum", lambda x, y: x + y, G2, G2, elementwise=True)
    x = make(2.0)
    for _ in range(3):
        with pytest.raises(ag.DTypeError, match=r"^sum( of a Value)?: got "):
            add(x, object())
        assert add(x, 3.0).data == 5.0


# --- three arguments, for which there is no fast form ---

three = ag.Primitive(
    "three", lambda x, y, z, k=1.0: k * x * y * z,
    lambda g, out, x, y, z, k=1.0: g * k * y * z, lambda g, out, x, y, z, k=1.0: g * k * x * z,
    lambda g, out, x, y, z, k=1.0: g * k * x * y, elementwise=True,
)  # fmt: skip


def test_three_arguments_and_a_static_fact():
    xs = [ag.Tensor(x, requires_grad=True) for x in (2.0, 3.0, 4.0)]
    for k in (1.0, 5.0):
        out = three(*xs, k=k)
        assert out.static == {"k": k} and ag.gradients(out, xs) == [12.0 * k, 8.0 * k, 6.0 * k]
    plain = three(*xs)
    assert plain.static is None and ag.gradients(plain, xs) == [12.0, 8.0, 6.0]


@KINDS
def test_three_arguments_record_where_two_do(make):
    x, c = make(2.0), make(3.0).detach()
    cut = (x * 1.0).detach()
    for args in ((x, c, c), (c, c, x), (c, 4.0, x), (c, c, c), (4.0, c, 4.0), (cut, c, c), (c, 4.0, cut)):  # fmt: skip
        for block in (ag.enable_grad, ag.no_grad):
            with ag.no_grad(), block():
                mine, other = three(*args), args[0] * args[1] * args[2]
            assert type(mine) is type(other) and mine.data == other.data
            assert mine.requires_grad == other.requires_grad and mine.note is other.note
            assert (mine.inputs == ()) == (not mine.requires_grad)


def test_constants_of_three_arguments_that_are_written_to_later():
    x, a, b = ag.Tensor([2.0, 4.0], requires_grad=True), np.array([3.0, 5.0]), np.array([1.0, 2.0])
    for args in ((x, a, b), (a, x, b), (a, b, x)):
        out = three(*args)
        a[:], b[:] = 100.0, 100.0
        assert ag.gradients(out.sum(), [x])[0].tolist() == [3.0, 10.0]
        a[:], b[:] = [3.0, 5.0], [1.0, 2.0]
