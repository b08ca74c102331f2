"""NumPy's functions, differentiable: on Values, Tensors, plain floats and arrays.

    import autograd.numpy as np

Plain in, plain out; recorded in, recorded out. Creation functions return Tensors. Names and
signatures follow the array API standard, with NumPy's older names beside them.
"""
# ruff: noqa: F401, I001

from .creation import (arange, array, asarray, bool, complex64, complex128, e, eye, float32,
                       float64, full, full_like, inf, int8, int16, int32, int64, linspace, nan,
                       newaxis, ones, ones_like, pi, uint8, uint16, uint32, uint64, zeros, zeros_like)
from ..ops.elementwise import (abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, ceil, conj,
                               copysign, cos, cosh, divide, erf, exp, expm1, floor, floor_divide,
                               hypot, imag, log, log1p, log2, log10, logaddexp, multiply, negative,
                               positive, pow, real, reciprocal, relu, remainder, round, sigmoid,
                               sign, sin, sinh, softplus, sqrt, square, subtract, tan, tanh, trunc,
                               where)
from ..ops.constants import (all, any, argmax, argmin, argsort, bitwise_and, bitwise_invert,
                             bitwise_or, bitwise_xor, count_nonzero, equal, greater, greater_equal,
                             isfinite, isinf, isnan, less, less_equal, logical_and, logical_not,
                             logical_or, not_equal)
from ..ops.linalg import matmul
from ..ops.shapes import broadcast_to, flip, matrix_transpose, permute_dims, reshape, roll
from ..composite.activations import (clip, elu, gelu, leaky_relu, maximum, minimum, silu)
from ..composite.base import astype
from ..composite.einsum import einsum
from ..composite.indexing import (cumulative_prod, cumulative_sum, sort, take, take_along_axis)
from ..composite.products import outer, tensordot, vecdot
from ..composite.reductions import (log_softmax, logsumexp, max, mean, min, norm, prod, softmax,
                                    std, sum, var)
from ..composite.shapes import (concatenate, diff, expand_dims, moveaxis, pad, repeat, split,
                                squeeze, tile, transpose, tril, triu)
from ..bridges import stack

absolute, arccos, arccosh, arcsin, arcsinh = abs, acos, acosh, asin, asinh
arctan, arctan2, arctanh, concat, power = atan, atan2, atanh, concatenate, pow
true_divide, mod, cumsum, cumprod = divide, remainder, cumulative_sum, cumulative_prod
amax, amin = max, min
