"""Files of weights and of whole trainings: round trips, refusals, and a process that is killed twenty times."""

import json
import multiprocessing
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy as library

import autograd as ag
import nn
from nn import checkpoint
from nn.training.checkpoint import CheckpointError
from nn.training.skeleton import encoded
from nn.training.tensor_file import NAMES, read_arrays, write_arrays

KILLS = 20


def test_weights_of_every_dtype_and_layout(tmp_path):
    state = {
        **{kind: np.arange(6).astype(kind) for kind in sorted(NAMES)},
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
    files, torn = set(), False
    while kills < KILLS or not torn:
        assert kills < 20 * KILLS, "no kill hit the writing of a file"
        process = run(path, 0.004)
        assert process.stdout.readline() == "training\n"
        time.sleep(moments.uniform(0.0, 0.15))
        if process.poll() is not None:  # this process slept longer than it wanted to
            process.communicate()
            path.unlink()
            continue
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
        files |= {p.name for p in tmp_path.iterdir()}
        torn = any(re.fullmatch(r"\.disturbed\.[0-9a-f]{16}\.tmp", name) for name in files)
    assert run(path, 0).communicate()[0] == undisturbed
    assert {p.name for p in tmp_path.iterdir()} == {"disturbed", "undisturbed"}


def everything(seed):
    """Objects of every kind with a state, and plain values with all that a file can hold."""
    ag.random.seed(seed)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2), nn.Dropout(0.5))
    optimizer = nn.optim.Adam(model.parameters(), lr=0.1 + seed)
    model(np.full((4, 3), 1.0 + seed) * np.arange(4.0)[:, None]).sum().backward()
    optimizer.step()
    data = nn.data.DataLoader(nn.data.TensorDataset(np.ones(9)), 2, shuffle=True, seed=seed)
    next(iter(data))
    own = np.random.default_rng(seed)
    scheduler = nn.optim.OneCycleLR(optimizer, 0.5, total_steps=9)
    return {
        "model": model,
        "optimizer": optimizer,
        "scheduler": scheduler,
        "data": data,
        "own": own,
    }


def state_of(objects):
    np.set_printoptions(threshold=sys.maxsize)
    states = {n: p.state_dict() for n, p in objects.items() if hasattr(p, "state_dict")}
    streams = [objects["own"].bit_generator.state, ag.random.generator().bit_generator.state]
    return repr((states, streams))


def damaged(whole, moments, count):
    """Torn, altered and stretched copies: in the header, in the data, and in the JSON inside."""
    header = 8 + int.from_bytes(whole[:8], "little")
    yield from (whole[:n] for n in (0, 1, 7, 8, 9, header - 1, header, len(whole) - 1))
    yield from (whole + b"\0", whole + whole, b"\0" * 8 + whole)
    for i in range(count):
        at = moments.randrange(header if i % 2 else len(whole))
        kind = moments.randrange(4)
        if kind == 0:
            yield whole[:at] + bytes([whole[at] ^ (1 << moments.randrange(8))]) + whole[at + 1 :]
        elif kind == 1:
            yield whole[:at] + bytes([moments.randrange(256)]) + whole[at + 1 :]
        elif kind == 2:
            yield whole[:at] + whole[at + moments.randrange(1, 9) :]
        else:
            yield whole[:at] + moments.choice([b"0", b"9", b"{", b'"', b"\\"]) + whole[at:]


def test_a_damaged_file_is_refused_in_a_sentence_or_loads_what_was_saved(tmp_path):
    path, moments = tmp_path / "run.safetensors", random.Random(0)
    values = {"step": 3, "tree": {1: [1.5, (None, "x", np.float32(2.0))], "1": np.arange(3)}}
    saved = everything(0)
    whole = checkpoint.save_training(path, **saved, **values).read_bytes()
    expected = state_of(saved), repr(values)
    objects = everything(1)
    before = state_of(objects)
    refused = loaded = 0
    for content in damaged(whole, moments, 800):
        path.write_bytes(content)
        try:
            found = checkpoint.load_training(path, **objects)
        except CheckpointError as error:
            refused += 1
            assert str(error).startswith("load") and "; expected" in str(error)
            assert state_of(objects) == before
        else:
            loaded += 1
            assert (state_of(objects), repr(found)) == expected
            objects = everything(1)
    assert refused > 750 and loaded < 40  # what loads has another space, or the like


