"""Linear algebra where it goes wrong: singular and repeated values, complex matrices, bad input.

That each function is right where it is smooth, tests/test_ops_derivatives.py shows; here are the
points between, each with an oracle of its own.
"""

import itertools

import array_api_strict as strict
import mpmath
import numpy as np
import pytest
from domains import CONSTANTS, PRIMITIVES
from linalg_domains import LINALG, eigh, qr, svd
from oracles import richardson

import autograd.numpy as anp
from autograd import (
    ArgumentError,
    AutogradError,
    GraphError,
    ShapeError,
    Tensor,
    grad,
    hessian,
    jvp,
    vjp,
)
from autograd.numpy import linalg
from autograd.show import explain_nan

random = np.random.default_rng(5)
E = np.eye(3)
A = random.normal(size=(3, 3))
K = np.asarray([1.0, 2.0, 4.0])         # weights that tell vectors apart


def columns(*sizes):
    return random.normal(size=sizes)


def test_every_name_of_the_standard_is_there_and_has_an_entry():
    names = {name for name in vars(strict.linalg) if name in linalg.__dict__
             and callable(getattr(strict.linalg, name)) and name[0].islower()}
    assert len(names) == 25
    elsewhere = {"diagonal": "diagonal_of_matrices", "trace": "trace_of_matrices",
                 "outer": "outer_of_vectors"}
    shared = {"matmul", "matrix_transpose", "tensordot", "vecdot"}      # with the top level
    assert all(getattr(linalg, name) is getattr(anp, name) for name in shared | {"cross"})
    entries = {*LINALG, *PRIMITIVES, *CONSTANTS}
    assert {elsewhere.get(name, name) for name in names} - shared <= entries


def test_several_outputs_have_the_standards_names():
    for result, fields in ((linalg.eig(A), ("eigenvalues", "eigenvectors")),
                           (linalg.eigh(A), ("eigenvalues", "eigenvectors")),
                           (linalg.qr(A), ("Q", "R")),
                           (linalg.slogdet(A), ("sign", "logabsdet")),
                           (linalg.svd(A), ("U", "S", "Vh"))):
        assert result._fields == fields and type(result).__module__.startswith("autograd")


# -- determinants ------------------------------------------------------------------------------
def leibniz(x):
    """The determinant as the polynomial that it is: no division, no decomposition."""
    n, total = x.shape[0], 0.0
    for order in itertools.permutations(range(n)):
        swaps = sum(order[i] > order[j] for i in range(n) for j in range(i + 1, n))
        term = (-1.0) ** swaps
        for i in range(n):
            term = term * x[i, order[i]]
        total = total + term
    return total


def rank(n, r):
    """A matrix of a rank, up to rounding."""
    return columns(n, r) @ columns(r, n)


SINGULAR = {
    "rank 1 of 2": np.asarray([[1.0, 2.0], [2.0, 4.0]]), "rank 0 of 1": np.zeros((1, 1)),
    "rank 0 of 2": np.zeros((2, 2)), "rank 0 of 3": np.zeros((3, 3)),
    "rank 2 of 3": np.arange(1.0, 10.0).reshape(3, 3), "ones": np.ones((4, 4)),
    "rank 3 of 4": rank(4, 3), "rank 2 of 4": rank(4, 2), "rank 1 of 4": rank(4, 1),
    "a zero row": np.asarray([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [4.0, 1.0, 2.0]]),
    "regular": columns(4, 4), "the unit matrix": E,
    "nearly": np.linalg.qr(A)[0] @ np.diag([1.0, 1e-9, 2.0]) @ np.linalg.qr(A + E)[0]}


@pytest.mark.parametrize("x", SINGULAR.values(), ids=SINGULAR)
def test_determinants_have_exact_first_and_second_derivatives_at_singular_matrices(x):
    size = max(np.linalg.norm(x, 2), 1.0)
    for order, ours, exact in (
            (1, grad(linalg.det)(x), grad(leibniz)(x)),
            (2, hessian(linalg.det)(x), hessian(leibniz)(x)),
            (1, jvp(linalg.det, (x,), (x + 1.0,))[1], jvp(leibniz, (x,), (x + 1.0,))[1])):
        np.testing.assert_allclose(ours, exact, rtol=0, atol=1e-13 * size ** (len(x) - order))


