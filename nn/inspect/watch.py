"""The hooks of a diagnosis: what they note while a program trains, and what follows at the end."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd import Tensor, data_of, find_anomalies, is_recording
from nn.inspect import layer_findings as of_layers
from nn.inspect.curve import learns, not_falling, outcome, worst_rise
from nn.inspect.data import class_findings, input_findings, same_as_inputs, value_findings
from nn.inspect.findings import Finding, median, ranked
from nn.inspect.graph import LossGraph
from nn.inspect.layers import Layer, LayerReport
from nn.inspect.loop import Loop, Weight
from nn.inspect.loop_findings import loop_findings, rate_findings
from nn.inspect.loss_findings import loss_findings
from nn.inspect.modes import evaluation_findings, training_findings
from nn.inspect.rounds import Rounds
from nn.inspect.softmaxes import decided
from nn.inspect.wiring import LayerCall, missing_activations, recurrent, unreached
from nn.layers.normalization import GroupNorm, LayerNorm
from nn.layers.running_statistics import BatchNorm1d, BatchNorm2d
from nn.module.module import Module
from nn.module.parameter import Parameter

EVERY, THEN = 8, 6  # the first passes are all measured, later ones every sixth
READ = 2  # passes whose graphs are read: what they show does not change from step to step
BATCHES = 8  # batches whose inputs and targets are kept until the end
NORMALIZING = (BatchNorm1d, BatchNorm2d, GroupNorm, LayerNorm)


class Watch:
    """The hooks of a diagnosis.

    Args:
        models: the models by name.
        optimizers: what the user passed.
        loss: what the user passed.
    """

    def __init__(self, models: Mapping[str, Module], optimizers: list[Any], loss: Any) -> None:
        self.optimizers = optimizers
        self.loops = [Loop(name, model) for name, model in models.items()]
        self.layers: dict[int, tuple[Layer, Loop]] = {}
        self.order: list[Layer] = []
        self.noted: list[Finding] = []
        self.passed = 0
        self.measuring = True
        self.busy, self.adds = False, True
        self.undo: list[Callable[[], Any]] = []
        self.undo_heavy: list[Callable[[], Any]] = []
        # Of the passes and batches at the beginning:
        self.roots: list[Any] = []
        self.outputs: list[Any] = []  # of the models, since the last pass
        self.calls: list[LayerCall] = []
        self.called: set[str] = set()
        self.recurrent: set[str] = set()
        self.inputs: list[Any] = []
        self.classes: list[Any] = []
        self.class_count = 0
        self.values: list[Any] = []
        self.foreign = False
        self.rounds = Rounds()
        self.root: Any = None
        self.not_finite: tuple[int, str, list[Any]] | None = None
        own = list(loss.parameters()) if isinstance(loss, Module) else []
        self.known = {id(p) for m in models.values() for p in m.parameters()} | set(map(id, own))
        for loop in self.loops:
            self._hook_model(loop)
        for optimizer in optimizers:
            self._hook_optimizer(optimizer)

    # --- hooking ---

    def _hook_model(self, loop: Loop) -> None:
        model = loop.model
        self.undo.append(model.register_forward_pre_hook(self._begins(loop)).remove)
        self.undo.append(model.register_forward_hook(self._ends(loop)).remove)
        prefix = f"{loop.name}." if loop.name else ""
        for path, module in model.named_modules():
            path = (prefix + path).rstrip(".")
            if list(module.children()):
                hook = module.register_forward_pre_hook(self._ran(path))
            else:
                layer = Layer(path, module)
                self.layers[id(module)] = layer, loop
                hook = module.register_forward_pre_hook(self._enters)
                self.undo.append(module.register_forward_hook(self._leaves).remove)
            self.undo.append(hook.remove)
        for weight in loop.light:
            self.undo.append(weight.parameter.register_hook(self._receives(loop, weight)))

    def _hook_optimizer(self, optimizer: Any) -> None:
        """Stand in front of the optimizer's own `step` until the end."""
        if not callable(getattr(optimizer, "step", None)) or "step" in vars(optimizer):
            return
        step = optimizer.step

        def watched(*args: Any, **kwargs: Any) -> Any:
            rates = [float(group["lr"]) for group in getattr(optimizer, "param_groups", ())]
            for loop in self.loops:
                loop.look(self.measuring)
                loop.before_step(self.measuring, optimizer)
                if rates:
                    loop.rates.append(max(rates))
            return step(*args, **kwargs)

        optimizer.step = watched
        self.undo.append(lambda: vars(optimizer).pop("step", None))

    def _hook_heavy(self) -> None:
        """See the gradients of large parameters in measured passes, and in no others."""
        if self.measuring and not self.undo_heavy:
            self.undo_heavy = [
                weight.parameter.register_hook(self._receives(loop, weight))
                for loop in self.loops
                for weight in loop.heavy
            ]
        elif not self.measuring:
            self._unhook_heavy()

    def _unhook_heavy(self) -> None:
        for undo in self.undo_heavy:
            undo()
        self.undo_heavy = []

    # --- while the program runs ---

    def _ran(self, path: str) -> Any:
        def ran(module: Module, inputs: Any) -> None:
            if not self.busy and len(self.roots) < READ:
                self.called.add(path)

        return ran

    def _begins(self, loop: Loop) -> Any:
        def begins(module: Module, inputs: Any) -> None:
            if self.busy:
                return
            self.root = None  # or this graph would stay in memory beside the next one
            if self.measuring:
                with np.errstate(all="ignore"):
                    loop.look(True)
            if not is_recording():
                loop.unrecorded += module.training
                return
            loop.calls += 1
            if len(self.inputs) < BATCHES and inputs and not loop.name:
                self.inputs.append(data_of(inputs[0]))

        return begins

    def _ends(self, loop: Loop) -> Any:
        def ends(module: Module, inputs: Any, out: Any) -> None:
            if self.busy or not is_recording():
                return
            outs = out if isinstance(out, tuple) else (out,)
            for x in outs:
                self.rounds.see(x)
            if len(self.outputs) < BATCHES:
                self.outputs += [x for x in outs if isinstance(x, Tensor) and x.requires_grad]

        return ends

    def _enters(self, module: Module, inputs: Any) -> None:
        layer, _ = self.layers[id(module)]
        if self.busy or not self.measuring:
            return
        self.called.add(layer.path)
        if is_recording():
            finding = of_layers.single_sample_batch(layer.path, module, inputs)
            if finding is not None:
                self.noted.append(finding)

    def _leaves(self, module: Module, inputs: Any, out: Any) -> None:
        if self.busy or not self.measuring or not is_recording():
            return
        out = out[0] if isinstance(out, tuple) else out
        if not hasattr(out, "dtype") or out.dtype.kind != "f" or not np.size(data_of(out)):
            return
        layer, loop = self.layers[id(module)]
        if layer not in self.order:
            self.order.append(layer)
        given = inputs[0] if inputs else None
        if len(self.roots) < READ:
            self.calls.append(LayerCall(layer.path, module, given, out))
        step = loop.steps + 1
        with np.errstate(all="ignore"):  # a network that overflows is to be diagnosed too
            layer.see(None if given is None else data_of(given), data_of(out), step)
        if isinstance(out, Tensor) and out.requires_grad:
            out.register_hook(self._arrived(layer, step))

    def _arrived(self, layer: Layer, step: int) -> Any:
        def arrived(g: Any) -> None:
            if not self.busy:
                flat = np.asarray(data_of(g)).reshape(-1)
                layer.slopes.append((step, float(np.dot(flat, flat)), flat.size))

        return arrived

    def _receives(self, loop: Loop, weight: Weight) -> Any:
        def receives(g: Any) -> None:
            if self.busy or not self.adds:
                return
            if not weight.reached and weight.path.endswith("weight"):
                owner = next((p for p in self.layers.values() if p[0].path == weight.module), None)
                if owner is not None:
                    found = of_layers.symmetry(
                        weight.module, owner[0].module, np.asarray(data_of(g))
                    )
                    self.noted += found
            loop.receive(weight, g, self.measuring)
            if weight.is_broken and self.not_finite is None:
                self._note_break("the gradient", loop)

        return receives

    def passes(self, root: Any, seed: Any, adds: bool) -> None:
        """See a backward pass begin."""
        if self.busy:
            return
        self.adds = adds
        if not adds:
            return
        self.passed += 1
        self.measuring = self.passed <= EVERY or self.passed % THEN == 0
        size = np.size(data_of(root))
        value = float(np.sum(data_of(root))) if size else math.nan
        with np.errstate(all="ignore"):
            for loop in self.loops:
                loop.look(self.measuring)
                loop.begin_pass(value, self.measuring)
            self.rounds.differentiate(max(loop.steps for loop in self.loops))
            self._hook_heavy()
            self.root = root
            if not math.isfinite(value) and self.not_finite is None:
                self._note_break("the loss", self.loops[0])
            if self.measuring and isinstance(root, Tensor) and root.requires_grad:
                self._read(root)
        self.outputs, self.calls = [], []

    def _note_break(self, what: str, loop: Loop) -> None:
        """Note the first nan or inf, and where it was born."""
        births: list[Any] = []
        if np.size(data_of(self.root)) == 1:
            with self._aside():
                births = [a for a in find_anomalies(self.root) if a.kind != "convention"][:1]
        self.not_finite = loop.steps + 1, what, births

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """Look at the graph without noting one's own passes."""
        self.busy = True
        try:
            yield
        finally:
            self.busy = False

    def _read(self, root: Any) -> None:
        """Read the graph of one of the first passes, and the targets of the first batches."""
        if len(self.classes) + len(self.values) >= BATCHES and len(self.roots) >= READ:
            return
        graph = LossGraph(root, self.outputs)
        if len(self.roots) < READ:
            self.roots.append(root)
            leaves = [x for x in graph.leaves() if isinstance(x, Parameter)]
            self.foreign = self.foreign or any(id(x) not in self.known for x in leaves)
            signs = not self.foreign and len(self.loops) == 1
            with self._aside():
                if np.size(root.data) == 1 and np.isfinite(root.data).all():
                    self.noted += loss_findings(graph, signs=signs)
                self.noted += missing_activations(graph, self.calls)
                self.noted += decided(graph)
                self.recurrent |= recurrent(self.calls)
                self.noted += training_findings(self.loops)
                self._overflow(graph)
        for pick in graph.picks():
            self.classes.append(pick.classes)
            self.class_count = pick.of.shape[pick.axis]
            if self.inputs and len(self.classes) == 1:
                self.noted += same_as_inputs(self.inputs[-1], np.squeeze(pick.classes))
        self.values += [error.target for error in graph.errors()]

    def _overflow(self, graph: LossGraph) -> None:
        if any(True for _ in graph.normalizers()) or any(True for _ in graph.softmaxes()):
            for out in graph.outputs:
                largest = float(np.abs(out.data).max(initial=0.0))
                found = of_layers.overflow(largest, out.dtype)
                self.noted += _later(found) if len(self.roots) > 1 else found

    # --- at the end ---

    def end(self) -> None:
        """Remove all hooks."""
        for loop in self.loops:
            loop.look(self.measuring)
        self._unhook_heavy()
        for undo in self.undo:
            undo()

    def fill(self, report: Any) -> None:
        """Write the measurements and findings into a Diagnosis."""
        report.steps = max(loop.steps for loop in self.loops)
        report.calls = sum(loop.calls for loop in self.loops)
        report.layers = self._rows(None)
        if len(self.loops) == 1:
            [loop] = self.loops
            report.losses = [*loop.losses, *([sum(loop.values)] if loop.values else [])]
            report.noise = loop.noise()
        self._link_ratios(report.layers)
        report.findings = self.findings(report.layers)
        # Only then: what this object holds itself would count as kept.
        self.root, self.roots, self.outputs, self.calls = None, [], [], []
        report.findings += self.rounds.findings()

    def findings(self, rows: list[LayerReport] | None = None) -> list[Finding]:
        """What was found, causes first.

        Args:
            rows: the measurements of the layers, if they were made already.
        """
        return ranked(self._findings(self._rows(None) if rows is None else rows))

    def _link_ratios(self, rows: list[LayerReport]) -> None:
        """Copy the update ratios of weights into the rows of their layers."""
        ratios = {w.path: w.ratios for loop in self.loops for w in loop.weights}
        for i, row in enumerate(rows):
            path = f"{row.path}.weight" if row.path else "weight"
            if path in ratios:
                rows[i] = row._replace(update_ratio=median(ratios[path]))

    def _rows(self, first: int | None) -> list[LayerReport]:
        rows, before = [], math.nan
        for layer in self.order:
            row = layer.report(before, first)
            rows.append(row)
            before = row.gradient if row.gradient == row.gradient else before
        return rows

    def _findings(self, rows: list[LayerReport]) -> list[Finding]:
        bad = [f for x in self.inputs[:BATCHES] for f in input_findings([x]) if "finite" in f.kind]
        if bad:
            return bad[:1]
        playing = self.foreign or len(self.loops) > 1 or self.loops[0].discarded >= 2
        place = {layer.path: i for i, layer in enumerate(self.order)}
        noted = sorted(self.noted, key=lambda f: place.get(f.layer, -1))
        found = [f for loop in self.loops for f in self._of_loop(loop, playing)]
        of_rows = self._of_layers(rows)
        if not playing and learns(self.loops[0].losses):
            of_rows = [f for f in of_rows if f.kind not in SYMPTOMS]
        found += [*noted, *self._of_data(), *of_rows]
        return found if self.not_finite is None else self._not_finite(found)

    def _of_loop(self, loop: Loop, playing: bool) -> list[Finding]:
        found = loop_findings(loop, self.optimizers, [layer.path for layer in self.order])
        found += unreached(loop, self.called, self.roots)
        found += evaluation_findings(loop, playing)
        # Who plays against another model has a loss that need not fall.
        course = "unknown" if playing else outcome(loop.losses)
        if not any(f.kind in STILL for f in found):
            rise = 1.0 if playing else worst_rise(loop.losses)
            found += rate_findings(loop, self.optimizers, course, rise)
        if not playing:
            found += not_falling(loop.losses, loop.name)
        return found

    def _not_finite(self, found: list[Finding]) -> list[Finding]:
        """The one finding that a loss without a number leaves: its cause."""
        assert self.not_finite is not None
        step, what, births = self.not_finite
        told = f"{what} is nan or inf from step {step} on"
        if step > 1:
            causes = [f for f in ranked(found) if f.kind in DIVERGES]
            if causes:
                cause = causes[0]
                return [cause._replace(text=f"{cause.text}; {told}")]
        birth = births[0] if births else None
        layer = birth.module if birth is not None else ""
        how = f": {birth}".split("\n")[0] if birth is not None else ""
        return [
            Finding(
                "loss is not finite",
                layer,
                {"step": step},
                f"{told}{how}",
                "ag.detect_anomaly() names the line; use functions that cannot overflow "
                "(cross_entropy, logsumexp), a smaller learning rate or clip_grad_norm_",
            )
        ]

    def _of_data(self) -> list[Finding]:
        first = self.order[0].module if self.order else None
        found = input_findings(self.inputs, normalized=isinstance(first, NORMALIZING))
        found += class_findings(self.classes, self.class_count)
        found += value_findings(self.values) if len(self.loops) == 1 else []
        return found

    def _of_layers(self, rows: list[LayerReport]) -> list[Finding]:
        found: list[Finding] = []
        sizes = [layer.calls[0].size for layer in self.order]
        starts = {layer.calls[0].step for layer in self.order}
        initial = self._rows(min(starts)) if starts else []
        for i, (row, layer) in enumerate(zip(rows, self.order, strict=True)):
            found += of_layers.dead_units(row, layer, self.order[i - 1] if i else None)
            found += of_layers.saturation(initial[i]) or _later(of_layers.saturation(row))
        through_time = [layer for layer in self.order if layer.path in self.recurrent]
        fading = [f for layer in through_time for f in of_layers.over_time(layer)]
        if fading:
            found += fading
        elif len(self.loops) == 1:
            found += of_layers.gradients(initial) or _later(of_layers.gradients(rows))
            grown = of_layers.activations(rows, sizes)
            found += of_layers.activations(initial, sizes) or _later(grown)
        return found


# Findings that explain why nothing moves, or that everything does.
STILL = {
    "no backward pass",
    "no optimizer step",
    "gradients erased before the step",
    "optimizer of another model",
    "learning rate is zero",
    "gradients scaled down before the step",
    "learning rate decays to zero",
    "weight decay too strong",
    "steps uphill",
    "gradients not reset",
}
# What layers look like when a network does not learn; if it does, they are no finding.
SYMPTOMS = {"dying ReLU", "activations shrink", "vanishing gradients"}
# And those that can drive a loss from a number to none.
DIVERGES = {
    "gradients not reset",
    "steps uphill",
    "loss with the wrong sign",
    "inputs not scaled",
    "targets not scaled",
    "activations grow",
    "exploding gradients",
    "momentum too high",
    "learning rate too high",
}


def _later(findings: list[Finding]) -> list[Finding]:
    """Findings of what was not so from the start."""
    return [f._replace(numbers={**f.numbers, "since": f.numbers.get("since", 2)}) for f in findings]
