"""Files that are written as a whole or not at all, whoever else writes or reads them meanwhile.

The content goes to a temporary file beside the target, which is then renamed. Readers therefore see
the old file or the new one, and a process that is killed leaves the old one.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import os
import re
import stat
import sys
from typing import IO, Any

from autograd.errors import message

# Locks, modes, owners, links that are not followed, and the fsync of folders are POSIX only.
POSIX = sys.platform != "win32"
if sys.platform != "win32":
    import fcntl

LINKS = 40  # symbolic links that are followed one after another, as Linux does
SHARED = stat.S_ISVTX | stat.S_IWOTH  # a folder in which everybody may create files, such as /tmp
NOT_SUPPORTED = (errno.EINVAL, errno.ENOTSUP)
NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)


def write_file(path: str | os.PathLike[str], *content: bytes | memoryview) -> None:
    """Write the parts of a file one after another, as a whole, and its folder if there is none.

    The mode, the owner and the group of a file that exists are kept, and so is a symbolic link: its
    target is replaced. What is no regular file, such as a pipe, is written to directly. When this
    function returns, the content and its name are on the disk.

    Raises:
        OSError: the file cannot be written; the old one, if any, is unchanged.

    Example:
        >>> import os, tempfile
        >>> from autograd.files import write_file
        >>> folder = os.path.join(tempfile.mkdtemp(), "new")
        >>> write_file(os.path.join(folder, "text.txt"), b"whole")
        >>> os.listdir(folder)
        ['text.txt']
    """
    target = _followed(os.path.abspath(path))
    before = _status(target)
    if before is not None and not stat.S_ISREG(before.st_mode):
        with open(target, "wb") as stream:
            stream.writelines(content)
        return
    _make_folder(os.path.dirname(target))
    created: list[str] = []
    try:
        with _temporary(target, 0o666 if before is None else 0o600, created) as stream:
            if before is not None:
                _take_over(stream.fileno(), before)
            stream.writelines(content)
            stream.flush()
            os.fsync(stream.fileno())
            if not POSIX:  # where a file that is open cannot be renamed
                stream.close()
            os.replace(created[0], target)
    except BaseException:
        for beside in created:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)
        raise
    _sync_folder(os.path.dirname(target))
    with contextlib.suppress(OSError):
        _remove_abandoned(target)


def save_figure(path: str | os.PathLike[str], figure: Any) -> None:
    """Write a figure of matplotlib's as a whole; the suffix decides the format, by default .png.

    Raises:
        ValueError: matplotlib does not know the format; there is no file then.
    """
    name, suffix = os.path.splitext(os.fspath(path))
    content = io.BytesIO()
    figure.savefig(content, format=suffix[1:] or "png", dpi=150)
    write_file(name + (suffix or ".png"), content.getbuffer())


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except FileNotFoundError:
        return None


def _followed(path: str) -> str:
    """The file that a path leads to through symbolic links, whether it exists or not.

    In a shared folder somebody else could have planted a link to one of our files. Such a link is
    not followed; Linux itself refuses it where `fs.protected_symlinks` is on.
    """
    for _ in range(LINKS):
        status, folder = _status(path), os.path.dirname(path)
        if status is None or not stat.S_ISLNK(status.st_mode):
            return path
        around = os.stat(folder)
        if around.st_mode & SHARED == SHARED and status.st_uid not in (_user(), around.st_uid):
            got = f"{path}, somebody else's link in a folder that all may write to"
            hint = "remove the link, or save in a folder of your own"
            raise PermissionError(message("save", got, "a file", hint))
        path = os.path.join(folder, os.readlink(path))
    raise OSError(errno.ELOOP, message("save", f"{path}, a link that leads to itself", "a file"))


def _user() -> int:
    return os.geteuid() if sys.platform != "win32" else 0


def _make_folder(folder: str) -> None:
    """Create a folder and those around it, and bring their names to the disk."""
    missing, around = [], folder
    while not os.path.isdir(around) and around != os.path.dirname(around):
        missing.append(around)
        around = os.path.dirname(around)
    os.makedirs(folder, exist_ok=True)
    for created in missing:
        _sync_folder(os.path.dirname(created))


def _temporary(target: str, mode: int, created: list[str]) -> IO[bytes]:
    """Create a file beside the target, locked as long as it is open; its name goes to `created`.

    Its name cannot be guessed, and nothing that exists is opened, a planted link neither. Ctrl-C
    may come at any moment, so the name is noted before there is a file, and the file is never a
    mere descriptor, which nobody would close.
    """
    opened = functools.partial(os.open, mode=mode)
    folder, name = os.path.split(target)
    while True:
        beside = os.path.join(folder, f".{name[:100]}.{os.urandom(8).hex()}.tmp")
        created[:] = [beside]
        try:
            stream = open(beside, "xb", opener=opened)  # noqa: SIM115  (the caller closes it)
        except FileExistsError:
            created.clear()
            continue
        except OSError as error:  # which names the temporary file, of which users know nothing
            created.clear()
            got = f"{target}, where no file can be created ({error.strerror})"
            hint = "choose another folder, or mend this one"
            text = message("save", got, "a path that can be written", hint)
            raise OSError(error.errno, text) from None
        try:
            # Another writer may have taken it for an abandoned one, in the moment before the lock.
            if _lock(stream.fileno()) and (not POSIX or os.fstat(stream.fileno()).st_nlink):
                return stream
        except BaseException:
            stream.close()
            raise
        stream.close()


def _lock(file: int) -> bool:
    """Lock an open file; False if another writer has locked it."""
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno not in NOT_SUPPORTED:
                raise
    return True


def _remove_abandoned(target: str) -> None:
    """Remove the temporary files of writers that were killed, which nobody holds locked."""
    folder, name = os.path.split(target)
    pattern = re.compile(rf"\.{re.escape(name[:100])}\.[0-9a-f]{{16}}\.tmp")
    for found in filter(pattern.fullmatch, os.listdir(folder) if POSIX else ()):
        beside = os.path.join(folder, found)
        with contextlib.suppress(OSError), open(beside, "rb", opener=_without_links) as file:
            if _lock(file.fileno()):
                os.unlink(beside)


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | NOFOLLOW)


def _take_over(file: int, before: os.stat_result) -> None:
    """Give a new file the owner, the group and the mode of the one that it will replace."""
    if sys.platform != "win32":
        now = os.fstat(file)
        if (now.st_uid, now.st_gid) != (before.st_uid, before.st_gid):
            with contextlib.suppress(PermissionError):  # only root may give files away
                os.fchown(file, before.st_uid, before.st_gid)
        os.fchmod(file, stat.S_IMODE(before.st_mode))


def _sync_folder(folder: str) -> None:
    """Bring a folder's names to the disk, or a power cut could undo a renaming."""
    if not POSIX:
        return
    opened: list[int] = []
    try:
        opened += map(os.open, [folder], [os.O_RDONLY])  # one step, so that Ctrl-C leaves none open
        os.fsync(opened[0])
    except OSError as error:
        if error.errno not in NOT_SUPPORTED:  # some network file systems cannot
            raise
    finally:
        for file in opened:
            os.close(file)