@pytest.mark.parametrize("part", [anp.real, anp.imag])
def test_determinants_of_singular_complex_matrices(part):
    x, y = (rank(4, 2) + 1j * rank(4, 1) for _ in range(2))
    for z in (x, x @ y, np.zeros((3, 3), complex), x + y):
        ours = grad(lambda z: part(linalg.det(z)))(z)
        exact = grad(lambda z: part(leibniz(z)))(z)
        np.testing.assert_allclose(ours, exact, rtol=0, atol=1e-13 * np.linalg.norm(z)**3 + 1e-16)


@pytest.mark.parametrize("name", ["rank 2 of 4", "rank 2 of 3", "regular", "the unit matrix"])
def test_determinants_have_third_derivatives_down_to_rank_n_minus_2(name):
    x, t = SINGULAR[name], SINGULAR[name] + 1.0

    def third(det):
        return grad(lambda x: jvp(lambda x: jvp(det, (x,), (t,))[1], (x,), (t,))[1])(x)

    np.testing.assert_allclose(third(linalg.det), third(leibniz), atol=1e-11)


@pytest.mark.parametrize("scale", [10.0 ** np.arange(-12, 13, 4.8), 1e20 * np.ones(6)])
def test_determinants_of_badly_scaled_matrices(scale):
    c = columns(6, 6)
    c = c @ c.T + np.eye(6)
    x, expected = scale[:, None] * c * scale, np.linalg.inv(c) / scale[:, None] / scale
    ours = grad(lambda x: anp.log(linalg.det(x)))(x)
    np.testing.assert_allclose(ours / expected, 1.0, rtol=1e-9)


def test_determinants_in_batches_where_some_are_singular():
    x = np.stack([SINGULAR[name] for name in ("rank 3 of 4", "regular", "ones", "rank 2 of 4")])
    ours = grad(lambda x: anp.sum(linalg.det(x) * np.arange(1.0, 5.0)))(x)
    for k, one in enumerate(x):
        np.testing.assert_allclose(ours[k], (k + 1) * grad(leibniz)(one), atol=1e-12)


def test_slogdet_at_a_singular_matrix():
    x = np.stack([E[:2, :2], SINGULAR["rank 1 of 2"]])
    sign, size = linalg.slogdet(x)
    assert sign.tolist() == [1.0, 0.0] and size.tolist() == [0.0, -np.inf]
    ours = grad(lambda x: anp.sum(linalg.slogdet(x).logabsdet))(x)
    assert np.all(ours[0] == E[:2, :2]) and np.all(np.isnan(ours[1]))
    masked = grad(lambda x: anp.sum(anp.where(sign != 0, linalg.slogdet(x).logabsdet, 0.0)))(x)
    assert np.all(masked[0] == E[:2, :2]) and np.all(masked[1] == 0.0)
    with np.errstate(invalid="ignore"):
        assert np.all(np.isnan(grad(linalg.det)(np.full((2, 2), np.nan))))


# -- repeated values ---------------------------------------------------------------------------
@pytest.mark.parametrize("values", [linalg.eigvalsh, lambda x: anp.real(linalg.eigvals(x)),
                                    linalg.svdvals])
def test_symmetric_functions_of_repeated_values(values):
    """The sum of squares is that of the elements, or the trace of the square."""
    for x in (E, np.diag([2.0, 2.0, 5.0]), 4.0 * E):
        np.testing.assert_allclose(grad(lambda x: anp.sum(values(x) ** 2))(x), 2 * x, atol=1e-14)
        np.testing.assert_allclose(jvp(lambda x: anp.sum(values(x) ** 3), (x,), (A + A.T,))[1],
                                   3 * np.trace(x @ x @ (A + A.T)), rtol=1e-13)


@pytest.mark.parametrize("matrix", [np.diag([1.0, 1.0, 4.0]), np.diag([1.0, 1.0, 4.0]) + 1e-17])
@pytest.mark.parametrize("f", [
    lambda x: linalg.eigh(x)[1][:, 2:] @ anp.matrix_transpose(linalg.eigh(x)[1][:, 2:]),
    lambda x: linalg.svd(x)[0][:, :1] @ linalg.svd(x)[2][:1, :]], ids=["eigh", "svd"])
def test_a_vector_whose_value_is_simple_beside_repeated_ones(matrix, f):
    """The projection onto it moves by the pseudoinverse of x - w: Kato's formula."""
    t = A + A.T
    p, reduced = np.diag([0.0, 0.0, 1.0]), np.diag([-1 / 3, -1 / 3, 0.0])
    expected = -(reduced @ t @ p + p @ t @ reduced)
    by_reverse = grad(lambda x: anp.sum(f(x) * E[0][:, None] * E[2]))(matrix)
    np.testing.assert_allclose(np.sum(by_reverse * t), expected[0, 2], atol=1e-14)
    np.testing.assert_allclose(jvp(f, (matrix,), (t,))[1], expected, atol=1e-14)


