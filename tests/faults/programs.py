"""All programs: the faulty ones with their twins, and the healthy trainings."""

from __future__ import annotations

from tests.faults import adversarial, healthy, mlp, regression, sequences, vision

FAULTY = [
    *mlp.PROGRAMS,
    *vision.PROGRAMS,
    *sequences.PROGRAMS,
    *adversarial.PROGRAMS,
    *regression.PROGRAMS,
]
HEALTHY = healthy.PROGRAMS
