"""`broadcast` alone; test_mpi.py has several ranks."""

import numpy as np
import pytest

import nn


def test_alone_a_model_stays_as_it_is():
    model = nn.Linear(2, 1)
    before = model.weight.data
    assert nn.distributed.broadcast(model) is model and model.weight.data is before


def test_what_it_refuses():
    with pytest.raises(
        TypeError, match=r"distributed.broadcast: got .* as the model; expected a module"
    ):
        nn.distributed.broadcast(np.ones(2))
    with pytest.raises(ValueError, match="root"):
        nn.distributed.broadcast(nn.Linear(2, 1), root=1)
    with pytest.raises(TypeError, match="as the world"):
        nn.distributed.broadcast(nn.Linear(2, 1), world=0)
