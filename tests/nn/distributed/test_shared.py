"""Sums in memory that all ranks see, with ranks of this process; test_mpi.py has real ones."""

import mmap
import os
from collections import deque

import numpy as np
import pytest

from nn.distributed import shared


class Barrier:
    """What two ranks wait for, each by a request of its own."""

    def __init__(self):
        self.came = [0, 0]

    def of(self, rank):
        outer = self

        class Comm:
            def Ibarrier(self):
                outer.came[rank] += 1
                number = outer.came[rank]

                class Request:
                    def Test(self):
                        return min(outer.came) >= number

                return Request()

        return Comm()


class World:
    size = 2

    def __init__(self, rank):
        self.rank = rank

    def gathered(self, x):
        return [x, x]

    def barrier(self):
        pass

    def until(self, done, what):
        assert done(), f"{what} waits"


class Channel:
    def __init__(self, rank, parts, totals):
        self.world = World(rank)
        self.parts, self.totals = parts.of(rank), totals.of(rank)
        self.waiting, self.begun = deque(), deque()

    def advance(self):
        while self.waiting and self.waiting[0].request.Test():
            self.waiting[0].exchange()
            self.begun.append(self.waiting.popleft())
        while self.begun and self.begun[0].request.Test():
            self.begun.popleft().end()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, float])
def test_each_rank_adds_up_a_share_of_what_both_have_written(dtype):
    size = 3 * 6 * np.dtype(dtype).itemsize
    start = shared.padded(size)
    memory, parts, totals = mmap.mmap(-1, start + size), Barrier(), Barrier()
    channels = [Channel(rank, parts, totals) for rank in range(2)]
    a, b = (shared.SharedBuffer(c, memory, start, 6, dtype) for c in channels)
    for turn in range(1, 4):
        a.array[:], b.array[:] = turn * np.arange(6), 0.5
        sums = [a.start()]
        channels[0].advance()
        assert not a.total.any() or turn > 1  # the other rank has not written yet
        sums.append(b.start())
        for _ in range(2):
            for channel in channels:
                channel.advance()
        for found in sums:
            assert found.wait().tolist() == (turn * np.arange(6) + 0.5).tolist()
            assert found.wait().dtype == dtype
            found.release()
        a.abandon()


@pytest.mark.skipif(not shared.FILES.is_dir(), reason="there are no files that are memory")
def test_memory_has_no_name_and_is_reserved(tmp_path, monkeypatch):
    before = set(os.listdir(shared.FILES))
    memory = shared.memory_of_all(World(0), 4096)
    assert bytes(memory) == bytes(4096)
    assert shared.memory_of_all(World(0), 2**60) is None
    assert not [n for n in set(os.listdir(shared.FILES)) - before if n.startswith("glassgrad")]
    monkeypatch.setattr(shared, "FILES", tmp_path / "nowhere")
    assert shared.memory_of_all(World(0), 4096) is None
