"""How results are built again from outputs, and settled without copies."""

import collections

import numpy as np

from autograd.compile.recording.template import Template, finished
from tests.autograd.compile.trace.test_tape import taped

Pair = collections.namedtuple("Pair", "a b")


def templated(f, *arrays):
    tape, out = taped(f, *arrays)
    return Template(out, tape), out


def test_a_nest_is_built_from_outputs():
    template, _ = templated(
        lambda x: {"a": [x * 2, (x.sum(), None)], "b": Pair("w", x)}, np.ones(2)
    )
    assert len(template.arrays) == 3 and not template.reason and template.words == {0: "a", 2: "b"}
    template.release()
    built = template.build([np.zeros(2), np.array(5.0), np.ones(2)])
    assert built["a"][0].tolist() == [0.0, 0.0] and built["a"][1] == (5.0, None)
    assert built["b"] == Pair("w", built["b"].b) and built["b"].b.tolist() == [1.0, 1.0]


def test_lists_and_dictionaries_stay_the_objects_that_they_are():
    template, out = templated(lambda x: {"a": [x * 2]}, np.ones(2))
    inner = out["a"]
    assert template.settled() is out and out["a"] is inner
    assert type(inner[0]) is np.ndarray and inner[0].tolist() == [2.0, 2.0]


def test_what_cannot_be_built_says_so():
    template, _ = templated(lambda x: [object()], np.ones(2))
    assert template.reason == "an object of type object" and template.is_constant
    template, _ = templated(lambda x: np.ones(2), np.ones(2))
    assert "not computed from traced arrays" in template.reason


def test_finished():
    x = finished(np.array(2.0), True, False)
    assert type(x) is np.float64
    y = finished(np.ones(2), False, False)
    assert not y.flags.writeable and finished(2.0, False, True).shape == ()
