"""The scalar graph behind one element: its number and its gradients are those of the Tensor."""

import copy
import math
import pickle
import random
from collections import Counter

import numpy
import pytest
from composite_domains import COMPOSITES
from domains import PRIMITIVES
from fft_domains import TRANSFORMS
from hypothesis import given, settings, strategies as st
from test_ops_derivatives import bind

import autograd
import autograd.numpy as np
import nn
from autograd import (
    ArgumentError,
    DtypeError,
    GraphError,
    ShapeError,
    Tensor,
    Value,
    custom_gradient,
    elementwise,
    linear,
    no_grad,
    scope,
    stack,
)
from autograd.ops.linalg import matmul
from autograd.show.stepping import needed
from autograd.show.stepping.element import Part, element, element_and_leaves
from autograd.storage import is_array, namespace, to_number
from autograd.sweep import history, pull

UNARY = [np.tanh, np.sin, lambda x: x * x, lambda x: np.exp(0.3 * x), lambda x: np.sqrt(x * x + 1),
         lambda x: np.relu(x + 0.05), np.softplus, lambda x: np.clip(x, -0.6, 0.6),
         lambda x: np.softmax(x) if x.ndim else x, lambda x: x.T, lambda x: -x,
         lambda x: x.reshape((-1,)), lambda x: np.where(x > 0.1, x, 0.2 * x)]
ALONG = [lambda x, a: np.sum(x, axis=a), lambda x, a: np.mean(x, axis=a, keepdims=True),
         lambda x, a: np.max(x, axis=a), lambda x, a: np.min(x, axis=a, keepdims=True),
         lambda x, a: np.prod(x, axis=a), lambda x, a: np.cumulative_sum(x, axis=a),
         lambda x, a: np.cumulative_prod(x, axis=a), lambda x, a: np.flip(x, axis=a),
         lambda x, a: np.logsumexp(x, axis=a), lambda x, a: np.std(x, axis=a),
         lambda x, a: np.concat([x, 2.0 * x, numpy.ones(x.shape)], axis=a),
         lambda x, a: np.sort(x, axis=a), lambda x, a: np.take(x, [0, -1, 0], axis=a),
         lambda x, a: np.roll(x, 1, axis=a), lambda x, a: np.split(x, [1], axis=a)[0],
         lambda x, a: np.max(numpy.round(x.data) * 0.0 + np.round(x) + 0.0 * x, axis=a)]
BINARY = [lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x / (y * y + 1), np.maximum,
          np.hypot, lambda x, y: x - 2.0 * y, lambda x, y: np.where(x.data > y.data, x * y, y)]


def program(seed):
    """A random graph of Tensors that broadcast, share and are read in pieces: (leaves, result)."""
    choose = random.Random(seed)
    rng = numpy.random.default_rng(seed)
    made = [Tensor(rng.uniform(-1.5, 1.5, size), requires_grad=True, label=name)
            for name, size in zip("abcd", [(2, 3), (3,), (3, 2), ()], strict=True)]
    for _ in range(choose.randint(6, 14)):
        x, y = choose.choice(made), choose.choice(made[-2:])
        kind = choose.choice(["along", "along", "product", "index", "binary", "binary", "unary"])
        if kind == "along" and y.ndim:
            new = choose.choice(ALONG)(y, choose.randrange(y.ndim))
        elif kind == "product" and x.ndim and y.ndim and (
                x.shape[-1] == y.shape[-2 if y.ndim > 1 else 0]):
            new = x @ y
        elif kind == "index" and x.ndim:
            new = x[choose.choice([0, slice(None, None, -1), [-1, 0, -1], (..., None)])]
        elif kind == "binary" and fits(x, y):
            new = choose.choice(BINARY)(x, y)
        else:
            new = choose.choice(UNARY)(y)
        if 0 < new.size < 40:
            made.append(np.tanh(new) if abs(new.data).max() > 3 else new)
    return made[-1] if seed % 3 else sum(np.sum(np.sin(x)) for x in made[-4:])


def fits(x, y):
    try:
        return bool(numpy.broadcast_shapes(x.shape, y.shape)) or True
    except ValueError:
        return False


