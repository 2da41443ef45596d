"""Initializers: functions that fill a Tensor in place and return it.

The random ones take a `numpy.random.Generator`; `autograd.random.seed` restarts the default one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from autograd import DTypeError, ShapeError, Tensor
from autograd.errors import described, kind, message, one_of
from nn.arguments import array, divisor, entry_number, generator_or_default, is_listed, number
from nn.names import of_init as __getattr__  # noqa: F401

T = TypeVar("T", bound=Tensor)


def uniform_(
    tensor: T, a: float = 0.0, b: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with values drawn uniformly between `a` and `b`.

    Raises:
        ValueError: `a` is above `b`.

    Example:
        >>> import nn
        >>> ag.random.seed(0)
        >>> nn.init.uniform_(ag.Tensor([0.0, 0.0])).shape
        (2,)
    """
    return _fill_uniformly("uniform_", tensor, a, b, generator)


def normal_(
    tensor: T, mean: float = 0.0, std: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill with normally distributed values.

    Raises:
        ValueError: `std` is negative.

    Example:
        >>> import nn
        >>> nn.init.normal_(ag.Tensor([0.0, 0.0]), std=0.0).tolist()
        [0.0, 0.0]
    """
    return _fill_normally("normal_", tensor, mean, std, generator)


def constant_(tensor: T, val: float) -> T:
    """Fill with a single value.

    Example:
        >>> import nn
        >>> nn.init.constant_(ag.Tensor([0.0, 0.0]), 0.5)
        Tensor([0.5, 0.5])
    """
    return _fill_with("constant_", tensor, val)


def ones_(tensor: T) -> T:
    """Fill with ones.

    Example:
        >>> import nn
        >>> nn.init.ones_(ag.Tensor([0.5]))
        Tensor([1.])
    """
    return _fill_with("ones_", tensor, 1.0)


def zeros_(tensor: T) -> T:
    """Fill with zeros: right for biases, but equal weights stay equal in training.

    Example:
        >>> import nn
        >>> nn.init.zeros_(ag.Tensor([1.0]))
        Tensor([0.])
    """
    return _fill_with("zeros_", tensor, 0.0)


def fans(tensor: Tensor) -> tuple[int, int]:
    """(fan_in, fan_out) of a weight of shape (out, in, *kernel).

    fan_in is the number of inputs of each output, fan_out the number of outputs of each input.

    Raises:
        ShapeError: the weight has fewer than two axes.

    Example:
        >>> import nn
        >>> nn.init.fans(ag.Tensor(np.zeros((8, 4, 3, 3))))
        (36, 72)
    """
    return _fans("fans", tensor)


def xavier_uniform_(
    tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None
) -> T:
    """Fill uniformly, with variance gain² · 2 / (fan_in + fan_out): for tanh and sigmoid.

    Example:
        >>> import nn
        >>> w = nn.init.xavier_uniform_(ag.Tensor(np.zeros((3, 3))))
        >>> bool((abs(w.data) <= 1.0).all())
        True

    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward networks
        (2010).
    """
    what = "xavier_uniform_"
    bound = math.sqrt(3.0) * _xavier_std(what, tensor, gain)
    return _fill_uniformly(what, tensor, -bound, bound, generator)


def xavier_normal_(tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fill normally, with variance gain² · 2 / (fan_in + fan_out): for tanh and sigmoid.

    Example:
        >>> import nn
        >>> nn.init.xavier_normal_(ag.Tensor(np.zeros((3, 3)))).shape
        (3, 3)

    Source: Glorot and Bengio (2010).
    """
    what = "xavier_normal_"
    return _fill_normally(what, tensor, 0.0, _xavier_std(what, tensor, gain), generator)


def kaiming_uniform_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: np.random.Generator | None = None,
) -> T:
    """Fill uniformly, with variance gain² / fan: for ReLU, or leaky ReLU with slope `a` below 0.

    Args:
        tensor: a weight of shape (out, in, ...).
        a: the slope below 0 of a leaky ReLU.
        mode: "fan_in" keeps the size of activations from layer to layer, "fan_out" that of
            gradients.
        nonlinearity: the name of the activation, as in `calculate_gain`.
        generator: the source of randomness.

    Raises:
        ValueError: mode or nonlinearity is unknown.

    Example:
        >>> import nn
        >>> w = nn.init.kaiming_uniform_(ag.Tensor(np.zeros((3, 6))))
        >>> bool((abs(w.data) <= 1.0).all())
        True

    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers (2015).
    """
    what = "kaiming_uniform_"
    bound = math.sqrt(3.0) * _kaiming_std(what, tensor, a, mode, nonlinearity)
    return _fill_uniformly(what, tensor, -bound, bound, generator)


