"""Limits of gradients, where PyTorch's users look for them; `nn.optim` has them too."""

from nn.optim.clipping import clip_grad_norm_, clip_grad_value_

__all__ = ["clip_grad_norm_", "clip_grad_value_"]
