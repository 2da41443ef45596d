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
from nn.training import torch_file
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


def rebuilt(name, *arguments):
    return Stands(named("torch._utils", name), *arguments)


def tensor(storage, offset, size, stride):
    return rebuilt("_rebuild_tensor_v2", storage, offset, size, stride, False, OrderedDict())


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
    "a storage of a dtype": (tensor(Key("uint16", "0", 4), 0, (1,), (1,)), r"a storage of torch\.uint16"),
    "None as an OrderedDict": (Stands(OrderedDict, None), "an OrderedDict with arguments"),
    "a storage by a number": (tensor(Key("FloatStorage", 0, 4), 0, (1,), (1,)), "a storage without a key and a length"),
    "a storage with a float as length": (tensor(Key("FloatStorage", "0", 4.0), 0, (1,), (1,)), "a storage without a key and a length"),
    "a storage with a negative length": (tensor(Key("FloatStorage", "0", -1), 0, (1,), (1,)), "a storage without a key and a length"),
    "an offset of 2**48": (tensor(Key("FloatStorage", "0", 4), 2**48, (1,), (1,)), "an offset of something else"),
    "a dictionary as a size": (tensor(Key("FloatStorage", "0", 4), 0, {4: None}, (1,)), "a size of something else"),
    "33 axes": (tensor(Key("FloatStorage", "0", 4), 0, (1,) * 33, (1,) * 33), "a tensor of 33 axes"),
    "a number as a storage": (tensor(1, 0, (1,), (1,)), "a tensor without a storage"),
    "more arguments than a tensor has": (rebuilt("_rebuild_tensor_v2", Key("FloatStorage", "0", 4), 0, (1,), (1,), False, OrderedDict(), None, 1), "a tensor without a storage"),
    "a dtype that is no dtype": (rebuilt("_rebuild_tensor_v3", Key("ByteStorage", "0", 16), 0, (1,), (1,), False, OrderedDict(), named("torch", "FloatStorage")), r"a tensor of dtype torch\.FloatStorage"),
    "a dtype of a number": (rebuilt("_rebuild_tensor_v3", 1, 0, (1,), (1,), False, OrderedDict(), named("torch", "uint16")), r"a tensor of dtype torch\.uint16"),
    "a dtype of floats": (rebuilt("_rebuild_tensor_v3", Key("FloatStorage", "0", 4), 0, (1,), (1,), False, OrderedDict(), named("torch", "uint16")), r"a tensor of dtype torch\.uint16"),
    "a set of a tuple": (Stands(named("builtins", "set"), (1, 2)), "a set of something else than names and numbers"),
    "a set of floats": (Stands(named("builtins", "set"), [1, 1.5]), "a set of something else than names and numbers"),
    "a defaultdict of a number": (Stands(defaultdict, 1), "a defaultdict of something unknown"),
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


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (list, "a reference to something else than a storage"),
        (lambda key: key[:4], "a reference to something else than a storage"),
        (lambda key: (*key, None), "a reference to something else than a storage"),
        (lambda key: (key[0], 1, *key[2:]), "a storage of no known kind"),
    ],
)
def test_a_reference_is_a_tuple_of_five(tmp_path, change, text):
    key = Key("FloatStorage", "0", 4)
    key.key = change(key.key)
    with pytest.raises(CheckpointError, match=text):
        read(tmp_path, tensor(key, 0, (4,), (1,)))


def test_a_tensor_may_have_metadata(tmp_path):
    arguments = Key("FloatStorage", "0", 4), 0, (2,), (1,), False, OrderedDict(), {}
    assert read(tmp_path, rebuilt("_rebuild_tensor_v2", *arguments)).tolist() == [0, 1]


def test_sets_of_names_and_numbers_are_read(tmp_path):
    found = read(tmp_path, Stands(named("builtins", "set"), ["a", True, 3]))
    assert found == {"a", True, 3}


def test_what_is_shared_stays_shared(tmp_path):
    one = {"a": [1, 2]}
    found = read(tmp_path, [one, one, one["a"]])
    assert found == [one, one, one["a"]]
    assert found[0] is found[1] and found[0]["a"] is found[2]


@pytest.mark.parametrize(("name", "size"), [("uint16", 2), ("uint32", 4), ("uint64", 8)])
def test_bytes_are_read_as_another_dtype_and_shared(tmp_path, name, size):
    """What is left of the bytes after the last number is not read, as in PyTorch."""
    data = np.arange(3 * size + 1, dtype=np.uint8)
    key = Key("UntypedStorage", "0", len(data))
    one, two = (
        rebuilt(
            "_rebuild_tensor_v3", key, k, (2,), (1,), False, OrderedDict(), named("torch", name)
        )
        for k in (0, 1)
    )
    one, two = read(tmp_path, [one, two], [("0", data.tobytes())])
    expected = data[: 3 * size].view(f"<u{size}")
    np.testing.assert_array_equal(one, expected[:2])
    np.testing.assert_array_equal(two, expected[1:])
    assert one.dtype == two.dtype == name
    one[1] = 7
    assert two[0] == 7


