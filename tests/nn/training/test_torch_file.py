"""PyTorch's checkpoints: real ones by torch 2.13, and hostile ones, which name what they would do."""

import io
import os
import pickle
import zipfile
from collections import Counter, OrderedDict, defaultdict
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from nn.training.checkpoint import CheckpointError, load_torch

FILES = Path(__file__).parent / "torch_files"
EXPECTED = np.load(FILES / "expected.npz")


def arrays_in(x, path):
    if isinstance(x, np.ndarray):
        yield path, x
    elif isinstance(x, dict):
        for key, value in x.items():
            yield from arrays_in(value, f"{path}/{key}")
    elif isinstance(x, (list, tuple)):
        for k, value in enumerate(x):
            yield from arrays_in(value, f"{path}/{k}")


@pytest.mark.parametrize("name", ["state", "training", "dtypes", "views", "tensor"])
def test_a_file_of_pytorchs_has_the_same_arrays(name):
    found = dict(arrays_in(load_torch(FILES / f"{name}.pt"), name))
    assert found.keys() == {k for k in EXPECTED if k.split("/")[0] == name}
    for path, x in found.items():
        assert x.dtype == EXPECTED[path].dtype and x.shape == EXPECTED[path].shape, path
        np.testing.assert_array_equal(x, EXPECTED[path])


def test_a_model_loads_the_weights():
    model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).astype(
        np.float32
    )
    model.load_state_dict(load_torch(FILES / "state.pt"))
    np.testing.assert_array_equal(ag.data_of(model[3].weight), EXPECTED["state/3.weight"])
    again = load_torch(str(FILES / "protocol5.pt"))
    assert all(np.array_equal(again[k], EXPECTED[f"state/{k}"]) for k in again)


def test_what_is_no_tensor_stays_what_it_is():
    found = load_torch(FILES / "training.pt")
    assert type(found) is dict and type(found["model"]) is dict
    assert (found["epoch"], found["best"], found["name"]) == (3, 0.25, "Überlauf")
    assert found["flags"] == [True, None, (1, -(2**40))]
    assert found["shape"] == (2, 3) and found["seen"] == {1, 2}
    assert found["optimizer"]["param_groups"][0]["betas"] == (0.9, 0.999)


def test_tensors_of_one_storage_share_memory_and_repeated_entries_cannot_be_written():
    found = load_torch(FILES / "views.pt")
    assert np.shares_memory(found["tied"], found["columns"])
    found["tied"][21] = -1.0
    assert found["tail"][1] == -1.0
    assert not found["expanded"].flags.writeable and found["transposed"].flags.writeable


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("model", r"it names torch\.nn\.modules\.linear\.Linear"),
        ("device", r"it names torch\.device"),
        ("complex", r"it names torch\.ComplexFloatStorage"),
        ("sparse", r"it names torch\._utils\._rebuild_sparse_tensor"),
        ("legacy", "it is no zip file; PyTorch before 1.6 wrote others"),
    ],
)
def test_what_is_not_read_is_named(name, text):
    with pytest.raises(
        CheckpointError,
        match=text + r"\); expected a zip checkpoint .*; in PyTorch, write torch\.save",
    ):
        load_torch(FILES / f"{name}.pt")


def test_paths():
    with pytest.raises(
        FileNotFoundError, match=r"load_torch: got none\.pt; expected a file that exists"
    ):
        load_torch("none.pt")
    with pytest.raises(IsADirectoryError):
        load_torch(FILES)
    with pytest.raises(TypeError, match="load_torch: got None as path"):
        load_torch(None)


# --- hostile files --------------------------------------------------------------------------------


def archive(path, stream, storages=(), order=b"little", **options):
    """A checkpoint with a stream and storages of our own."""
    with zipfile.ZipFile(path, "w", **options) as file:
        file.writestr("archive/data.pkl", stream)
        file.writestr("archive/byteorder", order)
        for key, data in dict(storages).items():
            file.writestr(f"archive/data/{key}", data)
    return path


class Stands:
    """An object that a pickler writes as a call, or as a storage."""

    def __init__(self, function=None, *arguments, state=None):
        self.function, self.arguments, self.state = function, arguments, state

    def __reduce__(self):
        return self.function, self.arguments, self.state


