"""A handle points at the node that holds an array, and tells what that array is."""

import math
from typing import TYPE_CHECKING, Any, Self

from .errors import DtypeError, GraphError, ShapeError
from .inputs import beside_one, numbers_array
from .node import Operand
from .storage import can_hold, copy, device, is_floating, itemsize, namespace
from .views import leave

_WORDS = {"view": "x.reshape(...)", "unsqueeze": "x[:, None] or expand_dims(x, axis)",
          "permute": "x.transpose(...)", "clone": "x.copy()", "clamp": "x.clip(low, high)",
          "numel": "x.size", "long": "x.astype('int64')", "float": "x.astype('float32')",
          "double": "x.astype('float64')", "zero_grad": "x.grad = None", "zero_": "x.grad = None",
          "cpu": "x.to('cpu')", "cuda": "x.to('cuda')", "dim": "x.ndim", "pow": "x ** y",
          "add_": "x += y under no_grad()", "sub_": "x -= y under no_grad()"}


class Handle(Operand):
    """The fields of a Tensor and what they say: its array, shape, dtype, device and label."""

    __slots__ = ("node", "tracked", "_base", "_views", "__weakref__")
    node: Any
    tracked: bool                   # what requires_grad says
    _base: Any
    _views: Any

    @property
    def requires_grad(self) -> bool:
        """Whether what is done with this Tensor is recorded; may be set on a leaf of floats."""
        return self.tracked

    @requires_grad.setter
    def requires_grad(self, requires_grad: bool) -> None:
        self.requires_grad_(requires_grad)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Record what is done with this leaf, or not; returns it. DtypeError on integers."""
        if requires_grad and not is_floating(self.data):
            raise DtypeError(f"a Tensor of dtype {self.dtype} cannot require a gradient",
                             "make it floating: Tensor(data, dtype='float64', requires_grad=True)")
        if not requires_grad and not self.is_leaf:
            raise GraphError("requires_grad of a recorded result cannot be turned off",
                             "use detach()")
        if requires_grad and not self.tracked and (self._base or self._views):
            leave(self)                         # a leaf has memory of its own
            self.node.data = copy(self.data)
        self.tracked = requires_grad
        return self

    if not TYPE_CHECKING:               # else type checkers take any name for one of a Tensor's
        def __getattr__(self, name: str) -> Any:
            word = _WORDS.get(name)
            raise AttributeError(f"a Tensor has no attribute {name!r}"
                                 + (f"\nhelp: write {word}" if word else ""))

    @property
    def data(self) -> Any:
        """The array itself: no part of the graph. Assign to replace it on the same leaf."""
        return self.node.data

    @data.setter
    def data(self, new: Any) -> None:
        given, new = new, numbers_array(beside_one("the new data", new, self.data))
        if isinstance(given, (list, tuple, float, int)) or (
                is_floating(self.data) and not is_floating(new)):
            new = namespace(self.data).astype(new, self.dtype)
        elif not can_hold(self.data, new):
            raise DtypeError(f"data of dtype {new.dtype} for a Tensor of dtype {self.dtype}",
                             "convert it first, or make a new Tensor")
        if tuple(new.shape) != tuple(self.shape):
            raise ShapeError(f"data of shape {tuple(new.shape)} for a Tensor of shape {self.shape}",
                             "make a new Tensor")
        self.replace(new)

    def replace(self, new: Any) -> None:
        """Replace the array on the same leaf, whatever its storage and dtype."""
        leave(self)
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
    def itemsize(self) -> int:
        """The bytes of one element."""
        return itemsize(self.node.data)

    @property
    def nbytes(self) -> int:
        """The bytes of all elements."""
        return self.size * self.itemsize

    @property
    def device(self) -> Any:
        """Where the storage keeps the array."""
        return device(self.node.data)

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded operation made this Tensor."""
        return self.node.op is None
