"""The law of nn: it holds no derivative and reads no data to compute."""

import ast
from pathlib import Path

import nn


def test_no_module_of_nn_contains_a_derivative_or_reads_data_to_compute():
    """Rules live in autograd; `.data` is for initialization, loading, optimizers, utilities and measuring alone."""
    root = Path(nn.__file__).parent
    may_read_data = {"init", "module", "checkpoint", "optim", "inspect", "utils"}
    paths = sorted(root.rglob("*.py"))
    assert len(paths) > 20
    for path in paths:
        place = path.relative_to(root)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Name):
                assert node.id != "Primitive", f"{place} defines a primitive"
                computes = place.parts[0] in ("functional", "layers")
                assert not (computes and node.id == "data_of"), f"{place} reads data"
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("Primitive", "primitives", "rules", "_data"), place
                assert node.attr != "data_of", f"{place}: write `from autograd import data_of`"
                if may_read_data.isdisjoint({*place.parts, place.stem}):
                    assert node.attr != "data", f"{place}: {ast.unparse(node)}"
            if isinstance(node, ast.FunctionDef) and node.name != "register_full_backward_hook":
                name = node.name.split("_")
                assert "backward" not in name and name[0] not in ("grad", "vjp", "jvp"), place


def test_what_may_be_an_input_keeps_its_subclass():
    """An array that records what is done to it is a subclass of ndarray; asarray would drop it."""
    root = Path(nn.__file__).parent
    paths = [root / "arguments.py", *(root / "functional").rglob("*.py"), *(root / "layers").rglob("*.py")]  # fmt: skip
    assert not [path.name for path in paths if "asarray(" in path.read_text(encoding="utf-8")]
