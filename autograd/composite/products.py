"""Products of arrays made of the product of matrices, and those along one axis."""

import math
from typing import Any

from ..errors import ShapeError
from ..ops import elementwise as e
from ..ops.linalg import matmul
from ..ops.shapes import axes_of, permute_dims, reshape, roll
from .base import as_operands, cast
from .reductions import sum


def outer(x1: Any, x2: Any, /) -> Any:
    """Every product x1[i] · x2[j] of two vectors, shape (m, n); other shapes are flattened."""
    x, y = as_operands(x1, x2)
    return e.multiply(reshape(x, shape=(math.prod(x.shape), 1)),
                      reshape(y, shape=(1, math.prod(y.shape))))


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The scalar product along an axis, x1 conjugated; the other axes broadcast."""
    x, y = _along("vecdot", x1, x2, axis)
    product = e.multiply(e.conj(x), y)
    return cast(sum(product, axis=axis), product.dtype)


def cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """The cross product of vectors of 3 elements along an axis; the other axes broadcast."""
    x, y = _along("cross", x1, x2, axis)
    if x.shape[axis] != 3:
        raise ShapeError(f"cross: shapes {tuple(x.shape)} and {tuple(y.shape)} have "
                         f"{x.shape[axis]} elements along axis {axis}",
                         "vectors have three; give those of a plane a third, 0")
    return (e.multiply(roll(x, shift=-1, axis=axis), roll(y, shift=1, axis=axis))
            - e.multiply(roll(x, shift=1, axis=axis), roll(y, shift=-1, axis=axis)))


def _along(name: str, x1: Any, x2: Any, axis: int) -> tuple[Any, Any]:
    """Two operands that have an axis in common, of one length."""
    x, y = as_operands(x1, x2)
    m, n = len(x.shape), len(y.shape)
    if not -min(m, n) <= axis < min(m, n) or (axis >= 0 and m != n):
        raise ShapeError(f"{name}: axis {axis} of shapes {tuple(x.shape)} and {tuple(y.shape)}",
                         "count from the back, so that both have it: axis=-1 is the last")
    if x.shape[axis] != y.shape[axis]:
        raise ShapeError(f"{name}: shapes {tuple(x.shape)} and {tuple(y.shape)} differ along axis "
                         f"{axis}", "both must have the same length there")
    return x, y


def tensordot(x1: Any, x2: Any, /, axes: Any = 2) -> Any:
    """Contract the last `axes` axes of x1 with the first of x2, or the pairs of axes given."""
    x, y = as_operands(x1, x2)
    m, n = len(x.shape), len(y.shape)
    if isinstance(axes, int):
        if not 0 <= axes <= min(m, n):
            raise ShapeError(f"tensordot over {axes} axes of shapes {tuple(x.shape)} and "
                             f"{tuple(y.shape)}", f"give a number from 0 to {min(m, n)}")
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
