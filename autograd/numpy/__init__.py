"""NumPy's functions, differentiable: on Values, Tensors, plain floats and arrays.

    import autograd.numpy as np

Plain in, plain out; recorded in, recorded out. Creation functions return Tensors. Names and
signatures follow the array API standard, with NumPy's older names beside them.
"""
# ruff: noqa: I001

from typing import TYPE_CHECKING

from math import e as e, inf as inf, nan as nan, pi as pi

import numpy as _numpy
from numpy import (
    bool as bool, complex64 as complex64, complex128 as complex128, float32 as float32,
    float64 as float64, int8 as int8, int16 as int16, int32 as int32, int64 as int64,
    newaxis as newaxis, uint8 as uint8, uint16 as uint16, uint32 as uint32, uint64 as uint64)

from . import fft as fft, linalg as linalg, special as special
from ..beside_numpy import passing as _passing
from ..tensor import Tensor as _Tensor
from .creation import (
    arange as arange, array as array, asarray as asarray, empty as empty,
    empty_like as empty_like, eye as eye, from_dlpack as from_dlpack, full as full,
    full_like as full_like, linspace as linspace, ones as ones, ones_like as ones_like,
    zeros as zeros, zeros_like as zeros_like)
from .info import (
    __array_namespace_info__ as __array_namespace_info__, can_cast as can_cast, finfo as finfo,
    iinfo as iinfo, isdtype as isdtype, result_type as result_type)
from ..ops.elementwise import (
    abs as abs, acos as acos, acosh as acosh, add as add, asin as asin, asinh as asinh,
    atan as atan, atan2 as atan2, atanh as atanh, ceil as ceil, conj as conj,
    copysign as copysign, cos as cos, cosh as cosh, divide as divide, erf as erf, exp as exp,
    expm1 as expm1, floor as floor, floor_divide as floor_divide, hypot as hypot, imag as imag,
    log as log, log1p as log1p, log2 as log2, log10 as log10, logaddexp as logaddexp,
    multiply as multiply, negative as negative, nextafter as nextafter, positive as positive,
    pow as pow, real as real, reciprocal as reciprocal, relu as relu, remainder as remainder,
    sigmoid as sigmoid, sin as sin, sinh as sinh, softplus as softplus,
    sqrt as sqrt, square as square, subtract as subtract, tan as tan, tanh as tanh,
    trunc as trunc)
from ..ops.constants import (
    all as all, any as any, argmax as argmax, argmin as argmin, argsort as argsort,
    bitwise_and as bitwise_and, bitwise_invert as bitwise_invert,
    bitwise_left_shift as bitwise_left_shift, bitwise_or as bitwise_or,
    bitwise_right_shift as bitwise_right_shift, bitwise_xor as bitwise_xor,
    count_nonzero as count_nonzero, equal as equal,
    greater as greater, greater_equal as greater_equal, isfinite as isfinite, isinf as isinf,
    isnan as isnan, less as less, less_equal as less_equal, logical_and as logical_and,
    logical_not as logical_not, logical_or as logical_or, logical_xor as logical_xor,
    nonzero as nonzero, not_equal as not_equal, signbit as signbit)
from ..ops.linalg import (
    matmul as matmul)
from ..ops.shapes import (
    broadcast_to as broadcast_to, flip as flip, matrix_transpose as matrix_transpose,
    permute_dims as permute_dims, roll as roll)
from ..composite.activations import (
    clip as clip, elu as elu, gelu as gelu, leaky_relu as leaky_relu, maximum as maximum,
    minimum as minimum, round as round, sign as sign, silu as silu)
from ..composite.base import (
    astype as astype, reshape as reshape)
from ..composite.einsum import (
    einsum as einsum)
from ..composite.indexing import (
    cumprod as cumprod, cumsum as cumsum, cumulative_prod as cumulative_prod,
    cumulative_sum as cumulative_sum, isin as isin, searchsorted as searchsorted, sort as sort,
    take as take, take_along_axis as take_along_axis)
from ..composite.products import (
    cross as cross, outer as outer, tensordot as tensordot, vecdot as vecdot)
from ..composite.reductions import (
    log_softmax as log_softmax, logsumexp as logsumexp, max as max, mean as mean, min as min,
    norm as norm, prod as prod, softmax as softmax, std as std, sum as sum, var as var)
from ..composite.sets import (
    unique_all as unique_all, unique_counts as unique_counts, unique_inverse as unique_inverse,
    unique_values as unique_values)
from ..composite.shapes import (
    broadcast_arrays as broadcast_arrays, broadcast_shapes as broadcast_shapes,
    concatenate as concatenate, diff as diff, expand_dims as expand_dims, meshgrid as meshgrid,
    moveaxis as moveaxis, pad as pad, repeat as repeat, split as split, squeeze as squeeze,
    tile as tile, transpose as transpose, tril as tril, triu as triu, unstack as unstack)
from ..composite.windows import (
    sliding_window_view as sliding_window_view)
from ..bridges import (
    stack as stack)
from .classic import (
    allclose as allclose, angle as angle, array_equal as array_equal, deg2rad as deg2rad,
    diag as diag, diagonal as diagonal, dot as dot, fabs as fabs, fmax as fmax, fmin as fmin,
    inner as inner, isclose as isclose, iscomplexobj as iscomplexobj, kron as kron,
    logaddexp2 as logaddexp2, nan_to_num as nan_to_num, ndim as ndim, rad2deg as rad2deg,
    select as select, shape as shape, sinc as sinc, size as size, trace as trace, vdot as vdot,
    where as where)
from .stacking import (
    append as append, array_split as array_split, atleast_1d as atleast_1d,
    atleast_2d as atleast_2d, atleast_3d as atleast_3d, column_stack as column_stack,
    dsplit as dsplit, dstack as dstack, fliplr as fliplr, flipud as flipud, hsplit as hsplit,
    hstack as hstack, ravel as ravel, rollaxis as rollaxis, rot90 as rot90, vsplit as vsplit,
    vstack as vstack)
from ..composite.shapes import (
    swapaxes as swapaxes)
from ..composite.special import (
    exp2 as exp2)

__array_api_version__ = "2025.12"
absolute, arccos, arccosh, arcsin, arcsinh = abs, acos, acosh, asin, asinh
arctan, arctan2, arctanh, concat, power = atan, atan2, atanh, concatenate, pow
true_divide, mod = divide, remainder
amax, amin = max, min

around, conjugate, degrees, fix, radians, rint, row_stack = (
    round, conj, rad2deg, trunc, deg2rad, round, vstack)
ndarray = _Tensor | _numpy.ndarray       # what isinstance is asked for

if not TYPE_CHECKING:                   # else type checkers take any name for one of ours
    __getattr__ = _passing(_numpy, __name__)
