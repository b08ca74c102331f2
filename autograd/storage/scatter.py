"""Scatter is the transpose of indexing: values are added where they were read from.

The array API standard has no scatter-add. Libraries that are known here have one each; any other
gets a product with a one-hot matrix, which is exact and differentiable wherever matmul is.
"""

import math
from typing import Any

import numpy

from .indexing import may_repeat, positions, setitem, write
from .libraries import library_of
from .memory import immutable


def scatter_add(xp: Any, values: Any, index: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `values` added at `index`; repeated positions add up.

    The index is any that reads: what `zeros[index]` gives must have the shape of `values`.
    """
    zeros = _zeros(xp, values, shape)
    if not may_repeat(xp, zeros, index):
        if immutable(zeros):
            return setitem(xp, zeros, values, index)
        write(xp, zeros, values, index)
        return zeros
    if isinstance(zeros, numpy.ndarray):
        numpy.add.at(zeros, index, values)
        return zeros
    places = xp.reshape(positions(xp, zeros, index), (-1,))
    size = math.prod(shape)
    return xp.reshape(scatter_take(xp, xp.reshape(values, (-1,)), places, 0, size), shape)


def scatter_take(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """The transpose of take(x, indices, axis=axis), where x has `size` elements along axis."""
    axis %= len(values.shape)
    shape = (*values.shape[:axis], size, *values.shape[axis + 1:])
    if _name(values) == "torch":                        # it takes no negative index
        return _zeros(xp, values, shape).index_add_(
            axis, xp.where(indices < 0, indices + size, indices), values)
    if _takes_any_index(values):
        return _added(xp, values, (*(slice(None),) * axis, indices), shape)
    return one_hot_take(xp, values, indices, axis, size)


def take_along(xp: Any, x: Any, indices: Any, axis: int) -> Any:
    """take_along_axis(x, indices, axis=axis): PyTorch's of the standard would wrap around."""
    if _name(x) != "torch":
        return xp.take_along_axis(x, indices, axis=axis)
    n = x.shape[axis]
    return x.gather(axis % len(x.shape), xp.where(indices < 0, indices + n, indices))


def scatter_along(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """The transpose of take_along_axis(x, indices, axis=axis)."""
    axis %= len(values.shape)
    shape = (*values.shape[:axis], size, *values.shape[axis + 1:])
    if _name(values) == "torch":
        return _zeros(xp, values, shape).scatter_add_(
            axis, xp.where(indices < 0, indices + size, indices), values)
    if _takes_any_index(values):
        places: list[Any] = list(numpy.ogrid[tuple(map(slice, values.shape))])
        places[axis] = indices
        return _added(xp, values, tuple(map(xp.asarray, places)), shape)
    return one_hot_along(xp, values, indices, axis, size)


# -- the definition, in standard functions -----------------------------------------------------

def one_hot_take(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """`scatter_take` as a product with a matrix of zeros and ones."""
    moved = _one_hot(xp, xp.moveaxis(values, axis, -1), indices, size)
    return xp.moveaxis(moved, -1, axis)


def one_hot_along(xp: Any, values: Any, indices: Any, axis: int, size: int) -> Any:
    """`scatter_along` as a product with a matrix of zeros and ones for each row."""
    moved = _one_hot(xp, xp.moveaxis(values, axis, -1), xp.moveaxis(indices, axis, -1), size)
    return xp.moveaxis(moved, -1, axis)


def _one_hot(xp: Any, values: Any, places: Any, size: int) -> Any:
    """Row by row: values (..., k) added at places (k,) or (..., k) of an axis of `size`."""
    places = xp.where(places < 0, places + size, places)
    hits = xp.expand_dims(places, axis=-1) == xp.arange(size, device=values.device)
    rows = xp.expand_dims(values, axis=-2) @ xp.astype(hits, values.dtype)
    return xp.reshape(rows, (*values.shape[:-1], size))


def _added(xp: Any, values: Any, places: Any, shape: tuple[int, ...]) -> Any:
    zeros = _zeros(xp, values, shape)
    if hasattr(zeros, "at"):
        return zeros.at[places].add(values)
    xp.add.at(zeros, places, values)
    return zeros


def _takes_any_index(x: Any) -> bool:
    library: Any = library_of(x)
    return library.takes_any_index


def _zeros(xp: Any, values: Any, shape: tuple[int, ...]) -> Any:
    library: Any = library_of(values)
    place = None if library.name == "numpy" else library.device_of(values)
    return xp.zeros(tuple(shape), dtype=values.dtype,
                    **({} if place is None else {"device": place}))


def _name(x: Any) -> str:
    library: Any = library_of(x)
    return library.name
