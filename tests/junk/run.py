"""Call every public callable with junk: `python -m tests.junk.run [PATHS]` prints what came of it.

`--write` writes down what was accepted, for a review: a line of `accepted.txt` that should not be there
is a fault. POSIX only, because long calls are interrupted by an alarm and memory is limited.
"""

import collections
import contextlib
import inspect
import json
import resource
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

import autograd as ag
from autograd.errors import Message
from tests.junk.calls import POSITIONAL, parameters_of, public, right_call
from tests.junk.explained import explanation

# What rightly takes as long as it says.
LONG = {("nn.fit", "epochs", "10**9"), ("nn.fit", "epochs", "10**30")}
LIMIT = 2  # seconds
ACCEPTED = Path(__file__).parent / "accepted.txt"
JUNK = {
    "None": lambda: None, "text": lambda: "abc", "empty text": lambda: "", "bytes": lambda: b"abc", "nan": lambda: float("nan"), "inf": lambda: float("inf"),
    "-inf": lambda: -float("inf"), "-1": lambda: -1, "0": lambda: 0, "-0.5": lambda: -0.5, "1.5": lambda: 1.5, "1e300": lambda: 1e300,
    "10**9": lambda: 10**9, "10**30": lambda: 10**30, "True": lambda: True, "1j": lambda: 1j, "()": lambda: (), "[]": lambda: [], "{}": lambda: {},
    "ragged": lambda: [[1.0], [2.0, 3.0]], "texts": lambda: ["a", "b"], "Nones": lambda: [None, None], "seven": lambda: [1, 2, 3, 4, 5, 6, 7],
    "Value": lambda: ag.Value(1.0), "Tensor": lambda: ag.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True), "vector of nan": lambda: np.full(3, np.nan),
    "empty array": lambda: np.zeros((0, 3)), "bool array": lambda: np.array([True, False]), "object": lambda: object(), "class": lambda: int, "function": lambda: len, "set": lambda: {1, 2},
    "array of text": lambda: np.array(["a"]), "array of objects": lambda: np.array([None]), "generator": lambda: (i for i in range(3)),
    "1e308": lambda: 1e308, "time": lambda: np.datetime64("2000-01-01"), "numpy -3": lambda: np.int64(-3),
}  # fmt: skip


def calls(path, thing):
    """(what is junk, a function that makes the call) for every parameter and every kind of junk."""
    args, kwargs = right_call(path, thing)
    names = [*range(len(args)), *dict.fromkeys([*kwargs, *parameters_of(path, thing)])]
    names = [n for n in names if n != "others"]
    by_position = [n for n, p in parameters_of(path, thing).items() if p.kind in POSITIONAL]
    taken = by_position[: len(args)]
    for place in names:
        if place in taken and place not in kwargs:
            continue
        for kind, make in JUNK.items():
            if (path, place, kind) in LONG:
                continue
            yield (place, kind), lambda place=place, make=make: call(path, thing, place, make())


def call(path, thing, place, junk):
    args, kwargs = right_call(path, thing)
    kinds = parameters_of(path, thing)
    if isinstance(place, int):
        args[place] = junk
    elif kinds[place].kind is inspect.Parameter.POSITIONAL_ONLY:
        args.append(junk)
    else:
        kwargs[place] = junk
    result = thing(*args, **kwargs)
    if inspect.isgenerator(result):
        next(result, None)
    if isinstance(result, contextlib.AbstractContextManager):
        with result:  # what is decorated with contextmanager checks nothing before
            pass
    return result


def is_raw(error):
    """Whether a user reads a sentence that Python or NumPy wrote."""
    text = error.args[0] if error.args else ""
    if isinstance(text, Message) or isinstance(error, NotImplementedError):
        return False
    ours = ("expected ", "; ", ": no such name here", "missing a required argument")
    return not (isinstance(text, str) and any(words in text for words in ours))


class TooLong(BaseException):
    """A call that has to be interrupted."""


def interrupt(*_):
    raise TooLong


signal.signal(signal.SIGALRM, interrupt)


def outcomes(path, thing):
    """("accepted", "refused" or "raw", seconds, result or error) for each junk call."""
    for what, make in calls(path, thing):
        started = time.perf_counter()
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            signal.alarm(LIMIT)
            try:
                result, outcome = make(), "accepted"
            except TooLong as error:
                result, outcome = error, "slow"
            except Exception as error:
                result, outcome = error, "raw" if is_raw(error) else "refused"
            finally:
                signal.alarm(0)
        yield what, outcome, time.perf_counter() - started, result


class Found(NamedTuple):
    """What came of all calls."""

    counts: collections.Counter
    unexplained: list[str]
    slow: list[str]
    accepted: list[str]


def examine(prefixes=("",)):
    """Call everything whose path begins with one of the prefixes."""
    found = Found(collections.Counter(), [], [], [])
    for path, thing in public():
        if not path.startswith(tuple(prefixes)):
            continue
        args, kwargs = right_call(path, thing)
        thing(*args, **kwargs)
        accepted = collections.defaultdict(list)
        for (place, kind), outcome, _, result in outcomes(path, thing):
            found.counts[outcome] += 1
            if outcome == "raw" and not explanation(path, place, result):
                text = f"{type(result).__name__}: {str(result)[:160]}"
                found.unexplained.append(f"{path}({place}={kind}) {text}")
            if outcome == "slow":
                found.slow.append(f"{path}({place}={kind})")
            if outcome == "accepted":
                accepted[place].append(kind)
        found.accepted.extend(f"{path}({place}): {', '.join(kinds)}" for place, kinds in accepted.items())  # fmt: skip
    return found


def limit_memory():
    """Let no array fill the machine's memory: NumPy raises MemoryError beyond 4 GB."""
    resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, resource.getrlimit(resource.RLIMIT_AS)[1]))


def main():
    limit_memory()
    writing = sys.argv[1:] == ["--write"]
    # "abc" is a path, too: what one call writes there, another would read.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        found = examine(("",) if writing or not sys.argv[1:] else sys.argv[1:])
    if writing:
        ACCEPTED.write_text("\n".join(found.accepted) + "\n", encoding="utf-8")
    print(json.dumps(found._asdict(), indent=1))


if __name__ == "__main__":
    main()
