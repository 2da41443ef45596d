"""What holds around every test: global state is left as it was found."""

import functools
import gc

import numpy as np
import pytest

import autograd as ag

# Programs: two need PyTorch, which is no dependency, to make the data that tests read; one is killed.
collect_ignore_glob = ["*/make.py", "*/make_reference.py", "*/killed.py", "*/loss_cases.py"]


def pytest_collection_finish():
    """Tens of thousands of tests are millions of objects, which need not be looked through again
    whenever garbage is collected."""
    gc.collect()
    gc.freeze()


@functools.cache
def generators_of(module):
    """The random generators among a module's globals, with their states after it was imported."""
    found = (x for x in vars(module).values() if isinstance(x, np.random.Generator))
    return [(g.bit_generator, g.bit_generator.state) for g in found]


@pytest.fixture(autouse=True)
def same_numbers(request):
    """A test draws the same numbers whatever ran before it."""
    for generator, state in generators_of(request.module) if hasattr(request, "module") else ():
        generator.state = state


@pytest.fixture(autouse=True)
def nothing_leaks():
    """A test that leaves recording off, NumPy's error state changed or cycles of nodes behind fails."""
    ag.random.seed(0)
    numpy_state = np.geterr()
    yield
    assert ag.is_recording(), "recording was left off"
    assert np.geterr() == numpy_state, "NumPy's error state was left changed"


@pytest.fixture
def no_cycles():
    """With the collector off, everything of ours is freed by reference counting alone."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    yield
    gc.collect()
    ours = [x for x in gc.garbage if type(x).__module__.partition(".")[0] in ("autograd", "nn")]
    gc.set_debug(0)
    gc.garbage.clear()
    gc.enable()
    assert not ours, f"{len(ours)} objects in cycles, such as {ours[0]!r:.200}"
