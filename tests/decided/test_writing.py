"""Decided once: writing to Tensors, changes to recorded data, and the ways out of the graph."""

import gc
import math

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GradientWarning, GraphError, StorageError, Tensor, Value, grad, jvp
from autograd.primitive import Primitive


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- writes ---------------------------------------------------------------------------------------------

def test_writes_rebind_the_handle_and_differentiate():
    def f(x, v):
        y = x * 2.0
        before = (y * y).sum()                          # recorded: must not see the writes below
        y[1] = v * 3.0
        y += x
        y[:1] = y[:1] * v
        y -= 1.0
        y **= 2
        return before + (y * numpy.asarray([1.0, 10.0, 100.0])).sum()

    x, v, h = numpy.asarray([0.5, -1.0, 2.0]), 1.5, 1e-6
    by_x, by_v = grad(f, argnums=(0, 1))(x, numpy.asarray(v))
    numeric = [(f(Tensor(x + h * u), v) - f(Tensor(x - h * u), v)).item() / (2 * h)
               for u in numpy.eye(3)]
    numpy.testing.assert_allclose(by_x, numeric, rtol=1e-7)
    slope = (f(Tensor(x), v + h) - f(Tensor(x), v - h)).item() / (2 * h)
    assert float(by_v) == pytest.approx(slope, rel=1e-7)
    tangent = jvp(f, (x, numpy.asarray(v)), (numpy.ones(3), numpy.asarray(1.0)))[1]
    assert float(tangent) == pytest.approx(by_x.sum() + float(by_v), rel=1e-12)


def test_writes_move_the_handle_not_what_was_recorded():
    x = leaf([1.0, 2.0])
    y = x * 1.0
    alias, old = y, y.node
    y[0] = 7.0
    assert alias.tolist() == [7.0, 2.0] and y.node is not old and old.data.tolist() == [1.0, 2.0]
    y += 1.0
    assert alias is y and alias.tolist() == [8.0, 3.0] and x.tolist() == [1.0, 2.0]
    y.sum().backward()
    assert x.grad.tolist() == [0.0, 1.0]


def test_writes_of_a_recorded_value_into_an_unrecorded_tensor():
    x, y = leaf([1.0, 2.0]), Tensor([0.0, 0.0, 0.0])
    y[1:] = x * 3.0
    assert y.requires_grad and y.tolist() == [0.0, 3.0, 6.0]
    y.sum().backward()
    assert x.grad.tolist() == [3.0, 3.0]


def test_writes_without_a_tape_go_through():
    array = numpy.zeros(3)
    x = Tensor(array)
    view = x[1:]
    node = x.node
    view[0] = 5.0
    x += 1.0
    x[2] = 9.0
    assert array.tolist() == [1.0, 6.0, 9.0] == x.tolist() and view.tolist() == [6.0, 9.0]
    assert x.node is node and x.data is array


def test_writes_keep_the_dtype():
    x = Tensor([1.0, 2.0], dtype="float32", requires_grad=True)
    y = x * 1.0
    y += numpy.asarray([0.5, 0.5])
    y[0] = numpy.float64(3)
    assert y.dtype == numpy.float32
    y.sum().backward()
    assert x.grad.dtype == numpy.float32 and x.grad.tolist() == [0.0, 1.0]
    whole = Tensor([1, 2])
    with pytest.raises((DtypeError, TypeError)):        # NumPy refuses as well: half would be lost
        whole += 1.5
    assert whole.tolist() == [1, 2]


@pytest.mark.parametrize("look", [lambda y: y[1:], lambda y: y.reshape(3, 1), lambda y: y.detach(),
                                  lambda y: y[::-1][1:], lambda y: np.flip(y),
                                  lambda y: np.broadcast_to(y, (2, 3)), lambda y: np.split(y, 3)[0]])
def test_writes_while_a_live_view_shares_the_buffer_raise(look):
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    view = look(y)
    with pytest.raises(GraphError, match=r"shares its memory(.|\n)*help: "):
        y[0] = 5.0
    with pytest.raises(GraphError, match="shares its memory"):
        y += 1.0
    if view.requires_grad and view.data.flags.writeable:
        with pytest.raises(GraphError, match="shares its memory"):
            view[...] = 5.0
    assert y.tolist() == [1.0, 2.0, 3.0]
    del view
    y[0] = 5.0                                          # nobody looks: the write is fine
    assert y.tolist() == [5.0, 2.0, 3.0]


def test_writes_know_views_of_views_and_copies():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    view = y[:][1:]                                     # the view between is not held by a name
    with pytest.raises(GraphError, match="shares its memory"):
        y[0] = 5.0
    copy = view * 1.0
    copy[0] = 9.0
    del view
    picked = y[numpy.asarray([0, 1])]                   # an integer array copies
    y[0] = 5.0
    assert picked.tolist() == [1.0, 2.0] and copy.tolist() == [9.0, 3.0]


