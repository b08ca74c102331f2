"""Debug mode, kinks and fingerprints: what is said of a graph that is not what it seems."""

import math
import os
import subprocess
import sys

import numpy
import pytest
from domains import PRIMITIVES
from places import PLACES

import autograd.numpy as np
from autograd import (
    ArgumentError,
    DtypeError,
    GraphError,
    ShapeError,
    Tensor,
    Value,
    debug,
    elementwise,
    fingerprint,
    grad,
    value_and_grad,
    vjp,
)
from autograd.kinks import near
from autograd.node import ZERO
from autograd.primitive import table
from autograd.show import kinks
from autograd.storage import overlap
from autograd.sweep import history

here = os.path.basename(__file__)


def leaf(data, label=""):
    return Tensor(data, requires_grad=True, label=label)


def error(f, *args):
    """What a call says in debug mode, which must raise."""
    with debug(), pytest.raises(GraphError) as caught:
        f(*args)
    return str(caught.value)


# -- data that was changed -------------------------------------------------------------------------

def test_what_was_changed_is_named_with_its_line():
    with debug():
        x = leaf([1.0, 2.0], "weights")
        y = x * x
        z = y.exp().sum()
    x.data[0] = 5.0
    said = error(z.backward)
    assert "multiply of array of shape (2,) and dtype float64 'weights'" in said
    assert f"recorded in {here}:" in said and ": y = x * x" in said and "help: " in said
    assert x.grad is None


def test_without_a_line_it_is_named_all_the_same():
    x = leaf([1.0, 2.0])
    y = x * x
    x.data[0] = 5.0
    assert "recorded in" not in error(y.sum().backward)


def test_a_constant_that_is_a_leafs_memory_is_named():
    x = leaf([1.0, 2.0], "w")
    y = (x * x.data).sum()
    with debug():
        y.backward()                                    # a straight-through estimator does that
    x.data *= 2.0
    said = error(y.backward)
    assert "Its operand 1, a constant, shares memory with the leaf 'w', array of shape" in said


# -- memory that two leaves share ------------------------------------------------------------------

def shared():
    with debug():
        x, y = leaf([1.0, 2.0], "x"), leaf([3.0, 4.0], "y")
    y.data = x.data
    return x, y


def test_two_leaves_in_one_memory_are_named():
    x, y = shared()
    loss = (x * y).sum()
    said = error(loss.backward)
    assert said.startswith("two leaves share memory: the leaf 'x', array of shape (2,)")
    assert "the leaf 'y'" in said and f"made in {here}:" in said and "copy" in said
    assert x.grad is None and y.grad is None
    loss.backward()                                     # outside of debug mode nobody looks
    y.data = x.data.copy()
    with debug():
        (x * y).sum().backward()


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_parts_of_one_memory_overlap_only_where_they_do(place):
    with place:
        whole = place.put(numpy.arange(6.0).reshape(2, 3))
        owner = Tensor(whole).data
        assert not overlap(owner, place.put(numpy.arange(6.0).reshape(2, 3)))
        assert not overlap(owner[:, :1], owner[:, 1:])
        assert not overlap(owner[0, :], owner[1, :])
        if type(owner).__module__.partition(".")[0] in ("numpy", "torch"):
            assert overlap(owner, owner[0]) and overlap(owner[0, :], owner[:, 2])


def test_leaves_that_are_parts_of_one_array_are_no_error():
    flat = numpy.arange(6.0).reshape(2, 3)
    x, y = leaf([0.0, 0.0]), leaf([[0.0, 0.0]] * 2)
    x.data, y.data = flat[:, 0], flat[:, 1:]
    with debug():
        (x * y.sum(axis=1)).sum().backward()
    assert x.grad.tolist() == [3.0, 9.0]


# -- nan -------------------------------------------------------------------------------------------

def test_the_first_nan_of_the_forward_pass_is_named_with_its_line():
    with debug(), numpy.errstate(all="ignore"):
        p = leaf([0.5, 0.0], "p")
        logs = np.log(p)
        loss = (p * logs).sum()
    said = error(loss.backward)
    assert said.startswith("nan in debug mode: the loss is nan; first -inf at [1], 1 of 2 elements")
    assert "= log(p)" in said and "p = 0.0 there" in said and "logs = np.log(p)" in said
    assert f"{here}:" in said and "help: " in said and p.grad is None


