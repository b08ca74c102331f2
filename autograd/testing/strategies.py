"""Hypothesis strategies for what derivatives are tested on: numbers, arrays, shapes, programs.

Numbers are biased to the points where derivatives go wrong: zeros of both signs, ones, equal
numbers, tiny and huge ones, the ends of a domain.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from . import growing
from .operands import Shape
from .programs import Program
from .table import ANYWHERE, TABLE

__all__ = ["arrays", "broadcastable", "floats", "programs"]
COMMON = (0.0, 1.0, -1.0, 0.5, 2.0, -0.0)
EXTREME = {                             # by the width of the numbers
    64: (1e-300, -1e-300, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-8, 1e300, -1e300,
         1.7976931348623157e308),
    32: (1e-38, -1e-38, 1.401298464324817e-45, 1e-8, 1e38, -1e38, 3.4028234663852886e38)}
NOT_FINITE = (math.inf, -math.inf, math.nan)


def floats(domain: tuple[float, float] = ANYWHERE, *, extreme: bool = True,
           nonfinite: bool = False, width: Literal[32, 64] = 64) -> st.SearchStrategy[float]:
    """Numbers in a domain, every other one a hard point.

    Those are zeros of both signs, ±1, numbers that are drawn again and again (so that operands
    are equal), the ends of the domain, with `extreme` also 1e±300 and subnormals, with `nonfinite`
    infinities and nan. `width` is 64, or 32 for numbers that float32 holds.
    """
    low, high = domain
    hard = [*COMMON, *(x for x in domain if math.isfinite(x)), *(EXTREME[width] if extreme else ())]
    held = [float(np.float32(x)) for x in hard] if width == 32 else hard
    with_ends = [x for x in held if low <= x <= high and math.isfinite(x)]
    least = low if math.isfinite(low) else -10.0 if high > -10.0 else None
    greatest = high if math.isfinite(high) else 10.0 if low < 10.0 else None
    ordinary = st.floats(least, greatest, width=width, allow_nan=False, allow_infinity=False)
    points = [*with_ends, *(NOT_FINITE if nonfinite else ())]
    return (st.sampled_from(points) if points else st.nothing()) | ordinary


def arrays(shape: Any = None, dtype: Any = "float64",
           elements: st.SearchStrategy[float] | None = None) -> st.SearchStrategy[Any]:
    """NumPy arrays of a shape, or of shapes from a strategy (None: few elements, 0-d included).

    Elements are `floats()` unless given.
    """
    width: Literal[32, 64] = 32 if np.dtype(dtype) == np.float32 else 64
    sizes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
    return hnp.arrays(dtype, sizes if shape is None else shape,
                      elements=floats(width=width) if elements is None else elements)


def broadcastable(n: int) -> st.SearchStrategy[tuple[Shape, ...]]:
    """n shapes that broadcast together, axes of length 0 and 1 included."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=n, max_dims=3, min_side=0, max_side=3).map(lambda drawn: drawn.input_shapes)


class Choices:
    """A die whose numbers Hypothesis chooses; operations come as a list, which it shortens.

    An operation is a list of numbers, its row first: what is missing is 0.
    """

    def __init__(self, draw: Any, smooth: bool, max_ops: int) -> None:
        self._draw = draw
        self._numbers = (st.integers(-2000, 2000).map(lambda k: k / 1000) if smooth else
                         floats())
        self._operations = st.lists(st.tuples(st.integers(0, len(TABLE) - 1), st.lists(
            st.integers(0, 15), max_size=6)), max_size=max_ops)
        self._left: list[tuple[int, list[int]]] | None = None
        self._now: Iterator[int] = iter(())

    def below(self, n: int) -> int:
        if self._left is None:
            return int(self._draw(st.integers(0, n - 1)))
        return next(self._now, 0) % n

    def more(self) -> bool:
        if self._left is None:
            self._left = self._draw(self._operations)[::-1]
        if not self._left:
            self._now = iter(())
            return False
        row, others = self._left.pop()
        self._now = iter((row, *others))
        return True

    def number(self) -> float:
        return float(self._draw(self._numbers))


def programs(*, max_ops: int = 8, inputs: int = 3, ops: Iterable[str] | None = None,
             engines: Iterable[str] = (), scalars: bool = False, smooth: bool = True,
             shapes: Sequence[Shape] | None = None,
             dtype: str = "float64") -> st.SearchStrategy[Program]:
    """Random programs; the options are those of `random_program`.

    Shrinking drops operations and inputs, and prefers newer nodes, early rows of the table and
    short numbers; `shrink(program, fails)` goes further.
    """
    names = None if ops is None else tuple(ops)
    options: dict[str, Any] = {
        "max_ops": max_ops, "inputs": inputs, "ops": names, "engines": tuple(engines),
        "scalars": scalars, "smooth": smooth, "shapes": shapes, "dtype": dtype}

    @st.composite
    def drawn(draw: Any) -> Program:
        return growing.grow(Choices(draw, smooth, max_ops), **options)

    return drawn()
