"""What the page gets of a sample's path."""

import base64

import numpy as np

from nn.inspect.paths import CELLS, FULL, packed_paths, plane
from nn.inspect.timeline import UNITS, Timeline


def followed(moments=5, layers=("0", "1"), units=3, seed=0):
    timeline = Timeline()
    timeline.sample_steps = np.arange(moments) * 4 + 1
    timeline.sample_layers = list(layers)
    timeline.sample = np.full((moments, len(layers), UNITS), np.nan, np.float32)
    values = np.random.default_rng(seed).normal(size=(moments, len(layers), units))
    timeline.sample[:, :, :units] = values
    return timeline, values


def decoded(text, dtype):
    return np.frombuffer(base64.b64decode(text), dtype)


def test_entries_come_back_within_a_step_of_their_code():
    timeline, values = followed()
    [found] = packed_paths([timeline])
    codes = decoded(found["entries"], np.int8).reshape(5, 2, UNITS)
    most = np.array(found["most"])[:, None]
    np.testing.assert_allclose(most[:, 0], np.abs(values).max(axis=(0, 2)), rtol=1e-6)
    error = np.abs(codes[:, :, :3] / FULL * most - values)
    assert error.max() <= 0.51 * most.max() / FULL
    assert (codes[:, :, 3:] == -FULL - 1).all() and found["sizes"] == [3, 3]
    assert found["steps"] == [1, 5, 9, 13, 17]


def test_a_plane_keeps_the_distances_of_what_lies_in_one():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(6, 2)) @ rng.normal(size=(2, 10)) + 3.0
    [points] = plane([flat])
    ratio = np.linalg.norm(points[1:] - points[:-1], axis=1) / np.linalg.norm(
        flat[1:] - flat[:-1], axis=1
    )
    np.testing.assert_allclose(ratio, ratio[0])
    assert np.abs(points).max() == 1.0
    one, other = plane([flat[:2], flat[2:]])
    np.testing.assert_allclose(np.concatenate([one, other]), points)


def test_what_does_not_move_or_is_no_number_stays_in_the_middle():
    assert not plane([np.ones((4, 3))])[0].any() and not plane([np.ones((1, 3))])[0].any()
    assert np.isfinite(plane([np.array([[np.inf, 1.0], [np.nan, 2.0]])])[0]).all()
    timeline, _ = followed()
    timeline.sample[2] = np.nan
    [found] = packed_paths([timeline])
    assert np.isfinite(decoded(found["points"], "<f4")).all()


def test_two_runs_share_the_planes_of_their_layers():
    (a, _), (b, _) = followed(), followed(moments=3, layers=("1", "2"), seed=1)
    first, second = packed_paths([a, b])
    assert decoded(first["points"], "<f4").shape == (2 * 5 * 2,)
    assert decoded(second["points"], "<f4").shape == (2 * 3 * 2,)
    assert packed_paths([Timeline(), a])[0] is None


def test_moments_are_left_out_where_layers_are_many():
    timeline, _ = followed(moments=32, layers=[str(i) for i in range(200)])
    [found] = packed_paths([timeline])
    assert found["steps"][0] == 1 and found["steps"][-1] == 125
    assert len(found["steps"]) * 200 * UNITS <= CELLS
