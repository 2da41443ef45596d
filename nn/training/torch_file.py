"""PyTorch's checkpoints, read without PyTorch: a zip of one pickle stream and the bytes of tensors.

No library was found that does it and is safe enough to depend on: ptloader is a small package of
one author in its first versions, and fickling judges a stream that Python's unpickler then
executes. So the stream is read by `pickle_stream`, which executes nothing.

Source: https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

import errno
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from autograd.errors import message
from nn.training.pickle_stream import Call, Dictionary, Global, read_stream
from nn.training.tensor_file import CheckpointError, Damaged

MOST_ENTRIES = 1_000_000
MOST_REPEATED = 2**28  # entries of an expanded tensor, which takes no memory until it is copied
HINT = 'in PyTorch, write torch.save(model.state_dict(), "weights.pt")'

# By the name of a storage's class, or of a dtype, without the module.
STORAGES = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "bool", "UntypedStorage": "u1",
}  # fmt: skip
DTYPES = {"uint16": "<u2", "uint32": "<u4", "uint64": "<u8"}
NAMES = {
    f"{module}.{name}" for module in ("torch", "torch.storage") for name in (*STORAGES, *DTYPES)
}

# What a defaultdict may make of a missing key. It is never called.
KINDS = ("dict", "list", "int", "float", "set")
FACTORIES = {f"{module}.{name}" for module in ("builtins", "__builtin__") for name in KINDS}
FACTORIES |= {"collections.OrderedDict"}


def read_torch(path: Path) -> Any:
    """What a checkpoint holds, with arrays in place of tensors.

    Raises:
        CheckpointError: the file is damaged, of another format, or asks for anything but tensors,
            containers, numbers and strings.
    """
    try:
        with open(path, "rb") as content, zipfile.ZipFile(content) as file:
            return plain(Archive(file, path.stat().st_size).read())
    except Damaged as error:
        reason = str(error)
    except MemoryError:
        raise
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):  # of the disk; the file may ask for place -1
            raise
        reason = str(error)
    except Exception as error:  # the zip file may be any bytes
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, zipfile.BadZipFile) and not starts_as_zip(path):
            reason = "it is no zip file; PyTorch before 1.6 wrote others"
    got = f"{path}, which cannot be read ({reason})"
    expected = "a zip checkpoint of tensors, containers, numbers and strings"
    raise CheckpointError(message("load_torch", got, expected, HINT)) from None


def starts_as_zip(path: Path) -> bool:
    """Whether a file begins as a zip file does."""
    with open(path, "rb") as file:
        return file.read(2) == b"PK"


class Storage:
    """The bytes of one or several tensors, as an array of their dtype."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array


