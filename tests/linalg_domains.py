"""The entries of linear algebra: matrices far from singular, whose values lie apart.

Vectors have signs or phases that no one chose, and the eigenvalues of a matrix have no order:
`words` makes of each decomposition what does not depend on that. With NumPy for its library it is
the reference, with autograd.numpy what is tested, with PyTorch's or JAX's the peer.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from domains import Domain, constant, primitive
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from strategies import Case, apart, array, axes, rngs, shapes, sizes_apart

import autograd.numpy as anp

LINALG: dict[str, Domain] = {}
WHOLE = (np, anp)                       # what decomposes in full, and wide matrices into Q and R


def symmetric(xp, x):
    """What is done to a matrix that stands for its symmetric part; ours does it itself."""
    return x if xp is anp else 0.5 * (x + xp.matrix_transpose(x))


def pairs(xp, v):
    """The product of each column's elements with one another, which no sign changes."""
    *batch, n, k = v.shape
    return xp.reshape(v, (*batch, n, 1, k)) * xp.reshape(xp.conj(v), (*batch, 1, n, k))


def weights(xp, q):
    """1, 2 ... for the columns of q."""
    return xp.cumulative_sum(xp.ones_like(q[..., :1, :]), axis=-1)


def span(xp, q, full):
    """Columns weighted 1, 2 ... as projections; 7 for those that complete them to a basis."""
    onto = (q * weights(xp, q)) @ xp.matrix_transpose(q)
    if full:
        onto = onto + 7.0 * (xp.eye(q.shape[-2], dtype=q.dtype) - q @ xp.matrix_transpose(q))
    return onto


def svd(xp, x, full_matrices):
    """Values, and projections onto the vectors; those that complete a basis have one weight."""
    u, s, vh = xp.linalg.svd(x, full_matrices=full_matrices and xp in WHOLE)
    k = s.shape[-1]
    u, vh = u[..., :, :k], vh[..., :k, :]
    if full_matrices and xp in WHOLE:           # the whole basis is there: its products too
        whole = xp.linalg.svd(x, full_matrices=True)
        more = whole[0][..., :, k:], xp.matrix_transpose(whole[2])[..., :, k:]
        sides = [span(xp, q, False) + 7.0 * (m @ xp.matrix_transpose(m))
                 for q, m in zip((u, xp.matrix_transpose(vh)), more)]
    else:
        sides = [span(xp, q, full_matrices) for q in (u, xp.matrix_transpose(vh))]
    return (s, (u * weights(xp, u)) @ vh, *sides)


def qr(xp, x, mode):
    """Q and R; in the complete mode Q as projections, as its last columns are any."""
    m, n = x.shape[-2:]
    if xp in WHOLE:
        q, r = xp.linalg.qr(x, mode=mode)
    else:
        q, r = xp.linalg.qr(x[..., :, :min(m, n)])
        r = xp.concat([r, xp.matrix_transpose(q) @ x[..., :, min(m, n):]], axis=-1)
    if mode == "reduced":
        return q, r
    if xp in WHOLE:
        k = min(m, n)
        first, more = q[..., :, :k], q[..., :, k:]
        return span(xp, first, False) + 7.0 * (more @ xp.matrix_transpose(more)), r
    zeros = xp.zeros((*r.shape[:-2], m - r.shape[-2], n), dtype=r.dtype)
    return span(xp, q, True), xp.concat([r, zeros], axis=-2)


def eigh(xp, x):
    """Values and products of vectors."""
    w, v = xp.linalg.eigh(symmetric(xp, x))
    return w, pairs(xp, v)


def complexed(xp, w):
    """What NumPy leaves real, if all of it is."""
    return w + 0j if xp is np else w


def eig(xp, x, decompose=None):
    """Sums over all values, which have no order."""
    w, v = (complexed(xp, z) for z in (decompose or xp.linalg.eig)(x))
    row = xp.reshape(xp.real(w) + xp.imag(w) ** 2, (*w.shape[:-1], 1, 1, w.shape[-1]))
    return xp.real(xp.sum(row * pairs(xp, v), axis=-1))


def eigvals(xp, x):
    """Sums of powers, which have no order."""
    w = complexed(xp, xp.linalg.eigvals(x))
    return tuple(xp.real(xp.sum(w ** k, axis=-1)) for k in (1, 2, 3))


