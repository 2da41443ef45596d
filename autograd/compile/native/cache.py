"""Machine code on disk, so that a program is compiled once and not in every process.

Nothing here raises: what cannot be read is compiled again, what cannot be written is not kept.

What is read is executed, so a file is trusted as far as a module that Python itself imports: it
must belong to the user who runs the program, in a folder of theirs (mode 0700) that nobody else can
write to. Whoever can write there can change that user's programs as well. The checksum finds torn
and damaged files; it is no signature. Windows keeps others out of the user's folder by itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

FORMAT = b"glassgrad machine code 1\n"
LIMIT = 256 * 2**20  # bytes of all entries
ENTRY, UNFINISHED = ".code", ".part"
HOUR = 3600.0
# What the file system, a home that is nowhere and a name with a null byte raise.
TROUBLE = (OSError, RuntimeError, ValueError)


def key(*parts: str) -> str:
    """The name of an entry: a hash of all that it depends on.

    Example:
        >>> from autograd.compile.native import cache
        >>> len(cache.key("text", "cpu")), cache.key("ab", "c") == cache.key("a", "bc")
        (64, False)
    """
    digest = hashlib.sha256(FORMAT)
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()


def folder() -> Path:
    """Where entries are kept: `$GLASSGRAD_CACHE`, or a folder in the user's cache.

    Raises:
        RuntimeError: the user has no home.
    """
    if chosen := os.environ.get("GLASSGRAD_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return (Path(local) if local else Path.home() / "AppData/Local") / "glassgrad/cache"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/glassgrad"
    # The XDG specification: a relative path is invalid and is ignored.
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "glassgrad"


def read(name: str) -> bytes | None:
    """The entry, whole and our own; None if there is none."""
    try:
        path = folder()
        if not _is_ours(os.lstat(path), stat.S_ISDIR):
            return None
        path = path / (name + ENTRY)
        # No symbolic link, and no pipe that blocks; the open file is what is checked, not its name.
        names = ("O_RDONLY", "O_BINARY", "O_NOFOLLOW", "O_NONBLOCK")
        flags = sum(getattr(os, name, 0) for name in names)
        with open(os.open(path, flags), "rb") as file:
            if not _is_ours(os.fstat(file.fileno()), stat.S_ISREG):
                return None
            content = file.read()
        with contextlib.suppress(OSError):  # a folder that is read-only can be read
            os.utime(path)
    except TROUBLE:
        return None
    return _opened(name, content)


def write(name: str, code: bytes) -> None:
    """Keep an entry; remove those that were not used for the longest time if there are too many."""
    with contextlib.suppress(*TROUBLE):
        path = folder()
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _is_ours(os.lstat(path), stat.S_ISDIR) and len(code) <= LIMIT // 4:
            _put(path, name, _closed(name, code))
            _shrink(path)


def _closed(name: str, code: bytes) -> bytes:
    return FORMAT + hashlib.sha256(name.encode() + code).digest() + code


def _opened(name: str, content: bytes) -> bytes | None:
    """The code in a file, or None if the file is torn, damaged, or another entry renamed."""
    code = content[len(FORMAT) + hashlib.sha256().digest_size :]
    return code if code and content == _closed(name, code) else None


def _is_ours(status: os.stat_result, kind: Callable[[int], bool]) -> bool:
    """Whether a file or folder is of the kind, this user's, and closed to writing by others."""
    if not kind(status.st_mode):
        return False
    if hasattr(os, "geteuid"):  # on POSIX; elsewhere the folder is the user's own
        others = stat.S_IWGRP | stat.S_IWOTH
        return status.st_uid == os.geteuid() and not status.st_mode & others
    return True


def _put(path: Path, name: str, content: bytes) -> None:
    """Under a name of its own first: whoever reads sees the old file, the new one, or none."""
    unfinished = path / f"{name}-{os.getpid()}-{os.urandom(8).hex()}{UNFINISHED}"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(unfinished, flags, 0o600), "wb") as file:
            file.write(content)
        os.replace(unfinished, path / (name + ENTRY))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(unfinished)
        raise


def _shrink(path: Path) -> None:
    """Remove the entries used longest ago down to the limit, and what a killed process left."""
    entries = []
    for item in os.scandir(path):
        with contextlib.suppress(OSError):  # another process may remove it first
            status = item.stat(follow_symlinks=False)
            if item.name.endswith(ENTRY):
                entries.append((status.st_mtime, status.st_size, item.path))
            elif item.name.endswith(UNFINISHED) and time.time() - status.st_mtime > HOUR:
                os.unlink(item.path)
    total = sum(size for _, size, _ in entries)
    for _, size, place in sorted(entries):
        if total <= LIMIT:
            break
        with contextlib.suppress(OSError):
            os.unlink(place)
        total -= size
