"""Primitives in which several processes take part: what one rank gets is computed from all ranks'.

The static argument `world` does the communication; `nn.distributed.world()` is one. What a backward
pass computes is the derivative of the sum of all ranks' roots, so each rule is the adjoint of its
kernel over the arrays of all ranks, and every rank must run the same collectives in the same order.
"""

from autograd.engine.primitive import Primitive

# fmt: off
all_reduce: Primitive     = Primitive("all_reduce",     lambda x, *, world: world.all_reduce(x),     lambda g, out, x, *, world: all_reduce(g, world=world),                 formula="the sum over all ranks")
all_gather: Primitive     = Primitive("all_gather",     lambda x, *, world: world.all_gather(x),     lambda g, out, x, *, world: reduce_scatter(g, world=world),             formula="the arrays of all ranks, joined along the first axis")
reduce_scatter: Primitive = Primitive("reduce_scatter", lambda x, *, world: world.reduce_scatter(x), lambda g, out, x, *, world: all_gather(g, world=world),                 formula="each rank's share, along the first axis, of the sum over all ranks")
broadcast_from: Primitive = Primitive("broadcast_from", lambda x, *, world, root: world.broadcast(x, root), lambda g, out, x, *, world, root: reduce_to(g, world=world, root=root),      formula="the array of rank root")
reduce_to: Primitive      = Primitive("reduce_to",      lambda x, *, world, root: world.reduce(x, root),    lambda g, out, x, *, world, root: broadcast_from(g, world=world, root=root), formula="the sum over all ranks at rank root, 0 elsewhere")
# fmt: on
