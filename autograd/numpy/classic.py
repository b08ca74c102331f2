"""NumPy's own names beside the standard's: what code written for NumPy and HIPS autograd calls.

Each is made of functions that the array API standard has; names and parameters are NumPy's.
"""

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

from ..composite import (
    as_operand,
    as_operands,
    floating,
    linalg,
    maximum,
    minimum,
    moveaxis,
    pad,
    tensordot,
    vecdot,
)
from ..errors import ShapeError
from ..ops import constants, elementwise as e
from ..ops.elementwise import abs, atan2, imag, logaddexp, multiply, real, sin
from ..ops.linalg import matmul
from ..ops.shapes import reshape
from ..primitive import NUMBERS, raw
from ..storage import arange, is_complex, is_floating, namespace, ndarray, quiet
from ..tensor import Tensor

# -- what an array is: plain answers, which have no gradient to lose ---------------------------

def ndim(a: Any) -> int:
    """The number of axes."""
    return len(shape(a))


def shape(a: Any) -> tuple[int, ...]:
    """The length of each axis."""
    return tuple(as_operand(raw(a)).shape)


def size(a: Any, axis: int | None = None) -> int:
    """The number of elements, or the length of one axis."""
    return math.prod(shape(a)) if axis is None else shape(a)[axis]


def iscomplexobj(x: Any) -> bool:
    """Whether x holds complex numbers, whatever their imaginary parts are."""
    return is_complex(as_operand(raw(x)))


def isclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8,
            equal_nan: bool = False) -> Any:
    """Where |a - b| <= atol + rtol · |b|; infinities of one sign are close."""
    x, y = (raw(floating(as_operand(raw(z)))) for z in (a, b))
    xp = namespace(x)
    with quiet():
        near = (x == y) | xp.isfinite(y) & (xp.abs(x - y) <= atol + rtol * xp.abs(y))
    if equal_nan:
        near = near | (xp.isnan(x) & xp.isnan(y))
    return Tensor(near) if type(a) is Tensor or type(b) is Tensor else near


def allclose(a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8,
             equal_nan: bool = False) -> bool:
    """Whether all elements are close, as `isclose` has it."""
    return bool(constants.all(isclose(a, b, rtol, atol, equal_nan)))


def array_equal(a1: Any, a2: Any) -> bool:
    """Whether shapes and elements are equal."""
    return shape(a1) == shape(a2) and bool(constants.all(constants.equal(raw(a1), raw(a2))))


# -- products ----------------------------------------------------------------------------------

def dot(a: Any, b: Any) -> Any:
    """Vectors: a · b. Matrices: a @ b. Numbers: a * b. More axes: the last of a, last but one of b.
    """
    if not (ndim(a) and ndim(b)):
        return multiply(a, b)
    return _number(matmul(a, b) if ndim(b) < 3 else tensordot(a, b, axes=((-1,), (-2,))))


def inner(a: Any, b: Any) -> Any:
    """The sum of products over the last axis of both; of numbers their product."""
    if not (ndim(a) and ndim(b)):
        return multiply(a, b)
    return _number(tensordot(a, b, axes=((-1,), (-1,))))


def _number(x: Any) -> Any:
    """x, but one number of plain arrays as NumPy has it: a scalar, no array of no axes."""
    return x[()] if type(x) is ndarray else x


def vdot(a: Any, b: Any) -> Any:
    """The scalar product of all elements, those of a conjugated."""
    return vecdot(*(reshape(x, shape=(-1,)) for x in as_operands(a, b)))


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product: b in place of each element of a, times that element."""
    a, b = as_operands(a, b)
    n = max(ndim(a), ndim(b))
    left, right = ((1,) * (n - ndim(x)) + shape(x) for x in (a, b))
    apart = multiply(reshape(a, shape=tuple(m for size in left for m in (size, 1))),
                     reshape(b, shape=tuple(m for size in right for m in (1, size))))
    return reshape(apart, shape=tuple(m * k for m, k in zip(left, right)))


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The diagonals of the matrices on two axes, as a last axis; `offset` counts to the right."""
    return linalg.diagonal(moveaxis(a, (axis1, axis2), (-2, -1)), offset=offset)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """The sum of a diagonal."""
    return linalg.trace(moveaxis(a, (axis1, axis2), (-2, -1)), offset=offset)


