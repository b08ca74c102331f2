"""The elementwise operations and their derivatives, each written once.

A rule is a linear map: g in, what g means for one operand out. It runs unchanged on floats,
arrays, nodes and symbols, names only what it needs, and never branches in Python on data.
Conventions at kinks: relu'(0) = abs'(0) = 0, clip 0 at its ends, ties share equally.
"""

import operator
from math import log as ln
from typing import Any

from ..kinds import elementwise, zeros_like
from ..primitive import NUMBERS, raw
from ..rules import signature
from ..storage import apart, is_array, is_complex, number
from .erf import erf as erf_of_arrays

# -- arithmetic ------------------------------------------------------------------------------
#                                      for operand x         for operand y
add = elementwise("add",               lambda g: g,          lambda g: g, infix=operator.add)
subtract = elementwise("subtract",     lambda g: g,          lambda g: -g, infix=operator.sub)
multiply = elementwise("multiply",     lambda g, y: g * y,   lambda g, x: g * x,
                       infix=operator.mul, poles=True)
divide = elementwise("divide",         lambda g, y: g / y,   lambda g, z, y: -g * z / y,
                     infix=operator.truediv, poles=True)
remainder = elementwise("remainder",   lambda g: g,
                        lambda g, z, x, y: -g * where(z == y, -1.0, floor_divide(x, y)),
                        infix=operator.mod,     # z is y where x is of the other sign, and far less
                        poles=True, kink=lambda x, y: x - y * round(divide(x, y)))
floor_divide = elementwise("floor_divide", lambda g: 0.0, lambda g: 0.0,
                           kink=lambda x, y: x - y * round(divide(x, y)))
pow = elementwise("pow",
                  lambda g, x, y: g * (y * pow(x, one_less(x, y))),
                  lambda g, z, x, y: g * z * log_of_base(x, y), poles=True)

negative = elementwise("negative",     lambda g: -g, infix=operator.neg)
positive = elementwise("positive",     lambda g: g, forward=lambda xp, x: apart(+x, x))
square = elementwise("square",         lambda g, x: g * (2 * x), poles=True)
reciprocal = elementwise("reciprocal", lambda g, x: -g / x / x, poles=True)
sqrt = elementwise("sqrt",             lambda g, z: g / (2 * z), poles=True)
hypot = elementwise("hypot",
                    lambda g, z, x: g * (x / where(z == 0, 1.0, z)),
                    lambda g, z, y: g * (y / where(z == 0, 1.0, z)), poles=True,
                    kink=lambda x, y: hypot(x, y))

# -- exponentials and logarithms ---------------------------------------------------------------
exp = elementwise("exp",               lambda g, z: g * z, poles=True)
expm1 = elementwise("expm1",           lambda g, x: g * exp(x), poles=True)
log = elementwise("log",               lambda g, x: g / x, poles=True)
log1p = elementwise("log1p",           lambda g, x: g / (1 + x), poles=True)
log2 = elementwise("log2",             lambda g, x: g / ln(2) / x, poles=True)
log10 = elementwise("log10",           lambda g, x: g / ln(10) / x, poles=True)
logaddexp = elementwise("logaddexp",
                        lambda g, x, y: g * sigmoid(x - y),
                        lambda g, x, y: g * sigmoid(y - x), poles=True)

# -- trigonometric and hyperbolic --------------------------------------------------------------
sin = elementwise("sin",               lambda g, x: g * cos(x))
cos = elementwise("cos",               lambda g, x: -g * sin(x))
tan = elementwise("tan",               lambda g, z: g * (1 + z * z), poles=True)
asin = elementwise("asin",             lambda g, x: g / sqrt((1 - x) * (1 + x)), poles=True)
acos = elementwise("acos",             lambda g, x: -g / sqrt((1 - x) * (1 + x)), poles=True)
atan = elementwise("atan",             lambda g, x: g / secant(x) / secant(x))
atan2 = elementwise("atan2",
                    lambda g, x, y: g * (y / length(x, y)) / length(x, y),
                    lambda g, x, y: -g * (x / length(x, y)) / length(x, y), poles=True,
                    kink=lambda x, y: hypot(x, y))
