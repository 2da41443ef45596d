"""Functions from functions to their derivatives."""

from autograd.transforms.gradient import grad, value_and_grad
from autograd.transforms.matrices import hessian, jacobian
from autograd.transforms.products import hvp, jvp, vjp

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
