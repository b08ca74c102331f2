"""The names of NumPy and HIPS autograd beside our own: each does what it says, and nothing else."""

import math

import numpy
import pytest
import scipy.signal
import scipy.stats

import autograd.numpy as np
import autograd.numpy.random as npr
import autograd.scipy.stats.multivariate_normal as mvn
import autograd.scipy.stats.norm as norm
from autograd import (
    elementwise_grad,
    grad,
    hessian,
    hessian_vector_product,
    jacobian,
    make_jvp,
    make_vjp,
    value_and_grad,
)
from autograd.extend import defvjp, primitive
from autograd.misc.flatten import flatten
from autograd.misc.optimizers import adam, rmsprop, sgd
from autograd.scipy.signal import convolve
from autograd.test_util import check_grads

close = numpy.testing.assert_allclose


# -- the helpers, under their names ----------------------------------------------------------------

def test_transforms_under_their_names():
    f = lambda x, y: np.sum(x**2) * y                                   # noqa: E731
    x = np.array([1.0, 2.0])
    pullback, value = make_vjp(f)(x, 3.0)
    assert value == 15.0 and pullback(2.0).tolist() == [12.0, 24.0]
    assert make_vjp(f, argnum=1)(x, 3.0)[0](1.0) == 5.0
    value, tangent = make_jvp(f)(x, 3.0)(np.array([1.0, 0.0]))
    assert value == 15.0 and tangent == 6.0
    value, tangent = make_jvp(f, (0, 1))(x, 3.0)((np.zeros(2), 1.0))
    assert tangent == 5.0
    close(hessian_vector_product(f)(x, 3.0, np.array([1.0, 0.0])), [6.0, 0.0])
    close(hessian(f, argnum=0)(x, 3.0), 6 * np.eye(2))
    assert elementwise_grad(lambda a, b: a * b**2, argnum=1)(x, x).tolist() == [2.0, 8.0]
    close(jacobian(jacobian(lambda x: x**3))(x)[1, 1], [0.0, 12.0])


def test_results_are_what_numpy_returns():
    x = numpy.asarray([1.0, 2.0])
    value, gradient = value_and_grad(lambda t: np.sum(t**2))(x)
    assert type(value) is numpy.float64 and round(value, 1) == 5.0 and type(gradient) is type(x)
    assert type(grad(lambda t: t**2)(numpy.float64(2.0))) is numpy.float64
    assert type(value_and_grad(lambda t: t**2)(2.0)[0]) is float
    assert type(np.dot(x, x)) is type(np.inner(x, x)) is type(np.nan_to_num(1.0)) is numpy.float64
    kept = grad(lambda t: t**2)(numpy.asarray(2.0))
    assert type(kept) is numpy.ndarray and kept.shape == ()


def test_flatten():
    tree = {"b": [np.ones((2, 2)), 3.0], "a": (numpy.zeros(0), np.array([4.0]))}
    vector, unflatten = flatten(tree)
    assert vector.tolist() == [1.0] * 4 + [3.0, 4.0]
    again = unflatten(2 * vector)
    assert list(again) == ["b", "a"] and again["b"][0].shape == (2, 2) and again["b"][1] == 6.0
    assert type(again["a"]) is tuple and again["a"][0].shape == (0,)
    assert flatten([])[0].shape == (0,) and flatten([])[1](np.zeros(0)) == []
    g = grad(lambda t: np.sum(flatten(t)[0] ** 3))(tree)
    assert g["b"][0].tolist() == [[3.0, 3.0]] * 2 and g["b"][1] == 27.0