def agrees(x, index=(), rtol=1e-12, limit=10_000):
    """The opened element, once its number and all its gradients are found equal to the Tensor's."""
    value, leaves = element_and_leaves(x, index, limit)
    one = numpy.zeros(x.shape)
    one[index] = 1.0
    nodes = [node for node in history([x.node]) if node.op is None]
    found = pull({x.node: namespace(x.data).asarray(one, dtype=x.dtype)}, nodes)
    value.backward()
    assert type(value) is Value
    numpy.testing.assert_equal(value.data, to_number(x.data[index]))
    assert set(leaves) <= set(nodes)
    for node in nodes:
        grad = numpy.asarray(found.get(node, node.zeros()), dtype=float)
        ours = numpy.zeros(grad.shape)
        for place, leaf in leaves.get(node, {}).items():
            assert leaf.op is None
            numpy.testing.assert_equal(leaf.data, number(node.data, place))
            ours[place] = leaf.grad
        numpy.testing.assert_allclose(ours, grad, rtol=rtol, atol=rtol * abs(grad).max(initial=0))
    return value


def number(data, place):
    return data if isinstance(data, float) else to_number(data[place])


def ops(value):
    """The operations of a scalar graph by name, how often each."""
    return Counter(node.op.name for node in history([value]) if node.op)


@pytest.mark.parametrize("seed", range(100))
def test_the_gradient_of_a_random_graphs_element_is_the_tensors(seed):
    x = program(seed)
    choose = random.Random(seed)
    for _ in range(3):
        agrees(x, tuple(choose.randrange(n) for n in x.shape))


COMPLEX = {"real", "imag", "conj", "fft", "ifft", "rfft", "irfft", "eig", "eigvals",
           *TRANSFORMS} - {"fftshift", "ifftshift"}                         # a Value is real
REAL = [domain for domain in [*PRIMITIVES.values(), *COMPOSITES.values()]
        if domain.name not in {"to_device", "element", "from_values"} | COMPLEX]


@pytest.mark.parametrize("domain", REAL, ids=lambda domain: domain.name)
@given(data=st.data())
@settings(max_examples=8)
def test_every_operation_can_be_opened(domain, data):
    f, _, xs = bind(domain, data.draw(domain.cases))
    results = f(*(Tensor(x, requires_grad=True) for x in xs))
    for x in results if isinstance(results, tuple | list) else (results,):
        if x.requires_grad and x.size and x.dtype.kind == "f":
            index = data.draw(st.tuples(*(st.integers(-n, n - 1) for n in x.shape)))
            rtol = 1e-12 if x.dtype == float else 1e-6
            agrees(x, index, rtol)
            weights = numpy.random.default_rng(0).uniform(0.5, 1.5, x.shape).astype(x.dtype)
            agrees(np.sum(np.tanh(x) * weights), (), rtol)      # all elements at once


# -- how it reads ----------------------------------------------------------------------------------

def leaf(data, label="", **options):
    return Tensor(data, requires_grad=True, label=label, **options)


def text(value):
    """What made each result: its name, the operation, the names of the operands."""
    nodes = history([value])
    names = {id(node): node.label or f"v{k}" for k, node in enumerate(nodes)}
    return [f"{names[id(node)]} = {node.op.name}("
            f"{', '.join(names.get(id(arg)) or repr(arg) for arg in node.args)})"
            for node in nodes if node.op]


def test_elementwise_operations_are_themselves_and_constants_stay_numbers():
    a, b = leaf([[1.0], [2.0]], "a"), leaf([3.0, 4.0, 5.0], "b")
    y = np.tanh(a * b) / numpy.array([1.0, 2.0, 4.0])
    y.label = "y"
    value = agrees(y, (1, -1))
    assert text(value) == [
        "v2 = multiply(a[1, 0], b[2])", "v3 = tanh(v2)", "y[1, 2] = divide(v3, 4.0)"]
    assert [type(node) for node in history([value])] == [Value] * 5


def test_moving_elements_makes_no_node():
    a = leaf(numpy.arange(6.0).reshape(2, 3), "a")
    moved = np.flip(np.concat([a.T[1:], a.T]), axis=0).reshape((2, 5))[:, ::2]
    value = agrees(moved, (0, 1))
    assert value.op is None and value.label == "a[0, 1]" and value.grad == 1.0
    moved = np.split(np.broadcast_to(a, shape=(4, 2, 3)), 3, axis=2)[1]
    assert agrees(moved, (3, 1, 0)).label == "a[1, 1]"


def test_sums_add_in_the_order_of_the_elements():
    a = leaf([1.0, 2.0, 3.0], "a")
    assert text(agrees(np.sum(a))) == ["v3 = add(a[0], a[1])", "v4 = add(v3, a[2])"]
    assert text(agrees(np.cumulative_sum(a), 1)) == ["v2 = add(a[0], a[1])"]
    a2 = np.cumulative_sum(np.take(a, [2, 2]))
    assert text(agrees(a2, 1)) == ["v1 = add(a[2], a[2])"]
    assert element(a2, 1).steps()[1].contribution == 1.0


