"""NumPy as a storage: its own namespace, repaired where it departs from C99 and the standard.

What is not defined here is NumPy's own object. Not repaired, because it depends on the C library
or is left open: complex numbers times and by infinities, and what NumPy accepts beyond the
standard (mixed kinds, integers where floats are asked for).
"""

import builtins
import itertools
from typing import Any, NamedTuple

import numpy

# All that is loaded already: `from numpy import *` would load f2py, ma, random and testing too.
globals().update({name: function for name, function in vars(numpy).items() if name[0] != "_"})


def __getattr__(name):
    return getattr(numpy, name)


def pow(x, y):
    """x**y as C99 has it: NumPy takes the root for an exponent of 0.5, wrong at -0 and -inf."""
    result = numpy.power(x, y)
    half = y == 0.5                         # it does so for any exponent that it reads repeatedly
    if half is not False and result.dtype.kind == "f" and numpy.any(half):
        infinite = numpy.asarray(numpy.inf, result.dtype)
        root = numpy.where(x == -numpy.inf, infinite, numpy.abs(result))
        result = numpy.where(half, root, result)
    return result


def floor_divide(x, y):
    """floor(x / y); where one of them is infinite the quotient itself, NumPy's are nan and -1."""
    infinite = numpy.isinf(x) | numpy.isinf(y)
    if not infinite.any():
        return numpy.floor_divide(x, y)
    with numpy.errstate(invalid="ignore"):
        return numpy.where(infinite, numpy.true_divide(x, y), numpy.floor_divide(x, y))


def expm1(x):
    """exp(x) - 1; NumPy's of complex numbers is nan wherever a factor is infinite."""
    if x.dtype.kind != "c":
        return numpy.expm1(x)
    with numpy.errstate(invalid="ignore"):
        result = numpy.expm1(x)
        return numpy.where(numpy.isfinite(result), result, numpy.exp(x) - 1)


def log1p(x):
    """log(1 + x); NumPy's of complex numbers adds the 1 first, and loses a small real part."""
    if x.dtype.kind != "c":
        return numpy.log1p(x)
    result, a, b = numpy.array(numpy.log1p(x)), numpy.real(x), numpy.imag(x)
    small = numpy.maximum(numpy.abs(a), numpy.abs(b)) < 0.5
    a, b = numpy.where(small, a, 0), numpy.where(small, b, 0)
    result.real = numpy.where(small, numpy.log1p(a * (2 + a) + b * b) / 2, result.real)
    return result                                               # log(|1 + x|²) / 2


def clip(x, min=None, max=None):
    """x between min and max; None leaves that side open."""
    if max is None:
        return numpy.maximum(x, min) if min is not None else numpy.positive(x)
    return numpy.minimum(x, max) if min is None else numpy.clip(x, min, max)


def argsort(x, *, axis=-1, descending=False, stable=True):
    """The order that sorts x along an axis; equal elements keep theirs."""
    if not descending:
        return numpy.argsort(x, axis=axis, stable=stable)
    last = x.shape[axis] - 1                            # the same, seen from the other end
    return last - numpy.flip(numpy.argsort(numpy.flip(x, axis), axis=axis, stable=stable), axis)


def sort(x, *, axis=-1, descending=False, stable=True):
    """x sorted along an axis."""
    result = numpy.sort(x, axis=axis, stable=stable)
    return numpy.flip(result, axis) if descending else result


def repeat(x, repeats, *, axis=None):
    """Each element repeated; NumPy takes no uint64 for the counts."""
    counts = numpy.asarray(repeats)
    return numpy.repeat(x, counts.astype(numpy.int64) if counts.dtype.kind == "u" else repeats,
                        axis=axis)


def where(condition, x, y):
    """numpy.where; for many floats by their bits, as its own branches are guessed wrong."""
    if numpy.size(condition) < 1000 or not _alike(condition, x, y):
        return numpy.where(condition, x, y)
    dtype = (x if isinstance(x, numpy.ndarray) else y).dtype
    bits = f"i{dtype.itemsize}"
    x, y = (numpy.asarray(z, dtype).view(bits) for z in (x, y))
    mask = condition.astype(bits)
    numpy.negative(mask, mask)                              # all bits where it is true
    if not y.shape and y == 0:                              # 0.0
        mask &= x
    else:
        mask &= x ^ y
        mask ^= y
    return mask.view(dtype)