@pytest.mark.parametrize("values", [lambda x: linalg.eigvalsh(x)[2],
                                    lambda x: linalg.svdvals(x)[0]])
def test_second_derivatives_of_a_simple_value_beside_repeated_ones(values):
    """Perturbation theory: 2 Σ |t[2, i]|² / (w[2] - w[i])."""
    x, t = np.diag([1.0, 1.0, 4.0]), A + A.T
    by_forward = jvp(lambda x: jvp(values, (x,), (t,))[1], (x,), (t,))[1]
    by_reverse = np.sum(grad(lambda x: anp.sum(grad(values)(x) * t))(x) * t)
    for ours in (by_forward, by_reverse):
        np.testing.assert_allclose(ours, 2 * (t[2, 0] ** 2 + t[2, 1] ** 2) / 3, rtol=1e-13)


def test_what_depends_on_vectors_of_repeated_values_is_nan_and_not_a_number_that_is_wrong():
    def square(x):
        w, v = linalg.eigh(x)
        return (v * w**2) @ anp.matrix_transpose(v)

    def flat(x):
        return linalg.eigh(x)[1] @ anp.matrix_transpose(linalg.eigh(x)[1])

    for f in (square, flat):                # at E: the derivatives 2t and 0, the same cotangents
        assert np.all(np.isnan(grad(lambda x, f=f: f(x)[0, 1])(E)))
    for gap in (1e-3, 1e-6):
        x = np.diag([1.0, 1.0 + gap, 3.0])
        np.testing.assert_allclose(jvp(square, (x,), (A + A.T,))[1],
                                   x @ (A + A.T) + (A + A.T) @ x, atol=1e-15 / gap * 10)
    assert np.all(np.isnan(hessian(lambda x: anp.sum(linalg.eigvalsh(x) ** 2))(E)[0, 1, 0, 1]))


def test_eigenvectors_of_values_close_together_against_50_digits():
    with mpmath.workdps(50):
        basis = mpmath.qr(mpmath.matrix(A.tolist()))[0]
        x = basis * mpmath.diag([1, 1 + mpmath.mpf(10) ** -6, 3]) * basis.T
        x, t, h = (x + x.T) / 2, mpmath.matrix((A + A.T).tolist()), mpmath.mpf(10) ** -20

        def top(x):
            vectors = mpmath.eigsy(x)[1]
            return [float(vectors[i, 1] * vectors[j, 1]) for i in range(3) for j in range(3)]

        def projection(x):
            vectors = mpmath.eigsy(x)[1]
            return vectors[:, 1] * vectors[:, 1].T

        exact = (projection(x + h * t) - projection(x - h * t)) / (2 * h)
        exact = np.asarray([[float(exact[i, j]) for j in range(3)] for i in range(3)])
        x = np.asarray([[float(x[i, j]) for j in range(3)] for i in range(3)])
    ours = jvp(lambda x: eigh(anp, x)[1][..., 1], (x,), (A + A.T,))[1]
    np.testing.assert_allclose(ours, exact, rtol=0, atol=1e-8 * np.max(abs(exact)))


