"""What loops call, compiled by Numba: what NumPy's functions do to one number, sums, and BLAS."""

import math
from math import (  # noqa: F401
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    copysign,
    cos,
    cosh,
    exp,
    expm1,
    hypot,
    isfinite,
    isinf,
    isnan,
    log,
    log1p,
    log10,
    sin,
    sinh,
    sqrt,
    tan,
    tanh,
)

import numpy
from numba import njit
from numba.extending import intrinsic
from numpy import ceil, float32, float64, floor, inf, int64, log2, nan, trunc  # noqa: F401

from .. import machine

OPTIONS = {**machine.OPTIONS, "nogil": True}


def _reassociated(word):
    """An operation of floats whose order in a sum is free, as in NumPy's: it may run in lanes."""
    @intrinsic
    def function(context, x, y):
        def lower(context, builder, signature, args):
            name = f"f{word}" if x.name.startswith("float") else word
            flags = ("reassoc",) if name[0] == "f" else ()
            return getattr(builder, name)(*args, flags=flags)
        return x(x, y), lower
    return function


plus, times = _reassociated("add"), _reassociated("mul")


@njit(**OPTIONS)
def maximum(x, y):
    return x if (x > y) | (x != x) else y


@njit(**OPTIONS)
def minimum(x, y):
    return x if (x < y) | (x != x) else y


@njit(**OPTIONS)
def sign(x):
    return x if x != x else type(x)((x > 0) - (x < 0))


@njit(**OPTIONS)
def not_(x):
    return not x


@njit(**OPTIONS)
def power(x, y):
    return math.pow(x, y)


@njit(**OPTIONS)
def strong_zero(part, g):
    """part, but 0 where it is nan and g is exactly 0."""
    return type(part)(0) if (part != part) & (g == 0) else part


# One for each order in which the matrices lie: where a function branches on what it is given, Numba
# would compile it anew for every number.

@njit(cache=True, **OPTIONS)
def product(x, i, y, j, z, k, m, inner, n):
    """z = x @ y of flat memory, from i, j and k on: z is m by n, row after row."""
    numpy.dot(x[i:i + m * inner].reshape(m, inner), y[j:j + inner * n].reshape(inner, n),
              z[k:k + m * n].reshape(m, n))


@njit(cache=True, **OPTIONS)
def product_t(x, i, y, j, z, k, m, inner, n):
    """The same where y lies column after column."""
    numpy.dot(x[i:i + m * inner].reshape(m, inner), y[j:j + inner * n].reshape(n, inner).T,
              z[k:k + m * n].reshape(m, n))


@njit(cache=True, **OPTIONS)
def t_product(x, i, y, j, z, k, m, inner, n):
    """The same where x does."""
    numpy.dot(x[i:i + m * inner].reshape(inner, m).T, y[j:j + inner * n].reshape(inner, n),
              z[k:k + m * n].reshape(m, n))


@njit(cache=True, **OPTIONS)
def t_product_t(x, i, y, j, z, k, m, inner, n):
    """The same where both do."""
    numpy.dot(x[i:i + m * inner].reshape(inner, m).T, y[j:j + inner * n].reshape(n, inner).T,
              z[k:k + m * n].reshape(m, n))