def _alike(condition, x, y):
    """Whether these are floats of one dtype, in the shape of the condition, or one is a number."""
    arrays = [z for z in (x, y) if isinstance(z, numpy.ndarray)]
    numbers = [z for z in (x, y) if type(z) is float]
    if condition.dtype.kind != "b" or not arrays or len(arrays) + len(numbers) < 2:
        return False
    dtype = arrays[0].dtype
    return dtype.kind == "f" and dtype.itemsize in (4, 8) and builtins.all(
        z.dtype is dtype and z.shape == condition.shape for z in arrays)


# What follows is NumPy's own, without the Python around it.

_ADD: Any = numpy.add.reduce
_MAXIMUM: Any = numpy.maximum.reduce
_MINIMUM: Any = numpy.minimum.reduce


def sum(x, /, axis=None, dtype=None, *, keepdims=False):
    """numpy.sum."""
    return _ADD(x, axis, dtype, None, keepdims)


def max(x, /, axis=None, *, keepdims=False):
    """numpy.max."""
    return _MAXIMUM(x, axis, None, None, keepdims)


def min(x, /, axis=None, *, keepdims=False):
    """numpy.min."""
    return _MINIMUM(x, axis, None, None, keepdims)


def reshape(x, /, shape, **how):
    """numpy.reshape."""
    return x.reshape(shape, **how)


def broadcast_to(x, /, shape):
    """numpy.broadcast_to: a view that cannot be written to."""
    extra, steps = len(shape) - x.ndim, []
    for step, n, m in zip(x.strides, x.shape, shape[extra:]):
        if n != m and n != 1:
            extra = -1
        steps.append(step if n == m else 0)
    if (extra < 0 or builtins.min(shape, default=0) < 1 or not x.flags.c_contiguous
            or x.dtype.kind not in "biufc"):
        return numpy.broadcast_to(x, shape)                 # which says what does not fit
    result = numpy.ndarray(shape, x.dtype, x, 0, (0,) * extra + tuple(steps))
    result.setflags(write=False)
    return result


# -- windows -----------------------------------------------------------------------------------

def window_places(shape: Any, window: Any, axis: Any, stride: Any, dilation: Any) -> Any:
    """For each place in a window, the index of what stands there in all windows, and the place."""
    ends = [shape[a] - (n - 1) * d for a, n, d in zip(axis, window, dilation)]
    index: list[Any] = [slice(None)] * len(shape)
    for place in itertools.product(*map(range, window)):
        for a, i, end, step, d in zip(axis, place, ends, stride, dilation):
            index[a] = slice(i * d, i * d + end, step)
        yield tuple(index), (..., *place)


def sliding_window_view(x, window, axis, stride, dilation):
    """numpy.lib.stride_tricks.sliding_window_view with steps; a view that cannot be written to."""
    shape, steps = [*x.shape, *window], [*x.strides, *(x.strides[a] for a in axis)]
    for k, (a, n, step, d) in enumerate(zip(axis, window, stride, dilation), x.ndim):
        shape[a] = (shape[a] - (n - 1) * d - 1) // step + 1
        steps[a] *= step
        steps[k] *= d
    if not x.size or not x.flags.c_contiguous or x.dtype.kind not in "biufc":
        return numpy.lib.stride_tricks.as_strided(x, shape, steps, writeable=False)
    result = numpy.ndarray(shape, x.dtype, x, 0, steps)
    result.setflags(write=False)
    return result


def overlap_add(x, shape, window, axis, stride, dilation):
    """Zeros of `shape` with what lies in windows, (..., *window), added where each lies."""
    total = numpy.zeros(shape, x.dtype)
    apart = builtins.all(step > (n - 1) * d for n, step, d in zip(window, stride, dilation))
    for index, place in window_places(shape, window, axis, stride, dilation):
        if apart:
            total[index] = x[place]
        else:
            total[index] += x[place]
    return total


class Limits(NamedTuple):
    """What finfo says of a dtype, in Python's numbers: NumPy's are of the dtype itself."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: numpy.dtype
    tiny: float
    resolution: float


def finfo(type, /):
    """The limits of a floating dtype, or of an array's."""
    info = numpy.finfo(_dtype(type))
    return Limits(info.bits, float(info.eps), float(info.max), float(info.min),
                  float(info.smallest_normal), info.dtype, float(info.tiny),
                  float(info.resolution))


def iinfo(type, /):
    """The limits of an integer dtype, or of an array's."""
    return numpy.iinfo(_dtype(type))


def _dtype(x):
    return x.dtype if isinstance(x, (numpy.ndarray, numpy.generic)) else x
