"""All programs: the faulty ones with their twins, in four sets, and the healthy trainings."""

from __future__ import annotations

from tests.faults import (
    adversarial,
    fourth,
    healthy,
    mlp,
    regression,
    second,
    sequences,
    third,
    vision,
)

FAULTY = [
    *mlp.PROGRAMS,
    *vision.PROGRAMS,
    *sequences.PROGRAMS,
    *adversarial.PROGRAMS,
    *regression.PROGRAMS,
]
HEALTHY = healthy.PROGRAMS
SECOND = second.PROGRAMS
THIRD = third.PROGRAMS
FOURTH = fourth.PROGRAMS
