"""Decided once: kinks, the hard points of rules, nan, and complex gradients."""

import itertools
import math

import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import Tensor, Value, elementwise_grad, grad, hessian, jacobian, jvp, vjp

nan = math.nan


@pytest.fixture(autouse=True)
def quiet():
    """NumPy warns where inf and nan arise; here they arise on purpose."""
    with numpy.errstate(all="ignore"):
        yield


def slopes(f, x):
    """The derivative of f at the number x: of Values, Tensors, plain floats, and forward."""
    value, tensor = Value(x), Tensor([x, x], requires_grad=True)
    f(value).backward()
    f(tensor).sum().backward()
    return [value.grad, *tensor.grad.tolist(), grad(f)(x), float(jvp(f, (x,), (1.0,))[1]),
            *jvp(f, (numpy.asarray([x]),), (numpy.ones(1),))[1].tolist()]


def has_slope(f, x, slope):
    """Whether every way to differentiate f at x gives exactly this."""
    found = slopes(f, x)
    assert all(s == slope or (s != s and slope != slope) for s in found), (x, found, slope)
    return True


@pytest.mark.parametrize("relu", [np.relu, lambda x: x.relu() if hasattr(x, "relu") else 0,
                                  lambda x: np.maximum(x, 0.0), lambda x: np.maximum(0, x),
                                  lambda x: np.clip(x, 0.0, None), lambda x: x.clip(0)])
def test_kinks_of_relu_agree(relu):
    for x, slope in ((0.0, 0.0), (-0.0, 0.0), (1e-300, 1.0), (-1e-300, 0.0), (math.inf, 1.0),
                     (-math.inf, 0.0), (nan, nan)):
        assert has_slope(relu, x, slope)
        assert relu(Value(x)).data == max(x, 0.0) or x != x


def test_kinks_of_abs_and_clip():
    for x, slope in ((0.0, 0.0), (-0.0, 0.0), (3.0, 1.0), (-3.0, -1.0)):
        assert has_slope(np.abs, x, slope) and has_slope(abs, x, slope)
    for x, slope in ((0.0, 0.0), (1.0, 0.0), (0.5, 1.0), (2.0, 0.0), (-1.0, 0.0)):
        assert has_slope(lambda t: np.clip(t, 0.0, 1.0), x, slope)
        assert has_slope(lambda t: np.minimum(np.maximum(t, 0.0), 1.0), x, slope)
    x = Tensor([0.0, 0.5, 1.0], requires_grad=True)
    np.clip(x, numpy.zeros(3), numpy.ones(3)).sum().backward()
    assert x.grad.tolist() == [0.0, 1.0, 0.0]           # ends given as arrays are still ends


@pytest.mark.parametrize("f", [np.maximum, np.minimum])
def test_kinks_ties_share_equally(f):
    a, b = Value(2.0), Value(2.0)
    f(a, b).backward()
    assert (a.grad, b.grad) == (0.5, 0.5)
    x, y = Tensor([2.0, 1.0], requires_grad=True), Tensor([2.0, 5.0], requires_grad=True)
    f(x, y).sum().backward()
    assert (x.grad + y.grad).tolist() == [1.0, 1.0] and x.grad.tolist()[0] == 0.5
    for constant in (numpy.asarray([2.0, 0.0]), Tensor([2.0, 0.0]), numpy.float64(2.0)):
        assert grad(lambda t, c=constant: f(t, c)[0])(numpy.asarray([2.0, 9.0]))[0] == 0.5
        assert grad(lambda t, c=constant: f(c, t)[0])(numpy.asarray([2.0, 9.0]))[0] == 0.5
    assert grad(lambda t: f(t, t))(2.0) == 1.0
    assert grad(lambda t: f(t, 2.0))(2.0) == 0.0        # beside a Python number: a bound


