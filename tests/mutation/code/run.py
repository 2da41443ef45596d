"""Run tests against mutants: a pytest plugin that forks a child for each.

One child of a process that has loaded neither the engine nor `nn` collects the tests once. Its own
children exchange the code of one function each and run the tests that call it until one fails: first
those that killed other mutants of the function or of the file, then short ones. Mistakes in code that
runs on import get another child of the first process. Forks are POSIX only.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import json
import math
import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401  # loaded once, for all children
import numpy as np  # noqa: F401
import pytest

from tests.mutation.code.mutants import Mutant
from tests.mutation.code.planting import NeedsImport, import_with, live_functions, plant, unchanged
from tests.mutation.code.tests_of import Durations, TestsOf, measured

OPTIONS = ["-q", "-p", "no:randomly", "-p", "no:faulthandler", "--no-header", "--tb=no"]
OPTIONS += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis is loaded before
IN_ALL = 8.0  # seconds of tests for one mutant at most
FILES = 5  # of tests at most, for a mutant that needs an import, because they are collected anew
SURVIVED, TIMEOUT, CRASH, ON_IMPORT = "", "no end", "crash", "on import"
Killer = str  # the test that failed, or one of the words above


# --- the plugin -----------------------------------------------------------------------------------


class Plugin:
    """Takes the place of pytest's loop over tests.

    Args:
        chosen: the mutants to run.
        tests_of: for each home of a mutant, the tests to run, in this order; None to measure.
        report: called with each mutant, its killer and, if it was not planted, the tests to run.
        jobs: how many children run side by side.
        until: no child is begun after this time of `time.monotonic`.
    """

    def __init__(
        self,
        chosen: Iterable[Mutant],
        tests_of: TestsOf | None,
        report: Callable[[Mutant, Killer | None, list[str]], None],
        jobs: int,
        until: float,
    ) -> None:
        self.chosen, self.tests_of, self.report = list(chosen), tests_of, report
        self.jobs, self.until = jobs, until
        self.duration: Durations = {}
        self.failed: list[str] = []
        self.killers: dict[str, Counter[Killer]] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember a failure."""
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_runtestloop(self, session: Any) -> bool:
        """Run the mutants."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        items = {item.nodeid: item for item in session.items}
        if self.tests_of is None:
            self.tests_of, self.duration = measured(items, self.run)
        waiting: dict[int, tuple[Mutant, int, list[str]]] = {}
        self.run(session.items[0], session.items[-1])  # for the fixtures of the session
        live_functions()
        for file in {mutant.file for mutant in self.chosen}:
            unchanged(file)
        gc.collect()
        gc.freeze()  # or a collection in a child would copy all pages of the parent
        for mutant in self.chosen:
            if time.monotonic() > self.until:
                break
            if len(waiting) >= self.jobs:
                self._wait(waiting)
            tests = self._ordered(mutant, [t for t in self._calling(mutant) if t in items])
            reading, writing = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(reading)
                self._child(mutant, [items[t] for t in tests], writing)
            os.close(writing)
            waiting[pid] = mutant, reading, tests
        while waiting:
            self._wait(waiting)
        return True

    def _calling(self, mutant: Mutant) -> list[str]:
        """The tests that call the changed function; all of the file's if it is new to the cache."""
        tests_of = self.tests_of or {}
        return tests_of.get(mutant.home) or tests_of.get(f"{mutant.file}:", [])

    def _ordered(self, mutant: Mutant, tests: list[str]) -> list[str]:
        """The most successful tests first, then the file's own, and short ones before long ones."""
        if not self.duration:
            return tests
        folder, _, name = mutant.file.rpartition("/")
        mirror = f"tests/{folder}/test_{Path(name).stem.strip('_')}.py"
        here, near = self.killers[mutant.home], self.killers[mutant.file]

        def cost(test: str) -> float:
            seconds = self.duration[test] * (0.2 if test.startswith(mirror) else 1.0)
            return (seconds + 0.002) / (1.0 + 20.0 * here[test] + near[test])

        total, chosen = 0.0, []
        for test in sorted(tests, key=cost):
            total += self.duration[test]
            if total > IN_ALL:
                break
            chosen.append(test)
        return chosen

    def _wait(self, waiting: dict[int, tuple[Mutant, int, list[str]]]) -> None:
        pid, status = os.waitpid(-1, 0)
        mutant, reading, tests = waiting.pop(pid)
        killer = _said(reading, status)
        if killer == ON_IMPORT:
            self.report(mutant, None, tests)
            return
        for home in (mutant.home, mutant.file):
            self.killers[home][killer] += 1
        self.report(mutant, killer, tests)

    def _child(self, mutant: Mutant, items: list[Any], writing: int) -> None:
        def killer() -> Killer:
            try:
                plant(mutant)
            except NeedsImport:
                return ON_IMPORT
            return self._first_failing(items)

        _answer(killer, writing)

    def _first_failing(self, items: list[Any]) -> Killer:
        for item, following in itertools.zip_longest(items, items[1:]):
            _clock(max(4.0, 20.0 * self.duration.get(item.nodeid, IN_ALL)))
            if killer := self.run(item, following):
                return killer
        return SURVIVED

    def run(self, item: Any, following: Any) -> Killer:
        """Run one test; its name if it fails. Fixtures that the following one needs are kept."""
        self.failed.clear()
        with contextlib.suppress(KeyboardInterrupt):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
            return self.failed[0] if self.failed else SURVIVED
        return str(item.nodeid)


