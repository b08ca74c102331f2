"""Decided once: writing to Tensors, and changes to recorded data."""

import math
import operator
import weakref

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import DtypeError, GraphError, Tensor, Value, grad, jvp, keeping, vjp


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
    y[1] = 7                                            # an integer in floats is exact
    assert y.dtype == numpy.float32 and y.tolist() == [3.0, 7.0]


@pytest.mark.parametrize("held, given", [
    ([1, 2], 1.5), ([1, 2], numpy.asarray([1.5, 2.5])), ([True, False], 2), ([1.0, 2.0], 1j),
    ([1.0, 2.0], leaf([1.0, 2.0]) * 1j), ([1, 2], leaf([1.0, 2.0]))], ids=str)
def test_writes_that_would_lose_part_of_a_number_raise(held, given):
    x = Tensor(numpy.asarray(held))

    def part():
        x[:] = given

    def whole():
        nonlocal x
        x += given

    for write in (part, whole):
        with pytest.raises(DtypeError, match="help: "):
            write()
    assert x.tolist() == held


def test_writes_and_reads_that_cannot_be_say_what_to_write():
    x = leaf([1.0, 2.0, 3.0]) * 1.0
    with pytest.raises(GraphError, match=r"deleted(.|\n)*help: (.|\n)*concat"):
        del x[0]
    for index in (1.5, "a", x, Tensor(1.0), numpy.asarray([0.5]), (0, object())):
        with pytest.raises(DtypeError, match=r"index(.|\n)*help: "):
            x[index]
        with pytest.raises(DtypeError, match=r"index(.|\n)*help: "):
            x[index] = 1.0
    for value in (numpy.ones(2), [1.0, 2.0], leaf([1.0, 2.0])):
        with pytest.raises(ValueError, match="help: "):
            x[:] = value
    assert x.tolist() == [1.0, 2.0, 3.0]


LOOKS = [lambda y: y[1:], lambda y: y.reshape(3, 1), lambda y: y[::-1][1:], lambda y: np.flip(y),
         lambda y: np.split(y, 3)[0], lambda y: y[None].T[1:, 0]]
WRITES = [lambda y: y.__setitem__(0, 5.0), lambda y: y.__imul__(3.0),
          lambda y: y[1:].__iadd__(y[:-1])]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("taped", [True, False])
def test_writes_are_seen_by_live_views(look, write, taped):
    def run(y, np):
        view = look(y)
        write(y)
        view[...] = view * view
        write(view)
        return (y * y).sum() + (view * 2.0).sum()

    data = numpy.asarray([1.0, 2.0, 3.0])
    y = np.asarray(data.copy())
    if not taped:
        assert run(y, np).item() == run(data, numpy)
        return
    slopes = [run(data + 1e-30j * u, numpy).imag / 1e-30 for u in numpy.eye(3)]
    numpy.testing.assert_allclose(grad(lambda x: run(x * 1.0, np))(data), slopes, rtol=1e-14)


def test_writes_through_a_part_of_a_recorded_tensor():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 2.0
    y[1:] += 1.0
    y[[0, 0]] *= y[1]                                   # a copy: written back once
    y[:2] @= numpy.asarray([[1.0, 1.0], [0.0, 1.0]])
    assert y.tolist() == [10.0, 15.0, 7.0] and x.tolist() == [1.0, 2.0, 3.0]
    y.sum().backward()
    assert x.grad.tolist() == [2 * 2 * 5.0, 2 * 2 * 2.0 + 2.0, 2.0]


def test_writes_that_a_detached_view_would_not_see_raise():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    view = y.detach()
    for x, value in ((y, 5.0), (y, y[0]), (y[1:], 5.0), (view, y[0])):
        with pytest.raises(GraphError, match=r"shares its memory(.|\n)*help: "):
            x[0] = value
        with pytest.raises(GraphError, match=r"shares its memory(.|\n)*help: "):
            x *= value
    with pytest.raises(GraphError, match=r"unrecorded write to a recorded result(.|\n)*help: "):
        view[0] = 5.0
    with autograd.no_grad():
        part = y[1:]                                    # is detached too
        with pytest.raises(GraphError, match="unrecorded write to a recorded result"):
            y += 1.0
        with pytest.raises(GraphError, match="unrecorded write to a recorded result"):
            part[0] = 5.0
    assert y.tolist() == view.tolist() == [1.0, 2.0, 3.0]
    del view, part, x, value
    y[0] = 5.0                                          # nobody looks: the write is fine
    assert y.tolist() == [5.0, 2.0, 3.0]


