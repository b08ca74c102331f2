"""A heat map is an array as a picture: blue below zero, white at zero, red above, nan black.

The PNG is written here, so that nothing has to be installed. It is coarse on purpose: each cell is
some pixels wide, because untrusted notebooks drop the style that keeps enlarged pixels sharp.
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode
from contextlib import suppress
from html import escape
from itertools import pairwise
from math import isfinite, prod
from typing import Any

import numpy

from ..storage import namespace, quiet, to_numpy
from .wording import kind, number

MOST = 64                                   # cells on a side; more are averaged in blocks
LEVELS = 126                                # shades of each of the two colours
NAN, INF = 2 * LEVELS + 1, 2 * LEVELS + 2   # their places in the palette
_BLUE, _WHITE, _RED, _BLACK, _GREY = ((33, 102, 172), (255, 255, 255), (178, 24, 43), (0, 0, 0),
                                      (130, 130, 130))
PALETTE = numpy.vstack([numpy.linspace(_BLUE, _WHITE, LEVELS + 1),
                        numpy.linspace(_WHITE, _RED, LEVELS + 1)[1:],
                        [_BLACK, _GREY]]).round().astype(numpy.uint8)


def on_host(array: Any) -> Any:
    """The array of any storage and device as a NumPy array; None where it has no numbers yet."""
    ways = (to_numpy, numpy.from_dlpack,
            lambda x: to_numpy(namespace(x).astype(x, namespace(x).float32)))
    for way in ways:
        with suppress(Exception):           # each storage refuses in its own words
            x = way(array)
            return x if x.dtype.kind in "biufc" else x.astype(float)
    return None


def summary(x: Any) -> str:
    """What a NumPy array holds: `-1.5 to 2.0, mean 0.25, 3 nan (black), 1 inf (grey)`."""
    if not x.size:
        return "empty"
    finite, of = x, ""
    if x.dtype.kind == "c":
        finite, of = _real(x), "|x| "
    words = []
    if not (isfinite(finite.min()) and isfinite(finite.max())):
        nan, known = int(numpy.isnan(finite).sum()), numpy.isfinite(finite)
        inf = int(finite.size - known.sum()) - nan
        words = [f"{nan:,} nan (black)"] * bool(nan) + [f"{inf:,} inf (grey)"] * bool(inf)
        finite = finite[known]
    if finite.size:
        low, high = number(finite.min().item(), 3), number(finite.max().item(), 3)
        spread = f"{of}{low} to {high}, mean {number(_mean(finite), 3)}"
        words = [spread if x.size > 1 else f"{of}{low}", *words]
    return ", ".join(words)


def _mean(x: Any) -> float:
    with quiet():
        mean = float(x.mean(dtype=float))
    return mean if isfinite(mean) else float((x / x.size).sum())    # the sum was out of range


def cells(x: Any) -> tuple[Any, str]:
    """A NumPy array as the floats of a picture, (rows, columns), and how it was arranged.

    A vector is one row. More than two axes are parted where rows and columns come out most alike.
    More than 64 cells on a side are averaged in blocks. Complex numbers become |x|.
    """
    words = []
    rows = max(x.ndim - 1, 0)
    if x.ndim > 2:
        rows = min(range(1, x.ndim), key=lambda k: max(prod(x.shape[:k]), prod(x.shape[k:])))
        down, across = (", ".join(map(str, axes)) for axes in (range(rows), range(rows, x.ndim)))
        words = [f"axes {down} down and {across} across"]
    x = x.reshape(prod(x.shape[:rows]), prod(x.shape[rows:]))
    if max(x.shape) > MOST:
        x = _block_means(x)
        words.append(f"means of blocks, {x.shape[0]} × {x.shape[1]}")
    return _real(x), ", ".join(words)


def _real(x: Any) -> Any:
    with quiet():
        return (numpy.abs(x) if x.dtype.kind == "c" else x).astype(float, copy=False)


def _block_means(x: Any) -> Any:
    """At most 64 × 64 means; divided before they are added, so that they stay in range."""
    down, across = (numpy.linspace(0, n, min(n, MOST) + 1).astype(int) for n in x.shape)
    widths = numpy.diff(across).repeat(numpy.diff(across))
    with quiet():
        return numpy.array([
            numpy.add.reduceat((_real(x[i:j]) / (j - i)).sum(0) / widths, across[:-1])
            for i, j in pairwise(down)])


def levels(cells: Any) -> Any:
    """The place of each cell in the palette, scaled by the greatest finite |cell|."""
    finite = numpy.isfinite(cells)
    peak = scale(cells) or 1.0
    level = numpy.rint(numpy.where(finite, cells, 0.0) / peak * LEVELS).astype(int) + LEVELS
    return numpy.where(finite, level, numpy.where(numpy.isnan(cells), NAN, INF))


def scale(cells: Any) -> float:
    """The greatest finite |cell|, which has the full colour; 0 where there is none."""
    return float(numpy.abs(cells).max(initial=0.0, where=numpy.isfinite(cells)))


def png(array2d: Any) -> bytes:
    """A heat map with one pixel a cell: an array of shape (rows, columns), at least one of each."""
    return _encoded(_real(numpy.asarray(array2d)))


def _encoded(cells: Any, down: int = 1, across: int = 1) -> bytes:
    """A PNG with `down` × `across` pixels a cell; its palette holds the colours that are used."""
    used, places = numpy.unique(levels(cells), return_inverse=True)
    pixels = places.reshape(cells.shape).astype(numpy.uint8).repeat(down, 0).repeat(across, 1)
    rows, columns = pixels.shape
    lines = numpy.pad(pixels, ((0, 0), (1, 0)))         # each begins with its filter: none
    chunks = {b"IHDR": struct.pack(">IIBBBBB", columns, rows, 8, 3, 0, 0, 0),
              b"PLTE": PALETTE[used].tobytes(), b"IDAT": zlib.compress(lines.tobytes()),
              b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks.items())


def image(array: Any, width: int = 160) -> str:
    """An <img> of the array, `width` CSS pixels at most, its text saying what is seen.

    For arrays of any storage, rank and kind of number. "" where there is nothing to see: for an
    empty array, and for one that has no numbers yet because it is being traced.
    """
    x = on_host(array)
    if x is None or not x.size:
        return ""
    shown, arranged = cells(x)
    words = f"{kind(array)} {summary(x)}".strip(), colours(shown), arranged
    return picture(shown, "; ".join(filter(None, words)), width)


def picture(cells: Any, text: str, width: int = 160) -> str:
    """The <img> of cells made by `cells`, with a text for those who cannot see it."""
    side = max(1, min(16, width // max(cells.shape)))
    down, across = (max(side, 12 // n) for n in cells.shape)    # a vector is no hairline
    source, text = b64encode(_encoded(cells, down, across)).decode(), escape(text)
    return (f'<img src="data:image/png;base64,{source}" alt="{text}" title="{text}" '
            f'width="{across * cells.shape[1]}" height="{down * cells.shape[0]}" '
            'style="image-rendering:pixelated;border:1px solid #888">')


def colours(cells: Any) -> str:
    """What the colours mean: `blue -2.0, white 0, red 2.0`."""
    peak = scale(cells)
    return f"blue {number(-peak, 3)}, white 0, red {number(peak, 3)}" if peak else "white 0"
