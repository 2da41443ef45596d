"""Gradient clipping, by PyTorch's path `nn.utils`; `nn.optim` has the same functions."""

from nn.names import of_utils as __getattr__  # noqa: F401
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]
