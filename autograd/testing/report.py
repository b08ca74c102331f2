"""What a check found: one finding for each derivative, one verdict for each input, and a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..errors import describe
from .arguments import Input, names
from .oracle import Slope
from .printed import program

WORST = ("pass", "kink", "inconclusive", "fail")
SURE = 4                                # errors away from what differences say: surely wrong
ROOM = 1e-3                             # of the slope: an error beyond it tells nothing


class Finding(NamedTuple):
    """What one derivative of one input was found to be.

    `path` is how it was made, ("reverse", "forward") for forward over reverse; `output` is which
    number of the result, `element` by which of the input, "x[3]", where it is one; `expected` is
    (low, high) by differences, give or take `error`.
    """

    input: str
    verdict: str
    reason: str = ""
    path: tuple[str, ...] = ()
    output: int = 0
    expected: tuple[float, float] = (np.nan, np.nan)
    error: float = np.inf
    got: float = np.nan
    element: str = ""

    def __str__(self) -> str:
        text = f"{self.input}: {self.verdict}" + (f", {self.reason}" if self.reason else "")
        if self.path:
            text += f"; order {len(self.path)}, {' over '.join(reversed(self.path))}"
        if np.isnan(self.expected[0]):
            return text
        low, high = self.expected
        expected = f"{low:.12g}" if low == high else f"{low:.12g} to {high:.12g}"
        by = f" by {self.element}" if self.element else ""
        return (f"{text}, output {self.output}{by}: expected {expected} ± {self.error:.1e}, "
                f"got {self.got:.12g}")


def misses(true: Slope, got: Any, rounding: Any) -> Any:
    """Which derivatives lie outside of what differences say; their errors are estimates."""
    room = SURE * true.error + rounding + 1e-14 * (abs(got) + true.scale)
    return ~(np.isfinite(got) & (true.low - room <= got) & (got <= true.high + room))


def verdict(name: str, true: Slope, got: Any, path: tuple[str, ...], rounding: Any = 0.0,
            terms: Any = 0.0, room: float = ROOM) -> Finding:
    """The worst there is to say of these derivatives, one of WORST; `terms` is what they sum up.

    Differences are sure where their error is small beside the slope, no more than `room` of it.
    Where nothing came but the rounding of its terms, it has to be small beside those.
    """
    error, size = true.error + rounding, true.most
    steep = np.where(np.isfinite(got), np.fmax(np.fmax(true.scale, abs(got)), size), size)
    zero = (abs(got) <= 1e-14 * terms) & (error <= room * terms) | (got == 0) & (size == 0)
    unsure = ~(np.isfinite(error) & ((error <= room * steep) | zero))
    wrong = misses(true, got, rounding)
    far = wrong & (abs(got - true.low) > 10 * error) & (error <= size)
    rank = np.where((far | wrong & ~unsure) & np.isfinite(error), 3,
                    np.where(unsure, 2, np.where(true.kink, 1, 0)))
    if not rank.size:
        return Finding(name, "pass", path=path)
    i = int(np.argmax(rank))
    reason = ""
    if rank[i] == 2:
        reason = true.reason or "differences say too little: an infinite slope, a jump, or rounding"
    return Finding(name, WORST[rank[i]], reason, path, i,
                   (float(true.low[i]), float(true.high[i])), float(error[i]), float(got[i]))


class Report:
    """The outcome of a check: true where every input passed, kinks included."""

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], inputs: list[Input],
                 **options: Any) -> None:
        self.f, self.args, self.options = f, args, options
        self.operation = ""             # what is said of the operation to blame
        self.findings = [Finding(x.name, "inconclusive", x.refused) for x in inputs if x.refused]
        if not inputs:
            given = ", ".join(map(describe, args)) or "there is none"
            self.findings = [Finding("f", "inconclusive", f"no argument is a number: {given}; give "
                                     "floats, arrays, Values, Tensors, Modules or containers")]

    @property
    def verdicts(self) -> dict[str, Finding]:
        """By input, the worst that was found."""
        worst: dict[str, Finding] = {}
        for found in self.findings:
            known = worst.get(found.input)
            if known is None or WORST.index(found.verdict) > WORST.index(known.verdict):
                worst[found.input] = found
        return worst

    @property
    def verdict(self) -> str:
        """The worst of all: "pass", "kink", "inconclusive" or "fail"."""
        return max((x.verdict for x in self.findings), key=WORST.index)

    def __bool__(self) -> bool:
        return self.verdict in ("pass", "kink")

    def __str__(self) -> str:
        lines = [f"check_gradients of {_title(self.f)}: {self.verdict}{self._asked()}",
                 *map(str, self.verdicts.values())]
        if self.verdict == "fail":
            lines += [*filter(None, [self.operation]), "", self.program()]
        return "\n".join(lines)

    __repr__ = __str__

    def _asked(self) -> str:
        """Which derivatives were looked at."""
        paths = {x.path for x in self.findings if x.path}
        modes = [mode for mode in ("reverse", "forward") if any(mode in path for path in paths)]
        orders = sorted({len(path) for path in paths})
        if not modes:
            return ""
        return f"; order {' and '.join(map(str, orders))}, {' and '.join(modes)}"

    def program(self) -> str:
        """A program that makes this report; a comment says what to put where it cannot be written.
        """
        return program(self.f, names(self.f, len(self.args)), self.args, self.options)


def _title(f: Callable[..., Any]) -> str:
    """What a function is called in a report; a lambda `f`."""
    name = str(getattr(f, "__name__", type(f).__name__))
    return "program" if name == "Program" else name if name.isidentifier() else "f"