sinh = elementwise("sinh",             lambda g, x: g * cosh(x), poles=True)
cosh = elementwise("cosh",             lambda g, x: g * sinh(x), poles=True)
tanh = elementwise("tanh",             lambda g, x: g * sech(x) * sech(x))
sech = elementwise("sech",             lambda g, z, x: -g * z * tanh(x),
                   forward=lambda xp, x: 1 / xp.cosh(x))
asinh = elementwise("asinh",           lambda g, x: g / secant(x))
acosh = elementwise("acosh",           lambda g, x: g / (sqrt(x - 1) * sqrt(x + 1)), poles=True)
atanh = elementwise("atanh",           lambda g, x: g / ((1 - x) * (1 + x)), poles=True)


def one_less(x: Any, y: Any) -> Any:
    """y - 1 for the derivative of x**y by x; 0 for x**0, which is flat even where 1 / x is inf.

    To a y that is recorded y - 1 is left where 1 / x is a number: by y the slope changes at y = 0.
    """
    flat = where(abs(x * x) > 0, y - 1, 0.0) if raw(y) is not y and raw(y) is not None else 0.0
    return where(y == 0, flat, y - 1)


def log_of_base(x: Any, y: Any) -> Any:
    """log(x) for the derivative of x**y by y; 0 where 0**y stays 0."""
    if type(x) in NUMBERS:
        x = zeros_like(y) + x                           # of the precision of y
    if of_complex(x) or of_complex(y):
        return log(where((real_part(y) >= 0) & (x == 0), 1.0, x + 0j))
    return log(where((y >= 0) & (x == 0), 1.0, x))


def secant(x: Any) -> Any:
    """sqrt(1 + x * x), for real numbers without overflow."""
    return sqrt(1 + x * x) if of_complex(x) else hypot(x, 1.0)


def of_complex(x: Any) -> bool:
    """Whether complex numbers came."""
    x = raw(x)
    return is_complex(x) if is_array(x) else type(x) is complex


def real_part(x: Any) -> Any:
    """real(x), for real numbers x itself, which some libraries want of them."""
    return real(x) if of_complex(x) else x


def length(x: Any, y: Any) -> Any:
    """The distance from the origin, and 1 there, where an angle has no slope: 0 by convention."""
    return where((x == 0) & (y == 0), 1.0, hypot(x, y))


# -- the functions of networks and statistics --------------------------------------------------
def _sigmoid(xp: Any, x: Any) -> Any:
    tail = xp.exp(-xp.abs(x))
    return xp.where(x >= 0, 1.0, tail) / (1.0 + tail)


def _softplus(xp: Any, x: Any) -> Any:
    return xp.log1p(xp.exp(-xp.abs(x))) + xp.maximum(x, 0.0)


def _relu(xp: Any, x: Any) -> Any:
    return xp.maximum(x, 0.0)


sigmoid = elementwise("sigmoid",       lambda g, z, x: g * (z * sigmoid(-x)),
                      forward=_sigmoid)
softplus = elementwise("softplus",     lambda g, x: g * sigmoid(x), forward=_softplus)
erf = elementwise("erf",               lambda g, x: g * (1.1283791670955126 * exp(-x * x)),
                  forward=erf_of_arrays)          # 2 / sqrt(pi)


# -- kinks and steps: a piecewise rule gives nan at nan ----------------------------------------
def gate(is_open: Any, g: Any, x: Any) -> Any:
    """g where the gate is open, 0 where it is shut, nan where x is nan."""
    return where(is_open, g, where(x == x, 0.0, x))


def share(wins: Any, loses: Any, g: Any, x: Any, y: Any) -> Any:
    """g where x wins, 0 where it loses, half at a tie, nan where either is nan."""
    return where(wins, g, where(loses, 0.0, where(x == y, 0.5 * g, x + y)))


def gap(x: Any, y: Any) -> Any:
    """x - y, and 0 where both are the same infinity."""
    return where(x == y, 0.0, x - y)


