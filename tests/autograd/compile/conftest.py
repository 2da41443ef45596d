"""The compiler looks for functions by what refers to them, which `gc.freeze()` hides from it."""

import gc

import pytest


@pytest.fixture(scope="package", autouse=True)
def nothing_is_frozen():
    gc.unfreeze()
    yield
    gc.freeze()