# -- singular values of 0, norms ---------------------------------------------------------------
def test_singular_values_and_norms_have_slope_0_where_they_are_0():
    for ord in ("fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf):
        assert np.all(grad(lambda x, o=ord: linalg.matrix_norm(x, ord=o))(np.zeros((3, 2))) == 0)
    for ord in (1, 2, 3, np.inf, 0):
        assert np.all(grad(lambda x, o=ord: linalg.vector_norm(x, ord=o))(np.zeros(3)) == 0)
    u, v = columns(4, 1), columns(3, 1)         # rank 1: the polar factor, of least size
    ours = grad(lambda x: linalg.matrix_norm(x, ord="nuc"))(u @ v.T)
    np.testing.assert_allclose(ours, u @ v.T / np.linalg.norm(u) / np.linalg.norm(v), atol=1e-14)


def test_vectors_of_values_of_0_do_not_disturb_the_others():
    u, v, t = columns(4, 1), columns(3, 1), columns(4, 3)
    x = u @ v.T

    def projected(x):
        u, s, vh = linalg.svd(x, full_matrices=False)
        return (u[:, :1] * s[:1]) @ vh[:1, :]

    # the best approximation of rank 1 moves along t, but for what t does in neither space
    pu, pv = u @ u.T / np.sum(u * u), v @ v.T / np.sum(v * v)
    np.testing.assert_allclose(jvp(projected, (x,), (t,))[1],
                               t - (np.eye(4) - pu) @ t @ (E - pv), atol=1e-13)
    assert np.all(np.isnan(grad(lambda x: linalg.svd(x, full_matrices=False)[0][0, 2])(x)))


def test_the_pseudoinverse_of_a_matrix_without_full_rank():
    """Along u(s) v(s)ᵀ it is v uᵀ / (|u| |v|)²."""
    u, v, du, dv = (columns(n, 1) for n in (4, 3, 4, 3))

    def along(s):
        a, b = u + s * du, v + s * dv
        return b @ a.T / (np.sum(a * a) * np.sum(b * b))

    expected, _ = richardson(along, np.asarray(0.0), np.asarray(1.0))
    t = du @ v.T + u @ dv.T
    np.testing.assert_allclose(jvp(linalg.pinv, (u @ v.T,), (t,))[1].reshape(-1), expected,
                               atol=1e-10)
    weights = columns(3, 4)
    ours = grad(lambda x: anp.sum(linalg.pinv(x) * weights))(u @ v.T)
    np.testing.assert_allclose(np.sum(ours * t), np.sum(weights.reshape(-1) * expected), rtol=1e-9)
    tolerant = linalg.pinv(np.diag([1.0, 1e-3]), rtol=1e-2)
    assert tolerant.tolist() == [[1.0, 0.0], [0.0, 0.0]]


def test_columns_that_depend_on_those_before_them():
    """Q is that of the independent columns, completed; with R it gives the matrix back."""
    base, mix, t, weights = columns(5, 2), columns(2, 4), columns(5, 2), columns(5, 5)
    twice = mix[:, [0, 0, 1]]                   # here it is not the last ones that are dependent

    def found(x):
        q, r = linalg.qr(x @ mix, mode="complete")
        p, s = linalg.qr(x @ twice)
        return (q[:, :2] * K[:2] @ anp.matrix_transpose(q[:, :2]) * weights
                + q[:, 2:] @ anp.matrix_transpose(q[:, 2:]) + anp.sum(q @ r) + anp.sum(p @ s))

    def expected(x):
        q = linalg.qr(x @ mix[:, :2]).Q
        return (q * K[:2] @ anp.matrix_transpose(q) * weights + np.eye(5)
                - q @ anp.matrix_transpose(q) + anp.sum(x @ mix) + anp.sum(x @ twice))

    np.testing.assert_allclose(found(base), expected(base), atol=1e-13)
    for ours, exact in ((jvp(f, (base,), (t,))[1] for f in (found, expected)),
                        (grad(lambda x, f=f: anp.sum(f(x) ** 2))(base) for f in (found, expected))):
        np.testing.assert_allclose(ours, exact, atol=1e-12)
    tiny = np.asarray([[1.0, 2e-20], [1.0, 1e-20], [0.0, 1e-20]])       # scaled, not dependent
    assert abs(grad(lambda x: anp.sum(linalg.qr(x)[0]))(tiny)[0, 1]) > 1e18


def test_a_matrix_without_a_basis_of_eigenvectors_says_so():
    ours = grad(lambda x: anp.real(linalg.eigvals(x)[0]))(np.asarray([[1.0, 1.0], [0.0, 1.0]]))
    assert not np.max(abs(ours)) < 1e15                     # it is infinite, there or nearly so


# -- Hermitian matrices ------------------------------------------------------------------------
def test_a_matrix_stands_for_its_hermitian_part():
    x = A @ A.T + 3 * E + np.triu(A, 1)
    part = (x + x.T) / 2
    for f in (linalg.cholesky, linalg.eigvalsh, lambda x: linalg.eigh(x)[1] ** 2 * K):
        assert np.all(f(x) == f(part))
        ours = grad(lambda x, f=f: anp.sum(f(x)))(x)
        assert np.all(ours == ours.T)
        expected = richardson(lambda x, f=f: np.sum(f(x)), x, A)[0]
        np.testing.assert_allclose(np.sum(ours * A), expected[0], rtol=1e-8, atol=1e-9)


def test_a_cholesky_factor_in_closed_form():
    def factor(x):
        """Of a symmetric matrix of two rows, from the mean of its two corners."""
        corner = (x[0, 1] + x[1, 0]) / 2
        a = anp.sqrt(x[0, 0])
        return anp.sum(anp.stack([a, corner / a, anp.sqrt(x[1, 1] - corner * corner / x[0, 0])])
                       * np.asarray([1.0, 2.0, 3.0]))

    x, weights = np.asarray([[2.0, 0.6], [0.6, 1.5]]), np.asarray([[1.0, 0.0], [2.0, 3.0]])

    def ours(x):
        return anp.sum(linalg.cholesky(x) * weights)

    np.testing.assert_allclose(grad(ours)(x), grad(factor)(x), rtol=1e-13)
    np.testing.assert_allclose(hessian(ours)(x), hessian(factor)(x), rtol=1e-12, atol=1e-14)


# -- complex matrices --------------------------------------------------------------------------
def adjoint(x):
    return anp.conj(anp.matrix_transpose(x))


def gram(x):
    return x @ adjoint(x) + E


def onto(q, weights):
    return (q * weights) @ adjoint(q)


COMPLEX = {
    "solve": (lambda x: linalg.solve(x[:3], x[3:][..., :2]), (6, 3)),
    "inv": (linalg.inv, (2, 3, 3)), "pinv": (linalg.pinv, (4, 3)), "det": (linalg.det, (2, 3, 3)),
    "slogdet": (lambda x: (linalg.slogdet(x).sign, linalg.slogdet(x).logabsdet), (3, 3)),
    "matrix_power": (lambda x: linalg.matrix_power(x, -2), (3, 3)),
    "cholesky": (lambda x: linalg.cholesky(gram(x)), (2, 3, 3)),
    "upper cholesky": (lambda x: linalg.cholesky(gram(x), upper=True), (3, 3)),
    "eigh": (lambda x: (linalg.eigvalsh(x), onto(linalg.eigh(x)[1], K)), (3, 3)),
    "eig": (lambda x: (linalg.eigvals(x), onto(linalg.eig(x)[1], K)), (3, 3)),
    "qr": (lambda x: tuple(linalg.qr(x)), (4, 3)), "wide qr": (
        lambda x: tuple(linalg.qr(x)), (2, 4)),
    "complete qr": (lambda x: (onto(linalg.qr(x, mode="complete")[0][:, :3], K),
                               onto(linalg.qr(x, mode="complete")[0][:, 3:], 1.0)), (5, 3)),
    "svd": (lambda x: (linalg.svdvals(x), (linalg.svd(x)[0][:, :3] * K) @ linalg.svd(x)[2]),
            (4, 3)),
    "full svd": (lambda x: onto(linalg.svd(x)[0][:, 3:], 1.0), (5, 3)),
    "norms": (lambda x: [linalg.matrix_norm(x, ord=o) for o in ("fro", "nuc", 2, 1, np.inf)],
              (4, 3)),
    "vector_norm": (lambda x: [linalg.vector_norm(x, ord=o) for o in (1, 2, 3, np.inf)], (4,)),
    "vecdot": (lambda x: linalg.vecdot(x[0], x[1]), (2, 4, 3)),
    "cross": (lambda x: linalg.cross(x[0], x[1]), (2, 4, 3)),
    "tensordot": (lambda x: linalg.tensordot(x[0], x[1], axes=1), (2, 3, 3)),
    "trace": (lambda x: linalg.trace(x, offset=1), (3, 4)),
}


@pytest.mark.parametrize("f, shape", COMPLEX.values(), ids=COMPLEX)
def test_complex_matrices_to_the_second_derivative(f, shape):
    """Against differences of a real loss along complex directions, by all four pairs of modes."""
    rng = np.random.default_rng(1)
    x, t, u = (rng.normal(size=shape) + 1j * rng.normal(size=shape) for _ in range(3))

    def loss(x):
        z = f(x)
        parts = [p for z in (z if isinstance(z, (tuple, list)) else [z])
                 for p in ([anp.real(z), anp.imag(z)] if np.iscomplexobj(
                     z.data if isinstance(z, Tensor) else z) else [z])]
        weights = np.random.default_rng(2)
        return sum(anp.sum(p * weights.normal(size=p.shape) + 0.3 * p * p) for p in parts)

    def inner(g, t):
        return anp.sum(anp.real(anp.conj(g) * t))

    first, error = richardson(lambda x: np.asarray(loss(x)), x, t)
    second, error_of_second = richardson(lambda x: np.asarray(inner(grad(loss)(x), t)), x, u)
    scale = np.linalg.norm(grad(loss)(x)) * np.linalg.norm(t)
    assert error < 1e-7 * scale and error_of_second < 1e-6 * scale
    for ours in (inner(grad(loss)(x), t), jvp(loss, (x,), (t,))[1]):
        np.testing.assert_allclose(ours, first[0], rtol=0, atol=1e-7 * scale)
    for ours in (inner(grad(lambda x: inner(grad(loss)(x), t))(x), u),
                 inner(grad(lambda x: jvp(loss, (x,), (t,))[1])(x), u),
                 inner(jvp(grad(loss), (x,), (u,))[1], t)):
        np.testing.assert_allclose(ours, second[0], rtol=0, atol=1e-6 * scale)


# -- what is made of them ----------------------------------------------------------------------
@pytest.mark.parametrize("f", [qr, svd])
def test_matrices_without_rows_or_columns(f):
    for shape in ((0, 0), (0, 3), (3, 0), (2, 0, 3), (0, 2, 2)):
        x = np.zeros(shape)
        for option in ((True, False) if f is svd else ("reduced", "complete")):
            ours, pullback = vjp(lambda x, o=option: f(anp, x, o), x)
            for z, expected in zip(ours, f(np, x, option), strict=True):
                assert z.shape == expected.shape
            assert pullback(ours)[0].shape == shape
        assert linalg.matrix_rank(x).shape == shape[:-2] and linalg.pinv(x).shape == (
            *shape[:-2], shape[-1], shape[-2])


@pytest.mark.parametrize("f", [linalg.det, linalg.inv, linalg.cholesky, linalg.eigvalsh,
                               lambda x: linalg.slogdet(x).logabsdet, lambda x: linalg.eigh(x)[1],
                               lambda x: anp.real(linalg.eig(x)[1]), linalg.trace,
                               lambda x: anp.real(linalg.eigvals(x))])
def test_square_matrices_without_rows(f):
    first = grad(lambda x: anp.sum(f(x)))
    for shape in ((0, 0), (3, 0, 0), (0, 2, 2)):
        x = np.zeros(shape)
        assert first(x).shape == grad(lambda x: anp.sum(first(x)))(x).shape == shape
    assert linalg.det(np.zeros((3, 0, 0))).tolist() == [1.0, 1.0, 1.0]


def test_powers():
    for n in (0, 1, 2, 5, -1, -3):
        np.testing.assert_allclose(linalg.matrix_power(A, n), np.linalg.matrix_power(A, n),
                                   rtol=1e-12)
    assert np.all(grad(lambda x: anp.sum(linalg.matrix_power(x, 0)))(A * np.inf) == 0)
    assert linalg.matrix_power(Tensor(A), 0).tolist() == E.tolist()


def test_ranks():
    stack = np.stack([rank(4, 2), rank(4, 3), np.zeros((4, 4)), columns(4, 4)])
    for x in (stack, Tensor(stack, requires_grad=True)):
        ranks = linalg.matrix_rank(x)
        assert ranks.tolist() == [2, 3, 0, 4] and type(ranks) is type(x)
    x = np.diag([1.0, 0.1, 0.01])
    assert linalg.matrix_rank(x, rtol=0.05) == 2
    assert linalg.matrix_rank(np.stack([x, x]), rtol=np.asarray([0.05, 0.5])).tolist() == [2, 1]


def test_integers_and_lists():
    assert linalg.det([[1, 2], [3, 4]]).dtype == np.float64
    assert linalg.solve([[2, 0], [0, 4]], [2, 4]).tolist() == [1.0, 1.0]
    small = np.asarray([1, 2, 3], np.int8)
    assert linalg.vecdot(small, small).dtype == np.int8
    assert linalg.trace(np.eye(3, dtype=np.int8)).dtype == np.int64
    assert linalg.diagonal(np.eye(3, dtype=bool)).dtype == bool
    assert linalg.trace(E, dtype=np.float32).dtype == np.float32


def test_numpys_norm():
    x = columns(2, 3, 4)
    for ord, axis in ((None, None), (None, 1), (None, (0, 2)), (1, 1), (np.inf, -1), (0, 0),
                      ("fro", (0, 1)), ("nuc", (2, 0)), (2, (1, 2)), (-1, (0, 2))):
        for keepdims in (False, True):
            np.testing.assert_allclose(linalg.norm(x, ord, axis, keepdims),
                                       np.linalg.norm(x, ord, axis, keepdims), rtol=1e-14)
    np.testing.assert_allclose(linalg.norm(A, 1), np.linalg.norm(A, 1))
    np.testing.assert_allclose(linalg.norm(A[0], 3), np.linalg.norm(A[0], 3))


@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3), (4, 0)], ids=str)
@pytest.mark.parametrize("columns_", [(), (0,), (3,)], ids=str)
def test_least_squares_is_numpys(shape, columns_):
    a, b = columns(*shape), columns(shape[0], *columns_)
    found = linalg.lstsq(a, b)
    for ours, theirs in zip(found, np.linalg.lstsq(a, b), strict=True):
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)
    assert found._fields == ("x", "residuals", "rank", "s")


