"""The reader of pickle streams on what Python's own pickler writes."""

import pickle

import numpy as np
import pytest

from nn.training import pickle_stream
from nn.training.pickle_stream import read_stream
from nn.training.tensor_file import Damaged

PLAIN = {
    "numbers": [
        0,
        1,
        -1,
        255,
        256,
        65536,
        -(2**31),
        2**40,
        2**63,
        1.5,
        float("inf"),
        True,
        False,
        None,
    ],
    "texts": ["", "a", "ä€😀", "x" * 300, b"", b"ab"],
    "containers": (
        [],
        (),
        {},
        (1,),
        (1, 2),
        (1, 2, 3),
        (1, 2, 3, 4),
        {"a": {"b": [({},)]}},
        list(range(1500)),
    ),
    3: {k: str(k) for k in range(1200)},
}


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_what_python_writes_is_read(protocol):
    x = {k: v for k, v in PLAIN.items() if protocol > 2 or k != "texts"}
    found = read_stream(pickle.dumps(x, protocol), {}, lambda x: x)
    assert found == x and type(found["numbers"][-3]) is bool
    shared = [1]
    a, b = read_stream(pickle.dumps([shared, shared], protocol), {}, lambda x: x)
    assert a is b


def test_a_set_is_read_where_its_opcode_is_used():
    assert read_stream(pickle.dumps({1, 2, "a"}, 4), {}, lambda x: x) == {1, 2, "a"}
    with pytest.raises(Damaged, match="a tuple as a name"):
        read_stream(pickle.dumps({(1, 2)}, 4), {}, lambda x: x)


def test_other_objects_are_refused_by_name():
    for x, text in (
        (np.ones(2), "it names numpy"),
        (range(3), r"it names (builtins|__builtin__)\.x?range"),
        (2 + 1j, r"it names (builtins|__builtin__)\.complex"),
        (test_other_objects_are_refused_by_name, "it names .*test_pickle_stream"),
        (bytearray(b"x"), "it names .*bytearray|BYTEARRAY8"),
        (frozenset([1]), "it names .*frozenset|FROZENSET"),
    ):
        for protocol in (2, 4, 5):
            with pytest.raises(Damaged, match=text):
                read_stream(pickle.dumps(x, protocol), {}, lambda x: x)


def test_the_length_of_a_stream_is_limited(monkeypatch):
    monkeypatch.setattr(pickle_stream, "MOST_STEPS", 10)
    with pytest.raises(Damaged, match="more than 10 steps"):
        read_stream(pickle.dumps([[], [], [], [], [], []], 2), {}, lambda x: x)
    monkeypatch.setattr(pickle_stream, "LONGEST", 100)
    with pytest.raises(Damaged, match=r"a stream of 1,0\d\d bytes, and 100 are allowed"):
        read_stream(pickle.dumps("x" * 1000, 2), {}, lambda x: x)


def test_a_call_gets_its_arguments_and_other_errors_are_told_apart():
    data = b"\x80\x02cm\nf\nK\x01\x85R."
    assert read_stream(data, {"m.f": lambda n: n + 1}, lambda x: x) == 2
    with pytest.raises(Damaged, match=r"a call of m\.f with other arguments"):
        read_stream(data, {"m.f": lambda: 1}, lambda x: x)
    with pytest.raises(Damaged, match=r"a call of m\.f"):
        read_stream(data, {}, lambda x: x, {"m.f"})
