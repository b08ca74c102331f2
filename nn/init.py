"""Initial weights are random, and scaled so that signals neither fade nor grow through the layers.

A layer adds up fan_in products. Weights of variance gain² / fan_in keep the variance of the signal
going forward (He et al. 2015, "Delving deep into rectifiers", eq. 10), 2 gain² / (fan_in + fan_out)
is the compromise with the gradient going backward (Glorot and Bengio 2010, "Understanding the
difficulty of training deep feedforward neural networks", eq. 12 and 16).

Every function returns a Tensor that requires a gradient, on the default device or the one given.
`rng` is a seed, as in rng=0, or a numpy Generator; without it every call draws other numbers.
numpy.random.seed has no effect, by design: the numbers depend on nothing but what is given here.
They are drawn by NumPy in float64, rounded and moved once, so that one seed gives the same weights
in any dtype and on any device. The dtype is that of the storage's floats unless one is given.
"""

import math
from typing import Any

import numpy

from autograd import ArgumentError, ShapeError, Tensor
from autograd.errors import describe
from autograd.storage import dtype_name, find_device

Shape = tuple[int, ...]
Random = numpy.random.Generator | int | None


def generator(rng: Random = None) -> numpy.random.Generator:
    """The numpy Generator meant by a Generator, a seed (an int), or None (never the same)."""
    if isinstance(rng, numpy.random.Generator):
        return rng
    if rng is not None and (isinstance(rng, bool) or not isinstance(rng, (int, numpy.integer))
                            or rng < 0):
        raise ArgumentError(f"no source of random numbers: {describe(rng)}",
                            "give a seed (an int from 0 up) or numpy.random.default_rng(seed)")
    return numpy.random.default_rng(rng)


def uniform(shape: Shape, rng: Random = None, dtype: Any = None, *, low: float = -1.0,
            high: float = 1.0, device: Any = None) -> Tensor:
    """Evenly between low and high."""
    return _parameter(generator(rng).uniform(low, high, shape), dtype, device)


def normal(shape: Shape, rng: Random = None, dtype: Any = None, *, mean: float = 0.0,
           std: float = 1.0, device: Any = None) -> Tensor:
    """Normally distributed."""
    return _parameter(generator(rng).normal(mean, std, shape), dtype, device)


def xavier_uniform(shape: Shape, rng: Random = None, dtype: Any = None, *,
                   gain: float = 1.0, device: Any = None) -> Tensor:
    """Uniform of variance 2 gain² / (fan_in + fan_out); Glorot and Bengio 2010, eq. 16."""
    bound = math.sqrt(3.0) * _xavier_std(shape, gain)
    return uniform(shape, rng, dtype, low=-bound, high=bound, device=device)


def xavier_normal(shape: Shape, rng: Random = None, dtype: Any = None, *,
                  gain: float = 1.0, device: Any = None) -> Tensor:
    """Normal of variance 2 gain² / (fan_in + fan_out); Glorot and Bengio 2010, eq. 12."""
    return normal(shape, rng, dtype, std=_xavier_std(shape, gain), device=device)


def kaiming_uniform(shape: Shape, rng: Random = None, dtype: Any = None, *,
                    gain: float = math.sqrt(2.0), device: Any = None) -> Tensor:
    """Uniform of variance gain² / fan_in; He et al. 2015, eq. 10 (gain √2: before a ReLU)."""
    bound = math.sqrt(3.0) * gain / math.sqrt(fans(shape)[0])
    return uniform(shape, rng, dtype, low=-bound, high=bound, device=device)


def kaiming_normal(shape: Shape, rng: Random = None, dtype: Any = None, *,
                   gain: float = math.sqrt(2.0), device: Any = None) -> Tensor:
    """Normal of variance gain² / fan_in; He et al. 2015, eq. 10 (gain √2: before a ReLU)."""
    return normal(shape, rng, dtype, std=gain / math.sqrt(fans(shape)[0]), device=device)


def gain(activation: str, slope: float = 0.01) -> float:
    """The factor that makes up for what an activation takes from the signal's scale.

    √2 for ReLU and √(2 / (1 + slope²)) for leaky ReLU (He et al. 2015, eq. 15), 5/3 for tanh
    (the value PyTorch uses), 1 for identity and sigmoid.
    """
    gains = {"identity": 1.0, "sigmoid": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2.0),
             "leaky_relu": math.sqrt(2.0 / (1.0 + slope * slope))}
    if activation not in gains:
        raise ArgumentError(f"no gain is known for {activation!r}",
                            f"use one of {', '.join(gains)}, or give gain= as a number")
    return gains[activation]


def fans(shape: Shape) -> tuple[int, int]:
    """(fan_in, fan_out) of weights of shape (out, in, *kernel). Raises ShapeError below 2 axes."""
    if len(shape) < 2 or math.prod(shape) == 0:
        raise ShapeError(f"weights of shape {tuple(shape)} have no fan-in and fan-out",
                         "give a shape (out, in), or use uniform or normal")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def _xavier_std(shape: Shape, gain: float) -> float:
    return gain * math.sqrt(2.0 / sum(fans(shape)))


def _parameter(numbers: Any, dtype: Any, device: Any) -> Tensor:
    there = find_device(device)
    dtype = there.library.dtype(float if dtype is None else dtype)
    rounded = numbers.astype(dtype_name(dtype), copy=False)
    return Tensor(there.library.put(rounded, there.place)).requires_grad_()
