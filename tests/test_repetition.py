"""No helper stands twice: no two functions of the packages have the same body."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent

# What differs is the signature, which users read; the statement hands the arguments on.
EXCEPTIONS = {
    "autograd/nodes/tensor.py:__matmul__",
    "autograd/numpy/elementwise.py:function",
    "autograd/numpy/products.py:matmul",
    "nn/layers/container.py:__init__",
    "nn/layers/further_losses.py:forward",
    "nn/layers/loss.py:forward",
    "nn/layers/running_statistics.py:__init__",
}
SHORT = 30  # characters: one call or one attribute is no repetition


class Renamed(ast.NodeTransformer):
    """Names by the order of their appearance, so that a helper with other names is found too."""

    def __init__(self, parameters):
        self.names = {name: f"name{i}" for i, name in enumerate(parameters)}

    def visit_Name(self, node):
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def body_of(function):
    """The body without its docstring, with parameters numbered."""
    body = [n for n in function.body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]  # fmt: skip
    given = function.args
    parameters = [p.arg for p in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    body = [Renamed(parameters).visit(n) for n in ast.parse("\n".join(map(ast.unparse, body))).body]
    return "\n".join(map(ast.unparse, body))


def repeated(trees):
    places = defaultdict(set)
    for file, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and len(body := body_of(node)) > SHORT:
                places[body].add((f"{file}:{node.name}", node.lineno))
    return [sorted(name for name, _ in at) for at in places.values() if len(at) > 1]


def test_no_function_stands_twice():
    trees = {
        str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8"))
        for package in ("autograd", "nn")
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    assert [names for names in repeated(trees) if not set(names) <= EXCEPTIONS] == []


def test_a_repetition_is_found():
    a = ast.parse("def largest(x):\n    return float(np.abs(x).max(initial=0.0))")
    b = ast.parse(
        "def norm(v):\n    '''The largest.'''\n    return float(np.abs(v).max(initial=0.0))"
    )
    assert repeated({"a.py": a, "b.py": b}) == [["a.py:largest", "b.py:norm"]]
