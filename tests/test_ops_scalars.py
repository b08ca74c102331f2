"""A Value and a 0-d Tensor are the same number: + - * / sqrt bit for bit, the rest within 4 ulp.

At special values (zeros of both signs, infinities, nan, the smallest and the largest numbers)
they agree exactly, and pow is that of C99 on both.
"""

import itertools
import math

import numpy as np
import pytest
from composite_domains import COMPOSITES
from domains import PRIMITIVES
from hypothesis import given, settings, strategies as st
from oracles import ulps

from autograd import Tensor, Value
from autograd.ops.elementwise import pow as power

INF, NAN = math.inf, math.nan
SPECIAL = (0.0, -0.0, INF, -INF, NAN, 5e-324, -5e-324, 1e-310, 2.5e-308, 1e-300, -1e-16, 1e-8,
           1 / 3, -1 / 3, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 2.5, 3.0, -3.0, 40.0, 709.9, 745.2,
           -745.2, 1e15 + 0.5, 1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308)
EXACT = {"add", "subtract", "multiply", "divide", "sqrt", "negative", "positive", "square", "abs",
         "relu", "maximum", "minimum", "at_least", "at_most", "sign", "floor", "ceil", "round",
         "trunc", "copysign", "identity", "reciprocal", "remainder", "floor_divide"}
POINTWISE = [domain for domain in PRIMITIVES.values() if domain.on_values]
SCALAR = [*POINTWISE, *(COMPOSITES[name] for name in (
    "maximum", "minimum", "clip", "leaky_relu", "elu", "silu", "gelu"))]


def both(function, numbers, params):
    """(result, gradients) of a function on Values, and on 0-d Tensors."""
    values = [Value(x) for x in numbers]
    tensors = [Tensor(x, requires_grad=True) for x in numbers]
    with np.errstate(all="ignore"):
        v, t = function(*values, **params), function(*tensors, **params)
    assert type(v) is Value and type(v.data) is float and t.shape == () and t.dtype == np.float64
    v.backward()
    if t.requires_grad:
        t.backward()
    zero = Tensor(0.0)
    return ([v.data, *(x.grad for x in values)],
            [t.item(), *((x.grad or zero).item() if x.grad is not None else 0.0 for x in tensors)])


def ties_of_zeros(domain, numbers):
    """maximum(0.0, -0.0): IEEE 754 leaves the sign of the result to the processor."""
    return domain.name in ("maximum", "minimum", "at_least", "at_most") and not any(numbers)


def same(x, y):
    """Identical, signs of zeros included; any nan equals any other."""
    return (x != x and y != y) or (x == y and math.copysign(1, x) == math.copysign(1, y))


@pytest.mark.parametrize("domain", SCALAR, ids=lambda domain: domain.name)
@given(data=st.data())
@settings(max_examples=30)
def test_a_value_is_a_tensor_of_one_number(domain, data):
    case = data.draw(domain.cases.filter(lambda case: all(np.size(x) for x in case.args)))
    numbers = [float(np.reshape(x, -1)[0]) for x in case.args]
    by_value, by_tensor = both(domain.function, numbers, case.params)
    if domain.name in EXACT:
        assert by_value == by_tensor
    else:
        scale = 1.0 if domain.name == "gelu" else abs(by_tensor[0])     # 1 + erf cancels in a tail
        assert abs(by_value[0] - by_tensor[0]) <= 4 * np.spacing(scale)
        np.testing.assert_allclose(by_value[1:], by_tensor[1:], rtol=4e-15, atol=1e-300)


@pytest.mark.parametrize("domain", POINTWISE, ids=lambda domain: domain.name)
def test_special_values_are_identical(domain):
    arity = len(domain.function.rules)
    for numbers in itertools.product(SPECIAL, repeat=arity):
        by_value, by_tensor = both(domain.function, numbers, {})
        for k, (x, y) in enumerate(zip(by_value, by_tensor, strict=True)):
            if domain.name in EXACT and k == 0:
                assert same(x, y) or ties_of_zeros(domain, numbers), (numbers, k, x, y)
            elif x in (0.0, INF, -INF) or x != x or y in (0.0, INF, -INF) or y != y:
                assert same(x, y) or (k and x == y) or (x and abs(x) < 1e-300 and not y) or (
                    y and abs(y) < 1e-300 and not x), (numbers, k, x, y)
            else:
                assert ulps(x, y) <= (4 if k == 0 else 40), (numbers, k, x, y)


def c99(x, y):
    """x**y of the C library, where Python's wrapper raises instead of returning it."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -INF if x < 0 and y % 2 == 1 else INF
    except ValueError:
        if x == 0:          # a pole: C99 F.10.4.4 gives an infinity, signed for odd integers y
            return math.copysign(INF, x) if y % 2 == 1 else INF
        return NAN          # a negative number to a fraction


@pytest.mark.parametrize("x", SPECIAL)
@pytest.mark.parametrize("y", SPECIAL)
def test_pow_is_that_of_c99(x, y):
    expected = c99(x, y)
    vector = Tensor([x, x, 1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        results = [
            (Value(x) ** Value(y)).data, (Value(x) ** y).data, (x ** Value(y)).data,
            (Tensor(x) ** Tensor(y)).item(), (Tensor(x) ** y).item(), (x ** Tensor(y)).item(),
            (vector ** y)[0].item(), (vector ** Tensor(y))[1].item(), power(x, y),
            (vector ** Tensor([y, y, 1.0]))[1].item(),
            (Tensor([x, 2.0]) ** Tensor([[y], [y]]))[0, 0].item()]
    for k, result in enumerate(results):
        assert same(result, expected) or (
            math.isfinite(expected) and expected and ulps(result, expected) <= 4), (k, result)


def test_no_exception_and_no_complex_number_leaves_a_value():
    zero, one, huge = Value(0.0), Value(1.0), Value(1e308)
    assert (one / zero).data == INF and (-1.0 / zero).data == -INF
    assert (one / Value(-0.0)).data == -INF and math.isnan((zero / 0).data)
    assert (huge * 10).data == INF and (huge ** 2).data == INF and (10.0 ** huge).data == INF
    assert zero.log().data == -INF and math.isnan((-one).log().data)
    assert math.isnan((Value(-8.0) ** (1 / 3)).data) and math.isnan((-one).sqrt().data)
    assert math.isnan((one % 0.0).data) and (one // 0.0).data == INF
