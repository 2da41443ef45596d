"""The programs of one step: which may serve a call, how many are kept, and when another one pays.

A program is made for one set of shapes. A step that gets batches of forty sizes would be traced
and compiled more often than it runs, so but for two sizes that come often they have to earn their
program: all that is spent on them stays below a tenth of the time that the step itself takes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compile.printing.report import size
from autograd.compile.program import Program
from autograd.engine.graph import Node
from autograd.errors import counted

FEW = 8  # programs that are kept, and made, in any case
MANY = 32  # that are kept while their results are small
MEMORY = 1 << 25  # bytes of results that all of them may have
SHAPES = 2  # outlines whose programs are made at once
PART = 0.25  # of all calls so far that the second of them must have
SHARE = 0.1  # of the time of the step, for making further programs
OFTEN = 3  # calls after which an outline is worth a thought
TRACES = 4  # that one program may take
REMEMBERED = 256  # outlines


class Variants:
    """The programs of a step.

    Attributes:
        programs: by what they are programs of, the one used last at the end.
        last: the program used last, or None; its guards are asked first.
        outline: of the call that is being looked at.
        waited: how many calls ran eagerly because a program for them did not pay yet.
    """

    def __init__(self) -> None:
        self.programs: OrderedDict[Any, Any] = OrderedDict()
        self.last: Any = None
        self.outlines: dict[Any, Any] = {}  # of each program, by its key
        self.outline: Any = None
        self.made = self.waited = self._missed = 0
        self._met: OrderedDict[Any, int] = OrderedDict()  # calls without a program, by outline
        self._begun: dict[Any, int] = {}  # traces that are left for an outline
        self._seconds = self._calls = 0.0  # of calls that ran plainly
        self._is_new = False  # whether the last trace led to a program
        self._cost = self._price = self._spent = 0.0  # of this program, of one, of all that waited

    def others(self, args: Any, kwargs: Any) -> list[Any]:
        """The keys of programs, but for the last one, whose arguments have the shapes of these."""
        keys = [*reversed(self.programs)][1:]
        mine = outline((args, kwargs)) if keys else None
        return [key for key in keys if self.outlines.get(key) == mine]

    def use(self, key: Any) -> None:
        """Make a program the one used last."""
        self.programs.move_to_end(key)
        self.last = self.programs[key]

    def pays(self, args: Any, kwargs: Any) -> bool:
        """Whether a call that no program serves is to be traced."""
        self.outline = mine = outline((args, kwargs))
        self._met[mine] = self._met.pop(mine, 0) + 1
        if len(self._met) > REMEMBERED:
            self._met.popitem(last=False)
        self._missed += 1
        if self._is_free(mine):
            return True
        left = self._begun.get(mine, 0)
        if left:
            self._begun[mine] = left - 1
            return True
        if self._met[mine] > OFTEN and self._spent + self._price <= self._earned():
            self._spent += self._price
            self._begun[mine] = TRACES - 1
            return True
        self.waited += 1
        return False

    def _is_free(self, mine: Any) -> bool:
        """Whether an outline need not earn its program: the first that has one, and a second that
        comes often."""
        known = {*self.outlines.values()}
        often = self._met[mine] >= max(2, PART * (self._missed + self._served()))
        return self.made < FEW and (not known or mine in known or (often and len(known) < SHAPES))

    def _earned(self) -> float:
        """The seconds that may be spent on further programs."""
        if not self._calls:
            return 0.0
        return SHARE * self._seconds / self._calls * (self._calls + self._served())

    def _served(self) -> int:
        """How many calls ran as programs, those that were dropped aside."""
        return sum(program.calls for program in self.programs.values())

    def plainly(self, f: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """A call that is not traced, and how long it takes."""
        start = time.perf_counter()
        value = f(*args, **kwargs)
        self._seconds += time.perf_counter() - start
        self._calls += 1
        return value

    def took(self, seconds: float) -> None:
        """Note what a trace cost, with the program that it may have led to."""
        self._cost += seconds
        if self._is_new:
            self._price = min(self._price, self._cost) if self._price else self._cost
            self._cost, self._is_new = 0.0, False

    def keep(self, key: Any, program: Any) -> None:
        """Add a program; the one that was not used for longest goes if they are too many."""
        self.programs[key] = program
        self.use(key)
        self.outlines[key] = self.outline
        self.made += 1
        self._begun.pop(self.outline, None)
        self._is_new = True
        while len(self.programs) > FEW and not self._is_small():
            self.forget(next(iter(self.programs)))

    def forget(self, key: Any) -> None:
        """Drop a program."""
        del self.programs[key], self.outlines[key]
        self.last = next(reversed(self.programs.values()), None)

    def _is_small(self) -> bool:
        found = [p.program for p in self.programs.values() if isinstance(p.program, Program)]
        return len(self.programs) <= MANY and sum(map(size, found)) <= MEMORY

    def notes(self) -> list[str]:
        """What a report says of calls that wait for a program."""
        if not self.waited:
            return []
        shapes = len(self._met)
        why = (
            f"arguments of {shapes} shapes came, and another program is made when that takes less "
            "than a tenth of the step's time; pad batches to a few sizes"
        )
        return [f"ran eagerly in {counted(self.waited, 'call')}: {why}"]


def outline(x: Any) -> Any:
    """The shapes and dtypes in an argument, as something to be compared and hashed.

    Programs whose guards hold for two values have one outline; so of a list, which may grow, there
    is only the first entry.

    Example:
        >>> outline([np.ones((2, 3)), 1.0])
        (<class 'list'>, ((2, 3), dtype('float64')))
    """
    kind = type(x)
    if kind is np.ndarray:
        return x.shape, x.dtype
    if isinstance(x, Node):
        data = x._data
        return kind, getattr(data, "shape", None), getattr(data, "dtype", None)
    if isinstance(x, tuple):
        return (kind, *map(outline, x))
    if kind is list:
        return (kind, *map(outline, x[:1]))
    if kind is dict:
        return (kind, *((key, outline(value)) for key, value in x.items()))
    return kind
