"""Special functions of statistics and analysis, and their derivatives, each written once.

Here: errors and normal distributions, entropies, powers and degrees. The families of the gamma,
beta and Bessel functions have files of their own. What computes them is in storage.special.
"""

from collections.abc import Callable, Sequence
from math import factorial, pi
from typing import Any

from ..errors import GraphError
from ..kinds import Elementwise, elementwise
from ..rules import Rule
from ..storage import is_array, is_complex, is_floating, ndarray
from ..storage.special import special as by_library
from ..symbol import Part
from .elementwise import abs, at_least, at_most, divide, exp, log, log1p, pow, where
from .erf import erfc as erfc_of_arrays


def special(name: str, *rules: Rule | None, forward: Callable[..., Any] | None = None,
            analytic: bool = False, kink: Callable[..., Any] | None = None) -> Elementwise:
    """An elementwise primitive that the array library, or else SciPy, computes.

    It takes real numbers, if it is `analytic` complex ones too.
    """
    primitive = elementwise(name, *rules, forward=forward or by_library(name), poles=True,
                            kink=kink)
    primitive.real = not analytic
    return primitive


def refused(name: str, operand: str) -> Rule:
    """The rule of an operand that has no derivative: it raises, so that none is lost unseen."""
    def refuse(g: Any) -> Any:
        raise GraphError(f"{name} has no derivative with respect to {operand}",
                         f"detach() {operand}, or give a number; a function of your own gets a "
                         "derivative with custom_gradient")

    return refuse


def polynomial(coefficients: Sequence[float], x: Any) -> Any:
    """The polynomial with these coefficients, lowest power first."""
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value


# -- errors and normal distributions -----------------------------------------------------------
ROOT_PI = pi ** 0.5

PIECE = 1 << 15                 # numbers that stay in the cache through all steps of a polynomial


def _erfc(xp: Any, x: Any) -> Any:
    if not is_array(x) or not is_floating(x) or is_complex(x):
        return by_library("erfc")(xp, x)
    if type(x) is not ndarray or x.size <= PIECE:
        return erfc_of_arrays(xp, x)
    flat = xp.reshape(x, (-1,))
    result = xp.empty_like(flat)
    for i in range(0, flat.size, PIECE):
        result[i:i + PIECE] = erfc_of_arrays(xp, flat[i:i + PIECE])
    return xp.reshape(result, x.shape)


erfc = special("erfc",         lambda g, x: g * (-1.1283791670955126 * exp(-x * x)), analytic=True,
               forward=_erfc)
erfcx = special("erfcx",       lambda g, z, x: g * erfcx_slope(z, x))
erfinv = special("erfinv",     lambda g, z: g * (ROOT_PI / 2 * exp(z * z)))
erfcinv = special("erfcinv",   lambda g, z: g * (-ROOT_PI / 2 * exp(z * z)))
ndtr = special("ndtr",         lambda g, x: g * ((2 * pi) ** -0.5 * exp(-0.5 * x * x)))
log_ndtr = special("log_ndtr", lambda g, x: g * hazard(-x))
ndtri = special("ndtri",       lambda g, z: g * ((2 * pi) ** 0.5 * exp(0.5 * z * z)))


@Part
def erfcx_slope(z: Any, x: Any) -> Any:
    """2 x erfcx(x) - 2 / sqrt(pi); where that cancels by erfcx's continued fraction, DLMF 7.9.2."""
    far = at_least(x, 1.0)
    rest = far
    for n in range(180, 1, -1):
        rest = far + 0.5 * n / rest
    rest = 0.5 / rest                           # erfcx is 1 / sqrt(pi) / (x + rest)
    return where(x > 1.0, -2 / ROOT_PI * rest / (far + rest), 2 * x * near_erfcx(x, z)
                 - 2 / ROOT_PI)


@Part
def hazard(x: Any) -> Any:
    """The density of the normal distribution over its upper tail."""
    far = 0.5 ** 0.5 * x
    return (2 / pi) ** 0.5 / near_erfcx(far, erfcx(far))


