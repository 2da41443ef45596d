"""The hooks of a diagnosis, and what they note while a program trains."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd import Tensor, ancestors, data_of, find_anomalies, is_recording, watch_backward
from nn.inspect import layer_findings as of_layers
from nn.inspect.binary import weighted_terms
from nn.inspect.chance import constant_answer
from nn.inspect.data import not_finite, same_as_inputs, targets_not_finite
from nn.inspect.findings import Finding, later
from nn.inspect.games import Game
from nn.inspect.graph import LossGraph, name
from nn.inspect.layers import BOUNDED, RECTIFIERS, Layer
from nn.inspect.loop import Loop, Weight, ascends, parameters_of
from nn.inspect.loss_findings import label_weights, loss_findings
from nn.inspect.masks import emptied
from nn.inspect.modes import momentum_findings, training_findings
from nn.inspect.pairs import Pairs, counted_padding
from nn.inspect.recurrence import over_time
from nn.inspect.rounds import Rounds
from nn.inspect.units import decided, idle_units
from nn.inspect.wiring import (
    WEIGHTED,
    LayerCall,
    made_again,
    missing_activations,
    recurrent,
    repeated,
    unregistered,
)
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.optim.optimizer import made

# The first passes are all measured, then the eighth, and every sixteenth.
EVERY, THEN, SELDOM = 5, 8, 16
LOOKS = 16  # graphs that are searched for others; a critic may be trained five times a round
READ = 2  # passes whose graphs are read: what they show does not change from step to step
BATCHES = 8  # batches whose inputs and targets are kept until the end
# What must hold in each graph that is read: a target may equal the output where a training begins.
LASTING = {"loss compares the output with itself"}

watching: ContextVar[tuple[Watch, ...]] = ContextVar("watching", default=())


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Hide trial passes from the diagnoses that run outside of this block."""
    with contextlib.ExitStack() as stack:
        for watch in watching.get():
            stack.enter_context(watch.aside())
        yield


def _sees_optimizer(optimizer: Any) -> None:
    for watch in watching.get():
        watch.sees_optimizer(optimizer)


@contextlib.contextmanager
def begun(watch: Watch) -> Iterator[None]:
    """Let a watch see passes and new optimizers."""
    token = watching.set((*watching.get(), watch))
    seen = made.set(_sees_optimizer)
    try:
        with watch_backward(watch.passes):
            yield
    finally:
        made.reset(seen)
        watching.reset(token)


