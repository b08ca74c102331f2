"""Values in Python's protocols: every operator on either side, builtins, formatting, containers."""

import copy
import math
import operator
import pickle
import random

import numpy
import pytest
from hypothesis import given, strategies as st

import autograd.numpy as np
from autograd import DtypeError, GradientWarning, Tensor, Value, kernels, no_grad, sweep
from autograd.node import ZERO

BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow,
          operator.floordiv, operator.mod]
NUMBERS = [2, 2.0, True, numpy.float64(2), numpy.float32(2), numpy.int64(2), numpy.asarray(2.0)]


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_operators_take_numbers_on_either_side(op, number):
    for v in (Value(3.0), Value(0.75)):
        left, right = op(v, number), op(number, v)
        assert type(left) is type(right) is Value
        assert type(left.data) is type(right.data) is float
        assert left.data == op(v.data, float(number)) and right.data == op(float(number), v.data)


@pytest.mark.parametrize("op", BINARY[:5])
def test_slopes_of_operators(op):
    for x, y in ((3.0, 2.0), (0.5, -1.5), (2.0, 0.25)):
        a, b, h = Value(x), Value(y), 1e-6
        op(a, b).backward()
        assert a.grad == pytest.approx((op(x + h, y) - op(x - h, y)) / (2 * h), rel=1e-8)
        assert b.grad == pytest.approx((op(x, y + h) - op(x, y - h)) / (2 * h), rel=1e-8)
        c, d = Value(x), Value(y)
        op(c, y).backward()
        op(x, d).backward()
        assert (c.grad, d.grad) == (a.grad, b.grad)


def test_slopes_of_remainder_and_floor():
    a, b = Value(7.5), Value(2.0)
    (a % b).backward()
    assert (a.grad, b.grad) == (1.0, -3.0)
    a, b = Value(7.5), Value(2.0)
    (a // b).backward()
    assert (a.grad, b.grad) == (0.0, 0.0)


def test_one_value_on_both_sides():
    for f, slope in ((lambda v: v * v, 6.0), (lambda v: v - v, 0.0), (lambda v: v / v, 0.0),
                     (lambda v: v ** v, 27 * (1 + math.log(3))), (lambda v: v + v, 2.0)):
        v = Value(3.0)
        f(v).backward()
        assert v.grad == pytest.approx(slope)


def test_unary_operators():
    v = Value(-2.5)
    assert (-v).data == 2.5 and (+v).data == -2.5 and abs(v).data == 2.5
    abs(v).backward()
    assert v.grad == -1.0
    w = Value(2.5)
    (-w + +w * 3.0).backward()
    assert w.grad == 2.0


def test_in_place_operators_make_a_new_value():
    v = w = Value(2.0)
    v += 3
    v *= w
    v -= 1
    v /= 2
    v **= 2
    assert w.data == 2.0 and v.data == 20.25
    v.backward()
    assert w.grad == 2 * 4.5 * (2 * 2 + 3) / 2


def test_builtins():
    a, b, c = Value(2.0), Value(-3.0), Value(0.5)
    total = sum([a, b, c])
    assert type(total) is Value and total.data == -0.5 and sum([a, b], Value(1.0)).data == 0.0
    assert max(a, b, c) is a and min([a, b, c]) is b and max(a, 5.0) == 5.0
    assert sorted([a, b, c]) == [b, c, a] and bool(a) and not Value(0.0) and bool(Value(math.nan))
    max(a, b).backward()
    assert (a.grad, b.grad) == (1.0, 0.0)
    assert math.floor(Value(-2.5)) == -3 and math.ceil(Value(2.5)) == 3 and math.trunc(b) == -3
    with pytest.raises(TypeError):
        len(a)
    with pytest.raises(TypeError):
        iter(a)


def test_round():
    v = Value(2.567)
    assert round(v, 2).data == 2.57 and float(round(Value(2.5)).data) == 2.0
    assert round(Value(-0.4)).data == 0.0 and round(Value(1234.0), -2).data == 1200.0
    round(v, 2).backward()
    assert v.grad == 0.0
    for x, digits in ((2.675, 2), (1.005, 2), (0.15, 1), (5.015, 2)):
        assert round(Value(x), digits).data == round(x, digits)


def test_float_and_int_warn_and_formatting_does_not():
    v = Value(2.5)
    for function, expected in ((float, 2.5), (int, 2)):
        with pytest.warns(GradientWarning, match="help: "):
            assert function(v) == expected
    assert f"{v:.3f}" == "2.500" and f"{v:8.2e}" == "2.50e+00" and f"{v}" == str(v) == repr(v)
    assert "%s" % v == repr(v)  # noqa: UP031
    assert repr(Value(-0.0, label="w")) == "Value(data=-0.0, grad=0.0, label='w')"
    assert v.item() == 2.5 and type(v.item()) is float


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge,
                                     operator.eq, operator.ne])
def test_comparisons_are_pythons(compare):
    for x in (1.0, 2.0, -0.0, 0.0, math.inf, math.nan):
        for y in (1.0, 2.0, 0.0, -math.inf, math.nan, 1, True, numpy.float64(2)):
            expected = bool(compare(x, y))
            assert compare(Value(x), y) is expected and compare(Value(x), Value(y)) is expected
            assert bool(compare(y, Value(x))) is bool(compare(y, x))
    if compare not in (operator.eq, operator.ne):
        with pytest.raises(TypeError):
            compare(Value(1.0), "a")


