"""Layers, losses and optimizers: compositions of the engine's primitives, without a derivative of
their own."""

from nn import functional, init, optim
from nn.activation import ReLU, Tanh
from nn.container import Sequential
from nn.functional import cross_entropy
from nn.linear import Linear
from nn.module import Module
from nn.parameter import Parameter

__all__ = [
    "Linear",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Tanh",
    "cross_entropy",
    "functional",
    "init",
    "optim",
]
