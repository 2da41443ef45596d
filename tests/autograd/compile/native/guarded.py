"""A program for test_guards.py: compiled steps whose every array ends, or begins, at a page that
nobody may touch, in the arena too. Who reads or writes one byte beyond is killed."""

import ctypes
import mmap
import sys

import numpy as np

import autograd as ag
import nn
from autograd.compile.native import plan, runner
from autograd.compile.native.ir import Function
from tests.autograd.compile.building import random_program
from tests.autograd.compile.native.running import Machine, compiled, native_of

PAGE = mmap.PAGESIZE
PROT_NONE = 0
libc = ctypes.CDLL(None, use_errno=True)
regions = []  # stay mapped


def paged(nbytes):
    return -(-nbytes // PAGE) * PAGE


def mapped(nbytes):
    """Fresh memory, as bytes."""
    region = mmap.mmap(-1, nbytes)
    regions.append(region)
    return np.frombuffer(region, np.uint8)


def forbid(memory, at):
    """Nobody touches the page at an offset any more."""
    address = memory.ctypes.data + at
    if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(PAGE), PROT_NONE):
        raise OSError(ctypes.get_errno(), "mprotect")


class Guards:
    """NumPy for the runner, and places for the plan.

    Attributes:
        at_end: whether arrays end, or begin, at a forbidden page.
        forbidden: the pages of the arena being laid out, as offsets.
    """

    def __init__(self, at_end):
        self.at_end, self.forbidden, self.buffers, self.arrays = at_end, [], 0, 0

    def __getattr__(self, name):
        return getattr(np, name)

    def placed(self, sizes, spans):
        """A place between two forbidden pages for each buffer."""
        self.forbidden, offsets, at = [0], {}, PAGE
        for key, nbytes in sizes.items():
            room = paged(nbytes)
            offsets[key] = at + (room - nbytes if self.at_end else 0)
            self.forbidden.append(at + room)
            at += room + PAGE
        self.buffers += len(sizes)
        return offsets, at

    def planned(self, *args):
        made = plan.planned(*args)
        self.first = made.zeros
        return made

    def zeros(self, count, dtype):
        """The arena: its first buffers stay zero, then come those between forbidden pages."""
        if dtype is not np.uint8:
            return np.zeros(count, dtype)
        before = paged(self.first)
        memory = mapped(before + paged(count))
        for at in self.forbidden:
            forbid(memory, before + at)
        return memory[before - self.first :]

    def empty(self, shape, dtype):
        dtype = np.dtype(dtype)
        nbytes = int(np.prod(shape, dtype=int)) * dtype.itemsize
        room = paged(nbytes)
        memory = mapped(PAGE + room + PAGE)
        forbid(memory, 0)
        forbid(memory, PAGE + room)
        self.arrays += 1
        start = PAGE + (room - nbytes if self.at_end else 0)
        return memory[start : start + nbytes].view(dtype).reshape(shape)

    def copy(self, x):
        out = self.empty(x.shape, x.dtype)
        out[...] = x
        return out

    ascontiguousarray = copy


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 5, 3, padding=1, stride=2), nn.BatchNorm2d(5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(5, 7, 2), nn.GELU(), nn.AvgPool2d(2, stride=1), nn.Flatten(), nn.Linear(28, 10),
        )  # fmt: skip

    def forward(self, x):
        return self.layers(x)


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(13, 12)
        self.block = nn.TransformerEncoderLayer(12, 3, 20, dropout=0.1)
        self.cells = nn.LSTM(12, 9)
        self.last = nn.Linear(9, 10)

    def forward(self, x):
        outputs, _ = self.cells(self.block(self.words(x)))
        return self.last(outputs[-1])


MODELS = {
    "dense": (lambda: nn.Sequential(
        nn.Linear(33, 65), nn.LayerNorm(65), nn.Tanh(), nn.Dropout(0.3), nn.Linear(65, 10)
    ), lambda rng: rng.standard_normal((7, 33)).astype(np.float32)),
    "convolutions": (Convolutions, lambda rng: rng.standard_normal((7, 3, 17, 15)).astype(np.float32)),
    "words": (Words, lambda rng: rng.integers(0, 13, (5, 7))),
}  # fmt: skip


def guard(guards, model, optimizer):
    """Everything that lives from step to step gets memory of its own."""
    for p in model.parameters():
        p.data = guards.copy(p.data)
    for module in model.modules():
        for name, x in list(vars(module).items()):
            if type(x) is np.ndarray and x.size:
                setattr(module, name, guards.copy(x))
    for entry in optimizer.state.values():
        for key, x in entry.items():
            if type(x) is np.ndarray:
                entry[key] = guards.copy(x)


def train(guards, name):
    make, batch = MODELS[name]
    model = make()
    optimizer = nn.optim.Adam(model.parameters(), lr=0.01)

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    step = compiled(step)
    rng = np.random.default_rng(0)
    for k in range(8):
        if k in (3, 6):
            guard(guards, model, optimizer)
        step(guards.copy(batch(rng)), guards.copy(rng.integers(0, 10, 7)))
    native_of(step)
    assert step._last.calls >= 5, step.report()


def slip():
    """Loops that go one too far, so that the test can see what becomes of them."""
    loop = Function.loop
    Function.loop = lambda self, count, body: loop(self, count + (count > 1), body)


def main(at_end, one_too_far):
    if one_too_far:
        slip()
    guards = Guards(at_end)
    plan.placed, runner.planned, runner.np = guards.placed, guards.planned, guards
    ag.random.seed(0)
    for name in MODELS:
        train(guards, name)
    for seed in range(10):
        with np.errstate(all="ignore"):
            program, arrays = random_program(np.random.default_rng(seed), steps=60)
        machine = Machine(program)
        for _ in range(2):
            machine(*map(guards.copy, arrays))
    print(f"{guards.buffers} buffers and {guards.arrays} arrays between forbidden pages")


if __name__ == "__main__":
    main(sys.argv[1] == "end", "slip" in sys.argv)
