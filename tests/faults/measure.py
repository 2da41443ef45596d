"""Run programs under the tools and score what the tools name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

import autograd as ag
import nn
from nn.inspect.findings import Finding, ranked
from tests.faults.training import Program


class Outcome(NamedTuple):
    """What the tools said of one program.

    Attributes:
        program: the program.
        findings: of the faulty version, causes first.
        alarms: of the repaired twin.
        during: of the faulty version, by `diagnose` alone.
    """

    program: Program
    findings: list[Finding]
    alarms: list[Finding]
    during: list[Finding]

    @property
    def is_detected(self) -> bool:
        return bool(self.findings)

    @property
    def is_named(self) -> bool:
        return bool(self.findings) and self.findings[0].kind in self.program.causes

    @property
    def during_names(self) -> bool:
        return bool(self.during) and self.during[0].kind in self.program.causes

    @property
    def is_placed(self) -> bool:
        return self.is_named and self.program.layer in (None, self.findings[0].layer)


def findings_of(program: Program, faulty: bool) -> tuple[list[Finding], list[Finding]]:
    """All findings of one version, and those of `diagnose` alone."""
    ag.random.seed(0)
    with np.errstate(all="ignore"):
        training = program.make(faulty)
        before = preflight(training)
        with nn.diagnose(training.model, training.optimizer, training.loss) as report:
            for _ in training.turns():
                pass
        after = generalization(training)
    return ranked([*before, *report.findings, *after]), report.findings


def preflight(training: Any) -> list[Finding]:
    if not training.single or not hasattr(nn, "preflight"):
        return []
    batch = training.batches[0]
    return nn.preflight(training.model, training.loss, training.optimizer, batch).findings


def generalization(training: Any) -> list[Finding]:
    if not training.validation or not hasattr(nn, "generalization"):
        return []
    return nn.generalization(
        training.model, training.batches, training.validation, training.loss
    ).findings


def outcome(program: Program) -> Outcome:
    found, during = findings_of(program, True)
    alarms = findings_of(program, False)[0]
    return Outcome(program, found, alarms, during)


def outcomes(programs: Iterable[Program]) -> list[Outcome]:
    return [outcome(program) for program in programs]
