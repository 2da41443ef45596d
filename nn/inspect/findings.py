"""Findings: what is wrong with a training, with evidence and remedy, causes before symptoms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Finding(NamedTuple):
    """Something that is wrong with a network or its training.

    Attributes:
        kind: its name.
        layer: the path of the module; "" for the whole model.
        numbers: the evidence, by name.
        text: what is wrong, in a sentence.
        remedy: what to do about it.
    """

    kind: str
    layer: str
    numbers: dict[str, float]
    text: str
    remedy: str

    def __str__(self) -> str:
        where = f" in {self.layer}" if self.layer else ""
        return f"{self.kind}{where}: {self.text}. Remedy: {self.remedy}."


# All kinds, causes before what they cause: data that are not numbers spoil everything, a loop that
# never steps makes the loss flat, and a flat loss is only ever a symptom.
ORDER = (
    "batch is empty",
    "inputs are not finite",
    "targets are not finite",
    "loss without a graph",
    "loss is not one number",
    "no backward pass",
    "optimizer of another model",
    "gradients erased before the step",
    "no optimizer step",
    "loss compares the output with itself",
    "step function in the path",
    "softmax over one unit",
    "detached branch",
    "unused layer",
    "layer made in each call",
    "one layer several times",
    "parameters not registered",
    "parameters outside the optimizer",
    "frozen parameters",
    "gradients not reset",
    "steps uphill",
    "optimizer made again in each step",
    "targets out of range",
    "loss with the wrong sign",
    "loss lacks a term",
    "penalty with the wrong sign",
    "players on one side",
    "loss broadcast",
    "softmax over the wrong axis",
    "softmax twice",
    "sigmoid twice",
    "log-softmax missing",
    "shapes do not fit",
    "batch refused",
    "BatchNorm with a batch of one",
    "BatchNorm with a batch of two",
    "layers in evaluation mode",
    "running statistics not averaged",
    "normalization of one number",
    "samples mixed",
    "future in sight",
    "targets are the inputs",
    "targets do not vary",
    "padding in the loss",
    "class weights favour frequent classes",
    "inputs do not vary",
    "labels change",
    "data not shuffled",
    "labels out of balance",
    "output activation does not fit",
    "activation missing",
    "dropout on the output",
    "dropout too high",
    "dropout in evaluation",
    "inputs without effect",
    "inputs not scaled",
    "targets not scaled",
    "learning rate is zero",
    "gradients do not count",
    "weights replaced after the step",
    "gradients scaled down before the step",
    "mask leaves nothing",
    "symmetry not broken",
    "wrong gradient",
    "loss is not finite",
    "dying ReLU",
    "activations shrink",
    "activations grow",
    "vanishing gradients",
    "exploding gradients",
    "saturated units",
    "logits overflow",
    "output scale at initialization",
    "weight decay too strong",
    "momentum too high",
    "eps too large",
    "learning rate decays to zero",
    "learning rate too high",
    "learning rate too low",
    "inputs scaled otherwise",
    "labels unrelated to inputs",
    "outputs collapse",
    "evaluation in training mode",
    "memorized batch",
    "overfitting",
    "overconfidence",
    "result depends on chance",
    "layer does not change",
    "cannot overfit one batch",
    "loss does not fall",
    "graphs are kept",
)
# What a cause makes look like another one, whose remedy would do harm.
MISTAKEN = {
    "targets out of range": {"targets not scaled", "loss with the wrong sign"},
    "loss without a graph": {"detached branch", "cannot overfit one batch", "frozen parameters"},
    "softmax over the wrong axis": {"log-softmax missing", "softmax over one unit"},
    "detached branch": {"wrong gradient"},
    "inputs not scaled": {"output scale at initialization", "learning rate too high"},
    "exploding gradients": {"logits overflow", "output scale at initialization"},
    "steps uphill": {"loss with the wrong sign"},
    "momentum too high": {"learning rate too high"},
    "weights replaced after the step": {"learning rate too high"},
    "inputs scaled otherwise": {"labels unrelated to inputs", "overfitting", "overconfidence"},
}
_PLACE = {kind: i for i, kind in enumerate(ORDER)}


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with causes before symptoms, each kind once per layer.

    What came up during training (`since` above 1) is more likely a consequence than a cause, so it
    follows all that was so from the start. What a cause only makes look like another is left out.

    Example:
        >>> from nn.inspect.findings import Finding, ranked
        >>> flat = Finding("loss does not fall", "", {}, "", "")
        >>> still = Finding("no optimizer step", "", {}, "", "")
        >>> [finding.kind for finding in ranked([flat, still])]
        ['no optimizer step', 'loss does not fall']
    """
    findings = list(findings)
    mistaken = {kind for f in findings for kind in MISTAKEN.get(f.kind, ())}
    unique = {(f.kind, f.layer): f for f in reversed(findings) if f.kind not in mistaken}
    return sorted(
        reversed(unique.values()), key=lambda f: (f.numbers.get("since", 1) > 1, _PLACE[f.kind])
    )


def later(findings: Iterable[Finding]) -> list[Finding]:
    """Findings of what was not so from the start."""
    return [f._replace(numbers={"since": 2, **f.numbers}) for f in findings]


def listing(names: Iterable[str], most: int = 3) -> str:
    """Some names in a sentence; beyond a few, how many more there are.

    Example:
        >>> from nn.inspect.findings import listing
        >>> listing("abcde")
        'a, b, c and 2 more'
    """
    names = list(names)
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def median(numbers: Iterable[float]) -> float:
    """The middle of some numbers; nan for none.

    The first `np.median` of a process takes 20 ms, because it imports masked arrays.

    Example:
        >>> from nn.inspect.findings import median
        >>> median([3.0, 1.0, 2.0]), median([4.0, 1.0])
        (2.0, 2.5)
    """
    ordered = sorted(map(float, numbers))
    middle = len(ordered) // 2
    if not ordered:
        return float("nan")
    return ordered[middle] if len(ordered) % 2 else 0.5 * (ordered[middle - 1] + ordered[middle])