def test_least_squares_without_full_rank():
    """The shortest of the solutions, and what it leaves, of which NumPy says nothing."""
    a, b = np.ones((3, 2)), np.asarray([1.0, 2.0, 6.0])
    x, residuals, found, _ = linalg.lstsq(a, b)
    np.testing.assert_allclose([*x, *residuals], [1.5, 1.5, 14.0])
    assert found == np.linalg.lstsq(a, b)[2] == 1
    left = grad(lambda b: linalg.lstsq(a, b).residuals[0])(b)
    np.testing.assert_allclose(left, 2 * (b - 3.0), atol=1e-14)
    cut = linalg.lstsq(np.diag([1.0, 0.01]), np.ones(2), 0.1)
    np.testing.assert_allclose([*cut.x, cut.rank], [1.0, 0.0, 1], atol=1e-14)


def test_condition_numbers_of_stacks_and_of_singular_matrices():
    stack = np.stack([A, A + E, columns(3, 3)])
    for p in (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf):
        np.testing.assert_allclose(linalg.cond(stack, p), np.linalg.cond(stack, p), rtol=1e-12)
    np.testing.assert_allclose(linalg.cond(A[:2]), np.linalg.cond(A[:2]))
    for x in (np.zeros((2, 2)), np.diag([1.0, 0.0])):
        assert linalg.cond(x) == np.linalg.cond(x) == np.inf
        assert not np.any(grad(linalg.cond)(x))