@pytest.mark.parametrize("f", [
    lambda x: x.T, lambda x: x[[0, 2, 0]], lambda x: x[::-2, 1:], lambda x: x[x.data > 5.0],
    lambda x: np.cumulative_sum(x, axis=1), lambda x: np.broadcast_to(x, shape=(2, 3, 4)),
    lambda x: np.concat([x, numpy.ones((3, 4)), 1.0 * x]), lambda x: differences(x),
    lambda x: np.sum(x, axis=1, keepdims=True), lambda x: x.astype("float32").astype("float64"),
    lambda x: np.split(x, 2, axis=1)[1]])
def test_many_elements_of_a_linear_operation(f):
    x = leaf(numpy.arange(12.0).reshape(3, 4) / 8)
    y = f(x)
    weights = numpy.arange(1.0, y.size + 1.0).reshape(y.shape)
    agrees(np.sum(y * y * weights))
    for node in filter(needed.is_linear, history([y.node])):
        ks = list(range(math.prod(node.data.shape))) if is_array(node.data) else list(range(12))
        for i, rows in needed._moved(node, ks).items():
            assert rows == {k: needed._row(node, i, k) for k in ks}, node


def test_moving_is_known_from_one_look():
    x = leaf(numpy.arange(12.0).reshape(3, 4))
    moved = [x.T, x[::-1], np.sum(x[:, None] * numpy.ones((3, 3, 1)), axis=2)]
    assert all(list(needed._moved(y.node, list(range(y.size)))) == [0] for y in moved)
    for y in (x[:, [0, 0, 1]], np.cumulative_sum(x, axis=0), differences(x)):
        assert not needed._moved(y.node, list(range(y.size)))


differences = linear(
    "opened_differences",
    lambda g: np.concat([g[:, :1], g[:, :1] + g[:, 1:2], g[:, 2:] - g[:, :2]], axis=1),
    forward=lambda xp, x: xp.stack([x[:, 0] + x[:, 1] - x[:, 2], x[:, 1] - x[:, 3], x[:, 2],
                                    x[:, 3]], axis=1))


def test_a_matrix_product_is_written_out():
    a, b = leaf([[1.0, 2.0], [3.0, 4.0]], "a"), leaf([[5.0, 6.0], [7.0, 8.0]], "b")
    assert text(agrees(a @ b, (1, 0))) == [
        "v4 = multiply(a[1, 0], b[0, 0])", "v5 = multiply(a[1, 1], b[1, 0])", "v6 = add(v4, v5)"]
    assert text(agrees(a @ numpy.array([2.0, 1.0]), 0)) == [
        "v2 = multiply(a[0, 0], 2.0)", "v3 = multiply(a[0, 1], 1.0)", "v4 = add(v2, v3)"]
    batch = matmul(leaf(numpy.ones((2, 1, 2, 3))), leaf(numpy.ones((3, 3, 1))))
    assert ops(agrees(batch, (1, 2, 0, 0))) == {"multiply": 3, "add": 2}
    assert element(leaf(numpy.ones((2, 0))) @ numpy.ones((0, 2)), (0, 0)).data == 0.0


def test_other_operations_are_one_node_that_names_all_its_elements():
    a = leaf([[1.0, 3.0, 2.0], [0.0, 0.0, 5.0]], "a")
    assert text(agrees(np.max(a, axis=1), 0)) == ["v3 = max(a[0, 0], a[0, 1], a[0, 2])"]
    assert text(agrees(np.prod(a, axis=1), 1)) == ["v3 = prod(a[1, 0], a[1, 1], a[1, 2])"]
    value = element(np.cumulative_prod(a, axis=1), (1, 1))
    assert [arg.label for arg in value.args] == ["a[1, 0]", "a[1, 1]"]
    assert [step.local for step in value.steps()] == [0.0, 0.0]


def test_a_maximum_shares_among_its_ties():
    a = leaf([2.0, 5.0, 5.0, 5.0], "a")
    value = agrees(np.max(a))
    assert [step.contribution for step in value.steps()] == [0.0, *[1 / 3] * 3]
    agrees(np.maximum(a, a[::-1]), 1)
    agrees(np.max(np.relu(leaf([-1.0, 0.0, -2.0]))))


