"""Decided once: the ways out of the graph, and what may stand beside what."""

import itertools
import math
import operator

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GradientWarning, GraphError, StorageError, Tensor, Value, grad, jvp
from autograd.primitive import Primitive


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- leaving the graph -----------------------------------------------------------------------------

def test_leaving_the_graph_is_never_silent():
    x, v = leaf([1.0]), Value(1.0)
    for leave in (lambda: numpy.asarray(x), lambda: x.numpy(), lambda: numpy.from_dlpack(x),
                  lambda: numpy.asarray([x[0], x[0]], dtype=float)):
        with pytest.raises((GraphError, GradientWarning), match=r"detach\(\)|\.item\(\)"):
            leave()
    for leave in (lambda: numpy.exp(x), lambda: numpy.exp(v), lambda: numpy.add.reduce(x),
                  lambda: numpy.dot(x, x), lambda: numpy.concatenate([x, x]), lambda: numpy.sum(x),
                  lambda: numpy.add(x, 1.0, out=numpy.ones(1))):
        with pytest.raises(GraphError, match=r"(numpy\.\w+ of a|recorded)(.|\n)*help: .*data"):
            leave()
    with pytest.raises(GradientWarning):
        numpy.asarray([v], dtype=float)
    numpy.add(x, numpy.ones(1)).backward()              # an operator, and recorded
    assert x.grad.tolist() == [1.0] and numpy.multiply(v, v)._op == "*"
    assert numpy.asarray(x.detach()).tolist() == x.data.tolist() == [1.0] == [x.item()]
    assert numpy.from_dlpack(x.detach()).tolist() == [1.0]
    assert numpy.asarray(Tensor([1.0])).tolist() == Tensor([1.0]).numpy().tolist() == [1.0]


def test_leaving_the_graph_where_there_is_no_gradient_to_lose():
    t = Tensor([1.0, 2.0])
    assert numpy.exp(t).tolist() == numpy.exp([1.0, 2.0]).tolist() and numpy.sum(t) == 3.0
    p = leaf([1.0, 2.0])
    (p * p).sum().backward()
    p.data -= 0.5 * p.grad                              # micrograd's update, on Tensors
    assert p.tolist() == [0.0, 0.0] and p.is_leaf and p.requires_grad


def test_leaving_the_graph_raises_inside_a_transform():
    for f in (lambda x: math.sin(x), lambda x: float(x) * x):
        with pytest.raises(GraphError, match=r"float\(\) of a Value(.|\n)*autograd\.numpy"):
            autograd.grad(f)(1.0)


@pytest.mark.parametrize("thing", [Value(2.5), leaf(2.5), leaf([2.5]) * 1.0])
def test_leaving_the_graph_warns_for_float_and_int(thing):
    for function in (float, int, math.sin, math.floor if isinstance(thing, Tensor) else float):
        with pytest.warns(GradientWarning, match=r"gradient ends here"):
            assert function(thing) == function(2.5)
    assert f"{thing:.2f}" == "2.50" and thing > 2 and thing == 2.5 and bool(thing)
    assert "2.5" in f"{thing}" and "2.5" in str(thing) and thing.item() == 2.5
    assert float(thing.detach() if isinstance(thing, Tensor) else thing.data) == 2.5


def test_leaving_the_graph_without_a_rule_raises_by_name():
    x = leaf([1.0, 2.0])
    for make in (autograd.elementwise, Primitive):
        ruleless = make("ruleless", forward=lambda xp, x: x + 1.0)
        y = ruleless(x).sum()
        with pytest.raises(GraphError, match=r"ruleless(.|\n)*help: "):
            y.backward()
        with pytest.raises(GraphError, match="ruleless"):
            grad(lambda t, f=ruleless: f(t).sum())(numpy.ones(2))
        with pytest.raises(GraphError, match="ruleless"):
            jvp(ruleless, (numpy.ones(2),), (numpy.ones(2),))
    assert not np.argmax(x).requires_grad and not (x > 0).requires_grad


# -- beside one another ----------------------------------------------------------------------------