def words(xp: Any) -> Any:
    """The functions of linear algebra by the names of the standard, from a library."""
    linalg = xp.linalg
    return SimpleNamespace(
        solve=lambda x, y: linalg.solve(x, y), inv=lambda x: linalg.inv(x),
        pinv=lambda x: linalg.pinv(x), det=lambda x: linalg.det(x),
        slogdet=lambda x: tuple(linalg.slogdet(x)),
        matrix_power=lambda x, n: linalg.matrix_power(x, n),
        cholesky=lambda x, upper: xp.matrix_transpose(linalg.cholesky(symmetric(xp, x)))
        if upper and xp is not anp else linalg.cholesky(symmetric(xp, x), **(
            {"upper": upper} if xp is anp else {})),
        qr=lambda x, mode: qr(xp, x, mode), eigh=lambda x: eigh(xp, x),
        eigvalsh=lambda x: linalg.eigvalsh(symmetric(xp, x)), eig=lambda x: eig(xp, x),
        eigvals=lambda x: eigvals(xp, x), svdvals=lambda x: linalg.svdvals(x),
        svd=lambda x, full_matrices: svd(xp, x, full_matrices),
        matrix_norm=lambda x, ord, keepdims: linalg.matrix_norm(x, ord=ord, keepdims=keepdims),
        vector_norm=lambda x, ord, axis, keepdims: linalg.vector_norm(
            x, ord=ord, axis=axis, keepdims=keepdims),
        diagonal_of_matrices=lambda x, offset: linalg.diagonal(x, offset=offset),
        trace_of_matrices=lambda x, offset: linalg.trace(x, offset=offset),
        outer_of_vectors=lambda x, y: linalg.outer(x, y),
        linalg_norm=lambda x, ord, axis, keepdims: linalg.norm(x, ord, axis, keepdims),
        cond=lambda x, p: linalg.cond(x, p), lstsq=lambda x, y: linalg.lstsq(x, y)[0])


def far_from_zero(case):
    """Whether a case is a matrix, and no vector along the axis near 0, where norms have kinks."""
    x, axis = case.args[0], case.params["axis"]
    return x.ndim == 2 and (not isinstance(axis, int) or
                            np.linalg.norm(x, axis=axis).min(initial=1.0) > 0.1)


# -- matrices to draw --------------------------------------------------------------------------
def orthonormal(rng, batch, m, n):
    """n orthonormal columns of m numbers."""
    return np.linalg.qr(rng.normal(size=(*batch, m, n)))[0]


def regular(rng, batch, m, n):
    """Matrices with singular values between 0.6 and 3, none near another."""
    k = min(m, n)
    s = 0.6 + 0.6 * np.arange(k) + rng.uniform(0, 0.2, (*batch, k))
    return (orthonormal(rng, batch, m, k) * s[..., None, :]) @ np.swapaxes(
        orthonormal(rng, batch, n, k), -1, -2)


def hermitian(rng, batch, m, n):
    """Symmetric matrices with eigenvalues of both signs, none near another."""
    v = orthonormal(rng, batch, n, n)
    w = np.arange(n) - 1.2 + rng.uniform(0, 0.3, (*batch, n))
    x = (v * w[..., None, :]) @ np.swapaxes(v, -1, -2)
    return (x + np.swapaxes(x, -1, -2)) / 2


def positive(rng, batch, m, n):
    """Symmetric matrices with eigenvalues between 0.6 and 9."""
    x = regular(rng, batch, n, n)
    x = x @ np.swapaxes(x, -1, -2)
    return (x + np.swapaxes(x, -1, -2)) / 2


def general(rng, batch, m, n):
    """Matrices with eigenvalues apart, for n > 1 two of them complex, and vectors apart."""
    d = np.zeros((n, n))
    d[range(n), range(n)] = 1.5 * np.arange(n) - 1
    if n > 1 and rng.random() < 0.5:
        d[:2, :2] = [[0.5, 1.0], [-1.0, 0.5]]
    basis = np.eye(n) + rng.uniform(-0.2, 0.2, (*batch, n, n))
    return basis @ d @ np.linalg.inv(basis)


@st.composite
def matrices(draw, make, params=lambda draw, x: {}, square=True, least=0):
    """Matrices, some in batches, and metadata that fits them."""
    m, n = draw(st.integers(least, 3)), draw(st.integers(least, 3))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=2))
    x = make(draw(rngs()), batch, n if square else m, n)
    return Case((x,), params(draw, x))


@st.composite
def systems(draw):
    """Regular matrices and right sides: a vector, or columns; batches broadcast."""
    n, rng = draw(st.integers(0, 3)), draw(rngs())
    left, right = draw(hnp.mutually_broadcastable_shapes(
        num_shapes=2, max_dims=2, min_side=0, max_side=2)).input_shapes
    columns = (n,) if draw(st.booleans()) and right == () else (
        *right, n, draw(st.integers(0, 2)))
    return Case((regular(rng, left, n, n), *apart(rng, columns)), {})


