"""Utilities by PyTorch's path `nn.utils`: clipping, parameters as a vector, parametrizations."""

from nn.names import of_utils as __getattr__  # noqa: F401
from nn.optim.clipping import clip_grad_norm_, clip_grad_value_
from nn.utils import parametrizations, parametrize
from nn.utils.vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "clip_grad_norm_",
    "clip_grad_value_",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "vector_to_parameters",
]
