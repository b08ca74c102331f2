"""What composites share: operands with a shape, and dtypes."""

from typing import Any

from ..ops import shapes
from ..primitive import as_operand as as_operand, raw
from ..storage import is_floating, namespace


def astype(x: Any, dtype: Any) -> Any:
    """x with another dtype; a gradient is cast back."""
    if isinstance(dtype, str):
        dtype = getattr(namespace(raw(x)), dtype)
    return x if x.dtype == dtype else shapes.astype(x, dtype=dtype)


def floating(x: Any) -> Any:
    """x as floats: integers become float64."""
    return x if is_floating(raw(x)) else astype(x, namespace(raw(x)).float64)
