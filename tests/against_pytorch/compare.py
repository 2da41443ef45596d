"""Run one sample through PyTorch and through us; compare values, dtypes and gradients."""

from __future__ import annotations

import contextlib
import linecache
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import autograd as ag

AGREES = "agrees"
WRONG = "wrong number"
DTYPE = "other dtype"
REFUSED = "refused"
UNCLEAR = "unclear error"
NO_ARGUMENT = "no such argument"
UNMAPPED = "not mapped"
SKIPPED = "skipped"  # PyTorch itself fails, or the result is random or complex

ROOT = Path(__file__).parents[2]
HOMES = (str(ROOT / "autograd"), str(ROOT / "nn"))


class NotMapped(Exception):
    """An adapter met an argument that has no counterpart here."""


@dataclass
class Verdict:
    """What became of one sample, and the first thing that differs."""

    kind: str
    text: str = ""


# --- From PyTorch's data to ours ------------------------------------------------------------------


def numpy_dtype(dtype: torch.dtype) -> np.dtype[Any]:
    """NumPy's name for a dtype of PyTorch."""
    return torch.empty((), dtype=dtype).numpy().dtype


class Translation:
    """PyTorch's arguments as ours; one Tensor of ours for each tensor that needs a gradient."""

    def __init__(self) -> None:
        self.leaves: dict[int, ag.Tensor] = {}

    def __call__(self, x: Any) -> Any:
        if isinstance(x, torch.Tensor):
            if x.requires_grad:
                if id(x) not in self.leaves:
                    self.leaves[id(x)] = ag.Tensor(x.detach().numpy(), requires_grad=True)
                return self.leaves[id(x)]
            return x.numpy().copy()
        if isinstance(x, torch.dtype):
            return numpy_dtype(x)
        if isinstance(x, torch.Size):
            return tuple(x)
        if isinstance(x, (list, tuple)):
            return type(x)(self(entry) for entry in x)
        if isinstance(x, dict):
            return {key: self(entry) for key, entry in x.items()}
        return x


def other_precision(x: Any, dtype: torch.dtype, copies: dict[int, torch.Tensor]) -> Any:
    """The same arguments with floating tensors cast to `dtype`, as new leaves."""
    if isinstance(x, torch.Tensor):
        if not x.is_floating_point():
            return x
        if id(x) not in copies:
            copies[id(x)] = x.detach().to(dtype).requires_grad_(x.requires_grad)
        return copies[id(x)]
    if isinstance(x, torch.dtype):
        return dtype if x in (torch.float32, torch.float64) else x
    if isinstance(x, torch.Size):
        return x
    if isinstance(x, (list, tuple)):
        return type(x)(other_precision(entry, dtype, copies) for entry in x)
    if isinstance(x, dict):
        return {key: other_precision(entry, dtype, copies) for key, entry in x.items()}
    return x


def tensors(x: Any) -> list[Any]:
    """The tensors of a tree, in order, each once."""
    found: dict[int, Any] = {}

    def visit(x: Any) -> None:
        if isinstance(x, (torch.Tensor, ag.Node, np.ndarray, np.generic)):
            found.setdefault(id(x), x)
        elif isinstance(x, (list, tuple)):
            for entry in x:
                visit(entry)
        elif isinstance(x, dict):
            for entry in x.values():
                visit(entry)

    visit(x)
    return list(found.values())


def results(x: Any) -> list[Any]:
    """A result as a flat list; the same tensor may stand in it twice."""
    if isinstance(x, (list, tuple)):
        return [entry for part in x for entry in results(part)]
    return [x]


# --- One run --------------------------------------------------------------------------------------


@dataclass
class Run:
    """What a side computed: values, first gradients, second gradients, as plain arrays."""

    values: list[Any]
    first: list[Any]
    second: list[Any] | None


def cotangent(shape: tuple[int, ...], number: int) -> np.ndarray[Any, Any]:
    """A fixed random cotangent for result or gradient `number`."""
    return np.random.default_rng(1000 + number).standard_normal(shape)


def run_pytorch(call: Callable[[], Any], leaves: list[torch.Tensor], second: bool) -> Run:
    """Values and gradients of PyTorch; a gradient that it leaves out is zero."""
    values = results(call())
    outs = [
        (v, torch.as_tensor(cotangent(v.shape, i)).to(v.dtype))
        for i, v in enumerate(values)
        if isinstance(v, torch.Tensor) and v.requires_grad
    ]
    first: list[Any] = []
    again: list[Any] | None = None
    if outs and leaves:
        outs, seeds = zip(*outs, strict=True)
        found = torch.autograd.grad(outs, leaves, seeds, allow_unused=True, create_graph=second)
        if second:
            again = _second_pytorch(found, leaves)
        first = [_filled(g, x) for g, x in zip(found, leaves, strict=True)]
    return Run([_plain(v) for v in values], first, again)


