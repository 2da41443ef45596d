"""What programs keep is put back."""

import threading

import numpy as np

from autograd.testing.examine.state import Surroundings, fresh

memory = {"calls": 0, "arrays": [np.zeros(2)]}
counter = 0
generator = np.random.default_rng(0)


def program(x):
    global counter
    counter += 1
    memory["calls"] += 1
    memory["arrays"][0][:] = 5.0
    memory["new"] = x
    return generator.normal() + np.random.rand()  # noqa: NPY002


def test_globals_containers_arrays_and_generators():
    before = memory["arrays"][0]
    state = Surroundings(program)
    first = program(1)
    state.restore()
    assert counter == 0 and memory.keys() == {"calls", "arrays"} and memory["calls"] == 0
    assert memory["arrays"][0] is before and not before.any()
    assert program(1) == first
    state.restore()


def test_cells_and_bound_methods():
    calls, kept = [], None

    class Owner:
        mask = None

        def run(self, x):
            nonlocal kept
            kept = x
            calls.append(x)
            self.mask = x
            return x

    owner = Owner()
    state = Surroundings(owner.run)
    owner.run(3)
    state.restore()
    assert calls == [] and kept is None and owner.mask is None


def test_a_copy_shares_nothing_but_what_cannot_be_copied():
    class Layer:
        def __init__(self):
            self.W, self.lock = np.ones(2), threading.Lock()

    layer = Layer()
    other = fresh(layer)
    other.W[:] = 0.0
    assert layer.W.all() and other.lock is layer.lock


def test_a_function_made_by_exec_has_no_module():
    scope = {}
    exec("kept = []\ndef program(x):\n    kept.append(x)\n    return x", scope)
    state = Surroundings(scope["program"])
    scope["program"](1)
    state.restore()
    assert scope["kept"] == []
