"""The safetensors format: what the library writes is read, what is written the library reads."""

import json
import os

import numpy as np
import pytest
import safetensors.numpy as library

from nn.training import tensor_file
from nn.training.tensor_file import (
    CHECKSUM,
    DTYPES,
    CheckpointError,
    Damaged,
    parsed,
    read_arrays,
    write_arrays,
)

RNG = np.random.default_rng(0)
ARRAYS = {
    **{kind: RNG.integers(0, 2, (2, 3)).astype(kind) for kind in DTYPES.values()},
    "number": np.array(2.5),
    "empty": np.zeros((0, 3), np.float32),
    "Ünïcode \u2028 \x00 \\ \" '": np.arange(3, dtype=np.int16),
    "": np.arange(1, dtype=np.uint8),
}


def equal(found, expected):
    assert found.keys() == expected.keys()
    for name, x in expected.items():
        assert found[name].dtype == x.dtype and found[name].shape == x.shape
        assert (found[name] == x).all()


def test_the_library_reads_what_is_written(tmp_path):
    write_arrays(tmp_path / "t", ARRAYS, {"about": "a test"})
    equal(library.load_file(tmp_path / "t"), ARRAYS)
    with library.safe_open(tmp_path / "t", framework="np") as file:
        assert file.metadata()["about"] == "a test" and len(file.metadata()[CHECKSUM]) == 64


def test_what_the_library_writes_is_read(tmp_path):
    library.save_file(ARRAYS, tmp_path / "t", {"about": "a test"})
    arrays, metadata = read_arrays(tmp_path / "t")
    equal(arrays, ARRAYS)
    assert metadata == {"about": "a test"} and list(arrays) == list(read_arrays(tmp_path / "t")[0])


def test_what_was_written_is_read(tmp_path):
    write_arrays(tmp_path / "t", ARRAYS, {"a": "b"})
    arrays, metadata = read_arrays(tmp_path / "t")
    equal(arrays, ARRAYS)
    assert metadata == {"a": "b"} and all(x.flags.writeable for x in arrays.values())


def test_the_same_arrays_in_another_arrangement_have_the_same_checksum(tmp_path):
    """Another program may rewrite a file: the checksum is that of the content."""
    write_arrays(tmp_path / "t", ARRAYS, {"a": "b"})
    with library.safe_open(tmp_path / "t", framework="np") as file:
        metadata = file.metadata()
    kept = {k: v for k, v in ARRAYS.items() if k != "bool"}
    turned = {name: ARRAYS[name] for name in sorted(ARRAYS, reverse=True)}
    library.save_file(turned, tmp_path / "t", metadata)
    equal(read_arrays(tmp_path / "t")[0], ARRAYS)
    for arrays in (
        kept,
        {**ARRAYS, "more": np.ones(1)},
        {**kept, "Bool": ARRAYS["bool"]},
        {**ARRAYS, "bool": ARRAYS["bool"].reshape(3, 2)},
        {**ARRAYS, "int8": ARRAYS["int8"].view(np.uint8)},
    ):
        library.save_file(arrays, tmp_path / "t", metadata)
        with pytest.raises(CheckpointError, match="does not have the checksum"):
            read_arrays(tmp_path / "t")
    library.save_file(ARRAYS, tmp_path / "t", {**metadata, "a": "c"})
    with pytest.raises(CheckpointError, match="does not have the checksum"):
        read_arrays(tmp_path / "t")


def test_every_array_begins_at_a_multiple_of_its_entries_size(tmp_path):
    write_arrays(tmp_path / "t", ARRAYS, {})
    content = (tmp_path / "t").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert length % 8 == 0
    for name, x in ARRAYS.items():
        assert header[name]["data_offsets"][0] % x.itemsize == 0


def written(path, header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(text) if length is None else length).to_bytes(8, "little") + text + data)


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


