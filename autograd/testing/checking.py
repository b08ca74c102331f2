"""check_gradients compares derivatives with differences, and says how sure it is.

For each input one verdict: pass, fail, kink (left and right slope differ, and the derivative lies
between them) or inconclusive, with the reason. The tolerance is the oracle's own estimate of its
error: there is none to choose.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..transforms import jvp
from .arguments import Arguments, Input, numbers, pulled, reals, split, undisturbed
from .culprit import culprit, largest
from .oracle import Slope, complex_slope, noise, slope
from .report import ROOM, Finding, Report, misses, verdict

FEW = 12                                # up to so many directions all are taken
MODES = ("reverse", "forward")
FACTOR = -0.5                           # of what goes through a rule, which may say g * g or abs(g)


def check_gradients(f: Callable[..., Any], *args: Any, order: int = 2,
                    modes: Sequence[str] = MODES,
                    gradient: Callable[..., Any] | None = None) -> Report:
    """Compare the derivatives of f at these arguments with differences; see Report.

    Arguments: floats, arrays, Values, Tensors, Modules, containers of them; what else is given is
    passed on. `modes` are "reverse" and "forward", mixed where `order` > 1. With `gradient`, a
    function of the same arguments that returns the gradient of f (one number) in their containers,
    any library's derivative is checked, at order 1. Raises ArgumentError where f returns no
    numbers, changes its arguments, or gives other numbers when called again.
    """
    report, arguments = examined(f, args, order, modes, gradient)
    if report.verdict == "fail" and gradient is None:
        found = culprit(arguments, order)
        report.operation = (f"the first operation that is wrong by itself: {found}" if found else
                            "every operation in it is right by itself")
    return report


def examined(f: Callable[..., Any], args: tuple[Any, ...], order: int, modes: Sequence[str] = MODES,
             gradient: Callable[..., Any] | None = None) -> tuple[Report, Arguments]:
    """The report of check_gradients without a word about operations."""
    if order < 1 or not modes or set(modes) - set(MODES):
        raise ArgumentError(f"order={order!r}, modes={modes!r}",
                            "order is 1 or more; modes are 'reverse' and 'forward'")
    arguments = Arguments(f, args)
    options = {"order": (order, 2), "modes": (tuple(modes), MODES), "gradient": (gradient, None)}
    report = Report(f, args, arguments.all, **{
        name: given for name, (given, usual) in options.items() if given != usual})
    if arguments.inputs:
        start = reals([x.numbers for x in arguments.inputs])
        _examine(arguments, start)
        with undisturbed():
            if gradient is None:
                level = Level(arguments.call, (), arguments, start, largest(arguments))
                report.findings += level.check(order, tuple(modes))
            else:
                report.findings += _check_pair(arguments, start, Arguments(gradient, args))
    return report, arguments


def assert_gradients(f: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Raise AssertionError with the report unless every verdict is pass or kink."""
    report = check_gradients(f, *args, **options)
    if not report:
        raise AssertionError(report)            # whoever catches it has the report


def _examine(arguments: Arguments, start: Any) -> None:
    """Raise ArgumentError for a function that no differences could tell anything about."""
    given = arguments.put(start)
    first = numbers(arguments.call(*given))
    for x, now, before in zip(arguments.inputs, given, arguments.split(start)):
        after = numbers(now)[0]
        if not np.array_equal(after, before.astype(after.dtype), equal_nan=True):
            raise ArgumentError(f"the function changes its argument {x.name}",
                                "let it work on a copy: x = x + 0")
    again = numbers(arguments.call(*arguments.put(start)))
    if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(first, again)):
        raise ArgumentError("the function gives other numbers when it is called again",
                            "fix its seed inside, or pass the random numbers in")