@pytest.mark.parametrize("f", [np.max, np.min])
def test_kinks_max_and_min_share_among_ties(f):
    x = numpy.asarray([[1.0, 1.0, 1.0], [2.0, 2.0, 0.0], [0.0, 2.0, 2.0]])
    x = x if f is np.max else -x
    for axis in (None, 0, 1, (0, 1), -1):
        g = grad(lambda t, axis=axis: f(t, axis=axis).sum())(x)
        top = f(x, axis=axis, keepdims=True)
        ties = (x == top).astype(float)
        numpy.testing.assert_allclose(g, ties / ties.sum(axis=axis, keepdims=True))


def test_kinks_of_norm_std_and_hypot():
    for order in (2, 1):
        slope = grad(lambda x, order=order: np.norm(x, order))(numpy.zeros(3))
        assert slope.tolist() == [0.0, 0.0, 0.0]
    assert grad(np.std)(numpy.full(4, 1.5)).tolist() == [0.0] * 4
    assert grad(np.hypot, argnums=(0, 1))(0.0, 0.0) == (0.0, 0.0)
    assert grad(lambda x: np.hypot(x, 0.0))(0.0) == 0.0
    rows = numpy.asarray([[0.0, 0.0], [3.0, 4.0]])
    numpy.testing.assert_allclose(grad(lambda x: np.norm(x, axis=1).sum())(rows),
                                  [[0, 0], [0.6, 0.8]])
    for f in (np.norm, np.std, lambda x: np.hypot(x, x).sum()):
        assert jvp(f, (numpy.zeros(2),), (numpy.ones(2),))[1] == 0.0


# -- hard points of rules --------------------------------------------------------------------------

@pytest.mark.parametrize("x", [0.0, -0.0, 2.0, -2.0, math.inf, -math.inf, nan, 1e308])
def test_hard_points_x_to_the_0(x):
    for zero in (0, 0.0, -0.0):
        assert has_slope(lambda t, zero=zero: t ** zero, x, 0.0)
    a, b = Value(x), Value(0.0)
    (a ** b).backward()
    assert a.grad == 0.0
    s, t = Tensor(x, requires_grad=True), Tensor(0.0, requires_grad=True)
    (s ** t).backward()
    assert s.grad.item() == 0.0


@pytest.mark.parametrize(("power", "order"), [(2, 3), (2.0, 3), (3, 4), (1, 2), (2, 4), (4, 4)])
def test_hard_points_high_derivatives_of_powers_at_0(power, order):
    def f(x):
        return x ** power

    g = f
    for _ in range(order):
        g = grad(g)
    assert g(0.0) == (24.0 if power == order else 0.0)
    array = f
    for _ in range(order):
        array = elementwise_grad(array)
    assert array(numpy.asarray([0.0, 0.0])).tolist() == [g(0.0)] * 2


@pytest.mark.parametrize("y", [0.5, 1.0, 2.0, 3.0, 1e-3])
def test_hard_points_0_to_the_y(y):
    assert has_slope(lambda t: 0.0 ** t, y, 0.0)
    assert grad(lambda x, y: x ** y, argnums=1)(0.0, y) == 0.0
    assert grad(grad(lambda x, y: x ** y, argnums=1), argnums=1)(0.0, y) == 0.0


def polynomial(f, x):
    """f's value, gradient and Hessian by exact arithmetic, f being linear in each element."""
    n, unit = x.size, numpy.eye(x.size)
    gradient = numpy.stack([f(x * (1 - unit[i]) + unit[i]) - f(x * (1 - unit[i]))
                            for i in range(n)])
    second = numpy.zeros((n, n, *gradient.shape[1:]))
    for i, j in itertools.permutations(range(n), 2):
        base = x * (1 - unit[i]) * (1 - unit[j])
        second[i, j] = (f(base + unit[i] + unit[j]) - f(base + unit[i])
                        - f(base + unit[j]) + f(base))
    return gradient, second


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=5))
def test_hard_points_prod_is_exact_at_zeros(numbers):
    x = numpy.asarray(numbers)
    gradient, second = polynomial(numpy.prod, x)
    assert grad(np.prod)(x).tolist() == gradient.tolist()
    assert hessian(np.prod)(x).tolist() == second.tolist()


