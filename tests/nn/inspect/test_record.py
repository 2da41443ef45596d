"""What a recording holds: every node, its value, its gradient, its line, and values by name."""

import numpy as np
import pytest

import autograd as ag
import nn


def recorded(steps=1):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    with nn.record(model) as run:
        for _ in range(steps):
            model(np.ones((2, 3))).sum().backward()
    return model, run


def test_nodes_carry_operation_module_line_value_and_gradient():
    model, run = recorded()
    nodes = run.passes[0].nodes
    tanh = next(n for n in nodes if n.operation == "tanh")
    assert tanh.module == "1" and tanh.line.text == "model(np.ones((2, 3))).sum().backward()"
    np.testing.assert_array_equal(tanh.gradient, np.broadcast_to(model[2].weight.data, (2, 4)))
    assert tanh.handed[0].shape == (2, 4)
    weight = next(n for n in nodes if n.operation == "parameter 0.weight")
    np.testing.assert_array_equal(weight.gradient, model[0].weight.grad)
    first = next(n for n in nodes if n.operation == "inner")
    np.testing.assert_array_equal(first.given[0], np.ones((2, 3)))


def test_values_by_name():
    model, run = recorded()
    values = run.passes[0].values
    assert {"0.weight", "0.out", "1.out", "out", "loss", "1.out.grad", "0.weight.grad"} <= set(
        values
    )
    np.testing.assert_array_equal(values["0.weight.grad"], model[0].weight.grad)


def test_nothing_is_left_behind():
    model, run = recorded(2)
    assert len(run.passes) == 2 and repr(run).startswith("Recording(2 passes, ")
    assert not any(m._forward_hooks for m in model.modules())


def test_what_is_refused():
    with pytest.raises(TypeError, match="record: got an int; expected a module"), nn.record(3):
        pass
    _, run = recorded()
    with pytest.raises(IndexError, match="got pass 1 of 1; expected a pass that was recorded"):
        run.save("x.npz", 1)


def test_passes_of_other_models_are_not_kept():
    model, other = nn.Linear(2, 1), nn.Linear(2, 1)
    with nn.record(model) as run, nn.record(other) as second:
        for one in (model, other, other):
            one(np.ones((1, 2))).sum().backward()
    assert (len(run.passes), len(second.passes)) == (1, 2)


def test_a_folder_is_refused_before_the_training(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"record: got the folder .*; expected the path of"):
        nn.record(nn.Linear(2, 1), tmp_path)


@pytest.mark.parametrize("path", [None, "run.glass"])
def test_a_block_is_entered_once(tmp_path, path):
    block = nn.record(nn.Linear(2, 1), path and tmp_path / path)
    with block:
        pass
    with pytest.raises(RuntimeError, match=r"record: got a second block; .*call nn.record again"):
        block.__enter__()
