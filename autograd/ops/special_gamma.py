"""The gamma function, its logarithm and their derivatives, zeta, and the incomplete integral."""

from math import factorial, pi
from typing import Any

from ..primitive import NUMBERS
from ..storage.special import special as by_library
from ..symbol import Part
from . import special_series as series, special_tails as tails
from .elementwise import cos, divide, log, pow, sin, where
from .special import refused, special, xlogy


def _polygamma(xp: Any, n: Any, x: Any) -> Any:
    """By zeta where n is a number; orders that are arrays are left to the library."""
    if type(n) not in NUMBERS or not 0 <= n <= 170 or n != int(n):
        return by_library("polygamma")(xp, n, x)
    if n == 0:
        return by_library("digamma")(xp, x)
    return (-1.0) ** (n + 1) * factorial(int(n)) * by_library("zeta")(xp, n + 1.0, x)


# -- the gamma function ------------------------------------------------------------------------
gammaln = special("gammaln",   lambda g, x: g * digamma(x))
loggamma = special("loggamma", lambda g, x: g * digamma(x), analytic=True)
gamma = special("gamma",       lambda g, z, x: g * (z * digamma(x)), analytic=True)
rgamma = special("rgamma",     lambda g, z, x: g * where(
    x < 0.5, cos(pi * x) * gamma(1 - x) - z * digamma(1 - x), -z * digamma(x)))
gammasgn = special("gammasgn", lambda g: 0.0)
poch = special("poch",         lambda g, z, x, y: g * (z * (digamma(x + y) - digamma(x))),
               lambda g, z, x, y: g * (z * digamma(x + y)))
binom = special("binom",
                lambda g, z, x, y: g * (z * (digamma(x + 1) - digamma(x - y + 1))),
                lambda g, z, x, y: g * (z * (digamma(x - y + 1) - digamma(y + 1))))

# -- its logarithmic derivatives, and zeta -----------------------------------------------------
digamma = special("digamma",   lambda g, x: g * polygamma(1, x), analytic=True)
polygamma = special("polygamma", refused("polygamma", "its order n"),
                    lambda g, x, y: g * polygamma(x + 1, y), forward=_polygamma)
zetac = special("zetac",       lambda g, x: g * zetac_slope(x))
zeta = special("zeta",         lambda g, x, y: g * zeta_by_x(x, y),
               lambda g, x, y: g * (-x * zeta(x + 1, y)))


@Part
def zeta_by_x(x: Any, q: Any) -> Any:
    """The derivative of zeta in its exponent x."""
    return zeta_slope(x, q, order=1)


@Part
def zetac_slope(x: Any) -> Any:
    """The derivative of Riemann's zeta function; for x < -1 by its reflection."""
    below = x < -1
    return where(below, _reflected_slope(where(below, x, -2.0)),
                 zeta_slope(where(below, 0.0, x), 1.0, order=1))


def _reflected_slope(x: Any) -> Any:
    """The derivative of 2 (2π)^(x - 1) sin(πx / 2) Γ(1 - x) ζ(1 - x), which is ζ(x)."""
    other, angle = zeta(1 - x, 1.0), pi / 2 * x
    inner = (log(2 * pi) - digamma(1 - x)) * other - zeta_slope(1 - x, 1.0, order=1)
    return pow(2 * pi, x) / pi * gamma(1 - x) * (pi / 2 * cos(angle) * other + sin(angle) * inner)


def _shifted_slope(x: Any, y: Any, order: int) -> Any:
    """Minus the derivative of zeta_slope in y."""
    total = x * zeta_slope(x + 1, y, order=order)
    return total + order * zeta_slope(x + 1, y, order=order - 1) if order else total


zeta_slope = special("zeta_slope",
                     lambda g, x, y, *, order=1: g * zeta_slope(x, y, order=order + 1),
                     lambda g, x, y, *, order=1: -g * _shifted_slope(x, y, order),
                     forward=series.zeta_slope)

# -- the incomplete gamma function: operands a and x, for the inverses a and a probability -------
gamma_density = special("gamma_density",
                        lambda g, z, x, y: g * (xlogy(z, y) - z * digamma(x)),
                        lambda g, z, x, y: g * (lower_density(z, x, y) - z),
                        forward=series.gamma_density)
gammainc = special("gammainc",         lambda g, x, y: g * gammainc_by_a(x, y),
                   lambda g, x, y: g * gamma_density(x, y))
gammaincc = special("gammaincc",       lambda g, x, y: -g * gammainc_by_a(x, y),
                    lambda g, x, y: -g * gamma_density(x, y))
gammaincinv = special("gammaincinv",
                      lambda g, z, x: -g * gammainc_by_a(x, z) / gamma_density(x, z),
                      lambda g, z, x: g / gamma_density(x, z))
gammainccinv = special("gammainccinv",
                       lambda g, z, x: -g * gammainc_by_a(x, z) / gamma_density(x, z),
                       lambda g, z, x: -g / gamma_density(x, z))


@Part
def gammainc_by_a(a: Any, x: Any) -> Any:
    """The derivative of gammainc in a; for small a and x by that in a + 1, which is moderate."""
    small = (a < 1) & (x <= 1)
    raised = a + where(small, 1.0, zero_beside(a + x))
    z = gamma_density(raised, x)
    return gamma_tail(raised, x, power=1) + where(small, xlogy(z, x) - z * digamma(raised), 0.0)


def zero_beside(x: Any) -> Any:
    """0 in the dtype of x: where() of two numbers would have that of the library."""
    return where(x == x, 0.0, x)


@Part
def lower_density(z: Any, a: Any, x: Any) -> Any:
    """(a - 1) / x times the density z, which is that of a - 1; exact at x = 0 too."""
    below = divide(z, where(a == 1, 1.0, x)) * (a - 1)
    return where(a > 1, gamma_density(where(a > 1, a - 1, 1.0), x), below)


def _tail_by_a(g: Any, x: Any, y: Any, *, power: int = 1) -> Any:
    total = gamma_tail(x, y, power=power + 1)
    if power:
        total = total - power * polygamma(1, x) * gamma_tail(x, y, power=power - 1)
    return g * total


def _tail_by_x(g: Any, x: Any, y: Any, *, power: int = 1) -> Any:
    z = gamma_density(x, y)
    return g * where(z == 0, 0.0, z * (log(y) - digamma(x))**power)


gamma_tail = special("gamma_tail", _tail_by_a, _tail_by_x, forward=tails.gamma_tail)
