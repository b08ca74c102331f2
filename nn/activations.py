"""Activations are the functions between layers: without them a network is one matrix.

Each is a module around a function of `autograd.numpy`, so it takes Values, Tensors and arrays.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, Value
from autograd.errors import describe

from .module import Module


class Activation(Module):
    """Any function of one operand as a module."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def forward(self, x: Any) -> Any:
        """The function of x, in the shape of x."""
        return self.function(x)

    def title(self) -> str:
        """The class's name, or that of the function given."""
        if type(self) is not Activation:
            return type(self).__name__
        return getattr(self.function, "__name__", type(self.function).__name__)


class ReLU(Activation):
    """max(x, 0); the derivative at 0 is 0."""

    def __init__(self) -> None:
        super().__init__(np.relu)

    def forward(self, x: Any) -> Any:
        """max(x, 0), in the shape of x."""
        return x.relu() if type(x) is Value else np.relu(x)     # the method costs a tenth


class LeakyReLU(Activation):
    """x where positive, slope · x elsewhere."""

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope
        super().__init__(partial(np.leaky_relu, slope=slope))


class ELU(Activation):
    """x where positive, alpha · (exp(x) - 1) elsewhere."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        super().__init__(partial(np.elu, alpha=alpha))


class GELU(Activation):
    """x · Φ(x), Φ the normal distribution function; approximate="tanh" for the usual formula."""

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = approximate
        super().__init__(partial(np.gelu, approximate=approximate))


class SiLU(Activation):
    """x · sigmoid(x), also called swish."""

    def __init__(self) -> None:
        super().__init__(np.silu)


class Tanh(Activation):
    """The hyperbolic tangent."""

    def __init__(self) -> None:
        super().__init__(np.tanh)


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    def __init__(self) -> None:
        super().__init__(np.sigmoid)


class Softplus(Activation):
    """log(1 + exp(x)), a smooth ReLU."""

    def __init__(self) -> None:
        super().__init__(np.softplus)


class Softmax(Activation):
    """exp(x) / sum(exp(x)) along an axis. For training use cross_entropy, which takes logits."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis
        super().__init__(partial(np.softmax, axis=axis))


class LogSoftmax(Activation):
    """log(softmax(x)) along an axis."""

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis
        super().__init__(partial(np.log_softmax, axis=axis))


class Identity(Activation):
    """x itself."""

    def __init__(self) -> None:
        super().__init__(_identity)


def _identity(x: Any) -> Any:
    return x


BY_NAME: dict[str, Callable[[], Module]] = {
    "relu": ReLU, "leaky_relu": LeakyReLU, "elu": ELU, "gelu": GELU, "silu": SiLU, "tanh": Tanh,
    "sigmoid": Sigmoid, "softplus": Softplus, "softmax": Softmax, "log_softmax": LogSoftmax,
    "identity": Identity,
}


def activation(function: str | Callable[..., Any]) -> Module:
    """A module from a name ("tanh"), a Module or its class, or any function of one operand."""
    if isinstance(function, str) and function in BY_NAME:
        return BY_NAME[function]()
    if isinstance(function, Module):
        return function
    if isinstance(function, type) and issubclass(function, Module):
        return function()
    if not callable(function):
        raise ArgumentError(f"no activation: {describe(function)}",
                            f"name one of {', '.join(BY_NAME)}, or give a function of one operand")
    return Activation(function)