@given(st.lists(st.sampled_from([0.0, 0.0, 1.0, -2.0, 3.0]), min_size=1, max_size=4))
def test_hard_points_cumulative_prod_is_exact_at_zeros(numbers):
    x = numpy.asarray(numbers)
    gradient, second = polynomial(numpy.cumprod, x)
    for mode in ("reverse", "forward"):
        found = jacobian(np.cumulative_prod, mode=mode)(x)
        assert found.tolist() == gradient.T.tolist()
    for k in range(x.size):
        found = hessian(lambda t, k=k: np.cumulative_prod(t)[k])(x)
        assert found.tolist() == second[:, :, k].tolist()


def test_hard_points_repeated_indices():
    x = numpy.asarray([1.0, 2.0, 3.0])
    w = numpy.asarray([10.0, 20.0, 30.0, 40.0])
    again = numpy.asarray([2, 0, 2, 2])
    assert grad(lambda t: (t[again] * w).sum())(x).tolist() == [20.0, 0.0, 80.0]
    assert grad(lambda t: (np.take(t, again) * w).sum())(x).tolist() == [20.0, 0.0, 80.0]

    def write(t, v):
        y = t * 1.0
        y[again] = v
        return (y * numpy.asarray([1.0, 10.0, 100.0])).sum()

    by_t, by_v = grad(write, argnums=(0, 1))(x, w)
    assert by_t.tolist() == [0.0, 10.0, 0.0]            # overwritten places are lost
    assert by_v.tolist() == [0.0, 1.0, 0.0, 100.0]      # the last to write a place is the one read
    changed = jvp(write, (x, w), (numpy.zeros(3), numpy.asarray([1.0, 1.0, 1.0, 7.0])))[1]
    assert changed == 701.0


# -- nan -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("f", [np.relu, np.abs, lambda x: np.clip(x, -1.0, 1.0),
                               lambda x: np.maximum(x, 0.0), lambda x: np.minimum(1.0, x),
                               lambda x: np.maximum(x, x * 1.0), lambda x: np.clip(x, None, 2.0)])
def test_nan_comes_out_of_piecewise_rules(f):
    assert has_slope(f, nan, nan)
    assert math.isnan(f(Value(nan)).data) and numpy.isnan(f(Tensor([nan])).data).all()
    for pair in ((nan, 1.0), (1.0, nan)):
        assert all(map(math.isnan, grad(np.maximum, argnums=(0, 1))(*pair)))


SINGULAR = [(np.sqrt, 0.0), (np.log, 0.0), (lambda x: 1.0 / x, 0.0), (np.reciprocal, 0.0),
            (lambda x: x ** 0.5, 0.0), (lambda x: x ** -1, 0.0), (np.log1p, -1.0), (np.log2, 0.0),
            (np.log10, 0.0), (np.asin, 1.0), (np.acos, -1.0), (np.acosh, 1.0), (np.atanh, 1.0),
            (np.exp, 1e4), (np.expm1, 1e4), (np.sinh, 1e4), (np.cosh, 1e4), (np.sqrt, -1.0),
            (np.log, -0.0), (lambda x: 2.0 ** x, 1e4), (lambda x: x ** 0.25, -1.0)]


@pytest.mark.parametrize(("f", "x"), SINGULAR)
def test_nan_is_masked_where_the_cotangent_is_0(f, x):
    def safe(t):
        return np.where(t != x, f(t), 0.0)

    assert has_slope(safe, x, 0.0)
    inputs = numpy.asarray([x, x])
    assert jvp(lambda t: f(t).sum(), (inputs,), (numpy.zeros(2),))[1] == 0.0
    _, pullback = vjp(f, inputs)
    assert pullback(numpy.zeros(2))[0].tolist() == [0.0, 0.0]


