"""The beta function, its incomplete integral, and Student's distribution, which is one."""

from typing import Any

from ..symbol import Part
from . import special_series as series, special_tails as tails
from .elementwise import at_least, at_most, divide, exp, log, log1p, sign, sqrt, where
from .special import special, xlog1py, xlogy
from .special_gamma import digamma, polygamma, zero_beside

# -- the beta function -------------------------------------------------------------------------
betaln = special("betaln",     lambda g, x, y: g * (digamma(x) - digamma(x + y)),
                 lambda g, x, y: g * (digamma(y) - digamma(x + y)))
beta = special("beta",         lambda g, z, x, y: g * (z * (digamma(x) - digamma(x + y))),
               lambda g, z, x, y: g * (z * (digamma(y) - digamma(x + y))))

# -- the incomplete beta function: operands a, b and x, for the inverses a, b and a probability --
beta_density = special(
    "beta_density",
    lambda g, z, x, y, w: g * (xlogy(z, w) - z * (digamma(x) - digamma(x + y))),
    lambda g, z, x, y, w: g * (xlog1py(z, -w) - z * (digamma(y) - digamma(x + y))),
    lambda g, z, x, y, w: g * (lower_beta_density(z, x, y, w)
                                - lower_beta_density(z, y, x, 1 - w)),
    forward=series.beta_density)
betainc = special("betainc",           lambda g, x, y, w: g * betainc_by_a(x, y, w),
                  lambda g, x, y, w: g * betainc_by_b(x, y, w),
                  lambda g, x, y, w: g * beta_density(x, y, w))
betaincc = special("betaincc",         lambda g, x, y, w: -g * betainc_by_a(x, y, w),
                   lambda g, x, y, w: -g * betainc_by_b(x, y, w),
                   lambda g, x, y, w: -g * beta_density(x, y, w))
betaincinv = special("betaincinv",
                     lambda g, z, x, y: -g * betainc_by_a(x, y, z) / beta_density(x, y, z),
                     lambda g, z, x, y: -g * betainc_by_b(x, y, z) / beta_density(x, y, z),
                     lambda g, z, x, y: g / beta_density(x, y, z))
betainccinv = special("betainccinv",
                      lambda g, z, x, y: -g * betainc_by_a(x, y, z) / beta_density(x, y, z),
                      lambda g, z, x, y: -g * betainc_by_b(x, y, z) / beta_density(x, y, z),
                      lambda g, z, x, y: -g / beta_density(x, y, z))


@Part
def betainc_by_a(a: Any, b: Any, x: Any) -> Any:
    """The derivative of betainc in a."""
    return _by_shape(a, b, x, (1, 0))


@Part
def betainc_by_b(a: Any, b: Any, x: Any) -> Any:
    """The derivative of betainc in b."""
    return _by_shape(a, b, x, (0, 1))


def _by_shape(a: Any, b: Any, x: Any, powers: tuple[int, int]) -> Any:
    """The derivative of betainc in a or b; where the one that counts is small, by it plus 1.

    a I(x; a, b) = a I(x; a + 1, b) + x (1 - x) f, and b I = b I(x; a, b + 1) - x (1 - x) f.
    """
    left, right, share = x * at_least(b, 1.0), (1 - x) * at_least(a, 1.0), x * (1 - x)
    in_a, in_b = (a < 1) & (left <= right), (b < 1) & (left > right)
    zero = zero_beside(a + b + x)
    c, d = a + where(in_a, 1.0, zero), b + where(in_b, 1.0, zero)
    rest = where(share == 0, zero, share * beta_density(a, b, x))
    rest = where(in_a, divide(rest, a), where(in_b, divide(-rest, b), zero))
    score = xlogy(rest, x) - rest * digamma(c) if powers[0] else (
        xlog1py(rest, -x) - rest * digamma(d))
    return beta_tail(c, d, x, powers=powers) + score + rest * digamma(a + b)


