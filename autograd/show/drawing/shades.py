"""Shades say how large a gradient is beside the largest one in the picture, by half decades.

Gradients span decades: on a scale that is even, all but the largest would look like 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ...storage import is_array, namespace, quiet
from ..wording import number

COLOURS = ("#fff7dc", "#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#ec5a3a", "#a50f26")
ZERO, NONE, WRONG = "#ffffff", "#dddddd", "#7a1fa2"
PARTS = ("< 0.1 %", "> 0.1 %", "> 0.3 %", "> 1 %", "> 3 %", "> 10 %", "> 32 %")
DARK = (COLOURS[-1], WRONG)                 # on these, text is white


def norm(gradients: Iterable[Any]) -> float | None:
    """The length of the gradients together, |g| of one number; None where one is not known."""
    total = 0.0
    for g in gradients:
        try:
            total = math.hypot(total, _length(g))
        except TypeError:                   # not computed, or traced
            return None
    return total


def _length(g: Any) -> float:
    if isinstance(g, tuple):
        return math.hypot(*(0.0 if part is None else _length(part) for part in g))
    if not is_array(g):
        return abs(g)
    if not math.prod(g.shape):
        return 0.0
    xp = namespace(g)
    with quiet():
        size = xp.abs(g)
        peak = float(xp.max(size))
        if not math.isfinite(peak) or peak == 0:
            return peak
        return peak * math.sqrt(float(xp.sum((size / peak) ** 2)))      # squares stay in range


class Shades:
    """The scale of one picture: `of(norm)` is a colour, `mark(norm)` the same in characters."""

    def __init__(self, norms: Iterable[float | None]) -> None:
        finite = [x for x in norms if x is not None and math.isfinite(x)]
        self.peak = max(finite, default=0.0)

    def level(self, x: float) -> int:
        """0 to 6: below a thousandth of the peak, then by half decades."""
        decades = math.log10(x) - math.log10(self.peak)
        return min(6, max(0, 7 + math.floor(2 * decades)))

    def of(self, x: float | None) -> str:
        """The colour of a gradient of that length."""
        if x is None:
            return NONE
        return WRONG if not math.isfinite(x) else COLOURS[self.level(x)] if x else ZERO

    def mark(self, x: float | None) -> str:
        """The same in characters: a bar of 1 to 7, or 0, –, nan, inf."""
        if x is None:
            return "–"
        return "█" * (1 + self.level(x)) if x and math.isfinite(x) else f"{x:g}"

    def legend(self) -> list[tuple[str, str]]:
        """What the colours mean, each (colour, text); the first has none."""
        return [("", f"|grad|, the largest is {number(self.peak)}:"), (NONE, "not computed"),
                (ZERO, "0"), *zip(COLOURS, PARTS, strict=True), (WRONG, "nan, inf")]

    def scale(self) -> str:
        """The legend of the marks."""
        marks = ", ".join(f"{'█' * k} {part}" for k, part in enumerate(PARTS, 1))
        return f"|grad|, the largest is {number(self.peak)}: {marks}"
