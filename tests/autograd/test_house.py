"""What each room of the engine may import: only rooms below it."""

import ast
from pathlib import Path

import pytest

import autograd

ROOT = Path(autograd.__file__).parent

# From the ground up: a file imports only from its own floor, or from floors below.
FLOORS = [
    ("errors", "files", "random", "tree", "tables", "names", "html", "version"), ("engine",), ("primitives",), ("backends",), ("numpy",), ("nodes",),
    ("transforms",), ("debug",), ("testing",), ("visualize",), ("compile",), ("derivation",),
    ("autograd", "__main__"),
]  # fmt: skip
FILES = {
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
# Imports inside functions, because few programs need them: 1 to 4 ms each at start-up, where NumPy
# itself takes 80, and graphviz 40. The compiler takes 30, which derivations need too, LLVM 60, and
# SciPy 180.
DEFERRED = {
    *("base64", "struct", "zlib"),
    *("cupy", "cupyx", "graphviz", "json", "llvmlite", "pathlib", "resvg_py", "scipy", "shutil"),
    "sysconfig",
}
# Files from which a part of the engine that takes as long is called, 45 ms for the examiner, and 30
# for pictures.
LATE = {
    "autograd.compile.api", "autograd.derivation.api",
    "autograd.testing.backward", "autograd.testing.locate", "autograd.visualize.draw",
}  # fmt: skip


def parsed(file):
    return ast.parse(FILES[file].read_text(encoding="utf-8"))


def is_for_types_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(tree, inside=False):
    """(module, name or None, whether inside a function) of every import that runs."""
    for node in ast.iter_child_nodes(tree):
        if is_for_types_only(node):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, None, inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((node.module, alias.name, inside) for alias in node.names)
        yield from imports(node, inside or isinstance(node, (ast.FunctionDef, ast.Lambda)))


def imported_files(file):
    for module, name, _ in imports(parsed(file)):
        if module.split(".")[0] == "autograd":
            inner = f"{module}.{name}"
            yield inner if inner in FILES else module


def floor(file):
    room = file.split(".")[1] if "." in file else "autograd"
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


@pytest.mark.parametrize("file", FILES)
def test_imports_point_down(file):
    assert [other for other in imported_files(file) if floor(other) > floor(file)] == []


def test_no_import_is_in_a_cycle():
    """Files are taken away once all that they import is gone; what is left is in a cycle."""
    left = {file: {f for f in imported_files(file) if f != file} for file in FILES}
    while free := [file for file, others in left.items() if not others & left.keys()]:
        for file in free:
            del left[file]
    assert left == {}


@pytest.mark.parametrize("file", [f for f in FILES if f.startswith("autograd.engine")])
def test_the_engine_knows_neither_numpy_nor_floats(file):
    tree = parsed(file)
    outside = {module.split(".")[0] for module, _, _ in imports(tree)} - {"autograd"}
    assert outside <= {
        *("__future__", "collections", "contextlib", "contextvars", "functools", "itertools"),
        *(
            "inspect",
            "io",
            "operator",
            "os",
            "sys",
            "threading",
            "types",
            "typing",
            "warnings",
            "weakref",
        ),
    }
    for module, name, _ in imports(tree):
        if module.startswith("autograd"):
            assert f"{module}.{name}".startswith(("autograd.engine.", "autograd.errors."))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "np" not in names and "ndarray" not in names
    # The one mention: the annotation and default of a Backend's attribute.
    assert "float" not in names or file in ("autograd.engine.backend", "autograd.engine.primitive")


@pytest.mark.parametrize("file", FILES)
def test_imports_inside_functions_are_of_what_takes_long(file):
    inside = {module.split(".")[0] for module, _, deferred in imports(parsed(file)) if deferred}
    late = file in LATE
    assert inside <= DEFERRED | ({"autograd"} if late else set())


@pytest.mark.parametrize("file", [f for f, path in FILES.items() if path.name == "__init__.py"])
def test_an_init_file_lists_names(file):
    for node in parsed(file).body:
        if file == "autograd.primitives":  # the tables, and the dictionary of all that is in them
            continue
        if is_for_types_only(node):
            [node] = node.body
        words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        listed = isinstance(node, ast.Assign) and ast.unparse(node.targets) == "__all__"
        assert words or listed or isinstance(node, (ast.Import, ast.ImportFrom)), ast.unparse(node)


def test_every_room_has_a_floor():
    rooms = {file.split(".")[1] for file in FILES if "." in file}
    assert rooms == {room for rooms in FLOORS for room in rooms} - {"autograd"}


def test_the_engine_imports_nothing_but_errors(monkeypatch, tmp_path):
    """`tree`, `random` and `tables` stand on the floor below, but the engine needs none of them."""
    file = tmp_path / "note.py"
    monkeypatch.setitem(FILES, "autograd.engine.note", file)
    for line in (
        "from autograd.tree import leaves",
        "from autograd import random",
        "import autograd.tables",
    ):
        file.write_text(line)
        with pytest.raises(AssertionError):
            test_the_engine_knows_neither_numpy_nor_floats("autograd.engine.note")


def test_an_upward_import_is_found():
    tree = ast.parse("import numpy\ndef f():\n    from autograd.nodes import tensor")
    assert list(imports(tree)) == [("numpy", None, False), ("autograd.nodes", "tensor", True)]
    assert floor("autograd.nodes.tensor") > floor("autograd.engine.graph")
