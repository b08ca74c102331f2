"""Special functions made of primitives: powers, losses, and the distributions of statistics.

Operands stand in SciPy's order. Counts of events are cut to whole numbers, as SciPy does: the
gradient there is 0. What is outside of a function's domain is nan.
"""

import math
from typing import Any

from ..errors import ArgumentError
from ..ops import elementwise as e
from ..ops.elementwise import abs, exp, hypot, log, log1p, pow, sin, where
from ..ops.special import LOG1P_RATIO, polynomial
from ..ops.special_beta import betainc, betaincc, betainccinv, betaincinv
from ..ops.special_gamma import gammainc, gammaincc, gammainccinv, gammaln, zeta as hurwitz, zetac
from . import reductions
from .base import as_operand

INF, NAN = math.inf, math.nan


# -- powers, angles, losses --------------------------------------------------------------------
def exp2(x: Any) -> Any:
    """2 to the power x."""
    return pow(2.0, x)


def exp10(x: Any) -> Any:
    """10 to the power x."""
    return pow(10.0, x)


def cosm1(x: Any) -> Any:
    """cos(x) - 1, accurate near 0."""
    half = sin(0.5 * x)
    return -2.0 * half * half


def radian(d: Any, m: Any, s: Any) -> Any:
    """Degrees, minutes and seconds as radians."""
    return ((d * 60.0 + m) * 60.0 + s) * (math.pi / 648000)


def log_expit(x: Any) -> Any:
    """log(expit(x)), accurate in both tails."""
    return -e.softplus(-x)


def inv_boxcox(x: Any, lmbda: Any) -> Any:
    """(1 + lmbda x)^(1 / lmbda), exp(x) where lmbda is 0: the inverse of boxcox in x."""
    return exp(_log1p_over(x, lmbda))


def inv_boxcox1p(x: Any, lmbda: Any) -> Any:
    """inv_boxcox(x, lmbda) - 1: the inverse of boxcox1p in x."""
    return e.expm1(_log1p_over(x, lmbda))


def _log1p_over(x: Any, y: Any) -> Any:
    """log(1 + x y) / y, and x where y is 0; near there by its series, which has derivatives."""
    small = abs(x * y) < 0.1
    near = (y == 0) | small
    series = x * polynomial(LOG1P_RATIO, where(small, x * y, 0.0))
    return where(near, series, log1p(where(near, 1.0, x * y)) / where(y == 0, 1.0, y))


def huber(delta: Any, r: Any) -> Any:
    """r² / 2 where |r| <= delta, from there on its tangent: delta (|r| - delta / 2)."""
    size = abs(r)
    loss = where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta))
    return where(delta < 0.0, INF, loss)


def pseudo_huber(delta: Any, r: Any) -> Any:
    """delta² (sqrt(1 + (r / delta)²) - 1), a smooth huber(delta, r)."""
    length = hypot(delta, r)
    near = abs(r) < delta
    loss = where(near, delta * r * r / where(near, length + delta, 1.0), delta * (length - delta))
    return where(delta < 0.0, INF, loss)


# -- logarithms of sums and of gamma functions, zeta -------------------------------------------
def logsumexp(a: Any, axis: Any = None, b: Any = None, keepdims: bool = False,
              return_sign: bool = False) -> Any:
    """log(sum(b exp(a))) over axes (None: all), without overflow; b is 1 where it is not given.

    With `return_sign` the logarithm of the absolute value, and the sign of the sum.
    """
    if b is None and not return_sign:
        return reductions.logsumexp(a, axis=axis, keepdims=keepdims)
    a, b = as_operand(a), 1.0 if b is None else as_operand(b)
    top = reductions._shift_of(where(b == 0, -INF, a), axis)
    total = reductions.sum(b * exp(a - top), axis=axis, keepdims=keepdims)
    if not keepdims:
        top = reductions.sum(top, axis=axis)
    if return_sign:
        return log(abs(total)) + top, e.sign(total)
    return log(total) + top


def softmax(x: Any, axis: Any = None) -> Any:
    """exp(x) / sum(exp(x)) over axes (None: all), without overflow."""
    return reductions.softmax(x, axis=axis)


def log_softmax(x: Any, axis: Any = None) -> Any:
    """log(softmax(x)) over axes (None: all), accurate where softmax underflows."""
    return reductions.log_softmax(x, axis=axis)


def multigammaln(a: Any, d: Any) -> Any:
    """The logarithm of the gamma function of d dimensions, d a whole number, a > (d - 1) / 2."""
    if d != int(d) or d < 1:
        raise ArgumentError(f"multigammaln in {d} dimensions", "d must be a whole number from 1 on")
    total: Any = d * (d - 1) / 4 * math.log(math.pi)
    for j in range(int(d)):
        total = total + gammaln(a - j / 2)
    return where(a > (d - 1) / 2, total, NAN)


def zeta(x: Any, q: Any = None) -> Any:
    """Riemann's zeta function of x, or with q Hurwitz': the sum of (n + q)^-x over n >= 0."""
    return zetac(x) + 1.0 if q is None else hurwitz(x, q)