def test_labels_are_those_of_the_tensors_with_the_index():
    a, b, c = leaf([1.0, 2.0], "a"), leaf(3.0, "b"), leaf([[4.0, 5.0]])
    y = a * b
    y.label = "y"
    moved = y[::-1]
    moved.label = "moved"
    value, leaves = element_and_leaves(moved + c, (0, 1))
    names = [node.label for node in history([value])]
    assert names == ["a[0]", "b", "v2[0, 1]", "y[0]", ""]
    assert leaves == {a.node: {(0,): leaves[a.node][0,]}, b.node: {(): leaves[b.node][()]},
                      c.node: {(0, 1): leaves[c.node][0, 1]}}
    same, long = leaf([1.0], "w"), leaf([1.0], "<b>\n" * 5000)
    value = element(same * leaf([2.0], "w") * long, 0)
    names = [node.label for node in history([value]) if node.op is None]
    assert names[0] == "w#1[0]" and len(names[1]) < 30 and names[2] == "w#2[0]"


def test_scopes_are_those_of_the_tensors():
    w = leaf([1.0, 2.0])
    with scope("encoder"):
        y = np.sum(w * w)
    value = element(np.tanh(y))
    origins = [node.origin.path[0].name if node.origin and node.origin.path else ""
               for node in history([value])]
    assert origins == ["", "", "encoder", "encoder", "encoder", ""]


# -- networks --------------------------------------------------------------------------------------

def network(dtype="float64"):
    """A 3-4-2 network's parameters, hidden units and loss."""
    x = numpy.random.default_rng(0).normal(size=(2, 3)).astype(dtype)
    first, last = nn.Linear(3, 4, rng=0, dtype=dtype), nn.Linear(4, 2, rng=1, dtype=dtype)
    hidden = np.tanh(first(Tensor(x)))
    return [*first.parameters(), *last.parameters()], hidden, nn.cross_entropy(
        last(hidden), numpy.array([0, 1]))


def test_the_loss_of_a_network_has_the_gradients_of_its_parameters():
    parameters, hidden, loss = network()
    value, leaves = element_and_leaves(loss)
    value.backward()
    loss.backward()
    for p in parameters:
        ours = [leaves[p.node][i].grad for i in numpy.ndindex(*p.shape)]
        numpy.testing.assert_allclose(ours, p.grad.data.ravel(), rtol=1e-12, atol=1e-16)
    assert ops(agrees(hidden, (1, 2))) == {"multiply": 3, "add": 3, "tanh": 1}


def test_float32_has_the_recorded_numbers():
    _, hidden, loss = network("float32")
    assert loss.dtype == numpy.float32
    assert ops(agrees(hidden, (1, 2), rtol=1e-6)) == {"multiply": 3, "add": 3, "tanh": 1}
    agrees(loss, rtol=1e-5)
    x = leaf([60.0, 100.0], dtype="float32")
    with numpy.errstate(over="ignore"):
        y = np.exp(x)
    value = element(y[1] - y[0])                        # inf in float32, and not in float64
    assert value.data == float("inf") == value.args[0].data


def test_a_cast_is_a_node_where_it_rounds():
    x = leaf([0.1, 0.5])
    y = x.astype("float32")
    assert text(agrees(y, 0, rtol=1e-7)) == ["v1 = astype(v0[0])"]
    assert element(y, 1).op is None


# -- operations of one's own -----------------------------------------------------------------------

@custom_gradient(lambda g, x: g * 2 * x)
def opened_square(x):
    return x * x


own_cube = elementwise("opened_cube", lambda g, x: g * 3 * x * x, forward=lambda xp, x: x * x * x)
arrays_only = elementwise("opened_by_arrays", lambda g, x: g * np.where(x.shape, 2.0, 1.0) if
                          x.shape else g[()], forward=lambda xp, x: x[...] * 2.0)


@custom_gradient(lambda g, x: g[0] * x + 2.0 * g[1])
def opened_pair(x):
    return (x * x).sum() / 2.0, 2.0 * x


def test_operations_of_ones_own():
    x = leaf([[1.0, 2.0], [3.0, -4.0]], "x")
    assert text(agrees(opened_square(x * 1.0), (1, 1))) == [
        "v1 = multiply(x[1, 1], 1.0)", "v2 = opened_square(v1)"]
    assert text(agrees(own_cube(x), (0, 1))) == ["v1 = opened_cube(x[0, 1])"]
    assert text(agrees(arrays_only(x), (0, 1))) == ["v1 = opened_by_arrays(x[0, 1])"]
    assert text(agrees(np.sin(opened_square(leaf([0.0], "z"))), 0)) == [
        "v1 = opened_square(z[0])", "v2 = sin(v1)"]                 # derivative 0, and yet there