def test_ndarrays_beside_tensors_are_constants():
    X, W = numpy.asarray([[1.0, 2.0], [3.0, 4.0]]), leaf([[0.5, 1.0], [1.5, 2.0]])
    cases = [(X @ W, X @ W.data), (W @ X, W.data @ X), (X + W, X + W.data), (X - W, X - W.data),
             (X / W, X / W.data), (X ** W, X ** W.data), (X % W, X % W.data), (W * X, W.data * X),
             (X // W, X // W.data), (X[0] * W, X[0] * W.data), (np.matmul(X, W), X @ W.data),
             (np.where(X > 2, X, W), numpy.where(X > 2, X, W.data))]
    for found, expected in cases:
        assert type(found) is Tensor and found.requires_grad
        assert found.tolist() == expected.tolist()
    (X @ W).sum().backward()
    assert W.grad.tolist() == [[4.0, 4.0], [6.0, 6.0]]
    for found, expected in ((W > X, W.data > X), (W == X, W.data == X), (W <= X, W.data <= X)):
        assert type(found) is Tensor and found.tolist() == expected.tolist()
    array = numpy.ones(2)
    array_plus = array + leaf([1.0, 2.0])
    assert type(array_plus) is Tensor and array.tolist() == [1.0, 1.0]


def test_ndarrays_beside_tensors_of_another_storage():
    strict = pytest.importorskip("array_api_strict", reason="install array-api-strict")
    x = Tensor(strict.asarray([1.0, 2.0]), requires_grad=True)
    array = numpy.ones(2)
    for mix in (lambda: x + array, lambda: array + x, lambda: x * Tensor(array), lambda: x @ array,
                lambda: np.maximum(x, array), lambda: np.concat([Tensor(array), x])):
        with pytest.raises(StorageError, match=r"array_api_strict(.|\n)*numpy|numpy(.|\n)*strict"):
            mix()
    assert (x * 2.0 + 1).tolist() == [3.0, 5.0]


def test_ndarrays_beside_tensors_creation_functions_give_tensors():
    made = [np.zeros(2), np.ones((2, 2)), np.full(2, 3.0), np.arange(3), np.linspace(0, 1, 3),
            np.eye(2), np.array([1.0]), np.asarray(numpy.ones(2)), np.zeros_like(numpy.ones(2)),
            np.ones_like([1.0]), np.full_like(leaf([1.0]), 2.0)]
    assert all(type(x) is Tensor and not x.requires_grad for x in made)
    a, b = Value(2.0), leaf([3.0])
    np.array([[a, 1.0], [b[0].values(), a * a]]).sum().backward()
    assert a.grad == 5.0 and b.grad.tolist() == [1.0]


def test_value_beside_tensor_raises():
    v = Value(2.0)
    operators = [operator.add, operator.mul, operator.pow, operator.truediv, operator.sub,
                 operator.mod, operator.eq, operator.lt, np.maximum, np.atan2,
                 lambda x, y: np.where(x.data > 0, x, y)]
    for t, mix in itertools.product((Tensor([1.0]), leaf(1.0)), operators):
        for x, y in ((v, t), (t, v)):
            with pytest.raises(DtypeError, match=r"Value(.|\n)*help: (.|\n)*stack\(\[values\]\)"):
                mix(x, y)


def test_value_beside_tensor_bridges_carry_gradients():
    def f(x):
        a, b, c = x.values()
        return np.stack([a * b, b ** 2, np.sin(c) * a]).sum()

    x = numpy.asarray([1.0, -2.0, 0.5])
    expected = [-2 + math.sin(0.5), 1 - 4, math.cos(0.5)]
    numpy.testing.assert_allclose(grad(f)(x), expected)
    assert jvp(f, (x,), (numpy.ones(3),))[1] == pytest.approx(sum(expected))
    c = math.cos(0.5)
    numpy.testing.assert_allclose(autograd.hessian(f)(x),
                                  [[0, 1, c], [1, 2, 0], [c, 0, -math.sin(0.5)]])
    v, t = Value(3.0), leaf([[1.0, 2.0], [3.0, 4.0]])
    (t.values()[1][0] * v).backward()
    assert v.grad == 3.0 and t.grad.tolist() == [[0.0, 0.0], [3.0, 0.0]]
    np.stack([[v, v * 2.0], [v, 1.0]]).sum().backward()
    assert v.grad == 3.0 + 4.0
