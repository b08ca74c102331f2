"""The adjoint identity <push t, g> = <t, pull g>: both directions of a walk are one linear map.

It holds for every operation and for 300 random graphs whose operands broadcast. It cannot see a
wrong elementwise formula, which both directions share: test_ops_derivatives does.
"""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from oracles import flat, like, outputs
from test_ops_derivatives import DOMAINS, NAMES, bind

import autograd.numpy as anp
from autograd import jvp, vjp

UNARY = ("sin", "cos", "tanh", "sigmoid", "softplus", "erf", "atan", "asinh", "square", "relu",
         "abs", "negative", "silu", "gelu", "elu", "leaky_relu", "expm1")
BINARY = ("add", "subtract", "multiply", "hypot", "logaddexp", "atan2", "maximum", "minimum")


def balanced(f, xs, rng, rtol=1e-10):
    """Assert the identity at xs for random tangents and cotangents; shapes and dtypes too."""
    value, pullback = vjp(f, *xs)
    tangents = [rng.normal(size=x.shape).astype(x.dtype) for x in xs]
    cotangents = [rng.normal(size=z.shape).astype(z.dtype) for z in outputs(value)]
    pulled = pullback(like(value, cotangents))
    pushed = outputs(jvp(f, xs, tangents)[1])
    for x, g in zip(xs, pulled, strict=True):
        assert g.shape == x.shape and g.dtype == x.dtype
    for z, t in zip(outputs(value), pushed, strict=True):
        assert t.shape == z.shape and t.dtype == z.dtype
    by_output, by_input = flat(pushed) * flat(cotangents), flat(pulled) * flat(tangents)
    size = np.sum(abs(by_output)) + np.sum(abs(by_input)) + 1e-6
    assert abs(np.sum(by_output, dtype=float) - np.sum(by_input, dtype=float)) <= rtol * size


@pytest.mark.parametrize("domain", DOMAINS, ids=NAMES)
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=15)
def test_every_operation_is_balanced(domain, data, seed):
    f, _, xs = bind(domain, data.draw(domain.cases))
    balanced(f, xs, np.random.default_rng(seed), rtol=1e-6 if domain.name == "astype" else 1e-10)


BRIDGES = {"element", "from_values"}                # a Value is a float64


@pytest.mark.parametrize("domain", [pytest.param(d, id=name) for d, name in zip(
    DOMAINS, NAMES, strict=True) if d.name not in BRIDGES])
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=10)
def test_float32_stays_and_mixed_dtypes_come_back(domain, data, seed):
    case, rng = data.draw(domain.cases), np.random.default_rng(seed)
    count = len(case.moving)
    dtypes = rng.choice([np.float32, np.float64], count) if seed % 2 else [np.float32] * count
    kinds = dict(zip(case.moving, dtypes, strict=True))
    case = case._replace(args=tuple(x.astype(kinds[i]) if i in kinds else x
                                    for i, x in enumerate(case.args)))
    f, _, xs = bind(domain, case)
    expected = xs[0].dtype if domain.name == "setitem" else np.result_type(*xs)
    if domain.name in ("broadcast_arrays", "meshgrid", "classic.atleast_1d",
                       "classic.atleast_2d", "classic.atleast_3d"):     # each keeps its own
        assert [z.dtype for z in outputs(f(*xs))] == [x.dtype for x in xs]
    elif domain.name not in ("astype",):
        assert {z.dtype for z in outputs(f(*xs))} <= {expected}
    balanced(f, xs, rng, rtol=1e-4)


def program(rng):
    """(function of arrays, their shapes): a random graph with shared results and broadcasting."""
    base = tuple(int(n) for n in rng.integers(1, 4, rng.integers(0, 4)))

    def narrower():
        shape = tuple(1 if rng.random() < 0.3 else n for n in base)
        return shape[rng.integers(0, len(shape) + 1):]

    sizes = [narrower() for _ in range(rng.integers(1, 4))]
    plan = [(int(rng.integers(0, 10)), rng.integers(0, 2**30, 3), int(rng.integers(0, 2**30)))
            for _ in range(rng.integers(2, 10))]

    def run(*xs):
        made = list(xs)
        for kind, picks, seed in plan:
            x, y, w = (made[pick % len(made)] for pick in picks)
            made.append(apply(kind, x, y, w, np.random.default_rng(seed)))
        return made[-1], made[len(made) // 2]

    return run, sizes


def apply(kind, x, y, w, rng):
    """One random operation; results broadcast against all earlier ones."""
    axis = int(rng.integers(0, max(x.ndim, 1)))
    if kind < 3:
        return getattr(anp, rng.choice(UNARY))(anp.sin(x))
    if kind < 6:
        return getattr(anp, rng.choice(BINARY))(x, y)
    if kind == 6:
        return anp.where(x > y, anp.sin(y), w)
    if kind == 7:
        reduce = rng.choice(["sum", "mean", "max", "min", "prod", "logsumexp", "norm", "std"])
        return getattr(anp, reduce)(x, axis=axis if x.ndim else None, keepdims=True)
    if not x.ndim:
        return x / (1.0 + y * y)
    places = rng.integers(0, x.shape[axis], x.shape[axis])
    if kind == 8:
        return [anp.flip, anp.sort, anp.softmax, anp.cumulative_sum, anp.cumulative_prod,
                lambda x, axis: anp.take(x, places, axis=axis),
                lambda x, axis: anp.roll(x, 1, axis)][int(rng.integers(0, 7))](x, axis=axis)
    front = (slice(None),) * axis
    if rng.random() < 0.5:
        return x[(*front, places)] * anp.sum(y)
    halves = anp.split(anp.concat([x, x * 2.0], axis=axis), [1], axis=axis)
    return halves[0] - anp.mean(halves[1], axis=axis, keepdims=True)


@pytest.mark.parametrize("group", range(10))
def test_three_hundred_random_graphs_are_balanced(group):
    for seed in range(30 * group, 30 * group + 30):
        rng = np.random.default_rng(seed)
        f, sizes = program(rng)
        balanced(f, [rng.normal(size=size) for size in sizes], rng, rtol=1e-9)
