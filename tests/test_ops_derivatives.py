"""Every operation, forward and reverse, orders 1 and 2, against NumPy and a derivative oracle.

The bar: within 1e-7 of max(|derivative|, the function's scale), in float64.
"""

import inspect
import json
import subprocess
import sys

import numpy as np
import pytest
from composite_domains import COMPOSITES
from domains import CONSTANTS, PRIMITIVES
from hypothesis import given, settings, strategies as st
from oracles import flat, jacobian, like, outputs, richardson

import autograd.numpy as anp
from autograd import composite, grad, jvp, vjp

BAR = 1e-7
ROUNDING = 1e-14             # of intermediate results, which are of order one
DOMAINS = [*PRIMITIVES.values(), *COMPOSITES.values()]
NAMES = [*PRIMITIVES, *(f"np.{name}" for name in COMPOSITES)]
each_operation = pytest.mark.parametrize("domain", DOMAINS, ids=NAMES)
each_smooth_operation = pytest.mark.parametrize("domain", [
    pytest.param(domain, id=name) for domain, name in zip(DOMAINS, NAMES, strict=True)
    if domain.smooth])
seeds = st.integers(0, 2**16).map(np.random.default_rng)


def test_every_primitive_has_a_domain():
    code = """import json, autograd
from autograd.primitive import table
print(json.dumps([*table]))"""
    table = json.loads(subprocess.run([sys.executable, "-c", code], check=True,
                                      capture_output=True, text=True).stdout)
    assert set(table) == set(PRIMITIVES) | set(CONSTANTS)


def test_every_composite_has_a_domain():
    functions = {name for name, f in vars(composite).items() if inspect.isfunction(f)
                 and f.__module__.startswith(composite.__name__) and name[0] != "_"}
    constants = {"isin", "searchsorted", "broadcast_shapes"}
    assert functions - {"as_operand", "cast", "floating"} - constants <= set(COMPOSITES)


def test_every_public_function_has_a_domain():
    public = {name for name, f in vars(anp).items() if callable(f) and not inspect.isclass(f)
              and f.__module__ not in ("autograd.numpy.creation", "autograd.numpy.info")
              and name[0] != "_"}
    tested = {id(domain.function) for domain in [*DOMAINS, *CONSTANTS.values()]}
    assert {name for name in public if id(getattr(anp, name)) not in tested} <= {
        "concat", "concatenate", "einsum", "stack",             # wrapped in their entries
        "unique_all", "unique_counts", "unique_inverse",
        "isin", "searchsorted",                                 # constants
        "append", "vstack", "hstack", "dstack", "column_stack", "row_stack", "select",
        "allclose", "array_equal", "isclose", "iscomplexobj", "ndim", "shape", "size",  # plain
        "broadcast_shapes"}                                     # of no arrays


def bind(domain, case):
    """(function of the moving operands, reference of the same, those operands)."""
    def with_operands(function):
        def call(*xs):
            args = list(case.args)
            for i, x in zip(case.moving, xs, strict=True):
                args[i] = x
            return function(*args, **case.params)

        return call

    return (with_operands(domain.function), with_operands(domain.reference),
            [case.args[i] for i in case.moving])


def near(ours, expected, scale, error=0.0):
    """Assert that ours equals what an oracle expected, as the bar says."""
    ours, expected = np.asarray(ours), np.asarray(expected)
    assert ours.shape == expected.shape
    bar = BAR * np.maximum(abs(expected), scale)
    assert np.all(error <= bar), "the oracle is not sure enough"
    np.testing.assert_array_less(abs(ours - expected), bar + ROUNDING)


def largest(x):
    return np.max(abs(flat(x)), initial=0.0)


@pytest.mark.parametrize("domain", [*DOMAINS, *CONSTANTS.values()], ids=lambda d: d.name)
@given(data=st.data())
@settings(max_examples=25)
def test_values_are_those_of_numpy(domain, data):
    case = data.draw(domain.cases)
    ours = outputs(domain.function(*case.args, **case.params))
    for x, y in zip(ours, outputs(domain.reference(*case.args, **case.params)), strict=True):
        assert x.shape == y.shape and x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=4e-15, atol=1e-14)


@each_operation
@given(data=st.data(), rng=seeds)
@settings(max_examples=20)
def test_first_derivatives(domain, data, rng):
    f, reference, xs = bind(domain, data.draw(domain.cases))
    value, pullback = vjp(f, *xs)
    tangents = [rng.normal(size=x.shape) for x in xs]
    cotangents = [rng.normal(size=z.shape).astype(z.dtype) for z in outputs(value)]
    pulled = pullback(like(value, cotangents))
    pushed = flat(jvp(f, xs, tangents)[1])
    total, scale = np.zeros_like(pushed), largest(reference(*xs))
    for i, (x, t, ours) in enumerate(zip(xs, tangents, pulled, strict=True)):
        assert ours.shape == x.shape and ours.dtype == x.dtype
        matrix, error = jacobian(lambda x, i=i: reference(*xs[:i], x, *xs[i + 1:]), x,
                                 domain.analytic)
        near(ours.reshape(-1), matrix @ flat(cotangents), scale, error)
        total += t.reshape(-1) @ matrix
    near(pushed, total, scale)


@each_smooth_operation
@given(data=st.data(), rng=seeds)
@settings(max_examples=8)
def test_second_derivatives(domain, data, rng):
    f, _, xs = bind(domain, data.draw(domain.cases))
    weights = [rng.normal(size=z.shape) for z in outputs(f(*xs))]
    tangents = [rng.normal(size=x.shape) for x in xs]
    if not weights:             # unstack of nothing gives nothing
        return

    def loss(*xs):              # its cotangents depend on x: what a rule does with g is seen too
        z = f(*xs)
        pairs = zip(z if isinstance(z, (tuple, list)) else [z], weights, strict=True)
        return sum(anp.sum(w * z + 0.5 * z * z) for z, w in pairs)

    every = tuple(range(len(xs)))
    first = grad(loss, every)

    def along(*xs):
        return sum(anp.sum(g * t) for g, t in zip(first(*xs), tangents, strict=True))

    over_forward = grad(lambda *xs: jvp(loss, xs, tangents)[1], every)(*xs)
    over_reverse = grad(along, every)(*xs)
    forward = jvp(first, xs, tangents)[1]
    packed = np.concatenate([x.reshape(-1) for x in xs])

    def unpacked(vector):
        cuts = np.cumsum([x.size for x in xs])[:-1]
        return first(*(part.reshape(x.shape) for part, x in zip(np.split(vector, cuts), xs,
                                                                strict=True)))

    expected, error = richardson(unpacked, packed, flat([t.reshape(-1) for t in tangents]))
    scale = largest([g.reshape(-1) for g in first(*xs)])
    for ours in (over_reverse, over_forward, forward):
        near(flat([g.reshape(-1) for g in ours]), expected, scale, error)
