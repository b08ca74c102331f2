"""Where a program is smooth: in every domain, away from every kink, moderate in value and slope.

Each node is known at two points that lie near each other. What holds at both, with room for more
than they differ by, holds for the small steps of differences too. No derivative is used.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .table import Row

LIMIT = 100.0                           # the greatest value
NEAR = 1e-3                             # how far the two points are apart, relative to them
STEEP = 30.0                            # the greatest slope
STILL = 1e-8                            # what moves less than that, relative to it, stands still
ROOM = 0.02                             # the least distance from a kink
SIGNS = np.asarray([1.0, -1.0, -1.0, 1.0, 1.0, 1.0, -1.0, 1.0, -1.0, -1.0, -1.0])


def moved(x: Any, which: int) -> Any:
    """The point near an input; `which` input it is, as no two should move alike."""
    signs = np.resize(np.roll(SIGNS, which), x.shape)
    return x + (NEAR * signs * np.maximum(np.abs(x), 1.0)).astype(x.dtype)


def largest(x: Any) -> float:
    """The greatest absolute value; nan if one is nan, 0 of nothing."""
    return float(np.abs(x).max(initial=0.0))


def outside(row: Row, args: Sequence[Any]) -> list[int]:
    """Which operands leave the domain."""
    return [i for i, (x, (low, high)) in enumerate(zip(args, row.domain))
            if x.size and not (low <= x.min() and x.max() <= high)]


def clear(row: Row, here: Sequence[Any], near: Sequence[Any], params: dict[str, Any]) -> bool:
    """Whether no kink is near."""
    if not row.kinks:
        return True
    for gap, other in zip(row.gap(here, params), row.gap(near, params)):
        room = np.maximum(ROOM, 8 * np.abs(other - gap))
        if not np.all(np.abs(gap) > room):
            return False
    return True


def moderate(row: Row, args: Sequence[Any], others: Sequence[Any], z: Any, near: Any) -> bool:
    """Whether a result is finite, not large, not steep, and not what cancelling leaves.

    x * (1 / x) does not move with x: its derivative is rounding, of which differences tell nothing.
    """
    size, moves = largest(z), largest(near - z)
    if not (size <= LIMIT and moves <= NEAR * STEEP * max(1.0, size)):
        return False
    if row.kinks or moves > STILL * size:
        return True
    return not size or all(largest(y - x) <= STILL * largest(x) for x, y in zip(args, others))


def smooth(row: Row, args: Sequence[Any], others: Sequence[Any], params: dict[str, Any], z: Any,
           near: Any) -> bool:
    """Whether a step is smooth: known by its operands and result, here and near."""
    return moderate(row, args, others, z, near) and not outside(row, args) and (
        not outside(row, others)) and clear(row, args, others, params)
