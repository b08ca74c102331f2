"""The array functions for floats: `math`, with IEEE 754 and C99 results instead of exceptions.

`math` is almost the array API of floats, but it raises where an array holds inf or nan. Here
log(0) is -inf, 1/0 is inf, an overflow is inf, (-8.0)**(1/3) is nan, and nothing is complex.
"""

import builtins
import math
import operator
from math import (
    atan,
    atan2,
    copysign,
    e,
    erf,
    hypot,
    inf,
    isfinite,
    isinf,
    isnan,
    nan,
    nextafter,
    pi,
    tanh,
)
from operator import add as add, mul as multiply, neg as negative, pos as positive, sub as subtract

abs, erfc = operator.abs, math.erfc


def divide(x, y):
    try:
        return x / y
    except ZeroDivisionError:
        return nan if x == 0 or x != x else copysign(inf, x) * copysign(1.0, y)


def pow(x, y):
    """x**y as C99 has it; 0**negative is an infinity, a negative base to a fraction is nan."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -inf if x < 0 and y % 2 == 1 else inf
    except ValueError:
        if x == 0:
            return copysign(inf, x) if y % 2 == 1 else inf
        return nan


def remainder(x, y):
    """x - floor(x / y) * y: the sign is that of y, as in Python."""
    try:
        return x % y
    except ZeroDivisionError:
        return nan


def floor_divide(x, y):
    """floor(x / y); where one of them is infinite the quotient itself, Python's are nan and -1."""
    if isinf(x) or isinf(y):
        return divide(x, y)
    try:
        return x // y
    except ZeroDivisionError:
        return divide(x, y)


def _ieee(function, *, above=nan, below=nan):
    """`function` with `above` for an overflow and nan outside its domain (`below` at a pole)."""

    def ieee(x):
        try:
            return function(x)
        except OverflowError:
            return above if x > 0 else below
        except ValueError:
            return nan

    ieee.__name__ = function.__name__
    return ieee


exp = _ieee(math.exp, above=inf)
expm1 = _ieee(math.expm1, above=inf)
sinh = _ieee(math.sinh, above=inf, below=-inf)
cosh = _ieee(math.cosh, above=inf, below=inf)
sin, cos, tan = _ieee(math.sin), _ieee(math.cos), _ieee(math.tan)
sqrt, asin, acos = _ieee(math.sqrt), _ieee(math.asin), _ieee(math.acos)


def sech(x):
    return 1.0 / cosh(x)


asinh, acosh = math.asinh, _ieee(math.acosh)


def _logarithm(function, pole):
    """A logarithm: -inf at its pole, nan below it."""

    def logarithm(x):
        try:
            return function(x)
        except ValueError:
            return -inf if x == pole else nan

    logarithm.__name__ = function.__name__
    return logarithm


log, log2 = _logarithm(math.log, 0), _logarithm(math.log2, 0)
log10, log1p = _logarithm(math.log10, 0), _logarithm(math.log1p, -1)


def atanh(x):
    try:
        return math.atanh(x)
    except ValueError:
        return copysign(inf, x) if x in (1, -1) else nan


def square(x):
    return x * x


def reciprocal(x):
    return divide(1.0, x)


def sign(x):
    return x if x != x else float((x > 0) - (x < 0))


def where(condition, x, y):
    return x if condition else y


def maximum(x, y):
    return x if x > y or x != x else y


def minimum(x, y):
    return x if x < y or x != x else y


at_least, at_most = maximum, minimum


def _whole(function):
    return lambda x: copysign(float(function(x)), x) if isfinite(x) else x


floor, ceil, round, trunc = map(_whole, (math.floor, math.ceil, round, math.trunc))


def round_to(x, digits):
    """x rounded to decimal digits, as Python rounds."""
    return builtins.round(x, digits) if isfinite(x) else x


def logaddexp(x, y):
    """log(exp(x) + exp(y)) without overflow."""
    if x == y:
        return x + math.log(2.0)
    return maximum(x, y) + log1p(exp(-abs(x - y)))


def sigmoid(x):
    """1 / (1 + exp(-x)), accurate in both tails."""
    tail = exp(-abs(x))
    return (1.0 if x >= 0 else tail) / (1.0 + tail)


def softplus(x):
    """log(1 + exp(x)), accurate in both tails."""
    return log1p(exp(-abs(x))) + maximum(x, 0.0)


def relu(x):
    return x if x != x or x > 0 else 0.0


def identity(x):
    return x


def conj(x):
    return x