@pytest.mark.parametrize(
    ("header", "data", "text"),
    [
        (b"", b"", "the header is not JSON"),
        (b"\xff\xfe", b"", "the header is not JSON"),
        (b"[" * 100_000, b"", "the header is nested too deeply"),
        (b"[]", b"", "the header holds a list in place of names"),
        (b'{"a":1,"a":1}', b"", "a name stands twice"),
        ({"__metadata__": 3}, b"", "metadata that are not strings by name"),
        ({"__metadata__": {"a": 3}}, b"", "metadata that are not strings by name"),
        ({"x": 3}, b"", "'x' without just a dtype, a shape and offsets"),
        ({"x": {"dtype": "F32", "shape": [2]}}, b"", "'x' without just a dtype"),
        ({"x": entry(more=1)}, bytes(8), "'x' without just a dtype"),
        ({"x": entry("BF16", (4,))}, bytes(8), "'x' with dtype 'BF16'.*such as bfloat16"),
        ({"x": entry([])}, bytes(8), r"'x' with dtype \[\]"),
        ({"x": {**entry(), "shape": 2}}, bytes(8), "'x' with shape 2"),
        ({"x": entry(shape=(-2,))}, bytes(8), r"'x' with shape \[-2\]"),
        ({"x": entry(shape=(True, 2))}, bytes(8), r"'x' with shape \[True, 2\]"),
        ({"x": entry(shape=(2.0,))}, bytes(8), r"'x' with shape \[2.0\]"),
        ({"x": entry(offsets=(0, 8, 9))}, bytes(8), r"'x' with offsets \[0, 8, 9\]"),
        ({"x": entry(offsets=(-8, 0))}, bytes(8), r"'x' with offsets \[-8, 0\]"),
        ({"x": entry(offsets=(8, 0))}, bytes(8), "'x' at bytes 8 to 0, and 8 bytes from 0 on"),
        ({"x": entry(offsets=(0, 4))}, bytes(4), "'x' at bytes 0 to 4, and 8 bytes from 0 on"),
        ({"x": entry(offsets=(1, 9))}, bytes(9), "'x' at bytes 1 to 9, and 8 bytes from 0 on"),
        ({"x": entry(shape=(2**70,))}, bytes(8), "'x' at bytes 0 to 8, and 4,722,366,482,869"),
        ({"x": entry(), "y": entry()}, bytes(8), "'y' at bytes 0 to 8, and 8 bytes from 8 on"),
        ({"x": entry(offsets=(0, 2**63), shape=(2**61,))}, bytes(8), "'x' of shape"),
        ({"x": entry()}, bytes(4), r"'x' of shape \(2,\): buffer is smaller"),
        ({"x": entry()}, bytes(9), "9 bytes of arrays, of which the header lists 8"),
        ({"x": entry(shape=(0, 2**62, 2**62), offsets=(0, 0))}, b"", "'x' of shape"),
        ({"x": entry(shape=(1,) * 70, offsets=(0, 4))}, bytes(4), "'x' of shape"),
        ({"x": entry(shape=(9,) * 999, offsets=(0, 8))}, bytes(8), "'x' at bytes"),
    ],
    ids=lambda x: repr(x)[:40],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(tmp_path, header, data, text):
    written(tmp_path / "t", header, data)
    with pytest.raises(CheckpointError, match=text) as caught:
        read_arrays(tmp_path / "t")
    assert str(caught.value).startswith("load: got ") and len(str(caught.value)) < 1600


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (2**63, "a header of 9,223,372,036,854,775,808 bytes in a file of 10"),
        (3, "a header of 3 bytes in a file of 10"),
        (1, "the header is not JSON"),
    ],
)
def test_lengths_of_headers(tmp_path, length, text):
    written(tmp_path / "t", b"{}", length=length)
    with pytest.raises(CheckpointError, match=text):
        read_arrays(tmp_path / "t")


def test_a_header_is_not_read_if_it_is_too_long(tmp_path, monkeypatch):
    """A sparse file: 200 MB of header that take no room on the disk."""
    with open(tmp_path / "t", "wb") as file:
        file.write((200_000_000).to_bytes(8, "little"))
        file.truncate(200_000_100)
    with pytest.raises(CheckpointError, match=r"200,000,000 bytes, and 100,000,000 are allowed"):
        read_arrays(tmp_path / "t")
    monkeypatch.setattr(tensor_file, "MOST_ARRAYS", 3)
    library.save_file(ARRAYS, tmp_path / "t")
    with pytest.raises(CheckpointError, match="16 arrays, and 3 are allowed"):
        read_arrays(tmp_path / "t")
    with pytest.raises(ValueError, match=r"got 16 arrays with a header of .* at most 3 arrays"):
        write_arrays(tmp_path / "t", ARRAYS, {})
    monkeypatch.setattr(tensor_file, "MOST_ARRAYS", 16)
    write_arrays(tmp_path / "t", ARRAYS, {})
    equal(read_arrays(tmp_path / "t")[0], ARRAYS)
    monkeypatch.setattr(tensor_file, "LONGEST_HEADER", 1000)
    with pytest.raises(ValueError, match="at most 16 arrays and 1,000 bytes; join arrays"):
        write_arrays(tmp_path / "t", ARRAYS, {})


def test_a_file_that_becomes_shorter_while_it_is_read(tmp_path, monkeypatch):
    write_arrays(tmp_path / "t", ARRAYS, {})
    size = os.path.getsize(tmp_path / "t")
    status = os.fstat

    def longer(file):
        found = list(status(file))
        found[6] += 1 if found[6] == size else 0
        return os.stat_result(found)

    monkeypatch.setattr(os, "fstat", longer)
    with pytest.raises(CheckpointError, match="it became shorter while it was read"):
        read_arrays(tmp_path / "t")


