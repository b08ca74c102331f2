"""Selection, sorting and running totals, made of the primitives that read and add up."""

from typing import Any

from ..errors import ShapeError
from ..ops import constants, indexing, reductions, shapes
from ..ops.shapes import axes_of, broadcast_to, concat, reshape
from ..primitive import raw
from ..storage import full, library_of, placed
from .base import as_operand, cast, in_dtype, integers, of_python
from .shapes import broadcast_shapes


def take(x: Any, /, indices: Any, axis: int | None = None) -> Any:
    """The elements at integer `indices` along an axis (None: of x flattened)."""
    x = as_operand(x)
    if axis is None:
        x, axis = reshape(x, shape=(-1,)), 0
    (axis,) = axes_of(axis, len(x.shape))
    places = _places("take", x, indices)
    library: Any = library_of(places)
    flat = reshape(cast(places, library.dtype(int)), shape=(-1,))
    found = indexing.take(x, flat, axis=axis)
    return reshape(found, shape=(*x.shape[:axis], *places.shape, *x.shape[axis + 1:]))


def _places(name: str, x: Any, indices: Any) -> Any:
    """Indices as a plain array: those of Python beside x, arrays where they are."""
    places = integers(name, indices)
    return placed(raw(x), places) if of_python(raw(indices)) else places


def take_along_axis(x: Any, /, indices: Any, axis: int = -1) -> Any:
    """The element at each index along an axis; elsewhere the shapes broadcast."""
    x = as_operand(x)
    places = _places("take_along_axis", x, indices)
    if len(places.shape) != len(x.shape):
        raise ShapeError(f"take_along_axis: indices of shape {tuple(places.shape)} for an array "
                         f"of shape {tuple(x.shape)}", "give both the same number of axes")
    (axis,) = axes_of(axis, len(x.shape))
    together = broadcast_shapes(*((*array.shape[:axis], 1, *array.shape[axis + 1:])
                                  for array in (x, places)))
    return indexing.take_along_axis(
        *(array if tuple(array.shape) == shape else broadcast_to(array, shape=shape)
          for array in (x, places)
          for shape in [(*together[:axis], array.shape[axis], *together[axis + 1:])]), axis=axis)


def sort(x: Any, /, axis: int = -1, *, descending: bool = False, stable: bool = True) -> Any:
    """x sorted along an axis; each gradient goes back to where its element came from."""
    x = as_operand(x)
    order = constants.argsort(raw(x), axis=axis, descending=descending, stable=True)
    return indexing.take_along_axis(x, order, axis=axes_of(axis, len(x.shape))[0])


def searchsorted(x1: Any, x2: Any, /, *, side: str = "left", sorter: Any = None) -> Any:
    """Where each of x2 belongs in the sorted x1, before equals or (side="right") after them.

    `sorter` holds the integers that sort x1, if it is not sorted.
    """
    x1 = as_operand(x1)
    return constants.searchsorted(x1 if sorter is None else take(x1, sorter), x2, side=side)


def isin(x1: Any, x2: Any, /, *, invert: bool = False) -> Any:
    """Whether each element of x1 is (with `invert`: is not) among those of x2."""
    found = constants.isin(x1, x2)
    return constants.logical_not(found) if invert else found


def cumulative_sum(x: Any, /, axis: int | None = None, *, dtype: Any = None,
                   include_initial: bool = False) -> Any:
    """Running sums along an axis (needed unless x has one), from 0 on with include_initial."""
    return _scan(shapes.cumulative_sum, x, axis, dtype, include_initial, 0)


def cumulative_prod(x: Any, /, axis: int | None = None, *, dtype: Any = None,
                    include_initial: bool = False) -> Any:
    """Running products along an axis, from 1 on with include_initial; exact at zeros."""
    return _scan(reductions.cumulative_prod, x, axis, dtype, include_initial, 1)


def cumsum(x: Any, /, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running sums along an axis; None flattens first, as NumPy does."""
    return cumulative_sum(_flat(x, axis), axis, dtype=dtype)


def cumprod(x: Any, /, axis: int | None = None, *, dtype: Any = None) -> Any:
    """Running products along an axis; None flattens first, as NumPy does."""
    return cumulative_prod(_flat(x, axis), axis, dtype=dtype)


def _flat(x: Any, axis: int | None) -> Any:
    return reshape(as_operand(x), shape=(-1,)) if axis is None else x


def _scan(scan: Any, x: Any, axis: int | None, dtype: Any, include_initial: bool,
          first: int) -> Any:
    x = as_operand(x)
    if not len(x.shape) or (axis is None and len(x.shape) > 1):
        raise ShapeError(f"a running total over an array of shape {x.shape} needs an axis",
                         "give axis=..., or flatten x first")
    (axis,) = axes_of(0 if axis is None else axis, len(x.shape))
    result = in_dtype(scan, x, dtype, axis=axis)
    if include_initial:
        shape = tuple(1 if i == axis else n for i, n in enumerate(x.shape))
        start = full(raw(result), shape, first)
        result = concat(start, result, axis=axis)
    return result
