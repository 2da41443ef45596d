"""Recurrent cells: the formulas of a step, and the modules that apply them."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import ShapeError
from autograd.errors import counted, message, one_of
from nn import functional as f
from nn import init
from nn.arguments import array, flags, floating, number, size, zeros
from nn.layers.linear import uniform_by_fan_in
from nn.module.module import Module
from nn.module.parameter import Parameter

# A step is a method of cells and layers. It maps x Wᵀ + b and h Uᵀ + c, each with all gates side by
# side, and the state to the new state. A state is a tuple whose first entry is the output.
State = tuple[Any, ...]


def rnn_step(network: Any, from_x: Any, from_h: Any, state: State) -> State:
    """h' = tanh(W x + b + U h + c)."""
    activation = ag.tanh if network.nonlinearity == "tanh" else ag.relu
    return (activation(from_x + from_h),)


def lstm_step(network: Any, from_x: Any, from_h: Any, state: State) -> State:
    """c' = σ(f) c + σ(i) tanh(g) and h' = σ(o) tanh(c')."""
    i, f_, g, o = ag.split(from_x + from_h, 4, axis=-1)
    cell = ag.sigmoid(f_) * state[1] + ag.sigmoid(i) * ag.tanh(g)
    return ag.sigmoid(o) * ag.tanh(cell), cell


def gru_step(network: Any, from_x: Any, from_h: Any, state: State) -> State:
    """n = tanh(W x + σ(r) (U h)) and h' = (1 - σ(z)) n + σ(z) h."""
    r_x, z_x, n_x = ag.split(from_x, 3, axis=-1)
    r_h, z_h, n_h = ag.split(from_h, 3, axis=-1)
    z = ag.sigmoid(z_x + z_h)
    n = ag.tanh(n_x + ag.sigmoid(r_x + r_h) * n_h)
    return (n + z * (state[0] - n),)


class Gated(Module):
    """What cells and layers share: their sizes, and the gates stacked in one matrix."""

    GATES: ClassVar[tuple[str, ...]] = ("hidden",)
    _states: ClassVar[int] = 1

    input_size: int
    hidden_size: int
    proj_size: int = 0

    def gate(self, name: str) -> slice:
        """The rows of a weight, and the entries of a bias, of one gate.

        Args:
            name: one of `GATES`.

        Raises:
            ValueError: there is no such gate.
        """
        place = self.GATES.index(one_of(f"{type(self).__name__}.gate", "name", name, self.GATES))
        return slice(place * self.hidden_size, (place + 1) * self.hidden_size)

    def _step(self, from_x: Any, from_h: Any, state: State) -> State:
        raise NotImplementedError

    def _add_parameters(self, suffix: str, width: int, bias: bool, dtype: npt.DTypeLike) -> None:
        rows = len(self.GATES) * self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "weight_ih": (rows, width),
            "weight_hh": (rows, self.proj_size or self.hidden_size),
        }
        shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)} if bias else {}
        shapes |= {"weight_hr": (self.proj_size, self.hidden_size)} if self.proj_size else {}
        for name, shape in shapes.items():
            setattr(self, name + suffix, Parameter(zeros(self, shape, dtype)))

    def reset_parameters(self, generator: np.random.Generator | None = None) -> None:
        """Draw the parameters again, uniformly between ±1/√hidden_size."""
        uniform_by_fan_in(self.hidden_size, generator, *self.parameters())

    def _set_forget_bias(self, value: float) -> None:
        """Set the sum of both biases of each forget gate to `value`."""
        value = number(type(self).__name__, "forget_bias", value)
        for name, parameter in self.named_parameters():
            if name.startswith("bias"):
                numbers = parameter.numpy()
                numbers[self.gate("forget")] = value if name.startswith("bias_ih") else 0.0
                init.values_(parameter, numbers)

    def _state(self, state: Any, first: tuple[int, ...], dtype: Any) -> State:
        """The initial state as arrays with these first axes, in the dtype of the weights."""
        what = type(self).__name__
        widths = (self.proj_size or self.hidden_size, self.hidden_size)[: self._states]
        shapes = [(*first, width) for width in widths]
        if state is None:
            return tuple([np.zeros(shape, dtype) for shape in shapes])
        parts = tuple(state) if self._states > 1 else (state,)
        if len(parts) != self._states:
            raise ShapeError(
                message(what, f"a state of {counted(len(parts), 'array')}", "a pair (h, c)")
            )
        parts = tuple(map(array, parts))
        for part, shape in zip(parts, shapes, strict=True):
            if part.shape != shape:
                got = f"an initial state of shape {part.shape}"
                raise ShapeError(message(what, got, f"{shape}"))
        # np.zeros has float64 unless told otherwise, and must not widen a float32 network.
        return tuple(part if part.dtype == dtype else part.astype(dtype) for part in parts)

    def _returned(self, state: State) -> Any:
        return state if self._states > 1 else state[0]