def diag(v: Any, k: int = 0) -> Any:
    """The k-th diagonal of a matrix; of a vector, the matrix that has it there."""
    v = as_operand(v)
    if ndim(v) == 2:
        return diagonal(v, k)
    if ndim(v) != 1:
        raise ShapeError(f"diag of shape {shape(v)}", "give it a vector or a matrix")
    column = pad(v, (max(-k, 0), max(k, 0)))[:, None]
    places = arange(raw(v), column.shape[0])
    return where(places[None, :] - places[:, None] == k, column, 0)


# -- elementwise -------------------------------------------------------------------------------

def where(condition: Any, x1: Any = None, x2: Any = None, /) -> Any:
    """x1 where the condition holds, x2 elsewhere; without the two, where it holds, as `nonzero`."""
    if x1 is None and x2 is None:
        return constants.nonzero(condition)
    return e.where(condition, x1, x2)


def fabs(x: Any) -> Any:
    """|x|, in floats."""
    return abs(floating(as_operand(x)) if ndim(x) else x)


def logaddexp2(x1: Any, x2: Any) -> Any:
    """log2(2**x1 + 2**x2), without overflow."""
    return logaddexp(multiply(x1, math.log(2)), multiply(x2, math.log(2))) / math.log(2)


def deg2rad(x: Any) -> Any:
    """Degrees as radians."""
    return multiply(x, math.pi / 180)


def rad2deg(x: Any) -> Any:
    """Radians as degrees."""
    return multiply(x, 180 / math.pi)


_SINC = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(9))


def sinc(x: Any) -> Any:
    """sin(πx) / (πx), and 1 at 0; near 0 its series, so that derivatives are exact there too."""
    angle = multiply(x, math.pi)
    near = abs(angle) < 0.7
    squared = where(near, angle, 0.0) ** 2
    series = reduce(lambda total, term: total * squared + term, reversed(_SINC), 0.0 * squared)
    away = where(near, 1.0, angle)
    return where(near, series, sin(away) / away)


def fmax(x1: Any, x2: Any) -> Any:
    """The greater of x1 and x2, the other one where one is nan; ties as in `maximum`."""
    return maximum(_or_other(x1, x2), _or_other(x2, x1))


def fmin(x1: Any, x2: Any) -> Any:
    """The smaller of x1 and x2, the other one where one is nan; ties as in `minimum`."""
    return minimum(_or_other(x1, x2), _or_other(x2, x1))


def _or_other(x: Any, other: Any) -> Any:
    is_number = type(x) in NUMBERS and x == x
    return x if is_number else where(constants.isnan(x), other, x)


def nan_to_num(x: Any, copy: bool = True, nan: float = 0.0, posinf: Any = None,
               neginf: Any = None) -> Any:
    """x with numbers for nan and the infinities (None: the greatest and least of the dtype)."""
    x = as_operand(x)
    if not is_floating(raw(x)):
        return x
    if is_complex(raw(x)):
        return nan_to_num(real(x), copy, nan, posinf, neginf) + 1j * nan_to_num(
            imag(x), copy, nan, posinf, neginf)
    greatest = float(namespace(raw(x)).finfo(x.dtype).max)
    x = where(constants.isnan(x), nan, x)
    x = where(x == math.inf, greatest if posinf is None else posinf, x)
    return _number(where(x == -math.inf, -greatest if neginf is None else neginf, x))


def angle(z: Any, deg: bool = False) -> Any:
    """The angle of complex z from the positive real axis, in radians or degrees."""
    turn = atan2(imag(z), real(z)) if iscomplexobj(z) else atan2(0.0, z)
    return rad2deg(turn) if deg else turn


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """The choice of the first condition that holds, else the default."""
    if len(condlist) != len(choicelist):
        raise ShapeError(f"select of {len(condlist)} conditions and {len(choicelist)} choices",
                         "give one choice for each condition")
    result = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        result = where(condition, choice, result)
    return result
