"""Layer normalisation gives every sample mean 0 and variance 1 over its own features."""

from collections.abc import Iterable
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, ShapeError
from autograd.errors import describe
from autograd.storage import device_of

from ..given import as_array
from ..module import Module
from .sizes import count


class LayerNorm(Module):
    """(x - mean) / sqrt(variance + eps) · weight + bias over the last axes, `normalized_shape`.

    Ba, Kiros and Hinton 2016, "Layer normalization", eq. 4, the variance divided by n; training and
    evaluation are the same. x has shape (..., *normalized_shape); weight, which starts at 1, and
    bias, at 0, have normalized_shape. Raises ShapeError where x does not end in it.
    """

    def __init__(self, normalized_shape: int | Iterable[int], eps: float = 1e-5, *,
                 dtype: Any = None, device: Any = None) -> None:
        sizes = normalized_shape if isinstance(normalized_shape, Iterable) else [normalized_shape]
        self.normalized_shape = tuple(count("normalized_shape", n) for n in sizes)
        if not self.normalized_shape:
            raise ArgumentError("LayerNorm over no axes, normalized_shape = ()",
                                "give the lengths of the last axes of x: one number or more")
        self.eps = eps
        where: Any = {"dtype": dtype, "device": device}
        self.weight = np.ones(self.normalized_shape, **where).requires_grad_()
        self.bias = np.zeros(self.normalized_shape, **where).requires_grad_()
        self.weight.label, self.bias.label = "weight", "bias"

    def example(self) -> Any:
        """Zeros of shape (1, *normalized_shape)."""
        return np.zeros((1, *self.normalized_shape), dtype=self.weight.dtype,
                        device=device_of(self.weight.data))

    def forward(self, x: Any) -> Any:
        """x, in its shape."""
        x = as_array(x, self.weight)
        n = len(self.normalized_shape)
        if tuple(x.shape[-n:]) != self.normalized_shape:
            raise ShapeError(f"LayerNorm of {self.normalized_shape} got {describe(x)}",
                             f"the last axes of x must have lengths {self.normalized_shape}")
        axes = tuple(range(-n, 0))
        centred = x - np.mean(x, axis=axes, keepdims=True)
        variance = np.mean(np.square(centred), axis=axes, keepdims=True)
        return centred * (1.0 / np.sqrt(variance + self.eps)) * self.weight + self.bias
