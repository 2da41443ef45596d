"""What `nn` may import: public names of autograd, and only those of its own files that stand below."""

import ast
import itertools
from pathlib import Path
from types import ModuleType

import pytest

import autograd
import nn

ROOT = Path(nn.__file__).parent

# From the ground up: a file imports only from its own floor, or from floors below.
FLOORS = [
    ("arguments", "names"), ("module",), ("functional",), ("init",), ("layers",), ("optim", "data", "utils"),
    ("distributed",), ("training",),
    ("inspect", "onnx", "sklearn"), ("nn",),
]  # fmt: skip
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}


def imports(tree):
    """(module, name or None) of every import that runs, also inside functions."""
    unread = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module, alias.name) for alias in node.names)


def parsed(file):
    return ast.parse(FILES[file].read_text(encoding="utf-8"))


def imported_files(file):
    """The files of nn that a file imports from."""
    for module, name in imports(parsed(file)):
        if module.split(".")[0] == "nn":
            inner = f"{module}.{name}"
            yield inner if inner in FILES else module


def floor(file):
    room = file.split(".")[1] if "." in file else "nn"
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def private_imports(tree):
    for module, name in imports(tree):
        if module.split(".")[0] != "autograd" or module in (
            "autograd.errors",
            "autograd.files",
            "autograd.html",
            "autograd.version",
            "autograd.names",
            "autograd.tables",
        ):
            continue
        if module != "autograd" or (name is not None and name not in PUBLIC):
            yield f"{module}.{name}" if name else module


def private_attributes(tree):
    """Names that are reached through a module of autograd's, as by `ag.engine.graph`."""
    homes = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "autograd":
                    home = alias.name if alias.asname else "autograd"
                    homes[alias.asname or "autograd"] = home
        elif isinstance(node, ast.ImportFrom) and node.module == "autograd":
            for alias in node.names:
                if isinstance(getattr(autograd, alias.name, None), ModuleType):
                    homes[alias.asname or alias.name] = f"autograd.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            path = ast.unparse(node).split(".")
            if path[0] in homes and all(map(str.isidentifier, path)):
                home = [*homes[path[0]].split("."), *path[1:]]
                if home[1] not in PUBLIC or any(name.startswith("_") for name in home):
                    yield ".".join(home)


# `primitives` is public for those who read rules; nn has no use for them but through functions.
PUBLIC = set(autograd.__all__) - {"primitives"}


@pytest.mark.parametrize("file", FILES)
def test_a_file_imports_public_names_of_autograd_only(file):
    assert list(private_imports(parsed(file))) == []


@pytest.mark.parametrize("file", FILES)
def test_a_file_reaches_public_names_of_autograd_only(file):
    assert list(private_attributes(parsed(file))) == []


@pytest.mark.parametrize(
    "lines",
    [
        "import autograd as _ag\n_ag.engine.graph.make_node",
        "import autograd\nautograd.backends.numpy",
        "import autograd as ag\nag.primitives.PRIMITIVES",
        "import autograd as ag\nag.Tensor._data",
        "from autograd import random\nrandom._generator",
    ],
)
def test_private_attributes_are_found(lines):
    assert list(private_attributes(ast.parse(lines)))


def test_a_primitive_is_private_to_nn():
    assert list(private_imports(ast.parse("from autograd import primitives")))


def test_private_imports_are_found():
    found = private_imports(
        ast.parse("import autograd.engine.graph\nfrom autograd import _x, grad\ndef f():\n    from autograd.nodes import tensor")
    )  # fmt: skip
    assert set(found) == {"autograd.engine.graph", "autograd._x", "autograd.nodes.tensor"}


@pytest.mark.parametrize("file", FILES)
def test_imports_point_down(file):
    upwards = [other for other in imported_files(file) if floor(other) > floor(file)]
    assert upwards == []


def test_no_import_is_in_a_cycle():
    """Files are taken away once all that they import is gone; what is left is in a cycle."""
    left = {file: {f for f in imported_files(file) if f != file} for file in FILES}
    while free := [file for file, others in left.items() if not others & left.keys()]:
        for file in free:
            del left[file]
    assert left == {}


@pytest.mark.parametrize("file", [f for f, path in FILES.items() if path.name == "__init__.py"])
def test_an_init_file_lists_names_and_holds_no_code(file):
    for node in parsed(file).body:
        listed = isinstance(node, ast.Assign) and ast.unparse(node.targets) == "__all__"
        words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert listed or words or isinstance(node, (ast.Import, ast.ImportFrom)), ast.unparse(node)


def test_every_room_has_a_floor():
    rooms = {file.split(".")[1] for file in FILES if "." in file}
    assert rooms == set(itertools.chain(*FLOORS)) - {"nn"}
