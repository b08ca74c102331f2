"""Activations and bounds made of primitives."""

import math
from typing import Any

from ..errors import ArgumentError
from ..ops import elementwise as e
from ..ops.elementwise import where

_NUMBERS = (bool, int, float)


def maximum(x: Any, y: Any) -> Any:
    """The greater of x and y. Ties share the gradient; at a Python number it is 0, as for relu."""
    if type(y) in _NUMBERS:
        return e.at_least(x, y)
    return e.at_least(y, x) if type(x) in _NUMBERS else e.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y. Ties share the gradient; at a Python number it is 0."""
    if type(y) in _NUMBERS:
        return e.at_most(x, y)
    return e.at_most(y, x) if type(x) in _NUMBERS else e.minimum(x, y)


def clip(x: Any, min: Any = None, max: Any = None) -> Any:
    """x between min and max (None: open); the gradient is 0 outside and at both ends."""
    if min is not None:
        x = e.at_least(x, min)
    if max is not None:
        x = e.at_most(x, max)
    return e.positive(x) if min is None and max is None else x


def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where positive, slope · x elsewhere."""
    return where(x > 0, x, slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where positive, alpha · (exp(x) - 1) elsewhere."""
    return where(x > 0, x, alpha * e.expm1(where(x > 0, 0.0, x)))       # alpha at 0, as below it


def silu(x: Any) -> Any:
    """x · sigmoid(x), also called swish."""
    return x * e.sigmoid(x)


def gelu(x: Any, approximate: str = "none") -> Any:
    """x · Φ(x) with Φ the normal distribution function; "tanh" for the usual approximation."""
    if approximate == "tanh":
        return 0.5 * x * (1.0 + e.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    if approximate != "none":
        raise ArgumentError(f"gelu has no approximation {approximate!r}", "use 'none' or 'tanh'")
    return 0.5 * x * (1.0 + e.erf(x / math.sqrt(2)))
