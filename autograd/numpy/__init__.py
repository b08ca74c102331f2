"""NumPy's functions, differentiable: on Values, Tensors, plain floats and arrays.

    import autograd.numpy as np

Plain in, plain out; recorded in, recorded out. Creation functions return Tensors. Names and
signatures follow the array API standard, with NumPy's older names beside them.
"""
# ruff: noqa: I001

from typing import TYPE_CHECKING

from math import e as e, inf as inf, nan as nan, pi as pi

from numpy import (
    bool as bool, complex64 as complex64, complex128 as complex128, float32 as float32,
    float64 as float64, int8 as int8, int16 as int16, int32 as int32, int64 as int64,
    newaxis as newaxis, uint8 as uint8, uint16 as uint16, uint32 as uint32, uint64 as uint64)

from .creation import (
    arange as arange, array as array, asarray as asarray, eye as eye, full as full,
    full_like as full_like, linspace as linspace, ones as ones, ones_like as ones_like,
    zeros as zeros, zeros_like as zeros_like)
from ..ops.elementwise import (
    abs as abs, acos as acos, acosh as acosh, add as add, asin as asin, asinh as asinh,
    atan as atan, atan2 as atan2, atanh as atanh, ceil as ceil, conj as conj,
    copysign as copysign, cos as cos, cosh as cosh, divide as divide, erf as erf, exp as exp,
    expm1 as expm1, floor as floor, floor_divide as floor_divide, hypot as hypot, imag as imag,
    log as log, log1p as log1p, log2 as log2, log10 as log10, logaddexp as logaddexp,
    multiply as multiply, negative as negative, positive as positive, pow as pow, real as real,
    reciprocal as reciprocal, relu as relu, remainder as remainder, round as round,
    sigmoid as sigmoid, sign as sign, sin as sin, sinh as sinh, softplus as softplus,
    sqrt as sqrt, square as square, subtract as subtract, tan as tan, tanh as tanh,
    trunc as trunc, where as where)
from ..ops.constants import (
    all as all, any as any, argmax as argmax, argmin as argmin, argsort as argsort,
    bitwise_and as bitwise_and, bitwise_invert as bitwise_invert,
    bitwise_left_shift as bitwise_left_shift, bitwise_or as bitwise_or,
    bitwise_right_shift as bitwise_right_shift, bitwise_xor as bitwise_xor,
    count_nonzero as count_nonzero, equal as equal,
    greater as greater, greater_equal as greater_equal, isfinite as isfinite, isinf as isinf,
    isnan as isnan, less as less, less_equal as less_equal, logical_and as logical_and,
    logical_not as logical_not, logical_or as logical_or, logical_xor as logical_xor,
    not_equal as not_equal, signbit as signbit)
from ..ops.linalg import (
    matmul as matmul)
from ..ops.shapes import (
    broadcast_to as broadcast_to, flip as flip, matrix_transpose as matrix_transpose,
    permute_dims as permute_dims, reshape as reshape, roll as roll)
from ..composite.activations import (
    clip as clip, elu as elu, gelu as gelu, leaky_relu as leaky_relu, maximum as maximum,
    minimum as minimum, silu as silu)
from ..composite.base import (
    astype as astype)
from ..composite.einsum import (
    einsum as einsum)
from ..composite.indexing import (
    cumulative_prod as cumulative_prod, cumulative_sum as cumulative_sum, sort as sort,
    take as take, take_along_axis as take_along_axis)
from ..composite.products import (
    outer as outer, tensordot as tensordot, vecdot as vecdot)
from ..composite.reductions import (
    log_softmax as log_softmax, logsumexp as logsumexp, max as max, mean as mean, min as min,
    norm as norm, prod as prod, softmax as softmax, std as std, sum as sum, var as var)
from ..composite.shapes import (
    broadcast_arrays as broadcast_arrays, broadcast_shapes as broadcast_shapes,
    concatenate as concatenate, diff as diff, expand_dims as expand_dims, meshgrid as meshgrid,
    moveaxis as moveaxis, pad as pad, repeat as repeat, split as split, squeeze as squeeze,
    tile as tile, transpose as transpose, tril as tril, triu as triu, unstack as unstack)
from ..bridges import (
    stack as stack)

absolute, arccos, arccosh, arcsin, arcsinh = abs, acos, acosh, asin, asinh
arctan, arctan2, arctanh, concat, power = atan, atan2, atanh, concatenate, pow
true_divide, mod, cumsum, cumprod = divide, remainder, cumulative_sum, cumulative_prod
amax, amin = max, min

if not TYPE_CHECKING:                   # else type checkers take any name for one of ours
    def __getattr__(name: str) -> object:
        """Say what to write for a name of NumPy's that is not here."""
        words = {"dot": "matmul or x @ y", "inner": "vecdot", "vstack": "concat(..., axis=0)",
                 "hstack": "concat(..., axis=1)", "ravel": "reshape(x, (-1,))",
                 "trace": "einsum('ii')", "swapaxes": "moveaxis", "median": "sort and index",
                 "random": "numpy.random", "allclose": "numpy.allclose(x.data, y.data)"}
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f"autograd.numpy has no {name!r}\nhelp: "
                             + (f"write {words[name]}" if name in words else
                                "NumPy's own works on x.data, without a gradient; "
                                "custom_gradient gives any function one"))
