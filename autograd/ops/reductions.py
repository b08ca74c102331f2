"""Reductions and scans whose derivative depends on the data: the tangent map is written.

Products are never divided by an element, so they are exact where elements are zero, at any order.
"""

import builtins
from math import inf
from typing import Any

from ..kinds import local
from ..primitive import raw
from ..storage import full, namespace
from .constants import equal
from .elementwise import gap
from .shapes import astype, axes_of, concat, permute_dims, reshape, spread, sum


def extreme(g: Any, z: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    chosen = astype(equal(x, spread(z, x.shape, axis)), dtype=x.dtype)
    ties = sum(chosen, axis=axis, keepdims=keepdims)        # 0 of nan, so that the result is nan
    return sum(g * chosen, axis=axis, keepdims=keepdims) / ties


def lead(x: Any, *, axis: Any, keepdims: bool) -> Any:
    """How far the greatest element is ahead of the next one."""
    x = _last(x, axis)
    if x.shape[-1] < 2:
        return inf
    sorted = namespace(x).sort(x)
    return gap(sorted[..., -1], sorted[..., -2])


max = local("max", extreme, kink=lead)
min = local("min", extreme, kink=lambda x, *, axis, keepdims: lead(-x, axis=axis, keepdims=False))
max.real = min.real = True


@local("prod")
def prod(g: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    flat, gs = _last(x, axis), _last(g, axis)
    n = flat.shape[-1]
    before, after = _products(flat, 1), _products(flat, -1)
    total = sum(gs * before * after, axis=-1) if n else sum(gs, axis=-1)
    shape = tuple(1 if i in axes_of(axis, len(x.shape)) else m for i, m in enumerate(x.shape))
    kept = tuple(m for i, m in enumerate(x.shape) if i not in axes_of(axis, len(x.shape)))
    return reshape(total, shape=shape if keepdims else kept)


@local("cumulative_prod")
def cumulative_prod(g: Any, x: Any, *, axis: Any = None) -> Any:
    product, tangent = _last(x, axis), _last(g, axis)   # pairs (x, t) multiply as x + t·ε does
    step = 1
    while step < product.shape[-1]:
        earlier, earlier_tangent = _shift(product, step, 1), _shift(tangent, step, 0)
        tangent = tangent * earlier + earlier_tangent * product    # tangents on the left
        product, step = product * earlier, 2 * step
    return _unlast(tangent, x.shape, axis)


def _last(x: Any, axis: Any) -> Any:
    """x with the axes in question moved last and made one."""
    axes = axes_of(axis, len(x.shape))
    kept = tuple(i for i in range(len(x.shape)) if i not in axes)
    if len(axes) + len(kept) > 1:
        x = permute_dims(x, axes=(*kept, *axes))
    size = 1
    for n in x.shape[len(kept):]:
        size *= n
    return reshape(x, shape=(*x.shape[:len(kept)], size))


def _unlast(x: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """What `_last` moved, back in its place."""
    axes = axes_of(axis, len(shape))
    kept = tuple(i for i in range(len(shape)) if i not in axes)
    x = reshape(x, shape=tuple(shape[i] for i in (*kept, *axes)))
    order = (*kept, *axes)
    return permute_dims(x, axes=tuple(order.index(i) for i in range(len(shape)))) if order else x


def _shift(x: Any, step: int, fill: int) -> Any:
    """x moved by `step` along its last axis, `fill` coming in."""
    n, width = x.shape[-1], builtins.min(abs(step), x.shape[-1])
    new = full(raw(x), (*x.shape[:-1], width), fill)
    return (concat(new, x[..., :n - width], axis=-1) if step > 0
            else concat(x[..., width:], new, axis=-1))


def _products(x: Any, direction: int) -> Any:
    """The product of all elements before each one (direction 1) or after it (-1)."""
    product, step = _shift(x, direction, 1), 1
    while step < x.shape[-1]:
        product, step = product * _shift(product, direction * step, 1), 2 * step
    return product
