"""Run tests against mutants: a pytest plugin that forks a child for each.

The tests are collected once. A child exchanges the code of one function and runs the tests that
call it, short ones first, until one fails. Mistakes in code that runs on import get a new process.
Forks are POSIX only.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.code.mutants import REPOSITORY, Mutant, mutants
from tests.mutation.code.planting import (
    NeedsImport,
    enclosing_lines,
    import_with,
    live_functions,
    plant,
)

OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:faulthandler", "--no-header"]
LONGEST = 6.0  # seconds; tests that take longer are left out
IN_ALL = 8.0  # seconds of tests for one mutant at most
MOST = 400  # tests in a process of their own
SURVIVED, TIMEOUT, CRASH = "", "no end", "crash"
Killer = str  # the test that failed, or one of the words above


# --- which tests call which functions -------------------------------------------------------------


class Coverage:
    """The functions, by the first lines of their code, that each test calls, and its duration."""

    def __init__(self) -> None:
        self.tests_of: dict[str, list[str]] = defaultdict(list)
        self.duration: dict[str, float] = {}
        homes: dict[tuple[str, int], str] = {}
        for file in dict.fromkeys(m.file for m in mutants()):
            for function, lines in enclosing_lines(file).items():
                for line in lines:
                    homes[str(REPOSITORY / file), line] = f"{file}:{function}"
        self.homes = homes

    def measure(self, items: Iterable[Any], run: Callable[[Any], str]) -> None:
        """Run every test once."""
        for item in items:
            called: set[Any] = set()

            def profile(frame: Any, event: str, argument: Any, called: set[Any] = called) -> None:
                if event == "call":
                    called.add(frame.f_code)

            started = time.process_time()
            threading.setprofile(profile)
            sys.setprofile(profile)
            try:
                failed = run(item)
            finally:
                sys.setprofile(None)
                threading.setprofile(None)  # type: ignore[arg-type]
            taken = time.process_time() - started
            if failed or taken > LONGEST:
                continue
            self.duration[item.nodeid] = taken
            places = ((code.co_filename, code.co_firstlineno) for code in called)
            homes = {self.homes[place] for place in places if place in self.homes}
            homes |= {f"{home.partition(':')[0]}:" for home in homes}  # the file as a whole
            for home in homes:
                self.tests_of[home].append(item.nodeid)


# --- the plugin -----------------------------------------------------------------------------------


class Plugin:
    """Takes the place of pytest's loop over tests.

    Args:
        chosen: the mutants to run.
        tests_of: for each home of a mutant, the tests to run, in this order; None to measure.
        report: called with each mutant and its killer.
        jobs: how many children run side by side.
    """

    def __init__(
        self,
        chosen: Iterable[Mutant],
        tests_of: Mapping[str, list[str]] | None,
        report: Callable[[Mutant, Killer], None],
        jobs: int,
    ) -> None:
        self.chosen, self.tests_of, self.report, self.jobs = list(chosen), tests_of, report, jobs
        self.duration: dict[str, float] = {}
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember a failure."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Run the mutants."""
        items = {item.nodeid: item for item in session.items}
        if self.tests_of is None:
            self.tests_of, self.duration = self._measured(items)
        waiting: dict[int, tuple[Mutant, int]] = {}
        live_functions()
        gc.collect()
        gc.freeze()  # or a collection in a child would copy all pages of the parent
        for mutant in self.chosen:
            if len(waiting) >= self.jobs:
                self._wait(waiting)
            tests = [t for t in self.tests_of.get(mutant.home, ()) if t in items]
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reading)
                self._child(mutant, [items[t] for t in tests], writing)
            os.close(writing)
            waiting[pid] = mutant, reading
        while waiting:
            self._wait(waiting)
        return True

    def _wait(self, waiting: dict[int, tuple[Mutant, int]]) -> None:
        pid, status = os.waitpid(-1, 0)
        mutant, reading = waiting.pop(pid)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            text = pipe.read()
        if os.WIFSIGNALED(status):
            text = TIMEOUT if os.WTERMSIG(status) == signal.SIGALRM else CRASH
        self.report(mutant, text)

    def _child(self, mutant: Mutant, items: list[Any], writing: int) -> None:
        killer = CRASH
        try:
            _limit()
            try:
                plant(mutant)
            except NeedsImport:
                killer = imported(mutant, [item.nodeid for item in items])
            else:
                killer = self._first_failing(items)
        except SystemExit:
            killer = "exit"
        finally:
            signal.alarm(0)
            with contextlib.suppress(OSError):
                os.write(writing, killer.encode())
            os._exit(0)

    def _first_failing(self, items: list[Any]) -> Killer:
        for item in items:
            signal.alarm(max(30, int(20 * self.duration.get(item.nodeid, LONGEST))))
            if killer := self.run(item):
                return killer
        return SURVIVED

    def run(self, item: Any) -> Killer:
        """Run one test; its name if it fails."""
        self.failed.clear()
        with contextlib.suppress(KeyboardInterrupt):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=None)
            return self.failed[0] if self.failed else SURVIVED
        return str(item.nodeid)

    def _measured(self, items: Mapping[str, Any]) -> tuple[dict[str, list[str]], dict[str, float]]:
        """Measure in a child, because tests leave traces such as fixtures of modules."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reading)
            _silence()
            coverage = Coverage()
            coverage.measure(items.values(), self.run)
            with os.fdopen(writing, "w", encoding="utf-8") as pipe:
                json.dump([coverage.tests_of, coverage.duration], pipe)
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            tests_of, duration = json.load(pipe)
        os.waitpid(pid, 0)
        return {home: _ordered(home, tests, duration) for home, tests in tests_of.items()}, duration


def _ordered(home: str, tests: list[str], duration: Mapping[str, float]) -> list[str]:
    """Short tests first, and those of the file's own tests before all others."""
    mirror = f"tests/{home.rpartition('/')[0]}/test_{Path(home.partition(':')[0]).stem.strip('_')}"
    tests = sorted(tests, key=lambda t: (duration[t] * (0.2 if t.startswith(mirror) else 1.0), t))
    total, chosen = 0.0, []
    for test in tests:
        total += duration[test]
        if total > IN_ALL:
            break
        chosen.append(test)
    return chosen


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _limit() -> None:
    """A mistake may print, or allocate without end."""
    _silence()
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


