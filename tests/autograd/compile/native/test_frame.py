"""The native call that compares words before it runs a program."""

import ctypes

import numpy as np
import pytest

from autograd.compile.native import frame, llvm
from tests.autograd.compile.native.running import needs_llvm

pytestmark = needs_llvm

PROGRAM = """
define i64 @early(ptr %table) nounwind {
  %x = load i64, ptr %table
  %missed = icmp slt i64 %x, 0
  %result = zext i1 %missed to i64
  %at = getelementptr i64, ptr %table, i64 1
  store i64 1, ptr %at
  ret i64 %result
}
define i64 @late(ptr %table) nounwind {
  %at = getelementptr i64, ptr %table, i64 2
  store i64 1, ptr %at
  ret i64 0
}
"""


@pytest.fixture
def library():
    return llvm.load(PROGRAM, ["early", "late"])


def ran(library, x, words=(), early="early", late="late"):
    """The result, and which of the two functions ran."""
    table = np.array([x, 0, 0], np.int64)
    address = [library.address[name] if name else 0 for name in (early, late)]
    made = frame.frame(list(words), table.ctypes.data, *address)
    return frame.run()(made.ctypes.data), table[1:].tolist()


def test_all_runs_if_nothing_changed(library):
    assert ran(library, 5) == (frame.HOLDS, [1, 1])


def test_a_failed_check_stops_before_updates(library):
    assert ran(library, -5) == (frame.MISSED, [1, 0])


def test_functions_may_be_missing(library):
    assert ran(library, -5, early=None) == (frame.HOLDS, [0, 1])
    assert ran(library, 5, late=None) == (frame.HOLDS, [1, 0])


@pytest.mark.parametrize("changed", range(5))
def test_a_changed_word_stops_all(library, changed):
    numbers = np.arange(5, dtype=np.int64)
    words = [(numbers.ctypes.data + 8 * k, k) for k in range(5)]
    assert ran(library, 5, words) == (frame.HOLDS, [1, 1])
    numbers[changed] += 2**40
    assert ran(library, 5, words) == (frame.CHANGED, [0, 0])


def test_words_after_a_changed_one_are_not_read(library):
    """They may lie where the changed one pointed, in memory that is gone."""
    number = ctypes.c_int64(7)
    words = [(ctypes.addressof(number), 8), (8, 0)]
    assert ran(library, 5, words) == (frame.CHANGED, [0, 0])