class Level:
    """A function of the inputs, itself perhaps a derivative, and the check of the next one."""

    def __init__(self, f: Callable[..., Any], path: tuple[str, ...], arguments: Arguments,
                 start: Any, size: float = 0.0) -> None:
        self.f, self.path, self.arguments, self.start = f, path, arguments, start
        self.rng = np.random.default_rng(zlib.crc32(start.tobytes()) + len(path))
        self.like = numbers(f(*arguments.put(start)))
        self.here = reals(self.like)
        self.size = max(size, float(np.max(abs(self.here), initial=0.0)))   # of all it comes from
        self.eps = max(float(np.finfo(x.dtype).eps) for x in (
            *(x.numbers for x in arguments.inputs), *self.like) if x.dtype.kind in "fc")
        self.analytic = not path and all(x.dtype.kind == "f" for x in (
            *self.like, *(x.numbers for x in arguments.inputs)))

    def check(self, order: int, modes: tuple[str, ...],
              leave_out: frozenset[str] = frozenset()) -> Iterator[Finding]:
        """Findings of this derivative along each direction, then of the next orders."""
        if not np.isfinite(self.here).all():
            yield from (Finding(x.name, "inconclusive", f"f is {self.here} there", self.path)
                        for x in self.arguments.inputs if x.name not in leave_out)
            return
        cotangents = self._units(self.here.size) if "reverse" in modes else np.zeros((0, 0))
        gradients = [self._pull(self.start, c) for c in cotangents]
        for x, d in self.directions():
            if x.name in leave_out:
                continue
            true = self.slope(d)
            if true.kink.any():             # no second derivative there
                leave_out |= {x.name}
            if "forward" in modes:
                push = partial(self._push, d=d)
                yield self.judge(x, d, true, "forward", push, push(self.start))
            for c, gradient in zip(cotangents, gradients):
                pull = partial(self._pull_along, cotangent=c, d=d)
                yield self.judge(x, d, true.along(c), "reverse", pull, _along(gradient, d), c)
        for mode in modes if order > 1 else ():
            deeper = Level(self._derivative(mode), (*self.path, mode), self.arguments, self.start,
                           self.size)
            yield from deeper.check(order - 1, modes, leave_out)

    def _units(self, n: int) -> Any:
        """Every unit vector of n numbers, or where there are many some, and some mixtures."""
        if n <= FEW:
            return np.eye(n)
        chosen = np.eye(n)[self.rng.choice(n, FEW // 2, replace=False)]
        return np.concatenate([chosen, self.rng.choice([-1.0, 1.0], (FEW // 2, n))])

    def directions(self) -> Iterator[tuple[Input, Any]]:
        """Directions in the space of all inputs, each of which moves one of them."""
        begin = 0
        for x in self.arguments.inputs:
            n = reals([x.numbers]).size
            for unit in self._units(n)[:3 if self.path else None]:
                direction = np.zeros(self.start.size)
                direction[begin:begin + n] = unit
                yield x, direction
            begin += n

    def _at(self, vector: Any, d: Any, s: Any) -> Any:
        """The outputs at x + s d."""
        found = numbers(self.f(*self.arguments.put(vector + s * d)))
        flat = np.concatenate if type(s) is complex else reals
        return flat([z.reshape(-1) for z in found])

    def slope(self, d: Any, closer: float = 1.0) -> Slope:
        phi = partial(self._at, self.start, d)
        reach = float(np.max(abs(self.start[d != 0])))
        found = slope(phi, closer * max(1.0, reach), self.eps)
        if 0.0 < reach < 0.1 and not np.all(found.error <= ROOM * found.scale):
            other = slope(phi, closer * reach, self.eps)
            found = found.where(other.error < found.error, other)
        if self.analytic:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    exact = complex_slope(phi, max(1.0, reach), self.eps)
            except Exception:               # it does not take complex numbers, or drops a part
                self.analytic = False
            else:
                agree = ~found.kink & (abs(exact.low - found.low) <= found.error)
                found = found.where(agree & (exact.error < found.error), exact)
        return found

    def _pull(self, at: Any, cotangent: Any) -> Any:
        found = pulled(self.f, self.arguments.put(at), split(FACTOR * cotangent, self.like))
        return reals([numbers(g)[0] for g in found]) / FACTOR

    def _pull_along(self, at: Any, cotangent: Any, d: Any) -> Any:
        return _along(self._pull(at, cotangent), d)

    def _push(self, at: Any, d: Any) -> Any:
        found = jvp(self.f, self.arguments.put(at), self.arguments.put(FACTOR * d))[1]
        return reals(numbers(found)) / FACTOR

    def judge(self, x: Input, d: Any, true: Slope, mode: str, derivative: Callable[[Any], Any],
              got: Any, cotangent: Any = None) -> Finding:
        """Whether `got` lies where the differences say; if not, whether they are sure.

        `derivative` computes it again, here and nearby.
        """
        path = (*self.path, mode)
        true = true._replace(scale=max(true.scale, 1e-3 * self.size))
        if not misses(true, got, 0.0).any():
            return verdict(x.name, true, got, path)
        if not np.array_equal(derivative(self.start), got, equal_nan=True):
            return Finding(x.name, "fail", "asked again, the derivative is another", path)
        rounding = 8 * noise(lambda s: derivative(self.start + s * d), got, 1.0, self.eps)
        fair = 1e3 * (true.noise + self.eps * abs(got))         # as f itself loses digits,
        fair = fair + 100 * self.eps * self.size                # and what cancels
        rounding = np.where(np.isfinite(got), np.minimum(rounding, fair), 0.0)
        if misses(true, got, rounding).any():
            other = self.slope(d, closer=1 / 37)
            other = other if cotangent is None else other.along(cotangent)
            apart = ((other.low - other.error > true.high + true.error)
                     | (other.high + other.error < true.low - true.error))
            if apart.any():
                return Finding(x.name, "inconclusive", "differences over longer and shorter steps "
                               "are not the same", path)
            true = true.where(other.error < true.error, other)
        return verdict(x.name, true, got, path, rounding)

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


def _check_pair(arguments: Arguments, start: Any, gradient: Arguments) -> Iterator[Finding]:
    """Findings about somebody's gradient of a function that returns one number."""
    level = Level(arguments.call, (), arguments, start)
    if level.here.size != 1:
        raise ArgumentError(f"f returned {level.here.size} numbers, and a gradient is of one",
                            "reduce it: lambda x: f(x).sum()")

    def given(at: Any, d: Any) -> Any:
        found = numbers(gradient.call(*arguments.put(at)))
        shapes = [[x.shape for x in parts] for parts in (found, level.arguments.split(at))]
        if shapes[0] != shapes[1]:
            raise ArgumentError(f"the gradient has the shapes {shapes[0]} for arguments of the "
                                f"shapes {shapes[1]}", "return one part for each argument")
        return _along(reals(found), d)

    for x, d in level.directions():
        again = partial(given, d=d)
        yield level.judge(x, d, level.slope(d), "given", again, again(level.start))


def _along(gradient: Any, d: Any) -> Any:
    """The slope along d; what it does not touch may be infinite."""
    return np.atleast_1d(gradient[d != 0] @ d[d != 0])