class Archive:
    """An open checkpoint.

    Attributes:
        left: how many bytes of tensors may still be read; all together they are no more than the
            file, so entries that overlap do not multiply it.
    """

    def __init__(self, file: zipfile.ZipFile, size: int) -> None:
        self.file, self.left = file, size
        self.storages: dict[str, tuple[Storage, str]] = {}
        names = file.namelist()
        if len(names) > MOST_ENTRIES:
            raise Damaged(f"{len(names):,} entries, and {MOST_ENTRIES:,} are allowed")
        found = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(found) != 1 or len(set(names)) != len(names):
            raise Damaged("it has no single data.pkl, as a file of PyTorch's has")
        self.folder = found[0].removesuffix("data.pkl")
        order = self.folder + "byteorder"
        self.big = order in names and self.entry(order) == b"big"

    def entry(self, name: str) -> bytes:
        """The bytes of an entry, which is not compressed."""
        info = self.file.getinfo(name)
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise Damaged(f"{name} is compressed, which PyTorch's files are not")
        self.left -= info.file_size
        if self.left < 0:
            raise Damaged("its entries are larger than the file")
        return self.file.read(info)

    def read(self) -> Any:
        """The object that the stream describes."""
        calls: dict[str, Call] = {
            "collections.OrderedDict": ordered,
            "collections.Counter": counter,
            "collections.defaultdict": of_default,
            "torch._utils._rebuild_tensor": self.tensor,
            "torch._utils._rebuild_tensor_v2": self.tensor,
            "torch._utils._rebuild_tensor_v3": self.tensor_of_dtype,
            "torch._utils._rebuild_parameter": lambda data, requires_grad, hooks: array(data),
            "torch._utils._rebuild_parameter_with_state": (
                lambda data, requires_grad, hooks, state: array(data)
            ),
            "torch.Size": lambda sizes: lengths(sizes, "a size"),
            "__builtin__.set": lambda items: set_of(items),
            "builtins.set": lambda items: set_of(items),
        }
        known = NAMES | FACTORIES
        return read_stream(self.entry(self.folder + "data.pkl"), calls, self.storage, known)

    def storage(self, identifier: Any) -> Storage:
        """The storage that a persistent identifier names."""
        if type(identifier) is not tuple or len(identifier) != 5 or identifier[0] != "storage":
            raise Damaged("a reference to something else than a storage")
        _, kind, key, _, count = identifier
        name = kind.name.rpartition(".")[2] if isinstance(kind, Global) else ""
        if name not in STORAGES:
            raise Damaged(f"a storage of {getattr(kind, 'name', 'no known kind')}")
        if not isinstance(key, str) or type(count) is not int or count < 0:
            raise Damaged("a storage without a key and a length")
        if key in self.storages:
            found, known = self.storages[key]
            if known != name:
                raise Damaged(f"the storage {key!r:.40} as {known} and as {name}")
            return found
        data = self.entry(f"{self.folder}data/{key}")
        found = Storage(self.as_array(data, STORAGES[name]))
        if len(found.array) != count:
            raise Damaged(f"the storage {key!r:.40} of {len(found.array):,} numbers, not {count:,}")
        self.storages[key] = found, name
        return found

    def as_array(self, data: bytes, dtype: str) -> Any:
        """Bytes as numbers in the machine's order; bfloat16 as float32, which has all of them."""
        if dtype == "bool":
            return np.frombuffer(data, np.uint8) != 0
        kind = np.dtype("<u2" if dtype == "bfloat16" else dtype)
        kind = kind.newbyteorder(">") if self.big else kind
        raw = np.frombuffer(bytearray(data), kind, len(data) // kind.itemsize)
        if dtype == "bfloat16":
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return raw.astype(kind.newbyteorder("="), copy=False)

    def tensor(
        self, storage: Any, offset: Any, size: Any, stride: Any, *rest: Any, dtype: str = ""
    ) -> Any:
        """A tensor: a view of its storage. What shares a storage shares memory, as in PyTorch."""
        if not isinstance(storage, Storage) or len(rest) > 3:
            raise Damaged("a tensor without a storage")
        shape, steps = lengths(size, "a size"), lengths(stride, "a stride")
        (start,) = lengths((offset,), "an offset")
        if len(shape) != len(steps) or len(shape) > 32:
            raise Damaged(f"a tensor of {len(shape)} axes with {len(steps)} strides")
        whole = storage.array
        if dtype:
            kind = np.dtype(dtype).newbyteorder(">" if self.big else "<")
            whole = whole[: len(whole) // kind.itemsize * kind.itemsize].view(kind)
            whole = whole.astype(kind.newbyteorder("="), copy=False)
        last = start + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
        if math.prod(shape) == 0:
            return np.empty(shape, whole.dtype)
        if last >= len(whole):
            raise Damaged(f"a tensor of shape {shape} beyond the end of its storage")
        strides = [step * whole.itemsize for step in steps]
        if math.prod(shape) > max(MOST_REPEATED, len(whole)):
            raise Damaged(f"a tensor of shape {shape} that repeats {len(whole):,} numbers")
        # Entries that share memory can be read, and not be written to as if they did not.
        return as_strided(whole[start:], shape, strides, writeable=not repeats(shape, steps))

    def tensor_of_dtype(
        self, storage: Any, offset: Any, size: Any, stride: Any, grad: Any, hooks: Any, dtype: Any,
        metadata: Any = None,
    ) -> Any:  # fmt: skip
        """A tensor of bytes that are read as another dtype."""
        name = dtype.name.removeprefix("torch.") if isinstance(dtype, Global) else ""
        if (
            name not in DTYPES
            or not isinstance(storage, Storage)
            or storage.array.dtype != np.uint8
        ):
            raise Damaged(f"a tensor of dtype {getattr(dtype, 'name', 'unknown')}")
        return self.tensor(storage, offset, size, stride, dtype=DTYPES[name])


def ordered(pairs: Any = ()) -> Dictionary:
    """An OrderedDict as a dictionary, whose order is kept as well."""
    if not isinstance(pairs, (list, tuple)) or pairs:
        raise Damaged("an OrderedDict with arguments")
    return Dictionary()


def counter(counts: Any = None) -> Dictionary:
    """A Counter as a dictionary, such as the milestones of a scheduler."""
    if counts is None:
        return Dictionary()
    if not isinstance(counts, dict):
        raise Damaged("a Counter of something else than a dictionary")
    return Dictionary(counts)


def of_default(factory: Any = None) -> Dictionary:
    """A defaultdict as a dictionary, without what makes missing entries."""
    if factory is not None and not (isinstance(factory, Global) and factory.name in FACTORIES):
        raise Damaged(f"a defaultdict of {getattr(factory, 'name', 'something unknown')}")
    return Dictionary()


def set_of(items: Any) -> set[Any]:
    """A set of names or numbers."""
    if type(items) is not list or not all(
        isinstance(x, (str, bool)) or type(x) is int for x in items
    ):
        raise Damaged("a set of something else than names and numbers")
    return set(items)


def array(data: Any) -> Any:
    """The data of a parameter."""
    if not isinstance(data, np.ndarray):
        raise Damaged("a parameter without a tensor")
    return data


def lengths(numbers: Any, what: str) -> tuple[int, ...]:
    """A tuple of integers from 0 on."""
    fits = isinstance(numbers, (tuple, list)) and all(
        type(n) is int and 0 <= n < 2**48 for n in numbers
    )
    if not fits:
        raise Damaged(f"{what} of something else than integers from 0 on")
    return tuple(numbers)


def repeats(shape: tuple[int, ...], steps: tuple[int, ...]) -> bool:
    """Whether entries may share memory, as those of an expanded tensor or of windows do."""
    reach = 0  # of the axes with smaller steps
    for step, n in sorted(zip(steps, shape, strict=True)):
        if n > 1 and step <= reach:
            return True
        reach += (n - 1) * step
    return False


def plain(x: Any) -> Any:
    """Dictionaries without their class; shared ones stay shared. Nothing is nested deeply here."""
    made: dict[int, Any] = {}

    def of(x: Any) -> Any:
        if id(x) in made:
            return made[id(x)]
        if isinstance(x, Storage):
            raise Damaged("a storage in place of a tensor")
        if isinstance(x, dict):
            out: Any = {key: of(value) for key, value in x.items()}
        elif isinstance(x, (list, tuple)):
            out = type(x)([of(e) for e in x])
        else:
            return x
        made[id(x)] = out
        return out

    return of(x)
