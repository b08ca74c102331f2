"""Products of arrays made of the product of matrices."""

import math
from typing import Any

from ..errors import ShapeError
from ..ops import elementwise as e
from ..ops.linalg import matmul
from ..ops.shapes import axes_of, permute_dims, reshape
from .base import as_operand
from .reductions import sum


def outer(x: Any, y: Any) -> Any:
    """Every product x[i] · y[j] of two vectors, shape (m, n)."""
    x, y = as_operand(x), as_operand(y)
    return reshape(x, shape=(math.prod(x.shape), 1)) * reshape(y, shape=(1, math.prod(y.shape)))


def vecdot(x: Any, y: Any, axis: int = -1) -> Any:
    """The scalar product along an axis (conjugating x)."""
    x, y = as_operand(x), as_operand(y)
    if x.shape[axis] != y.shape[axis]:
        raise ShapeError(f"vecdot: shapes {x.shape} and {y.shape} differ along axis {axis}",
                         "both must have the same length there")
    return sum(e.conj(x) * y, axis=axis)


def tensordot(x: Any, y: Any, axes: Any = 2) -> Any:
    """Contract the last `axes` axes of x with the first of y, or the pairs of axes given."""
    x, y = as_operand(x), as_operand(y)
    m, n = len(x.shape), len(y.shape)
    if isinstance(axes, int):
        over_x, over_y = tuple(range(m - axes, m)), tuple(range(axes))
    else:
        over_x, over_y = axes_of(axes[0], m), axes_of(axes[1], n)
    if [x.shape[i] for i in over_x] != [y.shape[i] for i in over_y]:
        raise ShapeError(f"tensordot: shapes {x.shape} and {y.shape} differ on axes "
                         f"{over_x} and {over_y}", "contracted axes must have equal lengths")
    free_x = tuple(i for i in range(m) if i not in over_x)
    free_y = tuple(i for i in range(n) if i not in over_y)
    inner = math.prod(x.shape[i] for i in over_x)
    kept = (*(x.shape[i] for i in free_x), *(y.shape[i] for i in free_y))
    left = reshape(_permuted(x, free_x + over_x),
                   shape=(math.prod(x.shape[i] for i in free_x), inner))
    right = reshape(_permuted(y, over_y + free_y),
                    shape=(inner, math.prod(y.shape[i] for i in free_y)))
    return reshape(matmul(left, right), shape=kept)


def _permuted(x: Any, axes: tuple[int, ...]) -> Any:
    return permute_dims(x, axes=axes) if axes != tuple(range(len(axes))) else x