def test_writes_to_what_is_detached_once_its_graph_is_gone():
    y = leaf([1.0, 2.0]) * 1.0
    view, node = y.detach(), weakref.ref(y.node)
    del y
    assert node() is None                               # a detached Tensor holds no graph
    view[0] = 5.0
    assert view.tolist() == [5.0, 2.0]


def test_writes_through_what_cannot_be_written_through_raise():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    with pytest.raises(GraphError, match=r"broadcast_to(.|\n)*help: "):
        np.broadcast_to(y, (2, 3))[0] = 5.0
    z = Tensor(numpy.asarray([1.0 + 1.0j])) * y[:1]
    with pytest.raises(GraphError, match=r"real(.|\n)*help: "):
        np.real(z)[0] = 5.0
    part = np.imag(z)
    z *= 1j
    assert part.tolist() == [1.0] and z.tolist() == [-1.0 + 1.0j]       # it looked again
    plain = Tensor(numpy.asarray([1.0, 2.0]))
    with pytest.raises(GraphError, match="read-only"):
        np.broadcast_to(plain, (2, 2))[0] = 5.0
    assert y.tolist() == [1.0, 2.0, 3.0] and plain.tolist() == [1.0, 2.0]


def test_writes_know_views_of_views_and_copies():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    view = y[:][1:]                                     # the view between is not held by a name
    copy = view * 1.0
    picked = y[numpy.asarray([0, 1])]                   # an integer array copies
    y[1] = 5.0
    copy[1] = 9.0
    picked[0] = 7.0
    assert y.tolist() == [1.0, 5.0, 3.0] and view.tolist() == [5.0, 3.0]
    assert copy.tolist() == [2.0, 9.0] and picked.tolist() == [7.0, 2.0]


def test_writes_a_view_holds_its_base_and_the_base_not_its_views():
    y = leaf([1.0, 2.0, 3.0]) * 1.0
    for _ in range(200):
        y[1:].sum()
    assert len(y._views) < 70
    first, second = y[1:], y[:2]
    del y
    first[0] = 7.0                                      # the base is alive through its views alone
    assert second.tolist() == [1.0, 7.0] and first.tolist() == [7.0, 3.0]


def test_writes_a_leaf_has_memory_of_its_own():
    x = Tensor(numpy.asarray([1.0, 2.0, 3.0]))
    part, whole = x[1:], Tensor(x)
    part.requires_grad_()
    x[1] = whole[0] = 9.0
    assert part.tolist() == [2.0, 3.0] and x.tolist() == whole.tolist() == [9.0, 9.0, 3.0]
    y, z = x[:2], x[1:]
    x.data = numpy.asarray([0.0, 0.0, 0.0])             # another array: the views keep the old one
    y[1] = leaf([5.0])[0]
    assert z.tolist() == [5.0, 3.0] and x.tolist() == [0.0, 0.0, 0.0]


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
    view = x[:1]
    for write in (lambda: view.__setitem__(0, 5.0), lambda: view.__imul__(2.0)):
        with pytest.raises(GraphError, match=r"leaf(.|\n)*no_grad\(\)"):
            write()
        with autograd.no_grad():
            write()
    x.detach()[1] = 7.0                                 # says what it does
    assert x.tolist() == [10.0, 7.0] and view.tolist() == [10.0]


@pytest.mark.parametrize("name", [
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor",
    "lshift", "rshift"])
def test_writes_by_every_in_place_operator(name):
    whole = name in ("and", "or", "xor", "lshift", "rshift")
    data = numpy.asarray([[7, 2], [3, 5]]) if whole else numpy.asarray([[7.0, 2.0], [3.0, 5.0]])
    x, alias = Tensor(data.copy()), data.copy()
    view, other = x[0], data.T // 2
    expected = getattr(operator, f"i{name}")(alias, other)
    again = getattr(operator, f"i{name}")(x, other)
    assert again is x and x.data is not alias
    assert x.tolist() == expected.tolist() and view.tolist() == expected[0].tolist()
    with pytest.raises((TypeError, ValueError)):
        getattr(operator, f"i{name}")(x, numpy.ones((3, 2, 2), data.dtype))
    assert x.tolist() == expected.tolist()


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
    z.data[0] = 100.0
    with autograd.debug(), pytest.raises(GraphError, match=r"100(.|\n)*help"):
        z.sum().backward()


