"""Operations that move, repeat and add up elements: linear, so only the transpose is written.

`sum` stands here because it is the transpose of `broadcast_to`, and each is written with the other.
"""

from itertools import pairwise
from typing import Any

from ..errors import DtypeError, ShapeError, describe
from ..kinds import linear
from ..node import Parts
from ..primitive import Primitive, raw
from ..storage import device_of, find_device, full, is_array, is_complex, transfer
from ..storage.indexing import getitem
from ..symbol import Part
from .elementwise import real


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """The axes meant by None, a number or a tuple, counted from the front."""
    if axis is None:
        return tuple(range(ndim))
    if type(axis) is int and -ndim <= axis < ndim:
        return (axis % ndim,)
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    for a in axes:
        if not -ndim <= a < ndim:
            raise ShapeError(f"axis {a} is out of range for an array of {ndim} axes",
                             f"use an axis from {-ndim} to {ndim - 1}" if ndim else
                             "a 0-d array has no axes")
    found = tuple(a % ndim for a in axes)
    if len(set(found)) < len(found):
        raise ShapeError(f"axis {axis} names an axis twice", "name each once")
    return found


@Part
def spread(g: Any, shape: tuple[int, ...], axis: Any) -> Any:
    """The result of a reduction, reshaped so that it broadcasts against what was reduced."""
    if axis is None:
        return g
    kept = list(shape)
    for i in axes_of(axis, len(kept)):
        kept[i] = 1
    return reshape(g, shape=tuple(kept))


@linear("sum")
def sum(g: Any, x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    return broadcast_to(spread(g, x.shape, axis), shape=x.shape)


def _broadcast(xp: Any, x: Any, shape: tuple[int, ...]) -> Any:
    return xp.broadcast_to(x, tuple(shape))


def _reshape(xp: Any, x: Any, shape: Any) -> Any:
    return xp.reshape(x, tuple(shape) if isinstance(shape, (tuple, list)) else (shape,))


def _permute(xp: Any, x: Any, axes: tuple[int, ...]) -> Any:
    return xp.permute_dims(x, tuple(axes))


def _astype(xp: Any, x: Any, dtype: Any) -> Any:
    if is_complex(x) and not xp.isdtype(dtype, ("complex floating", "bool")):
        raise DtypeError(f"astype of {describe(x)} to {dtype}", "take real(x) or abs(x) first")
    return xp.astype(x, dtype)


@Part
def permuted_back(g: Any, axes: tuple[int, ...]) -> Any:
    """What permute_dims(x, axes) gave, with its axes where they were in x."""
    n = len(axes)
    return permute_dims(g, axes=tuple(sorted(range(n), key=lambda i: axes[i] % n)))


reshape = linear("reshape", lambda g, x, *, shape: reshape(g, shape=x.shape), forward=_reshape)
broadcast_to = linear("broadcast_to", lambda g, x, *, shape: unbroadcast(g, x.shape),
                      forward=_broadcast)
permute_dims = linear("permute_dims", lambda g, *, axes: permuted_back(g, axes),
                      forward=_permute)
matrix_transpose = linear("matrix_transpose", lambda g: matrix_transpose(g),
                          forward=lambda xp, x: x.mT)
flip = linear("flip", lambda g, *, axis=None: flip(g, axis=axis))
roll = linear("roll", lambda g, *, shift, axis=None: roll(g, shift=_opposite(shift), axis=axis))
astype = linear("astype", lambda g, *, dtype: g,            # the walk casts back
                forward=_astype)
to_device = linear("to_device", lambda g, x, *, device: to_device(g, device=device_of(raw(x))),
                   forward=lambda xp, x, device: transfer(x, find_device(device)))
for _op in (reshape, broadcast_to, permute_dims, matrix_transpose, flip, to_device):
    _op.view = True


def _opposite(shift: Any) -> Any:
    return tuple(-s for s in shift) if isinstance(shift, (tuple, list)) else -shift


@linear("cumulative_sum")
def cumulative_sum(g: Any, *, axis: Any = None) -> Any:
    return flip(cumulative_sum(flip(g, axis=axis), axis=axis), axis=axis)


@linear("concat", forward=lambda xp, *xs, axis: xp.concat(xs, axis=axis))
def concat(g: Any, xs: Any, i: int, *, axis: int = 0) -> Any:
    start = 0
    for x in xs[:i]:
        start += x.shape[axis]
    index = [slice(None)] * len(g.shape)
    index[axis] = slice(start, start + xs[i].shape[axis])
    return g[tuple(index)]


def cuts(x: Any, at: tuple[int, ...], axis: int) -> list[tuple[slice, ...]]:
    """The index of each part of x when it is cut along an axis at the positions given."""
    before = (slice(None),) * (axis % len(x.shape))
    return [(*before, slice(start, stop), *(slice(None),) * (len(x.shape) - len(before) - 1))
            for start, stop in pairwise((0, *at, x.shape[axis]))]


def _split(xp: Any, x: Any, at: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    return tuple(getitem(xp, x, index) for index in cuts(x, at, axis))


split_at = linear("split_at", lambda g, *, at, axis: concat(*g, axis=axis), forward=_split)
split_at.view = True


class _Item(Primitive):
    """One output of an operation with several; the cotangents of the others are absent."""

    def pull(self, i: int, g: Any, z: Any, args: Any, params: dict[str, Any]) -> Any:
        return Parts(g if j == params["i"] else None for j in range(len(raw(args[0]))))

    def push(self, i: int, t: Any, z: Any, args: Any, params: dict[str, Any]) -> Any:
        return t[params["i"]]

    def on_arrays(self, args: Any, params: dict[str, Any]) -> Any:
        return args[0][params["i"]]


item = _Item("item", (lambda g, *, i: g,))


# -- bringing contributions to their operands: once, in the walk, never in a rule --------------

@Part
def unbroadcast(part: Any, shape: tuple[int, ...]) -> Any:
    """What was broadcast from `shape`, added up again: the transpose of broadcasting."""
    wide, shape = tuple(part.shape), tuple(shape)
    extra = len(wide) - len(shape)
    axes = [*range(extra)]
    if wide[extra:] != shape:
        axes += [i + extra for i, n in enumerate(shape) if n == 1 != wide[i + extra]]
    total = sum(part, axis=tuple(axes), keepdims=False) if axes else part
    return total if len(axes) == extra else reshape(total, shape=shape)


def fit(part: Any, like: Any) -> Any:
    """A contribution in the shape and dtype of `like`, an array: unbroadcast, cast, made real."""
    if type(part) in (float, complex):                  # a rule that is constant: 0.0
        part = part if is_complex(like) else part.real
        return full(like, like.shape, part)
    if part.dtype != like.dtype:
        if is_complex(raw(part)) and not is_complex(like):
            part = real(part)
        if part.dtype != like.dtype:
            part = astype(part, dtype=like.dtype)
    if part.shape != like.shape:
        extra = len(part.shape) - len(like.shape)
        if extra < 0 or (not extra and any(m == 1 != n for m, n in zip(part.shape, like.shape))):
            return broadcast_to(part, shape=tuple(like.shape))
        part = unbroadcast(part, like.shape)
    return part


def grow(tangent: Any, like: Any) -> Any:
    """A tangent in the full shape and dtype of `like`, an array."""
    if not is_array(raw(tangent)):
        return full(like, like.shape, tangent)
    if tangent.dtype != like.dtype:
        if is_complex(raw(tangent)) and not is_complex(like):
            tangent = real(tangent)
        tangent = astype(tangent, dtype=like.dtype)
    return tangent if tangent.shape == like.shape else broadcast_to(tangent, shape=like.shape)