def _second_pytorch(found: Any, leaves: list[torch.Tensor]) -> list[Any] | None:
    live = [(i, g) for i, g in enumerate(found) if g is not None and g.requires_grad]
    if not live:
        return None
    seeds = [torch.as_tensor(cotangent(g.shape, 50 + i)).to(g.dtype) for i, g in live]
    try:
        twice = torch.autograd.grad([g for _, g in live], leaves, seeds, allow_unused=True)
    except (RuntimeError, NotImplementedError):
        return None  # PyTorch has no second derivative of this
    return [_filled(g, x) for g, x in zip(twice, leaves, strict=True)]


def _filled(g: Any, x: torch.Tensor) -> Any:
    return np.zeros(x.shape, numpy_dtype(x.dtype)) if g is None else g.detach().numpy()


def run_ours(call: Callable[[], Any], leaves: list[Any], second: bool) -> Run:
    """Values and gradients of ours under the same cotangents."""
    values = results(call())
    first: list[Any] = [np.zeros_like(x.data) for x in leaves]
    again: list[Any] | None = None
    total = [
        (v, cotangent(v.shape, i).astype(v.dtype))
        for i, v in enumerate(values)
        if isinstance(v, ag.Node) and v.requires_grad
    ]
    if leaves and total:
        found = _pulled(total, leaves, second)
        if second:
            live = [
                (g, cotangent(g.shape, 50 + i).astype(g.dtype))
                for i, g in enumerate(found)
                if isinstance(g, ag.Node) and g.requires_grad
            ]
            again = [_plain(g) for g in _pulled(live, leaves, False)]
        first = [_plain(g) for g in found]
    return Run([_plain(v) for v in values], first, again)


def _pulled(pairs: list[Any], leaves: list[Any], create_graph: bool) -> list[Any]:
    """The gradients of Σ⟨output, cotangent⟩, added up over the outputs."""
    total: list[Any] = [None] * len(leaves)
    for out, seed in pairs:
        each = ag.gradients(out, leaves, seed=seed, create_graph=create_graph)
        total = [
            t if g is None else g if t is None else t + g for t, g in zip(total, each, strict=True)
        ]
    return [np.zeros_like(x.data) if t is None else t for t, x in zip(total, leaves, strict=True)]


def _plain(x: Any) -> Any:
    if isinstance(x, torch.Tensor):
        return x.detach().numpy()
    return np.asarray(x.data if isinstance(x, ag.Node) else x)


# --- The comparison -------------------------------------------------------------------------------


@dataclass
class Bound:
    """How far from the truth rounding may take a result.

    What PyTorch's float32 loses against its float64 measures the conditioning of the operation.
    The bound is a multiple of that loss, scaled to the dtype, and of the dtype's own rounding at
    the size of all results of the same stage: a gradient that ought to be 0 is as uncertain as
    those beside it.
    """

    size: float
    noise: float

    @classmethod
    def of(cls, theirs: list[Any], other: list[Any] | None) -> Bound:
        """The bound for PyTorch's arrays `theirs`, and those at the other precision."""
        size = max((_largest(x) for x in theirs if x.dtype.kind == "f"), default=0.0)
        noise = 0.0
        for x, y in zip(theirs, other or [], strict=False):
            if x.dtype.kind == "f" and x.shape == y.shape:
                with np.errstate(all="ignore"):
                    noise = max(noise, _largest(np.subtract(x, y, dtype=float)))
        return cls(size, noise)

    def after(self, earlier: Bound) -> Bound:
        """This bound where the stage before it lost more: a derivative is conditioned no better."""
        lost = earlier.noise / earlier.size if earlier.size else 0.0
        noise = max(self.noise, self.size * lost) if lost < 0.01 else self.noise
        return Bound(self.size, noise)

    def agrees(self, ours: Any, theirs: Any, other: Any) -> bool:
        """Whether `ours` is within the bound of the truth, or of PyTorch's result."""
        if theirs.dtype.kind != "f" or theirs.size == 0:
            return bool(np.array_equal(ours, theirs))
        eps = float(np.finfo(theirs.dtype).eps)
        exact = theirs if other is None or theirs.dtype == np.float64 else other
        scaled = self.noise * (eps / 2.0**-23 if theirs.dtype == np.float64 else 1.0)
        bound = 16 * eps * (np.abs(exact) + self.size) + 16 * scaled
        bound = bound + 16 * float(np.finfo(theirs.dtype).tiny)
        same = (ours == theirs) | (np.isnan(ours) & np.isnan(theirs))
        near = np.abs(np.subtract(ours, exact, dtype=float)) <= bound
        near |= np.abs(np.subtract(ours, theirs, dtype=float)) <= bound
        return bool(np.all(same | near))


def _largest(x: Any) -> float:
    x = np.abs(x)
    return float(np.max(x, initial=0.0, where=np.isfinite(x)))


