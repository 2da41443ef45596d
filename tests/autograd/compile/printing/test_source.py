"""The source that people read: how it reads, and that it computes what the program does."""

import re

import numpy as np
import pytest

import autograd as ag
import nn
from autograd.compile.numpy import lines as numpy_lines
from autograd.compile.printing import expressions, wording
from autograd.compile.printing import source as numpy_source
from autograd.compile.printing.helpers import helper
from autograd.compile.program import OPERATIONS
from autograd.compile.trace import patches
from benchmarks.workloads import WORKLOADS
from tests.autograd.compile.building import compiled
from tests.autograd.compile.printing.running import runs_as_the_program, values_of
from tests.autograd.compile.test_step import BUILDERS

WHITEBOARD = """
z1 = x @ W1.T + b1
h1 = np.maximum(z1, 0)
z2 = h1 @ W2.T + b2
m = z2.max(axis=1, keepdims=True)
s = z2 - m
e = np.exp(s)
total = e.sum(axis=1)
lse = np.log(total)
loss = (lse - s[rows, y]).sum() / N
# backward
dz2 = e / total[:, None] / N
dz2[rows, y] -= 1 / N
db2 = dz2.sum(axis=0)
dh1 = dz2 @ W2
dW2 = dz2.T @ h1
dz1 = dh1 * (z1 > 0)
db1 = dz1.sum(axis=0)
dW1 = dz1.T @ x
# update
W1 = W1 - 0.1 * dW1
b1 = b1 - 0.1 * db1
W2 = W2 - 0.1 * dW2
b2 = b2 - 0.1 * db2
"""


