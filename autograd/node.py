"""A node is one recorded result: what came out, which operation made it, and from what.

Nodes point at their operands and never at their consumers, so a graph is freed as soon as its
last result is, without the collector. Creation order is a topological order: `serial` says it.
"""

import itertools
from typing import TYPE_CHECKING, Any

from .scopes import Scope

serial = itertools.count().__next__
NOTHING: dict[str, Any] = {}        # the params of an operation that has none
ZERO = float("0")                   # the gradient that was not computed, told apart by identity


class Operand:
    """What an operation can be applied to and recorded on: a Value, a Tensor, a Symbol."""

    __slots__ = ()
    data: Any                       # its number or array; a Symbol has none

    def _with_axes(self) -> Any:
        """This operand as something with a shape: a Value becomes a 0-d Tensor."""
        return self

    @staticmethod
    def _apply(op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        raise NotImplementedError


class Node:
    """One recorded result. `data` is a float or an array, `args` are nodes and constants.

    `op` is None on a leaf. `params` is the operation's metadata (axis, shape ...), `grad` what the
    last `backward()` wrote, `label` a name for people, `origin` the scope it was recorded in.
    """

    __slots__ = ("data", "grad", "serial", "origin")    # op, args, params, label: each its own way

    data: Any
    grad: Any
    serial: int
    origin: Scope | None                        # None where it was not recorded
    label: Any                                  # a str

    if TYPE_CHECKING:
        @property
        def op(self) -> Any: ...
        @property
        def args(self) -> tuple[Any, ...]: ...
        @property
        def params(self) -> dict[str, Any]: ...

    @property
    def transient(self) -> bool:
        """Whether `backward()` does not write a gradient here."""
        return False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.op.name if self.op else 'leaf'}>"

    def numbers(self) -> tuple[Any, ...]:
        """The operands as plain numbers and arrays."""
        return tuple([arg.data if isinstance(arg, Node) else arg for arg in self.args])

    def operand(self) -> Any:
        """The handle by which operations on this node are recorded."""
        raise NotImplementedError

    def contribution(self, i: int, g: Any) -> Any:
        """What g, the cotangent of this node, means for operand i: plain numbers."""
        raise NotImplementedError

    def fitted(self, i: int, arg: Any, g: Any) -> Any:
        """What g means for operand i, which is `arg`, in that one's own shape, dtype and device."""
        part = self.contribution(i, g)
        return part if part is None else arg.fit(part)

    def advance(self, i: int, t: Any) -> Any:
        """What t, the tangent of operand i, means for this node: plain numbers."""
        raise NotImplementedError

    def fit(self, part: Any) -> Any:
        """A contribution brought to this node's own shape, dtype and device."""
        return part

    def grow(self, tangent: Any) -> Any:
        """A tangent of this node brought to its full shape and dtype."""
        return tangent

    def constant(self, x: Any) -> Any:
        """x as a recorded walk has it: an array as a handle (some refuse a handle on the right)."""
        return x

    def zeros(self) -> Any:
        """Zeros in the shape of this node: the cotangent where nothing depends on it."""
        raise NotImplementedError

    def ones(self) -> Any:
        """Ones in the shape of this node."""
        raise NotImplementedError

    def receive(self, g: Any) -> None:
        """Write the final cotangent g into `grad`: leaves add it, other nodes start afresh."""
        raise NotImplementedError

    def recompute(self) -> Any:
        """What `data` would be now, from the operands as they are now."""
        raise NotImplementedError

    @classmethod
    def recorded(cls, data: Any, op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """A new node of this kind: `data = op(*args, **params)`, or a leaf where op is None."""
        raise NotImplementedError

    def plain_grad(self) -> Any:
        """The gradient without the graph it may carry."""
        return self.grad

    def restore(self, grad: Any, label: str, origin: Scope | None) -> None:
        """Put back what a copy carries over; `grad` is None where none was computed."""
        self.label, self.origin = label, origin
        if grad is not None:
            self.grad = grad

    def complete(self, g: Any) -> Any:
        """The cotangent g with zeros for the outputs that nothing depends on."""
        return g

    def final(self, g: Any) -> Any:
        """The cotangent g when all of it has come: completed, and shown to the hooks."""
        return self.complete(g)


class Parts(tuple[Any, ...]):
    """The cotangents of several outputs, None for those that nothing depends on; they add up."""

    def __add__(self, other: Any) -> Any:
        return Parts(y if x is None else x if y is None else x + y
                     for x, y in zip(self, other, strict=True))
