"""Scatter is the transpose of indexing: values are added where they were read from.

The array API standard has no scatter-add. NumPy has `add.at`; any other library gets a product
with a one-hot matrix, which is exact and differentiable wherever matmul is.
"""

import math
from typing import Any

import numpy


def scatter_add(xp: Any, values: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `values` added at `index`; repeated positions add up.

    The index is any that reads: what `zeros[index]` gives must have the shape of `values`.
    """
    if isinstance(values, (numpy.ndarray, numpy.generic)):
        result = numpy.zeros(shape, values.dtype)
        if _is_basic(index):
            result[index] = values
        else:
            numpy.add.at(result, index, values)
        return result
    size = math.prod(shape)
    positions = xp.reshape(xp.arange(size, device=values.device), shape)[index]
    flat = scatter_last(xp, xp.reshape(values, (1, -1)), xp.reshape(positions, (-1,)), size)
    return xp.reshape(flat, shape)


def scatter_last(xp: Any, values: Any, positions: Any, size: int) -> Any:
    """Row by row: values (..., k) added at positions (k,) or (..., k) of an axis of `size`."""
    places = xp.arange(size, device=values.device)
    positions = xp.where(positions < 0, positions + size, positions)
    one_hot = xp.expand_dims(positions, axis=-1) == places
    rows = xp.expand_dims(values, axis=-2) @ xp.astype(one_hot, values.dtype)
    return xp.reshape(rows, (*values.shape[:-1], size))


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    plain = (slice, int, numpy.integer, type(None), type(Ellipsis))
    return all(isinstance(part, plain) and not isinstance(part, bool) for part in parts)


def scatter_take(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """The transpose of take(x, indices, axis=axis), where x has `size` elements along axis."""
    if isinstance(values, numpy.ndarray):
        result = numpy.zeros((*values.shape[:axis % values.ndim], size,
                              *values.shape[axis % values.ndim + 1:]), values.dtype)
        numpy.add.at(numpy.moveaxis(result, axis, 0), indices, numpy.moveaxis(values, axis, 0))
        return result
    moved = scatter_last(xp, xp.moveaxis(values, axis, -1), indices, size)
    return xp.moveaxis(moved, -1, axis)


def scatter_along(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """The transpose of take_along_axis(x, indices, axis=axis)."""
    if isinstance(values, numpy.ndarray):
        axis %= values.ndim
        places: list[Any] = list(numpy.ogrid[tuple(map(slice, values.shape))])
        places[axis] = indices
        result = numpy.zeros((*values.shape[:axis], size, *values.shape[axis + 1:]), values.dtype)
        numpy.add.at(result, tuple(places), values)
        return result
    moved = scatter_last(xp, xp.moveaxis(values, axis, -1), xp.moveaxis(indices, axis, -1), size)
    return xp.moveaxis(moved, -1, axis)


def last_writes(xp: Any, target: Any, index: Any) -> Any:
    """1 for each value that `target[index] = values` leaves there, 0 for each overwritten one.

    None where no position can repeat.
    """
    if not isinstance(target, numpy.ndarray) or _is_basic(index):
        return None
    positions = numpy.arange(target.size).reshape(target.shape)[index]
    writer = numpy.empty(target.size, int)
    order = numpy.arange(positions.size).reshape(positions.shape)
    writer[positions] = order
    return (writer[positions] == order).astype(target.dtype)