def named(module, name):
    """A function that is pickled under another name."""

    def function(*arguments):
        raise AssertionError("it was called")

    function.__module__, function.__qualname__, function.__name__ = module, name, name
    return function


class Pickler(pickle._Pickler):
    """Python's own, which writes names without looking them up."""

    def save_global(self, obj, name=None):
        self.write(b"c" + obj.__module__.encode() + b"\n" + obj.__name__.encode() + b"\n")
        self.memoize(obj)

    def persistent_id(self, obj):
        return obj.key if isinstance(obj, Key) else None


class Key:
    """A storage by its persistent identifier."""

    def __init__(self, kind, key, count, word="storage"):
        self.key = (word, named("torch", kind), key, "cpu", count)


Pickler.dispatch = {**pickle._Pickler.dispatch, type(named): Pickler.save_global}


def stream(x):
    out = io.BytesIO()
    Pickler(out, 2).dump(x)
    return out.getvalue()


def tensor(storage, offset, size, stride, name="_rebuild_tensor_v2"):
    return Stands(named("torch._utils", name), storage, offset, size, stride, False, OrderedDict())


FOUR = np.arange(4, dtype="<f4").tobytes()


def read(tmp_path, x, storages=(("0", FOUR),), **options):
    data = x if isinstance(x, bytes) else stream(x)
    return load_torch(archive(tmp_path / "w.pt", data, storages, **options))


def test_the_files_of_these_tests_are_right_where_they_are_not_hostile(tmp_path):
    x = read(tmp_path, {"w": tensor(Key("FloatStorage", "0", 4), 0, (2, 2), (1, 2))})
    np.testing.assert_array_equal(x["w"], [[0, 2], [1, 3]])
    big = np.arange(4, dtype=">f4").tobytes()
    x = read(
        tmp_path, tensor(Key("FloatStorage", "0", 4), 1, (3,), (1,)), [("0", big)], order=b"big"
    )
    np.testing.assert_array_equal(x, [1, 2, 3])


def test_counters_and_dictionaries_with_a_default_become_plain(tmp_path):
    of_lists = defaultdict(list, {"a": [1]})
    x = {"milestones": Counter({30: 1, 80: 2}), "none": Counter(), "state": of_lists}
    x |= {"nested": defaultdict(None, b=defaultdict(dict)), "expanded": Stands(Counter)}
    found = read(tmp_path, x)
    assert found == {
        "milestones": {30: 1, 80: 2}, "none": {}, "state": {"a": [1]}, "nested": {"b": {}}, "expanded": {},
    }  # fmt: skip
    assert {type(v) for v in found.values()} == {dict}


