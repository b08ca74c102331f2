"""Teach einops Tensors: `import autograd.einops` once, then its functions take them.

einops asks a backend for each type of array; this is the one for Tensors over any storage, with
gradients. `einops.array_api` needs nothing of it.
"""

from typing import Any

from einops._backends import AbstractBackend

from . import numpy as np
from .storage import is_floating
from .tensor import Tensor


class Backend(AbstractBackend):
    """What einops does with an array, in the words of autograd.numpy."""

    framework_name = "autograd"

    def is_appropriate_type(self, tensor: Any) -> bool:
        return type(tensor) is Tensor

    def from_numpy(self, x: Any) -> Tensor:
        return Tensor(x)

    def to_numpy(self, x: Tensor) -> Any:
        return x.numpy()

    def arange(self, start: int, stop: int) -> Tensor:
        return np.arange(start, stop)

    def reduce(self, x: Tensor, operation: str, axes: Any) -> Any:
        return getattr(x, operation)(axis=tuple(axes))

    def stack_on_zeroth_dimension(self, tensors: list[Tensor]) -> Tensor:
        return np.stack(tensors)

    def add_axis(self, x: Tensor, new_position: int) -> Any:
        return np.expand_dims(x, axis=new_position)

    def tile(self, x: Tensor, repeats: Any) -> Any:
        return np.tile(x, tuple(repeats))

    def concat(self, tensors: list[Tensor], axis: int) -> Any:
        return np.concat(tensors, axis=axis)

    def is_float_type(self, x: Tensor) -> bool:
        return is_floating(x.data)

    def einsum(self, pattern: str, *x: Tensor) -> Any:
        return np.einsum(pattern, *x)