def kaiming_normal_(
    tensor: T,
    a: float = 0.0,
    mode: str = "fan_in",
    nonlinearity: str = "leaky_relu",
    generator: np.random.Generator | None = None,
) -> T:
    """Fill normally, with variance gain² / fan; see `kaiming_uniform_` for the arguments.

    Example:
        >>> import nn
        >>> nn.init.kaiming_normal_(ag.Tensor(np.zeros((3, 6))), mode="fan_out").shape
        (3, 6)

    Source: He, Zhang, Ren and Sun (2015).
    """
    what = "kaiming_normal_"
    std = _kaiming_std(what, tensor, a, mode, nonlinearity)
    return _fill_normally(what, tensor, 0.0, std, generator)


def lecun_normal_(tensor: T, generator: np.random.Generator | None = None) -> T:
    """Fill normally, with variance 1 / fan_in: for linear layers and for SELU.

    Example:
        >>> import nn
        >>> nn.init.lecun_normal_(ag.Tensor(np.zeros((3, 6)))).shape
        (3, 6)

    Source: LeCun, Bottou, Orr and Müller, Efficient backprop (1998); Klambauer et al. (2017).
    """
    what = "lecun_normal_"
    std = 1.0 / math.sqrt(max(1, _fans(what, tensor)[0]))
    return _fill_normally(what, tensor, 0.0, std, generator)


def trunc_normal_(
    tensor: T,
    mean: float = 0.0,
    std: float = 1.0,
    a: float = -2.0,
    b: float = 2.0,
    generator: np.random.Generator | None = None,
) -> T:
    """Fill with normally distributed values, redrawing those below `a` or above `b`.

    Args:
        tensor: the Tensor to fill.
        mean: the mean before truncation.
        std: the standard deviation before truncation.
        a: the lower limit, which is not in units of std, as in PyTorch.
        b: the upper limit.
        generator: the source of randomness.

    Raises:
        ValueError: std is not positive, or hardly any value would fall between the limits.

    Example:
        >>> import nn
        >>> w = nn.init.trunc_normal_(ag.Tensor(np.zeros(1000)))
        >>> bool((abs(w.data) <= 2.0).all())
        True
    """
    what = "trunc_normal_"
    _check(what, tensor)
    mean, std = number(what, "mean", mean), number(what, "std", std, 0.0, open_low=True)
    a, b = number(what, "a", a, finite=False), number(what, "b", b, finite=False)
    low, high = (0.5 * math.erfc((mean - limit) / (std * math.sqrt(2.0))) for limit in (a, b))
    if not a < b or high - low < 1e-3:
        raise ValueError(
            message(
                what,
                f"a={a} and b={b} with mean={mean} and std={std}",
                "limits that part of the distribution lies between",
            )
        )
    rng = generator_or_default(what, generator)
    values = rng.normal(mean, std, tensor.size)
    while (outside := (values < a) | (values > b)).any():
        values[outside] = rng.normal(mean, std, int(outside.sum()))
    return _fill(tensor, values)


def orthogonal_(tensor: T, gain: float = 1.0, generator: np.random.Generator | None = None) -> T:
    """Fill with orthonormal rows, or columns if those are fewer, times gain.

    Args:
        tensor: shape (rows, ...); the axes after the first count as one.
        gain: the length of each row or column.
        generator: the source of randomness.

    Raises:
        ShapeError: there are fewer than two axes.

    Example:
        >>> import nn
        >>> w = nn.init.orthogonal_(ag.Tensor(np.zeros((2, 3))))
        >>> bool((abs(w @ w.T - np.eye(2)) < 1e-12).all())
        True

    Source: Saxe, McClelland and Ganguli, Exact solutions to the nonlinear dynamics of learning in
        deep linear neural networks (2014); Mezzadri (2007) for the signs.
    """
    what = "orthogonal_"
    _fans(what, tensor)
    gain = number(what, "gain", gain)
    rows, columns = tensor.shape[0], math.prod(tensor.shape[1:])
    normal = generator_or_default(what, generator).normal(
        size=(max(rows, columns), min(rows, columns))
    )
    q, r = np.linalg.qr(normal)
    q = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)  # otherwise q would not be uniform
    return _fill(tensor, gain * (q if rows >= columns else q.T))


