"""The two kinds of nodes that users hold: Value and Tensor."""
