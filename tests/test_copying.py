"""Copies and pickles of Tensors: no recursion, sharing kept, hooks and views left behind."""

import copy
import pickle

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import GraphError, Tensor, Value, elementwise
from autograd.primitive import table
from autograd.sweep import history


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_constants_of_a_copy_keep_their_numbers(again):
    x, h = leaf([1.0, 2.0]), Tensor([3.0, 4.0])
    x, h, y = again((x, h, (x * h).sum()))
    h *= 0.0
    y.backward()
    assert x.grad.data.tolist() == [3.0, 4.0]


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


def round_trip(x):
    """Pickled and read again."""
    return pickle.loads(pickle.dumps(x))


both = pytest.mark.parametrize("make", [round_trip, copy.deepcopy])


@both
def test_a_leaf_keeps_everything(make):
    x = Tensor(numpy.asarray([1, 2], "float32"), requires_grad=True, label="x")
    (x * 3.0).sum().backward()
    again = make(x)
    assert again.dtype == numpy.float32 and again.label == "x" and again.requires_grad
    assert again.tolist() == [1.0, 2.0] and again.grad.tolist() == [3.0, 3.0]
    with autograd.no_grad():
        again[0] = 9.0
    assert x.tolist() == [1.0, 2.0]                     # the array is copied
    assert not make(Tensor([1.0])).requires_grad


@both
def test_a_graph_keeps_its_sharing(make):
    x = leaf([1.0, 2.0])
    y = x * x
    again_x, again_y, loss = make((x, y, (y * x).sum()))
    loss.backward()
    assert again_x.grad.tolist() == [3.0, 12.0] and x.grad is None
    assert again_y.node in history([loss.node])


@both
def test_a_graph_of_every_kind_of_operation(make):
    x, v = leaf([[1.0, 2.0], [3.0, 4.0]]), Value(0.5)
    first, second = np.split(x, 2)
    y = np.softmax(first @ x) * np.max(second) + np.stack([v, v * v])
    y = np.concat([y, x[:, ::-1]], axis=0) + np.prod(x)
    loss = (np.where(y > 3, y, -y) ** 2).sum()
    x2, v2, again = make((x, v, loss))
    again.backward()
    loss.backward()
    assert x2.grad.tolist() == x.grad.tolist() and v2.grad == v.grad != 0.0


@both
def test_a_deep_graph(make):
    x = y = leaf([1.0])
    for _ in range(20_000):
        y = y + x * 0.5
    x2, y2 = make((x, y))
    y2.backward()
    assert x2.grad.tolist() == [10_001.0]
    mixed = Value(1.0)
    for _ in range(3_000):
        mixed = (np.stack([mixed, mixed]) * 0.5).sum().values()
    assert make(mixed).data == 1.0


def test_a_shallow_copy_shares_the_node():
    x = leaf([1.0])
    y = copy.copy(x)
    (y * 2.0).backward()
    assert y is not x and y.node is x.node and x.grad.tolist() == [2.0]
    z = x * 1.0
    w = copy.copy(z)
    w += 5.0                                            # moves one handle, not the other
    assert z.tolist() == [1.0] and w.tolist() == [6.0]


def test_a_hook_is_not_copied():
    x, seen = leaf([1.0]), []
    x.register_hook(lambda g: seen.append(g))
    again = copy.deepcopy(x)
    (again * 2.0).backward()
    assert not seen and again.grad.tolist() == [2.0]


def test_a_primitive_is_pickled_by_name():
    op = elementwise("doubled_here", lambda g: 2 * g, forward=lambda xp, x: 2 * x)
    data = pickle.dumps(op(leaf([1.0])))
    again = pickle.loads(data)
    again.backward()
    assert history([again.node])[0].grad.tolist() == [2.0] and copy.deepcopy(op) is op
    del table["doubled_here"]
    with pytest.raises(GraphError, match=r"doubled_here(.|\n)*help: "):
        pickle.loads(data)


def test_a_failed_pickle_leaves_the_next_one_whole():
    x = leaf([1.0])
    bad = x * 1.0
    bad.node.label = lambda: None                       # something pickle refuses, half way
    y = bad * x
    with pytest.raises((pickle.PicklingError, AttributeError, TypeError)):
        pickle.dumps(y)
    z = x
    for _ in range(3000):
        z = z * 1.0
    assert round_trip(z).tolist() == [1.0]
