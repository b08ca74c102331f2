"""The transforms: any order, forward and reverse mixed, containers in and out, nothing confused."""

import math
from collections import namedtuple

import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import (
    Tensor,
    Value,
    elementwise_grad,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    value_and_grad,
    vjp,
)
from autograd.errors import DtypeError, GradientWarning
from autograd.modes import recording

Point = namedtuple("Point", "x y")
random = numpy.random.default_rng(5)
A = random.normal(size=(4, 3))
X = random.normal(size=3)


def close(found, expected):
    numpy.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)


# -- arguments -------------------------------------------------------------------------------------

def cubic(x, y, z):
    return x * y * y * z * z * z


def test_argnums():
    at = (2.0, 3.0, 5.0)
    slopes = (9 * 125.0, 2 * 2 * 3 * 125.0, 3 * 2 * 9 * 25.0)
    assert grad(cubic)(*at) == slopes[0] and grad(cubic, 1)(*at) == slopes[1]
    assert grad(cubic, argnums=-1)(*at) == slopes[2]
    assert grad(cubic, argnums=(2, 0))(*at) == (slopes[2], slopes[0])
    assert grad(cubic, argnums=[-2])(*at) == (slopes[1],)
    assert grad(cubic, argnums=())(*at) == ()
    value, (first,) = value_and_grad(cubic, argnums=(1,))(*at)
    assert value == 2 * 9 * 125.0 and first == slopes[1]


def test_keywords_are_passed_on():
    assert grad(lambda x, *, scale, shift=0.0: x * scale + shift)(2.0, scale=3.0, shift=1.0) == 3.0


def test_has_aux():
    def f(x):
        return x * x, {"note": "kept", "x": x}

    gradient, aux = grad(f, has_aux=True)(3.0)
    assert gradient == 6.0 and aux["note"] == "kept"
    (value, aux), gradient = value_and_grad(f, has_aux=True)(3.0)
    assert (value, gradient) == (9.0, 6.0)
    out, pullback, aux = vjp(f, 3.0, has_aux=True)
    assert out == 9.0 and pullback(2.0) == (12.0,) and aux["note"] == "kept"
    out, tangent, aux = jvp(f, (3.0,), (2.0,), has_aux=True)
    assert (out, tangent, aux["note"]) == (9.0, 12.0, "kept")


def test_nested_containers():
    def f(tree, other):
        (a, [b]), p = tree["pair"], tree["point"]
        return a * b * p.x + (p.y * numpy.asarray([1.0, 2.0])).sum() * other[0]

    tree = {"point": Point(2.0, numpy.asarray([3.0, 4.0])), "pair": (5.0, [7.0])}
    for argnums in (0, (0, 1)):
        g = grad(f, argnums)(tree, [10.0])
        g = g if argnums == 0 else g[0]
        assert list(g) == ["point", "pair"] and type(g["point"]) is Point
        assert g["pair"] == (14.0, [10.0]) and g["point"].x == 35.0
        assert type(g["point"].y) is numpy.ndarray and g["point"].y.tolist() == [10.0, 20.0]
    assert grad(f, 1)(tree, [10.0]) == [11.0]
    _, tangent = jvp(f, (tree, [10.0]), (g, [0.0]))
    assert tangent == pytest.approx(14.0**2 + 100.0 + 35.0**2 + 500.0)
    assert grad(lambda t: t["x"] * 2.0)({"x": 1.0, "empty": []}) == {"x": 2.0, "empty": []}


@pytest.mark.parametrize(("x", "kind"), [
    (2.0, float), (2, float), (numpy.asarray(2.0), numpy.ndarray),
    (numpy.float64(2), numpy.ndarray), (numpy.float32(2), numpy.ndarray),
    (numpy.asarray([2.0]), numpy.ndarray), (Value(2.0), Value), (Tensor(2.0), Tensor),
    (Tensor(2.0, requires_grad=True), Tensor)])
