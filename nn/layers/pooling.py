"""Pooling makes images smaller: of each window one number is left, its greatest or its mean."""

import math
from collections.abc import Callable
from typing import Any, ClassVar

import autograd.numpy as np
from autograd import ArgumentError

from ..module import Module
from .windows import images, inside, outside, places, sizes


class _Pooling(Module):
    """What all of them share: windows, a row of numbers for each place in one."""

    dims: ClassVar[int]
    around: ClassVar[float]                     # what pads an image
    reduced: ClassVar[Callable[..., Any]]

    def __init__(self, kernel_size: int | tuple[int, ...],
                 stride: int | tuple[int, ...] | None = None,
                 padding: int | tuple[int, ...] = 0) -> None:
        self.kernel_size = sizes("kernel_size", kernel_size, self.dims)
        self.stride = self.kernel_size if stride is None else sizes("stride", stride, self.dims)
        self.padding = sizes("padding", padding, self.dims, least=0)
        if any(2 * p > n for p, n in zip(self.padding, self.kernel_size, strict=True)):
            raise ArgumentError(f"padding {self.padding} around windows of {self.kernel_size}",
                                "pad by half a window at most: each then has a pixel in it")

    def forward(self, x: Any) -> Any:
        """x (N, C, ...) to the same with fewer pixels."""
        x = images(self.title(), x, self.dims)
        pads = tuple((p, p) for p in self.padding)
        x = inside(self.title(), x, self.kernel_size, pads, self.around)
        seen = places(x, self.kernel_size, self.stride)
        rows = seen.shape[0], math.prod(self.kernel_size), *seen.shape[self.dims + 1:]
        return outside(self.reduced(np.reshape(seen, rows), axis=1))


class MaxPool1d(_Pooling):
    """The greatest number of each window: (N, C, L) to (N, C, (L + 2p - k) // s + 1).

    With kernel_size k, stride s (None: k) and padding p, which is never the greatest. Numbers that
    tie share the gradient equally, as in np.max; PyTorch gives all of it to the first. Raises
    ShapeError for other axes, and where the window is longer than the padded sequence.
    """

    dims, around, reduced = 1, -math.inf, staticmethod(np.max)


class MaxPool2d(_Pooling):
    """The greatest number of each window: (N, C, H, W) to (N, C, (H + 2p - k) // s + 1, ...).

    With kernel_size k, stride s (None: k) and padding p, which is never the greatest: numbers, or
    pairs for height and width. Numbers that tie share the gradient equally, as in np.max; PyTorch
    gives all of it to the first. Raises ShapeError for other axes, and where the window is larger
    than the padded image.
    """

    dims, around, reduced = 2, -math.inf, staticmethod(np.max)


class AvgPool1d(_Pooling):
    """The mean of each window, zeros of the padding included: (N, C, L) to (N, C, L').

    L' = (L + 2p - k) // s + 1 with kernel_size k, stride s (None: k) and padding p. Raises
    ShapeError for other axes, and where the window is longer than the padded sequence.
    """

    dims, around, reduced = 1, 0.0, staticmethod(np.mean)


class AvgPool2d(_Pooling):
    """The mean of each window, zeros of the padding included: (N, C, H, W) to (N, C, H', W').

    H' = (H + 2p - k) // s + 1 with kernel_size k, stride s (None: k) and padding p, numbers or
    pairs for height and width. Raises ShapeError for other axes, and where the window is larger
    than the padded image.
    """

    dims, around, reduced = 2, 0.0, staticmethod(np.mean)
