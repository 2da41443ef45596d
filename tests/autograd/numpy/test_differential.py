"""Every public function against NumPy's, by random calls: values, shapes, dtypes, errors, gradients."""

from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from tests.autograd.numpy import drawn
from tests.autograd.numpy.differential import difference, differences, faults
from tests.autograd.numpy.known import REASONS, reason_for
from tests.autograd.numpy.test_dtypes import OWN

SEEDS = 30
PAGE = Path(__file__).parents[3] / "docs" / "from-numpy.md"


@pytest.mark.parametrize("path", drawn.TABLE)
def test_as_numpy_does(path):
    found = [text for seed in range(SEEDS) for text in faults(path, seed)]
    assert not found, "\n".join(found)


def test_every_function_is_drawn():
    from autograd import numpy as f

    public = {n for n in dir(f) if not n.startswith("_") and callable(getattr(f, n))}
    # Aliases; the functions that NumPy lacks; and what is drawn as a part of `linalg`.
    assert public - drawn.TABLE.keys() - (OWN - {"getitem"}) == {
        "div",
        "mul",
        "neg",
        "sub",
        "multi_dot",
    }
    inside = {f"linalg.{name}" for name in ag.linalg.__all__}
    assert inside - drawn.TABLE.keys() == {"linalg.polar"}


def test_most_calls_are_right():
    """A fuzz whose calls are all refused compares nothing."""
    for path, (theirs, draw) in drawn.TABLE.items():
        right = 0
        for seed in range(SEEDS):
            args, kwargs = draw(drawn.Draw(path, seed))
            with np.errstate(all="ignore"):
                try:
                    theirs(*args, **kwargs)
                except Exception:
                    continue
                right += 1
        assert right > SEEDS / 4, path


def test_users_are_told_the_reasons():
    text = " ".join(PAGE.read_text(encoding="utf-8").split())
    missing = [r.__doc__ for r in REASONS if r.__doc__ not in text]
    assert not missing


def test_no_reason_covers_what_it_should_not():
    assert difference(np.float64(1.0), np.float64(1.0 + 1e-6), 0.0) == "values"
    assert difference(np.float32(1.0), np.float64(1.0), 0.0) == "dtype"
    assert difference(np.ones(2), np.ones((2, 1)), 0.0) == "shape"
    assert difference(ValueError(), np.ones(1), 0.0) == "raises"
    assert difference(np.ones(1), ValueError(), 0.0) == "accepts"
    assert difference(TypeError(), OverflowError(), 0.0) == "error class"
    assert difference([np.ones(1)], [np.ones(1)] * 2, 0.0) == "number of results"


def test_a_wrong_function_is_found(monkeypatch):
    monkeypatch.setitem(drawn.TABLE, "sum", (np.prod, drawn.TABLE["sum"][1]))
    assert any(faults("sum", seed) for seed in range(5))
    found = [d for seed in range(5) for _, d in differences("sum", seed)]
    assert found and any(reason_for(d) is None for d in found)