def test_plain_in_plain_out(x, kind):
    def f(t):
        cube = t * t * t
        return cube if kind in (float, Value) else np.sum(cube)

    value, slope = value_and_grad(f)(x)
    tangent = jvp(f, (x,), (x * 0 + 1,))[1]
    for found, expected in ((value, 8.0), (slope, 12.0), (tangent, 12.0)):
        if kind is numpy.ndarray:                       # NumPy's own arithmetic gives 0-d scalars
            assert isinstance(found, numpy.ndarray | numpy.generic)
        else:
            assert type(found) is kind
        assert (found.item() if kind is not float else found) == expected
    if kind in (numpy.ndarray, Tensor):
        assert slope.shape == x.shape and slope.dtype == x.dtype


def test_numbers_beside_arrays():
    """A float among arrays, and a float whose function closes over an array."""
    assert grad(lambda t: np.sum(t * t))(2.0) == 4.0 and type(grad(np.sum)(2.0)) is float
    assert grad(lambda s: (X * s).sum())(2.0) == pytest.approx(X.sum())
    by_w, by_b = grad(lambda w, b: ((A @ w + b) ** 2).sum(), (0, 1))(X, 0.5)
    close(by_w, 2 * A.T @ (A @ X + 0.5))
    assert type(by_b) is float and by_b == pytest.approx(2 * (A @ X + 0.5).sum())
    assert jvp(lambda w, b: (w * b).sum(), (X, 2.0), (0 * X, 1.0))[1] == pytest.approx(X.sum())
    close(grad(grad(lambda s: (X * s * s).sum()))(2.0), 2 * X.sum())


def test_a_gradient_of_a_recorded_argument_is_recorded():
    v = Value(3.0)
    grad(lambda t: t * t * t)(v).backward()
    assert v.grad == 18.0
    x = Tensor([1.0, 2.0], requires_grad=True)
    grad(lambda t: (t ** 3).sum())(x).sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]
    assert not grad(lambda t: (t ** 3).sum())(Tensor([1.0])).requires_grad


# -- nesting ---------------------------------------------------------------------------------------

def test_perturbations_are_not_confused():
    assert grad(lambda x: grad(lambda y: x * y)(x))(3.0) == 1.0             # 2 where they are
    assert grad(lambda x: x * grad(lambda y: x + y)(2.0))(5.0) == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(5.0) == 10.0
    assert grad(lambda x: grad(lambda y: x * x * y * y)(x))(3.0) == 6 * 9.0

    def push(f):
        return lambda x: jvp(f, (x,), (1.0,))[1]

    for outer in (grad, push):
        for inner in (grad, push):
            assert outer(lambda x, d=inner: d(lambda y: x * y)(x))(3.0) == 1.0
            assert outer(lambda x, d=inner: x * d(lambda y: x + y)(1.0))(1.0) == 1.0
            assert outer(lambda x, d=inner: d(lambda y: x * y * y)(2.0))(3.0) == 4.0
            assert outer(inner(np.sin))(0.5) == pytest.approx(-math.sin(0.5))
    x = numpy.asarray([3.0, 4.0])
    g = grad(lambda t: grad(lambda s: (t * s).sum())(t).sum())(x)
    assert g.tolist() == [1.0, 1.0]


def test_any_order():
    f = np.tanh
    t = math.tanh(0.5)
    u = 1 - t * t
    expected = [u, -2 * t * u, u * (6 * t * t - 2), u * (16 * t - 24 * t**3)]
    for order in range(4):
        f = grad(f)
        assert f(0.5) == pytest.approx(expected[order], rel=1e-12)
    g = grad(grad(grad(lambda x: x**5)))
    assert g(2.0) == 60 * 4.0 and g(Value(2.0)).data == 240.0
    assert jvp(lambda x: jvp(lambda y: jvp(lambda z: z**4, (y,), (1.0,))[1], (x,), (1.0,))[1],
               (2.0,), (1.0,))[1] == 48.0


def test_closures_over_outer_nodes():
    w, v = Value(3.0), Tensor([1.0, 2.0], requires_grad=True)
    slope = grad(lambda x: w * x * x)(2.0)
    assert slope.data == 12.0
    slope.backward()
    assert w.grad == 4.0
    g = grad(lambda x: (v * x * x).sum())(numpy.asarray([3.0, 4.0]))
    assert g.tolist() == [6.0, 16.0]
    g.sum().backward()
    assert v.grad.tolist() == [6.0, 8.0]
    assert grad(lambda x: x * 2.0 + (w * 0.0).data)(1.0) == 2.0
    tangent = jvp(lambda x: w * x * x, (2.0,), (1.0,))[1]
    tangent.backward()
    assert w.grad == 4.0 + 4.0