def test_what_else_numpys_linalg_has():
    """Plain numbers pass; what is recorded is refused by name; what is nowhere is named."""
    assert np.all(linalg.multi_dot([A, E, A]) == np.linalg.multi_dot([A, E, A]))
    for f in (lambda x: linalg.multi_dot([x, x, x]), linalg.tensorinv,
              lambda x: linalg.tensorsolve(x, np.ones(3))):
        with pytest.raises(GraphError, match=r"drop its gradient(.|\n)*help: "):
            grad(lambda x, f=f: anp.sum(f(x)))(A)
    with pytest.raises(AttributeError, match=r"numpy\.linalg has no 'no_such', nor has NumPy"):
        _ = linalg.no_such
    assert set(np.linalg.__all__) <= set(dir(linalg)) | {"multi_dot", "tensorinv", "tensorsolve"}
    assert not hasattr(linalg, "__path__")                          # it is no package


def test_solving_for_one_vector_and_for_columns():
    """Only x2 of one axis is a vector: (2, 2) beside (2, 2, 2) are two columns."""
    a, b = columns(2, 2, 2), columns(2, 2)
    np.testing.assert_allclose(a @ linalg.solve(a, b), np.stack([b, b]), rtol=1e-12)
    np.testing.assert_allclose(linalg.solve(a, b[0]), np.linalg.solve(a, b[0]), rtol=1e-12)


