"""Shades say how large a gradient is beside the largest one in the picture, by half decades.

Gradients span decades: on a scale that is even, all but the largest would look like 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..numbers import greatest
from ..wording import number

COLOURS = ("#fff7dc", "#ffeda0", "#fed976", "#feb24c", "#fd8d3c", "#ec5a3a", "#a50f26")
ZERO, NONE, WRONG = "#ffffff", "#dddddd", "#7a1fa2"
PARTS = ("< 0.1 %", "> 0.1 %", "> 0.3 %", "> 1 %", "> 3 %", "> 10 %", "> 32 %")
UNKNOWN = "no gradient was computed: call backward() first, on a result that is one number"
DARK = (COLOURS[-1], WRONG)                 # on these, text is white


def peak(gradients: Iterable[Any]) -> float | None:
    """The greatest |element| of the gradients, nan before all; None where one is not known."""
    found = 0.0
    for g in gradients:
        if g is None:                       # not computed
            return None
        try:
            size = greatest(g)
        except TypeError:                   # traced
            return None
        found = size if math.isnan(size) else found if math.isnan(found) else max(found, size)
    return found


class Shades:
    """The scale of one picture: `of(size)` is a colour, `mark(size)` the same in characters.

    `said` are the gradients as the boxes show them: the legend writes the largest as they do.
    """

    def __init__(self, sizes: Iterable[float | None], said: Iterable[str] = ()) -> None:
        known = [x for x in sizes if x is not None]
        self.peak = max(filter(math.isfinite, known), default=0.0)
        self.known = bool(known)
        digits = 4 if any(grad.endswith(number(self.peak)) for grad in said) else 3
        self.title = f"greatest |grad|, the largest is {number(self.peak, digits)}:"

    def level(self, x: float) -> int:
        """0 to 6: below a thousandth of the peak, then by half decades."""
        decades = math.log10(x) - math.log10(self.peak)
        return min(6, max(0, 7 + math.floor(2 * decades)))

    def of(self, x: float | None) -> str:
        """The colour of a gradient of that size."""
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
        if not self.known:
            return [("", UNKNOWN)]
        return [("", self.title), (NONE, "not computed"), (ZERO, "0"),
                *zip(COLOURS, PARTS, strict=True), (WRONG, "nan, inf")]

    def scale(self) -> str:
        """The legend of the marks."""
        marks = ", ".join(f"{'█' * k} {part}" for k, part in enumerate(PARTS, 1))
        return f"{self.title} {marks}" if self.known else UNKNOWN
