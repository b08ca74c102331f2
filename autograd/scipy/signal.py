"""Convolution of arrays along some axes and products along others, as convolutional layers do."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from .. import numpy as np
from ..composite import as_operands
from ..errors import ArgumentError, ShapeError

Axes = Sequence[Sequence[int]]


def convolve(A: Any, B: Any, axes: Axes | None = None, dot_axes: Axes = ((), ()),
             mode: str = "full") -> Any:
    """A and B convolved along pairs of `axes` (None: all), and contracted along `dot_axes`.

    The result has the other axes of A, those of B, and the convolved ones, of length a + b - 1
    (mode "full"), |a - b| + 1 ("valid") or a ("same"). Raises ShapeError where neither of the two
    fits in the other and mode is "valid". It loops over the elements of the smaller one.
    """
    A, B = as_operands(A, B)
    over = axes or (range(len(A.shape)), range(len(B.shape)))
    pairs = [(A.shape[i], B.shape[j]) for i, j in zip(*over, strict=True)]
    m, n, count = len(A.shape), len(B.shape), len(pairs) + len(dot_axes[0])
    if mode != "same" and any(a < b for a, b in pairs) and all(a <= b for a, b in pairs):
        return _rest_exchanged(convolve(B, A, over[::-1], dot_axes[::-1], mode), n - count,
                               m - count)
    left = [i for i in range(m) if i not in (*over[0], *dot_axes[0])]
    right = [i for i in range(n) if i not in (*over[1], *dot_axes[1])]
    signal = np.permute_dims(A, (*over[0], *left, *dot_axes[0]))
    kernel = np.permute_dims(B, (*over[1], *dot_axes[1], *right))
    signal = np.pad(signal, [(b - 1, b - 1) for _, b in pairs] + [(0, 0)] * (m - len(pairs)))
    total: Any = 0.0
    for place in product(*(range(b) for _, b in pairs)):
        window = tuple(_window(a, b, k, mode) for k, (a, b) in zip(place, pairs))
        total = total + np.tensordot(signal[window], kernel[place], axes=len(dot_axes[0]))
    return np.moveaxis(total, tuple(range(len(pairs))), tuple(range(-len(pairs), 0)))


def _window(a: int, b: int, k: int, mode: str) -> slice:
    """The elements, of a signal with b - 1 zeros around it, that meet element k of the kernel."""
    parts = {"full": (0, a + b - 1), "same": ((b - 1) // 2, a), "valid": (b - 1, a - b + 1)}
    if mode not in parts:
        raise ArgumentError(f"convolve has no mode {mode!r}", f"use {', '.join(parts)}")
    start, size = parts[mode]
    if size < 1:
        raise ShapeError(f"convolve, valid: lengths {a} and {b} along one axis, but the other way "
                         "round along another", "one array must fit in the other")
    return slice(b - 1 + start - k, b - 1 + start - k + size)


def _rest_exchanged(x: Any, m: int, n: int) -> Any:
    """x with its first m axes behind the n that follow."""
    return np.permute_dims(x, (*range(m, m + n), *range(m), *range(m + n, len(x.shape))))
