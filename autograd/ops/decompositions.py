"""Decompositions of matrices: of each the tangent map is written, in the basis that it found.

Where two values are equal up to rounding, the vectors that belong to them are any basis of one
space: they have derivative nan, and with them what depends on them; values and other vectors are
not touched by it. A function such as V f(w) Vᴴ has a derivative there, but not one that follows
from those of w and V: at the unit matrix [V w² Vᴴ]₀₁ and [V Vᴴ]₀₁ hand back the same cotangents.
Any number would be wrong for one of the two.
"""

from typing import Any

from ..kinds import constant, local
from ..primitive import raw
from ..storage import eye, full, is_array, is_complex, namespace
from .elementwise import abs, conj, real_part, where
from .linalg import adjoint, below, diagonal_of, inverse, known, parts, product
from .shapes import astype, concat, reshape, split_at, sum

# -- without values that could be equal --------------------------------------------------------

@local("cholesky", forward=lambda xp, x: xp.linalg.cholesky(x))     # of Hermitian x
def cholesky(g: Any, z: Any) -> Any:
    back = inverse(z)
    return product(z, _half(product(back, g, adjoint(back))))


@local("qr", forward=lambda xp, x, mode: tuple(xp.linalg.qr(x, mode=mode)))
def qr(g: Any, z: Any, *, mode: str = "reduced") -> Any:
    q, r = parts(z)                                 # at least as many rows as columns
    q, more = split_at(q, at=(r.shape[-1],), axis=-1)
    r, none = split_at(r, at=(r.shape[-1],), axis=-2)
    dependent = _dependent(raw(r))
    y = where(namespace(dependent).matrix_transpose(dependent), eye(raw(r), r.shape[-1]), r)
    c = where(dependent, 0.0, product(g, inverse(y)))
    s = product(adjoint(q), c)
    upper = adjoint(_half(s + adjoint(s)))
    dq, dr = c - product(q, upper), product(upper, r)
    return (concat(dq, _completing(more, q, dq), axis=-1),
            concat(dr, full(raw(none), none.shape, 0), axis=-2))


def _half(x: Any) -> Any:
    """The lower triangle with half the diagonal."""
    place = below(x)
    return where(place > 0, x, where(place == 0, 0.5 * x, 0.0))


def _dependent(r: Any) -> Any:
    """Which columns of a triangle depend on those before them, up to rounding: plain, (..., 1, n).

    Their q is any vector that completes a basis, and moves as such: so derivatives are those along
    matrices of the same rank.
    """
    xp = namespace(r)
    size = xp.abs(r)
    own = xp.sum(xp.where(below(r) == 0, size, xp.zeros_like(size)), axis=-2, keepdims=True)
    length = xp.sqrt(xp.sum(size * size, axis=-2, keepdims=True))
    return own <= 10 * r.shape[-1] * xp.finfo(size.dtype).eps * length


def _completing(more: Any, q: Any, dq: Any) -> Any:
    """The tangent of columns that complete q to a basis: any do, and move only as q makes them."""
    return -product(q, adjoint(dq), more)


# -- values and vectors ------------------------------------------------------------------------

@local("eigh", forward=lambda xp, x: tuple(xp.linalg.eigh(x)))      # of Hermitian x
def eigh(g: Any, z: Any) -> Any:
    w, v = parts(z)
    m, (gaps, repeated) = product(adjoint(v), g, v), _apart(w)
    return real_part(diagonal_of(m)), known(product(v, m * gaps), repeated)


def _eig(xp: Any, x: Any) -> tuple[Any, Any]:
    w, v = xp.linalg.eig(x)
    if not is_complex(w):                           # NumPy, where all are real
        dtype = xp.complex64 if w.dtype == xp.float32 else xp.complex128
        w, v = xp.astype(w, dtype), xp.astype(v, dtype)
    return w, v


@local("eig", forward=_eig)
def eig(g: Any, z: Any) -> Any:
    w, v = parts(z)
    m, (gaps, repeated) = product(inverse(v), astype(g, dtype=w.dtype), v), _apart(w)
    turn = product(v, m * gaps)
    turn = turn - sum(turn * conj(v), axis=-2, keepdims=True) * v           # |v| = 1
    return diagonal_of(m), known(turn, repeated)


@local("svd", forward=lambda xp, x, full_matrices: tuple(
    xp.linalg.svd(x, full_matrices=full_matrices)))
def svd(g: Any, z: Any, *, full_matrices: bool = True) -> Any:
    u, s, vh = parts(z)
    u, more_u = split_at(u, at=s.shape[-1:], axis=-1)
    v, more_v = split_at(adjoint(vh), at=s.shape[-1:], axis=-1)
    m, (gaps, repeated) = product(adjoint(u), g, v), _apart(s)
    even = 0.5 * (m + adjoint(m)) * gaps
    odd = 0.5 * (m - adjoint(m)) * _reciprocal(_row(s) + _column(s), s)
    du = _side(even + odd, product(g, v), u, more_u, s, repeated)
    dv = _side(even - odd, product(adjoint(g), u), v, more_v, s, repeated)
    return du, where(raw(s) <= _noise(s), 0.0, real_part(diagonal_of(m))), adjoint(dv)


def _side(turn: Any, across: Any, q: Any, more: Any, s: Any, repeated: Any) -> Any:
    """The tangent of singular vectors: how they turn, and what lies across their space."""
    dq, null, xp = product(q, turn), raw(_row(s)) <= _noise(_row(s)), namespace(raw(s))
    tall = q.shape[-2] > q.shape[-1]
    if tall:
        dq = dq + (across - product(q, adjoint(q), across)) * _reciprocal(_row(s), s)
    lost = repeated | null if tall or is_complex(raw(q)) else repeated
    moved = known(_completing(more, q, dq), xp.any(null, axis=-1, keepdims=True))
    return concat(known(dq, lost), moved, axis=-1)


# -- values ------------------------------------------------------------------------------------

def _rank(xp: Any, x: Any, rtol: Any) -> Any:
    """How many singular values exceed rtol times the greatest."""
    s = xp.linalg.svdvals(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * xp.finfo(s.dtype).eps
    elif is_array(rtol):
        rtol = xp.expand_dims(rtol, axis=-1)
    return xp.count_nonzero(s > s[..., :1] * rtol, axis=-1)


matrix_rank = constant("matrix_rank", rtol=None)
matrix_rank.forward = _rank


def _row(w: Any) -> Any:
    return reshape(w, shape=(*w.shape[:-1], 1, w.shape[-1]))


def _column(w: Any) -> Any:
    return reshape(w, shape=(*w.shape, 1))


def _noise(values: Any) -> Any:
    """What rounding does to the values of a matrix, one number for each: plain, shape (..., 1)."""
    xp = namespace(raw(values))
    size = xp.abs(raw(values))
    return 10 * xp.finfo(size.dtype).eps * xp.sqrt(xp.sum(size * size, axis=-1, keepdims=True))


def _reciprocal(x: Any, values: Any) -> Any:
    """1 / x, and 0 where x is no more than the rounding of the values."""
    lost = abs(raw(x)) <= _noise(_row(values))
    return where(lost, 0.0, 1.0 / where(lost, 1.0, x))


def _apart(w: Any) -> tuple[Any, Any]:
    """(1 / (w[j] - w[i]), 0 where that is rounding; whether w[j] is repeated: (..., 1, n), plain).
    """
    gaps, xp = _row(w) - _column(w), namespace(raw(w))
    close = (abs(raw(gaps)) <= _noise(_row(w))) & (below(gaps) != 0)
    return _reciprocal(gaps, w), xp.any(close, axis=-2, keepdims=True)