@Part
def lower_beta_density(z: Any, a: Any, b: Any, x: Any) -> Any:
    """(a - 1) / x times the density z, a multiple of that of a - 1; exact at x = 0 too."""
    below = divide(z, where(a == 1, 1.0, x)) * (a - 1)
    return where(a > 1, (a + b - 1) * beta_density(where(a > 1, a - 1, 1.0), b, x), below)


def _tail_by_a(g: Any, x: Any, y: Any, w: Any, *, powers: Any = (1, 0)) -> Any:
    (j, k), both = powers, polygamma(1, x + y)
    total = beta_tail(x, y, w, powers=(j + 1, k))
    if j:
        total = total + j * (both - polygamma(1, x)) * beta_tail(x, y, w, powers=(j - 1, k))
    return g * (total + k * both * beta_tail(x, y, w, powers=(j, k - 1)) if k else total)


def _tail_by_b(g: Any, x: Any, y: Any, w: Any, *, powers: Any = (1, 0)) -> Any:
    (j, k), both = powers, polygamma(1, x + y)
    total = beta_tail(x, y, w, powers=(j, k + 1))
    if k:
        total = total + k * (both - polygamma(1, y)) * beta_tail(x, y, w, powers=(j, k - 1))
    return g * (total + j * both * beta_tail(x, y, w, powers=(j - 1, k)) if j else total)


def _tail_by_x(g: Any, x: Any, y: Any, w: Any, *, powers: Any = (1, 0)) -> Any:
    z, both = beta_density(x, y, w), digamma(x + y)
    scores = ((log(w) - digamma(x) + both)**powers[0]
              * (log1p(-w) - digamma(y) + both)**powers[1])
    return g * where(z == 0, 0.0, z * scores)


beta_tail = special("beta_tail", _tail_by_a, _tail_by_b, _tail_by_x, forward=tails.beta_tail)

# -- Student's distribution: operands are the degrees of freedom, and t or a probability ----------
stdtr = special("stdtr",       lambda g, x, y: g * student_slope(x, y),
                lambda g, x, y: g * student_density(x, y))
stdtrit = special("stdtrit",   lambda g, z, x: -g * student_slope(x, z) / student_density(x, z),
                  lambda g, z, x: g / student_density(x, z))
student_slope = special("student_slope",
                        lambda g, x, y: g * student_bend(x, y),
                        lambda g, x, y: g * (student_density(x, y) * student_score(x, y)),
                        forward=tails.student_slope)


@Part
def student_density(df: Any, t: Any) -> Any:
    """The density of Student's distribution; that of the normal one where df is infinite."""
    df = at_most(df, 1e15)
    return exp(-betaln(df / 2, 0.5) - (df + 1) / 2 * log1p(t * t / df)) / sqrt(df)


@Part
def student_score(df: Any, t: Any) -> Any:
    """The derivative of log student_density in df."""
    return 0.5 * (digamma((df + 1) / 2) - digamma(df / 2) - 1 / df - log1p(t * t / df)
                  + (df + 1) / df * (t * t) / (df + t * t))


@Part
def student_bend(df: Any, t: Any) -> Any:
    """The derivative of student_slope in df."""
    a, density = df / 2, student_density(df, t)
    score = digamma(a + 0.5) - digamma(a) - log1p(t * t / df)
    spread = _student_tail(df, t, 2) + (
        polygamma(1, a + 0.5) - polygamma(1, a)) * _student_tail(df, t, 0)
    inner = t * density / df * (0.5 / df - 0.5 * student_score(df, t) - 0.25 * score)
    return inner - 0.125 * sign(t) * spread


def _student_tail(df: Any, t: Any, power: int) -> Any:
    """beta_tail(df / 2, 1/2, x) at x = df / (df + t²), by 1 - x where that is the smaller one."""
    square = t * t
    near = square < df
    share = where(near, square, df) / (df + square)
    return where(near, -beta_tail(0.5, df / 2, where(near, share, 0.5), powers=(0, power)),
                 beta_tail(df / 2, 0.5, where(near, 0.5, share), powers=(power, 0)))