@pytest.mark.parametrize(("optimiser", "start"), [(sgd, 1.0), (rmsprop, 1.0), (adam, 1.0)])
def test_optimisers_descend_in_any_containers(optimiser, start):
    calls = []
    params = optimiser(lambda p, i: grad(lambda p: (p["x"] - 3.0) ** 2 + np.sum(p["y"] ** 2))(p),
                       {"x": start, "y": np.ones(2)}, num_iters=400, step_size=0.05,
                       callback=lambda p, i, g: calls.append((i, float(p["x"]), g["x"])))
    close(params["x"], 3.0, atol=0.06)
    close(params["y"], [0.0, 0.0], atol=0.06)
    assert [i for i, *_ in calls] == list(range(400)) and calls[0] == (0, 1.0, -4.0)


def test_first_steps_of_the_optimisers():
    def after(optimiser, steps, **words):
        return optimiser(lambda x, i: 2 * x, numpy.asarray([1.0]), num_iters=steps,
                         **words).tolist()[0]

    close(after(sgd, 1), 1 - 0.1 * 0.1 * 2)             # (1 - mass) of the gradient
    close(after(sgd, 2), 0.98 - 0.1 * (0.9 * 0.2 + 0.1 * 2 * 0.98))
    close(after(adam, 1), 1 - 0.001, rtol=1e-8)         # the first step is step_size, downhill
    close(after(rmsprop, 1), 1 - 0.1 * 2 / math.sqrt(0.9 + 0.1 * 4), rtol=1e-7)


def test_a_primitive_with_all_that_it_may_be_given():
    @primitive
    def scaled(x, how, y, power=1):
        assert isinstance(x, (float, numpy.ndarray)) and how == "fast"
        return x**power * y

    defvjp(scaled, lambda ans, x, how, y, power=1: lambda g: g * power * x ** (power - 1) * y,
           lambda ans, x, how, y, power=1: lambda g: g * ans / y, argnums=[0, 2])
    x = np.array([1.0, 2.0])
    f = lambda x, y: np.sum(scaled(x, "fast", y, power=3))              # noqa: E731
    check_grads(f, (0, 1))(x, 2.0)                      # both modes, second order
    check_grads(lambda x: scaled(x, "fast", 2.0, power=2))(1.5)
    assert scaled(2.0, "fast", 3.0) == 6.0
    with pytest.raises(RuntimeError, match="defvjp"):
        f = primitive(lambda x: x * 2)
        grad(f)(1.0)
    constant = primitive(np.floor)
    defvjp(constant, None)
    assert grad(lambda x: constant(x) * x)(2.5) == 2.0


def test_check_grads_finds_what_is_wrong():
    for wrong in (1.001, -1.0, 0.0):
        broken = primitive(np.sin)
        defvjp(broken, lambda ans, x, w=wrong: lambda g: g * w * np.cos(x))
        for modes in (["rev"], ["fwd"]):
            with pytest.raises(AssertionError, match=modes[0]):
                check_grads(lambda x, f=broken: np.sum(f(x)), modes=modes)(np.array([0.3, 0.7]))
    second = primitive(np.sin)                          # right at first order, wrong at second
    defvjp(second, lambda ans, x: lambda g: g * np.cos(numpy.asarray(getattr(x, "data", x))))
    check_grads(second, order=1)(np.array([0.3]))
    with pytest.raises(AssertionError):
        check_grads(second, order=2)(np.array([0.3]))
    check_grads(lambda z: np.real(z * np.exp(1j * z)), order=1)(numpy.asarray([0.3 + 0.2j]))


@pytest.mark.parametrize("name", ["pdf", "logpdf", "cdf", "logcdf", "sf", "logsf"])
def test_the_normal_distribution(name):
    f, x = getattr(norm, name), np.linspace(-3, 3, 5)
    close(f(x, 0.3, 1.7), getattr(scipy.stats.norm, name)(x.data, 0.3, 1.7), rtol=1e-12)
    close(f(0.4), getattr(scipy.stats.norm, name)(0.4), rtol=1e-12)
    check_grads(f, (0, 1, 2))(x.data, 0.3, 1.7)


