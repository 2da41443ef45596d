"""All programs: the faulty ones with their twins, in two sets, and the healthy trainings."""

from __future__ import annotations

from tests.faults import adversarial, healthy, mlp, regression, second, sequences, vision

FAULTY = [
    *mlp.PROGRAMS,
    *vision.PROGRAMS,
    *sequences.PROGRAMS,
    *adversarial.PROGRAMS,
    *regression.PROGRAMS,
]
HEALTHY = healthy.PROGRAMS
SECOND = second.PROGRAMS
