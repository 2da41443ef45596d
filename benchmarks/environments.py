"""The peers' environments: creating them, finding them, and talking to their workers."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.contestants import PEERS

HERE = Path(__file__).parent
HOME = HERE.parent / "build" / "benchmarks"
POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's environment, whether or not it exists."""
    if not PEERS[peer].requirements:
        return Path(sys.executable)
    folder = "Scripts" if os.name == "nt" else "bin"
    return HOME / peer / folder / "python"


def is_there(peer: str) -> bool:
    """Return whether a peer's environment was created completely."""
    return not PEERS[peer].requirements or (HOME / peer / "complete").exists()


def make(peers: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Create environments; yield each peer with "" or the reason why its installation failed."""
    for peer in peers:
        folder, requirements = HOME / peer, PEERS[peer].requirements
        if not requirements:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        python = str(python_of(peer))
        commands = (
            [sys.executable, "-m", "venv", str(folder)],
            [python, "-m", "pip", "install", "--quiet", "numpy", *requirements],
        )
        reason = ""
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                reason = (done.stderr.strip().splitlines() or ["it failed"])[-1]
                break
        else:
            (folder / "complete").touch()
        yield peer, reason


def variables() -> dict[str, str]:
    """Return the environment variables without Python's, which would lead peers to our package."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}


class Failed(Exception):
    """A worker could not carry out a command; the message says why."""


class Connection:
    """A running worker."""

    def __init__(self, peer: str, threads: int, log: Any, more: Mapping[str, str]) -> None:
        environment = variables() | {name: str(threads) for name in POOLS} | {**more}
        self.process = subprocess.Popen(
            [str(python_of(peer)), str(HERE / "worker.py"), peer, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )

    def __call__(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Send a command and return the answer."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failed(f"the process ended with code {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer

    def close(self) -> None:
        """End the worker."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@contextlib.contextmanager
def worker(peer: str, threads: int, **more: str) -> Iterator[Connection]:
    """Run a worker for the duration of a with statement, with more environment variables."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / f"{peer}.log").open("a") as log:
        connection = Connection(peer, threads, log, more)
        try:
            yield connection
        finally:
            connection.close()
