"""Work grows as the input does: twice the size takes twice the instructions, never four times.

Instructions of Python are counted, which are the same on a busy machine; time to 100,000 was taken by
hand. What a C function does inside is not seen, so a program that passes a whole list n times counts
its steps by the length of that list.
"""

import sys

import numpy as np
import pytest

import autograd as ag
import nn

N = 120


def instructions(function, *args):
    """How many instructions of Python a call runs, in all functions together."""
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return count


def leaves(n):
    return [ag.Tensor([1.0], requires_grad=True) for _ in range(n)]


def parameters(n):
    return [nn.Parameter(np.ones(1)) for _ in range(n)]


def nested(n):
    model = nn.Linear(2, 2)
    for _ in range(n):
        model = nn.Sequential(model)
    return model


def nested_from_outside(n):
    outer = inner = nn.Sequential()
    for _ in range(n):
        outer.append(nn.Sequential())
        outer = outer[0]
    return inner


def chain(n):
    x = ag.Tensor(1.0, requires_grad=True)
    y = x
    for _ in range(n):
        y = y * 0.5 + x
    return y


def join(function):
    def run(n):
        function(leaves(n)).sum().backward()

    return run


def second_derivative(n):
    xs = leaves(n)
    dx = ag.gradients((ag.concatenate(xs) ** 2).sum(), xs, create_graph=True)
    ag.gradients(ag.concatenate(dx).sum(), xs)


def split_and_join(n):
    x = ag.Tensor(np.ones(n), requires_grad=True)
    ag.stack(ag.split(x, n)).sum().backward()


def entries(n):
    x = ag.Tensor(np.ones(n), requires_grad=True)
    sum((x[i] for i in range(1, n)), x[0]).backward()


def optimizer(kind):
    def run(n):
        ps = parameters(n)
        opt = kind(ps, lr=0.1)
        for p in ps:
            p.grad = np.ones(1)
        opt.step()
        opt.load_state_dict(opt.state_dict())
        nn.utils.clip_grad_norm_(ps, 1.0)

    return run


def groups(n):
    nn.optim.SGD([{"params": [p]} for p in parameters(n)], lr=0.1)


def many_attributes(n):
    module = nn.Module()
    for i in range(n):
        setattr(module, f"p{i}", nn.Parameter(np.ones(1)))
        setattr(module, f"list{i}", [i])
    module.load_state_dict(module.state_dict())
    list(module.parameters())


def wide(n):
    nn.Sequential(*[nn.Identity() for _ in range(n)])(np.ones(2))


def module_list(n):
    modules = nn.ModuleList(nn.Identity() for _ in range(n))
    modules.state_dict()
    modules.apply(lambda m: None).eval()


def call_nested(n):
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        nested(n)(np.ones((1, 2)))
    finally:
        sys.setrecursionlimit(limit)


def load(n):
    for _ in nn.data.DataLoader(nn.data.TensorDataset(np.ones((n, 1))), batch_size=1):
        pass


def history(n):
    record = nn.training.History()
    for i in range(n):
        record.append({"epoch": i, "loss": 1.0})


def draw(n):
    ag.draw(chain(n), max_nodes=10**6).dot  # noqa: B018


def values(n):
    sum((ag.Value(1.0) for _ in range(n)), ag.Value(0.0)).backward()


def tree(n):
    ag.grad(lambda xs: sum((x * x for x in xs), 0.0))([1.0] * n)


PROGRAMS = {
    "concatenate": join(ag.concatenate), "stack": join(ag.stack), "hstack": join(ag.hstack), "vstack": join(ag.vstack),
    "column_stack": join(ag.column_stack), "dstack": join(ag.dstack),
    "second derivative": second_derivative, "split and join": split_and_join, "entries": entries,
    "chain": lambda n: chain(n).backward(), "values": values, "a tree": tree, "broadcast_arrays": lambda n: ag.broadcast_arrays(*leaves(n)),
    "nested": nested, "nested from outside": nested_from_outside, "state of nested": lambda n: nested(n).state_dict(),
    "call nested": call_nested, "wide": wide, "module list": module_list, "attributes": many_attributes,
    **{f"{kind.__name__}": optimizer(kind) for kind in (nn.optim.SGD, nn.optim.Adam, nn.optim.RMSprop)},
    "groups": groups, "loader": load, "draw": draw, "history": history,
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_twice_the_size_takes_twice_the_instructions(name):
    program = PROGRAMS[name]
    program(2)  # what is computed once
    small, large = (instructions(program, n) for n in (N, 2 * N))
    assert large < 2.3 * small, (small, large)


def test_a_quadratic_program_is_found():
    def quadratic(n):
        return [[i for i in range(n)] for _ in range(n)]

    small, large = (instructions(quadratic, n) for n in (N, 2 * N))
    assert large > 3 * small


def test_the_rule_of_a_variadic_primitive_runs_once():
    calls = []

    def rule(g, out, *xs):
        calls.append(len(xs))
        return [g] * len(xs)

    op = ag.Primitive("add up", lambda *xs: np.sum(xs, 0), rule, variadic=True, at_once=True)
    xs = leaves(5)
    op(*xs).sum().backward()
    assert calls == [5] and all(x.grad.tolist() == [1.0] for x in xs)
    assert op.rules[3](2.0, None, 1, 1, 1, 1) == 2.0


def test_modules_nested_more_deeply_than_python_allows_say_so():
    model = nested(2000)
    with pytest.raises(RecursionError, match="Sequential: got calls inside calls; expected fewer"):
        model(np.ones((1, 2)))
    assert repr(model).startswith("Sequential(\n  (0): Sequential(") and "..." in repr(model)
    names = []
    model.apply(lambda m: names.append(type(m).__name__))
    assert names[:2] == ["Linear", "Sequential"] and len(names) == 2001
