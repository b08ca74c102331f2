"""Derivatives at special values are the limits that mpmath finds, or rows of docs/kinks.md.

A textbook slope in 60 digits is followed to where an operand is 0, ±1, tiny, huge or infinite, from
both sides and along several paths; nan stands for any number. Where all agree, that is the
derivative. Where the sign of a zero decides, it is the limit from that side; else, where there is
none, ours may be what it is. Kinks, and points outside of a function's domain, are left out here.
"""

import itertools
import math
import re
import sys

import mpmath as mp
import numpy as np
import pytest
import thorough_mpmath as thorough
from test_ops_kinks import kind_of, rows

import autograd.numpy as anp
from autograd import elementwise_grad, grad
from autograd.primitive import table

INF, NAN, MAX = math.inf, math.nan, sys.float_info.max
ONE = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, 2.0, -2.0, 5e-324, -5e-324, 1e-310, -1e-310, 1e-300,
       -1e-300, 1e300, -1e300, MAX, -MAX, INF, -INF, NAN)
TWO = (0.0, -0.0, 0.5, 1.0, -2.0, 5e-324, -1e-310, 1e-300, 1e300, -1e300, INF, -INF, NAN)
ROOT_PI, ROOT_TAU = mp.sqrt(mp.pi), mp.sqrt(2 * mp.pi)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2 if abs(x) < 1e6 else mp.mpf(x > 0)


def density(x):
    return mp.exp(-x * x / 2) / ROOT_TAU


def gelu_tanh(x):
    inner, slope = (2 * mp.sqrt(2 / mp.pi) * c for c in (
        x + mp.mpf("0.044715") * x**3, 1 + 3 * mp.mpf("0.044715") * x**2))
    return sigmoid(inner) + x * slope * sigmoid(inner) * sigmoid(-inner)


SLOPES = {
    "add": (lambda x, y: 1, lambda x, y: 1), "subtract": (lambda x, y: 1, lambda x, y: -1),
    "multiply": (lambda x, y: y, lambda x, y: x),
    "divide": (lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "remainder": (lambda x, y: 1, lambda x, y: -mp.floor(x / y)),
    "pow": (lambda x, y: y * mp.exp((y - 1) * mp.log(x)),
            lambda x, y: mp.exp(y * mp.log(x)) * mp.log(x)),
    "negative": (lambda x: -1,), "positive": (lambda x: 1,), "identity": (lambda x: 1,),
    "square": (lambda x: 2 * x,), "reciprocal": (lambda x: -1 / x**2,),
    "sqrt": (lambda x: 1 / mp.sqrt(x) / 2,),
    "hypot": (lambda x, y: x / mp.sqrt(x * x + y * y), lambda x, y: y / mp.sqrt(x * x + y * y)),
    "exp": (mp.exp,), "expm1": (mp.exp,), "log": (lambda x: 1 / x,),
    "log1p": (lambda x: 1 / (1 + x),), "log2": (lambda x: 1 / x / mp.log(2),),
    "log10": (lambda x: 1 / x / mp.log(10),),
    "logaddexp": (lambda x, y: sigmoid(x - y), lambda x, y: sigmoid(y - x)),
    "sin": (mp.cos,), "cos": (lambda x: -mp.sin(x),), "tan": (lambda x: mp.sec(x)**2,),
    "asin": (lambda x: 1 / mp.sqrt((1 - x) * (1 + x)),),
    "acos": (lambda x: -1 / mp.sqrt((1 - x) * (1 + x)),),
    "atan": (lambda x: 1 / (1 + x * x),),
    "atan2": (lambda x, y: y / (x * x + y * y), lambda x, y: -x / (x * x + y * y)),
    "sinh": (mp.cosh,), "cosh": (mp.sinh,), "tanh": (lambda x: mp.sech(x)**2,),
    "sech": (lambda x: -mp.sech(x) * mp.tanh(x),), "asinh": (lambda x: 1 / mp.sqrt(1 + x * x),),
    "acosh": (lambda x: 1 / mp.sqrt((x - 1) * (x + 1)),),
    "atanh": (lambda x: 1 / (1 - x) / (1 + x),),
    "sigmoid": (lambda x: sigmoid(x) * sigmoid(-x),), "softplus": (sigmoid,),
    "erf": (lambda x: 2 / ROOT_PI * mp.exp(-x * x),),
    "erfc": (lambda x: -2 / ROOT_PI * mp.exp(-x * x),),
    "relu": (lambda x: x > 0,), "abs": (mp.sign,),
    **dict.fromkeys(("maximum", "at_least"), (lambda x, y: x > y, lambda x, y: x < y)),
    **dict.fromkeys(("minimum", "at_most"), (lambda x, y: x < y, lambda x, y: x > y)),
    "copysign": (lambda x, y: mp.sign(x) * mp.sign(y), lambda x, y: 0),
    "leaky_relu": (lambda x: 1 if x > 0 else mp.mpf(0.01),),
    "elu": (lambda x: 1 if x > 0 else mp.exp(x),),
    "silu": (lambda x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x),),
    "gelu": (lambda x: normal(x) + x * density(x),), "gelu_tanh": (gelu_tanh,),
    "ndtr": (density,), "logit": (lambda x: 1 / x / (1 - x),),
    "xlogy": (lambda x, y: mp.log(y), lambda x, y: x / y),
    "xlog1py": (lambda x, y: mp.log1p(y), lambda x, y: x / (1 + y)),
    "entr": (lambda x: -mp.log(x) - 1,), "cbrt": (lambda x: 1 / mp.cbrt(x * x) / 3,),
    "rel_entr": (lambda x, y: mp.log(x) - mp.log(y) + 1, lambda x, y: -x / y),
    "kl_div": (lambda x, y: mp.log(x) - mp.log(y), lambda x, y: 1 - x / y),
    "sindg": (lambda x: mp.pi / 180 * mp.cos(x * mp.pi / 180),),
    "cosdg": (lambda x: -mp.pi / 180 * mp.sin(x * mp.pi / 180),),
    "gammaln": (mp.digamma,), "digamma": (lambda x: mp.psi(1, x),),
}
WIDER = {"remainder": [(-INF, INF)] * 2, "pow": [(0.0, INF), (-INF, INF)]}
FUNCTIONS = thorough.OPS | thorough.SPECIAL


