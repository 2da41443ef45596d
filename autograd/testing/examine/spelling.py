"""What people call the gradient of a variable: dW, grad_W, W_grad, dL_dW, dweights."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

GRADIENT = ("grad", "gradient", "grads", "g", "delta", "d")
FORMS = (
    *("{}", "grad_{}", "d{}", "{}_grad", "d_{}", "g{}", "g_{}", "{}_g", "{}_gradient"),
    *("gradient_{}", "delta_{}", "{}_delta", "nabla_{}", "grad_{}s", "grads_{}", "{}_grads"),
    *("dL_d{}", "dloss_d{}", "dJ_d{}", "dE_d{}", "dC_d{}", "{}_bar", "d{}s", "{}_derivative"),
)
ALIASES = (
    ("W", "w", "weight", "weights", "kernel"),
    ("b", "bias", "biases"),
    ("x", "X", "input", "inputs", "inp"),
)
# Inputs that nobody has to differentiate with respect to: data, labels, masks.
DATA = re.compile(
    r"(x|y|t)s?_?\d?|(x|y|t)_?(true|train|batch|onehot|one_hot)|inputs?|inp|data|batch|images?|img"
    r"|features?|samples?|targets?|labels?|tgt|gold|truth|classes|one_?hot|.*_?(labels?|targets?)"
    r"|.*masks?|m|keep|ids|idx|index|indices|tokens?|eps|epsilon"
)
# What an object may keep that influences its result and is not learned.
BUFFER = re.compile(
    r"(.*\.)?((running|moving|frozen|fixed|const|buffer)\w*|\w*(mask|buffer|const|frozen)s?|pe|pos"
    r"|pos\w*enc\w*|means?|std|var|mu|sigma|noise|\w*_(mean|var|std))"
)


def spellings(name: str) -> list[str]:
    """What the gradient of a variable may be called; first its own name.

    Example:
        >>> from autograd.testing.examine.spelling import spellings
        >>> spellings("W")[:4]
        ['W', 'grad_W', 'dW', 'W_grad']
    """
    plain = name.strip("_") or name
    names = [name, plain, *(n for group in ALIASES if plain in group for n in group)]
    found = [form.format(n) for n in names for form in FORMS]
    found += [f"d{n.capitalize()}" for n in names]
    return list(dict.fromkeys(found))


def find_spelled(name: str, among: Collection[Any], own: bool = True) -> Any:
    """The key under which the gradient of a variable stands; None if it is under none.

    Args:
        name: of the variable.
        among: the keys.
        own: whether the variable's own name may be the key, as in a dictionary of gradients.

    Example:
        >>> from autograd.testing.examine.spelling import find_spelled
        >>> find_spelled("W", ["weights", "b"]), find_spelled("W", ["W", "dl_dw"], own=False)
        ('weights', 'dl_dw')
    """
    plain = name.strip("_") or name
    others = {name, *(n for group in ALIASES if plain in group for n in group)}
    forms = [form for form in spellings(name) if own or form not in others]
    exact = next((form for form in forms if form in among), None)
    if exact is not None:
        return exact
    loose = {_loosely(form) for form in forms}
    taken = set() if own else {_loosely(n) for n in others}
    found = (k for k in among if isinstance(k, str) and _loosely(k) in loose - taken)
    return next(found, None)


def _loosely(name: str) -> str:
    return name.replace("_", "").lower()


def may_be_left_out(name: str) -> bool:
    """Whether an input is data or labels by its name, of which no gradient need be returned."""
    return name != "T" and DATA.fullmatch(name.lower()) is not None


def is_buffer(name: str) -> bool:
    """Whether an array of an object is a constant by its name, such as running statistics."""
    return BUFFER.fullmatch(name.lower()) is not None
