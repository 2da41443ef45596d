"""`nn.onnx.export`: a model as a file that other programs run."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd as ag
from autograd import data_of
from autograd.errors import Message, UnsupportedError, as_int, check_flags, described, kind, message
from autograd.files import write_file
from nn.layers.lazy import Lazy
from nn.module.module import Module
from nn.onnx.batch import HINT, check_alike, merged, sizes_for
from nn.onnx.builder import Builder
from nn.onnx.file import library, model_of
from nn.onnx.operations import OPERATIONS, REASONS
from nn.training.checkpoint import file_path

OLDEST = 18  # the first with axes of reductions as an input, and sums in ScatterND


def export(
    model: Module,
    example: Any,
    path: Any,
    *,
    dynamic_batch: bool = True,
    opset: int = OLDEST,
    training: bool = False,
) -> None:
    """Write a model as an ONNX file, from what it does to an example.

    The model runs on the example, and every operation of NumPy's that it comes to becomes one or a
    few operators of ONNX, under the path of the module that runs it. Loops and conditions of Python
    are taken as they go for the example; a condition on values is refused.

    Args:
        model: it runs in evaluation mode, or in training mode with `training`; everything that the
            run changes is put back.
        example: an array or Tensor, or a tuple of several, that the model takes.
        path: the file; ".onnx" is its usual ending.
        dynamic_batch: whether the first axis of every input may be of any size. The model is then
            run on batches of 3, 5, 7 and 120 samples of the example (12 if a sample is large) and
            on the example itself, because what depends on the size shows in the difference. A
            condition on the size that holds for none or for all of these remains unseen.
        opset: the version of ONNX's operators, 18 or newer.
        training: whether gradients are outputs too: "grad.weight" for the parameter "weight", and
            so on. If the model returns one number, it is differentiated; else there is one more
            input for each output, "cotangent", the gradient of a loss with respect to it. Buffers
            that a training step replaces are outputs as well, such as "new.running_mean".
            Parameters are inputs with default values.

    Raises:
        ModuleNotFoundError: the library onnx is not installed.
        UnsupportedError: an operation has no form in ONNX, or the model looks at values, or depends
            on the batch in a way that is no known function of its size.
        TypeError, ValueError: the arguments are not of this form.

    Example:
        >>> import nn, tempfile
        >>> model = nn.Sequential(nn.Linear(4, 3), nn.ReLU())
        >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
        ...     nn.onnx.export(model, np.ones((1, 4)), f"{folder}/model.onnx")
    """
    arrays = checked(model, example, opset)
    file = file_path("export", path, 'nn.onnx.export(model, example, "model.onnx")')
    check_flags("export", dynamic_batch=dynamic_batch, training=training)
    if any(isinstance(module, Lazy) for module in model.modules()):
        with ag.no_grad():
            model(*arrays)  # from which its layers learn their sizes
    if not dynamic_batch:
        built = Export(model, arrays, opset, training)
        graph, batched = built.graph, [list(s) for _, _, s in built.outputs]
        shapes = [list(x.shape) for x in arrays]
    else:
        if not all(x.shape and len(x) for x in arrays):
            got = "an example without a first axis, or with an empty one"
            raise UnsupportedError(message("export", got, hint=HINT))
        sizes = sizes_for([x.shape for x in arrays])
        all_built: list[Export] = []
        for n in sizes:
            all_built.append(export_of_size(model, arrays, n, opset, training))
            check_alike(all_built[0].graph, all_built[-1].graph, sizes[0], n)
        built = all_built[0]
        graph = merged([e.graph for e in all_built], sizes, built.inputs[0])
        batched = [
            free_axes([e.outputs[k][2] for e in all_built], sizes)
            for k in range(len(built.outputs))
        ]
        shapes = [["batch", *x.shape[1:]] for x in arrays]
    inputs = list(built.signatures(shapes, batched))
    outputs = [(n, d, s) for (n, d, _), s in zip(built.outputs, batched, strict=True)]
    made = model_of(graph, inputs, outputs, built.arrays, built.facts)
    write_file(file, made.SerializeToString())


def export_of_size(
    model: Module, arrays: list[Any], size: int, opset: int, training: bool
) -> Export:
    """The run of a model on that many samples.

    Raises:
        UnsupportedError: it fails, but runs on the example itself.
    """
    try:
        return Export(model, resized(arrays, size), opset, training)
    except UnsupportedError:
        raise
    except Exception as error:
        Export(model, arrays, opset, training)  # which raises where the example does not fit
        reason = " ".join(str(error).split())
        got = f"a model that fails if the first axis of every input has length {size} ({reason})"
        raise UnsupportedError(message("export", got, hint=HINT)) from error


def checked(model: Any, example: Any, opset: Any) -> list[Any]:
    """The arrays of an example, once all arguments are known to be of the right form."""
    if not isinstance(model, Module):
        raise TypeError(message("export", kind(model), "a Module"))
    if as_int(opset) is None or opset < OLDEST:
        raise ValueError(
            message("export", f"opset={described(opset)}", f"an int, {OLDEST} or more")
        )
    newest = library().defs.onnx_opset_version()
    if opset > newest:
        expected = f"at most {newest}, the newest that the installed library onnx knows"
        raise ValueError(message("export", f"opset={described(opset)}", expected))
    given = list(example) if isinstance(example, tuple) else [example]
    arrays = [data_of(x) if isinstance(x, ag.Tensor) else x for x in given]
    for x in arrays:
        if not isinstance(x, (np.ndarray, np.generic)) or x.dtype.kind not in "fiub":
            expected = "an array or Tensor of numbers, or a tuple of them, as the example"
            raise TypeError(message("export", described(x), expected))
    if not arrays:
        raise ValueError(message("export", "an empty tuple as the example", "at least one array"))
    return [np.array(x) for x in arrays]


def resized(arrays: Sequence[Any], size: int) -> list[Any]:
    """The arrays with another number of samples, which are repeated in turn."""
    return [x[np.arange(size) % len(x)] for x in arrays]


def free_axes(shapes: Sequence[tuple[int, ...]], sizes: Sequence[int]) -> list[Any]:
    """The shape of an output, with a name for each axis that depends on the size of the batch."""
    found: list[Any] = []
    for lengths in zip(*shapes, strict=True):
        times = lengths[0] // sizes[0]
        exact = list(lengths) == [times * n for n in sizes]
        if len(set(lengths)) == 1:
            found.append(lengths[0])
        else:
            found.append("batch" if exact and times == 1 else f"{times}*batch" if exact else "free")
    return found


class Export:
    """One run of a model, as a graph.

    Attributes:
        graph: nodes and constants.
        inputs: the names of the model's inputs.
        outputs: name, dtype and shape of each output.
        arrays: the parameters and buffers that the graph reads, by name.
        facts: what `load` wants to know.
    """

    def __init__(self, model: Module, arrays: list[Any], opset: int, training: bool) -> None:
        self.model, self.training, self.given = model, training, arrays
        self.taken = set(model.state_dict(keep_vars=True))  # parameters keep their names
        self.inputs = [self._free(name) for name in self._names_of_inputs(len(arrays))]
        self.cotangents: list[Any] = []
        modes = [(m, m.training) for m in model.modules()]
        model.train(training)
        try:
            written = self._written()
        finally:
            for m, mode in modes:
                m.training = mode
        self.refuse_looks(written.looked)
        count = len(self.cotangents)
        names = ["cotangent"] if count == 1 else [f"cotangent.{k}" for k in range(count)]
        self.names_of_cotangents = [self._free(name) for name in names]
        self.graph = Builder(opset)
        self.arrays = self._name_inputs(written)
        for i in written.program.instructions:
            self._emit(i)
        self.outputs = self._name_outputs(written)
        own = {k for k, _ in model.named_parameters()}
        self.facts = {
            "parameters": [k for k in self.arrays if k in own],
            "buffers": [k for k in self.arrays if k not in own],
        }

    def _names_of_inputs(self, count: int) -> list[str]:
        """What the inputs are called: as the arguments of `forward`."""
        parameters = list(inspect.signature(self.model.forward).parameters.values())
        named = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][:count]
        return named if len(named) == count else [f"input.{k}" for k in range(count)]

    def _free(self, name: str) -> str:
        """The name, with a number if a parameter, buffer, input or output has it."""
        found, number = name, 2
        while found in self.taken:
            found, number = f"{name}_{number}", number + 1
        self.taken.add(found)
        return found

    # --- recording ---

    def _written(self) -> Any:
        """The program of the model, or of the model and its backward pass."""
        arrays = list(self.given)
        try:
            if not self.training:
                return ag.program(self._forward, *arrays)
            outputs = results(ag.program(self._forward, *arrays))
            if not (len(outputs) == 1 and outputs[0].shape == ()):
                self.cotangents = [np.ones(v.shape, v.dtype) for v in outputs]
            return ag.program(self._with_gradients, *arrays, *self.cotangents)
        except UnsupportedError as error:
            text = error.args[0]
            raise UnsupportedError(
                text.of("export") if isinstance(text, Message) else text
            ) from None

    def _forward(self, *arrays: Any) -> list[Any]:
        return [data_of(x) for x in flat(self.model(*map(as_input, arrays)))]

    def _with_gradients(self, *arrays: Any) -> list[Any]:
        count = len(self.given)
        self.model.zero_grad()
        outs = list(flat(self.model(*map(as_input, arrays[:count]))))
        cotangents = arrays[count:] or (None,)
        pairs = [(x, g) for x, g in zip(outs, cotangents, strict=True) if requires_grad(x)]
        total: Any = sum(x if g is None else ag.sum(x * g) for x, g in pairs)
        if pairs:
            total.backward()
        return [data_of(x) for x in outs]

    def refuse_looks(self, looked: Sequence[Any]) -> None:
        """Raise UnsupportedError where Python looked at values: ONNX would follow one path only."""
        for check in looked:
            if check.how in ("shape", "dtype"):  # what decides them by values has no emitter
                continue
            where = f" at {check.line}" if check.line else ""
            got = f"{type(self.model).__name__}, which looks at values{where}"
            hint = "write `where` in place of a condition, so that both paths are in the file"
            raise UnsupportedError(message("export", got, hint=hint))

    # --- names ---

    def _name_inputs(self, written: Any) -> dict[str, Any]:
        """Name the inputs of the program; returns the parameters and buffers among them."""
        state = self._state()
        names = [*self.inputs, *self.names_of_cotangents]
        found: dict[str, Any] = {}
        for name in names:
            self.graph.unique(name)
        given = {id(x): n for x, n in zip([*self.given, *self.cotangents], names, strict=True)}
        for variable, value in zip(written.program.inputs, written.values, strict=True):
            if id(value) in given:
                self.graph.names[variable] = given[id(value)]
            elif id(value) in state:
                name = self.graph.unique(state[id(value)])
                self.graph.names[variable], found[name] = name, np.asarray(value)
            elif not isinstance(value, np.random.Generator):  # an array that is part of the code
                variable.kind, variable.value = "constant", np.asarray(value)
        return found

    def _state(self) -> dict[int, str]:
        """The names of parameters and buffers, by their arrays."""
        found = {id(b): name for name, b in self.model.named_buffers()}
        return found | {id(data_of(p)): name for name, p in self.model.named_parameters()}

    def _name_outputs(self, written: Any) -> list[Any]:
        """Name what the program returns, each name once."""
        results_ = sum(role == "result" for role, _ in written.roles)
        found: dict[str, Any] = {}
        free: dict[str, str] = {}
        self.results: list[str] = []
        number = 0
        state = self._state()
        parameters = {id(data_of(p)) for p in self.model.parameters()}
        outputs = zip(written.roles, written.targets, written.program.outputs, strict=True)
        for (role, path), target, v in outputs:
            if role == "result":
                name = self._free("output" if results_ == 1 else f"output.{number}")
                self.results.append(name)
                number += 1
            else:
                array = data_of(target) if role == "grad" else target
                if not self.training and id(array) in parameters:
                    continue  # a table with max_norm, whose rows every run shortens alike
                name = f"{role}.{state.get(id(array), path)}"
                name = free.setdefault(name, name if name in free else self._free(name))
            found[name] = v
        self.graph.path = ""
        made = []
        for name, v in found.items():
            node = self.graph.node("Identity", self.graph.value(v))
            self.graph.nodes[-1].output = name
            del node
            made.append((name, np.dtype(v.dtype), tuple(v.shape)))
        return made

    def signatures(self, shapes: list[Any], outputs: list[Any]) -> Any:
        """Name, dtype and shape of each input: the model's, cotangents, and with `training` the
        parameters, whose values are their defaults."""
        for name, x, shape in zip(self.inputs, self.given, shapes, strict=True):
            yield name, x.dtype, shape
        ours = [s for (n, _, _), s in zip(self.outputs, outputs, strict=True) if n in self.results]
        for name, x, shape in zip(self.names_of_cotangents, self.cotangents, ours, strict=False):
            yield name, x.dtype, shape
        if self.training:
            for name in self.facts["parameters"]:
                yield name, self.arrays[name].dtype, self.arrays[name].shape

    # --- operations ---

    def _emit(self, i: Any) -> None:
        """One instruction as operators."""
        self.graph.path = path_of(i.module)
        name = i.operation.name
        if i.operation.pure and not i.inputs():  # such as a count of samples
            value = i.operation.compute(*i.args, **i.kwargs)
            self.graph.names[i.result] = self.graph.constant(np.asarray(value))
            return
        emit = OPERATIONS.get(name)
        try:
            if emit is None:
                raise NotImplementedError(REASONS.get(name, f"{name} has no form in ONNX"))
            self.graph.names[i.result] = emit(self.graph, i)
        except NotImplementedError as error:
            where = i.module.removeprefix("backward of ") or type(self.model).__name__
            got = f"{name} in {where}"
            raise UnsupportedError(message("export", got, hint=str(error))) from None


def path_of(module: str) -> str:
    """The path of a module that is running, or whose derivative is: "0: Linear" is "0"."""
    back = module.startswith("backward")
    path = module.removeprefix("backward").removeprefix(" of ").partition(": ")[0]
    return "/".join(part for part in (path, "backward" if back else "") if part)


def as_input(x: Any) -> Any:
    """What the model is called with: a Tensor for numbers that may have a derivative."""
    return ag.Tensor(x) if x.dtype.kind == "f" else x


def flat(out: Any) -> Any:
    """The arrays of what a model returns, in order."""
    if isinstance(out, (tuple, list)):
        for x in out:
            yield from flat(x)
    elif isinstance(out, dict):
        for x in out.values():
            yield from flat(x)
    elif out is not None:
        yield out


def requires_grad(x: Any) -> bool:
    """Whether a result depends on parameters."""
    return isinstance(x, ag.Tensor) and x.requires_grad


def results(written: Any) -> list[Any]:
    """The variables that a function returns."""
    pairs = zip(written.roles, written.program.outputs, strict=True)
    return [v for (role, _), v in pairs if role == "result"]
