"""Which tests call which functions, and how long they take."""

from __future__ import annotations

import contextlib
import cProfile
import hashlib
import itertools
import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import CodeType
from typing import Any

from tests.mutation.code.mutants import REPOSITORY, mutants
from tests.mutation.code.planting import enclosing_lines

LONGEST = 6.0  # seconds; tests that take longer are left out
CACHE = (
    Path(tempfile.gettempdir())
    / f"glassgrad-tests-of-{os.getuid() if os.name == 'posix' else 0}.json"
)

# Tests that read the parameters of a class, and their defaults, without a call.
SIGNATURES = re.compile(r"test_signatures\.py::test_defaults\[optim\.(?:\w+\.)*(\w+)\]")

TestsOf = Mapping[str, list[str]]
Durations = dict[str, float]
Calls = dict[str, tuple[float, list[str]]]  # of each test: its duration and the functions


def measured(items: Mapping[str, Any], run: Callable[[Any, Any], str]) -> tuple[TestsOf, Durations]:
    """The tests that call each function, and their durations.

    They are kept in a file of the system's temporary folder, and only changed tests are run again.
    """
    homes = homes_of_code()
    known = json.loads(CACHE.read_text("utf-8")) if CACHE.exists() else {}
    names = {file: _key(file) for file in {_file(test) for test in items}}
    lacking: dict[str, list[Any]] = {}
    for test, item in items.items():
        if names[_file(test)] not in known:
            lacking.setdefault(names[_file(test)], []).append(item)
    for key, some in lacking.items():
        known[key] = _in_a_child(lambda some=some: calls(some, run, homes))
        CACHE.write_text(json.dumps(known), "utf-8")
    tests_of: dict[str, list[str]] = {}
    durations: Durations = {}
    for key in names.values():
        for test, (duration, called) in known[key].items():
            durations[test] = duration
            for home in called:
                tests_of.setdefault(home, []).append(test)
    return tests_of, durations


def homes_of_code() -> dict[tuple[str, int], str]:
    """The homes of mutants, by the file and first line of the code."""
    return {
        (str(REPOSITORY / file), line): f"{file}:{function}"
        for file in dict.fromkeys(m.file for m in mutants())
        for function, lines in enclosing_lines(file).items()
        for line in lines
    }


def calls(
    items: Iterable[Any], run: Callable[[Any, Any], str], homes: Mapping[tuple[str, int], str]
) -> Calls:
    """Run every test once. A test that fails or takes too long is left out."""
    found: Calls = {}
    items = list(items)
    for item, following in itertools.zip_longest(items, items[1:]):
        started = time.process_time()
        failed, called = _called(lambda item=item, following=following: run(item, following))
        taken = time.process_time() - started
        if failed or taken > LONGEST:
            continue
        places = ((code.co_filename, code.co_firstlineno) for code in called)
        functions = {homes[place] for place in places if place in homes}
        functions |= {f"{home.partition(':')[0]}:" for home in functions}  # the file as a whole
        if reads := SIGNATURES.search(item.nodeid):
            functions |= {h for h in homes.values() if h.endswith(f":{reads[1]}.__init__")}
        if functions:
            found[item.nodeid] = taken, sorted(functions)
    return found


def _called(run: Callable[[], str]) -> tuple[str, set[CodeType]]:
    """What `run` returns, and the code that it ran, in all threads."""
    in_threads: set[CodeType] = set()

    def profile(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            in_threads.add(frame.f_code)

    profiler = cProfile.Profile(subcalls=False, builtins=False)
    threading.setprofile(profile)
    profiler.enable()
    try:
        failed = run()
    finally:
        with contextlib.suppress(ValueError):
            profiler.disable()
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    here = {entry.code for entry in profiler.getstats() if isinstance(entry.code, CodeType)}
    return failed, here | in_threads


def _in_a_child(work: Callable[[], Calls]) -> Calls:
    """Tests leave traces, such as fixtures of modules."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        found = work()
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    return json.loads(text) if text else {}


def _file(test: str) -> str:
    return test.partition("::")[0]


def _key(file: str) -> str:
    """One name for a file of tests and its text."""
    return f"{file} {hashlib.sha256((REPOSITORY / file).read_bytes()).hexdigest()}"
