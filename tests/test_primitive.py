"""Primitives of a user's own, by the calls that make the table: each kind, both ways, twice."""

import functools
import math
import operator

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import (
    DefinitionError,
    GraphError,
    Tensor,
    Value,
    bilinear,
    custom_gradient,
    elementwise,
    grad,
    hessian,
    jacobian,
    jvp,
    linear,
    local,
    vjp,
)
from autograd.primitive import table
from autograd.testing import check_gradients

random = numpy.random.default_rng(11)
X = random.uniform(0.5, 1.5, size=4)
A = random.normal(size=(3, 4))

cosine = elementwise("my_cos", lambda g, x: -g * sine(x), forward=lambda xp, x: xp.cos(x))
sine = elementwise("my_sin", lambda g, x: g * cosine(x), forward=lambda xp, x: xp.sin(x))
power = elementwise("my_power", lambda g, x, y: g * y * x ** (y - 1),
                    lambda g, z, x: g * z * np.log(x), forward=lambda xp, x, y: xp.pow(x, y))
every_other = linear("my_every_other", lambda g, x: spread_out(g, size=x.shape[0]),
                     forward=lambda xp, x: x[::2])


@linear("my_spread_out", forward=lambda xp, x, size: numpy.insert(
    x, range(1, x.size + (size % 2 == 0)), 0.0)[:size])
def spread_out(g, *, size):
    return every_other(g)


convolve = bilinear("my_convolve", lambda g, y: correlate(g, y), lambda g, x: correlate(g, x),
                    forward=lambda xp, x, y: numpy.convolve(x, y))
correlate = bilinear("my_correlate", lambda g, y: convolve(g, y),
                     lambda g, x: np.flip(correlate(np.flip(x), np.flip(g))),
                     forward=lambda xp, x, y: numpy.correlate(x, y, "valid"))


@local("my_log_norm", forward=lambda xp, x: xp.log(xp.sum(x * x)) / 2)
def log_norm(g, x):
    return np.sum(g * x) / np.sum(x * x)


@custom_gradient(lambda g, x: g * black_box_slope(x))
def black_box(x):
    assert type(x) in (float, numpy.ndarray, numpy.float64), type(x)
    return numpy.arctan(x) if isinstance(x, numpy.ndarray) else math.atan(x)


def black_box_slope(x):
    return 1.0 / (1.0 + x * x)


def check(f, x):
    """Value, both walks, and the second derivative of an array function against differences."""
    h, identity = 1e-5, numpy.eye(x.size)

    def differences(g):
        return numpy.stack([(8 * (g(x + h * e) - g(x - h * e)) - g(x + 2 * h * e)
                             + g(x - 2 * h * e)) / (12 * h) for e in identity], axis=-1)

    expected = differences(lambda t: numpy.asarray(f(t)))
    for mode in ("reverse", "forward"):
        numpy.testing.assert_allclose(jacobian(f, mode=mode)(x), expected, rtol=1e-8, atol=1e-9)
    weights = random.normal(size=numpy.shape(f(x)))

    def total(t):
        return np.sum(f(t) * weights)

    second = differences(lambda t: numpy.asarray(grad(total)(t)))
    numpy.testing.assert_allclose(hessian(total)(x), second, rtol=1e-7, atol=1e-7)
    numpy.testing.assert_allclose(jacobian(grad(total))(x), second, rtol=1e-7, atol=1e-7)
    numpy.testing.assert_allclose(                      # reverse over forward
        grad(lambda t: np.sum(jvp(total, (t,), (weights_of(t),))[1]))(x), second.sum(axis=0),
        rtol=1e-7, atol=1e-7)


def weights_of(t):
    """A tangent of ones for t, whatever t is."""
    return numpy.ones(t.shape)


@pytest.mark.parametrize("f", [
    sine, cosine, lambda x: power(x, 2.5), lambda x: power(2.0, x), lambda x: power(x, x),
    every_other, lambda x: spread_out(x, size=8), lambda x: convolve(x, A[0]),
    lambda x: convolve(x, x * x), lambda x: correlate(A[1], x[:2]), lambda x: correlate(x, x[:2]),
    log_norm, black_box, lambda x: black_box(A @ x) * sine(x[0])])
def test_of_each_kind_in_both_directions_and_twice(f):
    check(f, X)