def test_a_nan_made_on_the_way_back_is_named():
    with debug():
        x = Value(0.0, label="x")
        loss = (x * x).sqrt() + 1.0
    said = error(loss.backward)
    assert "the loss is finite, its gradient is not: inf comes from" in said and "sqrt" in said
    assert x.grad is ZERO


def test_a_nan_that_a_rule_of_ones_own_made_is_its_own():
    own = elementwise("debug_own", lambda g, x: g * np.log(x - 1.5), forward=lambda xp, x: x * x)
    with numpy.errstate(all="ignore"):
        said = error(own(leaf([1.0, 2.0])).sum().backward)
    assert "the rule of debug_own, your own" in said and "infinite" not in said


@pytest.mark.parametrize("f", [
    lambda x: grad(lambda x: np.sqrt(x * x))(x), lambda x: value_and_grad(np.log)(x - 1.0),
    lambda x: vjp(lambda x: np.sqrt(x) - np.sqrt(x), x)[1](1.0),
    lambda x: grad(grad(lambda x: np.sqrt(x * x)))(x)])
def test_nan_in_transforms_is_named(f):
    with numpy.errstate(all="ignore"):
        assert error(f, 0.0).startswith("nan in debug mode: ")


def test_a_nan_given_to_backward_is_named():
    x = leaf([1.0, 2.0])
    said = error((x * 2.0).backward, numpy.array([math.nan, 1.0]))
    assert "the cotangent that backward() was given" in said


def test_a_nan_in_a_leaf_is_named():
    x = leaf([1.0, math.nan], "x")
    assert "nan at [1], 1 of 2 elements, comes from x, a leaf" in error((x * 2.0).sum().backward)


def test_inf_is_no_nan():
    with debug(), numpy.errstate(all="ignore"):
        x = leaf([0.0, 1.0])
        np.sqrt(x).sum().backward()
        v = Value(0.0)
        (1.0 / v).backward()
    assert x.grad.tolist() == [math.inf, 0.5] and v.grad == -math.inf


def test_outside_of_debug_mode_nan_is_a_number():
    x = Value(0.0)
    (x * x).sqrt().backward()
    assert math.isnan(x.grad)


def test_debug_mode_gives_the_same_bits():
    def run():
        rng = numpy.random.default_rng(0)
        w = leaf(rng.normal(size=(3, 4)))
        loss = np.sum(np.tanh(rng.normal(size=(5, 3)) @ w) ** 2)
        loss.backward()
        return w.grad.data.tobytes(), fingerprint(loss)

    plain = run()
    with debug():
        assert run() == plain


# -- kinks -----------------------------------------------------------------------------------------

NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, 2.5, 0.3, -0.7)


def jumps(op, point, i):
    """Whether the result, or its derivative by operand i, jumps there: by the rule's own numbers.

    A jump stays as it is a thousand times nearer, any other difference shrinks.
    """
    def apart(h):
        below, above = ([*point[:i], point[i] + s * h, *point[i + 1:]] for s in (-1, 1))
        values = [op.on_floats(tuple(x), {}) for x in (below, above)]
        slopes = [op.pull(i, 1.0, z, tuple(x), {}) for z, x in zip(values, (below, above))]
        return [abs(y - x) / (1.0 + abs(x) + abs(y)) for x, y in (values, slopes)]

    return any(close > 1e-3 and close > 0.5 * far
               for close, far in zip(apart(1e-9), apart(1e-6), strict=True))


BINARY = [name for name, domain in PRIMITIVES.items() if domain.on_values
          and len(table[name].rules) == 2 and name not in ("round_to", "pow")]
UNARY = [name for name, domain in PRIMITIVES.items() if domain.on_values
         and len(table[name].rules) == 1]