def test_several_outputs():
    x = leaf([[1.0, 2.0], [3.0, -4.0]], "x")
    half, double = opened_pair(x)
    assert text(agrees(half)) == ["v4 = opened_pair(x[0, 0], x[0, 1], x[1, 0], x[1, 1])"]
    assert text(agrees(double * half, (1, 0))) == [
        "v4 = opened_pair(x[0, 0], x[0, 1], x[1, 0], x[1, 1])", "v5 = opened_pair(x[1, 0])",
        "v6 = multiply(v5, v4)"]
    left, right = np.split(x * x, 2, axis=1)
    assert text(agrees(left - right, (1, 0))) == [
        "v2 = multiply(x[1, 0], x[1, 0])", "v3 = multiply(x[1, 1], x[1, 1])",
        "v4 = subtract(v2, v3)"]


# -- what it can be done with ----------------------------------------------------------------------

def rounded():
    """An element with nodes of every sort: plain, rounded otherwise, and of a whole array."""
    x = leaf([[0.1, 0.7], [0.3, 0.9]], "x", dtype="float32")
    y = np.max(np.tanh(x @ x), axis=0)
    y.label = "y"
    return y, element(y, 1)


def test_it_is_drawn_stepped_copied_and_checked():
    y, value = rounded()
    assert {type(node.op) is Part for node in history([value])} == {True, False}
    for one in (value, copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        with autograd.debug():
            one.backward()
        assert repr(one) == f"Value(data={float(y.data[1])}, grad=1.0, op='max', label='y[1]')"
        assert "max" in one.draw().dot and "0x" not in repr(one) + repr(one.op)
        entry = next(node for node in history([one]) if node.label == "x[0, 1]")
        assert entry.grad == pytest.approx(sum(
            step.contribution for step in one.steps() if step.operand is entry))
    assert str(element(y, 1).draw()) == str(element(y, 1).draw())


def test_debug_mode_sees_changes():
    y, _ = rounded()
    top = element(np.max(y))
    history([top])[0].data = 5.0
    with autograd.debug(), pytest.raises(GraphError, match="multiply of float 5"):
        top.backward()
    top = element(np.max(leaf([1.0, 2.0])))
    top.args[0].data = 5.0
    with autograd.debug(), pytest.raises(GraphError, match=r"operands of max\(...\).* changed"):
        top.backward()
    history([y.node])[0].data[0, 0] = 5.0
    with autograd.debug(), pytest.raises(GraphError, match="recorded data was changed"):
        element(y, 1)


def test_a_second_derivative_is_refused():
    _, value = rounded()
    with pytest.raises(GraphError, match="second derivative of max"):
        pull({value: Value(1.0)}, differentiable=True)


def test_the_tensors_and_the_values_behind_them_stay_as_they_were():
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    x = stack([a, b * a])
    value, leaves = element_and_leaves(np.sum(x * x))
    value.backward()
    assert a.grad == b.grad == 0.0 and value.data == 40.0
    assert leaves[a][()].grad == 40.0 and leaves[b][()].grad == 24.0
    assert leaves[a][()] is not a and leaves[a][()].label == "a"
    through = (x[1].values() + 1.0) * 2.0
    assert agrees(stack([through, a]) * x, 0).data == 28.0
    w = leaf([1.0, 2.0])
    element(np.sum(w)).backward()
    assert w.grad is None


def test_hooks_and_no_grad_do_not_matter():
    w = leaf([1.0, 2.0])
    w.register_hook(lambda g: g * 100.0)
    y = np.sum(w * w)
    with no_grad():
        value = element(y)
    value.backward()
    assert [node.grad for node in history([value])[:2]] == [2.0, 4.0]


# -- sizes, edges and other libraries --------------------------------------------------------------

def test_edges():
    empty = leaf(numpy.zeros((0, 3)))
    assert element(np.sum(empty, axis=0), 2).data == 0.0
    assert element(np.prod(empty, axis=0), -1).op is None
    x = leaf(2.0, "x")
    assert agrees(x).label == "x" and agrees(x * x).grad == 1.0
    assert agrees(np.concat([x.reshape((1,)), numpy.array([7.0])]), 1).data == 7.0
    y = leaf([1.0, 2.0, 3.0], "y")
    written = y * 1.0
    written[[0, 0, 1]] = y * y                  # the last one written to a place stays
    assert text(agrees(written, 0)) == ["v1 = multiply(y[1], y[1])"]
    written[2] = 5.0
    assert agrees(written + 0.0 * y, 2).data == 5.0
    for bad in ([numpy.inf, 1.0], [numpy.nan, 1.0], [0.0, 1.0]):
        with numpy.errstate(all="ignore"):
            z = leaf(bad)
            agrees(np.where(z > 0, np.log(z), 0.0) + np.max(z), 0)


def test_long_chains():
    x = y = leaf([0.5, 1.0])
    for _ in range(50_000):
        y = (y * 1.0).reshape((2,))
    value = agrees(y, 1, limit=50_001)
    assert len(history([value])) == 50_001 and value.data == x.data[1]


def test_too_many_scalars():
    w, v = leaf(numpy.ones((30, 40))), leaf(numpy.ones((40, 50)))
    hidden = np.tanh(numpy.ones((20, 30)) @ w)
    with pytest.raises(ArgumentError, match=r"at least 1,\d\d\d,\d\d\d scalars.*limit is 10,000"):
        element(np.sum(leaf(numpy.ones(1_200_000))))
    with pytest.raises(ArgumentError, match="at least 80,999 scalars"):
        element(np.sum(np.exp(hidden @ v)), limit=10_000)
    assert len(history([agrees(hidden @ v, (3, 4))])) < 10_000
    agrees(w[0, :3].sum(), limit=5)
    with pytest.raises(ArgumentError, match=r"element\(x, index, limit=...\)"):
        element(w[0, :3].sum(), limit=4)


@pytest.mark.filterwarnings("ignore:.*2025.12:UserWarning")
@pytest.mark.parametrize("library, dtype", [
    ("array_api_strict", "float32"), ("array_api_strict", "float64"), ("torch", "float32"),
    ("torch", "float64"), ("jax.numpy", "float32")])
def test_other_libraries(library, dtype):
    xp = pytest.importorskip(library)
    a = Tensor(xp.asarray([[0.1, 0.5], [0.4, 0.2]], dtype=getattr(xp, dtype)), requires_grad=True)
    b = Tensor(xp.asarray([0.3, -0.2], dtype=getattr(xp, dtype)), requires_grad=True)
    y = np.max(np.softmax(a @ a + b), axis=1) * np.prod(a, axis=0) + np.split(a, 2)[1][0, :]
    rtol = 1e-12 if dtype == "float64" else 1e-5
    assert {"max", "prod", "multiply", "exp"} <= set(ops(agrees(y, 1, rtol)))
    assert agrees(np.where(a > 0.2, a, b), (0, 1), rtol).op.name == "where"


@pytest.mark.parametrize("x, index, error, words", [
    (3.0, (), ArgumentError, r"element\(\) of float 3.0, which is no Tensor"),
    (Value(3.0), (), ArgumentError, "a Value is a scalar graph already"),
    (Tensor([1, 2]), 0, DtypeError, "int64"),
    (Tensor([1.0 + 2.0j], requires_grad=True) * 2.0, 0, DtypeError, "multiply.*one real number"),
    (np.abs(Tensor([1.0 + 2.0j], requires_grad=True)), 0, DtypeError, "complex128"),
    (Tensor([1.0]), 0, GraphError, "no leaf that requires a gradient"),
    (no_grad()(np.sin)(leaf([1.0])), 0, GraphError, "outside no_grad"),
    (leaf([1.0]), (), ShapeError, "1 in all"),
    (leaf([[1.0, 2.0]]), 0, ShapeError, r"\(1, 2\)"),
    (leaf([1.0]), 1, IndexError, "from 0 to n - 1"),
    (leaf([1.0]), -2, IndexError, r"\(-2,\)"),
    (leaf([1.0]), 0.0, DtypeError, "one int for each axis"),
    (leaf([1.0]), slice(None), DtypeError, "slice"),
    (leaf([1.0]), True, DtypeError, "True"),
    (leaf([1.0]), "a" * 1000, DtypeError, "…"),
    (leaf(numpy.zeros((0, 2))), (0, 0), IndexError, r"\(0, 2\)"),
])
def test_what_cannot_be_opened(x, index, error, words):
    with pytest.raises(error, match=words) as caught:
        element(x, index)
    what, _, help = str(caught.value).partition("\nhelp: ")
    assert help and len(what) < 200 and "\n" not in help