def domains(name):
    """Between what the operands lie: the thorough test stops where results overflow."""
    return WIDER.get(name) or [tuple(math.copysign(INF, end) if abs(end) > 2 else end
                                     for end in domain) for domain in FUNCTIONS[name].domains]


def beside(x, path, k):
    """x moved a little (path: from which side, how fast), and far away for infinity; k: how far."""
    side, fast = path
    if not fast:
        return mp.mpf(side if x != x else x)
    step = mp.mpf(10) ** (400 * k * fast)
    return side * step if math.isinf(x) else x + side / step


def paths(x, others):
    """From where x is approached: its side, and how fast. Of nan: what it may stand for."""
    if x != x:
        return [(-2.3, 0), (-0.7, 0), (0.4, 0), (0.6, 0), (3.3, 0)]
    fast = (1, 2) if others else (1,)
    sides = ([math.copysign(1, x)] if math.isinf(x) else [1, -1] if x in (-1, 0, 1) else [])
    return list(itertools.product(sides, fast)) or [(0, 0)]


def rounded(x):
    """The nearest float; beyond the greatest one infinity."""
    return math.copysign(INF, x) if abs(x) >= mp.mpf(2)**1024 - 2**970 else float(x) + 0.0


def trend(slopes):
    """Where three numbers go, each much further on than the one before: a float, nan if nowhere."""
    floats, (a, b, c) = [rounded(x) for x in slopes], map(abs, slopes)
    if len(set(floats)) == 1:
        return floats[0]
    if c - b >= mp.mpf("0.99") * (b - a) > 0 and len(set(map(mp.sign, slopes))) == 1:
        return math.copysign(INF, slopes[-1])
    return 0.0 if c * 1000 < b and b * 1000 < a else floats[-1] if floats[-1] == floats[-2] else NAN


def limit(name, i, at):
    """The derivative by operand i there: a float, None if there is no limit, or no function."""
    found = {}
    for path in itertools.product(*(paths(x, len(at) > 1) for x in at)):
        with mp.workdps(2500):                  # so that 1 ± 1e-2400 is not 1
            points = [[beside(x, p, k) for x, p in zip(at, path)] for k in (1, 2, 3)]
        if all(low < x < high for xs in points for x, (low, high) in zip(xs, domains(name))):
            found[path] = trend([mp.mpf(SLOPES[name][i](*xs)) for xs in points])
    own = [to for path, to in found.items()
           if all(x or side == math.copysign(1, x) for x, (side, _) in zip(at, path))]
    for group in (list(found.values()), own):
        if group and len(set(map(repr, group))) == 1:
            return group[0]
    return None


def allowed(ours, exact, at_nan):
    """Whether ours is the limit. At nan it may be nan; elsewhere anything where there is none."""
    if exact is None and not at_nan:
        return True
    if ours != ours:
        return at_nan or exact != exact
    return exact is not None and math.isclose(ours, exact, rel_tol=1e-14, abs_tol=1e-323)


