"""Functions made of primitives: no derivative is written here, because theirs follow.

Signatures are those of NumPy and the array API standard. Each takes Tensors, arrays and floats.
"""

import builtins
import math
from collections.abc import Sequence
from typing import Any

from .errors import ArgumentError, DtypeError, ShapeError
from .node import Operand
from .ops import elementwise as e
from .ops import constants, indexing, reductions, shapes
from .ops.elementwise import exp, log, where
from .ops.linalg import matmul
from .ops.shapes import axes_of, broadcast_to, concat, permute_dims, reshape
from .primitive import raw
from .storage import asarray, is_array, is_floating, namespace

_NUMBERS = (bool, int, float)


def as_operand(x: Any) -> Any:
    """x as something with a shape: Tensors and arrays as they are, numbers and lists as arrays."""
    return x if isinstance(x, Operand) or is_array(x) else asarray(x)


def _like(x: Any, array: Any, dtype: Any = None) -> Any:
    """A constant in the storage and dtype of the operand x."""
    return namespace(raw(x)).asarray(array, dtype=dtype or x.dtype)


# -- kinks: a Python number beside maximum or minimum is a bound, as in clip ------------------------

def maximum(x: Any, y: Any) -> Any:
    """The greater of x and y. Ties share the gradient; at a Python number it is 0, as for relu."""
    if type(y) in _NUMBERS:
        return e.at_least(x, y)
    return e.at_least(y, x) if type(x) in _NUMBERS else e.maximum(x, y)


def minimum(x: Any, y: Any) -> Any:
    """The smaller of x and y. Ties share the gradient; at a Python number it is 0."""
    if type(y) in _NUMBERS:
        return e.at_most(x, y)
    return e.at_most(y, x) if type(x) in _NUMBERS else e.minimum(x, y)


def clip(x: Any, min: Any = None, max: Any = None) -> Any:
    """x between min and max (None: open); the gradient is 0 outside and at both ends."""
    if min is not None:
        x = e.at_least(x, min)
    if max is not None:
        x = e.at_most(x, max)
    return e.positive(x) if min is None and max is None else x


# -- reductions ---------------------------------------------------------------------------------------