def test_json_with_names():
    assert parsed('{"a": {"b": 1}}', "it") == {"a": {"b": 1}}
    with pytest.raises(Damaged, match="it is not JSON: a name stands twice"):
        parsed('{"a": {"b": 1, "b": 1}}', "it")


@pytest.mark.parametrize("form", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_header_is_utf8(tmp_path, form):
    """`json.loads` would take the others from bytes."""
    text = json.dumps({"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}).encode(form)
    path = tmp_path / "w"
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\1")
    with pytest.raises(CheckpointError, match="the header is not JSON"):
        read_arrays(path)


@pytest.mark.parametrize("byte", [2, 255])
def test_a_bool_is_0_or_1(tmp_path, byte):
    path = tmp_path / "w"
    write_arrays(path, {"a": np.array([True, False])}, {})
    content = path.read_bytes().replace(CHECKSUM.encode(), b"some other text.")
    path.write_bytes(content[:-1] + bytes([byte]))
    with pytest.raises(CheckpointError, match="'a' with a byte that is neither True nor False"):
        read_arrays(path)


def test_damage_to_the_name_of_the_checksum_does_not_switch_it_off(tmp_path):
    path = tmp_path / "w"
    write_arrays(path, {"a": np.ones(2)}, {"epoch": "1"})
    content = path.read_bytes()
    at, flipped = content.index(CHECKSUM.encode()), 0
    for i in range(at, at + len(CHECKSUM)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[i] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(CheckpointError):
                read_arrays(path)
            flipped += 1
    assert flipped == 8 * len(CHECKSUM)
    with pytest.raises(ValueError, match=r"a name less like 'glassgrad\.sha256'"):
        write_arrays(path, {}, {"glassgrad.sha257": "mine"})


def test_a_header_of_very_many_arrays_is_refused_before_they_are_made(tmp_path, monkeypatch):
    monkeypatch.setattr(tensor_file, "MOST_ARRAYS", 3)
    monkeypatch.setattr(tensor_file, "parsed", lambda *_: pytest.fail("it was read"))
    entry = {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}
    text = json.dumps({str(i): entry for i in range(4)}).encode()
    path = tmp_path / "w"
    path.write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(CheckpointError, match="4 arrays, and 3 are allowed"):
        read_arrays(path)


def test_limits_themselves_are_allowed(tmp_path, monkeypatch):
    path = tmp_path / "t"
    write_arrays(path, ARRAYS, {})
    length = int.from_bytes(path.read_bytes()[:8], "little")
    monkeypatch.setattr(tensor_file, "LONGEST_HEADER", length)
    write_arrays(path, ARRAYS, {})
    equal(read_arrays(path)[0], ARRAYS)
    monkeypatch.setattr(tensor_file, "LONGEST_HEADER", length - 1)
    with pytest.raises(CheckpointError, match=f"a header of {length:,} bytes, and"):
        read_arrays(path)
    with pytest.raises(ValueError, match="join arrays, or write several files"):
        write_arrays(path, ARRAYS, {})
    monkeypatch.undo()
    monkeypatch.setattr(tensor_file, "MOST_ARRAYS", len(ARRAYS) - 1)
    with pytest.raises(ValueError, match="got 16 arrays with a header of"):
        write_arrays(path, ARRAYS, {})


def test_names_in_another_spelling_do_not_evade_the_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(tensor_file, "MOST_ARRAYS", 3)
    header = {str(k): entry("U8", (0,), (0, 0)) for k in range(4)}
    text = json.dumps(header).replace("data_offsets", r"data\u005foffsets").encode()
    written(tmp_path / "t", text)
    with pytest.raises(CheckpointError, match="4 arrays, and 3 are allowed"):
        read_arrays(tmp_path / "t")


def test_an_empty_array_may_lie_at_the_end_of_one_that_is_listed_later(tmp_path):
    header = {"empty": entry(shape=(0,), offsets=(8, 8)), "x": entry()}
    written(tmp_path / "t", header, np.ones(2, "<f4").tobytes())
    equal(read_arrays(tmp_path / "t")[0], {"empty": np.zeros(0, "f4"), "x": np.ones(2, "f4")})


def test_bools_may_be_none(tmp_path):
    arrays = {"none": np.zeros((0, 3), bool), "some": np.array([True, False])}
    write_arrays(tmp_path / "t", arrays, {})
    equal(read_arrays(tmp_path / "t")[0], arrays)


@pytest.mark.parametrize("size", range(8))
def test_a_file_without_the_length_of_a_header(tmp_path, size):
    (tmp_path / "t").write_bytes(bytes(size))
    with pytest.raises(CheckpointError, match=f"a header of 0 bytes in a file of {size}"):
        read_arrays(tmp_path / "t")