BAD = {
    "singular": (lambda x: linalg.solve(x * 0.0, np.ones(3)), linalg.LinAlgError, "least squares"),
    "no inverse": (lambda x: linalg.inv(x * 0.0 + 1.0), linalg.LinAlgError, "singular"),
    "not positive": (lambda x: linalg.cholesky(-x @ x), linalg.LinAlgError, "positive definite"),
    "nan": (lambda x: linalg.svd(x + np.nan), linalg.LinAlgError, "nan"),
    "not square": (lambda x: linalg.det(x[:2]), ShapeError, r"\(2, 3\)"),
    "a vector": (lambda x: linalg.eigh(x[0]), ShapeError, r"\(3,\)"),
    "a number": (lambda x: linalg.qr(x[0, 0]), ShapeError, r"\(\)"),
    "right side": (lambda x: linalg.solve(x, np.ones(2)), ShapeError, r"\(3, 3\) and \(2,\)"),
    "no right side": (lambda x: linalg.solve(x, 1.0), ShapeError, r"\(\)"),
    "columns": (lambda x: linalg.solve(x, np.ones((2, 4))), ShapeError, r"\(2, 4\)"),
    "half": (lambda x: linalg.matrix_power(x, 0.5), ArgumentError, "0.5"),
    "mode": (lambda x: linalg.qr(x, mode="full"), ArgumentError, "'full'"),
    "ord": (lambda x: linalg.matrix_norm(x, ord=3), ArgumentError, "3"),
    "norm over three": (lambda x: linalg.norm(x[None], ord=1), ShapeError, r"\(1, 3, 3\)"),
    "vecdot": (lambda x: linalg.vecdot(x, x[:, :1]), ShapeError, r"\(3, 1\)"),
    "vecdot of numbers": (lambda x: linalg.vecdot(x[0, 0], x[0, 0]), ShapeError, r"\(\)"),
    "vecdot axis": (lambda x: linalg.vecdot(x, x[0], axis=0), ShapeError, "axis 0"),
    "vecdot broadcast": (lambda x: linalg.vecdot(x, x[:2]), ShapeError, r"\(2, 3\)"),
    "cross of two": (lambda x: linalg.cross(x[:, :2], x[:, :2]), ShapeError, "three"),
    "cross axis": (lambda x: linalg.cross(x, x, axis=2), ShapeError, "axis 2"),
    "outer": (lambda x: linalg.outer(x, x), ShapeError, r"\(3, 3\)"),
    "cond of nothing": (lambda x: linalg.cond(x[:0]), ShapeError, r"\(0, 3\)"),
    "cond ord": (lambda x: linalg.cond(x, 3), ArgumentError, "3"),
    "cond not square": (lambda x: linalg.cond(x[:2], 1), ShapeError, r"\(2, 3\)"),
    "lstsq rows": (lambda x: linalg.lstsq(x, np.ones(2)), ShapeError, r"\(3, 3\) and \(2,\)"),
    "lstsq of stacks": (lambda x: linalg.lstsq(x[None], np.ones(1)), ShapeError, "pinv"),
    "tensordot": (lambda x: linalg.tensordot(x, x, axes=3), ShapeError, "3"),
    "matmul": (lambda x: linalg.matmul(x, np.ones((2, 2))), ShapeError, "3 ≠ 2"),
}


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "recorded"])
@pytest.mark.parametrize("bad, kind, words", BAD.values(), ids=BAD)
def test_bad_input_is_refused_with_the_edit_to_make(bad, kind, words, plain):
    x = A.copy() if plain else Tensor(A, requires_grad=True)
    with pytest.raises(kind, match=words) as caught:
        bad(x)
    assert isinstance(caught.value, AutogradError) and "\nhelp: " in str(caught.value)