def sum(x: Any, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum over an axis, a tuple of axes or (None) all."""
    x = as_operand(x)
    return shapes.sum(x if dtype is None else astype(x, dtype), axis=axis, keepdims=keepdims)


def prod(x: Any, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product over an axis, a tuple of axes or (None) all; exact gradients at zeros."""
    x = as_operand(x)
    return reductions.prod(x if dtype is None else astype(x, dtype), axis=axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The greatest element over axes; ties share the gradient equally."""
    return reductions.max(as_operand(x), axis=axis, keepdims=keepdims)


def min(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The smallest element over axes; ties share the gradient equally."""
    x = as_operand(x)
    if not is_floating(raw(x)):
        return namespace(raw(x)).min(raw(x), axis=axis, keepdims=keepdims)
    return -reductions.max(-x, axis=axis, keepdims=keepdims)


def _count(shape: tuple[int, ...], axis: Any) -> int:
    return math.prod(shape[i] for i in axes_of(axis, len(shape)))


def mean(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The arithmetic mean over axes; integers give floats."""
    x = _floating(as_operand(x))
    return sum(x, axis=axis, keepdims=keepdims) / _count(x.shape, axis)


def var(x: Any, axis: Any = None, *, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The variance over axes, divided by n - correction."""
    x = _floating(as_operand(x))
    apart = x - mean(x, axis=axis, keepdims=True)
    return sum(e.square(apart), axis=axis, keepdims=keepdims) / (_count(x.shape, axis) - correction)


def root(x: Any) -> Any:
    """sqrt(x), with gradient 0 at 0: the root of a sum of squares."""
    return where(x == 0, 0.0, e.sqrt(x))


def std(x: Any, axis: Any = None, *, correction: float = 0.0, keepdims: bool = False) -> Any:
    """The standard deviation over axes; its gradient is 0 where it is 0."""
    return root(var(x, axis=axis, correction=correction, keepdims=keepdims))


def norm(x: Any, ord: float = 2, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The vector norm of order 1, 2, inf, -inf or any p over axes; gradient 0 at 0."""
    x = as_operand(x)
    if ord == 2:
        return root(sum(e.square(e.abs(x)), axis=axis, keepdims=keepdims))
    size = e.abs(x)
    if ord == 1:
        return sum(size, axis=axis, keepdims=keepdims)
    if math.isinf(ord):
        return (max if ord > 0 else min)(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        raise ArgumentError("norm of order 0 counts elements and has no gradient",
                            "use count_nonzero(x)")
    return sum(size ** ord, axis=axis, keepdims=keepdims) ** (1.0 / ord)


def logsumexp(x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """log(sum(exp(x))) over axes, without overflow."""
    x = as_operand(x)
    top = _shift_of(x, axis)
    total = log(sum(exp(x - top), axis=axis, keepdims=True)) + top
    if keepdims:
        return total
    gone = axes_of(axis, len(x.shape))
    return reshape(total, shape=tuple(n for i, n in enumerate(x.shape) if i not in gone))


def _shift_of(x: Any, axis: Any) -> Any:
    """The greatest element as a constant: the result does not depend on the shift taken."""
    xp = namespace(raw(x))
    top = xp.max(raw(x), axis=axis, keepdims=True)
    return xp.where(xp.isfinite(top), top, xp.zeros_like(top))


def softmax(x: Any, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along an axis, without overflow."""
    x = as_operand(x)
    weights = exp(x - _shift_of(x, axis))
    return weights / sum(weights, axis=axis, keepdims=True)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """log(softmax(x)) along an axis, accurate where softmax underflows."""
    return x - logsumexp(x, axis=axis, keepdims=True)


# -- activations -----------------------------------------------------------------------------------------

def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """x where positive, slope · x elsewhere."""
    return where(x > 0, x, slope * x)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where positive, alpha · (exp(x) - 1) elsewhere."""
    return where(x > 0, x, alpha * e.expm1(e.at_most(x, 0.0)))


def silu(x: Any) -> Any:
    """x · sigmoid(x), also called swish."""
    return x * e.sigmoid(x)


def gelu(x: Any, approximate: str = "none") -> Any:
    """x · Φ(x) with Φ the normal distribution function; "tanh" for the usual approximation."""
    if approximate == "tanh":
        return 0.5 * x * (1.0 + e.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * (x * x * x))))
    if approximate != "none":
        raise ArgumentError(f"gelu has no approximation {approximate!r}", "use 'none' or 'tanh'")
    return 0.5 * x * (1.0 + e.erf(x / math.sqrt(2)))


# -- products ---------------------------------------------------------------------------------------------

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


# -- shapes -----------------------------------------------------------------------------------------------

def astype(x: Any, dtype: Any) -> Any:
    """x with another dtype; a gradient is cast back."""
    if isinstance(dtype, str):
        dtype = getattr(namespace(raw(x)), dtype)
    return x if x.dtype == dtype else shapes.astype(x, dtype=dtype)


def _floating(x: Any) -> Any:
    return x if is_floating(raw(x)) else astype(x, namespace(raw(x)).float64)


def expand_dims(x: Any, axis: Any = 0) -> Any:
    """x with new axes of length 1 at the positions given."""
    x = as_operand(x)
    new = axes_of(axis, len(x.shape) + (len(axis) if isinstance(axis, (tuple, list)) else 1))
    sizes = iter(x.shape)
    count = len(x.shape) + len(new)
    return reshape(x, shape=tuple(1 if i in new else next(sizes) for i in range(count)))


def squeeze(x: Any, axis: Any = None) -> Any:
    """x without the axes given (None: all), which must have length 1."""
    x = as_operand(x)
    gone = (tuple(i for i, n in enumerate(x.shape) if n == 1) if axis is None
            else axes_of(axis, len(x.shape)))
    if any(x.shape[i] != 1 for i in gone):
        raise ShapeError(f"squeeze: axis {axis} of shape {x.shape} is not 1",
                         "squeeze only axes of length 1")
    return reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in gone))


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """The arrays joined along an axis (None: flattened first)."""
    xs = [as_operand(x) for x in arrays]
    if not xs:
        raise ShapeError("concat of no arrays", "give it one array at least")
    if axis is None:
        xs, axis = [reshape(x, shape=(-1,)) for x in xs], 0
    (axis,) = axes_of(axis, len(xs[0].shape))
    return concat(*xs, axis=axis)


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """The arrays joined along a new axis."""
    xs = [expand_dims(x, axis=axis) for x in arrays]
    return concatenate(xs, axis=axes_of(axis, len(xs[0].shape))[0] if xs else 0)


def split(x: Any, sections: Any, axis: int = 0) -> list[Any]:
    """x cut along an axis into equal `sections`, or at the positions given."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    if isinstance(sections, int):
        if sections < 1 or x.shape[axis] % sections:
            raise ShapeError(f"split: {x.shape[axis]} elements along axis {axis} cannot be cut "
                             f"into {sections} equal parts", "give the positions to cut at")
        size = x.shape[axis] // sections
        sections = range(size, x.shape[axis], size)
    return list(shapes.split_at(x, at=tuple(sections), axis=axis))


def moveaxis(x: Any, source: Any, destination: Any) -> Any:
    """x with some axes moved, the others in their order."""
    x = as_operand(x)
    ndim = len(x.shape)
    moved = dict(zip(axes_of(destination, ndim), axes_of(source, ndim), strict=True))
    rest = iter(i for i in range(ndim) if i not in moved.values())
    return permute_dims(x, axes=tuple(moved[i] if i in moved else next(rest) for i in range(ndim)))


def transpose(x: Any, axes: Sequence[int] | None = None) -> Any:
    """x with its axes reversed, or permuted as given."""
    ndim = len(as_operand(x).shape)
    return permute_dims(x, axes=tuple(axes) if axes else tuple(reversed(range(ndim))))


def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any:
    """Each element (or slice along an axis) repeated; None flattens first."""
    x = as_operand(x)
    if axis is None:
        x, axis = reshape(x, shape=(-1,)), 0
    xp = namespace(raw(x))
    return indexing.take(x, xp.repeat(xp.arange(x.shape[axis]), raw(repeats)), axis=axis)


def tile(x: Any, repetitions: Any) -> Any:
    """x laid side by side, as often as `repetitions` says for each axis."""
    x = as_operand(x)
    reps = repetitions if isinstance(repetitions, (tuple, list)) else (repetitions,)
    ndim = builtins.max(len(reps), len(x.shape))
    reps = (1,) * (ndim - len(reps)) + tuple(reps)
    shape = (1,) * (ndim - len(x.shape)) + tuple(x.shape)
    pairs = tuple(n for pair in zip([1] * ndim, shape) for n in pair)
    full = tuple(n for pair in zip(reps, shape) for n in pair)
    return reshape(broadcast_to(reshape(x, shape=pairs), shape=full),
                   shape=tuple(r * n for r, n in zip(reps, shape)))


def pad(x: Any, width: Any, mode: str = "constant", constant_values: float = 0.0) -> Any:
    """x with `width` new elements around it: a number, (before, after), or a pair for each axis."""
    x = as_operand(x)
    if mode != "constant":
        raise ArgumentError(f"pad has no mode {mode!r}", "use mode='constant'")
    if isinstance(width, int):
        width = (width, width)
    if isinstance(width[0], int):
        width = (tuple(width),) * len(x.shape)
    xp = namespace(raw(x))
    for axis, (before, after) in enumerate(width):
        sides = [xp.full((*x.shape[:axis], n, *x.shape[axis + 1:]), constant_values, dtype=x.dtype)
                 for n in (before, after)]
        if before or after:
            x = concat(sides[0], x, sides[1], axis=axis)
    return x


def diff(x: Any, n: int = 1, axis: int = -1) -> Any:
    """The n-th difference of neighbours along an axis."""
    x = as_operand(x)
    (axis,) = axes_of(axis, len(x.shape))
    front = (slice(None),) * axis
    for _ in range(n):
        x = x[(*front, slice(1, None))] - x[(*front, slice(None, -1))]
    return x


def triu(x: Any, k: int = 0) -> Any:
    """The elements on and above diagonal k; zeros below."""
    return _triangle(x, k, lambda column, row: column - row >= k)


def tril(x: Any, k: int = 0) -> Any:
    """The elements on and below diagonal k; zeros above."""
    return _triangle(x, k, lambda column, row: column - row <= k)


def _triangle(x: Any, k: int, keep: Any) -> Any:
    x = as_operand(x)
    if len(x.shape) < 2:
        raise ShapeError(f"a triangle of an array of shape {x.shape}", "give it a matrix")
    xp, (rows, columns) = namespace(raw(x)), x.shape[-2:]
    mask = keep(xp.reshape(xp.arange(columns), (1, -1)), xp.reshape(xp.arange(rows), (-1, 1)))
    return where(mask, x, xp.zeros_like(raw(x)))


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
    flat = _like(x, xp.reshape(namespace(places).reshape(places, (-1,)), (-1,)), xp.int64)
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
        start = namespace(raw(x)).full(shape, first, dtype=result.dtype)
        result = concat(start, result, axis=axis)
    return result