POLES = {"divide": lambda x, y: y == 0, "remainder": lambda x, y: y == 0,
         "floor_divide": lambda x, y: y == 0, "reciprocal": lambda x: x == 0,
         "atan2": lambda x, y: x == 0 and y < 0}        # the cut: an angle of 2 pi


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_kinks_are_where_the_rules_jump_and_nowhere_else(name):
    op = table[name]
    points = [(x,) for x in NUMBERS] if name in UNARY else [(x, y) for x in NUMBERS
                                                             for y in NUMBERS]
    for point in points:
        with numpy.errstate(all="ignore"):
            if POLES.get(name, lambda *_: False)(*point) or not math.isfinite(
                    op.on_floats(point, {})):
                continue
            value = op(*map(Value, point))
            try:
                found = any(jumps(op, list(point), i) for i in range(len(point)))
            except GraphError:                          # an order has no derivative
                continue
        if isinstance(value, Value):
            assert bool(near(value)) == found, point


@pytest.mark.parametrize(("f", "op"), [
    (np.relu, "relu"), (np.abs, "abs"), (lambda x: np.clip(x, 0.0, 1.0), "at_least"),
    (lambda x: np.maximum(x, 2.0 * x), "maximum"), (lambda x: np.max(x - x), "max"),
    (lambda x: np.min(x), "min"), (lambda x: np.norm(x - x), "where"), (np.sign, "sign"),
    (lambda x: np.std(x - x), "where"), (np.floor, "floor"), (np.leaky_relu, "where"),
    (lambda x: np.hypot(x, 0.0 * x), "hypot"), (lambda x: x % 1.0, "remainder"),
    (lambda x: np.max(np.stack([x, x]), axis=0), "max")])
def test_kinks_of_arrays_are_listed(f, op):
    x = leaf([0.0, 0.3, 0.0])
    (found,) = [kink for kink in np.sum(f(x)).kinks() if kink.op == op]
    assert found.count in (1, 2, 3) and " with " in repr(found) and found.line is None
    assert np.sum(np.sin(x) * x).kinks() == [] == kinks(Value(2.0))


def test_a_kink_says_which_node_where_of_what_and_on_which_line():
    with debug():
        x = leaf([[1.0, -2.0], [0.0, 0.0]], "x")
        y = np.relu(x)
        loss = y.sum()
    (kink,) = loss.kinks(names={"hidden": y})
    assert (kink.op, kink.label, kink.operands, kink.index) == ("relu", "hidden", (0.0,), (1, 0))
    assert (kink.count, kink.size, kink.node) == (2, 4, y.node) and kink.line.text == (
        "y = np.relu(x)")
    lines = str(kink).splitlines()
    assert lines[0] == "hidden = relu(x) with x = 0.0 at [1, 0], 2 of 4 elements"
    assert lines[1].strip().startswith(f"{here}:") and lines[1].endswith("y = np.relu(x)")


def test_kinks_nearby_are_found_within_a_distance():
    a, b = Value(0.25, label="a"), Value(0.75, label="b")
    loss = np.maximum(a, b) + np.floor(a + 1.9) + abs(a) + np.trunc(a)
    assert loss.kinks() == [] and [k.op for k in loss.kinks(within=0.2)] == ["floor"]
    assert [k.op for k in loss.kinks(within=0.3)] == ["floor", "abs"]
    assert [k.op for k in loss.kinks(within=0.5)] == ["maximum", "floor", "abs"]
    assert str(loss.kinks(0.3)[1]) == "v6 = abs(a) with a = 0.25"
    x = leaf([1.0, 3.0, 2.9])
    assert np.max(x).kinks(0.05) == [] and len(np.max(x).kinks(0.11)) == 1
    assert np.max(leaf([3.0])).kinks(9.0) == [] == np.max(leaf([math.nan, 1.0])).kinks()


def test_an_operation_of_ones_own_says_where_its_kink_is():
    huber = elementwise("huber_for_kinks", lambda g, x: g * np.clip(x, -1.0, 1.0),
                        forward=lambda xp, x: xp.where(xp.abs(x) < 1, x * x / 2, xp.abs(x) - 0.5),
                        kink=lambda x: abs(x) - 1.0)
    try:
        assert [k.op for k in huber(Value(-1.0)).kinks()] == ["huber_for_kinks"]
        assert huber(Value(0.5)).kinks() == []
    finally:
        del table["huber_for_kinks"]


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_kinks_on_every_storage(place):
    with place:
        x = Tensor(place.put(numpy.array([0.0, 1.0, 2.0, 2.0])), requires_grad=True)
        loss = np.sum(np.relu(x)) + np.max(x)
        assert [kink.op for kink in loss.kinks()] == ["relu", "max"]


