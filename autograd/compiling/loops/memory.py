"""The memory of a lowered program: which array is where, for how long, and what can share it."""

from typing import Any

import numpy

ALIGNED = 64                                # bytes: a line of the cache


class Root:
    """The memory of one array, C-contiguous: an input's, an output's, or a part of the arena.

    Step `first` writes it, `last` is the last to read it. `reads` says whether a step reads it only
    number by number, in the order of memory: such a loop may write its result over it.
    """

    def __init__(self, shape: tuple[int, ...], dtype: Any, first: int) -> None:
        self.shape, self.dtype, self.first = shape, dtype, first
        self.size = int(numpy.prod(shape))
        self.reads: dict[int, bool] = {}
        self.shadow = numpy.empty(shape, numpy.int8)    # what views of it are tried on
        self.name, self.offset = "", 0

    @property
    def last(self) -> int:
        return max(self.reads, default=self.first)


class Place:
    """Where the numbers of a variable are: in a root, from an offset, at strides, in numbers."""

    def __init__(self, root: Root, shadow: Any) -> None:
        self.root, self.shadow = root, shadow
        first, here = (x.__array_interface__["data"][0] for x in (root.shadow, shadow))
        self.offset = here - first if shadow.size else 0
        self.strides = [0 if n == 1 else s for n, s in zip(shadow.shape, shadow.strides)]
        self.plain = shadow.flags.c_contiguous and shadow.size == root.size

    def along(self, shape: tuple[int, ...]) -> list[int]:
        """The strides, broadcast to a shape."""
        return [0] * (len(shape) - len(self.strides)) + self.strides


def matrix(place: Place) -> tuple[bool, int] | None:
    """Whether the rows of a matrix stand one after the other (False) or its columns do (True), and
    how far apart; None for neither.
    """
    (m, n), (s, t) = place.shadow.shape, place.strides
    if (t == 1 or n == 1) and (s >= n or m == 1):
        return False, s if m > 1 else n
    return (True, t if n > 1 else m) if (s == 1 or m == 1) and (t >= m or n == 1) else None


def strided(flat: Any, place: Any) -> Any:
    """An array as a place says, over flat memory."""
    return numpy.lib.stride_tricks.as_strided(
        flat[place.offset:], place.shadow.shape,
        [s * flat.itemsize for s in place.shadow.strides])


def planned(roots: list[Root]) -> dict[str, int]:
    """Give each root without a name its place in an arena, of its dtype; the arenas' sizes."""
    sizes: dict[str, int] = {}
    given: list[Root] = []
    for root in sorted((r for r in roots if not r.name), key=lambda r: (r.first, -r.size)):
        root.name = root.dtype.str[1:]                  # f4, f8, i8, b1
        step = ALIGNED // root.dtype.itemsize
        here = sorted((r for r in given if r.name == root.name), key=lambda r: r.offset)
        heir = next((r for r in here if r.last == root.first and r.reads.get(root.first)
                     and r.size == root.size and not any(
                         s is not r and s.offset < r.offset + r.size
                         and r.offset < s.offset + s.size and s.last >= root.first
                         for s in here)), None)
        offset = heir.offset if heir else 0
        for r in [] if heir else here:
            if r.last >= root.first and offset < r.offset + r.size and (
                    r.offset < offset + root.size):
                offset = -(-(r.offset + r.size) // step) * step
        root.offset = offset
        given.append(root)
        sizes[root.name] = max(sizes.get(root.name, 0), offset + root.size)
    return sizes


def aligned(size: int, dtype: str) -> Any:
    """Fresh memory that begins at a line of the cache."""
    kind = numpy.dtype(dtype)
    raw = numpy.empty(size * kind.itemsize + ALIGNED, numpy.int8)
    first = -raw.__array_interface__["data"][0] % ALIGNED
    found: Any = raw[first:first + size * kind.itemsize].view(kind)
    return found
