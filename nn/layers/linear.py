"""Layers work on batches: one row of a Tensor per sample, all rows at once."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, ShapeError, Tensor
from autograd.errors import describe
from autograd.storage import device_of, namespace, random

from .. import init
from ..activations import activation
from ..module import Module
from .sizes import count


class Linear(Module):
    """x @ weight.T + bias: x (..., in) to (..., out); weight (out, in), bias (out,).

    Both start uniform between ±1/√in, as in PyTorch. `rng` is a seed, as in Linear(2, 1, rng=0), or
    a numpy Generator, which several layers can share; numpy.random.seed has no effect. `device` is
    the default one unless given. Raises ShapeError when the last axis of x is not `in`.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *,
                 dtype: Any = None, device: Any = None, rng: init.Random = None) -> None:
        self.in_features = count("in_features", in_features)
        self.out_features = count("out_features", out_features)
        rng, bound = init.generator(rng), 1.0 / math.sqrt(in_features)
        options: Any = {"low": -bound, "high": bound, "device": device}
        self.weight = init.uniform((out_features, in_features), rng, dtype, **options)
        self.weight.label = "weight"
        self.bias: Tensor | None = None
        if bias:
            self.bias = init.uniform((out_features,), rng, dtype, **options)
            self.bias.label = "bias"

    def example(self) -> Any:
        """Zeros of shape (1, in)."""
        return np.zeros((1, self.in_features), dtype=self.weight.dtype,
                        device=device_of(self.weight.data))

    def forward(self, x: Any) -> Any:
        """x (..., in) to (..., out)."""
        if isinstance(x, (list, tuple)):
            x = np.asarray(x, device=device_of(self.weight.data))
        if x.shape[-1:] != (self.in_features,):
            raise ShapeError(f"Linear with {self.in_features} inputs got {describe(x)}",
                             f"the last axis of x must have length {self.in_features}")
        weight = self.weight.mT                         # not every array gives way at @
        product = x @ weight if type(x) is Tensor else np.matmul(x, weight)
        return product if self.bias is None else product + self.bias


class Sequential(Module):
    """Modules one after the other; names of activations and plain functions will do as well."""

    def __init__(self, *layers: Module | str | Callable[..., Any]) -> None:
        for layer in layers:
            if isinstance(layer, list | tuple):
                raise ArgumentError(f"Sequential got a {type(layer).__name__} of {len(layer)} "
                                    "as one layer", "unpack it: Sequential(*layers)")
        self.layers = [activation(layer) for layer in layers]

    def forward(self, x: Any) -> Any:
        """x through all of them."""
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, index: int | slice) -> Any:
        found = self.layers[index]
        return Sequential(*found) if isinstance(found, list) else found

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)


class Dropout(Module):
    """In training each element is 0 with probability p, else divided by 1 - p; in eval, x itself.

    Dividing keeps the expected signal (Srivastava et al. 2014, "Dropout", section 10). `rng` is a
    numpy Generator or a seed; each storage draws its own numbers from it.
    """

    def __init__(self, p: float = 0.5, rng: init.Random = None) -> None:
        if not 0.0 <= p <= 1.0:
            raise ArgumentError(f"Dropout with p = {p!r}", "p is a probability, from 0 to 1")
        self.p = p
        self.rng = init.generator(rng)

    def forward(self, x: Any) -> Any:
        """x with some elements dropped, in its shape and dtype."""
        if not self.training or self.p == 0.0:
            return x
        data = x.data if isinstance(x, Tensor) else x
        kept = random.uniform(data, x.shape, self.rng) >= self.p
        scale = 1.0 / (1.0 - self.p) if self.p < 1.0 else 0.0
        return x * (namespace(data).astype(kept, data.dtype) * scale)
