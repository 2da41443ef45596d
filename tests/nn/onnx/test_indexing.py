"""Indices of every form, read and written to, against NumPy; with and without a free batch."""

import numpy as np
import pytest

import autograd as ag
import nn
from nn.onnx.indexing import Index
from tests.nn.onnx.running import check, check_training, written

X = np.random.default_rng(0).normal(size=(4, 5, 6, 3))
ROWS, COLUMNS = np.array([0, -1, 0]), np.array([[1], [4], [2]])
MASK = np.array([True, False, True, True, False])

INDICES = {
    "an int": np.s_[:, 2],
    "a negative step": np.s_[:, ::-2],
    "to the first entry": np.s_[:, 3::-1, 5:1:-2],
    "new axes": np.s_[:, None, 1:3, ..., None],
    "one array": np.s_[:, ROWS],
    "an array of two axes": np.s_[:, :, COLUMNS],
    "two arrays side by side": np.s_[:, ROWS, ROWS],
    "two arrays apart": np.s_[:, ROWS, :, ROWS],
    "broadcast arrays": np.s_[:, ROWS, COLUMNS],
    "arrays and slices": np.s_[1:, ::2, ROWS, 1:],
    "an int among arrays": np.s_[:, 1, ROWS],
    "a mask": np.s_[:, MASK],
    "a mask and a slice": np.s_[:, MASK, ::3],
    "an ellipsis and an array": np.s_[..., ROWS],
    "nothing": np.s_[:, :0],
}


class Read(nn.Module):
    """Entries of the input and of a parameter of the same shape."""

    def __init__(self, index):
        super().__init__()
        self.index, self.weight = index, nn.Parameter(X[0])

    def forward(self, x):
        return (x * self.weight)[self.index]


@pytest.mark.parametrize("name", INDICES)
def test_an_index_is_read_and_its_gradient_written(name, tmp_path):
    path = str(tmp_path / "m.onnx")
    written(
        Read(INDICES[name]), [X], path, training=True, dynamic_batch=name != "arrays and slices"
    )
    check_training(Read(INDICES[name]), [X], path, 1e-12, only="reference")


class Written(nn.Module):
    def __init__(self, index):
        super().__init__()
        self.index = index

    def forward(self, x):
        out = np.zeros_like(ag.data_of(x)) + 1.0
        out[self.index] = ag.data_of(x)[self.index] * 2.0
        return out


@pytest.mark.parametrize("name", [n for n in INDICES if "array" not in n and "mask" not in n])
def test_an_index_is_written_to(name, tmp_path):
    path = str(tmp_path / "m.onnx")
    written(Written(INDICES[name]), [X], path, dynamic_batch=False)
    check(Written(INDICES[name]), [X], path, 1e-12, only="reference")


def test_an_assignment_at_positions_is_refused(tmp_path):
    with pytest.raises(ag.UnsupportedError, match="an assignment at positions in an array"):
        written(Written(INDICES["one array"]), [X], tmp_path / "m.onnx", dynamic_batch=False)


class ByMask(nn.Module):
    def forward(self, x):
        return x[ag.data_of(x) > 0]


def test_a_mask_that_is_computed_is_refused(tmp_path):
    with pytest.raises(ag.UnsupportedError, match="a mask that is computed as an index"):
        written(ByMask(), [X], tmp_path / "m.onnx", dynamic_batch=False)


def test_an_index_is_taken_apart():
    index = Index(np.s_[1, None, ::2, ...], (3, 4, 5))
    assert index.slices == [range(1, 2), range(0, 4, 2), None]
    assert index.dropped == [0] and index.added == [0] and not index.arrays
    apart = Index(np.s_[ROWS, :, ROWS], (3, 4, 5))
    assert sorted(apart.arrays) == [0, 2] and not apart.adjacent


class Unraveled(nn.Module):
    """Where the largest entries are, as numbers of rows, columns and channels."""

    def __init__(self, order):
        super().__init__()
        self.order = order

    def forward(self, x):
        at = ag.data_of(x).reshape(x.shape[0], -1).argmax(axis=1)
        rows, columns, channels = np.unravel_index(at, x.shape[1:], order=self.order)
        return rows * 100 + columns * 10 + channels


def test_places_in_a_flattened_array_are_taken_apart(tmp_path):
    path = str(tmp_path / "m.onnx")
    written(Unraveled("C"), [X], path)
    check(Unraveled("C"), [-X[:3]], path, 0.0)
    with pytest.raises(ag.UnsupportedError, match=r"got numpy.unravel_index in .*; order='F'"):
        written(Unraveled("F"), [X], path)
