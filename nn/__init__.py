"""Neural networks on `autograd`: neurons of Values to look into, layers of Tensors to train."""

# ruff: noqa: E402
from ._engine import require_engine

require_engine()

from . import init
from .activations import (ELU, GELU, Activation, Identity, LeakyReLU, LogSoftmax, ReLU, Sigmoid,
                          SiLU, Softmax, Softplus, Tanh, activation)
from .layers import Dropout, Linear, Sequential
from .losses import (binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, l1_loss, mse_loss,
                     quadratic_loss)
from .module import Module
from .neuron import MLP, Layer, Neuron

__all__ = [
    # the scalar lesson
    "Neuron", "Layer", "MLP",
    # modules
    "Module", "Linear", "Sequential", "Dropout", "init",
    # activations
    "activation", "Activation", "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid",
    "Softplus", "Softmax", "LogSoftmax", "Identity",
    # losses
    "mse_loss", "l1_loss", "quadratic_loss", "huber_loss", "hinge_loss", "cross_entropy",
    "binary_cross_entropy",
]
