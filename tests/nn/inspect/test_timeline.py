"""The file of a timeline: it comes back as it was, and what is none is refused."""

import numpy as np
import pytest

import nn
from nn.inspect.timeline import SHAPES, load_timeline, opened, timeline_of
from tests.autograd.test_html import is_inert
from tests.nn.inspect.test_over_time import trained


def test_a_file_comes_back_as_it_was(tmp_path):
    path = tmp_path / "run.glass"
    _, timeline, _ = trained(path)
    loaded = load_timeline("viewer", path)
    for name in SHAPES:
        np.testing.assert_array_equal(getattr(loaded, name), getattr(timeline, name))
    assert repr(loaded) == repr(timeline) == "Timeline(6 steps, 3 layers, 18 arrays)"
    assert is_inert(loaded._repr_html_()) and opened(path).names == timeline.names


def test_what_is_no_timeline_is_refused(tmp_path):
    (tmp_path / "a.glass").write_bytes(b"nothing")
    np.savez(tmp_path / "b.npz", format="other", statistics=np.zeros(3))
    _, timeline, _ = trained(tmp_path / "run.glass")
    timeline.names = timeline.names[1:]
    timeline.save(tmp_path / "c.glass")
    for name in ("a.glass", "b.npz", "c.glass"):
        with pytest.raises(ValueError, match="which is something else or damaged; expected a tim"):
            load_timeline("viewer", tmp_path / name)
    with pytest.raises(FileNotFoundError, match="where there is no file"):
        load_timeline("viewer", tmp_path / "d.glass")
    with pytest.raises(TypeError, match="viewer: got an int; expected a Timeline or the path"):
        timeline_of("viewer", 3)
    assert opened(tmp_path / "a.glass") == tmp_path / "a.glass" and opened(3) == 3


def test_a_step_by_name(tmp_path):
    _, timeline, _ = trained(tmp_path / "run.glass")
    names = list(timeline.named(0))
    assert set(names) == {*timeline.names, "loss"}
    assert names.index("2.out") < names.index("loss") < names.index("2.out.grad")
    with pytest.raises(IndexError, match="got step 6 of 6"):
        timeline.named(6)


def test_two_runs_are_compared(tmp_path):
    a, b = tmp_path / "a.glass", tmp_path / "b.glass"
    trained(a)
    trained(b)
    assert not nn.compare(a, b) and nn.compare(a, b).compared > 100
    _, other, _ = trained(b, lr=0.2)
    found = nn.compare(a, other)
    assert (found.step, found.operation, found.module) == (1, "0.weight.update", "0")
    other.steps = other.steps + 100
    with pytest.raises(ValueError, match="timelines without a common step"):
        nn.compare(a, other)


def test_every_needs_a_path():
    with pytest.raises(ValueError, match="record: got every=2 without a path"):
        nn.record(nn.Linear(1, 1), every=2)
    with pytest.raises(ValueError, match="every=0"):
        nn.record(nn.Linear(1, 1), "x.glass", every=0)
    with pytest.raises(TypeError, match="as path"):
        nn.record(nn.Linear(1, 1), 3)