@st.composite
def spatial(draw):
    """Two operands with 3 elements along an axis, the others broadcast."""
    left, right = draw(hnp.mutually_broadcastable_shapes(
        num_shapes=2, max_dims=2, min_side=0, max_side=2)).input_shapes
    axis = draw(st.integers(-1 - min(len(left), len(right)), -1))
    sizes = [(*size[:len(size) + axis + 1], 3, *size[len(size) + axis + 1:])
             for size in (left, right)]
    return Case(apart(draw(rngs()), *sizes), {"axis": axis})


def full_or_not(draw, x):
    return {"full_matrices": draw(st.booleans())}


def norms_of_matrices(draw, x):
    return {"ord": draw(st.sampled_from(["fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf])),
            "keepdims": draw(st.booleans())}


def norms_of_vectors(draw, x):
    return {"ord": draw(st.sampled_from([0, 1, 2, 3, 2.5, -1, np.inf, -np.inf])),
            "axis": draw(axes(x.ndim).filter(lambda axis: axis != ())),
            "keepdims": draw(st.booleans())}


def norms_of_either(draw, x):
    over = draw(st.sampled_from([None, -1, (0, 1), (1, 0)]))
    kinds = [None, 1, 2, np.inf] if over == -1 else [None, "fro", "nuc", 1, -2, np.inf]
    return {"ord": draw(st.sampled_from(kinds)), "axis": over, "keepdims": draw(st.booleans())}


@st.composite
def least_squares(draw):
    """One regular matrix, high, wide or square, and right sides: a vector, or columns."""
    m, n, rng = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(rngs())
    columns = (m,) if draw(st.booleans()) else (m, draw(st.integers(1, 2)))
    return Case((regular(rng, (), m, n), *apart(rng, columns)), {})


def orders(draw, x):
    return {"p": draw(st.sampled_from([None, "fro", "nuc", 2, -2]))}    # smooth; others have kinks


def offsets(draw, x):
    return {"offset": draw(st.integers(-3, 3))}


ours, by_numpy = words(anp), words(np)
STACKS = array(params=offsets, min_dims=2)


def entry(name: str, cases: Any, register: Callable[..., Any] | None = None, **options):
    """An entry for one of the words."""
    if register:
        register(name, cases, getattr(by_numpy, name), getattr(ours, name), **options)
    else:
        LINALG[name] = Domain(name, getattr(ours, name), getattr(by_numpy, name), cases,
                              **options)


entry("solve", systems(), primitive)
entry("det", matrices(regular), primitive)
entry("slogdet", matrices(regular), primitive, analytic=False)
entry("pinv", matrices(regular, square=False, least=1), primitive, analytic=False)
entry("cholesky", matrices(positive, lambda draw, x: {"upper": draw(st.booleans())}), primitive,
      analytic=False)
entry("qr", matrices(regular, lambda draw, x: {"mode": draw(st.sampled_from(
    ["reduced", "complete"]))}, square=False), primitive, analytic=False)
entry("eigh", matrices(hermitian), primitive, analytic=False)
entry("eig", matrices(general, least=1), primitive, analytic=False)
entry("svd", matrices(regular, full_or_not, square=False), primitive, analytic=False)
entry("inv", matrices(regular))
entry("matrix_power", matrices(regular, lambda draw, x: {"n": draw(st.integers(-3, 4))}))
entry("eigvalsh", matrices(hermitian), analytic=False)
entry("eigvals", matrices(general), analytic=False)
entry("svdvals", matrices(regular, square=False), analytic=False)
entry("matrix_norm", matrices(regular, norms_of_matrices, square=False, least=1), analytic=False)
entry("vector_norm", array(sizes_apart, norms_of_vectors, min_side=1), analytic=False)
entry("linalg_norm", matrices(regular, norms_of_either, square=False, least=1).filter(
    far_from_zero), analytic=False)
entry("cond", matrices(regular, orders, least=2).filter(lambda case: case.args[0].size),
      analytic=False)
entry("lstsq", least_squares(), analytic=False)
entry("diagonal_of_matrices", STACKS)
entry("trace_of_matrices", STACKS)
entry("outer_of_vectors", st.tuples(rngs(), shapes(min_dims=2, max_dims=2)).map(
    lambda drawn: Case(apart(drawn[0], *((n,) for n in drawn[1])), {})))
constant("matrix_rank", matrices(regular, lambda draw, x: {"rtol": draw(st.sampled_from(
    [None, 0.3]))}, square=False, least=1), np.linalg.matrix_rank)
LINALG["cross"] = Domain("cross", anp.cross, np.cross, spatial())