def sparse_(
    tensor: T,
    sparsity: float,
    std: float = 0.01,
    generator: np.random.Generator | None = None,
) -> T:
    """Fill normally, except for a share `sparsity` of zeros in each column.

    Raises:
        ShapeError: the tensor is not a matrix.
        ValueError: sparsity is not between 0 and 1.

    Example:
        >>> import nn
        >>> w = nn.init.sparse_(ag.Tensor(np.zeros((10, 3))), 0.8)
        >>> (w == 0).sum(axis=0)
        array([8, 8, 8])

    Source: Martens, Deep learning via Hessian-free optimization (2010).
    """
    _matrix("sparse_", tensor)
    zeros = math.ceil(number("sparse_", "sparsity", sparsity, 0.0, 1.0) * tensor.shape[0])
    rng = generator_or_default("sparse_", generator)
    values = rng.normal(0.0, number("sparse_", "std", std, 0.0), tensor.shape)
    ranks = rng.random(tensor.shape).argsort(axis=0)
    return _fill(tensor, np.where(ranks < zeros, 0.0, values))


def eye_(tensor: T) -> T:
    """Fill a matrix with the identity, so that a Linear returns its input.

    Raises:
        ShapeError: the tensor is not a matrix.

    Example:
        >>> import nn
        >>> nn.init.eye_(ag.Tensor(np.ones((2, 3)))).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    _matrix("eye_", tensor)
    return _fill(tensor, np.eye(tensor.shape[0], tensor.shape[1]))


def dirac_(tensor: T, groups: int = 1) -> T:
    """Fill the weight of a convolution so that it copies as many input channels as it can.

    Raises:
        ShapeError: the tensor does not have three to five axes.
        ValueError: groups does not divide the output channels.

    Example:
        >>> import nn
        >>> nn.init.dirac_(ag.Tensor(np.ones((2, 2, 3))))[1].tolist()
        [[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Source: Zagoruyko and Komodakis, DiracNets (2017).
    """
    _check("dirac_", tensor)
    if not 3 <= tensor.ndim <= 5:
        raise ShapeError(
            message("dirac_", f"a Tensor of shape {tensor.shape}", "a weight of a convolution")
        )
    groups = divisor("dirac_", "groups", groups, out_channels=tensor.shape[0])
    values = np.zeros(tensor.shape)
    each = tensor.shape[0] // groups
    middle = tuple(n // 2 for n in tensor.shape[2:])
    for group in range(groups):
        for i in range(min(each, tensor.shape[1])):
            values[(group * each + i, i, *middle)] = 1.0
    return _fill(tensor, values)


def values_(tensor: T, numbers: Any) -> T:
    """Fill with given numbers, which have the shape of the tensor.

    Raises:
        ShapeError: they have another shape.

    Example:
        >>> import nn
        >>> nn.init.values_(ag.Tensor([0.0, 0.0]), [1, 2])
        Tensor([1., 2.])
    """
    _check("values_", tensor)
    numbers = array(numbers)
    if np.shape(numbers) != tensor.shape:
        raise ShapeError(
            message("values_", f"numbers of shape {np.shape(numbers)}", f"{tensor.shape}")
        )
    return _fill(tensor, numbers)


def zero_rows_(tensor: T, rows: Sequence[int]) -> T:
    """Fill some rows with zeros and keep the others.

    Example:
        >>> import nn
        >>> nn.init.zero_rows_(ag.Tensor([[1.0], [2.0]]), [0]).tolist()
        [[0.0], [2.0]]
    """
    _check("zero_rows_", tensor)
    if not is_listed(rows):
        raise TypeError(message("zero_rows_", f"rows={described(rows)}", "the numbers of rows"))
    values = tensor.numpy()
    count = values.shape[0] if values.ndim else 0
    for row in rows:
        values[entry_number("zero_rows_", "row", row, count, "row")] = 0.0
    return _fill(tensor, values)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """The gain of weights that keeps the variance through an activation: PyTorch's table.

    Args:
        nonlinearity: "linear", "conv1d", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu" or
            "selu".
        param: the slope below 0 of "leaky_relu", by default 0.01.

    Raises:
        ValueError: the name is unknown.

    Example:
        >>> import nn
        >>> round(nn.init.calculate_gain("relu"), 6), round(nn.init.calculate_gain("tanh"), 6)
        (1.414214, 1.666667)
    """
    return _gain("calculate_gain", nonlinearity, param, "param")


def _gain(what: str, nonlinearity: str, param: float | None, name: str) -> float:
    slope = 0.01 if param is None else number(what, name, param)
    gains = {
        **dict.fromkeys(("linear", "conv1d", "conv2d", "sigmoid"), 1.0),
        "conv_transpose1d": 1.0,
        "conv_transpose2d": 1.0,
        "tanh": 5.0 / 3.0,
        "relu": math.sqrt(2.0),
        "leaky_relu": math.sqrt(2.0 / (1.0 + slope * slope)),
        "selu": 0.75,
    }
    one_of(what, "nonlinearity", nonlinearity, tuple(gains))
    return gains[nonlinearity]


def _fans(what: str, tensor: Tensor) -> tuple[int, int]:
    _check(what, tensor)
    if tensor.ndim < 2:
        expected = "a weight of shape (out, in, ...)"
        raise ShapeError(message(what, f"a Tensor of shape {tensor.shape}", expected))
    field = math.prod(tensor.shape[2:])
    return tensor.shape[1] * field, tensor.shape[0] * field


def _xavier_std(what: str, tensor: Tensor, gain: float) -> float:
    fan_in, fan_out = _fans(what, tensor)
    gain = number(what, "gain", gain, 0.0)
    return gain * math.sqrt(2.0 / max(1, fan_in + fan_out))  # 0 only where nothing is filled


def _kaiming_std(what: str, tensor: Tensor, a: float, mode: str, nonlinearity: str) -> float:
    one_of(what, "mode", mode, ("fan_in", "fan_out"))
    fan = _fans(what, tensor)[mode == "fan_out"]
    return _gain(what, nonlinearity, a, "a") / math.sqrt(max(1, fan))


def _fill_uniformly(what: str, tensor: T, a: float, b: float, generator: Any) -> T:
    _check(what, tensor)
    a, b = number(what, "a", a), number(what, "b", b)
    if not a <= b < a + math.inf or b - a == math.inf:
        expected = "a not above b, and a finite difference"
        raise ValueError(message(what, f"a={a:g} and b={b:g}", expected))
    return _fill(tensor, generator_or_default(what, generator).uniform(a, b, tensor.shape))


def _fill_normally(what: str, tensor: T, mean: float, std: float, generator: Any) -> T:
    _check(what, tensor)
    mean, std = number(what, "mean", mean), number(what, "std", std, 0.0)
    return _fill(tensor, generator_or_default(what, generator).normal(mean, std, tensor.shape))


def _fill_with(what: str, tensor: T, value: float) -> T:
    _check(what, tensor)
    if not (isinstance(value, float) and math.isnan(value)):
        value = number(what, "val", value, finite=False)
    return _fill(tensor, np.full(tensor.shape, value, tensor.dtype))


def _fill(tensor: T, values: Any) -> T:
    tensor.data = np.asarray(values, tensor.dtype).reshape(tensor.shape)
    return tensor


def _matrix(what: str, tensor: Tensor) -> None:
    _check(what, tensor)
    if tensor.ndim != 2:
        raise ShapeError(message(what, f"a Tensor of shape {tensor.shape}", "a matrix"))


def _check(what: str, tensor: object) -> None:
    if not isinstance(tensor, Tensor):
        raise TypeError(message(what, kind(tensor), "a Tensor"))
    if tensor.dtype.kind != "f":
        raise DTypeError(
            message(
                what,
                f"a Tensor of dtype {tensor.dtype}",
                "a floating one",
                "convert it, e.g. with tensor.astype(float)",
            )
        )