# --- in a process of its own ----------------------------------------------------------------------


def imported(mutant: Mutant, tests: list[str]) -> Killer:
    """Run tests in a new process, which imports the module with the mistake."""
    signal.alarm(0)
    if not tests:
        return SURVIVED
    command = [sys.executable, "-m", "tests.mutation.code.run", mutant.key, *tests[:MOST]]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=300
        )
    except subprocess.TimeoutExpired:
        return TIMEOUT
    return SURVIVED if done.returncode == 0 else "on import"


def main() -> int:
    """`python -m tests.mutation.code.run KEY TEST ...`: one mutant, planted on import."""
    key, *tests = sys.argv[1:]
    [mutant] = [m for m in mutants() if m.key == key]
    import_with(mutant)
    return int(pytest.main([*OPTIONS, "-x", *tests]))


def killers_of(
    chosen: Iterable[Mutant],
    tests: Iterable[str],
    tests_of: Mapping[str, list[str]] | None = None,
    jobs: int = 1,
) -> dict[Mutant, Killer]:
    """The killer of each mutant, or `SURVIVED`.

    Args:
        chosen: the mutants.
        tests: files, folders and names of tests, as pytest takes them.
        tests_of: the tests to run for each home of a mutant; by default those that call it.
        jobs: how many mutants run side by side.

    Raises:
        RuntimeError: pytest found no tests, or failed itself.
    """
    found: dict[Mutant, Killer] = {}
    plugin = Plugin(chosen, tests_of, found.__setitem__, jobs)
    code = pytest.main([*OPTIONS, *tests], plugins=[plugin])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code!r}")
    return found


if __name__ == "__main__":
    sys.exit(main())
