"""The engine: nodes, their order, primitives, and the backward pass."""
