"""Activations, bounds and rounding made of primitives."""

import math
from typing import Any

from ..errors import ArgumentError
from ..ops import elementwise as e
from ..ops.elementwise import where
from ..ops.special import erfc
from ..primitive import raw
from ..storage import can_hold, is_array, is_integer, namespace
from .base import cast

_NUMBERS = {bool, int, float}


def maximum(x1: Any, x2: Any, /) -> Any:
    """The greater of two. Ties share the gradient; at a Python number it is 0, as for relu."""
    if type(x2) in _NUMBERS:
        return e.at_least(x1, x2)
    return e.at_least(x2, x1) if type(x1) in _NUMBERS else e.maximum(x1, x2)


def minimum(x1: Any, x2: Any, /) -> Any:
    """The smaller of two. Ties share the gradient; at a Python number it is 0."""
    if type(x2) in _NUMBERS:
        return e.at_most(x1, x2)
    return e.at_most(x2, x1) if type(x1) in _NUMBERS else e.minimum(x1, x2)


def clip(x: Any, /, min: Any = None, max: Any = None, *, a_min: Any = None,
         a_max: Any = None) -> Any:
    """x between min and max (None: open); the gradient is 0 outside and at both ends.

    The bounds are numbers or arrays. The dtype is that of x, unless they are of a kind that it
    cannot hold: floats beside integers. `a_min` and `a_max` are NumPy's older words for them.
    """
    if a_min is not None or a_max is not None:
        if min is not None or max is not None:
            raise ArgumentError("clip with bounds in both spellings", "leave a_min and a_max out")
        min, max = a_min, a_max
    data = raw(x)
    if type(min) is int or type(max) is int:
        min, max = _within_dtype(data, min, max)
    result = x if min is None else e.at_least(x, min)
    if max is not None:
        result = e.at_most(result, max)
    if min is None and max is None:
        return e.positive(x)
    if is_array(data) and result.dtype != data.dtype and can_hold(data, raw(result)):
        return cast(result, data.dtype)
    return result


def _within_dtype(data: Any, min: Any, max: Any) -> tuple[Any, Any]:
    """The bounds without integers that bound nothing: those beyond the dtype's own limits."""
    if not is_integer(data):
        return min, max
    limits = namespace(data).iinfo(data.dtype)
    return (None if type(min) is int and min <= limits.min else min,
            None if type(max) is int and max >= limits.max else max)


def round(x: Any, /, decimals: int = 0) -> Any:
    """x rounded to so many decimals, halves to the even side; the gradient is 0."""
    return e.round_to(x, decimals) if decimals else e.round(x)


def sign(x: Any, /) -> Any:
    """-1, 0 or 1, with gradient 0; of complex numbers x / |x|, which turns with x."""
    return e.direction(x, e.abs(x)) if e.of_complex(x) else e.sign(x)


def leaky_relu(x: Any, /, slope: float = 0.01) -> Any:
    """x where positive, slope · x elsewhere."""
    return where(x > 0, x, slope * e.at_most(x, math.inf))      # which is nan at nan


def elu(x: Any, /, alpha: float = 1.0) -> Any:
    """x where positive, alpha · (exp(x) - 1) elsewhere."""
    return where(x > 0, x, alpha * e.expm1(where(x > 0, 0.0, x)))       # alpha at 0, as below it


def silu(x: Any, /) -> Any:
    """x · sigmoid(x), also called swish."""
    return x * e.sigmoid(x)


def gelu(x: Any, /, approximate: str = "none") -> Any:
    """x · Φ(x) with Φ the normal distribution function; "tanh" for the usual approximation."""
    if approximate == "tanh":
        return x * e.sigmoid(math.sqrt(8 / math.pi) * (x + 0.044715 * (x * x * x)))
    if approximate != "none":
        raise ArgumentError(f"gelu has no approximation {approximate!r}", "use 'none' or 'tanh'")
    return 0.5 * x * erfc(x / -math.sqrt(2))            # 1 + erf has no digits on the left
