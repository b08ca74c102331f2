"""Products of matrices, systems of linear equations, determinants and the pseudoinverse.

All work on the last two axes, batches before them. Products are bilinear, so one transpose for
each operand is written; of the others the tangent map, but for `solve`, whose transpose is shorter.
"""

import operator
from typing import Any

from ..errors import LinAlgError, products_do_not_fit
from ..kinds import Custom, bilinear, local, zeros_like
from ..primitive import as_operands, raw
from ..storage import arange, eye, full, is_complex, namespace
from .elementwise import conj, imag, multiply, real, where
from .shapes import astype, item, matrix_transpose, reshape, sum

matrix_product = bilinear("matrix_product",           # both operands have two axes or more
                          lambda g, y: g @ matrix_transpose(y),
                          lambda g, x: matrix_transpose(x) @ g,
                          infix=operator.matmul)


def matmul(x1: Any, x2: Any, /) -> Any:
    """x1 @ x2 for vectors, matrices and batches of matrices, as NumPy's matmul."""
    x, y = as_operands(x1, x2)
    a, b = raw(x), raw(y)
    m, n = len(a.shape), len(b.shape)
    if not m or not n or a.shape[-1] != b.shape[-2 if n > 1 else -1]:
        raise products_do_not_fit(x, y)
    if type(a) is type(b) and a.dtype != b.dtype:
        x, y = promoted(x, y)
    if m > 1 and n > 1:
        return matrix_product(x, y)
    left = reshape(x, shape=(1, *x.shape)) if m == 1 else x
    right = reshape(y, shape=(*y.shape, 1)) if n == 1 else y
    product = matrix_product(left, right)
    shape = list(product.shape)
    if n == 1:
        del shape[-1]
    if m == 1:
        del shape[-1 if n == 1 else -2]
    return reshape(product, shape=tuple(shape))


def promoted(x: Any, y: Any) -> tuple[Any, Any]:
    """Both in the dtype that they have together: some libraries multiply no other matrices."""
    if type(raw(x)) is not type(raw(y)) or x.dtype == y.dtype:
        return x, y
    dtype = namespace(raw(x)).result_type(raw(x), raw(y))
    return tuple(z if z.dtype == dtype else astype(z, dtype=dtype) for z in (x, y))


# -- words of the rules ------------------------------------------------------------------------

def product(*xs: Any) -> Any:
    """Matrices multiplied from left to right."""
    first, *others = xs
    for x in others:
        first = matrix_product(first, x)
    return first


def adjoint(x: Any) -> Any:
    """The conjugate transpose of matrices."""
    x = matrix_transpose(x)
    return conj(x) if is_complex(raw(x)) else x


def parts(z: Any) -> tuple[Any, ...]:
    """The outputs of a primitive with several, as a rule finds them in z."""
    return tuple(item(z, i=i) for i in range(len(raw(z))))


def below(x: Any) -> Any:
    """How far each element of a matrix lies below the diagonal, in plain integers."""
    rows, columns = (arange(raw(x), n) for n in x.shape[-2:])
    return rows[:, None] - columns[None, :]


def diagonal_of(x: Any) -> Any:
    """The diagonals of square matrices."""
    return sum(where(below(x) == 0, x, 0.0), axis=-1)


def trace_of(x: Any) -> Any:
    """The traces of square matrices."""
    return sum(where(below(x) == 0, x, 0.0), axis=(-2, -1))


def trace_of_product(x: Any, y: Any) -> Any:
    """The traces of x @ y, which need no product of matrices."""
    return sum(multiply(matrix_transpose(x), y), axis=(-2, -1))


def inverse(x: Any) -> Any:
    """The inverse of square matrices."""
    return solve(x, eye(raw(x), x.shape[-1]))


def known(tangent: Any, lost: Any) -> Any:
    """A tangent that is nan where it is lost, and that takes no part where its cotangent is 0."""
    return multiply(tangent, where(lost, float("nan"), full(raw(tangent), lost.shape, 1)))


# -- systems of equations ----------------------------------------------------------------------

solve = Custom(                                       # both operands have two axes or more
    "solve", (lambda g, z, x: -product(solve(matrix_transpose(x), g), matrix_transpose(z)),
              lambda g, x: solve(matrix_transpose(x), g)),
    forward=lambda xp, x, y: xp.linalg.solve(x, y))


