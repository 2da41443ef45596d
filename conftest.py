"""What every runnable example may take for granted."""

import importlib.util

import numpy as np
import pytest

import autograd as ag

# It cannot be imported without the extra `mpi`.
collect_ignore = [] if importlib.util.find_spec("mpi4py") else ["nn/distributed/mpi.py"]


@pytest.fixture(autouse=True, scope="session")
def cache_of_machine_code(tmp_path_factory):
    """Tests neither read nor fill the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLASSGRAD_CACHE", str(tmp_path_factory.mktemp("machine-code")))
        yield


@pytest.fixture(autouse=True)
def names_in_examples(doctest_namespace):
    """`np` and `ag` in doctests, as in the documentation."""
    doctest_namespace.update(np=np, ag=ag)
    ag.random.seed(0)