def test_bad_input_to_kinks():
    for bad in (3.0, None, numpy.zeros(3)):
        with pytest.raises(DtypeError, match="which has no graph"):
            kinks(bad)
    for bad in (-1.0, math.inf, math.nan, "near"):
        with pytest.raises(ArgumentError, match="within"):
            kinks(Value(1.0), bad)


# -- fingerprints ----------------------------------------------------------------------------------

def model(seed=0, dtype="float64", scale=1.0):
    rng = numpy.random.default_rng(seed)
    w, b = leaf(rng.normal(size=(3, 2)).astype(dtype)), leaf(rng.normal(size=2).astype(dtype))
    return w, b, np.sum((rng.normal(size=(4, 3)).astype(dtype) @ w + b) ** 2) * scale


def test_a_fingerprint_is_that_of_the_gradients_backward_writes():
    w, b, loss = model()
    first = fingerprint(loss)
    assert len(first) == 16 and int(first, 16) >= 0 and w.grad is None and b.grad is None
    loss.backward()
    assert fingerprint(loss) == first == fingerprint(model()[2])
    pulled = (w.grad * w.detach()).sum()                # a function of the same leaves
    assert fingerprint((w * w.grad).sum() + (b * b.grad).sum()) == first != pulled


def test_a_fingerprint_tells_bits_shapes_dtypes_and_order_apart():
    _, _, loss = model()
    found = [fingerprint(model(*args)[2]) for args in (
        (), (1,), (0, "float32"), (0, "float64", 1 + 2**-52))]
    assert len(set(found)) == 4 and found[0] == fingerprint(loss)
    x, y = leaf([1.0, 2.0]), leaf([[1.0, 2.0]])
    u, v = Value(2.0), Value(3.0)
    assert len({fingerprint(z) for z in (
        (x * 3.0).sum(), (y * 3.0).sum(), u * v, u + v, 2.0 * u + 3.0 * v, 3.0 * u + 2.0 * v,
        2.0 * u, 2.0 * u + 0.0 * v)}) == 7              # u * v is 3 u + 2 v
    assert fingerprint(u * v) == fingerprint(3.0 * u + 2.0 * v)


def test_nan_has_one_fingerprint():
    x = leaf([1.0, 2.0])
    masks = [numpy.array([1.0, nan]) for nan in (math.nan, -math.nan, numpy.uint64(
        0x7FF800000000DEAD).view("float64"))]
    assert len({fingerprint((x * mask).sum()) for mask in masks}) == 1
    assert fingerprint((x * 0.0).sum()) != fingerprint((x * -0.0).sum())


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_the_storage_does_not_show_in_a_fingerprint(place):
    def loss(put):
        x = Tensor(put(numpy.array([[0.5, -1.0, 2.0], [3.0, 0.25, -4.0]]).T), requires_grad=True)
        return np.sum(x * x + 3.0 * x)

    with place:
        assert fingerprint(loss(place.put)) == fingerprint(loss(lambda data: data))


def test_a_fingerprint_writes_nothing_and_calls_no_hook():
    x = leaf([1.0, 2.0])
    y = x * x
    y.register_hook(lambda g: pytest.fail("called"))
    before = [node.grad for node in history([y.node])]
    fingerprint(y.sum())
    assert [node.grad for node in history([y.node])] == before == [None, None]


def test_bad_input_to_fingerprint():
    for bad in (3.0, None, numpy.zeros(1)):
        with pytest.raises(DtypeError, match="which has no graph"):
            fingerprint(bad)
    with pytest.raises(ShapeError, match="needs a seed"):
        fingerprint(leaf([1.0, 2.0]) * 2.0)


def test_a_fingerprint_is_the_same_in_another_process():
    program = ("import numpy; from autograd import Tensor, Value, fingerprint;"
               "x = Tensor(numpy.arange(6.0).reshape(3, 2), requires_grad=True);"
               "print(fingerprint((x * x / 2.0).sum()), fingerprint(Value(0.3) ** 2))")
    seen = {subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                           env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
                           check=True).stdout for seed in ("0", "random")}
    assert seen == {"568d97d372056053 64987b29433654a8\n"}
