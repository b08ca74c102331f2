"""Selection, sorting and running totals, made of the primitives that read and add up."""

from typing import Any

from ..errors import DtypeError, ShapeError
from ..ops import constants, indexing, reductions, shapes
from ..ops.shapes import axes_of, broadcast_to, concat, reshape
from ..primitive import raw
from ..storage import full, is_floating, namespace
from .base import as_operand


def take(x: Any, indices: Any, axis: int | None = None) -> Any:
    """The elements at integer `indices` along an axis (None: of x flattened)."""
    x = as_operand(x)
    if axis is None:
        x, axis = reshape(x, shape=(-1,)), 0
    (axis,) = axes_of(axis, len(x.shape))
    places = raw(as_operand(indices))
    if is_floating(places):
        raise DtypeError(f"take: indices must be integers, got {places.dtype}",
                         "convert them with astype('int64')")
    xp, shape = namespace(raw(x)), tuple(places.shape)
    flat = xp.asarray(namespace(places).reshape(places, (-1,)), dtype=xp.int64)
    found = indexing.take(x, flat, axis=axis)
    return reshape(found, shape=(*x.shape[:axis], *shape, *x.shape[axis + 1:]))


def take_along_axis(x: Any, indices: Any, axis: int = -1) -> Any:
    """The element at each index along an axis; indices have the shape of the result."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    places = raw(as_operand(indices))
    broad = tuple(n if i == axis else places.shape[i] for i, n in enumerate(x.shape))
    return indexing.take_along_axis(x if broad == tuple(x.shape) else broadcast_to(x, shape=broad),
                                    places, axis=axis)


def sort(x: Any, axis: int = -1, *, descending: bool = False, stable: bool = True) -> Any:
    """x sorted along an axis; each gradient goes back to where its element came from."""
    x = as_operand(x)
    order = constants.argsort(raw(x), axis=axis, descending=descending, stable=True)
    return indexing.take_along_axis(x, order, axis=axes_of(axis, len(x.shape))[0])


def cumulative_sum(x: Any, axis: int | None = None, *, include_initial: bool = False) -> Any:
    """Running sums along an axis (needed unless x has one), from 0 on with include_initial."""
    return _scan(shapes.cumulative_sum, x, axis, include_initial, 0)


def cumulative_prod(x: Any, axis: int | None = None, *, include_initial: bool = False) -> Any:
    """Running products along an axis, from 1 on with include_initial; exact at zeros."""
    return _scan(reductions.cumulative_prod, x, axis, include_initial, 1)


def _scan(scan: Any, x: Any, axis: int | None, include_initial: bool, first: int) -> Any:
    x = as_operand(x)
    if axis is None and len(x.shape) != 1:
        raise ShapeError(f"a running total over an array of shape {x.shape} needs an axis",
                         "give axis=..., or flatten x first")
    (axis,) = axes_of(0 if axis is None else axis, len(x.shape))
    result = scan(x, axis=axis)
    if include_initial:
        shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
        start = full(raw(result), shape, first)
        result = concat(start, result, axis=axis)
    return result
