"""The one native call of a program whose guards are words of memory: compare, compute, update."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from autograd.compile.guards.memory import Word
from autograd.compile.native import llvm

# It keeps the interpreter's lock, so that what it compared is so until it returns.
CALL = ctypes.PYFUNCTYPE(ctypes.c_int64, ctypes.c_void_p)
HOLDS, CHANGED, MISSED = 0, 1, 2
HEAD = 4  # entries of a frame before its words
# A frame is the number of words, the table of the program, the functions before and after its
# checks, and an address and a value for each word. A word may lie where an earlier one points, so
# none is read before the ones in front of it were found unchanged.
TEXT = f"""
define i64 @run(ptr %frame) nounwind {{
entry:
  %n = load i64, ptr %frame
  %words = getelementptr i64, ptr %frame, i64 {HEAD}
  br label %next
next:
  %k = phi i64 [0, %entry], [%k1, %same]
  %more = icmp slt i64 %k, %n
  br i1 %more, label %look, label %compute
look:
  %at = shl i64 %k, 1
  %word.at = getelementptr i64, ptr %words, i64 %at
  %value.at = getelementptr i64, ptr %word.at, i64 1
  %word = load ptr, ptr %word.at
  %now = load volatile i64, ptr %word
  %value = load i64, ptr %value.at
  %unchanged = icmp eq i64 %now, %value
  br i1 %unchanged, label %same, label %changed
same:
  %k1 = add i64 %k, 1
  br label %next
changed:
  ret i64 {CHANGED}
compute:
  %table.at = getelementptr i64, ptr %frame, i64 1
  %early.at = getelementptr i64, ptr %frame, i64 2
  %late.at = getelementptr i64, ptr %frame, i64 3
  %table = load ptr, ptr %table.at
  %early = load ptr, ptr %early.at
  %late = load ptr, ptr %late.at
  %missed = call i64 %early(ptr %table)
  %holds = icmp eq i64 %missed, 0
  br i1 %holds, label %update, label %failed
failed:
  ret i64 {MISSED}
update:
  %done = call i64 %late(ptr %table)
  ret i64 {HOLDS}
}}

define i64 @nothing(ptr %table) nounwind {{
  ret i64 0
}}
"""


@cache
def library() -> llvm.Library:
    """The two functions, which serve all programs."""
    return llvm.load(TEXT, ["run", "nothing"])


@cache
def run() -> Any:
    """Runs a frame, given its address: HOLDS, or why it did nothing that is seen from outside."""
    return CALL(library().address["run"])


def frame(words: Sequence[Word], table: int, early: int, late: int) -> np.ndarray:
    """A frame; `early` and `late` are addresses of functions, 0 for none."""
    nothing = library().address["nothing"]
    numbers = [len(words), table, early or nothing, late or nothing]
    return np.array([*numbers, *(n for pair in words for n in pair)], np.int64)