def test_writes_a_view_holds_its_base_and_the_base_not_its_views():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    for _ in range(3):
        y[1:].sum()
    gc.collect()
    view = y[1:]
    del y
    with pytest.raises(GraphError, match="shares its memory"):
        view[0] = 0.0                                   # its base is alive through the view alone


def test_writes_on_a_leaf_that_requires_grad():
    x = leaf([1.0, 2.0])
    array, node = x.data, x.node

    def set_item():
        x[0] = 5.0

    def add():
        nonlocal x
        x += 1.0

    for write in (set_item, add):
        with pytest.raises(GraphError, match=r"help: (.|\n)*no_grad\(\)"):
            write()
    assert x.tolist() == [1.0, 2.0]
    with autograd.no_grad():
        set_item()
        add()
    assert x.tolist() == [6.0, 3.0] == array.tolist()
    assert x.is_leaf and x.requires_grad and x.node is node and x.data is array
    (x * x).sum().backward()
    assert x.grad.tolist() == [12.0, 6.0]


# -- mutation of recorded data -------------------------------------------------------------------------------

def test_mutation_of_recorded_data_is_named_in_debug_mode():
    x = leaf([1.0, 2.0])
    x.label = "weights"
    y = (x * x).sum()
    x.data[0] = 5.0
    y.backward()                                        # the hole that debug mode is for
    with autograd.debug(), pytest.raises(GraphError, match=r"multiply(.|\n)*weights(.|\n)*help: "):
        y.backward()


def test_mutation_of_recorded_data_of_values():
    a = Value(3.0, label="a")
    y = (a * a).exp()
    a.data = 2.0
    with autograd.debug(), pytest.raises(GraphError, match=r"multiply of .*3\.0|multiply(.|\n)*'a'"):
        y.backward()
    assert a.grad == 0.0
    with autograd.no_grad():
        x = leaf([1.0, 2.0])
    z = x * x
    with autograd.no_grad():
        z[0] = 100.0
    with autograd.debug(), pytest.raises(GraphError, match=r"100(.|\n)*help"):
        z.sum().backward()


def test_mutation_is_not_seen_where_there_is_none():
    x, v = leaf([[1.0, -2.0], [math.nan, math.inf]]), Value(2.0)
    with autograd.debug(), numpy.errstate(all="ignore"):
        y = np.log(x) + x[0] * x[:, :1]
        first, second = np.split(y, 2)
        y = np.concat([first.T, second.T]) + np.stack([v, v * v])
        y[0] = np.softmax(x[1])
        y.sum().backward()
        (x.values()[0][1] * v).tanh().backward()
        with autograd.no_grad():
            x += 1.0                                    # an optimiser's step between two graphs
        (x * x).sum().backward()
    assert v.grad != 0.0


# -- leaving the graph ----------------------------------------------------------------------------------------

def test_leaving_the_graph_is_never_silent():
    x, v = leaf([1.0]), Value(1.0)
    for leave in (lambda: numpy.asarray(x), lambda: x.numpy(), lambda: numpy.from_dlpack(x),
                  lambda: numpy.asarray([x[0], x[0]], dtype=float)):
        with pytest.raises((GraphError, GradientWarning), match=r"detach\(\)|\.item\(\)"):
            leave()
    for leave in (lambda: numpy.exp(x), lambda: numpy.exp(v), lambda: numpy.add(v, v),
                  lambda: numpy.add(x, numpy.ones(1)), lambda: numpy.dot(x, x),
                  lambda: numpy.concatenate([x, x]), lambda: numpy.asarray([v], dtype=float)):
        with pytest.raises((TypeError, GraphError, GradientWarning)):
            leave()
    assert Tensor.__array_ufunc__ is Value.__array_ufunc__ is None
    assert numpy.asarray(x.detach()).tolist() == x.data.tolist() == [1.0] == [x.item()]
    assert numpy.from_dlpack(x.detach()).tolist() == [1.0]
    assert numpy.asarray(Tensor([1.0])).tolist() == Tensor([1.0]).numpy().tolist() == [1.0]


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


# -- beside one another ---------------------------------------------------------------------------------------

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
    for found, expected in ((X > W, X > W.data), (X == W, X == W.data), (W <= X, W.data <= X)):
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
    for t in (Tensor([1.0]), leaf(1.0)):
        mixes = [lambda: v + t, lambda: t + v, lambda: v * t, lambda: t ** v, lambda: v / t,
                 lambda: np.maximum(t, v), lambda: np.where(t > 0, v, t), lambda: np.atan2(v, t),
                 lambda: v == t, lambda: t < v, lambda: v - t, lambda: t % v]
        for mix in mixes:
            with pytest.raises(DtypeError, match=r"Value(.|\n)*help: (.|\n)*stack\(\[values\]\)"):
                mix()


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