def test_mutation_of_a_constant_is_not_seen_by_what_was_recorded():
    data = numpy.asarray([1.0, 2.0, 3.0, 4.0])
    x = leaf([10.0, 20.0, 30.0])
    for write in (lambda h: h.__setitem__(0, 7.0), lambda h: h.__itruediv__(2.0),
                  lambda h: h[1:].__imul__(0.0), lambda h: h.reshape(2, 2).T.__setitem__(0, 9.0)):
        h = Tensor(data.copy())
        loss = (x * h[:3]).sum() + (h[1:] / x).sum() + np.where(h[:3] > 2.0, x * x, x).sum()
        loss = loss + np.matmul(h[:3], x) + (x ** h[1:]).sum()
        expected = loss.item()
        write(h)
        assert h.tolist() != data.tolist()
        (found,) = vjp_of(loss, x)
        with autograd.debug():
            loss.backward()
        first = grad(lambda x: (x * data[:3]).sum() + (data[1:] / x).sum() + np.where(
            data[:3] > 2.0, x * x, x).sum() + data[:3] @ x + (x ** data[1:]).sum())(x.data)
        numpy.testing.assert_allclose(x.grad.data, first, rtol=1e-14)
        assert loss.item() == expected and found.tolist() == x.grad.tolist()
        x.grad = None


def vjp_of(loss, *leaves):
    """Gradients that can be differentiated again, of leaves that are cleared after."""
    loss.backward(create_graph=True)
    found = [x.grad for x in leaves]
    for x in leaves:
        x.grad = None
    return found


def test_mutation_of_a_constant_is_not_seen_by_second_derivatives():
    x, h = leaf([1.0, 2.0]), Tensor(numpy.asarray([3.0, 5.0]))
    y = (x * x * x * h).sum()
    (first,) = vjp_of(y, x)
    del y                                               # what holds h now was made in the walk
    h *= 0.0
    first.sum().backward()
    assert x.grad.tolist() == [6 * 1.0 * 3.0, 6 * 2.0 * 5.0]


@pytest.mark.parametrize("read", [
    lambda x, i: x[i], lambda x, i: x[1:][i], lambda x, i: np.take(x, i), lambda x, i: x[i, ...],
    lambda x, i: np.take_along_axis(x, i, axis=0), lambda x, i: written(x, i)])
def test_mutation_of_an_index_is_not_seen_by_what_was_recorded(read):
    x, index = leaf([1.0, 2.0, 3.0]), Tensor(numpy.asarray([0, 1]))
    loss, again = read(x, index).sum(), read(x, Tensor(numpy.asarray([0, 1]))).sum()
    index[...] = 0
    loss.backward()
    found, x.grad = x.grad, None
    again.backward()
    assert found.tolist() == x.grad.tolist()


def test_mutation_of_constants_is_watched_without_holding_them():
    x, h = leaf([1.0, 2.0]), Tensor(numpy.asarray([3.0, 5.0]))
    kept = x * h
    for i in range(10_000):
        y = x * Tensor(numpy.asarray([1.0, 2.0])) * h
        if i % 2:
            h[0] = i
    del y
    assert len(keeping._noted) + sum(map(len, keeping._holding.values())) < 10_000
    kept.sum().backward()
    assert x.grad.tolist() == [3.0, 5.0]


def written(x, index):
    """A recorded write at an index."""
    y = x * 1.0
    y[index] = y[:2] * 5.0
    return y


def test_mutation_of_one_gradient_is_not_seen_by_another():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    seed = numpy.asarray([1.0, 10.0])
    for recorded in (False, True):
        z = x + y
        z.retain_grad()
        z.backward(Tensor(seed), create_graph=recorded)
        x.grad *= 0.0
        assert y.grad.tolist() == z.grad.tolist() == seed.tolist() == [1.0, 10.0]
        x.grad = y.grad = None

    def spoil(g):
        g *= 0.0                                        # for this one, as if it were returned

    z = x + y
    (z * 1.0).register_hook(spoil)
    x.register_hook(spoil)
    z.backward(Tensor(seed))
    assert x.grad.tolist() == [0.0, 0.0] and y.grad.tolist() == [1.0, 10.0]
    by_x, by_y = vjp(lambda x, y: x + y, x.data, y.data)[1](seed)
    by_x *= 0.0
    assert by_y.tolist() == seed.tolist() == [1.0, 10.0]


def test_mutation_is_not_seen_where_there_is_none():
    x, v = leaf([[1.0, -2.0], [math.nan, math.inf]]), Value(2.0)
    with autograd.debug(), numpy.errstate(all="ignore"):
        y = np.log(x) + x[0] * x[:, :1]
        first, second = np.split(y, 2)
        y = np.concat([first.T, second.T]) + np.stack([v, v * v])
        y[0] = np.softmax(x[1])
        with pytest.raises(GraphError, match="nan in debug mode"):      # and not a change
            y.sum().backward()
        (x.values()[0][1] * v).tanh().backward()
        with autograd.no_grad():
            x += 1.0                                    # an optimiser's step between two graphs
        with pytest.raises(GraphError, match="nan in debug mode"):
            (x * x).sum().backward()
    assert v.grad != 0.0
