"""Decided once: writing to Tensors, and changes to recorded data."""

import gc
import math

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GraphError, Tensor, Value, grad, jvp


def leaf(data):
    """A Tensor that requires a gradient, of its own array."""
    return Tensor(numpy.array(data, dtype=float), requires_grad=True)


# -- writes ----------------------------------------------------------------------------------------

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
                                  lambda y: np.broadcast_to(y, (2, 3)),
                                  lambda y: np.split(y, 3)[0]])
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


# -- mutation of recorded data ---------------------------------------------------------------------

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
    with autograd.debug(), pytest.raises(GraphError, match=r"multiply(.|\n)*'a'"):
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
