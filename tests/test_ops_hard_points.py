"""The points where rules go wrong: powers at 0, products with zeros, kinks, strong zeros, tails."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from oracles import complex_step, richardson
from test_ops_scalars import INF, NAN

import autograd.numpy as anp
from autograd import Tensor, Value, elementwise_grad, grad, hessian, jvp

each_kind = pytest.mark.parametrize("kind", [
    float, lambda x: np.asarray(x), lambda x: np.full(3, x)], ids=["Value", "0-d Tensor", "Tensor"])


def both_ways(f, x):
    """The derivative by pull and by push, which must be one."""
    reverse = elementwise_grad(f)(x)
    forward = jvp(f, (x,), (np.ones_like(x) if isinstance(x, np.ndarray) else 1.0,))[1]
    np.testing.assert_array_equal(reverse, forward)
    return reverse


def nth(f, order):
    for _ in range(order):
        f = elementwise_grad(f)
    return f


# -- powers --------------------------------------------------------------------------------------
@each_kind
@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
@pytest.mark.parametrize("x", [0.0, -0.0, 1.0, -2.0, 1e300, INF, -INF])
def test_x_to_the_0_has_slope_0_everywhere(kind, zero, x):
    with np.errstate(all="ignore"):
        for order in (1, 2, 3):
            np.testing.assert_array_equal(nth(lambda x: x**zero, order)(kind(x)), 0.0 * kind(1.0))
        np.testing.assert_array_equal(both_ways(lambda x: x**zero, kind(x)), 0.0 * kind(1.0))


@each_kind
@pytest.mark.parametrize("n", range(1, 5))
def test_every_derivative_of_a_whole_power_at_0(kind, n):
    for power in (n, float(n)):
        for order in range(1, n + 3):
            expected = math.factorial(n) if order == n else 0.0
            ours = nth(lambda x, power=power: x**power, order)(kind(0.0))
            np.testing.assert_array_equal(ours, expected * kind(1.0))


@each_kind
def test_0_to_the_y_has_slope_0_for_positive_y(kind):
    for y in (0.5, 1.0, 3.0):
        for base in (0.0, -0.0):
            np.testing.assert_array_equal(both_ways(lambda y, b=base: b**y, kind(y)), 0 * kind(1.0))
    zero = kind(0.0)
    for y in (0.5, 1.0, 2.0):
        slope = grad(lambda b, y: anp.sum(b**y), argnums=1)(zero, kind(y))
        np.testing.assert_array_equal(slope, 0.0 * kind(1.0))


@each_kind
def test_negative_bases(kind):
    for x, n in itertools.product((-2.0, -0.5), (-2, 2, 3, 5.0)):
        np.testing.assert_allclose(both_ways(lambda x, n=n: x**n, kind(x)), kind(n * x ** (n - 1)),
                                   1e-14)
    with np.errstate(all="ignore"):
        assert np.all(np.isnan(elementwise_grad(lambda x: x**0.5)(kind(-2.0))))


# -- products with zeros -------------------------------------------------------------------------
def polynomial_products(f, zeros, axis=-1):
    """Compare f, a product along an axis, with the complex step: f has no division to lose."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 4))
    x[:, zeros] = 0.0
    w = rng.normal(size=f(np, x).shape)
    first = grad(lambda x: anp.sum(w * f(anp, x)))
    for unit in np.eye(8).reshape(8, 2, 4):
        slope = complex_step(lambda x: np.sum(w * f(np, x)), x, unit)[0]
        np.testing.assert_allclose(np.sum(first(x) * unit), slope[0], rtol=1e-13, atol=1e-15)
        curve, _ = richardson(first, x, unit)
        over_reverse = grad(lambda x, unit=unit: anp.sum(first(x) * unit))(x)
        for second in (jvp(first, (x,), (unit,))[1], over_reverse):
            np.testing.assert_allclose(second.reshape(-1), curve, atol=1e-9)
    assert np.all(np.isfinite(hessian(lambda x: anp.sum(w * f(anp, x)))(x)))


@pytest.mark.parametrize("zeros", [[], [1], [0, 2], [0, 1, 3], [0, 1, 2, 3]], ids=str)
@pytest.mark.parametrize("f", [
    lambda xp, x: xp.prod(x, axis=-1), lambda xp, x: xp.prod(x), lambda xp, x: xp.prod(x, axis=0),
    lambda xp, x: xp.cumprod(x, axis=1), lambda xp, x: xp.cumprod(x, axis=0)],
    ids=["prod -1", "prod all", "prod 0", "cumprod 1", "cumprod 0"])
def test_products_are_exact_at_zeros(f, zeros):
    polynomial_products(f, zeros)


