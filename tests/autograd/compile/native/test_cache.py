"""Machine code on disk: whole, our own, bounded, and never a reason to fail."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from autograd.compile.native import cache

KEY, OTHER = cache.key("a", "b"), cache.key("a", "c")
posix = pytest.mark.skipif(os.name != "posix", reason="owner and mode are of POSIX")


@pytest.fixture(autouse=True)
def place(monkeypatch, tmp_path):
    place = tmp_path / "cache"
    monkeypatch.setenv("GLASSGRAD_CACHE", str(place))
    return place


def entry(place, name=KEY):
    return place / f"{name}.code"


def test_what_was_written_is_read(place):
    assert cache.read(KEY) is None
    cache.write(KEY, b"code")
    assert cache.read(KEY) == b"code" and cache.read(OTHER) is None
    assert [path.name for path in place.iterdir()] == [f"{KEY}.code"]


def test_a_second_write_replaces_the_first():
    cache.write(KEY, b"first")
    cache.write(KEY, b"second")
    assert cache.read(KEY) == b"second"


def test_keys_keep_their_parts_apart():
    assert len({cache.key("ab", "c"), cache.key("a", "bc"), cache.key("abc"), cache.key("")}) == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:20],
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: b"X" + content[1:],
        lambda content: b"\x7fELF",
    ],
    ids=["empty", "head", "torn", "longer", "one-bit", "another-format", "foreign"],
)
def test_a_damaged_file_is_no_entry_and_is_replaced(place, damage):
    cache.write(KEY, b"code")
    entry(place).write_bytes(damage(entry(place).read_bytes()))
    assert cache.read(KEY) is None
    cache.write(KEY, b"code")
    assert cache.read(KEY) == b"code"


def test_an_entry_under_another_name_is_no_entry(place):
    cache.write(KEY, b"code")
    entry(place).rename(entry(place, OTHER))
    assert cache.read(OTHER) is None


def test_a_folder_or_a_file_in_the_way_does_no_harm(place):
    entry(place).mkdir(parents=True)
    cache.write(KEY, b"code")
    assert cache.read(KEY) is None
    assert [path.name for path in place.iterdir()] == [f"{KEY}.code"], "the unfinished file is gone"
    entry(place).rmdir()
    place.rmdir()
    place.write_text("a file where the folder should be")
    cache.write(KEY, b"code")
    assert cache.read(KEY) is None and place.read_text().startswith("a file")


@pytest.mark.parametrize("failing", ["open", "replace"])
def test_a_full_disk_does_no_harm(monkeypatch, place, failing):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    cache.write(OTHER, b"code")
    with monkeypatch.context() as patch:
        patch.setattr(os, failing, full)
        cache.write(KEY, b"code")
    assert cache.read(KEY) is None and cache.read(OTHER) == b"code"
    assert [path.name for path in place.iterdir()] == [f"{OTHER}.code"]


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_read_only_is_read(place):
    cache.write(KEY, b"code")
    place.chmod(0o500)
    try:
        cache.write(OTHER, b"code")
        assert cache.read(KEY) == b"code" and cache.read(OTHER) is None
    finally:
        place.chmod(0o700)


@posix
def test_the_folder_is_made_for_its_user_alone(place):
    cache.write(KEY, b"code")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(place).stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_folder_that_others_can_write_to_is_not_used(place, mode):
    cache.write(KEY, b"code")
    place.chmod(mode)
    assert cache.read(KEY) is None
    cache.write(OTHER, b"code")
    assert not entry(place, OTHER).exists()


@posix
def test_a_file_that_others_can_write_to_is_not_used(place):
    cache.write(KEY, b"code")
    entry(place).chmod(0o622)
    assert cache.read(KEY) is None


@posix
def test_what_belongs_to_another_user_is_not_used(place, monkeypatch):
    cache.write(KEY, b"code")
    monkeypatch.setattr(os, "geteuid", lambda: place.stat().st_uid + 1)
    assert cache.read(KEY) is None
    cache.write(OTHER, b"code")
    assert not entry(place, OTHER).exists()


@posix
def test_a_symbolic_link_is_not_followed(place, tmp_path):
    cache.write(KEY, b"code")
    elsewhere = tmp_path / "elsewhere"
    entry(place).rename(elsewhere)
    entry(place).symlink_to(elsewhere)
    assert cache.read(KEY) is None
    cache.write(KEY, b"new")
    assert cache.read(KEY) == b"new" and not entry(place).is_symlink()
    assert elsewhere.read_bytes().endswith(b"code"), "what the link pointed to is untouched"
    real = place.rename(tmp_path / "real")
    place.symlink_to(real)
    assert cache.read(KEY) is None


@posix
def test_a_pipe_does_not_block(place):
    place.mkdir(mode=0o700)
    os.mkfifo(entry(place))
    assert cache.read(KEY) is None


def test_the_entries_used_longest_ago_go_first(place, monkeypatch):
    monkeypatch.setattr(cache, "LIMIT", 4000)
    names = [cache.key(str(n)) for n in range(6)]
    now = time.time()
    for age, name in zip(range(60, 0, -10), names[:5], strict=False):
        cache.write(name, b"x" * 700)
        os.utime(entry(place, name), (now - age, now - age))
    assert cache.read(names[0])  # used now
    cache.write(names[5], b"x" * 700)
    assert [cache.read(name) is not None for name in names] == [True, False, True, True, True, True]


def test_an_entry_that_would_fill_the_cache_is_not_kept(monkeypatch, place):
    monkeypatch.setattr(cache, "LIMIT", 4000)
    cache.write(KEY, b"x" * 1001)
    assert cache.read(KEY) is None


def test_what_a_killed_process_left_is_removed(place):
    cache.write(KEY, b"code")
    old, new, foreign = place / "old.part", place / "new.part", place / "notes.txt"
    for path in (old, new, foreign):
        path.write_text("")
    for path in (old, foreign):
        os.utime(path, (time.time() - 7200, time.time() - 7200))
    cache.write(OTHER, b"code")
    assert [path.exists() for path in (old, new, foreign)] == [False, True, True]


def test_threads_write_and_read_one_entry():
    wrong = []

    def work():
        for _ in range(50):
            cache.write(KEY, b"x" * 10000)
            if cache.read(KEY) not in (None, b"x" * 10000):
                wrong.append(True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and cache.read(KEY)


HOME = Path("/home/somebody")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, HOME / ".cache/glassgrad"),
        ("linux", {"XDG_CACHE_HOME": "/scratch"}, Path("/scratch/glassgrad")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, HOME / ".cache/glassgrad"),
        ("darwin", {}, HOME / "Library/Caches/glassgrad"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/glassgrad/cache")),
        ("win32", {}, HOME / "AppData/Local/glassgrad/cache"),
        ("linux", {"GLASSGRAD_CACHE": "/mine"}, Path("/mine")),
    ],
    ids=["linux", "xdg", "xdg-relative", "mac", "windows", "windows-bare", "chosen"],
)
def test_the_folder_is_where_the_system_keeps_caches(monkeypatch, platform, variables, expected):
    for name in ("GLASSGRAD_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(cache.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: HOME)
    assert cache.folder() == expected


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("GLASSGRAD_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    cache.write(KEY, b"code")
    assert cache.read(KEY) is None
