"""Places in the arena: what lives at the same time never overlaps."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.compile.native.memory import ALIGNMENT, Arenas, aligned, placed

BUFFERS = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(0, 20), st.integers(0, 20)), max_size=40
)


@settings(deadline=None)
@given(BUFFERS)
def test_buffers_that_live_together_lie_apart(buffers):
    sizes = {n: size for n, (size, _, _) in enumerate(buffers)}
    spans = {n: (min(a, b), max(a, b)) for n, (_, a, b) in enumerate(buffers)}
    offsets, end = placed(sizes, spans)
    assert offsets.keys() == sizes.keys()
    for k, at in offsets.items():
        assert at % ALIGNMENT == 0 and at >= 0 and at + sizes[k] <= end
        for other, there in offsets.items():
            together = spans[k][0] <= spans[other][1] and spans[other][0] <= spans[k][1]
            if other != k and together:
                assert at + sizes[k] <= there or there + sizes[other] <= at
    alive = [
        sum(aligned(sizes[n]) for n, (a, b) in spans.items() if a <= t <= b) for t in range(21)
    ]
    assert max(alive, default=0) <= end <= sum(map(aligned, sizes.values()))


def test_a_chain_of_results_needs_two_places():
    """Each result is read by the next step only."""
    sizes = {n: 1000 for n in range(50)}
    offsets, end = placed(sizes, {n: (n, n + 1) for n in sizes})
    assert end == 2 * aligned(1000) and set(offsets.values()) == {0, aligned(1000)}


def test_a_small_buffer_goes_into_a_gap():
    sizes = {"first": 640, "between": 64, "last": 640, "long": 128}
    spans = {"first": (0, 1), "between": (2, 2), "last": (3, 4), "long": (0, 4)}
    offsets, end = placed(sizes, spans)
    assert offsets == {"first": 0, "last": 0, "long": 640, "between": 0} and end == 768


def test_sizes_are_rounded_up():
    assert [aligned(n) for n in (0, 1, 64, 65)] == [0, 64, 64, 128]


def test_programs_of_a_step_take_turns_in_one_arena():
    arenas = Arenas()
    large = arenas.arena(1000)
    assert len(large) == 1000 and large.ctypes.data % ALIGNMENT == 0
    small, larger = arenas.arena(64), arenas.arena(2000)
    assert len(small) == 64 and small.ctypes.data == large.ctypes.data
    assert not np.shares_memory(large, larger)
    assert arenas.arena(2000).ctypes.data == larger.ctypes.data
    with_zeros = arenas.arena(500, zeros=64)
    assert not np.shares_memory(with_zeros, larger) and not with_zeros.any()
    assert arenas.arena(500).ctypes.data == larger.ctypes.data
