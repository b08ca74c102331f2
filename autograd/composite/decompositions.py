"""Decompositions of matrices, and what comes of their values.

Signatures are those of the array API standard; matrices lie on the last two axes, batches before
them. Integers become floats.
"""

from typing import Any, NamedTuple

from ..errors import ArgumentError, ShapeError
from ..ops import decompositions as ops
from ..ops.linalg import adjoint, matmul
from ..ops.shapes import concat, split_at
from ..primitive import raw
from .base import as_operand, floating


class EigResult(NamedTuple):
    """Eigenvalues (..., n) and eigenvectors (..., n, n), one in each column; complex."""

    eigenvalues: Any
    eigenvectors: Any


class EighResult(NamedTuple):
    """Eigenvalues (..., n), ascending, and eigenvectors (..., n, n), one in each column."""

    eigenvalues: Any
    eigenvectors: Any


class QRResult(NamedTuple):
    """Orthonormal columns Q and the upper triangle R."""

    Q: Any
    R: Any


class SVDResult(NamedTuple):
    """Left vectors in columns of U, singular values S, descending, right vectors in rows of Vh."""

    U: Any
    S: Any
    Vh: Any


def cholesky(x: Any, /, *, upper: bool = False) -> Any:
    """The triangle L with L Lᴴ = x (with `upper` its adjoint), x positive definite.

    x stands for its Hermitian part (x + xᴴ)/2, so gradients are Hermitian.
    """
    factor = ops.cholesky(_hermitian("cholesky", x))
    return adjoint(factor) if upper else factor


def qr(x: Any, /, *, mode: str = "reduced") -> QRResult:
    """x = Q R: orthonormal columns (m, k), k = min(m, n), and an upper triangle (k, n).

    "complete" makes Q square. Where columns of x depend on those before them the derivative is that
    along matrices of the same rank. It holds for what does not depend on the choice of the columns
    of Q that belong to these, or were added.
    """
    x = matrix("qr", x)
    if mode not in ("reduced", "complete"):
        raise ArgumentError(f"qr with mode={mode!r}", 'mode is "reduced" or "complete"')
    m, n = x.shape[-2:]
    if m >= n:
        return QRResult(*ops.qr(x, mode=mode))
    x, more = split_at(x, at=(m,), axis=-1)
    q, r = ops.qr(x)
    return QRResult(q, concat(r, matmul(adjoint(q), more), axis=-1))


def eigh(x: Any, /) -> EighResult:
    """x = V diag(w) Vᴴ for Hermitian x, w ascending; x stands for its Hermitian part (x + xᴴ)/2.

    Derivatives hold for what does not depend on the signs (phases) of vectors. Of vectors whose
    value is repeated they are nan; what uses the values only has one nevertheless.
    """
    return EighResult(*ops.eigh(_hermitian("eigh", x)))


def eigvalsh(x: Any, /) -> Any:
    """The eigenvalues of Hermitian matrices, ascending."""
    return eigh(x).eigenvalues


def eig(x: Any, /) -> EigResult:
    """x = V diag(w) V⁻¹ for square x, w and V complex, columns of V of length 1.

    Derivatives as for `eigh`; at a matrix without a basis of eigenvectors they are infinite.
    """
    return EigResult(*ops.eig(square("eig", x)))


def eigvals(x: Any, /) -> Any:
    """The eigenvalues of square matrices, complex, in no order."""
    return eig(x).eigenvalues


def svd(x: Any, /, *, full_matrices: bool = True) -> SVDResult:
    """x = U diag(s) Vᴴ, s descending: U is (m, m), Vh (n, n), or (m, k), (k, n), k = min(m, n).

    Derivatives hold for what does not depend on the signs (phases) of vectors, nor on the choice
    of those that `full_matrices` adds. Of vectors whose value is repeated they are nan, also of
    those of value 0 that are not square matrices' (or complex); at 0 a value has derivative 0.
    """
    return SVDResult(*ops.svd(matrix("svd", x), full_matrices=full_matrices))


def svdvals(x: Any, /) -> Any:
    """The singular values, descending."""
    return svd(x, full_matrices=False).S


def matrix_rank(x: Any, /, *, rtol: Any = None) -> Any:
    """How many singular values exceed rtol (None: max(m, n) · eps) times the greatest."""
    return ops.matrix_rank(matrix("matrix_rank", x), rtol=raw(rtol))


# -- what comes in -----------------------------------------------------------------------------

def stack(name: str, x: Any) -> Any:
    """Matrices on the last two axes."""
    x = as_operand(x)
    if len(x.shape) < 2:
        raise ShapeError(f"{name} of shape {tuple(x.shape)}",
                         "give it a matrix, or a stack of matrices on its last two axes")
    return x


def matrix(name: str, x: Any) -> Any:
    """Matrices of floats."""
    return floating(stack(name, x))


def square(name: str, x: Any) -> Any:
    """Square matrices of floats."""
    x = matrix(name, x)
    if x.shape[-1] != x.shape[-2]:
        raise ShapeError(f"{name} of shape {tuple(x.shape)}", "the last two axes must be equal")
    return x


def _hermitian(name: str, x: Any) -> Any:
    """The Hermitian part of square matrices."""
    x = square(name, x)
    return 0.5 * (x + adjoint(x))
