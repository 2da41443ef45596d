"""Files of weights and of whole trainings: round trips, refusals, and a process that is killed twenty times."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
import nn
from nn import checkpoint
from nn.training.checkpoint import CheckpointError

KILLS = 20


def test_weights_of_every_dtype_and_layout(tmp_path):
    state = {
        **{kind: np.arange(6).astype(kind) for kind in sorted(checkpoint.KINDS)},
        "number": np.array(2.5),
        "empty": np.zeros((0, 3)),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "strided": np.arange(10)[::3],
        "big endian": np.arange(3.0).astype(">f8"),
        "tensor": ag.Tensor([1.0, 2.0]),
    }
    path = checkpoint.save(tmp_path / "new folder" / "w.safetensors", state, {"about": "a test"})
    found = checkpoint.load(path)
    assert set(found) == set(state)
    for name, array in state.items():
        array = np.asarray(array)
        assert found[name].shape == array.shape and found[name].dtype.kind == array.dtype.kind
        assert (found[name] == array).all(), name


def test_a_model_round_trip(tmp_path):
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    path = checkpoint.save(tmp_path / "w.safetensors", model.state_dict())
    other.load_state_dict(checkpoint.load(path))
    assert (other.weight.data == model.weight.data).all()


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = checkpoint.save(tmp_path / "w.safetensors", {"x": np.ones(3)})
    before = path.read_bytes()

    def fails(*args):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="no space left"):
        checkpoint.save(path, {"x": np.zeros(1000)})
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["torn", "foreign", "empty", "pickle"])
def test_torn_and_foreign_files_are_refused(tmp_path, content):
    path = tmp_path / "w.safetensors"
    checkpoint.save(path, {"x": np.arange(100.0)})
    whole = path.read_bytes()
    path.write_bytes(
        {"torn": whole[:-9], "foreign": b"PK" + whole, "empty": b"", "pickle": b"\x80\x04N."}[
            content
        ]
    )
    for read in (checkpoint.load, checkpoint.load_training):
        with pytest.raises(
            CheckpointError, match=r"which cannot be read .* expected a safetensors file"
        ):
            read(path)


def test_bfloat16_is_refused_in_a_sentence(tmp_path):
    header = b'{"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}'
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 4)
    with pytest.raises(CheckpointError, match="no dtype that NumPy lacks, such as bfloat16"):
        checkpoint.load(path)


VALUES = {
    "step": 7,
    "ratio": 0.1,
    "large": 2**127 + 1,
    "nothing": None,
    "words": ["a", ("b", True)],
    "nan": float("inf"),
    "tree": {1: {"x": np.arange(3)}, "y": np.float32(0.5)},
}


def test_plain_values_come_back_as_they_were(tmp_path):
    path = checkpoint.save_training(tmp_path / "t", **VALUES)
    found = checkpoint.load_training(path)
    assert {k: v for k, v in found.items() if k != "tree"} == {
        k: v for k, v in VALUES.items() if k != "tree"
    }
    assert found["tree"][1]["x"].tolist() == [0, 1, 2]
    assert found["tree"]["y"] == np.float32(0.5) and type(found["tree"]["y"]) is np.float32


@pytest.mark.parametrize("value", [object(), {2.5: 1}, [1j], np.array([object()])])
def test_values_that_cannot_be_saved_are_refused(tmp_path, value):
    with pytest.raises(TypeError, match="expected"):
        checkpoint.save_training(tmp_path / "u", value=value)


def test_generators_of_all_kinds_go_on_where_they_were(tmp_path):
    own = np.random.default_rng(1)
    twister = np.random.Generator(np.random.MT19937(2))
    model = nn.Sequential(nn.Dropout(0.5, generator=np.random.default_rng(3)))
    ag.random.seed(4)

    def draw():
        noise = model(np.ones(8)).tolist()
        return own.normal(), twister.normal(), ag.random.generator().normal(), noise

    draw()
    path = checkpoint.save_training(tmp_path / "t", own=own, twister=twister, model=model)
    expected = draw()
    draw()
    checkpoint.load_training(path, own=own, twister=twister, model=model)
    assert draw() == expected
    with pytest.raises(CheckpointError, match=r"expected .*'model\.0\.generator'"):
        checkpoint.load_training(path, own=own, twister=twister, model=nn.Sequential(nn.Dropout()))


def parts(width=3):
    model = nn.Linear(2, width)
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1)
    nn.functional.mse_loss(model(np.ones((4, 2))), np.zeros((4, width))).backward()
    optimizer.step()
    scheduler = nn.optim.StepLR(optimizer, 2)
    ema = nn.optim.ExponentialMovingAverage(model)
    return {"model": model, "optimizer": optimizer, "scheduler": scheduler, "ema": ema}


@pytest.fixture
def path(tmp_path):
    return checkpoint.save_training(tmp_path / "t", **parts(), step=3)


def test_everything_that_fits_is_restored(path):
    good = parts()
    assert checkpoint.load_training(path, **good) == {"step": 3}


def test_a_model_that_does_not_fit_is_not_changed(path):
    other = parts(4)
    before = str({name: part.state_dict() for name, part in other.items()})
    with pytest.raises(CheckpointError, match=r"does not fit.*got [^;]*weight of shape \(3, 2\)"):
        checkpoint.load_training(path, **other)
    assert str({name: part.state_dict() for name, part in other.items()}) == before


def test_parts_loaded_before_one_that_does_not_fit_are_restored(path):
    mixed = {**parts(), "optimizer": parts(4)["optimizer"]}
    weights = mixed["model"].weight.data
    stream = ag.random.generator().bit_generator.state
    with pytest.raises(
        CheckpointError, match=r"does not fit.*of shape \(3, 2\); expected .*\(4, 2\)"
    ):
        checkpoint.load_training(path, **mixed)
    assert (mixed["model"].weight.data == weights).all()
    assert ag.random.generator().bit_generator.state == stream


def test_parts_that_are_missing_are_named(path):
    with pytest.raises(
        CheckpointError,
        match="got objects for model; expected objects for ema, model, optimizer, scheduler",
    ):
        checkpoint.load_training(path, model=parts()["model"])


def test_a_file_of_weights_is_no_training_state(tmp_path):
    with pytest.raises(
        CheckpointError, match=r"expected a training state; .* nn\.checkpoint\.load"
    ):
        checkpoint.load_training(checkpoint.save(tmp_path / "w", {"x": np.ones(1)}))


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a file that exists"):
        checkpoint.load(tmp_path / "missing")


def run(path, pause):
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("killed.py")), str(path), str(pause)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(nn.__file__).parents[1])},
    )


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_training_that_is_killed_twenty_times_ends_with_the_same_bits(tmp_path):
    undisturbed = run(tmp_path / "undisturbed", 0).communicate()[0]
    assert undisturbed.count("\n") > 10
    path, kills, moments = tmp_path / "disturbed", 0, random.Random(0)
    files = set()
    while kills < KILLS:
        process = run(path, 0.004)
        assert process.stdout.readline() == "training\n"
        time.sleep(moments.uniform(0.0, 0.15))
        assert process.poll() is None, "the training was over before it was killed often enough"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        files |= {p.name for p in tmp_path.iterdir()}
    assert ".disturbed.tmp" in files, "no kill hit the writing of a file"
    assert run(path, 0).communicate()[0] == undisturbed


def test_a_torn_or_altered_file_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "run.safetensors"
    model = nn.Linear(3, 2)
    optimizer = nn.optim.Adam(model.parameters())
    whole = checkpoint.save_training(path, model=model, optimizer=optimizer, step=3).read_bytes()
    before, moments = model.state_dict(), random.Random(0)
    damaged = [whole[:n] for n in (0, 1, 7, 8, 9, 100, len(whole) // 2, len(whole) - 1)]
    for _ in range(200):
        at = moments.randrange(len(whole))
        damaged.append(whole[:at] + bytes([moments.randrange(256)]) + whole[at + 1 :])
    refused = 0
    for content in damaged:
        path.write_bytes(content)
        try:
            checkpoint.load_training(path, model=model, optimizer=optimizer)
        except CheckpointError as error:
            refused += 1
            assert str(error).startswith("load") and "; expected" in str(error)
            assert all((model.state_dict()[name] == x).all() for name, x in before.items())
        else:
            model.load_state_dict(before)
    assert refused > 100


@pytest.mark.parametrize(
    ("state", "metadata", "message"),
    [
        ({"a": "b"}, None, "save: got <U1 as 'a'; expected an array of floats, ints or bools"),
        ({"a": None}, None, "got None as 'a'"),
        ({"a": {"b": [1.0]}}, None, "got a dict as 'a'"),
        ({"a": [[1.0], [1.0, 2.0]]}, None, "got a list as 'a'"),
        ({"a": [1j]}, None, "got complex128 as 'a'"),
        ({"a": [1.0]}, 3, "got metadata=3; expected strings by name"),
        ({"a": [1.0]}, {"a": 3}, "got metadata={'a': 3}; expected strings by name"),
    ],
)
def test_what_a_file_cannot_hold_is_refused(tmp_path, state, metadata, message):
    with pytest.raises(TypeError, match=message):
        checkpoint.save(tmp_path / "w", state, metadata)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_no_file(tmp_path):
    for call in (
        lambda: checkpoint.save(tmp_path, {}),
        lambda: checkpoint.load(tmp_path),
        lambda: checkpoint.load_training(tmp_path),
    ):
        with pytest.raises(
            IsADirectoryError, match=r"got the folder .*; expected the path of a file"
        ):
            call()
    with pytest.raises(ValueError, match="save: got an empty path"):
        checkpoint.save("", {})


def test_parts_are_objects_with_a_state(tmp_path):
    path = checkpoint.save_training(tmp_path / "run", model=nn.Linear(1, 1))
    with pytest.raises(TypeError, match=r"got an int as model; .* load_state_dict\(\)"):
        checkpoint.load_training(path, model=3)
    with pytest.raises(TypeError, match="got the class Linear as model"):
        checkpoint.save_training(path, model=nn.Linear)


def test_arguments_in_pytorchs_order_are_named(tmp_path):
    path, model = tmp_path / "w.safetensors", nn.Linear(2, 1)
    for first in (model.state_dict(), model, None, 3):
        with pytest.raises(TypeError) as caught:
            nn.checkpoint.save(first, path)
        assert str(caught.value).endswith(
            "as path; expected a path first; write nn.checkpoint.save(path, model.state_dict())"
        )
    with pytest.raises(TypeError, match=r"save: got a Linear as state.*pass model\.state_dict\(\)"):
        nn.checkpoint.save(path, model)
    with pytest.raises(TypeError, match="save: got a list as state; expected arrays by name"):
        nn.checkpoint.save(str(path), [1.0])
    with pytest.raises(
        TypeError, match=r"write nn\.checkpoint\.save_training\(path, model=model\)"
    ):
        nn.checkpoint.save_training(model, optimizer=model)
    for call in (nn.checkpoint.save_training, nn.checkpoint.load_training):
        with pytest.raises(TypeError, match=r"got a Linear without a name; expected parts by name"):
            call(path, model)
        with pytest.raises(TypeError, match=r"got a Linear as path; expected a path first"):
            call(model, path)
    with pytest.raises(TypeError, match=r"load: got a Linear as path"):
        nn.checkpoint.load(model)
    with pytest.raises(TypeError, match=r"load_training: got a Linear as path"):
        nn.checkpoint.load_training(model)
    assert not path.exists()
