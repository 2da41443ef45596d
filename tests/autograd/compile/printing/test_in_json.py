"""Programs as JSON."""

import json

import numpy as np
import pytest

from autograd.compile.printing.in_json import in_json
from autograd.visualize.recompute import NotRecomputed


def test_a_program_as_data():
    found = in_json(lambda x, y: [np.exp(y) * 2.0], [np.ones(2), np.ones(2)])
    assert found["inputs"] == [1]
    assert [i["name"] for i in found["instructions"]] == ["exp", "multiply"]
    assert found["instructions"][1]["args"] == [{"register": 1}, 2.0]
    assert found["outputs"] == [{"register": 2}]


def test_arguments_that_json_lacks():
    index = np.array([1, 0])
    found = in_json(lambda x: [x[1:, None, ..., index] * np.inf], [np.ones((2, 2))])
    first, second = found["instructions"]
    low, new, dots, array = first["args"][1]
    assert (low, new, dots) == ({"slice": [1, None, None]}, None, "...")
    assert array["shape"] == [2] and array["dtype"] == "int64"
    assert second["args"][1] == {"number": "Infinity"}
    json.dumps(found, allow_nan=False)


def test_what_the_page_cannot_run():
    with pytest.raises(NotRecomputed, match="no kernel for numpy"):
        in_json(lambda x: [np.linalg.inv(x)], [np.eye(2)])
    with pytest.raises(NotRecomputed, match="looks at values"):
        in_json(lambda x: [x if x[0, 0] > 0 else -x], [np.eye(2)])
