"""No public callable takes junk silently, says what only Python or NumPy could say, or hangs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("resource")  # POSIX only: memory is limited, and long calls are interrupted
from autograd.errors import message
from tests.junk.run import ACCEPTED, JUNK, is_raw

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    """The outcomes of all calls, made by a process of its own with little memory."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.junk.run"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_every_message_is_ours_or_explained(found):
    assert found["unexplained"] == []
    assert found["counts"]["raw"] < 100
    assert found["counts"]["refused"] > 35_000


def test_no_call_takes_long(found):
    assert found["slow"] == []


def test_nothing_is_accepted_that_was_not_reviewed(found):
    reviewed = ACCEPTED.read_text(encoding="utf-8").splitlines()
    assert found["accepted"] == reviewed, (
        "look at the difference, then python -m tests.junk.run --write"
    )


@pytest.mark.parametrize(
    ("place", "kinds"),
    [
        ("nn.init.constant_(val)", ("None", "text")), ("nn.init.normal_(std)", ("inf", "nan", "-1")),
        ("nn.optim.SGD(dampening)", ("nan", "text", "None")), ("nn.optim.Adam(betas)", tuple(JUNK)),
        ("nn.optim.ReduceLROnPlateau(threshold)", ("text", "nan")), ("nn.optim.GroupLasso(axis)", ("text", "1.5")),
        ("nn.functional.one_hot(num_classes)", ("1.5",)), ("ag.gradients(wrt)", ("text", "None")),
        ("nn.ReLU(inplace)", ("text",)), ("nn.optim.SGD(lr)", ("True",)), ("nn.CrossEntropyLoss(weight)", ("nan", "inf", "-1", "()")),
        ("ag.where(0)", ("None", "text")), ("nn.AdaptiveAvgPool1d(output_size)", ("bytes",)), ("nn.GLU(dim)", ("10**30",)),
        ("nn.functional.l1_penalty(parameters)", ("bytes", "ragged")), ("nn.Upsample(size)", ("()",)), ("ag.random.seed(n)", ("True",)), ("nn.Conv2d(kernel_size)", ("set", "bytes", "-1", "0", "10**30")),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)  # fmt: skip
def test_some_that_were_accepted(place, kinds):
    lines = dict(line.split(": ") for line in ACCEPTED.read_text(encoding="utf-8").splitlines())
    assert not set(kinds) & set(lines.get(place, "").split(", "))


def test_a_message_of_pythons_is_raw():
    assert is_raw(TypeError("unsupported operand type(s) for +")) and is_raw(KeyError("a"))
    assert not is_raw(ValueError(message("f", "x=1", "x=2")))
