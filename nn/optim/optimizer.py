"""The base of all optimizers: parameter groups, the loop over parameters, saving and loading."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, ClassVar

import numpy as np

from autograd import GraphError, Tensor, data_of, enable_grad
from autograd.errors import counted, kind, message, span
from autograd.html import shown, table
from nn.arguments import flags, number, undefined
from nn.module.state import array_of
from nn.optim.formulas import apply_update
from nn.optim.options import NON_NEGATIVE, Option

# Options that tell which optimizer saved a state. A group may have others, such as a name.
OPTIONS = {
    *("alpha", "amsgrad", "betas", "centered", "dampening", "eps", "history_size"),
    *("initial_accumulator_value", "lr_decay", "momentum", "momentum_decay", "nesterov", "rho"),
}


# What a diagnosis has called for each optimizer that is made.
made: ContextVar[Callable[[Any], Any] | None] = ContextVar("made", default=None)


class Optimizer:
    """The base of every optimizer: a subclass says in `update` what to subtract from a parameter.

    Two options are applied here, so that no subclass repeats them: `maximize` negates the gradient,
    and `weight_decay` either adds weight_decay · parameter to the gradient (coupled: an L2
    penalty), or adds lr · weight_decay · parameter to what is subtracted (decoupled). A class
    chooses by `decoupled_weight_decay`; an option of that name overrides the class.

    Args:
        params: the parameters to change; or dictionaries, one for each group of parameters, with
            the key "params" and options that differ from the defaults, such as "lr".
        defaults: the options.

    Attributes:
        options: the range of each option that the class adds, by name; the ranges that its base
            classes declare hold too.
        flags: the names of the options that the class adds and that are True or False.
        decoupled_weight_decay: whether weight decay bypasses the gradient.
        scalar_state: the names of state entries that are one number for each parameter, such as
            "step".
        non_negative_state: the names of state entries that cannot be negative, such as averages of
            squares.
        state_names: the names that every state of a parameter has once a step was made.
        param_groups: a dictionary for each group: "params" and all options. Options may be changed
            at any time; each step reads them.
        state: what the optimizer remembers of each parameter.

    Raises:
        TypeError: an entry of `params` is not a Tensor.
        GraphError: an entry is the result of a computation, not a leaf.
        ValueError: an option is out of range, there are no parameters, or one is given twice.

    Example:
        >>> import nn
        >>> class SignDescent(nn.optim.Optimizer):
        ...     def __init__(self, params, lr=0.1, weight_decay=0.0):
        ...         super().__init__(params, lr=lr, weight_decay=weight_decay)
        ...     def update(self, p, g, state, group):
        ...         return group["lr"] * np.sign(g)
        >>> p = nn.Parameter([1.0, -2.0])
        >>> optimizer = SignDescent([p], lr=0.5)
        >>> (p * p).sum().backward()
        >>> optimizer.step()
        >>> p.tolist()
        [0.5, -1.5]
    """

    options: ClassVar[Mapping[str, Option]] = {"lr": NON_NEGATIVE, "weight_decay": NON_NEGATIVE}
    decoupled_weight_decay: ClassVar[bool] = False
    flags: ClassVar[frozenset[str]] = frozenset({"maximize"})
    scalar_state: ClassVar[frozenset[str]] = frozenset()
    non_negative_state: ClassVar[frozenset[str]] = frozenset()
    state_names: ClassVar[frozenset[str]] = frozenset()
    _averaging: Any = None  # what makes the gradients means over several processes

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        bases = [vars(base) for base in reversed(cls.__mro__)]
        cls.options = {k: v for base in bases for k, v in base.get("options", {}).items()}
        cls.flags = frozenset().union(*(base.get("flags", ()) for base in bases))

    def __init__(self, params: Iterable[Any], **defaults: Any) -> None:
        self._what = type(self).__name__
        self.defaults = defaults
        self.state: dict[Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        entries = self._listed(params)
        grouped = all(isinstance(entry, Mapping) for entry in entries)
        seen: set[int] = set()
        for group in entries if grouped else [{"params": entries}]:
            self._add_group(group, seen)
        look = made.get()
        if look is not None:
            look(self)

    def add_param_group(self, param_group: Mapping[str, Any]) -> None:
        """Add parameters with options of their own.

        Args:
            param_group: "params", one Tensor or several, and options; defaults fill in the others.

        Raises:
            ValueError: "params" is missing, an option is unknown or out of range, or the optimizer
                has a parameter already, or is distributed, so that its buffers are made.
        """
        if self._averaging is not None:
            got, hint = "a group added later", "add it to the optimizer before it is distributed"
            raise ValueError(message("distributed.Optimizer", got, "all parameters at first", hint))
        self._add_group(param_group, {id(p) for p in self.parameters})

    def _add_group(self, param_group: Mapping[str, Any], seen: set[int]) -> None:
        """Add a group, and its parameters to those that have been seen."""
        if not isinstance(param_group, Mapping):
            expected = "a dictionary with 'params' and options"
            raise TypeError(message(self._what, f"{kind(param_group)} as a group", expected))
        if "params" not in param_group:
            got = f"a group without 'params', with {list(param_group)}"
            raise ValueError(message(self._what, got, "a Tensor or several under 'params'"))
        unknown = ", ".join(sorted(map(str, set(param_group) - {"params", *self.defaults})))
        if unknown:
            expected = f"some of the options {', '.join(self.defaults)}"
            raise ValueError(message(self._what, f"a group with {unknown}", expected))
        params = param_group["params"]
        entries = [params] if isinstance(params, Tensor) else self._listed(params)
        new = {**self.defaults, **param_group, "params": self._leaves(entries, seen)}
        self._check(self._what, new)
        self.param_groups.append(new)

    def _listed(self, params: Any) -> list[Any]:
        """What was passed as parameters, as a list that is not empty."""
        hint = "pass model.parameters()"
        if isinstance(params, (Tensor, Mapping)) or not isinstance(params, Iterable):
            hint += " or a list"
            raise TypeError(message(self._what, kind(params), "an iterable of Tensors", hint))
        entries = list(params)
        if not entries:
            raise ValueError(message(self._what, "no parameters", "at least one", hint))
        return entries

    def _leaves(self, entries: list[Any], seen: set[int]) -> list[Tensor]:
        """Parameters that can be changed and that the optimizer does not have yet."""
        leaves: list[Tensor] = []
        for i, p in enumerate(entries):
            if not isinstance(p, Tensor):
                got = f"{kind(p)} as entry {i}"
                raise TypeError(message(self._what, got, "a Tensor", "pass model.parameters()"))
            if p.op is not None:
                got = f"the result of {p.op.name} as entry {i}"
                hint = "pass the Tensor that it was computed from"
                raise GraphError(message(self._what, got, "a leaf", hint))
            if id(p) in seen:
                got = f"a parameter twice, again as entry {i}"
                hint = "remove one, or a step would change it twice"
                raise ValueError(message(self._what, got, "each parameter once", hint))
            seen.add(id(p))
            leaves.append(p)
        return leaves

    def _check(self, operation: str, group: Mapping[str, Any]) -> None:
        """Raise if an option of a group is out of the range declared for it."""
        for name, option in self.options.items():
            if name in group:
                option.check(operation, name, group[name])
        flags(operation, **{name: group[name] for name in self.flags if name in group})

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

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Clear the gradients of all parameters.

        Args:
            set_to_none: False replaces gradients by zeros, with which a step still counts: momentum
                and weight decay go on.
        """
        for group in self.param_groups:
            for p in group["params"]:
                p.grad = None if set_to_none or p.grad is None else np.zeros_like(p.grad)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change every parameter that has a gradient.

        All new values are computed before the first is assigned, so an error changes nothing. An
        interrupt (Ctrl-C) may come between two of the assignments, and only there.

        Args:
            closure: computes the loss and its gradients; called once, before the step.

        Returns:
            what the closure returned, or None.
        """
        loss = None
        if closure is not None:
            check_closure(self._what, closure)
            with enable_grad():
                loss = closure()
        states = self.state
        changed: list[tuple[Tensor, Any, dict[str, Any]]] = []
        for group in self.param_groups:
            maximize, decay = group.get("maximize"), group.get("weight_decay")
            decoupled = group.get("decoupled_weight_decay", self.decoupled_weight_decay)
            for p in group["params"]:
                g = p.grad
                if g is None:
                    continue
                data, state = data_of(p), {**states[p]} if p in states else {}
                if maximize:
                    g = -g
                if decay and not decoupled:
                    g = g + decay * data
                change = self.update(data, g, state, group)
                if decay and decoupled:
                    change = change + (group["lr"] * decay) * data
                changed += ((p, apply_update(data, change, g, state), state),)
        for p, data, state in changed:
            p.data = data
            if p in states:
                states[p] |= state
            else:
                states[p] = state
        return loss

    def update(self, p: Any, g: Any, state: dict[str, Any], group: dict[str, Any]) -> Any:
        """What to subtract from a parameter, as a new array.

        An expression over arrays that never branches on their values, so that a step can be traced.
        Entries of `state` are arrays; replace them, do not write into them.

        Args:
            p: the parameter's array.
            g: its gradient, with `maximize` and coupled weight decay applied.
            state: what the optimizer remembers of the parameter, empty at first.
            group: the options.
        """
        purpose = "returns what to subtract from the parameter"
        raise undefined(self, "update(self, p, g, state, group)", purpose)

    # --- saving and loading ---

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to continue later, in PyTorch's layout, which numbers parameters.

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

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Restore what `state_dict` returned, here or in PyTorch's optimizer of that name.

        Raises:
            ValueError: it belongs to other parameters, an option is out of range, or it is one that
                no training reaches, such as one after -1 steps; nothing is loaded. Averages may be
                nan or inf, as after a training that failed.
        """
        what = f"load_state_dict of {self._what}"
        entries, groups = _parts_of(what, state_dict)
        ours = [len(g["params"]) for g in self.param_groups]
        theirs = [len(g["params"]) for g in groups]
        if ours != theirs:
            raise ValueError(
                message(what, f"groups of {theirs} parameters", f"groups of {ours} parameters")
            )
        self._check_kind(what, {name for group in groups for name in group})
        parameters = {str(i): p for i, p in enumerate(self.parameters)}  # JSON makes keys strings
        loaded: dict[Tensor, dict[str, Any]] = {}
        for key, entry in entries.items():
            p = parameters.get(str(key))
            if p is None:
                expected = span(0, len(parameters) - 1, "number", "numbers")
                raise ValueError(message(what, f"a state of parameter {key}", expected))
            loaded[p] = {name: self._loaded(what, p, name, x) for name, x in entry.items()}
        for entry in loaded.values():
            if entry:
                self._check_kind(what, entry, self.state_names)
        saved = [self._options_of(group) for group in groups]
        for group, options in zip(self.param_groups, saved, strict=True):
            self._check(what, {**group, **options})
        for group, options in zip(self.param_groups, saved, strict=True):
            group.update(options)
        self.state = loaded

    def _check_kind(self, what: str, names: Iterable[str], needed: Iterable[str] = ()) -> None:
        """Raise if a state has options that only other optimizers have, or lacks entries."""
        theirs, ours = OPTIONS & set(names), OPTIONS & set(self.defaults)
        hint = "load it into the class that saved it"
        if theirs - ours:
            got = f"a state of another optimizer, with the options {_listing(theirs)}"
            raise ValueError(message(what, got, _listing(ours) or "none of these", hint))
        if not set(needed) <= set(names):
            got = f"a state of another optimizer, which holds {_listing(names)}"
            raise ValueError(message(what, got, _listing(needed), hint))

    def _loaded(self, what: str, p: Tensor, name: str, x: Any) -> Any:
        """An entry of a saved state as a copy, in the dtype of its parameter if it is an array."""
        if x is None and name not in self.scalar_state:
            return None
        try:
            array = array_of(x, float if name in self.scalar_state else None)
        except (TypeError, ValueError) as error:
            if hasattr(x, "__array__"):
                raise ValueError(f"{what}: {name}: {error}") from None
            array = np.asarray(None)
        if array.dtype.kind not in "fiub" or isinstance(x, (str, bytes)):
            raise ValueError(message(what, f"{kind(x)} as {name}", "numbers"))
        if name in self.scalar_state:
            if array.size != 1:
                raise ValueError(message(what, f"{name} of shape {array.shape}", "one number"))
            self._check_number(what, name, array.item())
            return array.reshape(()).copy()
        if not array.ndim and p.ndim:
            return copy.deepcopy(x)
        if array.shape != p.shape:
            raise ValueError(
                message(what, f"{name} of shape {array.shape}", f"the parameter's shape {p.shape}")
            )
        if name in self.non_negative_state and (array < 0).any():
            got = f"{name} with the entry {array[array < 0].flat[0]:g}"
            raise ValueError(message(what, got, "entries of 0 or more"))
        return np.array(array, p.dtype)

    def _check_number(self, what: str, name: str, x: float) -> None:
        """Raise for a number that no training reaches; inf // 1 is nan."""
        if name == "step" and not (x >= 0 and x == x // 1):
            raise ValueError(message(what, f"{name} = {x:g}", "a number of steps"))
        if name == "mu_product" and not 0 <= x < 1:
            expected = "a product of numbers below 1"
            raise ValueError(message(what, f"{name} = {x:g}", expected))

    def _options_of(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """The options of a saved group that exist here; PyTorch's have more, such as "foreach"."""
        known = {"initial_lr", "decoupled_weight_decay", *self.defaults, *self.param_groups[0]} - {
            "params"
        }
        return {
            name: copy.deepcopy(value) if not _is_foreign(value) else np.asarray(value).tolist()
            for name, value in group.items()
            if name in known
        }

    def __repr__(self) -> str:
        lines = []
        for i, group in enumerate(self.param_groups):
            options = ", ".join(f"{k}={v}" for k, v in group.items() if k != "params")
            count, arrays = sum(p.size for p in group["params"]), len(group["params"])
            size = f"{counted(count, 'number')} in {counted(arrays, 'array')}"
            lines.append(f"  ({i}): {size}, {options}")
        return "\n".join([f"{self._what}(", *lines, ")"])

    def _repr_html_(self) -> str:
        """For notebooks: a table of the groups and their options."""
        names = list(dict.fromkeys(k for group in self.param_groups for k in group))
        names.remove("params")
        rows = [
            [
                i,
                f"{sum(p.size for p in group['params']):,}",
                len(group["params"]),
                *(group.get(name, "") for name in names),
            ]
            for i, group in enumerate(self.param_groups)
        ]
        facts = [counted(sum(p.size for p in self.parameters), "parameter")]
        head = ("group", "parameters", "arrays", *names)
        return shown(self._what, facts, table(head, rows))


def _parts_of(what: str, state_dict: Any) -> tuple[Mapping[Any, Any], Sequence[Any]]:
    """The entries and the groups of a saved state.

    Raises:
        ValueError: it has another structure.
    """
    if not isinstance(state_dict, Mapping) or not {"state", "param_groups"} <= set(state_dict):
        expected = "a mapping with 'state' and 'param_groups'"
        raise ValueError(message(what, kind(state_dict), expected))
    entries, groups = state_dict["state"], state_dict["param_groups"]
    if not isinstance(entries, Mapping) or not all(
        isinstance(entry, Mapping) for entry in entries.values()
    ):
        got, expected = f"{kind(entries)} as 'state'", "a mapping of mappings"
        raise ValueError(message(what, got, expected))
    if not isinstance(groups, (list, tuple)) or not all(
        isinstance(g, Mapping) and isinstance(g.get("params"), (list, tuple)) for g in groups
    ):
        expected = "a list of mappings with 'params', a list of numbers"
        raise ValueError(message(what, f"{kind(groups)} as 'param_groups'", expected))
    return entries, groups


def check_closure(what: str, closure: Any) -> None:
    """Raise TypeError if the closure is not a function but, for instance, a loss."""
    if not callable(closure):
        hint = "call loss.backward() before step()"
        raise TypeError(message(what, f"{kind(closure)} as closure", "a function", hint))


def _listing(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _is_foreign(x: Any) -> bool:
    """Whether x is another library's array, such as a tensor of PyTorch."""
    return hasattr(x, "__array__") and not isinstance(x, (np.ndarray, np.generic, Tensor))


def _without_params(group: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in group.items() if name != "params"}
