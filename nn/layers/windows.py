"""What looks at images through windows: axes, sizes, and images laid out for it.

Images come as (N, C, L) or (N, C, H, W). Inside, N is last: numbers at one place of all images
stand side by side in memory, and are copied and added in long runs, however small the images are.
"""

import operator
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, ShapeError, Tensor
from autograd.errors import describe

from ..given import as_array

Sizes = tuple[int, ...]
SHAPES = {1: "(N, C, L)", 2: "(N, C, H, W)"}


def sizes(name: str, given: Any, dims: int, least: int = 1) -> Sizes:
    """A whole number for each of so many axes; ArgumentError for anything else."""
    several = tuple(given) if isinstance(given, (tuple, list)) else (given,) * dims
    try:
        found = tuple(map(operator.index, several))
    except TypeError:
        found = ()
    if len(found) != dims or min(found) < least:
        pair = " or a pair of them" if dims == 2 else ""
        raise ArgumentError(f"{name} = {describe(given)}",
                            f"give a whole number from {least} up{pair}")
    return found


def spans(window: Sizes, dilation: Sizes) -> Sizes:
    """How far a window reaches along each axis."""
    return tuple((n - 1) * d + 1 for n, d in zip(window, dilation, strict=True))


def images(title: str, x: Any, dims: int, weight: Tensor | None = None) -> Any:
    """x as images, lists beside the weight; ShapeError where it has other axes."""
    x = as_array(x, weight)
    if len(x.shape) != dims + 2:
        one = "; x[None] is a batch of one" if len(x.shape) == dims + 1 else ""
        raise ShapeError(f"{title} takes {SHAPES[dims]}, got {describe(x)}",
                         f"give x {dims + 2} axes: rows, channels, then pixels{one}")
    return x


def inside(title: str, x: Any, span: Sizes, pads: tuple[Sizes, ...], fill: float = 0.0) -> Any:
    """x as (C, *pixels, N) with `fill` around it; ShapeError where the window is still larger."""
    padded = False
    for n, reach, (before, after) in zip(x.shape[2:], span, pads, strict=True):
        padded = padded or before + after > 0
        if before + n + after < reach:
            pixels = tuple(n + sum(pad) for n, pad in zip(x.shape[2:], pads, strict=True))
            raise ShapeError(f"{title}: the kernel covers {_by(span)} pixels, and {describe(x)} "
                             f"has {_by(pixels)}" + " with its padding" * any(map(any, pads)),
                             "give larger images, more padding, or a smaller kernel_size")
    x = np.permute_dims(x, axes=(*range(1, len(span) + 2), 0))
    return np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=fill) if padded else x


def places(x: Any, window: Sizes, stride: Sizes, dilation: Sizes | int = 1) -> Any:
    """x (C, *pixels, N) seen through windows: (C, *window, *pixels, N)."""
    n = len(window)
    x = np.sliding_window_view(x, window, tuple(range(1, n + 1)), stride=stride, dilation=dilation)
    return np.permute_dims(x, axes=(0, *range(n + 2, 2 * n + 2), *range(1, n + 2)))


def outside(x: Any) -> Any:
    """x (C, *pixels, N) as (N, C, *pixels)."""
    last = len(x.shape) - 1
    return np.permute_dims(x, axes=(last, *range(last)))


def _by(pixels: Sizes) -> str:
    return " × ".join(map(str, pixels))
