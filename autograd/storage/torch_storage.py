"""PyTorch as a storage: array-api-compat's namespace, without what would wait for a GPU.

It makes `maximum(x, 0.0)` a copy of the number from the host, and `sign(x)` a read of the device.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import array_api_compat.torch as compat
import torch

_NUMBERS = (bool, int, float, complex)
_OF_TWO = ("atan2", "copysign", "equal", "greater", "greater_equal", "hypot", "less", "less_equal",
           "logaddexp", "logical_and", "logical_or", "logical_xor", "maximum", "minimum",
           "nextafter", "not_equal")


globals().update({name: x for name, x in vars(compat).items()
                  if name[0] != "_" or name == "__array_namespace_info__"})


def _on_the_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of two operands; a number among them is made on the device of the other."""
    def number(x: Any, other: Any) -> Any:
        if not isinstance(x, _NUMBERS) or isinstance(other, _NUMBERS):
            return x
        return torch.full((), x, dtype=compat.result_type(x, other), device=other.device)

    @wraps(function)
    def call(x1: Any, x2: Any, /, **options: Any) -> Any:
        return function(number(x1, x2), number(x2, x1), **options)

    return call


for _name in _OF_TWO:
    globals()[_name] = _on_the_device(getattr(compat, _name))


def sign(x: Any, /) -> Any:
    """-1, 0 or 1, nan where x is nan; of complex numbers x / |x|."""
    if x.dtype.is_complex:
        return torch.where(x == 0, x, x / torch.abs(x))
    return torch.where(torch.isnan(x), x, torch.sign(x)) if x.dtype.is_floating_point else (
        torch.sign(x))