def test_on_floats_values_tensors_and_arrays():
    assert sine(0.5) == pytest.approx(math.sin(0.5)) == black_box(math.tan(math.sin(0.5)))
    v = Value(0.5)
    y = sine(v) * black_box(v) + power(v, 2.0)
    assert type(y) is Value
    y.backward()
    expected = math.cos(0.5) * math.atan(0.5) + math.sin(0.5) / 1.25 + 1.0
    assert v.grad == pytest.approx(expected)
    assert grad(lambda t: sine(t) * black_box(t) + power(t, 2.0))(0.5) == pytest.approx(expected)
    t = Tensor([0.5, 1.0], requires_grad=True)
    (sine(t) * black_box(t) + power(t, 2.0)).sum().backward()
    assert t.grad.tolist()[0] == pytest.approx(expected)
    assert type(sine(X)) is numpy.ndarray and not isinstance(sine(0.5), Tensor)
    assert jvp(black_box, (0.5,), (2.0,))[1] == pytest.approx(2 / 1.25)
    assert grad(grad(black_box))(0.5) == pytest.approx(-2 * 0.5 / 1.25**2)


def test_of_a_compiled_black_box():
    special = pytest.importorskip("scipy.special", reason="install scipy")

    @custom_gradient(lambda g, x: g * digamma(x))
    def log_gamma(x):
        return special.gammaln(x)

    @custom_gradient(lambda g, x: g * special.polygamma(1, x.data if hasattr(x, "data") else x))
    def digamma(x):
        return special.psi(x)

    assert grad(log_gamma)(2.5) == pytest.approx(special.psi(2.5))
    numpy.testing.assert_allclose(grad(lambda x: log_gamma(x).sum())(X), special.psi(X))
    numpy.testing.assert_allclose(jvp(log_gamma, (X,), (X,))[1], special.psi(X) * X)
    v = Value(2.5)
    log_gamma(v).backward()
    assert v.grad == pytest.approx(special.psi(2.5))
    assert grad(grad(log_gamma))(2.5) == pytest.approx(special.polygamma(1, 2.5))


def test_of_a_solver_with_two_operands_and_metadata():
    def solution(g, z, x, y, *, lower):
        return None if g is None else np.matmul(np.matrix_transpose(inverse(x)), g)

    inverse = custom_gradient(lambda g, z: -np.matrix_transpose(z) @ g @ np.matrix_transpose(z))(
        numpy.linalg.inv)
    solve = custom_gradient(
        lambda g, z, x, *, scale: -np.outer(inverse(x).T @ g, z),
        lambda g, x, *, scale: inverse(x).T @ g * scale)(
            lambda x, y, *, scale=2.0: numpy.linalg.solve(x, y * scale))
    M, b = numpy.eye(3) * 3 + random.normal(size=(3, 3)), random.normal(size=3)
    numpy.testing.assert_allclose(solve(M, b), numpy.linalg.solve(M, 2 * b))
    numpy.testing.assert_allclose(solve(M, b, scale=5.0), numpy.linalg.solve(M, 5 * b))
    check(lambda t: solve(M, t[:3]), X)
    check(lambda t: solve(M + np.reshape(np.tile(t[:3], 3), (3, 3)), b * t[3], scale=0.5), X)


def test_rules_name_only_what_they_need():
    seen = []

    def rule(g, z, x, y):
        seen.append((float(z), float(x), float(y)))
        return g * y

    op = elementwise("my_product", rule, lambda g, x: g * x, forward=lambda xp, x, y: x * y)
    Tensor(3.0)
    t = Tensor(3.0, requires_grad=True)
    op(t, 4.0).backward()
    assert seen == [(12.0, 3.0, 4.0)] and t.grad.item() == 4.0


def test_rules_with_many_operands():
    total = linear("my_total", lambda g, xs, i: g, forward=lambda xp, *xs: sum(xs))
    weighted = autograd.multilinear(
        "my_triple", lambda g, y, w: g * y * w, lambda g, x, w: g * x * w,
        lambda g, x, y: g * x * y, forward=lambda xp, x, y, w: x * y * w)
    check(lambda t: total(t, t * t, sine(t)), X)
    check(lambda t: weighted(t, t * t, np.exp(t)), X)
    out, pullback = vjp(weighted, X, X + 1, X + 2)
    assert [g.shape for g in pullback(out)] == [(4,)] * 3