@pytest.mark.parametrize("f, x, words", [
    (lambda x: anp.sum(linalg.eigh(x)[1]), E, "equal values"),
    (lambda x: anp.sum(linalg.svd(x).U), E, "equal values")])
def test_a_gradient_that_is_nan_is_explained(f, x, words):
    assert words in str(explain_nan(f(Tensor(x, requires_grad=True))))


def test_numpys_own_error_catches_ours():
    with pytest.raises(np.linalg.LinAlgError):
        linalg.inv(np.zeros((2, 2)))


def test_slogdet_where_pytorch_finds_the_matrix_singular_only_when_it_solves():
    torch = pytest.importorskip("torch", reason="pip install torch")
    stack = np.stack([[[0.0, 3.0, -2.0], [2.0, 1.0, -3.0], [2.0, 4.0, -5.0]], E])
    x = Tensor(torch.asarray(stack), requires_grad=True)
    linalg.slogdet(x).logabsdet.sum().backward()
    first, second = x.grad.data.numpy()
    assert not np.max(abs(first)) < 1e14 and np.all(second == E)


def test_pytorchs_error_is_ours():
    torch = pytest.importorskip("torch", reason="pip install torch")
    with pytest.raises(linalg.LinAlgError, match="least squares"):
        linalg.inv(Tensor(torch.zeros(2, 2)))
    with pytest.raises(linalg.LinAlgError, match="positive"):
        linalg.cholesky(Tensor(-torch.eye(2)))
