"""Linear algebra: systems of equations, determinants, powers, norms and diagonals.

Signatures are those of the array API standard; matrices lie on the last two axes, batches before
them. Integers become floats. What a storage says of a singular matrix is a LinAlgError (JAX and
CuPy say nothing, there the result is nan or inf).
"""

import math
import operator
from typing import Any, NamedTuple

from ..errors import ArgumentError, ShapeError
from ..ops import elementwise as e, linalg as ops
from ..ops.linalg import below, matmul
from ..ops.shapes import axes_of, reshape
from ..primitive import raw
from ..storage import eye
from . import products, reductions
from .base import as_operand, as_operands, floating
from .decompositions import matrix, matrix_rank, square, stack, svdvals
from .reductions import sum
from .shapes import moveaxis


class LstsqResult(NamedTuple):
    """A solution of least squares, what it leaves, and the rank and singular values found."""

    x: Any
    residuals: Any
    rank: Any
    s: Any


class SlogdetResult(NamedTuple):
    """The sign of a determinant (its phase, if complex) and the logarithm of its size."""

    sign: Any
    logabsdet: Any


# -- systems of equations, determinants --------------------------------------------------------

def solve(x1: Any, x2: Any, /) -> Any:
    """The x with x1 @ x = x2: x2 is one vector (n,), or matrices (..., n, k) of columns."""
    a, b = square("solve", x1), floating(as_operand(x2))
    column = reshape(b, shape=(*b.shape, 1)) if len(b.shape) == 1 else b
    if len(b.shape) < 1 or column.shape[-2] != a.shape[-1]:
        raise ShapeError(f"solve: shapes {tuple(a.shape)} and {tuple(b.shape)} do not fit",
                         "as many equations as unknowns: x2 is (n,) or (..., n, k)")
    found = ops.solve(a, column)
    return reshape(found, shape=found.shape[:-1]) if len(b.shape) == 1 else found


def inv(x: Any, /) -> Any:
    """The inverse of square matrices."""
    return ops.inverse(square("inv", x))


def pinv(x: Any, /, *, rtol: Any = None) -> Any:
    """The Moore-Penrose inverse; singular values up to rtol times the greatest count as 0.

    The derivative is that along matrices of equal rank: to others the inverse jumps.
    """
    return ops.pinv(matrix("pinv", x), rtol=raw(rtol))


def lstsq(a: Any, b: Any, rcond: Any = None) -> LstsqResult:
    """NumPy's lstsq: the shortest x of those that make |b - a @ x| least, for b (m,) or (m, k).

    `rcond` and derivatives are those of `pinv`. `residuals` has the sum of squares left of each
    column, for every rank, and is empty where a has no more rows than columns.
    """
    a, b = matrix("lstsq", a), floating(as_operand(b))
    if len(a.shape) != 2 or len(b.shape) not in (1, 2) or a.shape[0] != b.shape[0]:
        raise ShapeError(f"lstsq: shapes {tuple(a.shape)} and {tuple(b.shape)} do not fit",
                         "a is (m, n), b is (m,) or (m, k); for many at once pinv(a) @ b")
    x = matmul(pinv(a, rtol=rcond), b)
    left = reductions.squared(b - matmul(a, x))
    left = left if len(b.shape) == 2 else left[:, None]
    residuals = sum(left if a.shape[0] > a.shape[1] else left[:, :0], axis=0)
    return LstsqResult(x, residuals, matrix_rank(a, rtol=rcond), svdvals(a))


def det(x: Any, /) -> Any:
    """The determinant. First and second derivatives are exact at singular matrices too.

    Third and further ones are so down to rank n - 2; below that they come out as 0.
    """
    return ops.det(square("det", x))


def slogdet(x: Any, /) -> SlogdetResult:
    """The sign of the determinant and the logarithm of its absolute value: no overflow.

    At a singular matrix these are 0 and -inf, with derivative nan.
    """
    return SlogdetResult(*ops.slogdet(square("slogdet", x)))


def matrix_power(x: Any, n: int, /) -> Any:
    """x multiplied n times; n below 0 multiplies the inverse."""
    x = square("matrix_power", x)
    try:
        n = operator.index(n)
    except TypeError as error:
        raise ArgumentError(f"matrix_power with n={n!r}", "n is a whole number") from error
    if n < 0:
        x, n = inv(x), -n
    result = None
    if n == 0:                                      # recorded, with slope 0 even at inf and nan
        result = e.where(below(x) != below(x), x, eye(raw(x), x.shape[-1]))
    while n:
        if n & 1:
            result = x if result is None else matmul(result, x)
        n >>= 1
        x = matmul(x, x) if n else x
    return result