def is_measured(passed: int) -> bool:
    """Whether a pass is measured, counted from 1."""
    return passed <= EVERY or passed % (THEN if passed <= SELDOM else SELDOM) == 0


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
        self.hooked: bool | None = None  # whether hooks are those of a measured pass
        self.busy, self.adds = False, True
        self.undo: list[Callable[[], Any]] = []
        self.undo_measured: list[Callable[[], Any]] = []
        # Of the passes and batches at the beginning:
        self.roots: list[Any] = []
        self.read: list[set[str]] = []  # the kinds of finding that each of their graphs showed
        self.outputs: list[tuple[str, Any]] = []  # of the models, since the last pass
        self.given: list[Any] = []  # to the models, since the last pass
        self.calls: list[LayerCall] = []
        self.called: set[str] = set()
        self.elsewhere: set[str] = set()  # modules that run in evaluation mode, where that is known
        self.recurrent: set[str] = set()
        self.inputs: list[Any] = []
        self.classes: list[Any] = []
        self.class_count = 0
        self.values: list[Any] = []
        self.binary: list[Any] = []
        self.learns_labels = False  # whether the loss is a cross-entropy of class numbers
        self.balanced = False  # whether the loss weighs classes or samples
        self.pairs = Pairs()
        self.counts = False  # whether integer inputs are numbers, as pixels are, and no tokens
        self.constant: float | None = None  # the loss of the best constant answer, where known
        self.compares = False  # whether the loss compares outputs with data
        self.foreign = False
        self.strangers: list[Any] = []  # parameters of no model in the last graph that was read
        self.looked_at = 0  # how many graphs were searched for what else is trained
        self.rounds = Rounds()
        self.game = Game()
        self.root: Any = None
        self.not_finite: tuple[int, str, list[Any]] | None = None
        self.broken_data: list[Finding] = []
        self.measured: set[str] = set()  # the paths of layers with activations of their own
        own = list(loss.parameters()) if isinstance(loss, Module) else []
        self.known = {id(p) for m in models.values() for p in m.parameters()} | set(map(id, own))
        for loop in self.loops:
            self._hook_model(loop)
        for optimizer in optimizers:
            self._hook_optimizer(optimizer)
        self._hook_measured()

    # --- hooking ---

    def _hook_model(self, loop: Loop) -> None:
        model = loop.model
        self.undo.append(model.register_forward_pre_hook(self._begins(loop)).remove)
        self.undo.append(model.register_forward_hook(self._ends(loop)).remove)
        prefix = f"{loop.name}." if loop.name else ""
        for path, module in model.named_modules():
            path = (prefix + path).rstrip(".")
            if list(module.children()):
                self.undo.append(module.register_forward_pre_hook(self._ran(path)).remove)
                continue
            self.layers[id(module)] = Layer(path, module), loop
            if isinstance(module, (*RECTIFIERS, *BOUNDED)):
                self.measured.add(path)

    def _hook_optimizer(self, optimizer: Any) -> None:
        """Stand in front of the optimizer's own `step` until the end."""
        if not callable(getattr(optimizer, "step", None)) or "step" in vars(optimizer):
            return
        step = optimizer.step

        def watched(*args: Any, **kwargs: Any) -> Any:
            if self.busy:
                return step(*args, **kwargs)
            self.root = None
            for loop in self.loops:
                loop.look(self.measuring)
                loop.before_step(self.measuring, optimizer)
                loop.searching = True
            try:
                return step(*args, **kwargs)
            finally:
                for loop in self.loops:
                    loop.searching = False
                    loop.after_step(optimizer)

        optimizer.step = watched
        self.undo.append(lambda: vars(optimizer).pop("step", None))

    def _hook_measured(self) -> None:
        """See layers and all gradients when measuring, and one gradient of each model otherwise."""
        if self.measuring is self.hooked:
            return
        self._unhook_measured()
        self.hooked = self.measuring
        alone = len(self.loops) == 1
        for loop in self.loops:
            for weight in loop.trainable if self.measuring else loop.witnesses(alone):
                hook = self._receives(loop, weight)
                self.undo_measured.append(weight.parameter.register_hook(hook))
        if self.measuring:
            for layer, _ in self.layers.values():
                pre = layer.module.register_forward_pre_hook(self._enters)
                post = layer.module.register_forward_hook(self._leaves)
                self.undo_measured += [pre.remove, post.remove]

    def _unhook_measured(self) -> None:
        for undo in self.undo_measured:
            undo()
        self.undo_measured = []

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
            if not inputs:
                return
            self.given.append(data_of(inputs[0]))
            if len(self.inputs) < BATCHES and not loop.name:
                self.inputs.append(data_of(inputs[0]))

        return begins

    def _ends(self, loop: Loop) -> Any:
        def ends(module: Module, inputs: Any, out: Any) -> None:
            if self.busy:
                return
            if len(self.loops) > 1:
                self.game.moved(loop.name, inputs[0] if inputs else None, out)
            if not is_recording():
                return
            outs = out if isinstance(out, tuple) else (out,)
            if self.measuring:
                with np.errstate(all="ignore"):
                    loop.spread.see(data_of(outs[0]))
            for x in outs:
                self.rounds.see(x)
            if len(self.outputs) < BATCHES:
                attached = [x for x in outs if isinstance(x, Tensor) and x.requires_grad]
                self.outputs += [(loop.name, x) for x in attached]

        return ends

    def _enters(self, module: Module, inputs: Any) -> None:
        layer, _ = self.layers[id(module)]
        if self.busy or not self.measuring:
            return
        self.called.add(layer.path)
        if is_recording():
            self.noted += of_layers.single_sample_batch(layer.path, module, inputs)
            self.noted += of_layers.single_numbers(layer.path, module, inputs)

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
            plain = getattr(given, "dtype", None) if isinstance(module, WEIGHTED) else None
            self.counts = self.counts or (plain is not None and plain.kind in "iu")
        step = loop.steps + 1
        with np.errstate(all="ignore"):  # a network that overflows is to be diagnosed too
            layer.see(None if given is None else data_of(given), data_of(out), step)
        if isinstance(out, Tensor) and out.requires_grad:
            self.rounds.see(out)  # a state handed on keeps graphs too
            out.register_hook(self._arrived(layer, step))

    def _arrived(self, layer: Layer, step: int) -> Any:
        def arrived(g: Any) -> None:
            if not self.busy:
                flat = np.asarray(data_of(g)).reshape(-1)
                with np.errstate(all="ignore"):
                    layer.slopes.append((step, float(np.dot(flat, flat)), flat.size))

        arrived.only_looks = True  # type: ignore[attr-defined]
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
            if self.measuring:
                with np.errstate(all="ignore"):
                    loop.receive(weight, g, True)
            else:
                loop.receive(weight, g, False)
            if weight.is_broken and self.not_finite is None:
                self._note_break("the gradient", loop)

        receives.only_looks = True  # type: ignore[attr-defined]
        return receives

    def passes(self, root: Any, seed: Any, adds: bool) -> None:
        """See a backward pass begin."""
        if self.busy:
            return
        self.adds = adds
        if not adds:
            return
        self.passed += 1
        before, self.measuring = self.measuring, is_measured(self.passed)
        data = data_of(root)
        value = float(data if np.ndim(data) == 0 else np.sum(data) if np.size(data) else math.nan)
        with np.errstate(all="ignore"):
            self._hook_measured()
            for loop in self.loops:
                loop.look(before)
                loop.begin_pass(value, self.measuring)
            self.rounds.differentiate(max(loop.steps for loop in self.loops))
            broken = not math.isfinite(value) and self.not_finite is None
            # Held no longer than it is needed: the next step is faster in memory that is warm.
            self.root = root if self.measuring or broken else None
            if broken:
                self._note_break("the loss", self.loops[0])
            if isinstance(root, Tensor) and root.requires_grad:
                self._look_for_others(root)
                if len(self.loops) > 1:
                    with self.aside():
                        self.game.differentiate(root)
                if self.measuring:
                    self._read(root)
        self.outputs, self.calls, self.given = [], [], []

    def sees_optimizer(self, optimizer: Any) -> None:
        """Note that an optimizer was made."""
        owned = set() if self.busy else {id(p) for p in parameters_of(optimizer)}
        for loop in self.loops:
            if any(id(w.parameter) in owned for w in loop.weights):
                loop.made.append(optimizer)
                del loop.made[:-1]
                loop.times_made += 1

    def _look_for_others(self, root: Any) -> None:
        """Where passes are erased, see whether something else is trained through the model.

        A generator is, by a discriminator, and an adversarial input is.
        """
        erased = any(loop.discarded for loop in self.loops)
        if erased and not self.foreign and self.looked_at < LOOKS:
            self.looked_at += 1
            leaves = (x for x in ancestors([root]) if x.op is None and x.requires_grad)
            self.foreign = any(id(x) not in self.known for x in leaves)

    def _note_break(self, what: str, loop: Loop) -> None:
        """Note the first nan or inf, and where it was born."""
        births: list[Any] = []
        self.broken_data = not_finite(self.given)
        if np.size(data_of(self.root)) == 1 and not self.broken_data:
            with self.aside(), np.errstate(all="ignore"):
                graph = LossGraph(self.root, [x for _, x in self.outputs])
                self.broken_data = targets_not_finite([e.target for e in graph.errors()])
                self.broken_data = self.broken_data or [*emptied(graph)]
                births = [a for a in find_anomalies(self.root) if a.kind != "convention"][:1]
        self.not_finite = loop.steps + 1, what, births
        for every in self.loops:  # what steps do from now on shows nothing
            every.is_broken = True

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let passes run that are not noted."""
        before, self.busy = self.busy, True
        try:
            yield
        finally:
            self.busy = before

    def _read(self, root: Any) -> None:
        """Read the graph of one of the first passes, and the targets of the first batches."""
        if len(self.classes) + len(self.values) >= BATCHES and len(self.roots) >= READ:
            return
        outputs = [x for _, x in self.outputs]
        names = [model for model, _ in self.outputs]
        graph = LossGraph(root, outputs, names)
        if len(self.roots) < READ:
            self._read_graph(root, graph)
        for pick in graph.picks():
            if len(self.given) == 1 and self.learns_labels:
                self.pairs.see(self.given[0], pick.classes)
            self.classes.append(pick.classes)
            self.class_count = pick.of.shape[pick.axis]
            if self.inputs and len(self.classes) == 1:
                self.noted += same_as_inputs(self.inputs[-1], np.squeeze(pick.classes))
        self.values += [error.target for error in graph.errors()]

    def _read_graph(self, root: Any, graph: LossGraph) -> None:
        """Note what the graph of one of the first passes shows."""
        self.roots.append(root)
        leaves = [x for x in graph.leaves() if isinstance(x, Parameter)]
        strangers = [x for x in leaves if id(x) not in self.known]
        self.foreign = self.foreign or bool(strangers)
        self.noted += made_again(self.strangers, strangers, graph)
        self.strangers = strangers
        sign = -1.0 if ascends(self.optimizers) else 1.0
        sign = 0.0 if self.foreign or len(self.loops) > 1 else sign
        with self.aside():
            shown: list[Finding] = []
            if np.size(root.data) == 1 and np.isfinite(root.data).all():
                shown = [*loss_findings(graph, sign=sign), *over_time(graph)]
                self.constant = constant_answer(graph) if not self.read else self.constant
            self.noted += shown
            self.read.append({f.kind for f in shown})
            self._read_targets(graph)
            self.noted += missing_activations(graph, self.calls)
            if len(self.given) == 1:
                self.noted += counted_padding(self.given[0], graph)
            self.noted += [*decided(graph), *idle_units(graph, self.measured)]
            self.recurrent |= recurrent(self.calls)
            self.noted += [*training_findings(self.loops), *momentum_findings(self.loops)]
            for loop in self.loops:
                loop.held += unregistered(loop.model, loop.name, graph)
                self.noted += repeated(loop.model, loop.name)
            self._overflow(graph)

    def _read_targets(self, graph: LossGraph) -> None:
        """Note what the loss makes of targets."""
        terms = [data for _, data in weighted_terms(graph)]
        self.compares = self.compares or bool(terms or graph.errors() or graph.picks())
        self.binary += terms[:1]
        for pick in graph.picks():
            weights = label_weights(graph, pick)
            alike = weights is not None and np.ptp(weights) <= 1e-6 * weights.max()
            self.balanced = self.balanced or not alike
            self.learns_labels = weights is not None and (self.learns_labels or not self.classes)

    def _overflow(self, graph: LossGraph) -> None:
        # cross_entropy subtracts the largest logit before it takes e^x.
        if any(name(x) == "exp" and name(x.inputs[0]) != "sub" for x in graph.loss):
            for out in graph.outputs:
                largest = float(np.abs(out.data).max(initial=0.0))
                found = of_layers.overflow(largest, out.dtype)
                self.noted += later(found) if len(self.roots) > 1 else found

    # --- at the end ---

    def end(self) -> None:
        """Remove all hooks."""
        # A loss that is not finite may have ended the program before its pass.
        if self.not_finite is None:
            self.broken_data = not_finite(self.given)
        for loop in self.loops:
            loop.look(self.measuring)
        self._unhook_measured()
        for undo in self.undo:
            undo()
