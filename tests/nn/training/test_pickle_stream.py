"""The reader of pickle streams on what Python's own pickler writes."""

import pickle
import pickletools

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


def nested(levels, innermost=b"]"):
    """A stream of lists in lists."""
    return b"\x80\x02" + b"]" * (levels - 1) + innermost + b"a" * (levels - 1) + b"."


@pytest.mark.parametrize("innermost", [b"]", b"]K\x01a", b"}", b")"])
def test_a_hundred_levels_are_read(innermost):
    found = read_stream(nested(100, innermost), {}, lambda x: x)
    for _ in range(99):
        [found] = found
    assert found in ([], [1], {}, ())
    with pytest.raises(Damaged, match="more than 100 levels"):
        read_stream(nested(101, innermost), {}, lambda x: x)


@pytest.mark.parametrize("turned", [False, True])
def test_levels_are_counted_through_what_is_shared(turned):
    """No path that is walked has more than a hundred levels, and one that exists has."""
    short = []
    for _ in range(60):
        short = [short]
    long = short
    for _ in range(60):
        long = [long]
    with pytest.raises(Damaged, match="more than 100 levels"):
        read_stream(pickle.dumps([short, long][:: -1 if turned else 1]), {}, lambda x: x)


def test_containers_side_by_side_are_no_levels():
    x = [[k] for k in range(300)]
    assert read_stream(pickle.dumps(x), {}, lambda x: x) == x


@pytest.mark.parametrize("data", [b"](cm\nf\nK\x01e.", b"](K\x01cm\nf\ne."])
def test_a_name_beside_a_value_is_refused(data):
    with pytest.raises(Damaged, match=r"the name m\.f in place of a value"):
        read_stream(b"\x80\x02" + data, {}, lambda x: x, {"m.f"})


def test_limits_themselves_are_allowed(monkeypatch):
    data = pickle.dumps([[], [], []], 2)
    steps = sum(1 for _ in pickletools.genops(data)) - 1  # without STOP
    monkeypatch.setattr(pickle_stream, "MOST_STEPS", steps)
    monkeypatch.setattr(pickle_stream, "LONGEST", len(data))
    assert read_stream(data, {}, lambda x: x) == [[], [], []]
    monkeypatch.setattr(pickle_stream, "MOST_STEPS", steps - 1)
    with pytest.raises(Damaged, match="more than"):
        read_stream(data, {}, lambda x: x)
    monkeypatch.setattr(pickle_stream, "LONGEST", len(data) - 1)
    with pytest.raises(Damaged, match=r"a stream of \d+ bytes"):
        read_stream(data, {}, lambda x: x)


@pytest.mark.parametrize("sign", [1, -1])
def test_integers_have_64_bits_and_as_names_60(sign):
    x = [sign * 2**64, {sign * (2**60 - 1): None, None: 1}]
    assert read_stream(pickle.dumps(x), {}, lambda x: x) == x
    with pytest.raises(Damaged, match="an integer of 65 bits"):
        read_stream(pickle.dumps(sign * (2**64 + 1)), {}, lambda x: x)
    with pytest.raises(Damaged, match="a int as a name in a dictionary"):
        read_stream(pickle.dumps({sign * 2**60: 1}), {}, lambda x: x)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x8c\x01mK\x01\x93.", "a name that is no text"),
        (b"K\x01\x8c\x01f\x93.", "a name that is no text"),
        (b"}(\x8c\x02ab\x90.", "entries for a dictionary, which is no set"),
        (b"](K\x01\x90.", "entries for a list, which is no set"),
        (b"]K\x05aK\x00K\x01s.", "names and values for a list, which is no dictionary"),
        (b"}K\x01b.", "attributes of a dictionary"),
        (b"cm\nf\n]K\x01aR.", r"a call of m\.f"),
        (b"K\x01\x87.", "a tuple of more than there is"),
        (b"\x85.", "a tuple of more than there is"),
    ],
)
def test_what_a_pickler_never_writes_is_refused(data, text):
    with pytest.raises(Damaged, match=text):
        read_stream(b"\x80\x04" + data, {"m.f": lambda n: n}, lambda x: x)


def test_the_top_of_the_stack_can_be_doubled():
    found = read_stream(b"\x80\x02](K\x01]2e.", {}, lambda x: x)
    assert found == [1, [], []] and found[1] is found[2]


@pytest.mark.parametrize("x", [(1,), (1, 2), (1, 2, 3), ((1,), 2)])
def test_a_tuple_may_be_of_all_there_is(x):
    assert read_stream(pickle.dumps(x, 2), {}, lambda x: x) == x
