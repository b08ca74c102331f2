"""Nested tuples, lists and dicts of arrays as one vector, and back; gradients go through both."""

import math
from collections.abc import Callable
from typing import Any

from .. import numpy as np
from ..composite import as_operand
from ..containers import leaves, rebuild


def flatten(value: Any) -> tuple[Any, Callable[[Any], Any]]:
    """(All numbers of `value` in one vector, the function that makes such containers of a vector).
    """
    parts = leaves(value)
    shapes = [np.shape(part) for part in parts]
    ends = [0]
    for shape in shapes:
        ends.append(ends[-1] + math.prod(shape))

    def unflatten(vector: Any) -> Any:
        return rebuild(value, [np.reshape(vector[start:stop], shape)
                               for start, stop, shape in zip(ends, ends[1:], shapes)])

    flat = [np.reshape(as_operand(part), (-1,)) for part in parts]
    return np.concatenate(flat) if flat else np.zeros(0), unflatten


def flatten_func(func: Callable[..., Any], example: Any) -> tuple[Any, Any, Any]:
    """(func of a vector in place of `example`, unflatten, `example` as a vector)."""
    vector, unflatten = flatten(example)

    def of_vector(x: Any, *args: Any) -> Any:
        return flatten(func(unflatten(x), *args))[0]

    return of_vector, unflatten, vector
