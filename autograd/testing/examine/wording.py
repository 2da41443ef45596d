"""What was found, in words: whose gradient, what was done, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd.testing.examine.findings import Finding
from autograd.testing.examine.flow import Flow
from autograd.testing.examine.hypothesis import Hypothesis, step_name, value_of
from autograd.testing.examine.trial import Trial

Found = tuple[str, str, str, str, str]  # argument, kind, operation, text, evidence


def gradient_name(name: str) -> str:
    """ "dW" for W, "the gradient of layers[0].W" for what is no plain name."""
    return f"d{name}" if name.isidentifier() else f"the gradient of {name}"


def gradient_names(names: Sequence[str]) -> str:
    """ "dW", or "dx, dW and db: each" for the beginning of a sentence."""
    called = [gradient_name(name) for name in names]
    if len(called) == 1:
        return called[0]
    return f"{', '.join(called[:-1])} and {called[-1]}: each"


def described_finding(finding: Finding, trials: Sequence[Trial]) -> list[Found]:
    """The mistakes of a finding, one for each hypothesis."""
    trial = trials[-1]
    evidence = _evidence(finding, trials)
    both = "" if len(finding.hypotheses) == 1 else "one of two mistakes: "
    return [
        (
            ", ".join(finding.names),
            hypothesis.kind,
            _operation(hypothesis, trial.flow, finding.names[0]),
            f"{both}{gradient_names(finding.names)} {hypothesis.text}",
            evidence,
        )
        for hypothesis in finding.hypotheses
    ]


def _operation(hypothesis: Hypothesis, flow: Flow | None, name: str) -> str:
    """The step that a mistake is about; for a map of a gradient, the one that handed it over."""
    if flow is None:
        return ""
    if hypothesis.step is not None:
        return step_name(flow.nodes[hypothesis.step])
    at = flow.number.get(flow.leaves[name])
    givers = flow.givers.get(at, []) if at is not None else []
    return step_name(flow.nodes[givers[0][0]]) if givers else ""


def _evidence(finding: Finding, trials: Sequence[Trial]) -> str:
    name = finding.names[0]
    trial = next((t for t in trials if not t.is_right(name)), trials[0])
    shown = first_wrong_entry(name, trial.answer[name], trial.right[name])
    return f"this reproduces the answer to rounding at {len(trials)} points; {shown}"


def first_wrong_entry(name: str, answer: Any, right: Any) -> str:
    """The first entry that differs, with the right one."""
    answer, right = np.asarray(answer), np.asarray(right)
    if answer.shape != right.shape:
        return f"{gradient_name(name)} has the shape {answer.shape}, {right.shape} is right"
    scale = float(np.abs(right).max(initial=1e-300))
    differs = ~(np.abs(answer - right) <= 1e-8 * scale)
    if not differs.any():
        return f"{gradient_name(name)} agrees at this point"
    i = tuple(int(k) for k in np.argwhere(differs)[0])
    place = f"[{', '.join(map(str, i))}]" if i else ""
    came, expected = float(answer[i]), float(right[i])
    return f"{gradient_name(name)}{place} is {came:.6g} where {expected:.6g} is right"


def unexplained(name: str, trial: Trial, right: Mapping[str, bool]) -> Found:
    """A gradient that no hypothesis reproduces: what is right, and the first entry that is not."""
    good = [other for other, is_right in right.items() if is_right]
    text = f"{gradient_name(name)} is wrong in a way that no single mistake explains"
    if np.shape(trial.answer[name]) != np.shape(trial.right[name]):
        shapes = np.shape(trial.answer[name]), np.shape(trial.right[name])
        text = f"{gradient_name(name)} has the wrong shape: {shapes[0]} came, {shapes[1]} is right"
    if good:
        text += f"; {', '.join(map(gradient_name, good))} {'is' if len(good) == 1 else 'are'} right"
    steps = right_steps(trial.flow, good) if trial.flow is not None else []
    if steps:
        text += f", so the backward pass is right down to {', '.join(steps)}"
    shape = np.shape(trial.answer[name]) != np.shape(trial.right[name])
    evidence = first_wrong_entry(name, trial.answer[name], trial.right[name])
    return (name, "shape" if shape else "unknown", "", text, evidence)


def right_steps(flow: Flow, good: Sequence[str]) -> list[str]:
    """The steps that handed right gradients to variables."""
    found = []
    for name in good:
        at = flow.number.get(flow.leaves[name])
        for i, _ in flow.givers.get(at, []) if at is not None else []:
            found.append(f"{value_of(flow, flow.nodes[i])} ({step_name(flow.nodes[i])})")
    return list(dict.fromkeys(found))
