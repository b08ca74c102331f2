"""A convolution is a product of matrices: a row for each kernel, a column for each window.

Each kernel slides over the image, and its result at a place is the sum of the products with what
it lies on there; as everywhere in learning it is not turned round, which is cross-correlation.
"""

import math
from typing import Any, ClassVar

import autograd.numpy as np
from autograd import ArgumentError, ShapeError, Tensor
from autograd.errors import describe

from .. import init
from ..module import Module
from .sizes import count
from .windows import images, inside, outside, places, sizes, spans


class _Convolution(Module):
    """What convolutions along one axis and two share."""

    dims: ClassVar[int]

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int | tuple[int, ...],
                 stride: int | tuple[int, ...] = 1, padding: int | tuple[int, ...] | str = 0,
                 dilation: int | tuple[int, ...] = 1, groups: int = 1, bias: bool = True, *,
                 dtype: Any = None, device: Any = None, rng: init.Random = None) -> None:
        self.in_channels = count("in_channels", in_channels)
        self.out_channels = count("out_channels", out_channels)
        self.groups = count("groups", groups)
        if in_channels % groups or out_channels % groups:
            raise ArgumentError(f"{in_channels} channels to {out_channels} in {groups} groups",
                                "let groups divide both")
        self.kernel_size = sizes("kernel_size", kernel_size, self.dims)
        self.stride = sizes("stride", stride, self.dims)
        self.dilation = sizes("dilation", dilation, self.dims)
        self.padding = self._padding(padding)
        shape = (out_channels, in_channels // groups, *self.kernel_size)
        rng, bound = init.generator(rng), 1.0 / math.sqrt(math.prod(shape[1:]))
        options: Any = {"low": -bound, "high": bound, "device": device}
        self.weight = init.uniform(shape, rng, dtype, **options)
        self.weight.label = "weight"
        self.bias: Tensor | None = None
        if bias:
            self.bias = init.uniform((out_channels,), rng, dtype, **options)
            self.bias.label = "bias"

    def _padding(self, padding: Any) -> tuple[tuple[int, int], ...]:
        """How many zeros come before and after each axis of pixels."""
        if padding == "valid":
            padding = 0
        if padding != "same":
            return tuple((n, n) for n in sizes("padding", padding, self.dims, least=0))
        if max(self.stride) > 1:
            raise ArgumentError(f'padding="same" with stride {self.stride}',
                                "leave stride 1, or give the padding in numbers")
        more = [n - 1 for n in spans(self.kernel_size, self.dilation)]
        return tuple((n // 2, n - n // 2) for n in more)

    def example(self) -> Any:
        """Images may have any size: raises ArgumentError."""
        raise ArgumentError(f"{self.title()} takes images of any size",
                            "give an example of them: model.draw(x)")

    def forward(self, x: Any) -> Any:
        """x (N, C_in, ...) to (N, C_out, ...)."""
        x = images(self.title(), x, self.dims, self.weight)
        if x.shape[1] != self.in_channels:
            last = "; np.moveaxis(x, -1, 1) brings the last axis there"
            raise ShapeError(f"{self.title()} with {self.in_channels} channels got {describe(x)}",
                             f"the second axis of x must have length {self.in_channels}"
                             + last * (x.shape[-1] == self.in_channels))
        x = inside(self.title(), x, spans(self.kernel_size, self.dilation), self.padding)
        seen = places(x, self.kernel_size, self.stride, self.dilation)
        pixels = seen.shape[self.dims + 1:]             # (C_in, *kernel, *pixels, N)
        groups = () if self.groups == 1 else (self.groups,)
        each = math.prod(self.weight.shape[1:])
        columns = np.reshape(seen, (*groups, each, math.prod(pixels)))
        kernels = np.reshape(self.weight, (*groups, self.out_channels // self.groups, each))
        product = np.matmul(kernels, columns)
        if self.bias is not None:
            product = product + np.reshape(self.bias, (*kernels.shape[:-1], 1))
        return outside(np.reshape(product, (self.out_channels, *pixels)))


class Conv1d(_Convolution):
    """Kernels that slide along sequences: (N, in, L) to (N, out, (L + 2p - d(k-1) - 1) // s + 1).

    weight is (out, in / groups, k), bias (out,); both start uniform between ±1/√(in / groups · k),
    as in PyTorch. `padding` is a number of zeros at both ends, "valid" (none) or "same" (L stays).
    `rng` and `device` as for Linear. Raises ShapeError for other axes or channels, and where the
    kernel is longer than what it slides along.
    """

    dims = 1


class Conv2d(_Convolution):
    """Kernels that slide over images: (N, in, H, W) to (N, out, H', W').

    H' = (H + 2p - d(k-1) - 1) // s + 1 with kernel_size k, stride s, padding p and dilation d,
    numbers or pairs for height and width. weight is (out, in / groups, k, k), bias (out,); both
    start uniform between ±1/√(in / groups · k · k), as in PyTorch. `padding` may be "valid" (none)
    or "same" (H' = H, W' = W). `rng` and `device` as for Linear. Raises ShapeError for other axes
    or channels, and where the kernel is larger than the padded image.
    """

    dims = 2
