"""Random programs: operations are drawn one after the other, each on nodes that are there.

With `smooth`, an operand outside of a domain goes through a safe map first, a step of the program,
and an operation that would land near a kink, or on large numbers or slopes, is not taken.
"""

import math
import random
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from . import rows as _rows, rows_special as _special  # noqa: F401  the operations
from .operands import Die, Shape, together
from .programs import Program
from .shrinking import Step, pruned
from .smooth import largest, moved, outside, smooth as is_smooth
from .table import TABLE, Row, rows

BANK: tuple[Shape, ...] = ((), (2,), (3,), (1,), (2, 2), (2, 3), (3, 2), (3, 3), (1, 3), (2, 1),
                           (2, 1, 3), (2, 2, 3))
ELEMENTS = 64                           # of a result at most
HARD = (0.0, 1.0, -1.0, -0.0, 0.5, 2.0, 0.5, 2.0, 1e-300, -1e-300, 5e-324, 1e300, -1e300, 1e-8)
SHARING = ("multiply", "add", "subtract", "logaddexp", "divide")


class Dice:
    """Draws from a seed: the same in every process."""

    def __init__(self, seed: int, smooth: bool = True) -> None:
        self._random = random.Random(seed).random
        self._smooth = smooth

    def below(self, n: int) -> int:
        return int(self._random() * n)

    def more(self) -> bool:
        return self.below(8) > 0

    def number(self) -> float:
        if self._smooth or self.below(2):
            return round(self._random() * 4 - 2, 3)
        return HARD[self.below(len(HARD))]


def random_program(seed: int, *, max_ops: int = 8, inputs: int = 3,
                   ops: Iterable[str] | None = None, engines: Iterable[str] = (),
                   scalars: bool = False, smooth: bool = True,
                   shapes: Sequence[Shape] | None = None, dtype: str = "float64") -> Program:
    """The program of a seed: an operation is applied to earlier results, and one is used twice.

    At most `max_ops` operations are drawn, besides safe maps and one that shares, on at most so
    many `inputs`. `ops`: names and groups of the table; `engines`: those that must have words for
    all; `scalars`: of single numbers; `smooth`: inside all domains, away from kinks, else numbers
    are hard points too; `shapes`: all that inputs and results may have, such as BANK.
    """
    die = Dice(seed, smooth)
    return grow(die, max_ops=max_ops, inputs=inputs, ops=ops, engines=engines, scalars=scalars,
                smooth=smooth, shapes=shapes, dtype=dtype)


def grow(die: Die, *, max_ops: int, inputs: int, ops: Iterable[str] | None,
         engines: Iterable[str], scalars: bool, smooth: bool, shapes: Sequence[Shape] | None,
         dtype: str) -> Program:
    """A program drawn from a die."""
    if not all(isinstance(n, int) and n >= 1 for n in (max_ops, inputs)):
        raise ArgumentError(f"programs of {max_ops} operations on {inputs} inputs",
                            "give max_ops and inputs of 1 at least, integers")
    chosen = rows(None if ops is None else tuple(ops), tuple(engines), scalars)
    sizes = ((),) if scalars else BANK if shapes is None else tuple(shapes)
    if not sizes or not all(isinstance(shape, tuple) for shape in sizes) or (
            np.dtype(dtype).kind not in "fc"):
        raise ArgumentError(f"programs of shapes={shapes!r} and dtype={str(dtype)!r}",
                            "shapes are tuples, one at least; the dtype is floating")
    growth = Growth(smooth, None if shapes is None else frozenset(sizes))
    with np.errstate(all="ignore"):
        for _ in range(1 + die.below(inputs)):
            shape = sizes[die.below(len(sizes))]
            drawn = [die.number() for _ in range(math.prod(shape))]
            growth.input(np.array(drawn, dtype=dtype).reshape(shape))
        for _ in range(max_ops):
            if not die.more():
                break
            row = chosen[die.below(len(chosen))]
            found = row.draw(die, growth.shapes)
            if found is not None:
                growth.add(row, *found)
        growth.share(die)
    return Program(*pruned(growth.inputs, growth.steps))