@Part
def near_erfcx(x: Any, z: Any) -> Any:
    """erfcx(x), which SciPy knows to 5 ulp where erfc and exp are known to 1."""
    near = at_most(x, 1.0)
    return where(x < 1.0, exp(near * near) * erfc(near), z)


# -- logarithms and entropies ------------------------------------------------------------------
LOG1P_RATIO = tuple((-1) ** n / (n + 1) for n in range(18))             # log1p(x) / x near 0

logit = special("logit",       lambda g, x: g / (x * (1 - x)))
xlogy = special("xlogy",       lambda g, y: g * log(y),
                lambda g, x, y: g * share_of(x, y))
xlog1py = special("xlog1py",   lambda g, y: g * log1p(y),
                  lambda g, x, y: g * share_of(x, 1 + y))
entr = special("entr",         lambda g, x: -g * (1 + log(x)))
rel_entr = special("rel_entr", lambda g, x, y: g * (log(x) - log(y) + 1),
                   lambda g, x, y: -g * share_of(x, y))
kl_div = special("kl_div",     lambda g, x, y: g * log_ratio(x, y),
                 lambda g, x, y: g * rest_of(x, y))
spence = special("spence",     lambda g, x: -g * log_slope(x))


@Part
def share_of(x: Any, y: Any) -> Any:
    """x / y, and 0 where both are 0."""
    return divide(x, _unless_both_0(x, y))


@Part
def rest_of(x: Any, y: Any) -> Any:
    """1 - x / y, exact where x and y are close, and 1 where both are 0."""
    return where((y == 0) & (x == 0), 1.0, divide(y - x, _unless_both_0(x, y)))


def _unless_both_0(x: Any, y: Any) -> Any:
    """y, and 1 where both are 0; a number stays one, since an array would have its own dtype."""
    return where(y == 0, where(x == 0, 1.0, y), y)


@Part
def log_ratio(x: Any, y: Any) -> Any:
    """log(x / y), exact where x and y are close and where x / y would overflow."""
    near = (x < 2 * y) & (0.5 * y < x)
    return where(near, log1p((x - y) / where(y == 0, 1.0, y)), log(x) - log(y))


@Part
def log_slope(x: Any) -> Any:
    """log(x) / (x - 1), and 1 where x is 1; near there by its series, which has derivatives."""
    near = abs(x - 1) < 0.1
    series = polynomial(LOG1P_RATIO, where(near, x - 1, 0.0))
    return where(near, series, log(x) / where(near, 1.0, x - 1))


# -- powers and degrees ------------------------------------------------------------------------
EXPREL_SLOPE = tuple((n + 1) / factorial(n + 2) for n in range(19))     # exprel' near 0
DEGREE = pi / 180

cbrt = special("cbrt",         lambda g, z: g / (3 * z * z))
exprel = special("exprel",     lambda g, z, x: g * power_slope(1.0, x, z))
boxcox = special("boxcox",     lambda g, x, y: g * pow(x, y - 1),
                 lambda g, z, x, y: g * power_slope(log(x), y, z))
boxcox1p = special("boxcox1p", lambda g, x, y: g * pow(1 + x, y - 1),
                   lambda g, z, x, y: g * power_slope(log1p(x), y, z))
sindg = special("sindg",       lambda g, x: g * (DEGREE * cosdg(x)))
cosdg = special("cosdg",       lambda g, x: g * (-DEGREE * sindg(x)))
tandg = special("tandg",       lambda g, z: g * (DEGREE * (1 + z * z)))
cotdg = special("cotdg",       lambda g, z: g * (-DEGREE * (1 + z * z)))


@Part
def power_slope(length: Any, y: Any, z: Any) -> Any:
    """The derivative in y of z = (exp(length y) - 1) / y; near y = 0 by its series."""
    near = abs(length * y) < 1.0
    series = length * length * polynomial(EXPREL_SLOPE, where(near, length * y, 0.0))
    power = exp(length * y)
    rest = where(power == 0, 0.0, power * length) - z
    return where(near, series, divide(rest, where(near, 1.0, y)))
