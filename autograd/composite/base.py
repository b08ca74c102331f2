"""What composites share: operands with a shape, and dtypes."""

from typing import Any

from ..node import Operand
from ..ops import shapes
from ..primitive import raw
from ..storage import asarray, is_array, is_floating, namespace


def as_operand(x: Any) -> Any:
    """x as something with a shape: Tensors and arrays as they are, numbers and lists as arrays."""
    return x if isinstance(x, Operand) or is_array(x) else asarray(x)


def astype(x: Any, dtype: Any) -> Any:
    """x with another dtype; a gradient is cast back."""
    if isinstance(dtype, str):
        dtype = getattr(namespace(raw(x)), dtype)
    return x if x.dtype == dtype else shapes.astype(x, dtype=dtype)


def floating(x: Any) -> Any:
    """x as floats: integers become float64."""
    return x if is_floating(raw(x)) else astype(x, namespace(raw(x)).float64)
