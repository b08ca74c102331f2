"""The entries of the special functions: where each is smooth, and SciPy's own as the reference."""

import numpy as np
import scipy.special as sc
from domains import Domain, primitive
from hypothesis import strategies as st
from strategies import Case, along, array, elementwise, reduction, rngs, uniform

from autograd.numpy import special
from autograd.testing.rows_special import DOMAINS

SPECIAL: set[str] = set()               # the primitives among them
COMPOSED: dict[str, Domain] = {}
ANY, POSITIVE, UNIT = uniform(-3, 3), uniform(0.3, 3), uniform(0.1, 0.9)
ABOVE_ONE = uniform(1.3, 4)


def special_primitive(name, cases, reference=None):
    """A primitive, by default under SciPy's name; that it works on Values is in test_special."""
    primitive(name, cases, reference or getattr(sc, name), analytic=False)
    SPECIAL.add(name)


def function(name, *fills, reference=None):
    special_primitive(name, elementwise(*fills), reference)


def composite(name, cases, reference=None, call=None):
    COMPOSED[f"special.{name}"] = Domain(f"special.{name}", call or getattr(special, name),
                                         reference or getattr(sc, name), cases, analytic=False)


@st.composite
def after(draw, numbers, *fills):
    """Numbers that have no derivative (an order, a count), then operands that broadcast."""
    case = draw(elementwise(*fills))
    return Case((*draw(numbers), *case.args), {})


# -- of operands that broadcast ------------------------------------------------------------------
for _name, _domains in DOMAINS.items():                 # where programs draw them too
    function(_name, *(uniform(*domain) for domain in _domains))
function("gammasgn", uniform(-0.9, -0.1))

# -- with an order or parameter that has no derivative -------------------------------------------
whole = st.tuples(st.integers(0, 3))
for _name in ("polygamma", "yn", "expn"):
    special_primitive(_name, after(whole, POSITIVE))
for _name in ("jv", "iv", "ive"):
    special_primitive(_name, after(st.tuples(st.sampled_from([0, 1, 2.5, -0.5])), POSITIVE))
special_primitive("hyp1f1", after(st.tuples(st.just(1.5), st.sampled_from([0.5, 2.0])), ANY))
special_primitive("lpmv", after(st.tuples(st.integers(0, 2), st.sampled_from([2.0, 3.5])),
                                uniform(-0.8, 0.8)))
special_primitive("hypergeometric", array(UNIT, lambda draw, x: {"a": 1.5, "b": 0.5, "c": 2.0}),
                  lambda x, a, b, c: sc.hyp2f1(a, b, c, x))

# -- what the rules are made of ------------------------------------------------------------------
ROOTS, WEIGHTS = np.polynomial.legendre.leggauss(100)


def integral(f, start, length):
    """The integral of f from start to start + length, by Gauss and Legendre."""
    half = np.asarray(length) / 2
    return sum(w * f(start + half * (1 + r)) for r, w in zip(ROOTS, WEIGHTS, strict=True)) * half


def average(weight, what, start, length):
    """The average of `what` there, by `weight`."""
    return integral(lambda u: weight(u) * what(u), start, length) / integral(weight, start, length)


def gamma_tail(a, x, power):
    start, here = np.log(x), a * np.log(x) - x

    def weight(u):                                              # u = log t
        return np.exp(a * u - np.exp(u) - here)

    def score(u):
        return (u - sc.psi(a))**power

    return np.where(x <= a, sc.gammainc(a, x) * average(weight, score, start, -40 / a),
                    -sc.gammaincc(a, x) * average(weight, score, start, 3.0))


def beta_tail(a, b, x, powers):
    start, both, here = sc.logit(x), sc.psi(a + b), a * np.log(x) + b * np.log1p(-x)

    def weight(u):                                              # u = log t / (1 - t)
        return np.exp(a * sc.log_expit(u) + b * sc.log_expit(-u) - here)

    def score(u):
        return (sc.log_expit(u) - sc.psi(a) + both)**powers[0] * (
            sc.log_expit(-u) - sc.psi(b) + both)**powers[1]

    return np.where(x * b <= (1 - x) * a,
                    sc.betainc(a, b, x) * average(weight, score, start, -40 / a),
                    -sc.betaincc(a, b, x) * average(weight, score, start, 40 / b))


def student_slope(df, t):
    def weighted(s):
        score = sc.psi((df + 1) / 2) - sc.psi(df / 2) - 1 / df - np.log1p(s * s / df) + (
            df + 1) * s * s / (df * (df + s * s))
        return score / 2 * np.exp(-sc.betaln(df / 2, 0.5) - (df + 1) / 2 * np.log1p(s * s / df))

    return integral(weighted, 0.0, t) / np.sqrt(df)


