"""Check mode over the op table: recorded results are the plain ones, and every rule fits at once.

Every operand of floats requires a gradient, also those that a case leaves fixed, in float64 and
float32. `python tests/interop/check_mode.py` runs whole test files so.
"""

import numpy as np
import pytest
from domains import CONSTANTS
from hypothesis import given, settings, strategies as st
from interop.check_mode import RuleError, checking, counted
from test_ops_derivatives import DOMAINS, NAMES

from autograd import Tensor, custom_gradient

SPACE = Tensor(np.zeros(1)).__array_namespace__()


def as_dtype(x, dtype):
    """Arrays of floats, alone or in containers, in this dtype."""
    if isinstance(x, (list, tuple)):
        return type(x)(as_dtype(part, dtype) for part in x)
    return x.astype(dtype) if isinstance(x, np.ndarray) and x.dtype == np.float64 else x


def parts(result):
    """One result or several, as plain arrays."""
    several = result if isinstance(result, (list, tuple)) else [result]
    return [np.asarray(getattr(x, "data", x)) for x in several]


def recorded(x):
    """Arrays of floats, alone or in containers, as recorded Tensors."""
    if isinstance(x, (list, tuple)):
        return type(x)(map(recorded, x))
    return SPACE.asarray(x) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("domain, name", [
    pytest.param(domain, name, id=name) for domain, name in
    [*zip(DOMAINS, NAMES, strict=True), *((domain, name) for name, domain in CONSTANTS.items())]
    if domain.name not in ("element", "from_values")])                 # Values are float64
def test_recorded_results_are_the_plain_ones_and_rules_fit(domain, name, dtype):
    @given(data=st.data())
    @settings(max_examples=5)
    def check(data):
        case = data.draw(domain.cases)
        args = [as_dtype(x, dtype) for x in case.args]
        plain = parts(domain.function(*args, **case.params))
        with checking(SPACE):
            ours = parts(domain.function(*map(recorded, args), **case.params))
        assert len(ours) == len(plain)
        for x, y in zip(ours, plain, strict=True):
            assert (x.shape, x.dtype) == (y.shape, y.dtype)
            np.testing.assert_array_equal(x, y)

    check()


def test_rules_are_run_when_recorded():
    before = counted.copy()
    with checking(SPACE):
        x = SPACE.ones(3)
        SPACE.exp(-x * x)                       # also those that the fast operators would record
    assert counted - before == {"identity": 1, "negative": 1, "multiply": 2, "exp": 1}


@pytest.mark.parametrize("rule", [
    lambda g, x: g[:2], lambda g, x: g.astype("float32"), lambda g, x: g.nothing])
def test_a_rule_that_does_not_fit_its_operand_is_found(rule):
    wrong = custom_gradient(rule)(lambda x: 2.0 * x)
    with checking(SPACE), pytest.raises(RuleError, match="operand 0"):
        wrong(SPACE.ones(3))