# -- distributions: f is the probability up to a value, fc from it on, fi the value for one -----
def gdtr(a: Any, b: Any, x: Any) -> Any:
    """Gamma distribution of rate a and shape b: the probability up to x."""
    return where(x >= 0, gammainc(b, a * x), NAN)


def gdtrc(a: Any, b: Any, x: Any) -> Any:
    """Gamma distribution of rate a and shape b: the probability from x on."""
    return where(x >= 0, gammaincc(b, a * x), NAN)


def chdtr(v: Any, x: Any) -> Any:
    """Chi-square distribution of v degrees of freedom: the probability up to x."""
    return gammainc(v / 2, x / 2)


def chdtrc(v: Any, x: Any) -> Any:
    """Chi-square distribution of v degrees of freedom: the probability from x on."""
    return gammaincc(v / 2, x / 2)


def chdtri(v: Any, p: Any) -> Any:
    """The x with chdtrc(v, x) = p."""
    return 2.0 * gammainccinv(v / 2, p)


def pdtr(k: Any, m: Any) -> Any:
    """Poisson distribution of mean m: the probability of at most k events."""
    return where(k >= 0, gammaincc(e.floor(k) + 1.0, m), NAN)


def pdtrc(k: Any, m: Any) -> Any:
    """Poisson distribution of mean m: the probability of more than k events."""
    return where(k >= 0, gammainc(e.floor(k) + 1.0, m), NAN)


def pdtri(k: Any, y: Any) -> Any:
    """The m with pdtr(k, m) = y."""
    return where(k >= 0, gammainccinv(e.floor(k) + 1.0, y), NAN)


def bdtr(k: Any, n: Any, p: Any) -> Any:
    """Binomial distribution: the probability of at most k successes in n trials, each of p."""
    k, rest = e.floor(k), e.floor(n) - e.floor(k)
    part = betaincc(k + 1.0, where(rest > 0, rest, 1.0), p)
    part = where((part == part) & (rest == 0), 1.0, part)
    return where((k >= 0) & (rest >= 0) & (n < INF), part, NAN)


def bdtrc(k: Any, n: Any, p: Any) -> Any:
    """Binomial distribution: the probability of more than k successes in n trials, each of p."""
    k, rest = e.floor(k), e.floor(n) - e.floor(k)
    part = betainc(where(k >= 0, k, 0.0) + 1.0, where(rest > 0, rest, 1.0), p)
    part = where((part == part) & (rest == 0), 0.0, part)
    part = where((part == part) & (k < 0), 1.0, part)
    return where((rest >= 0) & (n < INF), part, NAN)


def bdtri(k: Any, n: Any, y: Any) -> Any:
    """The p with bdtr(k, n, p) = y."""
    k, rest = e.floor(k), e.floor(n) - e.floor(k)
    part = betainccinv(k + 1.0, where(rest > 0, rest, 1.0), y)
    return where((k >= 0) & (rest > 0) & (n < INF), part, NAN)


def nbdtr(k: Any, n: Any, p: Any) -> Any:
    """Negative binomial distribution: at most k failures before the nth success, each of p."""
    return _counted(betainc, k, n, p)


def nbdtrc(k: Any, n: Any, p: Any) -> Any:
    """Negative binomial distribution: more than k failures before the nth success, each of p."""
    return _counted(betaincc, k, n, p)


def nbdtri(k: Any, n: Any, y: Any) -> Any:
    """The p with nbdtr(k, n, p) = y."""
    return _counted(betaincinv, k, n, y)


def _counted(function: Any, k: Any, n: Any, p: Any) -> Any:
    part = function(e.floor(n), e.floor(k) + 1.0, p)
    return where((k >= 0) & (n >= 1) & (k < INF) & (n < INF), part, NAN)


def fdtr(dfn: Any, dfd: Any, x: Any) -> Any:
    """F distribution of dfn and dfd degrees of freedom: the probability up to x."""
    return _fisher(betainc, betaincc, dfn, dfd, x)


def fdtrc(dfn: Any, dfd: Any, x: Any) -> Any:
    """F distribution of dfn and dfd degrees of freedom: the probability from x on."""
    return _fisher(betaincc, betainc, dfn, dfd, x)


def _fisher(near: Any, far: Any, dfn: Any, dfd: Any, x: Any) -> Any:
    """By the share of the smaller of dfn x and dfd in their sum, so that neither tail rounds."""
    ratio, small = dfn / dfd * x, dfn * x <= dfd
    share = where(small, ratio / (1.0 + where(small, ratio, 0.0)),
                  1.0 / (1.0 + where(small, 1.0, ratio)))
    part = where(small, near(dfn / 2, dfd / 2, share), far(dfd / 2, dfn / 2, share))
    return where((x >= 0) & (dfn > 0) & (dfd > 0) & (dfn < INF) & (dfd < INF), part, NAN)


def fdtri(dfn: Any, dfd: Any, p: Any) -> Any:
    """The x with fdtr(dfn, dfd, x) = p."""
    share, rest = betaincinv(dfn / 2, dfd / 2, p), betainccinv(dfd / 2, dfn / 2, p)
    return where((dfn > 0) & (dfd > 0), dfd / dfn * share / rest, NAN)
