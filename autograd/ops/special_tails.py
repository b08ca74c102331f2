"""How a distribution function depends on its shape: the score, averaged over a tail.

With density f(t; a), F(x; a) the integral of f up to x, and the score s = d log f / d a,

    dF/da = F(x) E[s | t <= x] = -(1 - F(x)) E[s | t > x].

The averages are taken by quadrature on the side of x where f falls off, in u = log t (gamma) or
log t / (1 - t) (beta): f is log-concave there, f(u0 ± v) = f(u0) exp(-drop(v)) with drop convex.
With v = exp(r - exp(-r)) the integrand falls off doubly exponentially at both ends, so that the
trapezoidal rule in r is accurate to rounding (Takahasi and Mori, 1974).
"""

from collections.abc import Callable
from math import exp, prod
from typing import Any

from ..storage.special import find, floats, library_of

STEP = 1 / 12
NODES = [exp(r - exp(-r)) for r in (STEP * k for k in range(-42, 46))]
WIDTHS = [exp(r - exp(-r)) * (1 + exp(-r)) for r in (STEP * k for k in range(-42, 46))]  # dv/dr
BLOCK = 2**18                       # so many numbers at a time


class Operands:
    """The operands as floats of one library, its namespace, and its special functions."""

    def __init__(self, *args: Any, axis: bool = False) -> None:
        library: Any = next(library_of(x) for x in args if library_of(x))
        self.library, self.xp, self.numbers = library, library.xp, floats(library, args)
        if axis:                    # a last one, along which the nodes of a quadrature lie
            self.numbers = [self.xp.expand_dims(x, axis=-1) for x in self.numbers]

    def special(self, name: str, *args: Any) -> Any:
        """A special function, as the library has it."""
        return find(name, self.library)(*args)

    def average(self, what: Callable[[Any], Any], drop: Callable[[Any], Any], bound: Any) -> Any:
        """The average of what(v) over v >= 0 with weight exp(-drop(v)); drop(bound) >= 1."""
        xp = self.xp
        for halvings in (16, 8, 4, 2, 1):       # to within a factor of 2 of where drop is 1
            nearer = bound * 0.5**halvings
            bound = xp.where(drop(nearer) >= 1.0, nearer, bound)
        step = max(1, BLOCK // max(1, prod(bound.shape)))
        total = weights = 0.0 * bound
        for k in range(0, len(NODES), step):
            v = bound * self._constants(NODES[k:k + step], bound)
            weight = self._constants(WIDTHS[k:k + step], bound) * xp.exp(-drop(v))
            total = total + xp.sum(weight * what(v), axis=-1, keepdims=True)
            weights = weights + xp.sum(weight, axis=-1, keepdims=True)
        return total / weights

    def _constants(self, numbers: list[float], like: Any) -> Any:
        return self.xp.asarray(numbers, dtype=like.dtype, device=self.library.device_of(like))


def gamma_tail(xp: Any, a: Any, x: Any, power: int) -> Any:
    """The integral of f s^power up to x, or minus that from x on, for the gamma distribution."""
    given = Operands(a, x, axis=True)
    a, x = given.numbers
    below = x <= xp.maximum(a, 1.0)
    side = 1.0 - 2.0 * xp.astype(below, x.dtype)
    start = xp.log(x) - given.special("digamma", a)
    mean = given.average(lambda v: (start + side * v)**power,
                         lambda v: x * xp.expm1(side * v) - a * side * v,
                         xp.where(below, (1.0 + x) / a, xp.sqrt(2.0 / x)))
    part = xp.where(below, given.special("gammainc", a, x), -given.special("gammaincc", a, x))
    return xp.squeeze(xp.where(part == 0.0, 0.0, part * mean), axis=-1)


def beta_tail(xp: Any, a: Any, b: Any, x: Any, powers: tuple[int, int]) -> Any:
    """The same for the beta distribution, with the scores of a and of b to these powers."""
    given = Operands(a, b, x, axis=True)
    a, b, x = given.numbers
    return xp.squeeze(_beta_tail(given, a, b, x, 1.0 - x, powers), axis=-1)


def _beta_tail(given: Operands, a: Any, b: Any, x: Any, y: Any, powers: Any) -> Any:
    """That at x and y = 1 - x, each of them exact where it is small."""
    xp = given.xp
    below = x * xp.maximum(b, 1.0) <= y * xp.maximum(a, 1.0)
    side = xp.astype(below, x.dtype)
    falling, part = xp.where(below, a, b), xp.where(below, x, y)
    both = given.special("digamma", a + b)
    of_a = xp.where(x < y, xp.log(x), xp.log1p(-y)) - given.special("digamma", a) + both
    of_b = xp.where(x < y, xp.log1p(-x), xp.log(y)) - given.special("digamma", b) + both

    def shrink(v: Any) -> Any:
        return xp.log1p(part * xp.expm1(-v))

    def scores(v: Any) -> Any:
        common = shrink(v)
        return ((of_a - side * v - common)**powers[0]
                * (of_b - (1.0 - side) * v - common)**powers[1])

    mean = given.average(scores, lambda v: falling * v + (a + b) * shrink(v),
                         (1.0 - (a + b) * xp.log1p(-part)) / falling)
    total = xp.where(below, given.special("betainc", a, b, x), -given.special("betainc", b, a, y))
    return xp.where(total == 0.0, 0.0, total * mean)


def student_slope(xp: Any, df: Any, t: Any) -> Any:
    """The derivative of Student's distribution function in df: that of 1 - I(df/2, 1/2, x) / 2."""
    given = Operands(df, t, axis=True)
    df, t = given.numbers
    normal, df, square = df >= 1e15, xp.minimum(df, 1e15), t * t
    x = 1.0 / (1.0 + square / df)
    y = xp.where(xp.isinf(square), 1.0, square / (df + square))
    half = 0.0 * df + 0.5
    shape = _beta_tail(given, df / 2, half, x, y, (1, 0))
    density = xp.exp(-given.special("betaln", df / 2, half)
                     - (df + 1.0) / 2 * xp.log1p(square / df))
    slope = -0.5 * t * density / xp.sqrt(df) / df - 0.25 * xp.sign(t) * shape
    return xp.squeeze(xp.where(normal | xp.isinf(t), 0.0, slope), axis=-1)