def test_the_multivariate_normal_distribution():
    rs = npr.RandomState(0)
    x, mean, root = rs.randn(4, 3), rs.randn(3), rs.randn(3, 3)
    cov = root @ root.T + np.eye(3)
    for at in (x, x[0], x.reshape((2, 2, 3))):
        for name in ("logpdf", "pdf"):
            close(getattr(mvn, name)(at, mean, cov),
                  getattr(scipy.stats.multivariate_normal, name)(at, mean, cov.data))
    close(mvn.entropy(mean, cov), scipy.stats.multivariate_normal.entropy(mean, cov.data))
    for small in (2.0, numpy.asarray([0.5, 1.0, 2.0])):
        close(mvn.logpdf(x, mean, small), scipy.stats.multivariate_normal.logpdf(x, mean, small))
    close(mvn.logpdf(x[:, 0], 0.5, 2.0), norm.logpdf(x[:, 0], 0.5, math.sqrt(2.0)))
    check_grads(lambda x, m, r: mvn.logpdf(x, m, np.dot(r, r.T) + np.eye(3)), (0, 1, 2))(
        x, mean, root)


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
def test_convolution(mode):
    rs = npr.RandomState(0)
    for m, n in ((5, 3), (4, 2), (3, 3), (1, 1), (2, 4)):
        if mode != "same" or m >= n:
            x, y = rs.randn(m), rs.randn(n)
            close(convolve(x, y, mode=mode), scipy.signal.convolve(x, y, mode), atol=1e-14)
    x, y = rs.randn(5, 4), rs.randn(2, 3)
    close(convolve(x, y, mode=mode), scipy.signal.convolve(x, y, mode))
    check_grads(lambda x, y: convolve(x, y, mode=mode), (0, 1))(x, y)
    with pytest.raises(ValueError, match="fit in the other"):
        convolve(x, y.T.reshape(1, 6), mode="valid")
    with pytest.raises(ValueError, match="no mode"):
        convolve(x, y, mode="wide")


# -- NumPy's other names ---------------------------------------------------------------------------

def test_answers_about_arrays_are_plain():
    t = np.array([[1.0, 2.0]])
    for x in (t, t + 0 * grad(np.sum)(t), t.data, [[1.0, 2.0]]):
        assert (np.ndim(x), np.shape(x), np.size(x), np.size(x, 1)) == (2, (1, 2), 2, 2)
    assert (np.ndim(2.0), np.shape(2), np.size(2.0)) == (0, (), 1)

    def inside(x):
        assert np.shape(x) == (2,) and np.ndim(x) == 1 and np.size(x) == 2
        assert np.allclose(x, x * 3.0 / 3.0) and not np.allclose(x, x + 1)
        assert np.array_equal(x, x) and not np.array_equal(x, x[:1]) and not np.iscomplexobj(x)
        return np.sum(x)

    check_grads(inside)(np.array([1.0, 2.0]))
    for a, b in ((numpy.inf, numpy.inf), (numpy.inf, -numpy.inf), (1.0, 1.0 + 1e-9), (1.0, 1.1),
                 (numpy.nan, numpy.nan), (True, True), (3, 4), (0.0, 1e-9)):
        for equal_nan in (False, True):
            assert np.isclose(a, b, equal_nan=equal_nan) == numpy.isclose(a, b, equal_nan=equal_nan)
    assert type(np.isclose(t, 1.0)) is type(t) and type(np.isclose(t.data, 1.0)) is numpy.ndarray


