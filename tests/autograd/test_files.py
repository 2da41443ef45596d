"""Files are whole: with several writers, planted links, modes, kills and full disks."""

import errno
import multiprocessing
import os
import stat
import sys
from pathlib import Path

import pytest

from autograd import files
from autograd.files import write_file
from tests.interrupts import interrupted_at

# Modes, links, and the replacement of a file that somebody has open.
POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="this is promised on POSIX only")
SIZE = 200_000


def write_often(path, letter, count):
    for _ in range(count):
        write_file(path, letter * SIZE)


def at_once(path, letters, count):
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=write_often, args=(path, letter, count)) for letter in letters
    ]
    for writer in writers:
        writer.start()
    return writers


@POSIX_ONLY
def test_of_several_writers_each_writes_a_whole_file(tmp_path):
    """With one name for all temporary files, writers would fill and rename each other's."""
    path = tmp_path / "file"
    write_file(path, b"0" * SIZE)
    writers = at_once(path, [b"a", b"b", b"c", b"d"], 15)
    reads = 0
    while any(writer.is_alive() for writer in writers):
        content = path.read_bytes()
        assert len(content) == SIZE and len(set(content)) == 1, "a torn file"
        reads += 1
    assert [writer.exitcode for writer in writers] == [0] * 4 and reads > 20
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_file(path, b"old")

    def fails(*args):
        raise OSError(errno.ENOSPC, "no space left")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, name, fails)
            for target in (path, tmp_path / "other"):
                with pytest.raises(OSError, match="no space left"):
                    write_file(target, b"new")
        assert [p.name for p in tmp_path.iterdir()] == ["file"] and path.read_bytes() == b"old"


@POSIX_ONLY
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o755])
def test_the_mode_of_a_file_is_kept(tmp_path, mode):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_file(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode and path.read_bytes() == b"new"


@POSIX_ONLY
def test_a_new_file_gets_the_mode_that_open_gives(tmp_path):
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "file", b"")
        (tmp_path / "plain").write_bytes(b"")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("file", "plain")}
    assert modes == {0o640}


@POSIX_ONLY
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
def test_the_owner_of_a_file_is_kept(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    path.chmod(0o2750)
    write_file(path, b"new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12345, 23456, 0o2750)


@POSIX_ONLY
def test_a_secret_is_readable_for_nobody_else_while_it_is_written(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o600)
    modes = []
    opened = os.open

    def noted(*args, **kwargs):
        file = opened(*args, **kwargs)
        modes.append(stat.S_IMODE(os.fstat(file).st_mode))
        return file

    monkeypatch.setattr(os, "open", noted)
    write_file(path, b"new")
    assert modes[0] == 0o600


@POSIX_ONLY
def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "runs").mkdir()
    target, link = tmp_path / "runs" / "1", tmp_path / "latest"
    target.write_bytes(b"old")
    link.symlink_to(Path("runs") / "1")
    (tmp_path / "twice").symlink_to("latest")
    write_file(tmp_path / "twice", b"new")
    assert link.is_symlink() and (tmp_path / "twice").is_symlink()
    assert not target.is_symlink() and target.read_bytes() == b"new"
    (tmp_path / "dangling").symlink_to(tmp_path / "more" / "2")
    write_file(tmp_path / "dangling", b"created")
    assert (tmp_path / "more" / "2").read_bytes() == b"created"


@POSIX_ONLY
def test_a_link_that_leads_to_itself_is_an_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match=r"a link that leads to itself; expected a file") as caught:
        write_file(tmp_path / "a", b"")
    assert caught.value.errno == errno.ELOOP


@POSIX_ONLY
def test_a_link_that_somebody_planted_in_a_shared_folder_is_not_followed(tmp_path, monkeypatch):
    tmp_path.chmod(0o1777)
    precious = tmp_path / "precious"
    precious.write_bytes(b"old")
    (tmp_path / "link").symlink_to(precious)
    write_file(tmp_path / "link", b"ours")  # a link of one's own
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    status = os.stat

    def owned_by_another(path, **options):
        found = list(status(path, **options))
        found[4] += 2
        return os.stat_result(found)

    monkeypatch.setattr(os, "stat", owned_by_another)
    with pytest.raises(PermissionError, match=r"somebody else's link in a folder that all may"):
        write_file(tmp_path / "link", b"planted")
    assert precious.read_bytes() == b"ours"