def test_an_outer_graph_is_neither_written_nor_walked():
    w = Value(1.0)
    long = w
    for _ in range(1000):
        long = long * 1.001
    before = w.grad
    found = grad(lambda x: x * long * long)(2.0)
    assert w.grad is before and found.data == pytest.approx(long.data ** 2)
    assert all(node.grad is before for node in (w, long))


def test_under_no_grad():
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert hessian(np.prod)(numpy.asarray([2.0, 3.0])).tolist() == [[0.0, 1.0], [1.0, 0.0]]
        slope = grad(lambda x: x * x)(Value(3.0))
        assert getattr(slope, "data", slope) == 6.0 and not recording()
    assert getattr(slope, "op", None) is None


def test_ignored_arguments():
    close(grad(lambda x, y: (x * x).sum(), (0, 1))(X, A)[1], numpy.zeros((4, 3)))
    close(hessian(lambda x: x.sum())(X), numpy.zeros((3, 3)))
    assert grad(grad(lambda x: np.where(x > 0, np.sqrt(x), 0.0)))(0.0) == 0.0   # without a warning
    assert grad(lambda x: x)(2.0) == 1.0 and grad(lambda x: x.detach() * x)(3.0) == 3.0


@pytest.mark.parametrize("derive, zero", [
    (lambda: grad(lambda x: 3.0)(2.0), 0.0),
    (lambda: grad(lambda x, y: y)(2.0, 1.0), 0.0),
    (lambda: grad(lambda x: np.sum(np.sin(x)).item())(X), [0.0] * 3),
    (lambda: grad(lambda x: numpy.asarray(3.0))(X), [0.0] * 3),
    (lambda: jvp(lambda x: 3.0, (2.0,), (1.0,)), (3.0, 0.0)),
    (lambda: jvp(lambda x: numpy.ones(2), (X,), (X,))[1], [0.0, 0.0]),
    (lambda: vjp(lambda x: 3.0, 2.0)[1](1.0), (0.0,)),
    (lambda: jacobian(lambda x: numpy.ones(2))(X), [[0.0] * 3] * 2)])
def test_plain_numbers_depend_on_nothing_and_warn(derive, zero):
    with pytest.warns(GradientWarning, match="plain numbers.*the gradient is 0"):
        found = derive()
    assert (found.tolist() if isinstance(found, numpy.ndarray) else found) == zero


def test_a_list_beside_a_tensor_is_an_array():
    x = Tensor(X, requires_grad=True)
    for ours, theirs in [([1, 2, 3] * x, [1, 2, 3] * X), (x - (1.0, 2.0, 3.0), X - [1.0, 2.0, 3.0]),
                         ([[1], [2]] - x, [[1], [2]] - X), (x @ [1.0, 2.0, 3.0], X @ [1, 2, 3]),
                         (x > [0, 1, 0], X > [0, 1, 0])]:
        close(ours.data, theirs)
    with pytest.raises(DtypeError, match=r"a list of Value.*\n.*np\.asarray"):
        grad(lambda x: np.sum(x * np.ones(2)))([1.0, 2.0])


# -- laws ------------------------------------------------------------------------------------------

def smooth(x):
    return np.tanh(A @ x) * np.sum(x * x) + np.exp(x[0] * x[1])


@pytest.mark.parametrize("f", [smooth, lambda x: A @ x, lambda x: np.outer(x, x), np.sum,
                               lambda x: x[::-1].reshape((1, 3)), np.softmax, np.cumulative_prod,
                               lambda x: np.concat([x, x * x])])
