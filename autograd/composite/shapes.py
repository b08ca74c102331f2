"""Functions that rearrange arrays, made of reshape, permute, broadcast, concat and split."""

import builtins
from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ShapeError, StorageError, describe, operands_do_not_fit
from ..ops import indexing, shapes
from ..ops.elementwise import where
from ..ops.shapes import axes_of, broadcast_to, concat, permute_dims, reshape
from ..primitive import NUMBERS, raw
from ..storage import arange, full, is_floating, is_integer, is_numpy, namespace, placed
from .base import as_operand, as_operands, integers


def expand_dims(x: Any, /, axis: Any) -> Any:
    """x with new axes of length 1 at the positions given."""
    x = as_operand(x)
    new = axes_of(axis, len(x.shape) + (len(axis) if isinstance(axis, (tuple, list)) else 1))
    sizes = iter(x.shape)
    count = len(x.shape) + len(new)
    return reshape(x, shape=tuple(1 if i in new else next(sizes) for i in range(count)))


def squeeze(x: Any, /, axis: Any = None) -> Any:
    """x without the axes given (None: all), which must have length 1."""
    x = as_operand(x)
    gone = (tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None
            else axes_of(axis, len(x.shape)))
    if any(x.shape[i] != 1 for i in gone):
        raise ShapeError(f"squeeze: axis {axis} of shape {x.shape} is not 1",
                         "squeeze only axes of length 1")
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in gone))


def concatenate(arrays: Sequence[Any], /, axis: int | None = 0) -> Any:
    """The arrays joined along an axis (None: flattened first)."""
    xs = as_operands(*arrays)
    if not xs:
        raise ShapeError("concat of no arrays", "give it one array at least")
    if axis is None:
        xs, axis = [reshape(x, shape=(-1,)) for x in xs], 0
    (axis,) = axes_of(axis, len(xs[0].shape))
    return concat(*xs, axis=axis)


def stack(arrays: Sequence[Any], /, axis: int = 0) -> Any:
    """The arrays joined along a new axis."""
    arrays = as_operands(*arrays)
    found = {tuple(x.shape) for x in arrays}
    if len(found) > 1:
        raise ShapeError(f"stack: shapes {' and '.join(map(str, sorted(found)))} differ",
                         "stack joins equal shapes along a new axis; concat along an old one")
    xs = [expand_dims(x, axis=axis) for x in arrays]
    return concatenate(xs, axis=axes_of(axis, len(xs[0].shape))[0] if xs else 0)


def unstack(x: Any, /, axis: int = 0) -> tuple[Any, ...]:
    """The slices of x along an axis, which is gone in each: `stack` undone."""
    x = as_operand(x)
    if not len(x.shape):
        raise ShapeError("unstack of shape ()", "it is one number: there is nothing to unstack")
    (axis,) = axes_of(axis, len(x.shape))
    front = (slice(None),) * axis
    return tuple(x[(*front, i, ...)] for i in range(x.shape[axis]))


def broadcast_arrays(*arrays: Any) -> tuple[Any, ...]:
    """The arrays, each broadcast to the shape that all have together; itself where it has that."""
    xs = as_operands(*arrays)
    shape = broadcast_shapes(*(tuple(x.shape) for x in xs))
    return tuple(x if tuple(x.shape) == shape else broadcast_to(x, shape=shape) for x in xs)