def test_what_else_numpy_has_takes_plain_numbers_and_refuses_recorded_ones(tmp_path):
    x = np.array([3.0, 1.0, 2.0])
    assert np.median(x) == 2.0 and np.percentile(x, 50) == 2.0
    assert np.argwhere(x > 2).shape == (1, 1)
    np.save(tmp_path / "x.npy", x)
    assert np.load(tmp_path / "x.npy").tolist() == [3.0, 1.0, 2.0]
    with np.errstate(all="ignore"):
        assert np.identity(2).shape == (2, 2) and np.histogram(x)[0].sum() == 3
    for f in (np.median, np.nanmean, lambda t: np.percentile(t, 50), lambda t: np.r_[t, t],
              lambda t: np.interp(1.5, x, t), lambda t: np.vectorize(lambda s: s * 2)(t),
              lambda t: np.median([t[0], t[1]]), lambda t: np.apply_along_axis(np.sum, 0, t),
              lambda t: np.copyto(numpy.zeros(3), t), lambda t: np.asanyarray(t)):
        with pytest.raises(RuntimeError, match="drop"):
            grad(lambda t, f=f: np.sum(f(t)))(x)
    with pytest.raises(AttributeError, match="nor has NumPy"):
        _ = np.does_not_exist


def test_random_numbers_are_numpys():
    assert npr.RandomState is numpy.random.RandomState and npr.randn is numpy.random.randn
    npr.seed(3)
    first = np.random.randn(2)
    npr.seed(3)
    assert npr.randn(2).tolist() == first.tolist()


def test_sinc_is_smooth_at_zero():
    second = grad(grad(np.sinc))
    close(second(0.0), -math.pi**2 / 3, rtol=1e-14)
    for x in (1e-9, 1e-4, 0.2, 0.2229, 0.223, 0.3):     # the series ends where |πx| = 0.7
        p = math.pi * x
        exact = (2 * (math.sin(p) - p * math.cos(p)) / p - p * math.sin(p)) * math.pi**2 / p**2
        series = -math.pi**2 / 3 + math.pi**4 * x**2 / 10
        close(second(x), exact if x > 0.01 else series, rtol=1e-12)
    assert np.sinc(0.0) == 1.0 and np.sinc(numpy.asarray([0, 1])).tolist()[0] == 1.0


def test_nans_are_passed_over():
    nan = numpy.nan
    x, y = numpy.asarray([nan, 1.0, nan, 2.0]), numpy.asarray([3.0, nan, nan, 5.0])
    for ours, theirs in ((np.fmax, numpy.fmax), (np.fmin, numpy.fmin)):
        close(ours(x, y), theirs(x, y))
    assert grad(lambda y: np.sum(np.fmax(x[:2], y)))(y[:2]).tolist() == [1.0, 0.0]
    for other in (0.0, numpy.asarray([0.0])):           # ties: as relu at 0, or shared
        for ours, like in ((np.fmax, np.maximum), (np.fmin, np.minimum)):
            slopes = [grad(lambda x, f=f, y=other: np.sum(f(x, y)))(numpy.zeros(1))
                      for f in (ours, like)]
            assert slopes[0] == slopes[1]
    values = numpy.asarray([nan, numpy.inf, -numpy.inf, 1.5])
    close(np.nan_to_num(values), numpy.nan_to_num(values))
    close(np.nan_to_num(values, nan=7.0, posinf=8.0, neginf=-8.0), [7.0, 8.0, -8.0, 1.5])
    assert grad(lambda x: np.sum(np.nan_to_num(x)))(values).tolist() == [0.0, 0.0, 0.0, 1.0]
    z = numpy.asarray([complex(nan, 1.0), complex(1.0, numpy.inf)])
    close(np.nan_to_num(z), numpy.nan_to_num(z))
    assert np.nan_to_num(numpy.asarray([1, 2])).dtype == int


def test_angles_of_complex_numbers():
    z = numpy.asarray([1 + 1j, -2.0 + 0.5j, -1j])
    close(np.angle(z), numpy.angle(z))
    close(np.angle(z, deg=True), numpy.angle(z, deg=True))
    check_grads(np.angle)(z)
    close(np.angle(numpy.asarray([2.0, -2.0])), [0.0, math.pi])


def test_python_types_are_pythons():
    from autograd import builtins

    assert (builtins.tuple, builtins.dict, builtins.isinstance) == (tuple, dict, isinstance)
