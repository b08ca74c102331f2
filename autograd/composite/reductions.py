"""Reductions made of primitives, and the functions of statistics built on them."""

import builtins
import math
from typing import Any

from ..errors import ArgumentError
from ..ops import elementwise as e, reductions, shapes
from ..ops.elementwise import exp, log, where
from ..ops.shapes import axes_of, reshape
from ..primitive import raw
from ..storage import full, is_complex, itemsize, namespace
from .base import as_operand, astype, floating, in_dtype


def sum(x: Any, /, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The sum over an axis, a tuple of axes or (None) all; small integers add up to int64."""
    return in_dtype(shapes.sum, x, dtype, axis=axis, keepdims=keepdims)


def prod(x: Any, /, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The product over an axis, a tuple of axes or (None) all; exact gradients at zeros."""
    return in_dtype(reductions.prod, x, dtype, axis=axis, keepdims=keepdims)


def max(x: Any, /, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The greatest element over axes; ties share the gradient equally."""
    return reductions.max(as_operand(x), axis=axis, keepdims=keepdims)


def min(x: Any, /, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The smallest element over axes; ties share the gradient equally."""
    return reductions.min(as_operand(x), axis=axis, keepdims=keepdims)


def _count(shape: tuple[int, ...], axis: Any) -> int:
    return math.prod(shape[i] for i in axes_of(axis, len(shape)))


def mean(x: Any, /, axis: Any = None, *, dtype: Any = None, keepdims: bool = False) -> Any:
    """The arithmetic mean over axes; integers give floats."""
    x = floating(as_operand(x) if dtype is None else astype(x, dtype, copy=False))
    if itemsize(raw(x)) == 2:                           # the sum of many would overflow in float16
        return astype(mean(astype(x, "float32"), axis, keepdims=keepdims), x.dtype)
    return shapes.sum(x, axis=axis, keepdims=keepdims) / _count(x.shape, axis)


def var(x: Any, /, axis: Any = None, *, correction: float = 0.0, keepdims: bool = False,
        ddof: float | None = None) -> Any:
    """The variance over axes, divided by n - correction (NumPy's word for it is ddof)."""
    x = floating(as_operand(x))
    squares = squared(x - mean(x, axis=axis, keepdims=True))
    free = _count(x.shape, axis) - (correction if ddof is None else ddof)
    return sum(squares, axis=axis, keepdims=keepdims) / builtins.max(free, 0)


def squared(x: Any) -> Any:
    """|x|², smooth at 0."""
    return e.real(x * e.conj(x)) if is_complex(raw(x)) else e.square(x)


def root(x: Any) -> Any:
    """sqrt(x), with gradient 0 at 0: the root of a sum of squares."""
    return where(x == 0, 0.0, e.sqrt(x))


def std(x: Any, /, axis: Any = None, *, correction: float = 0.0, keepdims: bool = False,
        ddof: float | None = None) -> Any:
    """The standard deviation over axes; its gradient is 0 where it is 0."""
    return root(var(x, axis, correction=correction, keepdims=keepdims, ddof=ddof))


def norm(x: Any, /, ord: float = 2, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The vector norm of order 1, 2, inf, -inf or any p over axes; gradient 0 at 0."""
    x = as_operand(x)
    if ord == 2:
        return root(sum(squared(x), axis=axis, keepdims=keepdims))
    size = e.abs(x)
    if ord == 1:
        return sum(size, axis=axis, keepdims=keepdims)
    if math.isinf(ord):
        return (max if ord > 0 else min)(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        raise ArgumentError("norm of order 0 counts elements and has no gradient",
                            "use count_nonzero(x)")
    total = sum(size ** ord, axis=axis, keepdims=keepdims)
    return where(total == 0, 0.0, where(total == 0, 1.0, total) ** (1.0 / ord))


def logsumexp(x: Any, /, axis: Any = None, *, keepdims: bool = False) -> Any:
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
    xp, gone = namespace(raw(x)), axes_of(axis, len(x.shape))
    if 0 in x.shape:
        return full(raw(x), (1 if i in gone else n for i, n in enumerate(x.shape)), 0)
    top = xp.max(e.real_part(raw(x)), axis=axis, keepdims=True)
    return xp.where(xp.isfinite(top), top, xp.zeros_like(top))


def softmax(x: Any, /, axis: Any = -1) -> Any:
    """exp(x) / sum(exp(x)) along an axis, without overflow."""
    x = as_operand(x)
    weights = exp(x - _shift_of(x, axis))
    return weights / sum(weights, axis=axis, keepdims=True)


def log_softmax(x: Any, /, axis: Any = -1) -> Any:
    """log(softmax(x)) along an axis, accurate where softmax underflows."""
    return x - logsumexp(x, axis=axis, keepdims=True)
