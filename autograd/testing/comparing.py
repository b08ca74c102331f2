"""What a law compares: two sides, each made of a function at its arguments in random directions.

Both sides round. Where they differ their noise is measured close by, and that much they may, unless
they are others whenever they are asked. Directions are drawn from the content of the arguments.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError, AutogradError
from ..transforms import jvp, vjp
from .arguments import Arguments, numbers, pulled, reals, split, undisturbed
from .oracle import noise

Law = Callable[..., None]
Sides = tuple[str, Any, Any]            # what is compared, as expected, and as it came
ROUNDINGS = 8                           # in the last place, of numbers that cancel nowhere


class Inapplicable(ArgumentError):
    """A law says nothing here: there is no derivative, or it is not finite."""


class Point:
    """A function at its arguments times a scale, with random directions times that scale."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], scale: float = 1.0,
                 argnums: int | Sequence[int] | None = None) -> None:
        arguments = Arguments(f, args, argnums)
        self.call, self.inputs = arguments.call, arguments.inputs
        if not self.inputs:
            raise ArgumentError("a law about a function none of whose arguments is a number",
                                "give it floats, floating arrays, Values, Tensors or Modules")
        self.names = [x.name for x in self.inputs]
        self.at = [x.numbers for x in self.inputs]
        self.like = numbers(self.vjp(self.at)[0])
        dtypes = [np.finfo(x.dtype) for x in (*self.at, *self.like) if x.dtype.kind in "fc"]
        self.eps = max(float(dtype.eps) for dtype in dtypes)
        self.tiny = max(float(dtype.tiny) for dtype in dtypes)      # below are fewer digits
        self._rng = np.random.default_rng(zlib.crc32(reals(self.at).tobytes()))
        self._scale = scale
        self.at = [x * x.dtype.type(scale) for x in self.at]

    def given(self, parts: list[Any]) -> list[Any]:
        """Arrays as what was given: floats, arrays, Values, Tensors."""
        return [x.put(np.asarray(part)) for x, part in zip(self.inputs, parts)]

    def tangents(self) -> list[Any]:
        """A random direction of the inputs."""
        return [self._drawn(x) for x in self.at]

    def cotangents(self) -> list[Any]:
        """Random weights of the outputs; 0 for those that are not floating."""
        return [self._drawn(x) for x in self.like]

    def _drawn(self, like: Any) -> Any:
        """Odd multiples of 1/64, which every dtype holds."""
        parts = [(2 * self._rng.integers(-32, 32, like.shape) + 1) / 64 * self._scale
                 for _ in range(2 if like.dtype.kind == "c" else 1)]
        drawn = parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]
        return np.asarray(drawn).astype(like.dtype) * (like.dtype.kind in "fc")

    def beside(self) -> list[Any]:
        """Other arguments nearby, on the same side of 0; the same where f is no number there."""
        near = [x + self._drawn(x) * np.where(x == 0, 1, abs(x)).astype(x.dtype) / 32
                for x in self.at]
        try:
            there = numbers(self.vjp(near)[0])
        except Exception:                       # the end of a domain
            return self.at
        return near if all(np.isfinite(x).all() for x in there) else self.at

    def vjp(self, at: list[Any]) -> tuple[Any, Any]:
        """The value and the pullback."""
        return vjp(self.call, *self.given(at))

    def pull(self, g: list[Any], at: list[Any] | None = None) -> list[Any]:
        """The gradient of the outputs weighted by g, input by input."""
        found = pulled(self.call, self.given(self.at if at is None else at), g)
        return [numbers(part)[0] for part in found]

    def push(self, t: list[Any]) -> list[Any]:
        """The derivative of the outputs along t."""
        return numbers(jvp(self.call, self.given(self.at), self.given(t))[1])

    def second(self, g: list[Any], t: list[Any], mode: str) -> list[Any]:
        """The Hessian of the outputs weighted by g, times t: forward or reverse over reverse."""
        def gradient(*xs: Any) -> list[Any]:
            return pulled(self.call, xs, g)

        at, t = self.given(self.at), self.given(t)
        try:
            if mode == "forward":
                return numbers(jvp(gradient, at, t)[1])
            return [numbers(part)[0] for part in vjp(gradient, *at)[1](t)]
        except AutogradError as error:
            raise Inapplicable(f"there is no second derivative: {error}", "use other laws"
                               ) from error


# -- comparing -------------------------------------------------------------------------------------

def law(sides: Callable[[Point], Iterator[Sides]]) -> Law:
    """Make a law of two sides, each of a point: a function of (f, *args)."""
    statement = (sides.__doc__ or "").partition("\n\n")[0]

    def check(f: Callable[..., Any], *args: Any,
              argnums: int | Sequence[int] | None = None) -> None:
        def point_at(scale: float = 1.0) -> Point:
            return Point(f, args, scale, argnums)

        with undisturbed():
            point = point_at()
            found = list(sides(point))
            rooms = [ROUNDINGS * (point.eps * (abs(x) + abs(y)) + point.tiny) for _, x, y in found]
            if _differ(found, rooms):
                noisy = _noise_of(lambda s: sides(point_at(1 + s)), found, point.eps)
                again = [(what, x, y) for old, new in zip(found, sides(point_at()))
                         for what, x, y in (("", old[1], new[1]), ("", old[2], new[2]))]
                if not _differ(again, [room for room in rooms for _ in range(2)]):
                    rooms = [room + ROUNDINGS * x for room, x in zip(rooms, noisy)]
        for (what, x, y), room in zip(found, rooms):
            wrong = _apart(x, y, room)
            if wrong.any():
                at = np.unravel_index(np.argmax(wrong), wrong.shape)
                place = f"[{', '.join(map(str, at))}]" if at else ""
                raise AssertionError(f"{check.__name__} does not hold: {statement}\n{what}{place}: "
                                     f"expected {x[at]:.17g} ± {room[at]:.1e}, got {y[at]:.17g}")

    check.__name__ = check.__qualname__ = sides.__name__
    check.__doc__ = sides.__doc__
    return check


def _noise_of(sides: Callable[[float], Iterator[Sides]], here: list[Sides], eps: float) -> Any:
    """How far rounding moves the two sides of each comparison, in their shapes."""
    def both(found: Any) -> list[Any]:
        return [x for _, *two in found for x in two]

    found = noise(lambda s: reals(both(sides(s))), reals(both(here)), 1.0, eps)
    parts = split(found, both(here))
    return [abs(x) + abs(y) for x, y in zip(parts[::2], parts[1::2])]


def _differ(found: list[Sides], rooms: list[Any]) -> bool:
    return any(_apart(x, y, room).any() for (_, x, y), room in zip(found, rooms))


def _apart(expected: Any, got: Any, room: Any) -> Any:
    """Where two sides differ. Raises Inapplicable where there are no numbers to compare."""
    finite([expected])
    return ~(abs(got - expected) <= room)


def finite(derivatives: list[Any]) -> None:
    """Raise Inapplicable unless they are numbers."""
    for x in derivatives:
        if not np.isfinite(x).all():
            raise Inapplicable(f"a derivative is {x[~np.isfinite(x)].flat[0]} there",
                               "take arguments where it is finite")