def difference(
    what: str, ours: Any, theirs: Any, other: Any, bound: Bound | None = None
) -> Verdict | None:
    """The first difference between two lists of arrays; None if there is none."""
    if len(ours) != len(theirs):
        return Verdict(WRONG, f"{what}: {len(ours)} arrays, PyTorch {len(theirs)}")
    bound = bound or Bound.of(theirs, other)
    for i, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        name = f"{what} {i}"
        if x.shape != y.shape:
            return Verdict(WRONG, f"{name}: shape {x.shape}, PyTorch {y.shape}")
        with np.errstate(all="ignore"):
            z = None if other is None or other[i].shape != y.shape else other[i]
            if not bound.agrees(x, y, z):
                return Verdict(WRONG, f"{name}: {_first_apart(x, y, z)}")
    for i, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        if x.dtype != y.dtype:
            return Verdict(DTYPE, f"{what} {i}: {x.dtype}, PyTorch {y.dtype}")
    return None


def _first_apart(x: Any, y: Any, z: Any) -> str:
    apart = ~((x == y) | (np.isnan(x) & np.isnan(y))) if y.dtype.kind in "fc" else x != y
    distance = np.array(np.abs(np.subtract(x, y, dtype=float)))
    distance[~apart] = 0
    distance[apart & ~np.isfinite(distance)] = np.inf
    at = np.unravel_index(np.argmax(distance), x.shape)
    where = f"[{', '.join(map(str, at))}]" if at else ""
    other = "" if z is None else f", {z.dtype} {z[at]!s}"
    return f"{x[at]!s} at {where or '()'} of shape {x.shape}, PyTorch {y[at]!s}{other}"


def is_clear(error: BaseException) -> bool:
    """Whether one of our own `raise` statements wrote the error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    if not frame.filename.startswith(HOMES) or isinstance(error, AttributeError):
        return False
    line = linecache.getline(frame.filename, frame.lineno or 0)
    return "raise" in line and ":" in str(error)


def refusal(error: Exception) -> Verdict:
    """What kind of no an exception of ours is."""
    if isinstance(error, NotMapped):
        return Verdict(UNMAPPED, str(error))
    text = f"{type(error).__name__}: {error}"
    if is_clear(error):
        return Verdict(REFUSED, text)
    if isinstance(error, TypeError) and "unexpected keyword argument" in text:
        return Verdict(NO_ARGUMENT, text)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return Verdict(UNCLEAR, f"{text} ({Path(frame.filename).name}:{frame.lineno})")


@contextlib.contextmanager
def strictly() -> Any:
    """Warnings are errors: we promise IEEE arithmetic without any."""
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        yield


def judge(
    theirs: Callable[..., Any],
    ours: Callable[..., Any],
    arguments: tuple[tuple[Any, ...], dict[str, Any]],
    dtype: torch.dtype,
    second: bool,
) -> Verdict:
    """Compare one call. `theirs` and `ours` take the same arguments, each of its own kind."""
    args, kwargs = arguments
    inputs = [x for x in tensors(arguments) if x.requires_grad]
    translate = Translation()
    args_ours, kwargs_ours = translate(args), translate(kwargs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = run_pytorch(lambda: theirs(*args, **kwargs), inputs, second)
    except (RuntimeError, ValueError, TypeError, IndexError, AttributeError) as error:
        return Verdict(SKIPPED, f"PyTorch: {error}")
    if any(v.dtype.kind == "c" for v in expected.values):
        return Verdict(SKIPPED, "complex")
    other = other_run(theirs, arguments, dtype, second)
    leaves = [translate.leaves[id(x)] for x in inputs]
    try:
        with strictly():
            found = run_ours(
                lambda: ours(*args_ours, **kwargs_ours), leaves, expected.second is not None
            )
    except Exception as error:
        return refusal(error)
    return compare(found, expected, other)


def other_run(theirs: Any, arguments: Any, dtype: torch.dtype, second: bool) -> Run | None:
    """PyTorch's run at the other precision; None where it cannot."""
    copies: dict[int, torch.Tensor] = {}
    wide = torch.float64 if dtype == torch.float32 else torch.float32
    args, kwargs = other_precision(arguments, wide, copies)
    leaves = [copies[id(x)] for x in tensors(arguments) if x.requires_grad]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return run_pytorch(lambda: theirs(*args, **kwargs), leaves, second)
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError):
        return None


def compare(found: Run, expected: Run, other: Run | None) -> Verdict:
    """The first difference of two runs, or that they agree."""
    parts = [("value", found.values, expected.values, other and other.values)]
    if expected.first:
        parts.append(("gradient", found.first, expected.first, other and other.first))
    if expected.second is not None:
        seconds = found.second
        if seconds is None:
            seconds = [np.zeros_like(g) for g in expected.second]
        parts.append(("second", seconds, expected.second, other and other.second))
    bound, sizes = Bound(0.0, 0.0), []
    for what, ours, theirs, precise in parts:
        precise = precise if precise and len(precise) == len(theirs) else None
        own = Bound.of(theirs, precise)
        if what == "second":  # where it is 0, both sides are left with the rounding of the others
            own.size = max(own.size, *sizes)
        bound = own.after(bound)
        sizes.append(bound.size)
        verdict = difference(what, ours, theirs, precise, bound)
        if verdict is not None:
            return verdict
    return Verdict(AGREES)