def test_prod_of_nothing_and_of_one():
    assert grad(anp.prod)(np.zeros(0)).shape == (0,)
    np.testing.assert_array_equal(grad(anp.prod)(np.zeros(1)), [1.0])
    np.testing.assert_array_equal(hessian(anp.prod)(np.zeros(2)), [[0.0, 1.0], [1.0, 0.0]])


# -- strong zeros --------------------------------------------------------------------------------
GUARDED = {
    "sqrt": (lambda x: anp.where(x > 0, anp.sqrt(x), 0.0), 0.0),
    "log": (lambda x: anp.where(x > 0, anp.log(x), 0.0), 0.0),
    "divide": (lambda x: anp.where(x != 0, 1.0 / x, 0.0), 0.0),
    "reciprocal": (lambda x: anp.where(x != 0, anp.reciprocal(x), 0.0), 0.0),
    "power": (lambda x: anp.where(x > 0, x**0.5, 0.0), 0.0),
    "power of -1": (lambda x: anp.where(x > 0, x**-1, 0.0), 0.0),
    "asin": (lambda x: anp.where(x < 1, anp.asin(x), 0.0), 1.0),
    "acosh": (lambda x: anp.where(x > 1, anp.acosh(x), 0.0), 1.0),
    "atanh": (lambda x: anp.where(x < 1, anp.atanh(x), 0.0), 1.0),
    "exp": (lambda x: anp.where(x < 1, anp.exp(x), 0.0), 1e4),
    "log1p": (lambda x: anp.where(x > -1, anp.log1p(x), 0.0), -1.0),
    "log of a negative": (lambda x: anp.where(x > 0, anp.log(x), 0.0), -1.0),
}


@each_kind
@pytest.mark.parametrize("name", GUARDED)
def test_a_branch_not_taken_sends_no_nan(kind, name):
    f, x = GUARDED[name]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(both_ways(f, kind(x)), 0.0 * kind(1.0))
        np.testing.assert_array_equal(nth(f, 2)(kind(x)), 0.0 * kind(1.0))


def test_the_mask_of_a_value_is_that_of_a_tensor_on_backward():
    x, t = Value(0.0), Tensor([0.0, 4.0], requires_grad=True)
    anp.where(x > 0, x.sqrt(), 0.0).backward()
    anp.where(t > 0, t.sqrt(), 0.0).sum().backward()
    assert x.grad == 0.0 and t.grad.tolist() == [0.0, 0.25]


@each_kind
def test_a_zero_cotangent_still_has_derivatives(kind):
    for f, slope, second in ((lambda x: anp.sin(x) ** 2, 0.0, 2.0),
                             (lambda x: anp.exp(x) * x * x, 0.0, 2.0),
                             (lambda x: (anp.exp(x) - 1) ** 2, 0.0, 2.0),
                             (lambda x: anp.log1p(x) ** 2, 0.0, 2.0),
                             (lambda x: anp.tan(x) * x, 0.0, 2.0)):
        np.testing.assert_array_equal(elementwise_grad(f)(kind(0.0)), slope * kind(1.0))
        np.testing.assert_allclose(nth(f, 2)(kind(0.0)), second * kind(1.0), 1e-15)
    np.testing.assert_array_equal(nth(lambda x: x**2, 3)(kind(0.0)), 0.0 * kind(1.0))


@each_kind
@pytest.mark.parametrize("f", [anp.sqrt, anp.log, anp.reciprocal, lambda x: x**0.5])
def test_a_live_pole_is_an_infinity_not_a_zero(kind, f):
    with np.errstate(all="ignore"):
        assert np.all(np.isinf(both_ways(f, kind(0.0))))


@each_kind
@pytest.mark.parametrize("f", [
    anp.relu, anp.abs, lambda x: anp.clip(x, -1.0, 1.0), lambda x: anp.maximum(x, 0.0),
    lambda x: anp.minimum(x, 0.0), lambda x: anp.maximum(x, 2.0 * x)])
def test_piecewise_rules_give_nan_at_nan(kind, f):
    assert np.all(np.isnan(f(kind(NAN)))) and np.all(np.isnan(both_ways(f, kind(NAN))))


