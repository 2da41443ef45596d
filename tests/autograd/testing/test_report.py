"""The report says what was checked, and how large an error would have been seen."""

import numpy as np

import autograd as ag


def test_samples_state_what_was_looked_at():
    report = ag.check_gradients(lambda x: x**2, np.ones((50, 50)), samples=10)
    assert report.checked == 10 and report.total == 2500
    assert "10 of 2,500 entries looked at (0.4%)" in str(report)
    assert "an error above" in str(report)