def _where(xp: Any, condition: Any, x: Any, y: Any) -> Any:
    if type(x) in NUMBERS and type(y) in NUMBERS:       # the standard asks for one array at least
        kind = max(type(x), type(y), key=(bool, int, float, complex).index)
        x = number(condition, kind(x))
    elif type(condition) is bool:
        condition = xp.ones_like(x if type(y) in NUMBERS else y, dtype=xp.bool) & condition
    return xp.where(condition, x, y)


def direction(x: Any, size: Any) -> Any:
    """x / |x|: the sign of real numbers; complex ones turn, so there it is differentiated too."""
    if of_complex(x):
        return where(size == 0, 0.0, x) / where(size == 0, 1.0, size)
    return sign(x)


relu = elementwise("relu",             lambda g, x: gate(x > 0, g, x), forward=_relu,
                   kink=lambda x: x)
abs = elementwise("abs",               lambda g, z, x: g * conj(direction(x, z)), kink=lambda x: x)
maximum = elementwise("maximum",
                      lambda g, x, y: share(x > y, x < y, g, x, y),
                      lambda g, x, y: share(y > x, y < x, g, x, y), kink=lambda x, y: gap(x, y))
minimum = elementwise("minimum",
                      lambda g, x, y: share(x < y, x > y, g, x, y),
                      lambda g, x, y: share(y < x, y > x, g, x, y), kink=lambda x, y: gap(x, y))
at_least = elementwise("at_least",
                       lambda g, z, x, y: gate(x > y, g, z),
                       lambda g, z, x, y: gate(x <= y, g, z),
                       forward=lambda xp, x, y: xp.maximum(x, y), kink=lambda x, y: gap(x, y))
at_most = elementwise("at_most",
                      lambda g, z, x, y: gate(x < y, g, z),
                      lambda g, z, x, y: gate(x >= y, g, z),
                      forward=lambda xp, x, y: xp.minimum(x, y), kink=lambda x, y: gap(x, y))
where = elementwise("where", None,
                    lambda g, x: where(x, g, 0.0),
                    lambda g, x: where(x, 0.0, g), forward=_where,
                    kink=lambda condition, x, y: gap(x, y))     # where the branches meet
where.__signature__ = signature(("condition", "x1", "x2"), {})
sign = elementwise("sign",             lambda g: 0.0, kink=lambda x: x)
floor = elementwise("floor",           lambda g: 0.0, kink=lambda x: x - round(x))
ceil = elementwise("ceil",             lambda g: 0.0, kink=lambda x: x - round(x))
round = elementwise("round",           lambda g: 0.0, kink=lambda x: x - floor(x) - 0.5)
round_to = elementwise("round_to",     lambda g: 0.0, None,            # y decimals
                       forward=lambda xp, x, y: xp.round(x * 10.0**y) / 10.0**y,
                       kink=lambda x, y: (x * 10.0**y - floor(x * 10.0**y) - 0.5) / 10.0**y)
trunc = elementwise("trunc",           lambda g: 0.0,
                    kink=lambda x: abs(x) - maximum(round(abs(x)), 1.0))
copysign = elementwise("copysign",     lambda g, x, y: g * (sign(x) * copysign(1.0, y)),
                       lambda g: 0.0, kink=lambda x, y: minimum(abs(x), abs(y)))
nextafter = elementwise("nextafter",   lambda g: g,          lambda g: 0.0)     # it moves with x

# -- complex numbers: the walk conjugates, so a rule is written as if all were real ------------
identity = elementwise("identity",     lambda g: g, forward=lambda xp, x: x)
conj = elementwise("conj",             lambda g: conj(g),
                   forward=lambda xp, x: apart(xp.conj(x) if is_complex(x) else +x, x))
real = elementwise("real",             lambda g: g,
                   forward=lambda xp, x: xp.real(x) if is_complex(x) else apart(+x, x))
imag = elementwise("imag",             lambda g: -1j * g,
                   forward=lambda xp, x: xp.imag(x) if is_complex(x) else xp.zeros_like(x))

real.view = imag.view = True

for _op in (remainder, floor_divide, hypot, logaddexp, atan2, sigmoid, softplus, erf, relu,
            maximum, minimum, at_least, at_most, sign, floor, ceil, trunc, copysign, nextafter):
    _op.real = True                     # complex numbers have no order, sides or quadrants