# -- tails ---------------------------------------------------------------------------------------
TAILS = {
    "sigmoid": (lambda mp, x: 1 / (1 + mp.exp(-x)), (-700, -40, -1e-9, 1e-9, 36, 40, 700)),
    "softplus": (lambda mp, x: mp.log1p(mp.exp(x)), (-700, -40, -1e-9, 1e-9, 36, 40, 700)),
    "tanh": (lambda mp, x: mp.tanh(x), (-300, -19, -1e-9, 1e-20, 1, 9, 19, 300)),
    "log1p": (lambda mp, x: mp.log1p(x), (-1 + 1e-12, -1e-17, 1e-300, 1e-17, 1e17)),
    "expm1": (lambda mp, x: mp.expm1(x), (-700, -40, -1e-17, 1e-300, 1e-17, 700)),
    "asinh": (lambda mp, x: mp.asinh(x), (-1e200, -1e-17, 1e-300, 1e200)),
    "acosh": (lambda mp, x: mp.acosh(x), (1 + 1e-12, 1e200)),
    "atanh": (lambda mp, x: mp.atanh(x), (-1 + 1e-12, -1e-17, 1e-300, 1 - 1e-12)),
    "atan": (lambda mp, x: mp.atan(x), (-1e170, -1e-17, 1e8, 1e170)),
    "asin": (lambda mp, x: mp.asin(x), (-1 + 1e-12, 1 - 1e-12)),
    "erf": (lambda mp, x: mp.erf(x), (-5, -1e-17, 3, 26)),
    "logsumexp": (lambda mp, x: mp.log(mp.exp(x) + mp.exp(2)), (-700, -40, 40, 800)),
}


@pytest.mark.parametrize("name", TAILS)
@pytest.mark.parametrize("kind", ["Value", "Tensor"])
def test_values_and_slopes_are_accurate_in_both_tails(name, kind):
    mpmath = pytest.importorskip("mpmath", reason="pip install mpmath")
    exact, points = TAILS[name]

    def f(x):
        if name == "logsumexp":
            return anp.logaddexp(x, 2.0) if kind == "Value" else anp.logsumexp(
                anp.stack([x, anp.full_like(x, 2.0)]), axis=0)
        return getattr(anp, name)(x)

    for point in points:
        x = float(point) if kind == "Value" else np.asarray(float(point))
        with mpmath.workdps(700), np.errstate(all="ignore"):
            at = mpmath.mpf(float(point))
            value = float(exact(mpmath, at))
            h = mpmath.mpf(10) ** -300 * max(abs(at), mpmath.mpf(10) ** -20)
            slope = float((exact(mpmath, at + h) - exact(mpmath, at - h)) / (2 * h))
            np.testing.assert_allclose(f(x), value, rtol=2e-15, err_msg=f"{name}({point})")
            np.testing.assert_allclose(both_ways(f, x), slope, rtol=2e-14, atol=5e-324,
                                       err_msg=f"slope of {name} at {point}")


@given(x=st.lists(st.floats(-800, 800), min_size=2, max_size=5))
@settings(max_examples=60)
def test_softmax_and_logsumexp_neither_overflow_nor_lose_their_sum(x):
    x = np.array(x)
    np.testing.assert_allclose(grad(anp.logsumexp)(x), anp.softmax(x), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(np.sum(anp.softmax(x)), 1.0, rtol=1e-14)
    assert np.all(np.isfinite(anp.log_softmax(x)))
    np.testing.assert_allclose(anp.logsumexp(x + 1e4) - 1e4, anp.logsumexp(x), atol=1e-10)


@pytest.mark.parametrize("f", [anp.logsumexp, anp.linalg.vector_norm,
                               lambda x: anp.linalg.vector_norm(x, ord=3)])
def test_at_an_infinite_element_reductions_are_flat_backward_and_nan_forward(f):
    x = np.array([1.0, INF])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(f)(x), [0.0, 0.0])
        assert [np.isnan(jvp(f, (x,), (unit,))[1]) for unit in np.eye(2)] == [False, True]


def test_the_exponent_matters_to_the_slope_of_x_to_the_0():
    """The slope of x**y by x is y * x**(y - 1): by y it is x**-1 at 0, also of what is 0 there."""
    slope = elementwise_grad(lambda x, y: x**y)
    for x in (0.5, 2.0, -2.0, 1e-100, 1e300):
        for kind in (float, np.asarray, lambda x: np.full(3, x)):
            assert np.all(slope(kind(x), kind(0.0)) == 0.0)
            curve = elementwise_grad(slope, 1)(kind(x), kind(0.0))
            np.testing.assert_allclose(curve, 1 / x, 1e-14)
    assert np.all(slope(np.array([0.0, NAN, 5e-324, INF]), np.zeros(4)) == 0.0)


def test_logsumexp_of_infinities():
    x = np.array([-INF, -INF])
    with np.errstate(all="ignore"):
        assert anp.logsumexp(x) == -INF and anp.logsumexp(np.array([INF, 0.0])) == INF
        np.testing.assert_array_equal(grad(anp.logsumexp)(np.array([-INF, 1.0])), [0.0, 1.0])
        np.testing.assert_array_equal(anp.softmax(np.array([-INF, 1.0])), [0.0, 1.0])