# -- norms -------------------------------------------------------------------------------------

def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """A norm of matrices: "fro", "nuc" (sum of singular values), ±2 (greatest, smallest of them).

    ord ±1 is the greatest (smallest) sum of absolute values of a column, ±inf of a row.
    """
    x = matrix("matrix_norm", x)
    if ord is None or ord == "fro":
        return reductions.norm(x, axis=(-2, -1), keepdims=keepdims)
    if ord == "nuc":
        result = sum(svdvals(x), axis=-1)
    elif ord in (2, -2, 1, -1, math.inf, -math.inf):
        sizes = svdvals(x) if abs(ord) == 2 else sum(e.abs(x), axis=-2 if abs(ord) == 1 else -1)
        result = (reductions.max if ord > 0 else reductions.min)(sizes, axis=-1)
    else:
        raise ArgumentError(f"matrix_norm with ord={ord!r}",
                            'ord is "fro", "nuc", 1, -1, 2, -2, inf or -inf')
    return reshape(result, shape=(*result.shape, 1, 1)) if keepdims else result


def vector_norm(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: float = 2) -> Any:
    """The norm of order 1, 2, inf, -inf or any p over axes (None: all); 0 counts what is not 0.

    Gradient 0 at 0, and for ord=0.
    """
    x = floating(as_operand(x))
    if isinstance(ord, str):
        raise ArgumentError(f"vector_norm with ord={ord!r}", "ord is a number, inf or -inf")
    if ord == 0:
        return sum(e.sign(e.abs(x)), axis=axis, keepdims=keepdims)
    return reductions.norm(x, ord, axis, keepdims=keepdims)


def cond(x: Any, p: Any = None) -> Any:
    """NumPy's condition number: norm(x) · norm(inv(x)) of order p, as `matrix_norm` has it.

    For p None, 2 and -2 the ratio of singular values: x need not be square, and a singular one
    has inf, with gradient 0.
    """
    x = matrix("cond", x)
    if 0 in x.shape[-2:]:
        raise ShapeError(f"cond of shape {tuple(x.shape)}", "give it rows and columns")
    if p not in (None, 2, -2):
        return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
    s = svdvals(x)
    over, under = (s[..., -1], s[..., 0]) if p == -2 else (s[..., 0], s[..., -1])
    return e.where(under == 0, math.inf, over / e.where(under == 0, 1.0, under))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """NumPy's norm: of vectors over one axis, of matrices over two; ord None is 2 or "fro".

    Without axis of all elements, but with ord of x as a vector or a matrix.
    """
    x = floating(as_operand(x))
    axes = axes_of(axis, len(x.shape))
    if ord is None or len(axes) == 1:
        return vector_norm(x, axis=axes, keepdims=keepdims, ord=2 if ord is None else ord)
    if len(axes) != 2:
        raise ShapeError(f"norm of order {ord!r} over {len(axes)} axes of shape {tuple(x.shape)}",
                         "give one axis for vectors, two for matrices, or no ord")
    result = matrix_norm(moveaxis(x, axes, (-2, -1)), ord=ord)
    kept = tuple(1 if i in axes else n for i, n in enumerate(x.shape))
    return reshape(result, shape=kept) if keepdims else result


# -- diagonals and products --------------------------------------------------------------------

def diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """The diagonals of matrices, `offset` above the main one (below, if negative)."""
    x = stack("diagonal", x)
    m, n = x.shape[-2:]
    count = min(m + min(offset, 0), n - max(offset, 0))
    start = offset if offset >= 0 else -offset * n
    flat = reshape(x, shape=(*x.shape[:-2], m * n))
    return flat[..., start:start + (count - 1) * (n + 1) + 1:n + 1] if count > 0 else flat[..., :0]


def trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sums of the diagonals of matrices; small integers add up to int64."""
    return sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def outer(x1: Any, x2: Any, /) -> Any:
    """Every product x1[i] · x2[j] of two vectors, shape (m, n)."""
    x, y = as_operands(x1, x2)
    if len(x.shape) != 1 or len(y.shape) != 1:
        raise ShapeError(f"outer of shapes {tuple(x.shape)} and {tuple(y.shape)}",
                         "give it two vectors: flatten them first, or add axes and multiply")
    return products.outer(x, y)
