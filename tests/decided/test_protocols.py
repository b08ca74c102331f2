"""Decided once: equality, operations with several outputs, and PyTorch's habits."""


import numpy
import pytest

import autograd.numpy as np
from autograd import GraphError, ShapeError, Tensor, Value, grad, hessian, jvp, vjp


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- == and hash -----------------------------------------------------------------------------------

def test_eq_and_hash_of_values():
    a, b = Value(2.0), Value(2.0)
    assert (a == b) is True and (a != b) is False and (a == 2) is True
    assert (2.0 == a) is True  # noqa: SIM300
    assert all((a == other) is False for other in (Value(float("nan")), None, "a", [], 2.5))
    assert len({a, b}) == 2 and hash(a) != hash(b) and {a: 1, b: 2}[b] == 2
    a.data = 7.0
    assert a in {a}                                     # the hash is not that of the data


def test_eq_and_hash_of_tensors():
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    assert (x == y).tolist() == [True, False] and (x != y).tolist() == [False, True]
    assert (x == 1.0).tolist() == [True, False] and (x == numpy.ones(2)).tolist() == [True, False]
    assert len({x, y, x}) == 2 and hash(x) != hash(Tensor([1.0, 2.0]))


def test_eq_and_hash_equal_nodes_are_told_apart():
    """Leaves with equal data: `in` or == on nodes would mix them up."""
    a, b = Value(2.0), Value(2.0)
    (a * 3.0 + b * 5.0 + a * b).backward()
    assert (a.grad, b.grad) == (5.0, 7.0)
    x, y = leaf([2.0, 2.0]), leaf([2.0, 2.0])
    (x * 3.0 + y * 5.0).sum().backward()
    assert (x.grad.tolist(), y.grad.tolist()) == ([3.0, 3.0], [5.0, 5.0])
    assert grad(lambda p, q: p * 3.0 + q * 5.0, argnums=(0, 1))(2.0, 2.0) == (3.0, 5.0)


# -- several outputs -------------------------------------------------------------------------------

def test_several_outputs_are_items_of_one_node():
    x = leaf([1.0, 2.0, 3.0, 4.0])
    first, second = np.split(x, 2)
    (node,), (other,) = first.node.args, second.node.args
    assert node is other and isinstance(node.data, tuple) and len(node.data) == 2
    assert first.node.op.name == "item" and node.args == (x.node,)


def test_several_outputs_absent_cotangents_are_zeros():
    x = numpy.asarray([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert grad(lambda t: np.split(t, 3)[1].sum())(x).tolist() == [0, 0, 1, 1, 0, 0]

    def f(t):
        a, b, _ = np.split(t, [2, 3])
        return (a * a * b).sum() + a[0]

    assert grad(f)(x).tolist() == [7.0, 12.0, 5.0, 0.0, 0.0, 0.0]
    assert jvp(f, (x,), (numpy.ones(6),))[1] == 24.0
    expected = numpy.zeros((6, 6))
    expected[0, 0] = expected[1, 1] = 6.0
    expected[0, 2] = expected[2, 0] = 2.0
    expected[1, 2] = expected[2, 1] = 4.0
    assert hessian(f)(x).tolist() == expected.tolist()


def test_several_outputs_used_more_than_once():
    x = leaf([2.0, 3.0])
    a, b = np.split(x, 2)
    (a * b + b * a + a).sum().backward()
    assert x.grad.tolist() == [7.0, 4.0]
    out, pullback = vjp(lambda t: tuple(np.split(t, 2)), x.data)
    assert isinstance(out, tuple)
    assert pullback((numpy.ones(1), numpy.zeros(1)))[0].tolist() == [1, 0]


# -- PyTorch's habits ------------------------------------------------------------------------------

def test_pytorch_habits_grad_is_a_detached_tensor():
    x = leaf([1.0, 2.0])
    y = (x ** 3).sum()
    y.backward(retain_graph=True)
    assert type(x.grad) is Tensor and not x.grad.requires_grad and x.grad.is_leaf
    y.backward()                                        # retain_graph is accepted, and needless
    y.backward(retain_graph=False)
    y.backward()
    assert x.grad.tolist() == [12.0, 48.0]


def test_pytorch_habits_create_graph():
    x = leaf([1.0, 2.0])
    (x ** 3).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad and first.tolist() == [3.0, 12.0]
    x.grad = None
    first.sum().backward()
    assert x.grad.tolist() == [6.0, 12.0]


def test_pytorch_habits_backward_with_a_gradient():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    seed = numpy.asarray([[1.0, 10.0], [100.0, 0.0]])
    for gradient in (seed, Tensor(seed), seed.tolist(), Tensor(seed, dtype="float32")):
        x.grad = None
        (x * x).backward(gradient)
        assert x.grad.tolist() == (2 * x.data * seed).tolist() and x.grad.dtype == numpy.float64
    with pytest.raises(ShapeError, match=r"\(2, 2\)(.|\n)*help: "):
        (x * x).backward()
    with pytest.raises(ShapeError, match=r"\(2,\)(.|\n)*\(2, 2\)(.|\n)*help: "):
        (x * x).backward(numpy.ones(2))
    (x[:1, :1] * 1.0).backward()                        # one element, whatever its shape
    v = Value(3.0)
    (v * v).backward(0.5)
    assert v.grad == 3.0


def test_pytorch_habits_hooks():
    x, seen = leaf([1.0, 2.0]), []
    y = x * x
    remove = y.register_hook(lambda g: seen.append(g.tolist()))
    (y.sum() + (y * 2.0).sum()).backward()
    assert seen == [[3.0, 3.0]] and type(y.grad) is type(None)    # once, with the final sum
    remove()
    y.sum().backward()
    assert len(seen) == 1
    x.grad = None
    x.register_hook(lambda g: g * 10.0)
    y.sum().backward()
    assert x.grad.tolist() == [20.0, 40.0]
    with pytest.raises(GraphError, match="help: "):
        Tensor([1.0]).register_hook(print)


def test_pytorch_habits_a_hook_inside_changes_what_flows_on():
    x = leaf([1.0, 2.0])
    y = x * x
    y.register_hook(lambda g: g * 10.0)
    (y * 3.0).sum().backward()
    assert x.grad.tolist() == [60.0, 120.0]


def test_pytorch_habits_zero_grad():
    nn = pytest.importorskip("nn", reason="the nn package of this project")
    model = nn.Linear(2, 1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    for zero_grad in (model.zero_grad, optimizer.zero_grad):
        model(Tensor([[1.0, 2.0]])).sum().backward()
        assert all(p.grad is not None for p in model.parameters())
        zero_grad()
        assert all(p.grad is None or not p.grad.data.any() for p in model.parameters())