def test_nan_mask_is_not_g_equal_to_0_alone():
    assert grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0))(0.0) == 0.0
    assert grad(grad(lambda x: np.sin(x) ** 2))(0.0) == 2.0     # a zero whose derivative is not
    assert grad(grad(lambda x: np.square(np.sin(x))))(0.0) == 2.0
    assert grad(grad(lambda x: np.exp(x * x)))(0.0) == 2.0
    assert grad(grad(lambda x: x * x / 2.0 + 1.0 / (1.0 + x * x)))(0.0) == -1.0
    assert grad(grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0)))(0.0) == 0.0
    assert hessian(lambda x: (np.sin(x) ** 2).sum())(numpy.zeros(2)).tolist() == [[2, 0], [0, 2]]


def test_nan_stays_where_the_cotangent_is_not_0():
    assert has_slope(lambda x: np.sqrt(x), -1.0, nan)
    assert has_slope(lambda x: np.sqrt(x), 0.0, math.inf)
    assert math.isnan(grad(lambda x: np.sqrt(x) * 1e-300)(-1.0))


# -- complex ---------------------------------------------------------------------------------------

def test_complex_gradients_are_d_real_plus_i_d_imaginary():
    """The gradient of a real loss is dL/da + i dL/db at z = a + ib: the way of steepest ascent."""
    z = numpy.asarray([1.0 + 2.0j, -0.5 + 0.25j, 3.0 - 1.0j])
    c = numpy.asarray([2.0 - 1.0j, 0.5j, 1.0 + 1.0j])
    losses = [lambda t: np.real(t * np.conj(t)).sum(), lambda t: (np.abs(t) ** 2).sum(),
              lambda t: np.real(t * c / (t + 5.0)).sum(), lambda t: np.imag(np.exp(t) * t).sum(),
              lambda t: np.abs(np.sin(t) @ c), lambda t: np.real(np.sqrt(t) ** 3).sum(),
              lambda t: np.real(np.cumulative_prod(t)).sum(), lambda t: np.imag(np.prod(t))]
    for loss in losses:
        g, h = grad(loss)(z), 1e-6
        for k, unit in enumerate(numpy.eye(3)):
            real = (loss(z + h * unit) - loss(z - h * unit)) / (2 * h)
            imaginary = (loss(z + 1j * h * unit) - loss(z - 1j * h * unit)) / (2 * h)
            assert g[k] == pytest.approx(real + 1j * imaginary, rel=1e-6, abs=1e-8)


def test_complex_tangents_are_not_conjugated():
    z, t = numpy.asarray([1.0 + 2.0j]), numpy.asarray([0.5 - 1.0j])
    for f, slope in ((np.exp, numpy.exp(z)), (lambda x: x * x, 2 * z), (np.sin, numpy.cos(z))):
        numpy.testing.assert_allclose(jvp(f, (z,), (t,))[1], slope * t)
    numpy.testing.assert_allclose(jvp(np.conj, (z,), (t,))[1], numpy.conj(t))
    numpy.testing.assert_allclose(jvp(np.imag, (z,), (t,))[1], t.imag)


def test_complex_forward_and_backward_are_adjoint():
    random = numpy.random.default_rng(3)
    z, t, g = (random.normal(size=4) + 1j * random.normal(size=4) for _ in range(3))
    functions = [np.exp, np.conj, lambda x: x * np.conj(x) * c, np.tanh, lambda x: x @ M,
                 lambda x: c / x, np.cumulative_sum, lambda x: np.real(x) * (1 + 1j) * c]
    c, M = random.normal(size=4) * 1j + 1, random.normal(size=(4, 4)) * (1 + 2j)
    for f in functions:
        pushed, (pulled,) = jvp(f, (z,), (t,))[1], vjp(f, z)[1](g)
        assert numpy.vdot(g, pushed).real == pytest.approx(numpy.vdot(pulled, t).real)
