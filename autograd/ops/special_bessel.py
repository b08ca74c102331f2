"""Functions that solve differential equations: Bessel's, Legendre's, elliptic, hypergeometric."""

from math import pi
from typing import Any

from ..storage.special import special as by_library
from ..symbol import Part
from .elementwise import divide, exp, pow, sign, sqrt, where
from .special import refused, special

# -- Bessel functions: an order n or v, and x ---------------------------------------------------
j0 = special("j0",             lambda g, x: -g * j1(x))
j1 = special("j1",             lambda g, x: g * (0.5 * (j0(x) - jv(2, x))))
jv = special("jv",             refused("jv", "its order"),
             lambda g, x, y: g * (0.5 * (jv(x - 1, y) - jv(x + 1, y))), analytic=True)
y0 = special("y0",             lambda g, x: -g * y1(x))
y1 = special("y1",             lambda g, z, x: g * (y0(x) - z / x))
yn = special("yn",             refused("yn", "its order"),
             lambda g, x, y: g * (0.5 * (yn(x - 1, y) - yn(x + 1, y))))
i0 = special("i0",             lambda g, x: g * i1(x))
i1 = special("i1",             lambda g, x: g * (0.5 * (i0(x) + iv(2, x))))
iv = special("iv",             refused("iv", "its order"),
             lambda g, x, y: g * (0.5 * (iv(x - 1, y) + iv(x + 1, y))), analytic=True)
i0e = special("i0e",           lambda g, z, x: g * (i1e(x) - sign(x) * z), kink=lambda x: x)
i1e = special("i1e",           lambda g, z, x: g * (0.5 * (i0e(x) + ive(2, x)) - sign(x) * z))
ive = special("ive",           refused("ive", "its order"),
              lambda g, z, x, y: g * (0.5 * (ive(x - 1, y) + ive(x + 1, y)) - sign(y) * z),
              kink=lambda x, y: where(x == 0, y, 1.0))
k0 = special("k0",             lambda g, x: -g * k1(x))
k1 = special("k1",             lambda g, z, x: -g * (k0(x) + z / x))
k0e = special("k0e",           lambda g, z, x: g * (z - k1e(x)))
k1e = special("k1e",           lambda g, z, x: g * (z - k0e(x) - z / x))

# -- integrals ---------------------------------------------------------------------------------
exp1 = special("exp1",         lambda g, x: -g * exp(-x) / x, analytic=True)
expi = special("expi",         lambda g, x: g * exp(x) / x, analytic=True)
expn = special("expn",         refused("expn", "its order"),
               lambda g, z, x, y: -g * lower_expn(z, x, y))
ellipk = special("ellipk",     lambda g, x: g * ellipk_slope(1 - x, x / (x - 1)))
ellipkm1 = special("ellipkm1", lambda g, x: -g * ellipk_slope(x, 1 - 1 / x))
ellipe = special("ellipe",     lambda g, x: -g * ellipe_slope(1 - x, x / (x - 1)))


@Part
def lower_expn(z: Any, n: Any, x: Any) -> Any:
    """expn(n - 1, x), by z = expn(n, x) where n is 0."""
    return where(n == 0, divide(exp(-x) + z, x), expn(where(n == 0, 1, n) - 1, x))


@Part
def ellipk_slope(p: Any, x: Any) -> Any:
    """The derivative of ellipk(m), at p = 1 - m and x = m / (m - 1): a hypergeometric series."""
    return divide(pi / 8 * pow(p, -0.5) * hypergeometric(x, a=1.5, b=0.5, c=2.0), p)


@Part
def ellipe_slope(p: Any, x: Any) -> Any:
    """Minus the derivative of ellipe(m), at the same."""
    return pi / 8 * pow(p, -0.5) * hypergeometric(x, a=0.5, b=0.5, c=2.0)


# -- hypergeometric and Legendre functions -----------------------------------------------------
hypergeometric = special(
    "hypergeometric",
    lambda g, x, *, a=1.5, b=0.5, c=2.0:
        g * (a * b / c) * hypergeometric(x, a=a + 1, b=b + 1, c=c + 1),
    forward=lambda xp, x, a, b, c: by_library("hyp2f1")(xp, a, b, c, x))
hyp1f1 = special("hyp1f1",     refused("hyp1f1", "its parameter a"),
                 refused("hyp1f1", "its parameter b"),
                 lambda g, x, y, w: g * (x / y * hyp1f1(x + 1, y + 1, w)), analytic=True)
lpmv = special("lpmv",         refused("lpmv", "its order"), refused("lpmv", "its degree"),
               lambda g, x, y, w: g * (0.5 / sqrt((1 - w) * (1 + w)) * (
                   lower_order(x, y, w) - lpmv(x + 1, y, w))))


@Part
def lower_order(m: Any, v: Any, x: Any) -> Any:
    """(v + m) (v - m + 1) lpmv(m - 1, v, x), which is 0 where the factor is."""
    factor = (v + m) * (v - m + 1)
    return where(factor == 0, 0.0, factor * lpmv(m - where(factor == 0, 0.0, 1.0), v, x))