EVIL = {
    "a call of os.system": (Stands(named("posix", "system"), "touch hacked"), r"it names posix\.system"),
    "eval": ([1, Stands(named("builtins", "eval"), "1")], r"it names builtins\.eval"),
    "a name as a value": ({"w": named("torch", "FloatStorage")}, r"the name torch\.FloatStorage in place of a value"),
    "a name that only looks right": (Stands(named("torch", "_utils._rebuild_tensor_v2")), "without a storage|other arguments"),
    "an attribute of a rebuild function": (Stands(named("torch._utils", "_rebuild_tensor_v2.__globals__")), r"it names torch\._utils\._rebuild_tensor_v2\.__globals__"),
    "an importer": (Stands(named("importlib", "import_module"), "os"), r"it names importlib\.import_module"),
    "a hook": (Stands(named("torch._utils", "_rebuild_parameter"), 1, True, OrderedDict()), "a parameter without a tensor"),
    "a tuple as a name": ({(1, 2): 1}, "a tuple as a name in a dictionary"),
    "a float as a name": ({1.5: 1}, "a float as a name"),
    "an enormous integer": ({"n": 1 << 4000}, "an integer of 4,001 bits"),
    "another reference": (Key("FloatStorage", "0", 4, word="module"), "something else than a storage"),
    "a storage as a value": ([Key("FloatStorage", "0", 4)], "a storage in place of a tensor"),
    "a path outside": (tensor(Key("FloatStorage", "../../etc/passwd", 4), 0, (1,), (1,)), "KeyError|no item named"),
    "a storage that is too short": (tensor(Key("FloatStorage", "0", 5), 0, (1,), (1,)), "of 4 numbers, not 5"),
    "a storage of two dtypes": ([tensor(Key(k, "0", n), 0, (1,), (1,)) for k, n in (("FloatStorage", 4), ("LongStorage", 2))], "as FloatStorage and as LongStorage"),
    "a tensor beyond the end": (tensor(Key("FloatStorage", "0", 4), 1, (2, 2), (2, 1)), "beyond the end of its storage"),
    "an offset beyond the end": (tensor(Key("FloatStorage", "0", 4), 2**47, (1,), (1,)), "beyond the end"),
    "a negative offset": (tensor(Key("FloatStorage", "0", 4), -1, (1,), (1,)), "an offset of something else"),
    "a negative stride": (tensor(Key("FloatStorage", "0", 4), 3, (4,), (-1,)), "a stride of something else"),
    "a size of floats": (tensor(Key("FloatStorage", "0", 4), 0, (1.0,), (1,)), "a size of something else"),
    "too few strides": (tensor(Key("FloatStorage", "0", 4), 0, (2, 2), (1,)), "2 axes with 1 strides"),
    "a hundred axes": (tensor(Key("FloatStorage", "0", 4), 0, (1,) * 100, (1,) * 100), "100 axes"),
    "2**60 repeated entries": (tensor(Key("FloatStorage", "0", 4), 0, (2**40, 2**20), (0, 0)), "that repeats 4 numbers"),
    "a storage that is too long": (tensor(Key("FloatStorage", "0", 0), 0, (1,), (1,)), "of 4 numbers, not 0"),
    "a Counter of a list": (Stands(Counter, [1]), "a Counter of something else"),
    "a defaultdict of a storage": (Stands(defaultdict, named("torch", "FloatStorage")), r"a defaultdict of torch\.FloatStorage"),
    "a defaultdict of eval": (Stands(defaultdict, named("builtins", "eval")), r"it names builtins\.eval"),
    "2**120 entries": (tensor(Key("FloatStorage", "0", 4), 0, (2**40,) * 3, (0,) * 3), "that repeats"),
    "a dictionary with contents": (Stands(OrderedDict, [("a", 1)]), "an OrderedDict with arguments"),
    "bytes as text": (Stands(named("_codecs", "encode"), "x", "latin1"), r"it names _codecs\.encode"),
}  # fmt: skip


