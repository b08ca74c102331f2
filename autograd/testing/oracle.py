"""Slopes found by other means than rules, with an estimate of how wrong they may be.

Along a line, phi(s) is what a function gives at x + s d. Its slope at s = 0 comes from differences
over steps that halve, extrapolated to no step at all (Richardson); neighbours in the table say how
far to trust it (Ridders, 1982). The function's own noise is measured (Moré and Wild, 2011), so that
functions that cancel, or compute in float32, get the error they deserve. Where left and right slope
differ there is a kink, and the slope is an interval. Where the function takes complex numbers and
agrees with the differences, phi(ih).imag / h has no step to choose (Squire and Trapp, 1998).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Line = Callable[[float], Any]           # s -> vector of float64 outputs
SAFETY = 10.0                           # times what neighbours in the table say
LONGEST = 0.0437                        # the largest step, of the size of x
LEVELS = 24                             # the smallest step is 2**-24 of the largest


class Slope(NamedTuple):
    """The slope of every output: between `low` and `high`, give or take `error`.

    low < high at a kink. `scale` is how steep it is nearby: an error is small beside it or not;
    `noise` is how far rounding moves the output. Where error is inf nothing is known, and `reason`
    may say why.
    """

    low: Any
    high: Any
    error: Any
    scale: Any
    noise: Any
    reason: str = ""

    @property
    def kink(self) -> Any:
        """Where left and right slope differ."""
        return self.low < self.high

    @property
    def most(self) -> Any:
        """How far from 0 it may be, its error apart."""
        return np.fmax(abs(self.low), abs(self.high))

    def along(self, weights: Any) -> Slope:
        """The slope of one number, the outputs times these weights."""
        def total(x: Any, y: Any) -> Any:
            return np.sum(np.where(weights == 0, 0.0, weights * np.where(weights > 0, x, y)),
                          keepdims=True)

        def all_of(x: Any) -> Any:
            return total(x, -x)

        return Slope(total(self.low, self.high), total(self.high, self.low), all_of(self.error),
                     all_of(self.scale), all_of(self.noise), self.reason)

    def where(self, chosen: Any, other: Slope) -> Slope:
        """This slope, and the other where chosen."""
        low, high, error, scale, noise = (np.where(chosen, y, x)
                                          for x, y in zip(self[:5], other[:5]))
        return Slope(low, high, error, scale, noise, self.reason)


def slope(phi: Line, size: float, eps: float, least: float = 0.0, rough: Any = 0.0) -> Slope:
    """The slope of phi at 0, where phi computes with the relative precision eps.

    `size` is the length over which phi is expected to change: 1, or less near the end of a domain;
    steps below `least` would be lost in x. Its noise is `rough` at least: the stairs that rounding
    makes are not seen on one of them.
    """
    here = phi(0.0)
    rough = np.fmax(rough, noise(phi, here, size, eps))
    samples = _Samples(phi, here, rough, LONGEST * size, least)
    smooth = samples.table(lambda up, down, h: (up - down) / (2 * h), 2, 2)
    gap = samples.table(lambda up, down, h: (up - 2 * here + down) / h, 1, 2)
    kink = (abs(gap.low) > 3 * gap.error) & (abs(gap.low) > 1e-3 * (abs(smooth.low) + abs(gap.low)))
    if not kink.any():
        return smooth
    right = samples.table(lambda up, down, h: (up - here) / h, 1, 1)
    left = samples.table(lambda up, down, h: (here - down) / h, 1, 1)
    sides = smooth._replace(low=np.minimum(left.low, right.low), error=left.error + right.error,
                            high=np.maximum(left.low, right.low))
    return smooth.where(kink & np.isfinite(sides.error), sides)


def complex_slope(phi: Callable[[complex], Any], size: float, eps: float) -> Slope:
    """The slope of a phi that computes with complex numbers; wrong where it is not analytic.

    `size` is that of x, or 1 at 0: the step must be far smaller.

    What iterates, as LAPACK does, ends when its value stands, its derivative not quite: of pinv of
    a matrix of 3 by 3, whose condition is 1.15, the slope is wrong by 2e-13.
    """
    step = 1e-30 * size
    value = phi(1j * step)
    found = value.imag / step
    steep, noise = abs(found) + abs(value.real) / size, eps * abs(value.real)
    error = eps ** 0.75 * steep + sys.float_info.min / step             # what is smaller underflows
    return Slope(found, found, error, abs(found), noise)


class _Samples:
    """phi at s and -s for s that halve from a largest step."""

    def __init__(self, phi: Line, here: Any, noise: Any, largest: float, least: float) -> None:
        self.here, self.noise, self.reason = here, noise, ""
        self.steps = [h for h in (largest / 2**level for level in range(LEVELS)) if h >= least]
        self._phi, self._pairs = phi, list[tuple[Any, Any]]()

    def pair(self, level: int) -> tuple[Any, Any]:
        """phi at the step of that level and at its opposite."""
        while len(self._pairs) <= level:
            h = self.steps[len(self._pairs)]
            self._pairs.append((self._at(h), self._at(-h)))
        return self._pairs[level]

    def _at(self, s: float) -> Any:
        try:
            return self._phi(s)
        except Exception as error:
            self.reason = f"it raised {type(error).__name__} at a step of {s:.1e}: {error}"
            return np.full_like(self.here, np.nan)

    def table(self, difference: Callable[[Any, Any, float], Any], first: int, by: int) -> Slope:
        """Differences extrapolated; their error has powers first, first + by ... of the step."""
        best, scale = np.full_like(self.here, np.nan), np.zeros_like(self.here)
        error, rows = np.full_like(self.here, np.inf), list[list[Any]]()
        for level, h in enumerate(self.steps):
            up, down = self.pair(level)
            row, grown = [difference(up, down, h)], 1.0
            for k, earlier in enumerate(rows[-1][:6] if rows else ()):
                power = 2.0 ** (first + by * k)
                row.append(row[k] + (row[k] - earlier) / (power - 1))
                grown *= (power + 1) / (power - 1)
                apart = np.maximum(abs(row[-1] - row[-2]), abs(row[-1] - rows[-1][k]))
                apart = SAFETY * apart + grown * 4 * self.noise / h
                better = apart < error                  # never where it is nan
                best, error = np.where(better, row[-1], best), np.where(better, apart, error)
            rows.append(row)
            if level < 3:
                scale = np.fmax(scale, np.where(np.isfinite(row[0]), abs(row[0]), 0.0))
            floor = 4 * self.noise / h
            if level > 4 and np.all((error < 8 * floor) | (error <= 1e-12 * abs(best))):
                break                                   # smaller steps only lose digits
        return Slope(best, best, error, scale, self.noise, self.reason)


def noise(phi: Line, here: Any, size: float, eps: float) -> Any:
    """How far rounding moves each output: from differences of high order over small steps.

    All are on one side, so that a kink at 0 is not taken for noise.
    """
    found = np.fmax(eps * abs(here), sys.float_info.min)        # what is smaller, underflows
    for power in (0.5, 0.35):                   # on stairs of rounding, small steps see none
        try:
            values = np.array([phi(size * eps ** power * i) for i in range(1, 8)])
        except Exception:                       # the edge of a domain: the table will say so
            continue
        for k in range(1, 7):
            values = np.diff(values, axis=0)
            if k > 3:
                weight = math.factorial(k) ** 2 / math.factorial(2 * k)
                found = np.fmax(found, np.sqrt(weight * np.mean(values ** 2, axis=0)))
    return found
