"""What all optimizers have in common: parameter groups, the loop over parameters, saving and
loading."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from autograd import GraphError, Tensor, enable_grad
from nn.arguments import number


class Optimizer:
    """The base of every optimizer: for each parameter a subclass says what to subtract from it.

    Args:
        params: the parameters to change; or dictionaries, one for each group of parameters, with
            the key "params" and options that differ from the defaults, such as "lr".
        defaults: the options.

    Attributes:
        param_groups: a dictionary for each group: "params" and all options. Options may be changed
            at any time.
        state: for each parameter what the optimizer remembers of it.

    Raises:
        TypeError: something else than leaf Tensors came.
        GraphError: a Tensor was computed from others.
        ValueError: an option is out of range, there are no parameters, or one comes twice.
    """

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        self._what = type(self).__name__
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        if isinstance(params, (Tensor, Mapping)) or not isinstance(params, Iterable):
            raise TypeError(
                f"{self._what}: a {type(params).__name__} came; pass several parameters, such as "
                "model.parameters() or a list"
            )
        entries = list(params)
        if not entries:
            raise ValueError(f"{self._what}: no parameters came; pass model.parameters()")
        grouped = all(isinstance(entry, Mapping) for entry in entries)
        for group in entries if grouped else [{"params": entries}]:
            self.add_param_group(group)

    def add_param_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with options of their own.

        Args:
            group: "params", one Tensor or several, and options; those left out are the defaults.

        Raises:
            ValueError: "params" is missing, an option is unknown or out of range, or a parameter
                came before.
        """
        if "params" not in group:
            raise ValueError(f"{self._what}: a group without 'params' came; it has {list(group)}")
        unknown = set(group) - {"params", *self.defaults}
        if unknown:
            raise ValueError(
                f"{self._what}: a group with {', '.join(sorted(unknown))} came; the options are "
                f"{', '.join(self.defaults)}"
            )
        params = group["params"]
        new = {**self.defaults, **group}
        new["params"] = self._leaves([params] if isinstance(params, Tensor) else params)
        self._check(new)
        self.param_groups.append(new)

    def _leaves(self, params: Iterable[Any]) -> list[Tensor]:
        leaves: list[Tensor] = []
        seen = {id(p) for group in self.param_groups for p in group["params"]}
        for i, p in enumerate(params):
            if not isinstance(p, Tensor):
                raise TypeError(
                    f"{self._what}: entry {i} is a {type(p).__name__}; a Tensor is expected, such "
                    "as "
                    "model.parameters() gives"
                )
            if p.op is not None:
                raise GraphError(
                    f"{self._what}: entry {i} was computed by {p.op.name}; pass the leaf that it "
                    "was "
                    "computed from"
                )
            if id(p) in seen:
                raise ValueError(
                    f"{self._what}: entry {i} came before; a step would change it twice"
                )
            seen.add(id(p))
            leaves.append(p)
        if not leaves:
            raise ValueError(f"{self._what}: no parameters came; pass model.parameters()")
        return leaves

    def _check(self, group: dict[str, Any]) -> None:
        """Refuse options that are out of range."""
        for name in ("lr", "weight_decay", "momentum", "eps", "lr_decay", "momentum_decay"):
            if name in group:
                number(self._what, name, group[name], 0.0)
        for name in ("alpha", "rho"):
            if name in group:
                number(self._what, name, group[name], 0.0, 1.0)
        for i, beta in enumerate(group.get("betas", ())):
            if not 0.0 <= beta < 1.0:
                raise ValueError(
                    f"{self._what}: betas[{i}]={beta} came; a number from 0 up to 1 is expected"
                )

    @property
    def lr(self) -> float:
        """The learning rate of the first group; assigning sets that of all groups."""
        return self.param_groups[0]["lr"]  # type: ignore[no-any-return]

    @lr.setter
    def lr(self, lr: float) -> None:
        for group in self.param_groups:
            group["lr"] = number(self._what, "lr", lr, 0.0)

    @property
    def parameters(self) -> list[Tensor]:
        """The parameters of all groups."""
        return [p for group in self.param_groups for p in group["params"]]

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        Args:
            closure: computes the loss and its gradients anew; called once, before the step.

        Returns:
            what the closure returned, or None.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        states = self.state
        for group in self.param_groups:
            maximize = group.get("maximize")
            for p in group["params"]:
                g = p.grad
                if g is not None:
                    if maximize:
                        g = -g
                    data, state = p.data, states.get(p)
                    if state is None:
                        state = states[p] = {}
                    p.data = _difference(data, self._step(data, g, state, group), g, state)
        return loss

    def _step(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """What is subtracted from a parameter, as a new array.

        An expression over arrays; entries of `state` are replaced, never written to.

        Args:
            p: the parameter's array.
            g: its gradient.
            state: what is remembered of it, empty at first.
            group: the options.
        """
        raise NotImplementedError

    # --- saving and loading ---

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on later: PyTorch's layout, with parameters by number.

        Returns:
            {"state": {number: {...}}, "param_groups": [{..., "params": [numbers]}]}; arrays are
            copies.
        """
        place = {id(p): i for i, p in enumerate(self.parameters)}
        groups = [
            {**copy.deepcopy(_without_params(g)), "params": [place[id(p)] for p in g["params"]]}
            for g in self.param_groups
        ]
        state = {place[id(p)]: copy.deepcopy(entry) for p, entry in self.state.items()}
        return {"state": dict(sorted(state.items())), "param_groups": groups}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned.

        Raises:
            ValueError: it belongs to other parameters; nothing is loaded.
        """
        what = f"load_state_dict of {self._what}"
        if not isinstance(state, Mapping) or not {"state", "param_groups"} <= set(state):
            raise ValueError(f"{what}: a mapping with 'state' and 'param_groups' is expected")
        ours = [len(g["params"]) for g in self.param_groups]
        theirs = [len(g["params"]) for g in state["param_groups"]]
        if ours != theirs:
            raise ValueError(
                f"{what}: groups of {theirs} parameters came; groups of {ours} are expected"
            )
        parameters = self.parameters
        loaded: dict[Tensor, dict[str, Any]] = {}
        for key, entry in state["state"].items():
            if not 0 <= int(key) < len(parameters):
                raise ValueError(
                    f"{what}: parameter {key} came; there are {len(parameters)}, numbered from 0"
                )
            p = parameters[int(key)]
            loaded[p] = {name: self._loaded(what, p, name, x) for name, x in entry.items()}
        for group, saved in zip(self.param_groups, state["param_groups"], strict=True):
            group.update(copy.deepcopy(_without_params(saved)))
        self.state = loaded

    def _loaded(self, what: str, p: Tensor, name: str, x: Any) -> Any:
        """An entry of the state as a copy in the dtype of its parameter."""
        if not isinstance(x, (np.ndarray, Tensor)) or np.ndim(x) == 0:
            return x.item() if isinstance(x, (np.ndarray, Tensor)) else copy.deepcopy(x)
        if x.shape != p.shape:
            raise ValueError(f"{what}: {name} of shape {x.shape} came; {p.shape} is expected")
        return np.array(x, p.dtype)

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            options = ", ".join(f"{k}={v}" for k, v in group.items() if k != "params")
            count = sum(p.size for p in group["params"])
            lines.append(f"  ({i}): {count:,} numbers in {len(group['params'])} arrays, {options}")
        return "\n".join([f"{self._what}(", *lines, ")"])


def _without_params(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}


def _difference(data: Any, change: Any, g: Any, state: dict[str, Any]) -> Any:
    """data - change, in the memory of `change` unless somebody keeps it; nobody can write to it.

    A new array for a large parameter costs more than the subtraction, as the system has to clear
    its pages.
    """
    if (
        type(change) is np.ndarray
        and change is not g
        and change.base is None
        and change.dtype is data.dtype
        and change.shape == data.shape
        and not (state and any(change is kept for kept in state.values()))
    ):
        new = np.subtract(data, change, change)
    else:
        new = np.asarray(data - change, data.dtype)
    new.setflags(False)
    return new


def average(old: Any, new: Any, decay: float) -> Any:
    """decay · old + (1 - decay) · new, beginning with old = 0.

    Example:
        >>> from nn.optim.optimizer import average
        >>> average(None, 1.0, 0.75), average(2.0, 1.0, 0.75)
        (0.25, 1.75)
    """
    fresh = (1.0 - decay) * new
    return fresh if old is None else decay * old + fresh


def unbiased(decay: float, steps: int) -> float:
    """By what an `average` that began with 0 must be divided after some steps.

    Example:
        >>> from nn.optim.optimizer import unbiased
        >>> unbiased(0.5, 2)
        0.75
    """
    return 1.0 - math.pow(decay, steps)