def test_a_tensor_has_up_to_32_axes(tmp_path):
    found = read(tmp_path, tensor(Key("FloatStorage", "0", 4), 1, (1,) * 31 + (2,), (1,) * 32))
    assert found.shape == (1,) * 31 + (2,) and found.ravel().tolist() == [1, 2]


def test_repeated_entries_are_limited(tmp_path):
    key = Key("FloatStorage", "0", 4)
    found = read(tmp_path, tensor(key, 1, (2**14, 2**14), (0, 0)))
    assert found.shape == (2**14, 2**14) and found[-1, -1] == 1
    with pytest.raises(CheckpointError, match=r"\(16384, 16385\) that repeats 4 numbers"):
        read(tmp_path, tensor(key, 1, (2**14, 2**14 + 1), (0, 0)))


def test_windows_are_limited_like_repeated_entries(tmp_path):
    n = 2**14 + 1
    data = np.zeros(2 * n, np.uint8)
    with pytest.raises(CheckpointError, match=r"that repeats 32,770 numbers"):
        read(
            tmp_path,
            tensor(Key("ByteStorage", "0", 2 * n), 0, (n, n), (1, 1)),
            [("0", data.tobytes())],
        )


@pytest.mark.parametrize(
    ("shape", "steps", "writeable"),
    [
        ((4,), (1,), True),
        ((1, 4), (0, 1), True),
        ((2, 2), (1, 2), True),
        ((2, 1, 2), (2, 2, 1), True),
        ((2, 1), (2, 1), True),
        ((2,), (0,), False),
        ((2, 2), (0, 1), False),
        ((3, 2), (1, 1), False),
        ((2, 3), (1, 1), False),
        ((2, 2), (1, 1), False),
    ],
)
def test_only_entries_with_a_memory_of_their_own_can_be_written(tmp_path, shape, steps, writeable):
    found = read(tmp_path, tensor(Key("FloatStorage", "0", 4), 0, shape, steps))
    places = [sum(k * s for k, s in zip(at, steps, strict=True)) for at in np.ndindex(shape)]
    assert found.ravel().tolist() == places
    assert found.flags.writeable == writeable == (len(set(places)) == len(places))


@pytest.mark.parametrize(
    ("size", "packed", "kind", "text"),
    [
        (15, 16, zipfile.ZIP_STORED, "a/data/0 is compressed, which"),
        (8, 8, zipfile.ZIP_DEFLATED, "a/data/0 is compressed, which"),
        (10**9, 10**9, zipfile.ZIP_STORED, "its entries are larger than the file"),
    ],
)
def test_sizes_in_the_directory_are_checked(tmp_path, size, packed, kind, text):
    path = tmp_path / "w.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a/data.pkl", stream(tensor(Key("FloatStorage", "0", 4), 0, (4,), (1,))))
        file.writestr("a/data/0", FOUR, kind)
    with zipfile.ZipFile(path, "a") as file:
        info = file.getinfo("a/data/0")
        info.file_size, info.compress_size = size, packed
        file._didModify = True
    with pytest.raises(CheckpointError, match=text):
        load_torch(path)


def test_entries_are_limited(tmp_path, monkeypatch):
    monkeypatch.setattr(torch_file, "MOST_ENTRIES", 3)
    good = tensor(Key("FloatStorage", "0", 4), 0, (4,), (1,))
    assert read(tmp_path, good).tolist() == [0, 1, 2, 3]
    with pytest.raises(CheckpointError, match="4 entries, and 3 are allowed"):
        read(tmp_path, good, [("0", FOUR), ("1", FOUR)])


def test_an_entry_stands_once(tmp_path):
    path = archive(tmp_path / "w.pt", stream({}), [("0", FOUR)])
    with zipfile.ZipFile(path, "a") as file, pytest.warns(UserWarning, match="Duplicate name"):
        file.writestr("archive/data/0", FOUR)
    with pytest.raises(CheckpointError, match=r"no single data\.pkl"):
        load_torch(path)


def test_a_stream_in_a_deeper_folder_is_another_entry(tmp_path):
    path = archive(tmp_path / "w.pt", stream({"a": 1}))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("archive/extra/data.pkl", stream({"a": 2}))
    assert load_torch(path) == {"a": 1}


def test_an_error_says_what_the_file_is(tmp_path):
    path = archive(tmp_path / "w.pt", stream({}))
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(CheckpointError, match=r"BadZipFile: File is not a zip file"):
        load_torch(path)
    path = archive(tmp_path / "w.pt", stream({}))
    with zipfile.ZipFile(path, "a") as file:
        file.getinfo("archive/data.pkl").flag_bits |= 1
        file._didModify = True
    path.write_bytes(b"something before it" + path.read_bytes())
    with pytest.raises(CheckpointError, match="is encrypted, password required"):
        load_torch(path)


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
