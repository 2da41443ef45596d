"""Every primitive has a form in ONNX or a reason, forwards and backwards."""

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.primitives import PRIMITIVES
from nn.onnx import operations
from tests.cases import CASES
from tests.nn.onnx.running import check, check_training, written


class Held(nn.Module):
    """A primitive of parameters, times a number."""

    def __init__(self, primitive, static, arrays):
        super().__init__()
        self.primitive, self.static, self.arrays = primitive, static, arrays
        for k, x in enumerate(arrays):
            if x.dtype.kind == "f":
                self.register_parameter(f"p{k}", nn.Parameter(x))

    def forward(self, one):
        args = [getattr(self, f"p{k}", x) for k, x in enumerate(self.arrays)]
        return self.primitive(*args, **self.static) * one


def arrays_of(case, dtype):
    arrays = [np.asarray(x) for x in case.arguments()]
    return [x.astype(dtype) if x.dtype.kind == "f" else x for x in arrays]


# Two cases, of equal shapes and of unequal ones, are enough for the elementwise ones.
SHAPES = [((2, 3), (3,)), ((1,), ())]
FEW = {
    (c.name, tuple(c.shapes), str(c.static)): c
    for c in CASES
    if (c.shapes[0] or c.static) and tuple(c.shapes) not in SHAPES
}
FEW = list({key: c for key, c in FEW.items() if key[1][0] != (5,)}.values())


def test_every_primitive_has_a_case():
    assert {c.name for c in FEW} == PRIMITIVES.keys()


def test_reasons_are_of_primitives_and_operations_without_an_emitter():
    assert operations.PRIMITIVES.keys() <= PRIMITIVES.keys()
    assert not operations.REASONS.keys() & operations.OPERATIONS.keys()
    assert all(operations.REASONS.values()) and all(operations.PRIMITIVES.values())


@pytest.mark.parametrize("case", FEW, ids=lambda c: f"{c.name}{list(c.shapes)}")
def test_a_primitive_and_its_rules_have_a_form_or_a_reason(case, tmp_path):
    path = str(tmp_path / "m.onnx")
    model = Held(case.primitive, case.static, arrays_of(case, np.float32))
    given = [np.ones((), np.float32)]
    if case.name in operations.PRIMITIVES:
        with pytest.raises(ag.UnsupportedError, match=operations.PRIMITIVES[case.name]):
            written(model, given, path, dynamic_batch=False)
    elif case.name == "det" and case.shapes != ((0, 0),):
        written(model, given, path, dynamic_batch=False)
        check(model, given, path)
        with pytest.raises(ag.UnsupportedError, match=r"numpy\.linalg\.inv"):
            written(model, given, path, dynamic_batch=False, training=True)
    else:
        written(model, given, path, dynamic_batch=False, training=True)
        check_training(model, given, path)
