"""`ag.program`: a function's program as data, with its inputs, its outputs, and what Python saw."""

import numpy as np
import pytest

import autograd as ag
import nn

VALUE = ag.Value(2.0)


def test_a_program_computes_what_its_function_does():
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU())
    x = np.random.default_rng(0).normal(size=(5, 4))

    def f(x):
        model.zero_grad()
        out = model(ag.Tensor(x))
        ag.sum(out * out).backward()
        return {"out": ag.data_of(out)}

    before, buffers = model.state_dict(), dict(model.named_buffers())
    written = ag.program(f, x)
    assert all(p.grad is None for p in model.parameters())
    assert model.state_dict()["1.num_batches_tracked"] == 0
    values = written.program.run(written.values)
    want = f(x)["out"]
    found = dict(zip(written.roles, values, strict=False))
    np.testing.assert_array_equal(found["result", "out"], want)
    of = {id(t): x for t, x in zip(written.targets, values, strict=False)}
    for p in model.parameters():
        np.testing.assert_array_equal(of[id(p)], p.grad)
    new = [x for x in before if not np.array_equal(before[x], model.state_dict()[x])]
    assert new == ["1.running_mean", "1.running_var", "1.num_batches_tracked"]
    for name in new:
        np.testing.assert_array_equal(of[id(buffers[name])], model.state_dict()[name])


def test_inputs_are_those_that_are_read_and_say_where_they_are_found():
    scale = np.array([2.0, 3.0])
    written = ag.program(lambda x, y: x * scale, np.ones(2), np.ones(2))
    assert "args[0]" in written.places and "args[1]" not in written.places
    assert any(v is scale for v in written.values) and len(written.values) == 2


def test_a_division_by_a_power_of_two_stays_one():
    names = [i.operation.name for i in ag.program(lambda x: x / 4, np.ones(2)).program.instructions]
    assert names == ["divide"]


def test_what_python_saw_is_kept_but_not_what_the_library_checked():
    def seen(x):
        return x * 2.0 if x.sum() > 0 else x

    (check,) = ag.program(seen, np.ones(2)).looked
    assert check.how == "bool" and check.value is True and "test_written.py" in check.line
    embedding = nn.Embedding(4, 2)
    assert ag.program(lambda i: ag.data_of(embedding(i)), np.array([1, 3])).looked == []


def test_a_compiled_step_is_read_by_its_function():
    step = ag.compile(lambda x: x + 1.0)
    assert len(ag.program(step, np.ones(2)).program.instructions) == 1


@pytest.mark.parametrize(
    ("f", "args", "error", "text"),
    [
        (None, (), TypeError, "program: got None; expected a function"),
        (lambda: VALUE * VALUE, (), ag.UnsupportedError, "a function that cannot be written down"),
    ],
)
def test_what_cannot_be_written_down_is_refused(f, args, error, text):
    with pytest.raises(error, match=text):
        ag.program(f, *args)
