"""A compiled step: it runs by a program whose guards hold, else eagerly, and learns from that."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd.backends.numpy import inside
from autograd.compile.compiled import Compiled
from autograd.compile.guards.places import MISSING
from autograd.compile.learning import Learner
from autograd.compile.printing.report import report
from autograd.compile.program import Program
from autograd.compile.trace.tape import active
from autograd.engine.backward import backward_watch
from autograd.engine.recording import tracing
from autograd.errors import UnsupportedError, message
from autograd.visualize.draw import Drawing

if TYPE_CHECKING:
    from pathlib import Path


class Step:
    """What `compile` returns: call it like the function.

    Attributes:
        source: NumPy source of the program that was used last; "" before there is one.
        programs: the programs, the one used last at the end.
        plain: the function itself.
    """

    def __init__(
        self, f: Callable[..., Any], keep_gradients: bool = True, backend: str = "auto"
    ) -> None:
        functools.update_wrapper(self, f, updated=())
        self._f, self._keep, self._backend = f, keep_gradients, backend
        self._learner = Learner(f, keep_gradients, backend)
        self._lock = threading.RLock()
        self._calls = self._eager = 0
        self._missed: dict[str, int] = {}
        self._said: set[str] = set()

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else Bound(self, instance)

    def __repr__(self) -> str:
        return f"<compiled {getattr(self._f, '__qualname__', None) or repr(self._f)}>"

    def __getattr__(self, name: str) -> Any:
        """What the step lacks is asked of the function, which may be a model."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self._f, name)

    def __reduce__(self) -> Any:
        return type(self), (self._f, self._keep, self._backend)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the step: by a program whose guards hold, else eagerly."""
        if active.tape is not None or tracing.get() or inside.get():
            return self._f(*args, **kwargs)
        if backward_watch.get() is not None:
            self._say("a backward pass is watched, as by detect_anomaly")
            return self._f(*args, **kwargs)
        with self._lock:
            self._calls += 1
            result = self._by_program(args, kwargs)
            return self._eagerly(args, kwargs) if result is MISSING else result

    def _by_program(self, args: Any, kwargs: Any) -> Any:
        """What a program makes of a call; MISSING if none is for it."""
        learner = self._learner
        variants = learner.variants
        program = variants.last
        if program is None:
            return MISSING
        result = program.call(args, kwargs)
        if result is MISSING:
            for key in variants.others(args, kwargs):
                program = variants.programs[key]
                result = program.call(args, kwargs)
                if result is not MISSING:
                    variants.use(key)
                    break
            else:
                return MISSING
        program.calls += 1
        if learner.unpaid:
            learner.unpaid -= 1
        return result

    def _eagerly(self, args: Any, kwargs: Any) -> Any:
        """A call that no program serves."""
        self._eager += 1
        learner = self._learner
        traced = learner.pays(args, kwargs)
        if traced and learner.programs:
            self._note_miss(args, kwargs)
        known = set(learner.reasons)
        try:
            return learner.call(args, kwargs, traced)
        finally:
            for reason in learner.reasons.keys() - known:
                if "hook" in reason:
                    self._say(reason)

    def _note_miss(self, args: Any, kwargs: Any) -> None:
        """Which guards failed; numbers among them become inputs."""
        last = self._learner.variants.last
        failed = last.failed(args, kwargs)
        for guard in failed:
            if guard.number is not None:
                self._learner.learned.varying.add(guard.number)
        about = last.what_fails(failed[0], args, kwargs) if failed else ""
        about = about or "a value that Python looks at"
        self._missed[about] = self._missed.get(about, 0) + 1

    def _say(self, why: str) -> None:
        """Say once why the step runs eagerly although it could be a program."""
        if why not in self._said:
            self._said.add(why)
            name = getattr(self._f, "__name__", "step")
            text = message("compile", f"a call of {name} while {why}", hint="it runs eagerly")
            warnings.warn(text, stacklevel=3)

    # --- showing ---

    @property
    def plain(self) -> Callable[..., Any]:
        """The function itself."""
        return self._f

    @property
    def _last(self) -> Compiled | None:
        return self._learner.variants.last  # type: ignore[no-any-return]

    @property
    def programs(self) -> list[Program]:
        """The programs, the one used last at the end."""
        return [compiled.program for compiled in self._learner.programs.values()]

    @property
    def source(self) -> str:
        """NumPy source of the program that was used last; "" before there is one."""
        return "" if self._last is None else self._last.source

    def stages(self) -> dict[str, str]:
        """The program used last at each stage: its trace, after each pass, its sources; the last is
        "LLVM IR" where it runs as machine code."""
        last = self._last
        if last is None:
            return {}
        return last.stages()

    def draw(self) -> Drawing:
        """A picture of the program used last: as it was recorded, and after all passes.

        Raises:
            UnsupportedError: there is no program yet.
        """
        last = self._last
        if last is None:
            hint = "a step has one from its third call on; report() says why it has none"
            raise UnsupportedError(message("draw", "a step that has no program", hint=hint))
        return Drawing(last.drawing())

    def report(self, drawing: str | Path | None = None) -> str:
        """Programs, guards, operations before and after passes, and what stays eager and why.

        Args:
            drawing: a file for the picture that `draw` makes; .svg, .png, .pdf or .dot.
        """
        if drawing is not None:
            self.draw().save(drawing)
        return report(
            getattr(self._f, "__name__", "step"),
            (self._calls, self._eager, self._learner.traces),
            list(self._learner.programs.values()),
            self._missed,
            self._learner.reasons,
            self._learner.variants.notes(),
        )


class Bound(functools.partial):  # type: ignore[type-arg]
    """A compiled method of an object: called like it, and asked like the step itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"a compiled method has no attribute {name!r}")
        return getattr(self.func, name)