def test_metadata_has_defaults_and_positions():
    op = linear("my_scaled", lambda g, *, by=3.0: op(g, by=by), forward=lambda xp, x, by: x * by)
    x = Tensor([1.0], requires_grad=True)
    assert op(x).tolist() == [3.0] and op(x, by=2.0).tolist() == op(x, 2.0).tolist() == [2.0]
    (op(x) + op(x, by=4.0)).backward()
    assert x.grad.tolist() == [7.0]
    with pytest.raises(TypeError, match=r"my_scaled.*'of'.*by"):
        op(x, of=2.0)


def test_a_gradient_is_that_of_the_rule_and_not_of_the_code():
    @custom_gradient(lambda g, x: g * 100.0)
    def straight_through(x):
        return numpy.round(x)

    assert straight_through(2.6) == 3.0 and grad(straight_through)(2.6) == 100.0
    assert grad(lambda x: straight_through(x).sum())(X).tolist() == [100.0] * 4


@pytest.mark.parametrize(("make", "word"), [
    (lambda: elementwise("bad_one", lambda g, q: g), "'q'"),
    (lambda: linear("bad_two", lambda g, tangent: g), "'tangent'"),
    (lambda: local("bad_three")(lambda g, a, b: g), "'a'"),
    (lambda: custom_gradient(lambda g, u: g)(lambda x: x), "'u'")])
def test_a_rule_that_asks_for_the_unknown_is_refused_when_it_is_made(make, word):
    before = set(table)
    with pytest.raises(TypeError, match=f"{word}(.|\n)*g, z, x, y"):
        make()
    assert set(table) == before


def test_metadata_that_the_function_has_not_is_refused_when_it_is_made():
    def rule(g, x, *, axis):
        return np.expand_dims(g, axis=axis) * 2 * x

    before = set(table)
    for f in (lambda x, axis=0: x, lambda x, **options: x, numpy.square):
        with pytest.raises(DefinitionError, match=r"asks for axis(.|\n)*\(x, \*, axis\)"):
            custom_gradient(rule)(f)
    assert set(table) == before

    @custom_gradient(rule)
    def sum_of_squares(x, *, axis=0):
        return (x * x).sum(axis=axis)

    for axis in (0, 1):
        report = check_gradients(lambda x, axis=axis: sum_of_squares(x, axis=axis), X.reshape(2, 2))
        assert report, str(report)


def test_a_rule_that_writes_into_its_cotangent_is_named():
    def doubling(g, x):
        g *= 2
        return g

    twice = custom_gradient(doubling)(lambda x: 2 * x)
    x = Tensor(X, requires_grad=True)
    with pytest.raises(GraphError, match=r"the rule of \w+ writes into what it was given"):
        twice(x).sum().backward()


def test_custom_gradient_decorates_anything_that_can_be_called():
    tripled = custom_gradient(lambda g, x: 3.0 * g)(functools.partial(operator.mul, 3.0))
    assert tripled(2.0) == 6.0 and grad(tripled)(2.0) == 3.0
    exp = custom_gradient(lambda g, z: g * z)(numpy.exp)
    assert exp(0.0) == grad(exp)(0.0) == 1.0 and grad(lambda x: exp(x).sum())(0.0 * X).tolist() == [
        1.0] * 4
    with pytest.raises(TypeError, match=r"custom_gradient.*float 2\.0"):
        custom_gradient(lambda g, x: g)(2.0)


def test_a_primitive_says_its_derivative():
    assert "g * y" in np.multiply.__doc__ and "g * cos(x)" in np.sin.__doc__
    assert "0x" not in repr(sine) and "my_sin" in repr(sine)
    assert all("0x" not in (op.__doc__ or "") + repr(op) for op in table.values())


def test_a_rule_without_a_source_says_so():
    scope = {"elementwise": elementwise}
    exec("typed = elementwise('typed', lambda g, x: g if x.shape else g)", scope)
    assert "its source cannot be read" in scope["typed"].__doc__


def test_custom_gradient_of_a_complex_function():
    square = custom_gradient(lambda g, x: g * 2 * x)(lambda x: x * x)
    z = numpy.asarray([1.0 + 2.0j])
    for f in (lambda t: np.real(t).sum(), lambda t: np.imag(t).sum()):
        ours = grad(lambda t, f=f: f(square(t)))(z)
        numpy.testing.assert_allclose(ours, grad(lambda t, f=f: f(t * t))(z))
