"""erf against 50-digit values, in float64 and float32, over NumPy and over array-api-strict."""

import functools
import itertools
import math
import warnings

import numpy as np
import pytest

from autograd.ops.erf import erf

BOUNDS = (1e-300, 1e-12, 0.5, 1.0, 2.0, 6.0, 1e30)


@pytest.fixture(params=["numpy", "array_api_strict"])
def xp(request):
    return pytest.importorskip(request.param)


def evaluate(xp, x):
    """Return erf of a NumPy array x, computed in the namespace xp, as a NumPy array."""
    result = erf(xp, xp.asarray(x))
    assert result.shape == x.shape and result.dtype == xp.asarray(x).dtype
    return np.asarray(result)


@functools.cache
def points(dtype):
    """Return non-negative points of every magnitude, each bound with its neighbours among them."""
    random, info = np.random.default_rng(1), np.finfo(dtype)
    bounds = np.unique(np.clip(BOUNDS, info.smallest_subnormal, info.max).astype(dtype))
    edges = np.concatenate([[info.smallest_subnormal], bounds, [info.max]]).astype(np.float64)
    sets = [bounds, np.nextafter(bounds, info.max), np.nextafter(bounds, dtype(0))]
    for low, high in itertools.pairwise(edges):
        sets.append(random.uniform(low, high, 1500))
        sets.append(np.exp(np.linspace(np.log(low), np.log(high), 1500)))
    return np.unique(np.clip(np.concatenate(sets), 0, info.max).astype(dtype))


@functools.cache
def expected(dtype):
    """Return erf at those points to 50 digits, and one unit in the last place of each value."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(50):
        exact = [mpmath.erf(x) for x in points(dtype).tolist()]
    below_one = np.nextafter(dtype(1), dtype(0))
    return exact, np.spacing(np.minimum(np.asarray(exact, dtype), below_one)).tolist()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_is_within_two_ulp(xp, dtype):
    exact, ulps = expected(dtype)
    values = evaluate(xp, points(dtype)).tolist()
    errors = [float(abs(y - value) / ulp)
              for y, value, ulp in zip(exact, values, ulps, strict=True)]
    assert max(errors) <= 2


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_is_odd(xp, dtype):
    x = points(dtype)
    np.testing.assert_array_equal(evaluate(xp, -x), -evaluate(xp, x))


def test_agrees_with_the_math_module(xp):
    x = np.random.default_rng(2).uniform(-7, 7, 100_000)
    reference = np.asarray([math.erf(value) for value in x.tolist()])
    assert np.all(np.abs(evaluate(xp, x) - reference) <= 2 * np.spacing(np.abs(reference)))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_special_values(xp, dtype):
    info = np.finfo(dtype)
    x = np.asarray([0, -0.0, np.inf, -np.inf, np.nan, 6, -6, info.max, -info.max], dtype)
    values = evaluate(xp, x)
    np.testing.assert_array_equal(values, np.asarray([0, 0, 1, -1, np.nan, 1, -1, 1, -1], dtype))
    np.testing.assert_array_equal(np.signbit(values[:2]), [False, True])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_tiny_values_are_scaled(xp, dtype):
    info = np.finfo(dtype)
    x = np.asarray([info.smallest_subnormal, 1e4 * info.smallest_subnormal, info.tiny], dtype)
    values, slope = evaluate(xp, x), 2 / math.sqrt(math.pi)
    np.testing.assert_allclose(values / info.tiny, x / info.tiny * dtype(slope),
                               rtol=2 * info.eps, atol=info.smallest_subnormal / info.tiny)
    np.testing.assert_array_equal(evaluate(xp, -x), -values)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (2, 3)])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_keeps_shape_and_dtype(xp, shape, dtype):
    np.testing.assert_allclose(evaluate(xp, np.full(shape, 0.5, dtype)), 0.5204999, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_warns_of_nothing(xp, dtype):
    x = points(dtype)
    special = np.asarray([0, -0.0, np.inf, -np.inf, np.nan], dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        evaluate(xp, x)
        with np.errstate(all="raise"):  # nearer to 0, erf(x) - x is subnormal
            x = x[x >= 8 * np.finfo(dtype).tiny]
            evaluate(xp, np.concatenate([x, -x, special]))