def test_every_flipped_bit_of_the_arrays_is_noticed(tmp_path):
    path = checkpoint.save(tmp_path / "w", {"x": np.arange(2.0), "y": np.ones(3, np.int8)})
    whole = path.read_bytes()
    for bit in range(8 * 19):
        content = bytearray(whole)
        content[-1 - bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="does not have the checksum that was saved"):
            checkpoint.load(path)


def replaced_skeleton(path, change):
    """The file with other JSON inside, as somebody would write it who knows the format."""
    arrays, metadata = read_arrays(path)
    write_arrays(path, arrays, {**metadata, "skeleton": change(metadata["skeleton"])})


@pytest.mark.parametrize(
    ("skeleton", "place"),
    [
        ("[" * 200_000, "skeleton is nested too deeply"),
        ('{"a":' * 100_000, "skeleton is nested too deeply"),
        ("[]", "skeleton holds a list in place of names"),
        ("{", "skeleton is not JSON"),
        ('{"parts": {}, "parts": {}}', "skeleton is not JSON: a name stands twice"),
        ("9" * 5000, "skeleton is not JSON: Exceeds the limit"),
        ("{}", "skeleton without parts and generators"),
        ('{"parts": [], "generators": {}}', "skeleton without parts and generators"),
        ('{"parts": {}, "generators": 3}', "skeleton without parts and generators"),
        ('{"parts": {"a": 3}, "generators": {}}', "parts/a without a role and a state"),
        ('{"parts": {"a": ["x", 3]}, "generators": {}}', "parts/a without a role and a state"),
        ('{"parts": {"a": ["value"]}, "generators": {}}', "parts/a without a role and a state"),
        ('{"parts": {"a": ["value", 1, 2]}, "generators": {}}', "parts/a without a role and a state"),
        ('{"parts": {"a": [[], 3]}, "generators": {}}', "parts/a without a role and a state"),
        ('{"parts": {"a": ["value", []]}, "generators": {}}', "parts/a holds a list, and not one"),
        ('{"parts": {"a": ["value", {}]}, "generators": {}}', "parts/a holds a dict, and not one"),
        ('{"parts": {"a": ["value", {"set": []}]}, "generators": {}}', "the unknown kind 'set'"),
        ('{"parts": {"a": ["value", {"list": 3}]}, "generators": {}}', "the unknown kind 'list'"),
        ('{"parts": {"a": ["value", {"array": "no"}]}, "generators": {}}', "array 'no', which is"),
        ('{"parts": {"a": ["value", {"array": []}]}, "generators": {}}', "which is missing"),
        ('{"parts": {"a": ["value", {"scalar": "x"}]}, "generators": {}}', r"number of shape \(2,\)"),
        ('{"parts": {"a": ["value", {"dict": [3]}]}, "generators": {}}', "parts/a has 3 in place"),
        ('{"parts": {"a": ["value", {"dict": [["b"]]}]}, "generators": {}}', "parts/a has"),
        ('{"parts": {"a": ["value", {"dict": [[[], 3]]}]}, "generators": {}}', "parts/a has"),
        ('{"parts": {"a": ["value", {"dict": [[true, 3]]}]}, "generators": {}}', "parts/a has"),
        (
            '{"parts": {"a": ["value", {"dict": [["b", 3], ["b", 4]]}]}, "generators": {}}',
            "parts/a has the name 'b' twice",
        ),
        (
            '{"parts": {"a": ["value", ' + '{"list": [' * 102 + "3" + "]}" * 102 + ']}, "generators": {}}',
            "is nested too deeply",
        ),
        (
            '{"parts": {}, "generators": {"autograd.random": {"dict": [["b", []]]}}}',
            "generators/autograd.random/b holds a list",
        ),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_hostile_skeleton_is_refused_with_the_place(tmp_path, skeleton, place):
    path = checkpoint.save_training(tmp_path / "run", x=np.ones(2))
    replaced_skeleton(path, lambda _: skeleton)
    with pytest.raises(CheckpointError, match=place) as caught:
        checkpoint.load_training(path)
    assert len(str(caught.value)) < 600


def test_states_that_no_object_takes_change_nothing(tmp_path):
    """The JSON is well-formed, and what it says is not: every object checks its own state."""
    path = tmp_path / "run"
    objects = everything(0)
    checkpoint.save_training(path, **objects)
    whole, before, moments = path.read_bytes(), state_of(objects), random.Random(1)
    replacements = ["null", "-1", "1e999", "true", '"x"', '{"list": []}', '{"dict": []}']
    refused = 0
    for _ in range(80):
        path.write_bytes(whole)

        def change(text):
            numbers = list(re.finditer(r"(?<=[ :])(-?[0-9.e+]+|true|false|null)(?=[,\]}])", text))
            at = moments.choice(numbers)
            return text[: at.start()] + moments.choice(replacements) + text[at.end() :]

        replaced_skeleton(path, change)
        try:
            checkpoint.load_training(path, **objects)
        except CheckpointError:
            refused += 1
            assert state_of(objects) == before
        else:
            path.write_bytes(whole)
            checkpoint.load_training(path, **objects)
    assert refused > 30


def test_generators_go_back_if_a_later_one_takes_no_state(tmp_path):
    path = tmp_path / "run"
    model = nn.Dropout(generator=np.random.default_rng(3))
    checkpoint.save_training(path, model=model)

    def with_another_class(text):
        found = json.loads(text)
        found["generators"]["model.generator"]["dict"][0][1] = "MT19937"
        return json.dumps(found)

    replaced_skeleton(path, with_another_class)
    ag.random.generator().normal(), model.generator.normal()
    generators = ag.random.generator(), model.generator
    before = [g.bit_generator.state for g in generators]
    with pytest.raises(CheckpointError, match=r"does not fit .*; nothing was changed"):
        checkpoint.load_training(path, model=model)
    assert [g.bit_generator.state for g in generators] == before


def test_a_generator_of_several_modules_is_saved_once(tmp_path):
    path = tmp_path / "run"

    def model(one, two):
        return nn.Sequential(nn.Dropout(generator=one), nn.Dropout(generator=two))

    rng = np.random.default_rng
    shared = rng(1)
    checkpoint.save_training(path, model=model(shared, shared), other=model(shared, shared))
    expected = shared.normal()
    checkpoint.load_training(path, model=model(shared, shared), other=model(shared, shared))
    assert shared.normal() == expected
    names = r"expected \['autograd.random', 'model.0.generator'\], as in"
    with pytest.raises(CheckpointError, match=names):
        checkpoint.load_training(path, model=model(rng(1), rng(2)), other=model(shared, shared))
    default = ag.random.generator()
    checkpoint.save_training(path, model=model(default, default))
    with pytest.raises(CheckpointError, match=r"expected \['autograd.random'\], as in"):
        checkpoint.load_training(path, model=model(default, shared))


def test_ctrl_c_while_a_state_is_restored_changes_nothing(tmp_path):
    objects, path, calls = everything(0), tmp_path / "run", []

    class Interrupted:
        def state_dict(self):
            return {}

        def load_state_dict(self, state):
            calls.append(state)
            if len(calls) == 1:
                raise KeyboardInterrupt

    checkpoint.save_training(path, **objects, last=Interrupted())
    others = everything(1)
    before = state_of(others)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.load_training(path, **others, last=Interrupted())
    assert state_of(others) == before and len(calls) == 2


def test_keys_that_would_share_an_array_keep_their_own(tmp_path):
    a, b, c = np.zeros(1), np.ones(1), np.full(1, 2.0)
    path = checkpoint.save_training(
        tmp_path / "t",
        seen={1: a, "1": b, "1 (2)": c},
        losses={"val/loss": a, "val": {"loss": b}},
        __metadata__=c,
        **{"lone \udc80 surrogate": b},
    )
    found = checkpoint.load_training(path)
    assert [x.item() for x in found["seen"].values()] == [0.0, 1.0, 2.0]
    assert list(found["seen"]) == [1, "1", "1 (2)"]
    assert found["losses"]["val/loss"] == a and found["losses"]["val"]["loss"] == b
    assert found["__metadata__"] == c and found["lone \udc80 surrogate"] == b


@pytest.mark.parametrize(
    ("state", "metadata", "message"),
    [
        ({1: [1.0], "1": [2.0]}, None, "got the names 1, '1'; expected names that differ"),
        ({"__metadata__": [1.0]}, None, "got '__metadata__' as the name of array; expected another"),
        ({}, {"glassgrad.sha256": ""}, "got 'glassgrad.sha256' as the name of metadata"),
        ({"\ud800": [1.0]}, None, r"got '\\ud800' in a name or in metadata; expected text that"),
        ({}, {"a": "\udfff"}, r"got '\\udfff' in a name or in metadata"),
    ],
)  # fmt: skip
def test_names_that_a_file_cannot_keep_apart_are_refused(tmp_path, state, metadata, message):
    with pytest.raises(ValueError, match=message):
        checkpoint.save(tmp_path / "w", state, metadata)
    assert not list(tmp_path.iterdir())


def test_a_tree_that_contains_itself_is_refused(tmp_path):
    tree = {"a": []}
    tree["a"].append(tree)
    with pytest.raises(ValueError, match=r"more than 100 levels in tree; .* contains itself"):
        checkpoint.save_training(tmp_path / "t", tree=tree)
    deep = 3
    for _ in range(100):
        deep = [deep]
    path = checkpoint.save_training(tmp_path / "t", deep=deep)
    assert checkpoint.load_training(path) == {"deep": deep}


def test_files_of_earlier_versions_load(tmp_path):
    """They have no checksum, and two arrays at equal paths were one; a loader had three numbers."""
    path = tmp_path / "old"
    skeleton = {
        "parts": {
            "data": ["state", {"dict": [["seed", 5], ["epoch", 2], ["batch", 1]]}],
            "x": ["value", {"dict": [[1, {"array": "x/1"}], ["1", {"array": "x/1"}]]}],
        },
        "generators": {
            "autograd.random": skeleton_of_generator(ag.random.generator()),
        },
    }
    metadata = {"format": "glassgrad training state 1", "skeleton": json.dumps(skeleton)}
    library.save_file({"x/1": np.ones(2)}, path, metadata)
    data = nn.data.DataLoader(nn.data.TensorDataset(np.ones(9)), batch_size=4)
    found = checkpoint.load_training(path, data=data)
    assert (data.seed, data.epoch, data.batch) == (5, 2, 1)
    assert found["x"][1].tolist() == found["x"]["1"].tolist() == [1.0, 1.0]


def skeleton_of_generator(generator):
    arrays = {}
    found = encoded(generator.bit_generator.state, "generator", arrays)
    assert not arrays
    return found


@pytest.mark.skipif(os.name != "posix", reason="an open file cannot be replaced on Windows")
def test_several_processes_may_save_and_load_one_file(tmp_path):
    """Every read is of one state: all weights are equal, and equal to the number beside them."""
    path = tmp_path / "t"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=save_often, args=(path, k)) for k in range(3)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        if path.exists():
            found = checkpoint.load_training(path)
            assert set(found["weights"].tolist()) == {float(found["step"])}
            reads += 1
    assert [writer.exitcode for writer in writers] == [0, 0, 0] and reads
    assert [p.name for p in tmp_path.iterdir()] == ["t"]


def save_often(path, k):
    for i in range(12):
        step = 100 * k + i
        checkpoint.save_training(path, weights=np.full(20_000, float(step)), step=step)


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


@pytest.mark.parametrize("name", [None, (1, 2), float("nan"), True, b"a"])
def test_names_are_strings_or_ints(tmp_path, name):
    with pytest.raises(TypeError, match=r"got the name .*; expected a str or an int"):
        checkpoint.save(tmp_path / "w", {name: np.ones(1)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["a\0b", "\ud800", "x/\ud800"])
def test_a_path_that_no_file_can_have(path):
    for call in (checkpoint.load, lambda path: checkpoint.save(path, {})):
        with pytest.raises(ValueError, match=r"got the path .*; expected one that a file can have"):
            call(path)
