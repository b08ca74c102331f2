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

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy import ceil, float32, float64, floor, inf, int64, log2, nan, trunc, uint32  # noqa: F401

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


@njit(**OPTIONS)
def share(size, me, team):
    """From where to where one of a team goes through so many, fewer than 2**32.

    Said so that LLVM sees that no index is negative, which would count from the end: else it makes
    no vectors.
    """
    first = uint32(size * me // team)
    count = uint32(size * (me + 1) // team - size * me // team)
    return int64(first), int64(first) + int64(count)


def _atomic(word):
    """An operation on one number of an array that other threads see at once, and in order."""
    @intrinsic
    def function(context, array, i, x):
        def lower(context, builder, signature, args):
            data = context.make_array(signature.args[0])(context, builder, args[0]).data
            where, order = builder.gep(data, [args[1]]), "seq_cst"
            if word == "load":
                return builder.load_atomic(where, order, 8)
            if word == "store":
                builder.store_atomic(args[2], where, order, 8)
                return args[2]
            return builder.atomic_rmw(word, where, args[2], order)
        return types.int64(array, types.int64, types.int64), lower
    return function


_load, _store, _add = _atomic("load"), _atomic("store"), _atomic("add")
_let_others = types.ExternalFunction("sched_yield", types.int32())
_PATIENCE = 1000                        # looks before others may have the processor


@njit(**OPTIONS)
def meet(desk, team):
    """Wait for all of a team; whether they came. `desk` counts who is there, how often they met,
    and whether it is called off.
    """
    if team == 1:
        return True
    turn, looks = _load(desk, 1, 0), 0
    if _add(desk, 0, 1) == team - 1:
        _store(desk, 0, 0)
        _store(desk, 1, turn + 1)
    while _load(desk, 1, 0) == turn:
        if _load(desk, 2, 0):
            return False
        looks += 1
        if looks > _PATIENCE:
            _let_others()
    return True


def _product(x_turned, y_turned):
    """z = x @ y of matrices in flat memory, by BLAS: where each begins and how far apart its rows
    are, or its columns where it is turned; z is m by n, row after row.
    """
    @intrinsic
    def function(context, x, i, x_apart, y, j, y_apart, z, k, z_apart, m, inner, n):
        def lower(context, builder, signature, args):
            def data(k):
                array = context.make_array(signature.args[k])(context, builder, args[k])
                return builder.bitcast(builder.gep(array.data, [args[k + 1]]), pointer)

            pointer, char, size = ir.IntType(8).as_pointer(), ir.IntType(8), ir.IntType(64)
            gemm = cgutils.get_or_insert_function(builder.module, ir.FunctionType(
                ir.IntType(32), (char, char, char, size, size, size, pointer, pointer, size,
                                 pointer, size, pointer, pointer, size)), "numba_xxgemm")
            one, zero = (builder.bitcast(cgutils.alloca_once_value(
                builder, context.get_constant(z.dtype, value)), pointer) for value in (1, 0))
            kind = "d" if z.dtype == types.float64 else "s"
            letters = [ir.Constant(char, ord(letter)) for letter in (
                kind, *("t" if turned else "n" for turned in (y_turned, x_turned)))]
            m, inner, n = args[9:]              # BLAS goes column by column: z.T = y.T @ x.T
            builder.call(gemm, (*letters, n, m, inner, one, data(3), args[5], data(0), args[2],
                                zero, data(6), args[8]))
            return context.get_dummy_value()
        i8 = types.int64
        return types.void(x, i8, i8, y, i8, i8, z, *[i8] * 5), lower
    return function


product, product_t = _product(False, False), _product(False, True)
t_product, t_product_t = _product(True, False), _product(True, True)
