"""One order of derivatives: a function of the inputs, and the check of its derivative.

The function may itself be a derivative. It is checked along single numbers and along mixtures of
many, in both modes, each against differences on the same line.
"""

from __future__ import annotations

import itertools
import warnings
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from ..transforms import jvp
from .arguments import Arguments, Input, numbers, pulled, reals, split
from .oracle import LONGEST, Slope, complex_slope, noise, slope
from .report import ROOM, Finding, misses, verdict

FEW = 12                                # up to so many numbers each is moved alone
CLOSER = 6                              # before a failure: steps shorter by 37, 37² ... 37⁵
LAST = 1e-9                             # how much of a slope the rounding of its terms may be
FACTOR = -0.5                           # of what goes through a rule, which may say g * g or abs(g)
NOT_THE_SAME = "differences over longer and shorter steps are not the same"
Derivative = Callable[[Any, Any], Any]  # at a point, along a direction


class Level:
    """A function at a point; `size` is the largest number on the way to its results, `terms` on
    the way to the derivative of each.
    """

    def __init__(self, f: Callable[..., Any], path: tuple[str, ...], arguments: Arguments,
                 start: Any, size: float = 0.0, terms: Any = 0.0) -> None:
        self.f, self.path, self.arguments, self.start = f, path, arguments, start
        self.rng = np.random.default_rng(zlib.crc32(start.tobytes()) + len(path))
        self.like = numbers(f(*arguments.put(start)))
        self.here = reals(self.like)
        most = float(np.max(abs(self.here), initial=0.0))
        self.size = max(size, most)
        self.terms = np.broadcast_to(np.fmax(terms, most if path else 0.0), self.here.shape)
        self.blamed: set[str] = set()           # inputs that failed: the first time is looked into
        ends = itertools.accumulate((reals([x.numbers]).size for x in arguments.inputs), initial=0)
        self.spans = dict(zip(arguments.inputs, itertools.pairwise(ends)))      # among all numbers
        self.analytic = not path and all(x.dtype.kind == "f" for x in (
            *self.like, *(x.numbers for x in arguments.inputs)))

    def check(self, order: int, modes: tuple[str, ...],
              kinks: Collection[int] = ()) -> Iterator[Finding]:
        """Findings of this derivative along each direction, then of the next orders."""
        if not np.isfinite(self.here).all():
            yield from (Finding(x.name, "inconclusive", f"f is {self.here} there", self.path)
                        for x in self.arguments.inputs)
            return
        cotangents = self._units(np.arange(self.here.size), self.here.size)
        gradients = [self._pull(self.start, c) for c in cotangents] if "reverse" in modes else []
        kinks = set(kinks)
        for x, d, true in self.lines(kinks):
            if "forward" in modes:
                yield self.judge(x, d, true, "forward", self._push, self._push(self.start, d))
            for c, gradient in zip(cotangents, gradients):
                pull = partial(self._pull_along, cotangent=c)
                yield self.judge(x, d, true, "reverse", pull, along(gradient, d), c)
        for mode in modes if order > 1 else ():
            deeper = Level(self._derivative(mode), (*self.path, mode), self.arguments, self.start,
                           self.size, np.max(self.terms, initial=0.0))
            yield from deeper.check(order - 1, modes, kinks)

    # -- directions ----------------------------------------------------------------------------

    def lines(self, kinks: set[int]) -> Iterator[tuple[Input, Any, Slope]]:
        """Directions, an input that each moves, and the slopes along it; `kinks` gets the numbers
        that sit on one, which have no second derivative.
        """
        for x, d in self._directions(frozenset(kinks)):
            true = self.slope(d)
            if true.kink.any():
                kinks |= set(np.flatnonzero(d).tolist())
            yield x, d, true
        if len(kinks) > 1 and not self.path:            # where each may have all, all must share
            d = np.zeros(self.start.size)
            d[list(kinks)] = 1.0
            x = next(x for x, (_, end) in self.spans.items() if min(kinks) < end)
            yield x, d, self.slope(d)

    def _directions(self, kinks: frozenset[int]) -> Iterator[tuple[Input, Any]]:
        """Directions in the space of all inputs, each of which moves one of them.

        Of higher derivatives a few, clear of kinks: where there are many inputs, not of each.
        """
        chosen = set(range(len(self.spans)))
        if self.path and len(chosen) > FEW:
            chosen = set(self.rng.choice(len(chosen), FEW, replace=False).tolist())
        for k, (x, span) in enumerate(self.spans.items()):
            moving = np.setdiff1d(np.arange(*span), list(kinks))
            if k in chosen and moving.size:
                for d in self._units(moving, self.start.size):
                    yield x, d

    def _units(self, moving: Any, n: int) -> Any:
        """Unit vectors of these of n numbers: of each, or where they are many of some, and of some
        mixtures.
        """
        count, mixed = (1, 2) if self.path else (FEW // 2, FEW // 2)
        if moving.size <= (1 if self.path else FEW):
            count, mixed = moving.size, 0
        alone = self.rng.choice(moving, count, replace=False) if mixed else moving
        found = np.zeros((count + mixed, n))
        found[np.arange(count), alone] = 1.0
        signs = self.rng.choice([-1.0, 1.0], (mixed, moving.size))
        if self.path:
            signs *= self.rng.uniform(0.5, 1.5, signs.shape)
        found[count:, moving] = signs
        return found

    # -- the function and its derivatives along a line -----------------------------------------

    def _at(self, d: Any, s: Any) -> Any:
        """The outputs at x + s d."""
        found = numbers(self.f(*self.arguments.put(self.start + s * d)))
        if [z.shape for z in found] != [z.shape for z in self.like]:
            raise ArithmeticError("its result has another shape there")
        if type(s) is complex:
            return np.concatenate([z.reshape(-1) for z in found])
        if any(z.dtype.kind == "c" != like.dtype.kind for z, like in zip(found, self.like)):
            raise ArithmeticError("its result is complex there")
        return reals(found)

    def _eps(self, d: Any) -> float:
        """The relative precision of what moves along d, and of what comes out."""
        moved = [x.numbers for x, span in self.spans.items() if d[slice(*span)].any()]
        return max(float(np.finfo(x.dtype).eps) for x in (*moved, *self.like)
                   if x.dtype.kind in "fc")

    def slope(self, d: Any, closer: float = 1.0, rough: Any = 0.0) -> Slope:
        """The slope of all outputs along d, by differences over steps that suit x."""
        phi, eps, reach = partial(self._at, d), self._eps(d), float(
            np.max(abs(self.start[d != 0]), initial=0.0))
        size, least = max(1.0, reach), 100 * eps * reach
        found = slope(phi, closer * size, eps, least, rough)
        if reach > 10 and LONGEST * closer > least:     # what is periodic is not so wide
            found = better(found, slope(phi, closer, eps, least, rough))
        if 1e-280 < reach < 0.1 and not np.all(found.error <= ROOM * found.scale):
            other = slope(phi, closer * reach, eps, least, rough)
            found = found.where(other.error < found.error, other)
        if found.kink.any() and closer == 1.0:          # or is it only near?
            other = slope(phi, 37.0 ** -5 * size, eps, least, found.noise)
            smooth = ~other.kink & (other.error <= ROOM * np.fmax(other.scale, abs(other.low)))
            found = found.where(found.kink & smooth, other)
        if self.analytic:
            found = self._exact(phi, reach or 1.0, eps, found)
        steep = LONGEST * size * np.fmax(found.scale, found.most)
        changes = np.fmax(np.fmax(self.size, self.terms), steep)
        lost = (found.noise > ROOM * changes) & (changes > 0)           # not a digit is left
        return found._replace(error=np.where(lost, np.inf, found.error))

    def _exact(self, phi: Callable[[Any], Any], size: float, eps: float, found: Slope) -> Slope:
        """The slope, by the complex step where that agrees."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                exact = complex_slope(phi, size, eps)
        except Exception:                   # it does not take complex numbers, or drops a part
            self.analytic = False
            return found
        exact = exact._replace(error=exact.error + found.noise / size)
        agree = ~found.kink & (abs(exact.low - found.low) <= found.error)
        return found.where(agree & (exact.error < found.error), exact._replace(
            scale=found.scale, noise=found.noise))

    def _pull(self, at: Any, cotangent: Any) -> Any:
        found = pulled(self.f, self.arguments.put(at), split(FACTOR * cotangent, self.like))
        return reals([numbers(g)[0] for g in found]) / FACTOR

    def _pull_along(self, at: Any, d: Any, cotangent: Any) -> Any:
        return along(self._pull(at, cotangent), d)

    def _push(self, at: Any, d: Any) -> Any:
        found = jvp(self.f, self.arguments.put(at), self.arguments.put(FACTOR * d))[1]
        return reals(numbers(found)) / FACTOR

    def _derivative(self, mode: str) -> Callable[..., Any]:
        """The function whose derivative is of the next order: along one random direction.

        Of one number it is the derivative itself, so that a report is of f'' and nothing else.
        """
        size = self.start.size if mode == "forward" else self.here.size
        weights = self.rng.uniform(0.5, 1.5, size) if size > 1 else np.ones(size)
        if mode == "forward":
            t = self.arguments.put(weights)
            return lambda *xs: jvp(self.f, xs, t)[1]
        return lambda *xs: pulled(self.f, xs, split(weights, self.like))

    # -- verdicts ------------------------------------------------------------------------------

    def judge(self, x: Input, d: Any, true: Slope, mode: str, derivative: Derivative, got: Any,
              cotangent: Any = None) -> Finding:
        """Whether `got` lies where the differences say; if not, whether they are sure.

        `derivative` computes it again, here and nearby; `true` is of all outputs.
        """
        path, eps, rough = (*self.path, mode), self._eps(d), true.noise
        true = weighed(true, cotangent)
        terms: Any = self.terms if cotangent is None else np.max(self.terms * (cotangent != 0))
        said = partial(verdict, x.name, path=path, terms=terms, room=max(ROOM, eps ** 0.25))
        left = 8 * eps * terms                  # by terms that cancel, on either side
        usual = np.where(true.most <= true.error, left, np.minimum(left, LAST * true.most))
        if not misses(true, got, usual).any() or x.name in self.blamed:
            return self._named(said(true, got, rounding=usual), x, d)
        if not np.array_equal(derivative(self.start, d), got, equal_nan=True):
            return Finding(x.name, "fail", "asked again, the derivative is another", path)
        rough = self._rough(d, rough)
        true = weighed(self.slope(d, 1.0, rough), cotangent)
        rounding = 8 * noise(lambda s: derivative(self.start + s * d, d), got, 1.0, eps)
        fair = 1e3 * (true.noise + eps * abs(got)) + 100 * eps * self.size      # as f itself, and
        rounding = np.where(np.isfinite(got), np.minimum(rounding, fair), 0.0)  # what cancels
        rounding = np.maximum(rounding, usual)
        for k in range(1, CLOSER) if misses(true, got, rounding).any() else ():
            other = weighed(self.slope(d, 37.0 ** -k, rough), cotangent)
            if apart(true, other).any():
                return Finding(x.name, "inconclusive", NOT_THE_SAME, path)
            true = true.where((other.error < true.error) & np.isfinite(true.error), other)
        tiny = np.fmax(true.most, abs(got)) <= left
        if (misses(true, got, rounding) & tiny).any():
            with suppress(Exception):           # of a function that is another one nearby
                near = Level(self.f, self.path, self.arguments, self.start + self._moved(0),
                             self.size, self.terms)
                other = weighed(near.slope(d), cotangent)
                noisy = abs(other.low - true.low) > 0.01 * true.most     # a slope of rounding jumps
                rounding = np.where(tiny & noisy, left, rounding)
        found = said(true, got, rounding=rounding)
        if found.verdict == "fail" and np.count_nonzero(d) > 1:
            found = self._narrowed(found, x, d, mode, derivative, cotangent)
        self.blamed |= {x.name} if found.verdict == "fail" else set()
        return self._named(found, x, d)

    def _rough(self, d: Any, least: Any) -> Any:
        """The noise along d seen at more steps, and at points nearby: stairs may lie in a line, and
        what cancels to 0 leaves other rounding there.
        """
        phi, eps = partial(self._at, d), self._eps(d)
        seen = [least, *(noise(phi, self.here, 0.7**k, eps) for k in range(8))]
        with suppress(Exception):               # the edge of a domain
            jumps = [abs(self._at(self._moved(k), 1.0) - self.here) for k in range(8)]
            seen += [np.where(jump <= 64 * eps * self.size, jump, 0.0) for jump in jumps]
        return np.max(seen, axis=0)

    def _moved(self, seed: int) -> Any:
        """How the inputs move when each changes in its seventh digit."""
        rng = np.random.default_rng(seed)
        return self.start * 2.0**-20 * rng.uniform(0.5, 1.5, self.start.shape)

    def _narrowed(self, found: Finding, x: Input, d: Any, mode: str, derivative: Derivative,
                  cotangent: Any) -> Finding:
        """A failure along many numbers: that of the half which fails too, down to one number."""
        for part in np.array_split(np.flatnonzero(d), 2):
            half = np.zeros_like(d)
            half[part] = d[part]
            other = self.judge(x, half, self.slope(half), mode, derivative,
                               derivative(self.start, half), cotangent)
            if other.verdict == "fail":
                return other
        return found

    def _named(self, found: Finding, x: Input, d: Any) -> Finding:
        """A finding with the element that was moved, where it was one of several."""
        moved, = np.nonzero(d)
        if x.numbers.size < 2 or moved.size != 1 or found.element:
            return found
        part, i = divmod(int(moved[0]) - self.spans[x][0], x.numbers.size)
        index = ", ".join(str(int(k)) for k in np.unravel_index(i, x.numbers.shape))
        return found._replace(element=f"{x.name}[{index}]{'.imag' if part else ''}")


def better(x: Slope, y: Slope) -> Slope:
    """The slope that is surer; where both cannot be true nothing is known."""
    lost, found = apart(x, y), x.where(y.error < x.error, y)
    return found._replace(error=np.where(lost, np.inf, found.error),
                          reason=NOT_THE_SAME if lost.any() else found.reason)


def apart(x: Slope, y: Slope) -> Any:
    """Which slopes cannot both be true."""
    return (y.low - y.error > x.high + x.error) | (y.high + y.error < x.low - x.error)


def weighed(true: Slope, cotangent: Any) -> Slope:
    """The slopes of the outputs, or that of their sum with the weights of a cotangent."""
    return true if cotangent is None else true.along(cotangent)


def along(gradient: Any, d: Any) -> Any:
    """The slope along d; what it does not touch may be infinite."""
    return np.atleast_1d(gradient[d != 0] @ d[d != 0])
