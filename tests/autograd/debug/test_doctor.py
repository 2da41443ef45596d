"""What `python -m autograd doctor` says: only what a measurement confirms."""

import subprocess
import sys

import numpy as np
import pytest

from autograd.debug import doctor

FACTS = {"numpy": "2.4", "blas": "openblas 0.3", "kernel": "Haswell", "blas_threads": 2}


def measured(speeds):
    """Gives a speed for each set of variables, and remembers what was asked."""

    def measure(environment):
        asked.append(environment)
        return speeds[next(iter(environment), None)]

    asked = []
    return measure, asked


def test_a_wider_kernel_is_recommended_where_it_is_faster():
    measure, asked = measured({None: 236.0, "OPENBLAS_CORETYPE": 409.0})
    now, [finding] = doctor.examine(FACTS, ["X86_V3", "X86_V4"], 2, measure)
    assert now == 236.0 and asked == [{}, {"OPENBLAS_CORETYPE": "SkylakeX"}]
    assert "Haswell" in finding.text and "236" in finding.text and "409" in finding.text
    assert "OPENBLAS_CORETYPE=SkylakeX" in finding.cure


def test_it_says_nothing_where_the_measurement_does_not_confirm_it():
    measure, asked = measured({None: 236.0, "OPENBLAS_CORETYPE": 250.0})
    assert doctor.examine(FACTS, ["X86_V4"], 2, measure) == (236.0, [])
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("facts", "can"),
    [
        (FACTS, ["X86_V3"]),
        ({**FACTS, "kernel": "SkylakeX"}, ["X86_V4"]),
        ({**FACTS, "kernel": None, "blas_threads": None}, ["X86_V4"]),
    ],
)
def test_nothing_is_measured_where_nothing_can_be_gained(facts, can):
    measure, asked = measured({None: 100.0})
    assert doctor.examine(facts, can, 2, measure) == (100.0, []) and asked == [{}]


def test_idle_cores_are_found():
    measure, _ = measured({None: 100.0, "OPENBLAS_NUM_THREADS": 190.0})
    _, [finding] = doctor.examine(FACTS, [], 4, measure)
    assert "2 of 4 cores" in finding.text and "OPENBLAS_NUM_THREADS=4" in finding.cure


def test_facts_are_of_this_numpy():
    facts = doctor.blas_facts()
    assert facts["numpy"] == np.__version__ and facts["blas"]
    if "openblas" in facts["blas"]:
        assert isinstance(facts["kernel"], str) and facts["blas_threads"] >= 1


def test_the_command_line():
    done = subprocess.run(
        [sys.executable, "-m", "autograd", "doctor"], capture_output=True, text=True, check=True
    )
    assert np.__version__ in done.stdout and "GFLOP/s" in done.stdout
    wrong = subprocess.run(
        [sys.executable, "-m", "autograd", "nurse"], capture_output=True, text=True, check=False
    )
    assert wrong.returncode == 2 and "doctor" in wrong.stderr
