"""Every exercise can be solved, and says where to begin."""

import pytest

from demos.practice.catalogue import ALL, BY_NAME
from demos.practice.exercises import source_of
from demos.practice.passes import linear_backward
from demos.practice.sheet import reference_passes, text_of

NAMES = sorted(BY_NAME)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_solution_passes_in_the_readers_file(name):
    assert reference_passes(BY_NAME[name])


@pytest.mark.parametrize("name", NAMES)
def test_question_hints_and_solution(name):
    exercise = BY_NAME[name]
    assert len(exercise.hints) >= 2 and exercise.question.endswith(".")
    solution = exercise.solution()
    assert exercise.hints[-1] in solution and "def " in solution
    assert ("\nBackward" in solution) is bool(exercise.derivation())
    compile(text_of(exercise), name, "exec")


def test_names_are_unique_and_sources_have_no_annotations():
    assert len(BY_NAME) == len(ALL) >= 27
    assert source_of(linear_backward).startswith("def linear_backward(grad_output, x, W, b):\n")
