"""Copies: what is computed again for each reader instead of being kept."""

import numpy as np

from autograd.compile.native.copies import LARGE, with_copies
from autograd.compile.native.schedule import (
    Nest,
)
from autograd.compile.native.terms import Term, in_order, mapped


def roles(schedule):
    return [sorted(n.roles.values()) for n in schedule.sequence if isinstance(n, Nest)]


def test_a_mask_is_computed_again_where_it_is_read():
    x = Term("input", (), (100,), float)
    product = Term("product", [x, x], (100,), float)
    mask = mapped("greater", [product, x], bool)
    readers = [mapped("where", [mask, a, x], float) for a in (product, x)]
    far = [Term("product", [r, r], (100,), float) for r in readers]
    outputs = with_copies(far)
    masks = {t for t in in_order(outputs) if t.static.get("function") == "greater"}
    assert len(masks) == 2 and all(t.args == (product, x) for t in masks)


def test_a_large_array_of_few_operations_is_computed_again():
    def masks(size):
        x = Term("input", (), (size,), np.float32)
        term = mapped("exp", [mapped("negative", [x], np.float32)], np.float32)
        readers = [
            Term(
                "reduce", [mapped(f, [term], np.float32)], (), np.float32, function="sum", axes=(0,)
            )
            for f in ("sin", "cos")
        ]
        return sum(t.static.get("function") == "exp" for t in in_order(with_copies(readers)))

    assert masks(100) == 1 and masks(LARGE // 4) == 2


def test_a_copy_is_none_if_the_term_is_an_output():
    x = Term("input", (), (100,), float)
    mask = mapped("greater", [x, x], bool)
    reader = mapped("where", [mask, x, x], float)
    assert with_copies([mask, reader]) == [mask, reader]