def broadcast_shapes(*shapes_: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that arrays of these shapes have together; ShapeError where they do not fit."""
    ndim = builtins.max(map(len, shapes_), default=0)
    found = []
    for sizes in zip(*((1,) * (ndim - len(shape)) + tuple(shape) for shape in shapes_)):
        wide = {n for n in sizes if n != 1}
        if len(wide) > 1:
            raise ShapeError(f"shapes {' and '.join(map(str, shapes_))} do not fit",
                             "axes are matched from the right and must be equal or 1")
        found.append(wide.pop() if wide else 1)
    return tuple(found)


def meshgrid(*arrays: Any, indexing: str = "xy") -> tuple[Any, ...]:
    """The coordinates of a grid, from those along each axis; "ij" keeps the axes in their order."""
    xs = as_operands(*arrays)
    if indexing not in ("xy", "ij") or any(len(x.shape) != 1 for x in xs):
        raise ShapeError(f"meshgrid of shapes {[tuple(x.shape) for x in xs]}, indexing="
                         f"{indexing!r}", 'give arrays of one axis, indexing="xy" or "ij"')
    order = list(range(len(xs)))
    if indexing == "xy" and len(xs) > 1:
        order[:2] = 1, 0
    n = len(xs)
    return broadcast_arrays(*(reshape(x, shape=tuple(x.shape[0] if k == order[i] else 1
                                                     for k in range(n)))
                              for i, x in enumerate(xs)))


def split(x: Any, /, sections: Any, axis: int = 0) -> list[Any]:
    """x cut along an axis into equal `sections`, or at the positions given."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    if isinstance(sections, int):
        if sections < 1 or x.shape[axis] % sections:
            raise ShapeError(f"split: {x.shape[axis]} elements along axis {axis} cannot be cut "
                             f"into {sections} equal parts", "give the positions to cut at")
        size = x.shape[axis] // sections
        sections = [size * k for k in range(1, sections)]
    at = tuple(sections)
    if list(at) != sorted(at):
        raise ShapeError(f"split: the positions {at} are not in order", "sort them")
    return list(shapes.split_at(x, at=at, axis=axis))


def moveaxis(x: Any, /, source: Any, destination: Any) -> Any:
    """x with some axes moved, the others in their order."""
    x = as_operand(x)
    ndim = len(x.shape)
    to, come = axes_of(destination, ndim), axes_of(source, ndim)
    if len(to) != len(come):
        raise ShapeError(f"moveaxis of {len(come)} axes, {source}, to {len(to)}, {destination}",
                         "give each axis that is moved its place")
    moved = dict(zip(to, come, strict=True))
    rest = iter(i for i in range(ndim) if i not in moved.values())
    return permute_dims(x, axes=tuple(moved[i] if i in moved else next(rest) for i in range(ndim)))


def transpose(x: Any, /, axes: Sequence[int] | None = None) -> Any:
    """x with its axes reversed, or permuted as given."""
    ndim = len(as_operand(x).shape)
    return permute_dims(x, axes=tuple(axes) if axes else tuple(reversed(range(ndim))))


def swapaxes(x: Any, /, axis1: int, axis2: int) -> Any:
    """x with two axes exchanged."""
    x = as_operand(x)
    order = list(range(len(x.shape)))
    (i,), (j,) = axes_of(axis1, len(order)), axes_of(axis2, len(order))
    order[i], order[j] = j, i
    return permute_dims(x, axes=tuple(order))


def repeat(x: Any, /, repeats: Any, axis: int | None = None) -> Any:
    """Each element (or slice along an axis) repeated; None flattens first.

    `repeats` is one number for all or one for each: of Python or NumPy, which `jax.jit` needs, or
    an array beside x.
    """
    x = as_operand(x)
    if axis is None:
        x, axis = reshape(x, shape=(-1,)), 0
    (axis,) = axes_of(axis, len(x.shape))
    like, counts, n = raw(x), repeats, x.shape[axis]
    if type(counts) is not int:
        counts = integers("repeat", counts)
        like = counts if is_numpy(counts) else like     # read where it is, as a shape is
        if tuple(counts.shape) not in ((), (1,), (n,)):
            raise ShapeError(f"repeat: {describe(counts)} for {n} elements along axis {axis}",
                             "give one number for all or one for each")
        if namespace(counts) is not namespace(like):
            raise StorageError(f"repeat: {describe(x)} beside counts of another library, "
                               f"{describe(counts)}", "give the counts as a list")
    try:
        places = namespace(like).repeat(arange(like, n), counts)
    except Exception as error:
        raise operands_do_not_fit("repeat", (like, counts), {}, error) from error
    return indexing.take(x, places if like is raw(x) else placed(raw(x), places), axis=axis)


def tile(x: Any, /, repetitions: Any) -> Any:
    """x laid side by side, as often as `repetitions` says for each axis."""
    x = as_operand(x)
    reps = repetitions if isinstance(repetitions, (tuple, list)) else (repetitions,)
    ndim = builtins.max(len(reps), len(x.shape))
    reps = (1,) * (ndim - len(reps)) + tuple(reps)
    shape = (1,) * (ndim - len(x.shape)) + tuple(x.shape)
    pairs = tuple(n for pair in zip([1] * ndim, shape) for n in pair)
    full = tuple(n for pair in zip(reps, shape) for n in pair)
    wide = broadcast_to(reshape(x, shape=pairs), shape=full)
    return reshape(shapes.astype(wide, dtype=x.dtype), shape=tuple(    # with memory of its own
        r * n for r, n in zip(reps, shape)))


def pad(x: Any, /, width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    """x with `width` new elements around it: a number, (before, after), or a pair for each axis."""
    x = as_operand(x)
    if mode != "constant":
        raise ArgumentError(f"pad has no mode {mode!r}", "use mode='constant'")
    if isinstance(width, int):
        width = (width, width)
    if isinstance(width[0], int) or len(width) == 1:
        pair = width if isinstance(width[0], int) else width[0]
        width = (tuple(pair),) * len(x.shape)
    if len(width) != len(x.shape) or any(len(pair) != 2 or min(pair) < 0 for pair in width):
        raise ShapeError(f"pad: width {width} for an array of shape {tuple(x.shape)}",
                         "give a number, (before, after), or such a pair for each axis")
    if not any(before or after for before, after in width):
        return x
    index = tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, width))
    around = full(raw(x), [sum((n, *pair)) for n, pair in zip(x.shape, width)], constant_values)
    return indexing.setitem(around, x, index=index)