@local("pinv", forward=lambda xp, x, rtol: xp.linalg.pinv(x, rtol=rtol))
def pinv(g: Any, z: Any, x: Any, *, rtol: Any = None) -> Any:
    h, left, right = adjoint(g), product(z, adjoint(z)), product(adjoint(z), z)
    columns, rows = product(left, h), product(h, right)     # Golub and Pereyra, 1973
    return (columns - product(columns, x, z)) + (rows - product(z, x, rows)) - product(z, g, z)


# -- determinants ------------------------------------------------------------------------------

@local("slogdet", forward=lambda xp, x: tuple(xp.linalg.slogdet(x)))
def slogdet(g: Any, z: Any, x: Any) -> Any:
    sign, _ = parts(z)
    back, singular = _inverse_where_regular(x, raw(sign) == 0)
    change = known(trace_of_product(back, g), singular)
    if is_complex(raw(x)):
        return 1j * imag(change) * sign, real(change)
    return zeros_like(sign), change


def _inverse_where_regular(x: Any, singular: Any) -> tuple[Any, Any]:
    """(the inverse of x, of the unit matrix where x is singular; where that is, plain)."""
    def attempt(singular: Any) -> tuple[Any, Any]:
        mask = xp.reshape(singular, (*singular.shape, 1, 1))
        return inverse(where(mask, eye(raw(x), x.shape[-1]), x)), singular

    xp = namespace(singular)
    try:
        return attempt(singular)
    except LinAlgError:                 # PyTorch solves by factors of xᵀ, and these say more
        s = xp.linalg.svdvals(raw(x))
        noise = 100 * x.shape[-1] * xp.finfo(s.dtype).eps * s[..., 0]
        return attempt(xp.logical_or(singular, s[..., -1] <= noise))


@local("det", forward=lambda xp, x: xp.linalg.det(x))
def det(g: Any, x: Any) -> Any:
    if not x.shape[-1]:
        return sum(g, axis=(-2, -1))
    shift, left, right, alive = _lifted(raw(x))     # det(x) = det(y) det(k)
    y = x + shift
    v = inverse(y)
    b = product(v, left)
    k, dk = -product(right, b) + eye(left, left.shape[-1]), product(product(right, v), g, b)
    if x.shape[-1] == 1:
        small, change = trace_of(k), trace_of(dk)
    else:                                           # k has two rows
        small = 0.5 * (trace_of(k) * trace_of(k) - trace_of_product(k, k))
        change = trace_of(dk) * trace_of(k) - trace_of_product(k, dk)
    return (trace_of_product(v, g) * small + change) * where(alive, det(y), 0.0)


def _lifted(x: Any) -> tuple[Any, Any, Any, Any]:
    """Plain arrays that lift x out of singularity: x + shift, far from it, is y of `det`.

    With rows and columns scaled to one size, the greatest singular value is added to the two
    smallest. The matrix determinant lemma takes this shift = left @ right back by the 2 by 2 matrix
    k = 1 - right y⁻¹ left, so nothing is divided by what may be 0. Where a third one is 0 (`alive`
    is false) it is lifted too, and the first two derivatives are 0.
    """
    xp, n = namespace(x), x.shape[-1]
    x = xp.where(xp.isfinite(x), x, xp.zeros_like(x))
    rows = _largest(x, -1)
    columns = _largest(x / rows, -2)
    u, s, vh = xp.linalg.svd(x / rows / columns, full_matrices=False)
    zero, last = s <= n * xp.finfo(s.dtype).eps * s[..., :1], arange(x, n) >= n - 2
    top = xp.where(s[..., :1] == 0, xp.ones_like(s[..., :1]), s[..., :1])
    left = rows * u * xp.where(zero | last, top, xp.zeros_like(top))[..., None, :]
    right, others = vh * columns, max(n - 2, 0)
    return (left @ right, left[..., others:], right[..., others:, :],
            ~xp.any(zero & ~last, axis=-1))


def _largest(x: Any, axis: int) -> Any:
    """The greatest absolute values along an axis, 1 for 0."""
    xp = namespace(x)
    size = xp.max(xp.abs(x), axis=axis, keepdims=True)
    return xp.where(size == 0, xp.ones_like(size), size)
