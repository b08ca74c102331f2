"""Normalising gives numbers mean 0 and variance 1, whatever the layers before make of them."""

import math
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, GraphError, ShapeError, Tensor, no_grad
from autograd.errors import describe
from autograd.storage import traced

from ..given import as_array, raw
from ..module import Module
from .sizes import count


class BatchNorm(Module):
    """(x - mean) / √(variance + eps) · weight + bias, channel by channel.

    x is (N, C), (N, C, L) or (N, C, H, W). In training mean and variance are those of the batch,
    over all axes but the second, and the running ones move there by the share `momentum` (None:
    they are the means of all batches so far); in eval the running ones are taken. Without `affine`
    there are no weight and bias. Ioffe and Szegedy 2015, "Batch normalization"; names, defaults and
    buffers are those of PyTorch's BatchNorm1d and BatchNorm2d. Raises ShapeError for other axes or
    channels, and in training for one number a channel.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1,
                 affine: bool = True, *, dtype: Any = None, device: Any = None) -> None:
        self.num_features = count("num_features", num_features)
        if not eps > 0.0 or (momentum is not None and not 0.0 <= momentum <= 1.0):
            raise ArgumentError(f"BatchNorm with eps = {eps!r} and momentum = {momentum!r}",
                                "give an eps above 0, and a momentum from 0 to 1 or None")
        self.eps, self.momentum = eps, momentum
        options: Any = {"dtype": float if dtype is None else dtype, "device": device}
        self.weight: Tensor | None = None
        self.bias: Tensor | None = None
        if affine:
            self.weight = np.ones((num_features,), **options).requires_grad_()
            self.bias = np.zeros((num_features,), **options).requires_grad_()
            self.weight.label, self.bias.label = "weight", "bias"
        self.running_mean = np.zeros((num_features,), **options)
        self.running_var = np.ones((num_features,), **options)
        self.num_batches_tracked = np.zeros((), dtype=int, device=device)

    def forward(self, x: Any) -> Any:
        """x normalised, in its shape."""
        x = self._checked(x)
        axes, shape = (0, *range(2, len(x.shape))), (-1, *(1,) * (len(x.shape) - 2))
        if self.training:
            mean = np.mean(x, axis=axes, keepdims=True)
            apart = x - mean
            variance = np.mean(apart * apart, axis=axes, keepdims=True)
            self._follow(mean, variance, math.prod(x.shape) // self.num_features)
        else:
            apart = x - np.reshape(self.running_mean, shape)
            variance = np.reshape(self.running_var, shape)
        scale = 1.0 / np.sqrt(variance + self.eps)
        if self.weight is None or self.bias is None:
            return apart * scale
        return apart * (scale * np.reshape(self.weight, shape)) + np.reshape(self.bias, shape)

    def _checked(self, x: Any) -> Any:
        """x as an array or Tensor that can be normalised."""
        x = as_array(x, self.running_mean)
        if not 2 <= len(x.shape) <= 4 or x.shape[1] != self.num_features:
            raise ShapeError(f"BatchNorm of {self.num_features} channels got {describe(x)}",
                             f"the second of 2 to 4 axes of x must have length {self.num_features}")
        if self.training and math.prod(x.shape) < 2 * self.num_features:
            raise ShapeError(f"BatchNorm in training got {describe(x)}: one number a channel has "
                             "no variance", "give it more rows, or call model.eval() to predict")
        if self.training and traced(raw(x)) and not traced(self.running_mean.data):
            raise GraphError("BatchNorm in training would keep what is traced",
                             "let the model be an argument of the step that is compiled (for "
                             "jax.jit: nn.Pure(step, model, optimizer)), or call model.eval()")
        return x

    def _follow(self, mean: Any, variance: Any, n: int) -> None:
        """Move the running mean and variance to those of a batch with n numbers a channel."""
        with no_grad():
            batches = self.num_batches_tracked + 1
            for running, new in ((self.running_mean, mean), (self.running_var,
                                                             variance * (n / (n - 1)))):
                new = np.astype(np.reshape(new, running.shape), running.dtype, copy=False)
                share = self.momentum if self.momentum is not None else (
                    1.0 / np.astype(batches, running.dtype))
                running.data = raw(running + (new - running) * share)
            self.num_batches_tracked.data = raw(batches)