class Growth:
    """A program that grows: its nodes, and their values at two points near each other."""

    def __init__(self, smooth: bool, allowed: frozenset[Shape] | None) -> None:
        self.inputs: list[Any] = []
        self.steps: list[Step] = []
        self.here: list[Any] = []
        self.near: list[Any] = []
        self.shapes: list[Shape] = []
        self._smooth, self._allowed = smooth, allowed

    def input(self, x: Any) -> None:
        """Begin with an input."""
        self.inputs.append(x)
        self._keep(x, moved(x, len(self.inputs)) if self._smooth else x)

    def _keep(self, here: Any, near: Any) -> None:
        self.here.append(here)
        self.near.append(near)
        self.shapes.append(here.shape)

    def add(self, row: Row, args: tuple[int, ...], params: dict[str, Any]) -> bool:
        """Apply an operation, if the result is one that is allowed."""
        before = len(self.steps)
        if self._smooth:
            args = self._mapped(row, args)
        if args and self._apply(row, args, params):
            return True
        for part in (self.here, self.near, self.shapes):
            del part[len(self.inputs) + before:]
        del self.steps[before:]
        return False

    def _mapped(self, row: Row, args: tuple[int, ...]) -> tuple[int, ...]:
        """The operands, those outside of the domain through a safe map; none if that fails."""
        if row.fix == "regular":
            found = self._regular(args[0])
            return (found, *args[1:]) if found else ()
        values = [self.here[i] for i in args]
        wrong = {*outside(row, values), *outside(row, [self.near[i] for i in args])}
        for k in sorted(wrong):
            params = fitting(largest(values[k]), *row.domain[k])
            if not self._apply(TABLE["fit"], (args[k],), params):
                return ()
            args = (*args[:k], len(self.here) - 1, *args[k + 1:])
        return args

    def _regular(self, i: int) -> int:
        """A matrix with a dominant diagonal instead of any."""
        if i >= len(self.inputs) and self.steps[i - len(self.inputs)].op == "regular":
            return i
        size = round(0.3 / self.shapes[i][-1] / max(1.0, largest(self.here[i])), 4)
        return len(self.here) - 1 if self._apply(TABLE["regular"], (i,), {"s": size}) else 0

    def _apply(self, row: Row, args: tuple[int, ...], params: dict[str, Any]) -> bool:
        compute = row.function("numpy")
        here = [self.here[i] for i in args]
        try:
            z = np.asarray(compute(*here, **params))
        except Exception:                       # outside of the domain where nothing is checked
            if self._smooth:
                raise
            return False
        if z.size > ELEMENTS or 0 in z.shape or z.dtype != here[0].dtype or (
                self._allowed is not None and z.shape not in self._allowed):
            return False
        near = z
        if self._smooth:
            others = [self.near[i] for i in args]
            near = np.asarray(compute(*others, **params))
            if not is_smooth(row, here, others, params, z, near):
                return False
        self.steps.append(Step(row.name, args, params))
        self._keep(z, near)
        return True

    def share(self, die: Die) -> None:
        """End with a node that is used twice, by one more operation if there is none."""
        _, steps = pruned(self.inputs, self.steps, len(self.here) - 1)
        uses = [i for step in steps for i in step.args]
        if len(set(uses)) < len(uses):
            return
        last = len(self.here) - 1
        own = self.steps[-1].args if self.steps else ()
        fit = [i for i in own if together(self.shapes[last], self.shapes[i]) is not None]
        for op in (SHARING[die.below(len(SHARING))], "add"):
            if any(self.add(TABLE[op], (last, other), {}) for other in (*fit, last)):
                return
        if self.add(TABLE["scale"], (last,), {"c": 0.1}):
            self.share(die)


def fitting(size: float, low: float, high: float) -> dict[str, Any]:
    """Metadata of the map "fit", which brings numbers up to a size into a domain."""
    low = low if low > -math.inf else high - 4.0
    high = high if high < math.inf else low + 4.0
    return {"s": 1.0 if size <= 2 else float(f"{2 / size:.3g}"),
            "c": round(0.45 * (high - low), 3), "d": round((low + high) / 2, 3)}