@POSIX_ONLY
def test_a_planted_temporary_file_is_neither_followed_nor_overwritten(tmp_path, monkeypatch):
    """Even if somebody guesses the name: the second try takes another one."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"old")
    (tmp_path / f".file.{'00' * 8}.tmp").symlink_to(precious)
    (tmp_path / f".file.{'01' * 8}.tmp").write_bytes(b"theirs")
    names = iter([b"\0" * 8, b"\1" * 8, b"\2" * 8])
    monkeypatch.setattr(os, "urandom", lambda n: next(names))
    write_file(tmp_path / "file", b"new")
    assert precious.read_bytes() == b"old" and (tmp_path / "file").read_bytes() == b"new"
    assert next(names, None) is None


@POSIX_ONLY
def test_what_a_killed_writer_left_is_removed_and_what_another_is_writing_is_not(tmp_path):
    path = tmp_path / "file"
    left = tmp_path / f".file.{'ab' * 8}.tmp"
    others = [tmp_path / f".file2.{'ab' * 8}.tmp", tmp_path / ".file.tmp", tmp_path / ".file.x.tmp"]
    for file in (left, *others):
        file.write_bytes(b"half")
    writing = files._temporary(str(path), 0o600, created := [])
    [beside] = created
    write_file(path, b"whole")
    assert not left.exists() and os.path.exists(beside) and all(map(Path.exists, others))
    writing.close()
    write_file(path, b"whole")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        ["file", *(other.name for other in others)]
    )


@POSIX_ONLY
def test_a_temporary_file_that_was_taken_for_an_abandoned_one_is_made_again(tmp_path, monkeypatch):
    lock, taken = files._lock, []

    def removed_meanwhile(file):
        if not taken:
            [beside] = tmp_path.iterdir()
            taken.append(beside.unlink())
        return lock(file)

    monkeypatch.setattr(files, "_lock", removed_meanwhile)
    write_file(tmp_path / "file", b"new")
    assert taken and (tmp_path / "file").read_bytes() == b"new"


@POSIX_ONLY
def test_file_and_folders_are_brought_to_the_disk(tmp_path, monkeypatch):
    """In this order: the content before its name, and the names of new folders before both."""
    synced = []
    sync, replace = os.fsync, os.replace

    def fsync(file):
        synced.append("folder" if stat.S_ISDIR(os.fstat(file).st_mode) else "file")
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *args: (synced.append("rename"), replace(*args))[1])
    write_file(tmp_path / "a" / "b" / "file", b"new")
    assert synced == ["folder", "folder", "file", "rename", "folder"]
    synced.clear()
    write_file(tmp_path / "a" / "b" / "file", b"new")
    assert synced == ["file", "rename", "folder"]


@POSIX_ONLY
def test_file_systems_without_locks_and_fsync_of_folders_will_do(tmp_path, monkeypatch):
    import fcntl

    sync = os.fsync

    def refuses(*args):
        raise OSError(errno.ENOTSUP, "not supported")

    def fsync(file):
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "invalid")
        sync(file)

    monkeypatch.setattr(fcntl, "flock", refuses)
    monkeypatch.setattr(os, "fsync", fsync)
    write_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"

    def broken(file):
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "fsync", lambda file: None)
    monkeypatch.setattr(fcntl, "flock", lambda *args: broken(0))
    with pytest.raises(OSError, match="broken"):
        write_file(tmp_path / "file", b"newer")
    assert (tmp_path / "file").read_bytes() == b"new"


@POSIX_ONLY
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write_file(path, b"through")
    assert os.read(reading, 100) == b"through" and stat.S_ISFIFO(path.stat().st_mode)
    os.close(reading)
    write_file(os.devnull, b"gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_figure_gets_the_format_of_its_suffix(tmp_path):
    class Figure:
        def savefig(self, file, format, dpi):
            file.write(f"{format} {dpi}".encode())

    for name, found, content in (
        ("a.svg", "a.svg", b"svg 150"),
        ("b", "b.png", b"png 150"),
        (".hidden", ".hidden.png", b"png 150"),
    ):
        files.save_figure(tmp_path / "figures" / name, Figure())
        assert (tmp_path / "figures" / found).read_bytes() == content


def test_names_as_long_as_a_file_system_allows(tmp_path):
    path = tmp_path / ("n" * 250)
    write_file(path, b"long")
    write_file(path, b"longer")
    assert path.read_bytes() == b"longer" and len(list(tmp_path.iterdir())) == 1


def test_a_relative_path_and_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_file("file", b"here")
    assert (tmp_path / "file").read_bytes() == b"here"
    with pytest.raises(OSError) as caught:
        write_file(tmp_path, b"")
    assert isinstance(caught.value, IsADirectoryError if sys.platform != "win32" else OSError)


@POSIX_ONLY
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts what is open")
def test_an_interrupt_leaves_a_whole_file_and_nothing_open(tmp_path):
    path = tmp_path / "file"
    write_file(path, b"old")
    opened = len(os.listdir("/proc/self/fd"))
    n, seen = 1, set()
    while interrupted_at(n, lambda: write_file(path, b"new")):
        assert [p.name for p in tmp_path.iterdir()] == ["file"]
        assert len(os.listdir("/proc/self/fd")) == opened, n
        seen.add(path.read_bytes())
        n += 1
    assert seen == {b"old", b"new"} and n > 50


def test_a_folder_that_takes_no_files_is_named_and_not_the_temporary_file(monkeypatch, tmp_path):
    real = os.open

    def refuse(path, flags, mode=0o777, **options):
        if str(path).endswith(".tmp"):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return real(path, flags, mode, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(
        PermissionError, match=r"save: got .*a\.txt, where no file can be cr"
    ) as caught:
        write_file(tmp_path / "a.txt", b"x")
    assert ".tmp" not in str(caught.value)