def diff(x: Any, /, n: int = 1, axis: int = -1, *, prepend: Any = None,
         append: Any = None) -> Any:
    """The n-th difference of neighbours along an axis, with what is put before or after it first.

    `prepend` and `append` fit x on the other axes, or are single numbers.
    """
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    if n < 0:
        raise ArgumentError(f"diff of order {n}", "give n = 0, 1, 2 ...")
    before, after = ([] if end is None else [_along(end, x, axis)] for end in (prepend, append))
    if before or after:
        x = concat(*before, x, *after, axis=axis)
    front = (slice(None),) * axis
    for _ in range(n):
        first, last = min(1, x.shape[axis]), max(0, x.shape[axis] - 1)
        x = x[(*front, slice(first, None), ...)] - x[(*front, slice(last), ...)]
    return x


def _along(end: Any, x: Any, axis: int) -> Any:
    """What is to be joined to x along an axis: an array as it is, a number as one slice."""
    end = full(raw(x), (), end) if type(end) in NUMBERS else as_operand(end)
    slice_of_x = (*x.shape[:axis], 1, *x.shape[axis + 1:])
    return end if len(end.shape) else broadcast_to(end, shape=slice_of_x)


def triu(x: Any, /, k: int = 0) -> Any:
    """The elements on and above diagonal k; zeros below."""
    return _triangle(x, k, lambda column, row: column - row >= k)


def tril(x: Any, /, k: int = 0) -> Any:
    """The elements on and below diagonal k; zeros above."""
    return _triangle(x, k, lambda column, row: column - row <= k)


def _triangle(x: Any, k: int, keep: Any) -> Any:
    x = as_operand(x)
    if len(x.shape) < 2:
        raise ShapeError(f"a triangle of an array of shape {x.shape}", "give it a matrix")
    rows, columns = (arange(raw(x), n) for n in x.shape[-2:])
    zero = 0 if is_floating(raw(x)) or is_integer(raw(x)) else False
    return where(keep(columns[None, :], rows[:, None]), x, zero)
