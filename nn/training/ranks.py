"""What the ranks of a distributed run do not share: sums of metrics, generators and buffers."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np

from autograd.errors import is_number
from nn.distributed.single import World
from nn.module.module import Module
from nn.module.parameter import Parameter
from nn.training.checkpoint import generators


def totals(world: World, sums: Mapping[str, float], seen: int) -> tuple[dict[str, float], int]:
    """The sums of all ranks, added in their order, and the number of their samples."""
    if world.size == 1:
        return dict(sums), seen
    found: dict[str, float] = {}
    count = 0
    for theirs, more in world.gathered((dict(sums), seen)):
        count += more
        for name, total in theirs.items():
            found[name] = found.get(name, 0.0) + total
    return found, count


def states(
    world: World, parts: Mapping[str, Any], sums: Mapping[str, float], seen: int
) -> list[dict[str, Any]]:
    """What each rank has of its own, by rank; nothing in a world of one."""
    if world.size == 1:
        return []
    streams = {name: g.bit_generator.state for name, g in generators(parts)}
    own = buffers(parts)
    digests = {name: sha256(x).digest() for name, x in own.items()}
    first = world.gathered(digests)[0]
    own = {name: x for name, x in own.items() if digests[name] != first.get(name)}
    values = {"sums": dict(sums), "seen": seen, "generators": streams, "buffers": own}
    return world.gathered(values)


def buffers(parts: Mapping[str, Any]) -> dict[str, Any]:
    """The buffers of the modules among the parts, by part and path: "model.1.running_mean"."""
    return {
        f"{name}.{path}": np.ascontiguousarray(x).reshape(np.shape(x))
        for name, part in parts.items()
        if isinstance(part, Module)
        for path, x in part.state_dict(keep_vars=True).items()
        if not isinstance(x, Parameter)
    }


def restore(
    world: World, parts: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[dict[str, float], int]:
    """Give this rank what is its own; returns its sums and the number of its samples.

    If the run had another number of ranks, rank 0 takes over the sums of all, and ranks that are
    new draw from streams of their own. Buffers are written where they differ from rank 0's, which
    every rank has read already.
    """
    saved = values.get("ranks", [])
    own = saved[world.rank] if world.rank < len(saved) else None
    for name, g in generators(parts):
        if own is not None and name in own["generators"]:
            g.bit_generator.state = own["generators"][name]
        elif own is None and world.rank > 0:
            g.bit_generator.state = _jumped(g.bit_generator, world.rank)
    for name, part in parts.items():
        if own is not None and isinstance(part, Module):
            start = f"{name}."
            state = {k[len(start) :]: x for k, x in own["buffers"].items() if k.startswith(start)}
            part.load_state_dict(state, strict=False)
    if own is not None and len(saved) == world.size:
        return own["sums"], own["seen"]
    if world.rank > 0:
        return dict.fromkeys(values["sums"], 0.0), 0
    if not saved:
        return values["sums"], values["seen"]
    sums = {name: 0.0 for name in values["sums"]}
    for rank in saved:
        for name, total in rank["sums"].items():
            sums[name] = sums.get(name, 0.0) + total
    return sums, sum(rank["seen"] for rank in saved)


def _jumped(stream: Any, times: int) -> Any:
    """The state of a stream that does not overlap with this one."""
    if hasattr(stream, "jumped"):
        return stream.jumped(times).state
    return type(stream)(np.random.SeedSequence([times, int(stream.random_raw())])).state


def are_states(saved: Any) -> bool:
    """Whether a file holds what `states` returns."""
    return isinstance(saved, list) and all(
        isinstance(rank, dict)
        and set(rank) == {"sums", "seen", "generators", "buffers"}
        and isinstance(rank["sums"], dict)
        and all(map(is_number, rank["sums"].values()))
        and type(rank["seen"]) is int
        and isinstance(rank["generators"], dict)
        and isinstance(rank["buffers"], dict)
        and all(isinstance(x, np.ndarray) for x in rank["buffers"].values())
        for rank in saved
    )
