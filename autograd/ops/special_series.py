"""Densities and sums that the rules of special functions call for, by asymptotic series.

Where large logarithms nearly cancel, as those of a gamma density do for a large shape, they are
taken together: with Stirling's series for log Γ, and log(1 + t) - t for what remains.
"""

from math import factorial, pi
from typing import Any

from .special_tails import Operands

# B(2j) / (2j)!
BERNOULLI = (1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
             1 / 74724249600, -3617 / 10670622842880000)


def gamma_density(xp: Any, a: Any, x: Any) -> Any:
    """x^(a - 1) exp(-x) / Γ(a); for large a by Stirling's series."""
    given = Operands(a, x)
    a, x = given.numbers
    shape = xp.maximum(a, 10.0)
    t = (x - shape) / shape
    log_far = shape * (xp.log1p(t) - t) - stirling(shape) - xp.log(x)
    far = xp.exp(log_far) * xp.sqrt(shape / (2 * pi))
    near = xp.exp(given.special("xlogy", a - 1.0, x) - x - given.special("gammaln", a))
    inside = xp.where(a > 10.0, far, near)
    return xp.where(xp.isinf(x), 0.0, xp.where(x < 0.0, float("nan"), inside))


def beta_density(xp: Any, a: Any, b: Any, x: Any) -> Any:
    """x^(a - 1) (1 - x)^(b - 1) / B(a, b); for large a and b by Stirling's series."""
    given = Operands(a, b, x)
    a, b, x = given.numbers
    c, d = xp.maximum(a, 10.0), xp.maximum(b, 10.0)
    off = x * d - (1.0 - x) * c
    log_far = (c * (xp.log1p(off / c) - off / c) + d * (xp.log1p(-off / d) + off / d)
               + stirling(c + d) - stirling(c) - stirling(d))
    far = xp.exp(log_far) * xp.sqrt(c / (c + d) * d / (2 * pi)) / x / (1.0 - x)
    near = xp.exp(given.special("xlogy", a - 1.0, x) + given.special("xlog1py", b - 1.0, -x)
                  - given.special("betaln", a, b))
    far = xp.where((x == 0.0) | (x == 1.0), 0.0, far)
    inside = xp.where(xp.minimum(a, b) > 10.0, far, near)
    return xp.where((x < 0.0) | (x > 1.0), float("nan"), inside)


def zeta_slope(xp: Any, s: Any, q: Any, order: int) -> Any:
    """The derivative of this order of Hurwitz' zeta in s, for s > 1 (by continuation s >= -1).

    The sum of (-log(q + n))^order (q + n)^-s, its end by Euler and Maclaurin (DLMF 25.11.7): lists
    hold Taylor coefficients in s.
    """
    s, q = Operands(s, q).numbers
    end = q + 10.0
    total = sum((-xp.log(q + float(n)))**order * (q + float(n))**-s for n in range(10))
    rest = [end / (1.0 - s) ** i / (s - 1.0) for i in range(order + 1)]
    rest[0] = rest[0] + 0.5
    rising, scale = [s, 0.0 * s + 1.0, *[0.0 * s] * order][:order + 1], 1.0 / end
    for j, c in enumerate(BERNOULLI):
        rest = [r + c * scale * t for r, t in zip(rest, rising, strict=True)]
        for k in (2 * j + 1.0, 2 * j + 2.0):
            rising = [t * (s + k) + before for t, before in zip(rising, [0.0, *rising])]
        scale = scale / end / end
    falling = [(-xp.log(end))**i / factorial(i) for i in range(order, -1, -1)]
    return total + factorial(order) * end**-s * sum(r * f for r, f in zip(rest, falling))


def stirling(x: Any) -> Any:
    """log Γ(x) without (x - 1/2) log x - x + log sqrt(2π), for x >= 10 (DLMF 5.11.1)."""
    t = 1.0 / (x * x)
    return (1 / 12 - t * (1 / 360 - t * (1 / 1260 - t * (1 / 1680 - t * (
        1 / 1188 - t * (691 / 360360 - t / 156)))))) / x