@pytest.mark.parametrize("name", EVIL)
def test_a_hostile_stream_is_refused_and_named(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    x, text = EVIL[name]
    with pytest.raises(CheckpointError, match=text):
        read(tmp_path, x)
    assert os.listdir(tmp_path) == ["w.pt"]


RAW = {
    "INST": (b"(S'touch hacked'\nios\nsystem\n.", "the opcode STRING|the opcode INST"),
    "OBJ": (b"\x80\x02(ctorch\nFloatStorage\no.", "the opcode OBJ"),
    "NEWOBJ": (b"\x80\x02ctorch\nFloatStorage\n)\x81.", "the opcode NEWOBJ"),
    "NEWOBJ_EX": (b"\x80\x04ctorch\nFloatStorage\n)}\x92.", "the opcode NEWOBJ_EX"),
    "STACK_GLOBAL": (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", r"it names os\.system"),
    "a name of numbers": (b"\x80\x04K\x01K\x02\x93.", "a name that is no text"),
    "EXT1": (b"\x80\x02\x82\x01.", "the opcode EXT1"),
    "PERSID": (b"Pstorage\n.", "the opcode PERSID"),
    "BUILD": (b"\x80\x02]}X\x01\x00\x00\x00aK\x01sb.", "attributes of a list"),
    "a call of a call": (b"\x80\x02ccollections\nOrderedDict\n)R)R.", "a call of a dictionary"),
    "entries of a tuple": (b"\x80\x02)K\x01a.", "entries for a tuple"),
    "an odd number of entries": (b"\x80\x02}(K\x01u.", "names and values"),
    "no STOP": (b"\x80\x02}", "damaged"),
    "nothing": (b".", "does not end with one object"),
    "two objects": (b"\x80\x02}}.", "does not end with one object"),
    "an empty stack": (b"\x80\x02R.", "damaged: IndexError"),
    "a mark that is missing": (b"\x80\x02u.", "damaged: IndexError"),
    "a memo that is missing": (b"\x80\x02h\x05.", "damaged: KeyError"),
    "a text of 2**63 bytes": (b"\x80\x04\x8d" + b"\xff" * 7 + b"\x7f.", "damaged"),
    "a list in itself": (b"\x80\x02]q\x00h\x00a.", "a container that contains itself"),
    "a dictionary in itself": (b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.", "a container that contains itself"),
    "101 levels": (b"\x80\x02" + b"]" * 101 + b"a" * 100 + b".", "more than 100 levels"),
    "100,000 levels": (b"\x80\x02" + b"]" * 10**5 + b"a" * (10**5 - 1) + b".", "more than 100 levels"),
    "an unknown opcode": (b"\x80\x02\xff.", "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_a_hostile_opcode_is_refused(name, tmp_path):
    data, text = RAW[name]
    with pytest.raises(CheckpointError, match=text):
        read(tmp_path, data)


def test_sharing_does_not_multiply_what_is_read(tmp_path):
    """Each list has the one before twice: 2⁹⁰ paths, of which none is walked."""
    laughs = (
        b"\x80\x02]q\x00"
        + b"".join(
            b"](h" + bytes([k]) + b"h" + bytes([k]) + b"eq" + bytes([k + 1]) for k in range(90)
        )
        + b"."
    )
    laughs = b"\x80\x02](" + laughs[2:-1] + b"e."
    found = read(tmp_path, laughs)
    assert found[-1][0] is found[-1][1]


def test_entries_are_neither_compressed_nor_larger_than_the_file(tmp_path):
    good = stream({"w": tensor(Key("FloatStorage", "0", 4), 0, (4,), (1,))})
    with pytest.raises(CheckpointError, match="is compressed, which PyTorch's files are not"):
        read(tmp_path, good, compression=zipfile.ZIP_DEFLATED)
    many = stream([tensor(Key("FloatStorage", str(k), 16000), 0, (4,), (1,)) for k in range(200)])
    path = archive(tmp_path / "w.pt", many, [(str(k), FOUR * 4000) for k in range(2)])
    with zipfile.ZipFile(path, "a") as file:  # 198 more names for the bytes of one entry
        first = file.getinfo("archive/data/0")
        for k in range(2, 200):
            info = zipfile.ZipInfo(f"archive/data/{k}")
            info.header_offset, info.CRC = first.header_offset, first.CRC
            info.file_size = info.compress_size = first.file_size
            file.filelist.append(info)
            file.NameToInfo[info.filename] = info
        file._didModify = True
    with pytest.raises(CheckpointError, match=r"larger than the file|overlap|File name"):
        load_torch(path)


def test_an_archive_has_one_stream(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.pt", "w") as file:
        file.writestr("a/data.pkl", stream({}))
        file.writestr("b/data.pkl", stream({}))
    with pytest.raises(CheckpointError, match=r"no single data\.pkl"):
        load_torch(tmp_path / "w.pt")


@pytest.mark.parametrize("name", ["training", "views"])
def test_damage_is_refused_or_harmless(name, tmp_path):
    """Flipped bits and cuts, with a fixed seed: an error of ours, or the values that were saved."""
    rng = np.random.default_rng(0)
    original = (FILES / f"{name}.pt").read_bytes()
    path, refused = tmp_path / "w.pt", 0
    for k in range(200):
        data = bytearray(original)
        if k % 4 == 0:
            del data[rng.integers(len(data)) :]
        else:
            data[rng.integers(len(data))] ^= 1 << rng.integers(8)
        path.write_bytes(data)
        try:
            found = dict(arrays_in(load_torch(path), name))
        except CheckpointError:
            refused += 1
        else:
            assert all(np.array_equal(x, EXPECTED[at]) for at, x in found.items())
    assert refused > 100


def test_a_damaged_stream_with_a_right_checksum_is_refused_or_harmless(tmp_path):
    """The stream itself is damaged, and the zip file is right: nothing but our error comes out."""
    rng = np.random.default_rng(1)
    good = stream(
        {
            "w": [
                tensor(Key("FloatStorage", "0", 4), 0, (2, 2), (1, 2)),
                {"a": 1, "b": (2.5, "x", None)},
            ]
        }
    )
    refused = 0
    for _ in range(300):
        data = bytearray(good)
        data[rng.integers(len(data))] = rng.integers(256)
        try:
            read(tmp_path, bytes(data))
        except CheckpointError:
            refused += 1
    assert refused > 200
