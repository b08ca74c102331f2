"""A handle points at the node that holds an array, and tells what that array is."""

import math
from typing import Any

from .errors import DtypeError, ShapeError
from .inputs import numbers_array
from .node import Operand
from .storage import can_hold, device, namespace


class Handle(Operand):
    """The fields of a Tensor and what they say: its array, shape, dtype, device and label."""

    __slots__ = ("node", "requires_grad", "_base", "_views", "__weakref__")
    node: Any
    requires_grad: bool
    _base: Any
    _views: Any

    @property
    def data(self) -> Any:
        """The array itself: no part of the graph. Assign to replace it on the same leaf."""
        return self.node.data

    @data.setter
    def data(self, new: Any) -> None:
        given, new = new, numbers_array(new)
        if isinstance(given, (list, tuple, float, int)):
            new = namespace(self.data).asarray(new, dtype=self.dtype)
        elif not can_hold(self.data, new):
            raise DtypeError(f"data of dtype {new.dtype} for a Tensor of dtype {self.dtype}",
                             "convert it first, or make a new Tensor")
        if tuple(new.shape) != tuple(self.shape):
            raise ShapeError(f"data of shape {tuple(new.shape)} for a Tensor of shape {self.shape}",
                             "make a new Tensor")
        self.node.data = new

    @property
    def label(self) -> str:
        """A name for people."""
        return self.node.label

    @label.setter
    def label(self, new: str) -> None:
        self.node.label = new

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        return tuple(self.node.data.shape)

    @property
    def dtype(self) -> Any:
        """The kind of number, the storage's own dtype object."""
        return self.node.data.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.node.data.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def device(self) -> Any:
        """Where the storage keeps the array."""
        return device(self.node.data)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this Tensor."""
        return self.node.op is None