def test_jacobian_modes_agree(f):
    reverse, forward = jacobian(f)(X), jacobian(f, mode="forward")(X)
    assert reverse.shape == forward.shape == (*numpy.shape(f(X)), 3)
    close(forward, reverse)
    h = 1e-6
    numeric = numpy.stack([(f(X + h * e) - f(X - h * e)) / (2 * h) for e in numpy.eye(3)], axis=-1)
    numpy.testing.assert_allclose(reverse, numeric, rtol=1e-6, atol=1e-8)


def test_jacobian_of_several_axes_and_of_numbers():
    M = random.normal(size=(2, 3))
    found = jacobian(lambda m: m @ A.T)(M)
    expected = numpy.einsum("ik,jl->ijkl", numpy.eye(2), A)
    close(found, expected)
    close(jacobian(lambda m: m @ A.T, mode="forward")(M), expected)
    assert jacobian(lambda x: x * x)(3.0) == 6.0 == jacobian(lambda x: x * x, mode="forward")(3.0)
    for mode in ("reverse", "forward"):
        assert jacobian(lambda x: np.asarray([x, x * x]), mode=mode)(3.0).tolist() == [1.0, 6.0]


def test_hessian_against_closed_forms():
    S = A.T @ A
    close(hessian(lambda x: 0.5 * x @ S @ x)(X), S)
    close(hessian(lambda x: np.sum(x**3))(X), numpy.diag(6 * X))
    p = np.softmax(X)
    close(hessian(np.logsumexp)(X), numpy.diag(p) - numpy.outer(p, p))
    r = numpy.linalg.norm(X)
    close(hessian(np.norm)(X), numpy.eye(3) / r - numpy.outer(X, X) / r**3)
    H = hessian(lambda x: np.sum(smooth(x)))(X)
    close(H, H.T)
    assert hessian(lambda x: x**3)(2.0) == 12.0


def test_hvp_is_the_hessian_times_the_vector():
    def f(x):
        return np.sum(smooth(x))

    v = random.normal(size=3)
    close(hvp(f, X, v), hessian(f)(X) @ v)
    assert hvp(lambda x: x**3, 2.0, 5.0) == 60.0
    tree = hvp(lambda t: t["a"] * t["a"] * t["b"], {"a": 2.0, "b": 3.0}, {"a": 1.0, "b": 10.0})
    assert tree == {"a": 46.0, "b": 4.0}


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8), st.floats(-3, 3))
def test_vjp_is_linear_and_the_adjoint_of_jvp(numbers, scale):
    u, w, t = (numpy.asarray(numbers[part]) for part in (slice(4), slice(4, 8), slice(3)))
    out, pullback = vjp(smooth, X)
    close(out, smooth(X))
    close(pullback(u + scale * w)[0], pullback(u)[0] + scale * pullback(w)[0])
    assert pullback(numpy.zeros(4))[0].tolist() == [0.0] * 3
    pushed = jvp(smooth, (X,), (t,))[1]
    assert float(u @ pushed) == pytest.approx(float(pullback(u)[0] @ t), rel=1e-10, abs=1e-10)


def test_elementwise_grad():
    x = numpy.linspace(-1, 1, 6).reshape(2, 3)
    close(elementwise_grad(np.sin)(x), numpy.cos(x))
    close(elementwise_grad(elementwise_grad(np.sin))(x), -numpy.sin(x))
    close(elementwise_grad(lambda p, q: p * q * q, argnums=1)(x, x), 2 * x * x)
    assert elementwise_grad(np.sin)(0.0) == 1.0


def test_grad_in_training_code():
    def loss(parameters, x, y):
        hidden = np.tanh(x @ parameters["W"] + parameters["b"])
        return np.mean((hidden - y) ** 2)

    parameters = {"W": random.normal(size=(3, 2)), "b": numpy.zeros(2)}
    x, y = random.normal(size=(20, 3)), random.uniform(-0.5, 0.5, size=(20, 2))
    losses = []
    for _ in range(30):
        value, g = value_and_grad(loss)(parameters, x, y)
        assert type(value) in (float, numpy.float64, numpy.ndarray) and float(value) >= 0
        parameters = {name: parameters[name] - 0.5 * g[name] for name in parameters}
        losses.append(float(value))
    assert losses[-1] < losses[0] and type(parameters["W"]) is numpy.ndarray