def zeta_slope(x, q, order):
    s, end = x + 1e-100j, q + 200.0
    total = sum((q + n)**-s for n in range(200)) + end**(1 - s) / (s - 1) + end**-s / 2
    for term in (s / 12 / end, -s * (s + 1) * (s + 2) / 720 / end**3):
        total = total + term * end**-s
    return total.imag / 1e-100


@st.composite
def tails(draw, left, right, *fills, **params):
    """Shapes, and an x on one side of the mode or on the other."""
    case = draw(elementwise(*fills, draw(st.sampled_from([uniform(*left), uniform(*right)]))))
    return case._replace(params={name: draw(st.sampled_from(v)) for name, v in params.items()})


function("gamma_density", ABOVE_ONE, POSITIVE,
         reference=lambda a, x: np.exp(sc.xlogy(a - 1, x) - x - sc.gammaln(a)))
function("beta_density", ABOVE_ONE, ABOVE_ONE, UNIT, reference=lambda a, b, x: np.exp(
    sc.xlogy(a - 1, x) + sc.xlog1py(b - 1, -x) - sc.betaln(a, b)))
special_primitive("gamma_tail", tails((0.3, 1.2), (4, 6), uniform(2, 3), power=[0, 1, 2]),
                  gamma_tail)
special_primitive("beta_tail", tails((0.15, 0.3), (0.7, 0.85), uniform(2, 3), uniform(2, 3),
                                     powers=[(0, 0), (1, 0), (0, 1), (2, 0), (1, 1)]), beta_tail)
function("student_slope", ABOVE_ONE, ANY, reference=student_slope)
special_primitive("zeta_slope", elementwise(ABOVE_ONE, POSITIVE).map(
    lambda case: case._replace(params={"order": 1})), zeta_slope)

# -- made of primitives --------------------------------------------------------------------------
for _name in ("exp2", "exp10", "cosm1", "log_expit", "sinc"):
    composite(_name, elementwise(ANY))
composite("radian", elementwise(ANY, ANY, ANY))
composite("inv_boxcox", elementwise(POSITIVE, uniform(-0.2, 3)))
composite("inv_boxcox1p", elementwise(POSITIVE, uniform(-0.2, 3)))
composite("huber", elementwise(uniform(1, 2), uniform(-0.8, 0.8)) | elementwise(
    uniform(1, 2), uniform(2.3, 4)))
composite("pseudo_huber", elementwise(POSITIVE, ANY))
for _name in ("gdtr", "gdtrc"):
    composite(_name, elementwise(POSITIVE, POSITIVE, POSITIVE))
for _name in ("chdtr", "chdtrc"):
    composite(_name, elementwise(POSITIVE, POSITIVE))
composite("chdtri", elementwise(ABOVE_ONE, UNIT))
for _name in ("fdtr", "fdtrc"):
    composite(_name, elementwise(ABOVE_ONE, ABOVE_ONE, POSITIVE))
composite("fdtri", elementwise(ABOVE_ONE, ABOVE_ONE, UNIT))
for _name in ("pdtr", "pdtrc"):
    composite(_name, after(whole, POSITIVE))
composite("pdtri", after(whole, UNIT))
trials = st.integers(1, 6).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n)))
for _name in ("bdtr", "bdtrc", "bdtri"):
    composite(_name, after(trials, UNIT))
for _name in ("nbdtr", "nbdtrc", "nbdtri"):
    composite(_name, after(st.tuples(st.integers(0, 4), st.integers(1, 4)), UNIT))
composite("multigammaln", array(ABOVE_ONE, lambda draw, x: {"d": draw(st.integers(1, 3))}))
composite("zeta", elementwise(ABOVE_ONE))


@st.composite
def weighted(draw):
    """An array, weights that broadcast against it, and axes."""
    case = draw(reduction(ANY, nonempty=True))
    x, = case.args
    b, = POSITIVE(draw(rngs()), tuple(n if draw(st.booleans()) else 1 for n in x.shape))
    return Case((x, b), case.params)


def plain(function):
    """SciPy's function, with arrays for what it returns of 0-d ones."""
    return lambda *args, **params: np.asarray(function(*args, **params))


composite("logsumexp", weighted(), lambda x, b, axis, keepdims: np.log(
    (b * np.exp(x)).sum(axis, keepdims=keepdims)),
    lambda x, b, axis, keepdims: special.logsumexp(x, axis, b, keepdims))
for _name in ("softmax", "log_softmax"):
    composite(_name, along(ANY, min_side=1), plain(getattr(sc, _name)))
