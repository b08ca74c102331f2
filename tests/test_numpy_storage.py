"""What is repaired of NumPy: special values as the standard has them, and nothing that is hot."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd.numpy as anp
from autograd import Tensor, Value
from autograd.storage import numpy_storage as repaired

INF, NAN, PI = math.inf, math.nan, math.pi


def test_the_hot_functions_are_those_of_numpy():
    for name in ("add", "subtract", "multiply", "divide", "exp", "log", "sin", "cos", "tanh",
                 "sqrt", "abs", "maximum", "matmul", "take", "astype"):
        assert getattr(repaired, name) is getattr(np, name)     # for others see test_lean


def alike(x, y):
    """Equal, with the signs of zeros; any nan equals any other."""
    return (x != x and y != y) or (x == y and math.copysign(1, x) == math.copysign(1, y))


# The standard's table; what it leaves open is what Python and NumPy agree on.
@pytest.mark.parametrize("x, y, expected", [
    (INF, 2.0, INF), (INF, -2.0, -INF), (-INF, 2.0, -INF), (-INF, -2.0, INF),
    (1.0, INF, 0.0), (1.0, -INF, -0.0), (-1.0, INF, -0.0), (-1.0, -INF, 0.0),
    (0.0, INF, 0.0), (0.0, -INF, -0.0), (INF, INF, NAN), (INF, -INF, NAN), (INF, NAN, NAN),
    (NAN, INF, NAN), (NAN, 1.0, NAN), (0.0, 0.0, NAN), (1.0, 0.0, INF), (-1.0, 0.0, -INF),
    (7.0, 2.0, 3.0), (-7.0, 2.0, -4.0), (-1e-300, 1e300, -1.0)])
def test_floor_divide(x, y, expected):
    with np.errstate(all="ignore"):
        results = [anp.floor_divide(x, y), (Value(x) // y).data, (Tensor(x) // y).item(),
                   (Tensor([x, 1.0]) // Tensor([y, 1.0]))[0].item(), (x // Tensor([y]))[0].item(),
                   float(anp.floor_divide(np.float32([x]), np.float32([y]))[0])]
    if abs(x) == 1e-300:                    # no float32
        results.pop()
    assert all(alike(result, expected) for result in results), results


def test_floor_divide_of_whole_numbers_keeps_the_dtype():
    assert anp.floor_divide(np.int8([7, -7]), np.int8(2)).tolist() == [3, -4]
    assert anp.floor_divide(np.int8([7]), 2).dtype == np.int8
    assert anp.floor_divide(np.float32([INF]), 2).dtype == np.float32


def parts(z, expected):
    """Whether z is what the standard says; None where it leaves a part, or its sign, open."""
    return all(e is None or (isinstance(e, tuple) and x == e[0]) or
               (not isinstance(e, tuple) and (alike(x, e) or math.isclose(x, e, rel_tol=1e-15)))
               for x, e in zip((z.real, z.imag), expected, strict=True))


ZERO = (0.0,)                               # of either sign


@pytest.mark.parametrize("function, z, expected", [
    ("expm1", complex(0, 0), (0.0, 0.0)), ("expm1", complex(-0.0, 0), (ZERO, 0.0)),
    ("expm1", complex(1, INF), (NAN, NAN)), ("expm1", complex(1, NAN), (NAN, NAN)),
    ("expm1", complex(INF, 0), (INF, 0.0)), ("expm1", complex(-INF, 1), (-1.0, ZERO)),
    ("expm1", complex(INF, 1), (INF, INF)), ("expm1", complex(INF, 2), (-INF, INF)),
    ("expm1", complex(-INF, INF), (-1.0, ZERO)), ("expm1", complex(INF, INF), (None, NAN)),
    ("expm1", complex(-INF, NAN), (-1.0, ZERO)), ("expm1", complex(INF, NAN), (None, NAN)),
    ("expm1", complex(NAN, 0), (NAN, 0.0)), ("expm1", complex(NAN, 1), (NAN, NAN)),
    ("expm1", complex(NAN, NAN), (NAN, NAN)),
    ("log1p", complex(-1, 0), (-INF, 0.0)), ("log1p", complex(1, INF), (INF, PI / 2)),
    ("log1p", complex(1, NAN), (NAN, NAN)), ("log1p", complex(-INF, 1), (INF, PI)),
    ("log1p", complex(INF, 1), (INF, 0.0)), ("log1p", complex(-INF, INF), (INF, 3 * PI / 4)),
    ("log1p", complex(INF, INF), (INF, PI / 4)), ("log1p", complex(INF, NAN), (INF, NAN)),
    ("log1p", complex(NAN, 1), (NAN, NAN)), ("log1p", complex(NAN, INF), (INF, NAN)),
    ("log1p", complex(0, -0.0), (0.0, -0.0)),
    ("sqrt", complex(0, 0), (0.0, 0.0)), ("sqrt", complex(1, INF), (INF, INF)),
    ("sqrt", complex(-INF, 1), (0.0, INF)), ("sqrt", complex(INF, -1), (INF, -0.0)),
    ("sqrt", complex(-INF, NAN), (NAN, None)), ("sqrt", complex(-4, -0.0), (0.0, -2.0)),
    ("acosh", complex(0, 0), (0.0, PI / 2)), ("acosh", complex(-INF, 1), (INF, PI)),
    ("acosh", complex(INF, NAN), (INF, NAN)), ("acosh", complex(1, NAN), (NAN, NAN))])
def test_complex_special_values(function, z, expected):
    """And their conjugates: f(conj(z)) = conj(f(z)). On 0-d arrays, vectors and numbers."""
    with np.errstate(all="ignore"):
        for x in (z, z.conjugate()):
            for at in (x, np.asarray(x), np.array([x, 1.0])):
                result = complex(np.ravel(getattr(anp, function)(at))[0])
                assert parts(result if x is z else result.conjugate(), expected), (x, result)


@given(st.sampled_from([1e-300, 1e-20, 1e-8, 1e-3, 0.1, 0.4, 1.0, 10.0]), st.integers(0, 2**16))
@settings(max_examples=40)
def test_log1p_and_expm1_near_zero_are_those_of_more_digits(size, seed):
    rng = np.random.default_rng(seed)
    with mpmath.workdps(40):
        for name in ("log1p", "expm1"):
            z = size * complex(*rng.normal(size=2))
            exact = complex(getattr(mpmath, name)(mpmath.mpc(z)))
            ours = complex(getattr(anp, name)(np.asarray(z)))
            assert abs(ours - exact) <= 1e-15 * abs(exact)
            single = complex(getattr(anp, name)(np.asarray(z, "complex64")))
            assert abs(single - exact) <= 5e-7 * abs(exact) or size < 1e-30


def test_limits_are_numbers_of_python():
    limits = anp.finfo(anp.float32)
    assert [type(getattr(limits, name)) for name in (
        "bits", "eps", "max", "min", "smallest_normal", "dtype")] == [
        int, float, float, float, float, type(np.dtype("float32"))]
    assert limits.eps == float(np.finfo(np.float32).eps) and limits.bits == 32
    assert anp.finfo(anp.complex64).dtype == np.float32 and anp.finfo(Tensor(1.0)).bits == 64
    assert repaired.finfo(np.ones(2)).eps == 2.0**-52
    assert repaired.iinfo(np.int8([1])).max == anp.iinfo(anp.int8).max == 127


def test_sorting_downwards_keeps_equals_in_their_order():
    x = np.array([2.0, NAN, 1.0, 2.0])
    np.testing.assert_array_equal(repaired.sort(x, descending=True), [NAN, 2, 2, 1])
    assert repaired.argsort(x, descending=True).tolist() == [1, 0, 3, 2]


def test_counts_may_be_unsigned():
    assert repaired.repeat(np.arange(3), np.array([1, 0, 2], "uint64")).tolist() == [0, 2, 2]
    assert anp.repeat(np.arange(3.0), np.array([1, 0, 2], "uint64")).tolist() == [0.0, 2.0, 2.0]