# --- children -------------------------------------------------------------------------------------


def _answer(killer: Callable[[], Killer], writing: int) -> None:
    """Find the killer in a child, write its name, and end."""
    found = CRASH
    try:
        silence()
        # A mistake may allocate without end.
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        found = killer()
    except SystemExit:
        found = "exit"
    finally:
        signal.alarm(0)
        with contextlib.suppress(OSError):
            os.write(writing, found.encode())
        os._exit(0)


def _said(reading: int, status: int) -> Killer:
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    if os.WIFSIGNALED(status):
        return TIMEOUT if os.WTERMSIG(status) in (signal.SIGALRM, signal.SIGPROF) else CRASH
    return text


def _clock(seconds: float) -> None:
    """End this process after so many seconds of its own, or half a minute and more of waiting."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(30 + 2 * int(seconds))


def silence() -> None:
    """Print nothing from here on; a mistake may print a lot."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


# --- in a process of its own ----------------------------------------------------------------------


class _Only:
    """Runs some of the tests that were collected, in this order, and remembers the first failure."""

    def __init__(self, tests: list[str]) -> None:
        self.place = {test: i for i, test in enumerate(tests)}
        self.failed = SURVIVED

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        """Keep the chosen tests, and print nothing about them."""
        config.pluginmanager.unregister(name="terminalreporter")
        items[:] = [item for item in items if item.nodeid in self.place]
        items.sort(key=lambda item: self.place[item.nodeid])

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember a failure."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def imported(mutant: Mutant, tests: list[str]) -> Killer:
    """Run tests in a child that has imported nothing of the engine before the mistake is planted."""
    if not tests:
        return SURVIVED

    def killer() -> Killer:
        _clock(120.0)
        signal.alarm(60)  # a mistake on import may wait for ever
        import_with(mutant)
        only = _Only(tests)
        # Or pytest would import modules with doctests itself, to rewrite their assertions.
        options = [*OPTIONS, "--assert=plain", "-x"]
        files = [*dict.fromkeys(t.partition("::")[0] for t in tests)][:FILES]
        code = pytest.main([*options, *files], plugins=[only])
        return only.failed or (SURVIVED if code == pytest.ExitCode.OK else ON_IMPORT)

    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _answer(killer, writing)
    os.close(writing)
    return _said(reading, os.waitpid(pid, 0)[1])


def killers_of(
    chosen: Iterable[Mutant],
    tests: Iterable[str],
    tests_of: TestsOf | None = None,
    jobs: int = 1,
    until: float = math.inf,
    tell: Callable[[Mutant, Killer], None] = lambda mutant, killer: None,
) -> dict[Mutant, Killer]:
    """The killer of each mutant, or `SURVIVED`.

    Args:
        chosen: the mutants.
        tests: files, folders and names of tests, as pytest takes them.
        tests_of: the tests to run for each home of a mutant; by default those that call it.
        jobs: how many mutants run side by side.
        until: no mutant is begun after this time of `time.monotonic`.
        tell: called with each mutant and its killer, as soon as it is known.

    Raises:
        RuntimeError: pytest found no tests, or failed itself.
    """
    chosen, found = list(chosen), {}
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8", buffering=1) as pipe:
            number = {mutant: i for i, mutant in enumerate(chosen)}

            def report(mutant: Mutant, killer: Killer | None, tests: list[str]) -> None:
                print(json.dumps([number[mutant], killer, [] if killer else tests]), file=pipe)

            plugin = Plugin(chosen, tests_of, report, jobs, until)
            code = pytest.main([*OPTIONS, *tests], plugins=[plugin])
        sys.stdout.flush()
        os._exit(int(code))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        for line in pipe:
            i, killer, to_run = json.loads(line)
            found[chosen[i]] = imported(chosen[i], to_run) if killer is None else killer
            tell(chosen[i], found[chosen[i]])
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code!r}")
    return found
