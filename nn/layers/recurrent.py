"""Recurrent networks: the steps of cells over a sequence, in layers and directions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import autograd as ag
from autograd import ShapeError
from autograd.errors import message, one_of
from nn import functional as f
from nn.arguments import array, flags, floating, number, size
from nn.layers.cell import Gated, State, gru_step, lstm_step, rnn_step


class _Recurrent(Gated):
    _only_adds = (
        True  # whether a step only adds both products, so that their biases can be added first
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int,
        bias: bool,
        batch_first: bool,
        dropout: float,
        bidirectional: bool,
        device: str | None,
        dtype: npt.DTypeLike,
        generator: np.random.Generator | None,
        proj_size: int = 0,
    ) -> None:
        super().__init__()
        what = type(self).__name__
        self.input_size = size(what, "input_size", input_size, 1)
        self.hidden_size = size(what, "hidden_size", hidden_size, 1)
        self.proj_size = size(what, "proj_size", proj_size, 0, self.hidden_size - 1)
        self.num_layers = size(what, "num_layers", num_layers, 1, 10_000)
        self.dropout = number(what, "dropout", dropout, 0.0, 1.0)
        self.bias, self.batch_first, self.bidirectional = bias, batch_first, bidirectional
        flags(what, bias=bias, batch_first=batch_first, bidirectional=bidirectional)
        dtype = floating(what, dtype, device)
        for layer in range(num_layers):
            width = input_size if layer == 0 else self._width * len(self._directions)
            for direction in self._directions:
                self._add_parameters(f"_l{layer}{direction}", width, bias, dtype)
        self.reset_parameters(generator)

    @property
    def _directions(self) -> tuple[str, ...]:
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def _width(self) -> int:
        """The length of an output."""
        return self.proj_size or self.hidden_size

    def forward(self, input: Any, hx: Any = None) -> Any:
        """The outputs of the last layer at each time, and the final states of all layers.

        Args:
            input: x, shape (L, N, input_size), with batch_first (N, L, input_size), or
                (L, input_size).
            hx: the initial states, each of shape (num_layers · directions, N, hidden_size),
                without N if x has none; by default zeros.

        Returns:
            (output, state): the output has shape (L, N, directions · hidden_size), with batch_first
            (N, L, ...); the state has the shape of the initial one.
        """
        x = self._check_input(input)
        unbatched = x.ndim == 2
        time = 1 if self.batch_first and not unbatched else 0
        rest = () if unbatched else (x.shape[1 - time],)
        first = (self.num_layers * len(self._directions), *rest)
        initial = self._state(hx, first, self.weight_hh_l0.dtype)
        last: list[State] = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = f.dropout(x, self.dropout, self.training)
            outputs = []
            for direction in self._directions:
                start = tuple(part[len(last)] for part in initial)
                states = self._scan(f"_l{layer}{direction}", x, time, start)
                last.append(states[0] if direction else states[-1])
                outputs.append(ag.stack([s[0] for s in states], axis=time))
            x = outputs[0] if len(outputs) == 1 else ag.concatenate(outputs, axis=-1)
        final = tuple(ag.stack(parts) for parts in zip(*last, strict=True))
        return x, self._returned(final)

    def _scan(self, suffix: str, x: Any, time: int, state: State) -> list[State]:
        """The states at each time, in order; the reverse direction starts at the end.

        The products with the inputs do not depend on the state and are computed for all times at
        once.
        """
        w, u = (getattr(self, f"weight_{k}{suffix}") for k in ("ih", "hh"))
        b, c = (getattr(self, f"bias_{k}{suffix}", None) for k in ("ih", "hh"))
        projection = getattr(self, f"weight_hr{suffix}") if self.proj_size else None
        if self._only_adds and b is not None and c is not None:
            b, c = b + c, None
        from_x = f.linear(x, w, b)
        times = range(x.shape[time])
        backwards = suffix.endswith("_reverse")
        states = []
        for t in reversed(times) if backwards else times:
            here = (slice(None),) * time + (t,)
            from_h = ag.inner(state[0], u)
            state = self._step(from_x[here], from_h if c is None else from_h + c, state)
            if projection is not None:
                state = (ag.inner(state[0], projection), *state[1:])
            states.append(state)
        return states[::-1] if backwards else states

    def _check_input(self, x: Any) -> Any:
        x = array(x)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            axes = "(N, L, input_size)" if self.batch_first else "(L, N, input_size)"
            raise ShapeError(
                message(
                    type(self).__name__,
                    f"an input of shape {x.shape}",
                    f"{axes} or (L, input_size), input_size = {self.input_size}",
                )
            )
        if x.shape[1 if self.batch_first and x.ndim == 3 else 0] == 0:
            raise ShapeError(
                message(
                    type(self).__name__,
                    f"an input of shape {x.shape}",
                    "a sequence of at least one step",
                )
            )
        return x

    def extra_repr(self) -> str:
        """The arguments that are not the defaults."""
        parts = [f"{self.input_size}, {self.hidden_size}"]
        defaults = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0}
        for name, value in {**defaults, "bidirectional": False, "proj_size": 0}.items():
            given = getattr(self, name)
            parts += [] if given == value else [f"{name}={given}"]
        return ", ".join(parts)


class RNN(_Recurrent):
    """A recurrent network over a sequence: h_t = tanh(W x_t + b + U h_(t-1) + c), in layers.

    Args:
        input_size: the length of x_t.
        hidden_size: the length of h_t.
        num_layers: the number of stacked layers.
        nonlinearity: "tanh" or "relu".
        bias: whether to use b and c.
        batch_first: whether inputs and outputs are (N, L, ...) instead of (L, N, ...).
        dropout: the probability of dropout between layers, while training.
        bidirectional: whether a second network reads the sequence backwards.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Attributes:
        weight_ih_l0: W of layer 0, shape (hidden_size, input_size); further layers end in `_l1` and
            so on, and the second direction in `_reverse`.
        weight_hh_l0: U, shape (hidden_size, hidden_size).
        bias_ih_l0: b, shape (hidden_size,).
        bias_hh_l0: c, shape (hidden_size,).

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> output, h = nn.RNN(3, 4, num_layers=2)(np.ones((7, 5, 3)))
        >>> output.shape, h.shape
        ((7, 5, 4), (2, 5, 4))

    Source: Elman, Finding structure in time (1990).
    """

    _step = rnn_step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        options = num_layers, bias, batch_first, dropout, bidirectional
        super().__init__(input_size, hidden_size, *options, device, dtype, generator)
        self.nonlinearity = one_of("RNN", "nonlinearity", nonlinearity, ("tanh", "relu"))


class LSTM(_Recurrent):
    """A long short-term memory over a sequence; `LSTMCell` has the formula of a step.

    Args:
        input_size: the length of x_t.
        hidden_size: the length of h_t and of c_t.
        num_layers: the number of stacked layers.
        bias: whether to use biases.
        batch_first: whether inputs and outputs are (N, L, ...) instead of (L, N, ...).
        dropout: the probability of dropout between layers, while training.
        bidirectional: whether a second network reads the sequence backwards.
        proj_size: the length of h_t if it is to be projected by a further matrix, below
            hidden_size; 0 for no projection.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        forget_bias: the initial bias of every forget gate; 1 keeps the memory from the start. By
            default it is drawn like all others.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Attributes:
        weight_ih_l0: shape (4 hidden_size, input_size), the gates in the order of `GATES`.
        weight_hh_l0: shape (4 hidden_size, hidden_size).
        bias_ih_l0: shape (4 hidden_size,); `bias_ih_l0[lstm.gate("forget")]` is the forget gate's.
        bias_hh_l0: shape (4 hidden_size,).
        weight_hr_l0: shape (proj_size, hidden_size), with proj_size.

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> output, (h, c) = nn.LSTM(3, 4, batch_first=True)(np.ones((5, 7, 3)))
        >>> output.shape, h.shape, c.shape
        ((5, 7, 4), (1, 5, 4), (1, 5, 4))

    Source: Hochreiter and Schmidhuber, Long short-term memory (1997); Jozefowicz, Zaremba and
        Sutskever, An empirical exploration of recurrent network architectures (2015), for
        forget_bias; Sak, Senior and Beaufays, Long short-term memory based recurrent neural network
        architectures (2014), for proj_size.
    """

    GATES = ("input", "forget", "cell", "output")
    _states = 2
    _step = lstm_step

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        forget_bias: float | None = None,
        generator: np.random.Generator | None = None,
    ) -> None:
        options = num_layers, bias, batch_first, dropout, bidirectional
        super().__init__(input_size, hidden_size, *options, device, dtype, generator, proj_size)
        if forget_bias is not None:
            self._set_forget_bias(forget_bias)


class GRU(_Recurrent):
    """A gated recurrent unit over a sequence; `GRUCell` has the formula of a step.

    Args:
        input_size: the length of x_t.
        hidden_size: the length of h_t.
        num_layers: the number of stacked layers.
        bias: whether to use biases.
        batch_first: whether inputs and outputs are (N, L, ...) instead of (L, N, ...).
        dropout: the probability of dropout between layers, while training.
        bidirectional: whether a second network reads the sequence backwards.
        device: None or "cpu".
        dtype: the dtype of the parameters.
        generator: for the initial parameters, drawn uniformly between ±1/√hidden_size.

    Raises:
        ValueError: an argument is out of range.
        ShapeError: an input does not fit.

    Example:
        >>> import nn
        >>> output, h = nn.GRU(3, 4, bidirectional=True)(np.ones((7, 5, 3)))
        >>> output.shape, h.shape
        ((7, 5, 8), (2, 5, 4))

    Source: Cho et al., Learning phrase representations using RNN encoder-decoder (2014).
    """

    GATES = ("reset", "update", "new")
    _step = gru_step
    _only_adds = False

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        device: str | None = None,
        dtype: npt.DTypeLike = float,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        options = num_layers, bias, batch_first, dropout, bidirectional
        super().__init__(input_size, hidden_size, *options, device, dtype, generator)
