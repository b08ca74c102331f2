"""Layers that only arrange: axes made one, and a way around other layers."""

import math
from collections.abc import Callable
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, ShapeError
from autograd.errors import describe

from ..given import as_array
from ..module import Module
from .linear import Sequential


class Flatten(Module):
    """The axes from start_dim to end_dim as one: (N, C, H, W) to (N, C · H · W).

    The last index runs fastest, as in PyTorch. Raises ShapeError where x has no such axes.
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Any) -> Any:
        """x with fewer axes."""
        x = as_array(x, None)
        shape, n = tuple(x.shape), len(x.shape)
        if not all(-n <= i < n for i in (self.start_dim, self.end_dim)) or (
                self.start_dim % n > self.end_dim % n):
            raise ShapeError(f"Flatten from axis {self.start_dim} to {self.end_dim} got "
                             f"{describe(x)}", "give x more axes (rows first), or name axes of it")
        start, stop = self.start_dim % n, self.end_dim % n + 1
        return np.reshape(x, (*shape[:start], math.prod(shape[start:stop]), *shape[stop:]))


class Residual(Module):
    """x + layers(x): the layers learn what to change (He et al. 2016, "Deep residual learning").

    They run one after the other, as in Sequential, and must keep the shape of x. Raises ShapeError
    where they do not.
    """

    def __init__(self, *layers: Module | str | Callable[..., Any]) -> None:
        if not layers:
            raise ArgumentError("Residual of no layers", "give the layers that x goes around")
        self.layers = Sequential(*layers).layers

    def forward(self, x: Any) -> Any:
        """x + layers(x), in the shape of x."""
        y = x
        for layer in self.layers:
            y = layer(y)
        x = as_array(x, y)
        if tuple(y.shape) != tuple(x.shape):
            raise ShapeError(f"Residual: x has shape {tuple(x.shape)}, what its layers make of it "
                             f"{tuple(y.shape)}", "let them keep the shape: out_channels = "
                             'in_channels and padding="same", or out_features = in_features')
        return x + y