def test_hash_is_identity():
    values = [Value(1.0) for _ in range(10)]
    assert len(set(values)) == 10 and values[3] in {values[3]: 0}


@pytest.mark.parametrize("bad", ["1", None, [1.0], (1.0,), {}, 1j, numpy.asarray("a"),
                                 Tensor([1.0]), Tensor(1.0), object, b"1", numpy.complex128(1)])
def test_a_value_is_one_real_number(bad):
    with pytest.raises(DtypeError, match="help: "):
        Value(bad)
    with pytest.raises(DtypeError, match=r"\(2,\)(.|\n)*help: "):
        Value(numpy.ones(2))
    for op in BINARY[:5]:
        with pytest.raises(TypeError):
            op(Value(1.0), bad)
        with pytest.raises(TypeError):
            op(bad, Value(1.0))


@pytest.mark.parametrize("good", NUMBERS)
def test_a_value_holds_a_float(good):
    assert type(Value(good).data) is float and Value(good).data == float(good)
    assert Value(2.0, label="x").label == "x" and Value(2.0).label == ""


def test_methods_are_those_of_the_namespace():
    for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "abs", "square",
                 "relu"):
        for x in (0.3, 1.7):
            a, b = Value(x), Value(x)
            y, z = getattr(a, name)(), getattr(np, name)(b)
            y.backward()
            z.backward()
            assert y.data == z.data == getattr(np, name)(x) and a.grad == b.grad != 0.0


def test_no_grad_and_detach():
    v = Value(2.0)
    with no_grad():
        y = v * v + v
    assert y.op is None and y.data == 6.0 and not y._prev

    @no_grad()
    def f(x):
        return x * x

    assert f(v).op is None and f(f(v)).data == 16.0 and (v * v).op is not None
    (v * v.detach()).backward()
    assert v.grad == 2.0


def graph(seed, size):
    """A random graph of scalar operations and its leaves."""
    choose = random.Random(seed)
    leaves = [Value(choose.uniform(-2, 2)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(size):
        x, y = choose.choice(nodes), choose.choice(nodes)
        nodes.append(choose.choice([
            lambda x, y: x + y, lambda x, y: x * y / (1 + y * y), lambda x, y: x - 2.0,
            lambda x, y: 3.0 / (1.0 + x * x), lambda x, y: abs(x) ** 0.5, lambda x, y: x.tanh(),
            lambda x, y: np.where(x > y, x, y), lambda x, y: np.maximum(x, y).relu(),
            lambda x, y: (x / 10).exp() ** (y / 10), lambda x, y: np.hypot(x, y)])(x, y))
    return leaves, nodes


@given(st.integers(0, 10_000), st.integers(1, 30))
def test_printed_kernels_agree_with_the_walk_that_defines_them(seed, size):
    leaves, nodes = graph(seed, size)
    found = sweep.pull({nodes[-1]: 1.0})
    nodes[-1].backward()
    for node in nodes:
        if node in found:
            assert node.grad == pytest.approx(found[node], rel=1e-13, abs=1e-300)
        elif node in leaves:
            assert node.grad == 0.0


def test_printed_kernels_are_what_one_would_write():
    assert kernels.body(np.multiply, (True, True)) == [
        "g = node.grad", "x = node.x", "y = node.y", "dx = g * y.data", "dy = g * x.data",
        "if dx != dx and g == 0: dx = 0.0", "if dy != dy and g == 0: dy = 0.0",
        "x.grad += dx", "y.grad += dy"]
    assert kernels.body(np.subtract, (False, True)) == [
        "g = node.grad", "y = node.x", "x = node.c", "y.grad += -g"]


# -- copies ----------------------------------------------------------------------------------------

def test_pickles_of_graphs_100_000_deep():
    a = Value(1.0, label="a")
    loss = a
    for _ in range(100_000):
        loss = loss * 0.99999
    again, result = pickle.loads(pickle.dumps((a, loss)))
    result.backward()
    assert again.grad == pytest.approx(0.99999 ** 100_000) and a.grad == 0.0
    assert again.label == "a" and result.data == loss.data


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_keep_what_is_shared(protocol):
    a, b = Value(2.0), Value(3.0)
    shared = a * b
    first, second = shared.exp() / 100.0, np.where(a > 1, shared, b) ** 2
    one, two, c, s = pickle.loads(pickle.dumps([first, second, a, shared], protocol))
    two.backward()
    assert c.grad == 2 * 6.0 * 3.0 and s.grad == 12.0
    one.backward()
    assert c.grad == pytest.approx(36.0 + 3 * math.exp(6) / 100)
    assert first.grad is ZERO


def test_copies_are_independent_and_shallow_ones_share_operands():
    a = Value(2.0)
    y = a * a
    deep, shallow = copy.deepcopy(y), copy.copy(y)
    deep.backward()
    assert a.grad == 0.0 and deep is not y
    shallow.backward()
    assert a.grad == 4.0 and shallow is not y and shallow.serial > y.serial
    leaf = copy.copy(a)
    leaf.data = 9.0
    assert a.data == 2.0 and leaf.grad == 4.0
    model = {"w": [a, a], "b": Value(1.0)}
    again = copy.deepcopy(model)
    assert again["w"][0] is again["w"][1] is not a
