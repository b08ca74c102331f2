"""Random numbers are drawn where they are used, from a seed that a NumPy Generator gives.

Each library has a generator of its own: one seed gives the same numbers twice over one library,
and others over another. The NumPy Generator alone carries the state, so it can be copied and kept.
"""

from collections.abc import Callable
from typing import Any

import numpy

from ..errors import GraphError
from .devices import device_of, transfer

Draw = Callable[[Any, tuple[int, ...], numpy.random.Generator], Any]


def uniform(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    """Numbers evenly in [0, 1), in the storage and device of the floats `like`.

    NumPy's are float64, those of PyTorch, JAX and CuPy have the dtype of `like`; for any other
    library NumPy's are moved. Raises GraphError where `like` is being traced: one drawing would
    serve every run.
    """
    there = device_of(like)
    if there.place is None:
        raise GraphError("random numbers drawn while it is traced: each run would have the same",
                         "draw them outside and give them as an argument, or call model.eval()")
    return natives.get(there.library.name, _moved)(like, tuple(shape), rng)


def _numpy(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    return rng.random(shape)


def _moved(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    return transfer(rng.random(shape), device_of(like))


def _torch(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    import torch

    generator = torch.Generator(like.device).manual_seed(_seed(rng))
    return torch.rand(shape, dtype=like.dtype, device=like.device, generator=generator)


def _jax(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    import jax

    key = jax.device_put(jax.random.key(_seed(rng)), like.device)
    return jax.random.uniform(key, shape, like.dtype)


def _cupy(like: Any, shape: tuple[int, ...], rng: numpy.random.Generator) -> Any:
    import cupy

    with like.device:
        drawn = cupy.random.default_rng(_seed(rng)).random(shape, dtype=numpy.float32)
        return drawn.astype(like.dtype, copy=False)


def _seed(rng: numpy.random.Generator) -> int:
    return int(rng.integers(2**31))


natives: dict[str, Draw] = {"numpy": _numpy, "torch": _torch, "jax": _jax, "cupy": _cupy}
