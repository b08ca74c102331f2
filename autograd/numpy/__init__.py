"""NumPy's functions, differentiable: on Values, Tensors, plain floats and arrays.

    import autograd.numpy as np

Plain in, plain out; recorded in, recorded out. Creation functions return Tensors. Names and
signatures follow the array API standard, with NumPy's older names beside them.
"""

from ..composite import (astype, clip, cumulative_prod, cumulative_sum, diff, elu, expand_dims, gelu,
                         leaky_relu, log_softmax, logsumexp, max, maximum, mean, min, minimum,
                         moveaxis, norm, outer, pad, prod, repeat, silu, softmax, sort, split,
                         squeeze, std, sum, take, take_along_axis, tensordot, tile, transpose, tril,
                         triu, var, vecdot)
from ..composite import concatenate as concat
from ..einsum import einsum
from ..ops.constants import (all, any, argmax, argmin, argsort, count_nonzero, equal, greater,
                             greater_equal, isfinite, isinf, isnan, less, less_equal, logical_and,
                             logical_not, logical_or, not_equal)
from ..ops.elementwise import (abs, acos, acosh, add, asin, asinh, atan, atan2, atanh, ceil, conj,
                               copysign, cos, cosh, divide, erf, exp, expm1, floor, floor_divide,
                               hypot, imag, log, log1p, log2, log10, logaddexp, multiply, negative,
                               positive, pow, real, reciprocal, relu, remainder, round, sigmoid,
                               sign, sin, sinh, softplus, sqrt, square, subtract, tan, tanh, trunc,
                               where)
from ..ops.linalg import matmul
from ..ops.shapes import broadcast_to, flip, matrix_transpose, permute_dims, reshape, roll
from ..tensor import stack
from .creation import (arange, array, asarray, bool, complex64, complex128, e, eye, float32, float64,
                       full, full_like, inf, int8, int16, int32, int64, linspace, nan, newaxis, ones,
                       ones_like, pi, uint8, uint16, uint32, uint64, zeros, zeros_like)

absolute, arccos, arccosh, arcsin, arcsinh = abs, acos, acosh, asin, asinh
arctan, arctan2, arctanh, concatenate, power = atan, atan2, atanh, concat, pow
true_divide, mod, cumsum, cumprod = divide, remainder, cumulative_sum, cumulative_prod
amax, amin = max, min
