"""NumPy as a storage: its own namespace, repaired where it departs from C99 and the standard."""

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