def departures(name):
    """{(operation, operand, kind of point)}: where our derivative is not the limit."""
    function, op, found = FUNCTIONS[name].ours, table.get(name), {}
    arity = len(SLOPES[name])
    points = list(itertools.product(ONE if arity == 1 else TWO, repeat=arity))
    for i in range(arity):
        with np.errstate(all="ignore"), mp.workdps(60):
            slopes = elementwise_grad(function, i)(*np.array(points).T)
            for at, ours in zip(points, slopes.tolist(), strict=True):
                exact = None if op and op.kink and op.kink(*at) == 0 else limit(name, i, at)
                if not allowed(ours, exact, any(x != x for x in at)):
                    found.setdefault((name, "xy"[i], kind_of(at)), []).append((at, ours, exact))
    return found


@pytest.mark.parametrize("name", SLOPES)
def test_a_derivative_at_a_special_value_is_the_limit_or_a_row_of_the_page(name):
    found = departures(name)
    told = {(name, *row[1:3]) for row in rows("Not the limit")
            if name.removesuffix("_tanh") in re.findall(r"\w+", row[0])}
    assert found.keys() == told, found


def test_the_slopes_are_those_of_the_functions():
    for name, slopes in SLOPES.items():
        at = [mp.mpf("1.7") if high > 1.7 else mp.mpf("0.3") for _, high in domains(name)]
        for i, slope in enumerate(slopes):
            with mp.workdps(40):
                at[-1] = at[-1] if len(at) < 2 else mp.mpf("0.6")
                exact = thorough.slope(FUNCTIONS[name].exact, at, i)
                assert abs(slope(*at) - exact) <= 1e-15 * abs(exact), (name, i)


def test_every_elementwise_operation_has_a_slope():
    assert thorough.OPS.keys() - SLOPES.keys() == {"logsumexp"}


@pytest.mark.parametrize(("f", "x", "gradient"), [
    (anp.sum, [INF, NAN], [1, 1]), (anp.mean, [INF, NAN], [0.5, 0.5]),
    (lambda x: anp.sum(x * x), [INF, NAN, 1], [INF, NAN, 2]),
    (lambda x: anp.matmul(x, x), [INF, NAN, 1], [INF, NAN, 2]),
    (lambda x: anp.matmul(x, np.array([INF, NAN, 0])), [0, 0, 0], [INF, NAN, 0]),
    (anp.max, [INF, INF, 2], [0.5, 0.5, 0]), (anp.min, [0, -0.0, 2], [0.5, 0.5, 0]),
    (anp.max, [NAN, NAN, 2], [NAN] * 3), (anp.max, [-INF, 5e-324, 0], [0, 1, 0]),
    (lambda x: anp.sort(x)[1], [NAN, INF, 1], [0, 1, 0]),
    (lambda x: anp.sort(x)[0], [0, -0.0, 5e-324], [1, 0, 0]),
    (anp.prod, [INF, 0, 2], [0, INF, NAN]), (anp.prod, [1e-300, 1e300, 2], [2e300, 2e-300, 1]),
    (lambda x: anp.cumulative_prod(x)[1], [INF, 1], [1, INF]),
    (lambda x: anp.cumulative_sum(x)[1], [INF, NAN, 1], [1, 1, 0]),
    (anp.linalg.vector_norm, [NAN, 1], [NAN, NAN]), (anp.std, [INF, 1], [NAN, NAN]),
    (anp.std, [1e-300, 1e-300], [0, 0]), (anp.var, [INF, INF], [NAN, NAN]),
    (anp.logsumexp, [-INF, -INF], [NAN, NAN]), (anp.logsumexp, [-1e300, 1e300], [0, 1]),
    (anp.logsumexp, [5e-324, -1e-310], [0.5, 0.5]),
    (lambda x: anp.softmax(x)[0], [-INF, 0, 0], [0, 0, 0]),
    (lambda x: anp.softmax(x)[1], [-INF, 0, 0], [0, 0.25, -0.25]),
    (lambda x: anp.softmax(x)[0], [1e300, -1e300], [0, 0]),
    (lambda x: anp.log_softmax(x)[0], [-1e300, 1e300], [1, -1]),
    (lambda x: anp.sum(anp.where(x > 0, x, 2 * x)), [INF, NAN, -INF], [1, 2, 2]),
    (lambda x: anp.sum(anp.diff(x)), [INF, NAN, 1], [-1, 0, 1]),
    (lambda x: anp.sum(anp.leaky_relu(x)), [NAN, INF, -INF], [NAN, 1, 0.01])])
def test_reductions_at_special_values_follow_ieee_754_by_their_definition(f, x, gradient):
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(grad(f)(np.array(x, float)), np.array(gradient, float))