class _Cell(Gated):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool,
        device: str | None,
        dtype: npt.DTypeLike,
        generator: np.random.Generator | None,
    ) -> None:
        super().__init__()
        what = type(self).__name__
        self.input_size = size(what, "input_size", input_size, 1)
        self.hidden_size = size(what, "hidden_size", hidden_size, 1)
        flags(what, bias=bias)
        self.bias = bias
        self._add_parameters("", self.input_size, bias, floating(what, dtype, device))
        self.reset_parameters(generator)

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The state after one step.

        Args:
            input: shape (N, input_size) or (input_size,).
            hx: the previous state, each part of shape (N, hidden_size) or (hidden_size,); by
                default zeros.
        """
        x = array(input)
        if x.ndim not in (1, 2) or x.shape[-1] != self.input_size:
            raise ShapeError(
                message(
                    type(self).__name__,
                    f"an input of shape {x.shape}",
                    f"(N, input_size) or (input_size,), input_size = {self.input_size}",
                )
            )
        weight = self.weight_ih
        state = self._state(hx, x.shape[:-1], weight.dtype)
        from_x = f.linear(x, weight, getattr(self, "bias_ih", None))
        from_h = f.linear(state[0], self.weight_hh, getattr(self, "bias_hh", None))
        return self._returned(self._step(from_x, from_h, state))

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.input_size}, {self.hidden_size}" + ("" if self.bias else ", bias=False")


class RNNCell(_Cell):
    """One step of a recurrent network: h' = tanh(W x + b + U h + c).

    Args:
        input_size: the length of x.
        hidden_size: the length of h.
        bias: whether to use b and c.
        nonlinearity: "tanh" or "relu".
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Attributes:
        weight_ih: W, shape (hidden_size, input_size).
        weight_hh: U, shape (hidden_size, hidden_size).
        bias_ih: b, shape (hidden_size,).
        bias_hh: c, shape (hidden_size,).

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> nn.RNNCell(3, 4)(np.ones((2, 3))).shape
        (2, 4)

    Source: Elman, Finding structure in time (1990).
    """

    _step = rnn_step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype, generator)
        self.nonlinearity = one_of("RNNCell", "nonlinearity", nonlinearity, ("tanh", "relu"))


class LSTMCell(_Cell):
    """One step of a long short-term memory; its state is a pair (h, c).

    i, f, g, o = W x + b + U h + c;  c' = σ(f) c + σ(i) tanh(g);  h' = σ(o) tanh(c').

    Args:
        input_size: the length of x.
        hidden_size: the length of h and of c.
        bias: whether to use biases.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        forget_bias: the initial bias of the forget gate; 1 keeps the memory from the start. By
            default it is drawn like all others.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Attributes:
        weight_ih: shape (4 hidden_size, input_size), the gates in the order of `GATES`.
        weight_hh: shape (4 hidden_size, hidden_size).
        bias_ih: shape (4 hidden_size,); `bias_ih[cell.gate("forget")]` is the forget gate's.
        bias_hh: shape (4 hidden_size,).

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> h, c = nn.LSTMCell(3, 4)(np.ones((2, 3)))
        >>> h.shape, c.shape
        ((2, 4), (2, 4))

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); Gers, Schmidhuber and
        Cummins, Learning to forget (2000).
    """

    GATES = ("input", "forget", "cell", "output")
    _states = 2
    _step = lstm_step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        forget_bias: float | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype, generator)
        if forget_bias is not None:
            self._set_forget_bias(forget_bias)


class GRUCell(_Cell):
    """One step of a gated recurrent unit.

    r = σ(W_r x + U_r h);  z = σ(W_z x + U_z h);  n = tanh(W_n x + r (U_n h));
    h' = (1 - z) n + z h. Each product has its own bias.

    Args:
        input_size: the length of x.
        hidden_size: the length of h.
        bias: whether to use biases.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Attributes:
        weight_ih: shape (3 hidden_size, input_size), the gates in the order of `GATES`.
        weight_hh: shape (3 hidden_size, hidden_size).
        bias_ih: shape (3 hidden_size,).
        bias_hh: shape (3 hidden_size,).

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> nn.GRUCell(3, 4)(np.ones((2, 3))).shape
        (2, 4)

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
    """

    GATES = ("reset", "update", "new")
    _step = gru_step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype, generator)
