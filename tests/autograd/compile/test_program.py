"""The program as data: its interpreter, its listing, its stages, and its drawing."""

import re

import numpy as np
import pytest

import autograd as ag
from autograd.compile import program as ops
from autograd.compile.printing.drawing import scene_of
from autograd.compile.printing.listing import listing
from autograd.compile.program import Check, Program
from autograd.errors import UnsupportedError
from autograd.visualize.dot import dot_of
from tests.autograd.compile.building import Build, random_program
from tests.autograd.compile.printing.test_source import two_layers


def test_the_interpreter_gives_outputs_and_what_is_checked():
    b = Build()
    x = b.input(np.array([1.0, 2.0]))
    y = b(np.exp, x)
    small = b(np.less, b("max", x), 3.0)
    program = Program(b.inputs, b.instructions, [y], [Check(small, True, "bool", "")])
    out, check = program.run([np.array([0.0, 5.0])])
    assert np.array_equal(out, np.exp([0.0, 5.0])) and not check


@pytest.mark.parametrize(
    ("operation", "args", "wanted"),
    [
        (ops.SETITEM, (np.arange(3.0), 1, 9.0), [0, 9, 2]),
        (ops.ADD_AT, (np.arange(3.0), (np.array([0, 2]),), -1.0), [-1, 1, 1]),
        (ops.WRITE, (np.arange(3.0), 4), [4, 4, 4]),
        (ops.COPY, (np.arange(3),), [0, 1, 2]),
        (ops.TRANSPOSE, (np.array([[1, 2]]), (1, 0)), [[1], [2]]),
        (ops.RESHAPE, (np.arange(4), (2, 2)), [[0, 1], [2, 3]]),
        (ops.BROADCAST, (np.arange(2), (2, 2)), [[0, 1], [0, 1]]),
        (ops.ASTYPE, (np.array([1.5]), np.dtype(int)), [1]),
        (ops.PIECES, ((4,), np.dtype(float), (0, slice(2, 4)), 7.0, np.ones(2)), [7, 0, 1, 1]),
    ],
)
def test_an_operation_leaves_its_arguments_alone(operation, args, wanted):
    before = [np.array(x) for x in args if isinstance(x, np.ndarray)]
    assert np.array_equal(operation.compute(*args), wanted)
    arrays = [x for x in args if isinstance(x, np.ndarray)]
    assert all(np.array_equal(x, y) for x, y in zip(arrays, before, strict=True))


def test_a_listing_names_each_instruction_once():
    for seed in range(20):
        program, _ = random_program(np.random.default_rng(seed))
        lines = listing(program).splitlines()
        names = [line.split(" = ")[0] for line in lines if " = " in line]
        assert len(names) == len(set(names)) == len(program.instructions)


def test_the_stages_of_a_step():
    step = two_layers()
    stages = step.stages()
    assert next(iter(stages)) == "trace"
    assert list(stages)[-2:] == ["source", "NumPy"]
    assert "1. dead code" in stages and len(stages) > 6
    assert stages["source"] == step.source
    assert stages["trace"].count("\n") > stages[list(stages)[-3]].count("\n")
    assert "v1 = transpose(0.weight)" in stages["trace"]
    assert "v2 = dot(x, v1)" in stages["trace"]


def test_a_program_is_drawn_before_and_after(tmp_path):
    step = two_layers()
    dot = step.draw().dot
    assert re.search(r"as recorded: \d+ operations", dot)
    assert re.search(r"after all passes: \d+ operations", dot)
    assert "tanh" not in dot and "maximum\\n24 × 5" in dot
    assert "0.weight\\n5 × 3" in dot and "transpose\\n3 × 5" in dot
    assert "Glassgrad" not in dot and "0x" not in dot
    text = step.report(tmp_path / "step.svg")
    assert text == step.report()
    assert (tmp_path / "step.svg").read_text().startswith("<?xml")


def test_a_large_program_is_drawn_by_modules():
    b = Build()
    x = b.input(np.ones(3))
    for _ in range(200):
        x = b(np.exp, x)
    program = b.program(x)
    for n, i in enumerate(program.instructions):
        i.module = f"layer{n // 100}: Linear"
    dot = dot_of(scene_of(program, program))
    assert dot.count("layer0: Linear\\n100 operations") == 2
    assert "a0 -> a1" in dot and "b0 -> b1" in dot


def test_a_step_without_a_program_cannot_be_drawn():
    with pytest.raises(UnsupportedError, match="draw: got a step that has no program"):
        ag.compile(lambda x: x).draw()
    assert ag.compile(lambda x: x).stages() == {}
