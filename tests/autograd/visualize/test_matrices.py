"""What is shown of an array."""

import numpy as np
import pytest

from autograd.visualize.matrices import COLUMNS, ROWS, grid_of
from autograd.visualize.scene import GRADIENT


def test_a_small_matrix_shows_its_numbers():
    grid = grid_of(np.array([[1.0, -0.5], [0.123456, -0.0]]), GRADIENT)
    assert grid.rows == [["1", "−0.5"], ["0.123", "0"]] and grid.look == GRADIENT
    assert grid.shades == [[1.0, -0.5], [0.123456, 0.0]]
    assert grid_of(np.arange(4)).rows == [["0", "1", "2", "3"]]
    assert len(grid_of(np.zeros((4, 4))).rows) == 4


def test_a_larger_one_is_a_thumbnail_of_means():
    grid = grid_of(np.arange(25.0).reshape(5, 5))
    assert grid.rows == [] and np.shape(grid.shades) == (5, 5) and grid.shades[-1][-1] == 1.0
    assert grid_of(np.arange(25.0).reshape(5, 5), thumbnails=False) is None
    large = grid_of(np.repeat(np.arange(20.0), 5)[:, None] * np.ones(64))
    assert np.shape(large.shades) == (ROWS, COLUMNS)
    rows = np.array(large.shades)[:, 0]
    assert rows == pytest.approx((np.arange(0.5, 20, 2)) / 18.5)
    assert np.shape(grid_of(np.ones((2, 3, 5))).shades) == (6, 5)


def test_what_has_no_matrix():
    assert grid_of(3.0) is None and grid_of(np.zeros((0, 3))) is None
    assert grid_of(np.array(["a"])) is None and grid_of(np.ones(2, complex)) is None


def test_nan_and_infinity():
    grid = grid_of(np.array([np.nan, np.inf, -np.inf, 2.0]))
    assert grid.rows == [["nan", "inf", "−inf", "2"]] and grid.shades == [[0.0, 1.0, -1.0, 1.0]]
    assert grid_of(np.array([True, False])).shades == [[1.0, 0.0]]