def mlp_step(model, optimizer):
    def step(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return compiled(step)


def two_layers(n=24, dtype=np.float64):
    model = nn.MLP([3, 5, 4], dtype=dtype)
    step = mlp_step(model, nn.optim.SGD(model.parameters(), lr=0.1))
    rng = np.random.default_rng(0)
    for _ in range(6):
        step(rng.normal(size=(n, 3)).astype(dtype), rng.integers(0, 4, n))
    return step


def code(source):
    """The lines of the function, without shapes."""
    body = source.partition("def step(")[2].splitlines()
    lines = [line.strip() for line in body]
    return [re.sub(r"\s+# .*", "", x) for x in lines if not re.match(r"# \w+  +", x)]


@pytest.mark.parametrize("n", [24, 32])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_layers_read_as_on_the_whiteboard(n, dtype):
    step = two_layers(n, dtype)
    source = step.source
    assert source, step.report()
    lines = code(source)
    assert lines and lines[0] == "x, y, W1, b1, W2, b2):"
    wanted = WHITEBOARD.strip().splitlines()
    start = lines.index(wanted[0])
    assert lines[start - 2 : start] == ["N = len(x)", "rows = np.arange(N)"]
    assert lines[start : start + len(wanted)] == wanted
    assert "# 24 × 5, 0: Linear" in source or n != 24


def test_a_named_module_names_its_parameters():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = nn.Linear(3, 4)

        def forward(self, x):
            return ag.tanh(self.fc1(x))

    model = Net()
    step = mlp_step(model, nn.optim.SGD(model.parameters(), lr=0.1))
    rng = np.random.default_rng(0)
    for _ in range(6):
        step(rng.normal(size=(6, 3)), rng.integers(0, 4, 6))
    assert "z1 = x @ fc1_weight.T + fc1_bias" in step.source
    assert "h1 = np.tanh(z1)" in step.source
    assert "dfc1_weight = dz1.T @ x" in step.source


# --- it runs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILDERS)
def test_a_workload_runs_as_it_stands(name):
    step, _ = BUILDERS[name](WORKLOADS[name].make())
    step = compiled(step)
    for _ in range(6):
        step()
    runs_as_the_program(*values_of(step), 1e-9 if name == "hvp" else 2e-4)


def test_constants_are_written_out():
    rng = np.random.default_rng(0)
    for x in (
        *(np.arange(5), np.eye(3), np.tri(4, dtype=bool), ~np.tri(4, dtype=bool)[None]),
        *(np.full((2, 3), -np.inf), rng.normal(size=(3, 4)).astype(np.float32), np.zeros((0, 2))),
        *(
            rng.normal(size=(20, 20)),
            np.array([np.nan, 1.0]),
            np.array([-0.0, 0.0]),
            np.array(True),
        ),
    ):
        y = eval(
            numpy_source.literal(x),
            {"np": np, "__builtins__": {"__import__": __import__, "bool": bool}},
        )
        assert (y.shape, y.dtype, y.tobytes()) == (x.shape, x.dtype, x.tobytes())


# --- every operation has its entry ----------------------------------------------------------------


def test_each_operation_has_an_expression_or_a_statement():
    forms = {operation.form for operation in OPERATIONS.values()}
    assert {"ufunc", "reduce", "function", "method", "kernel", "draw"} <= forms
    assert forms <= expressions.FORMS.keys()
    for form in wording.STATEMENT.keys() | numpy_lines.FORMS.keys():
        assert form in forms
    for name in numpy_lines.EMITTERS.keys() | numpy_lines.FRESH.keys():
        known = name in OPERATIONS or hasattr(np, name.rpartition(".")[2])
        assert known or hasattr(np.ndarray, name.rpartition(".")[2]), name


def test_each_kernel_is_defined_or_is_one_of_numpys():
    """What a trace can write down and NumPy does not have: in the printer, and in passes."""
    assert patches.REPLACED.replacements
    kernels = [op for op in OPERATIONS.values() if op.form == "kernel"]
    assert len(kernels) >= 8
    plain = {"sum_of_rows", "sum_of_few", "reduce_along", "largest", "broadcast_to", "relaid"}
    for kernel in kernels:
        word = kernel.name.removeprefix("kernel.")
        assert word in plain or helper(word), word


@pytest.mark.parametrize(
    ("f", "text"),
    [
        (lambda x: x[:, ::-1] * 2 + x.T[0], "x[:, ::-1] * 2 + x.T[0]"),
        (lambda x: np.linalg.inv(x) @ x, "np.linalg.inv(x) @ x"),
        (lambda x: x - (x - x * (x + 1)), "x - (x - x * (x + 1))"),
        (lambda x: np.where(x > 0, x, -x) ** 2, "np.where(x > 0, x, -x) ** 2"),
        (lambda x: (x**2) ** 0.5, "(x ** 2) ** 0.5"),
        (lambda x: -(x @ x), "-(x @ x)"),
        (lambda x: (x > 0) == (x > 1), "(x > 0) == (x > 1)"),
        (lambda x: x.mean(axis=1, keepdims=True), "x.sum(axis=1, keepdims=True) / N"),
    ],
)
def test_an_expression_reads_as_it_was_written(f, text):
    x = np.array([[2.0, 1.0], [0.5, 3.0]])
    source = ag.source(f, x)
    space = {}
    exec(source, space)
    assert np.allclose(space["step"](x), f(x))
    assert text in source


def optimized(optimizer, clip=False):
    ag.random.seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = optimizer(model.parameters())

    def step(x, y):
        optimizer.zero_grad()
        loss = nn.cross_entropy(model(x), y)
        loss.backward()
        if clip:
            nn.optim.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        return loss

    text = ag.source(step, np.ones((5, 4)), np.array([0, 1, 2, 0, 1]))
    return [re.sub(r"(?<=\S) +# .*", "", line).strip() for line in text.splitlines()]


@pytest.mark.parametrize("kind", [nn.optim.Adam, nn.optim.AdamW])
def test_an_optimizers_state_is_named_by_its_parameter(kind):
    lines = optimized(kind)
    start = lines.index("# update")
    assert lines[start + 1 : start + 5] == [
        "# 0.weight",
        "step_W1 = step_W1 + 1.0",
        "mW1 = 0.9 * mW1 + (1 - 0.9) * dW1",
        "vW1 = 0.999 * vW1 + (1 - 0.999) * (dW1 * dW1)",
    ]
    assert [x for x in lines[start:] if x[:1] == "#"][1:] == [
        *("# 0.weight", "# 0.bias", "# 2.weight", "# 2.bias")
    ]
    assert not any("00000" in line or "99999" in line for line in lines)


def test_clipping_has_a_heading():
    lines = optimized(lambda p: nn.optim.SGD(p, lr=0.1, momentum=0.9), clip=True)
    assert lines.index("# backward") < lines.index("# clip_grad_norm_") < lines.index("# update")
    assert "vW1 = 0.9 * vW1 + dW1_2" in lines
