"""The node that a Tensor is a handle on: one recorded array, or the several outputs of one step."""

from collections.abc import Callable
from typing import Any, ClassVar

from . import copying
from .inputs import beside_one
from .modes import here, origin
from .node import Node, Operand, Parts, serial
from .ops import shapes
from .primitive import raw
from .storage import copy, is_array, namespace, ndarray


class ArrayNode(Node):
    """A node that holds an array; `hooks` are called with its cotangent when that is final."""

    __slots__ = ("op", "args", "params", "label", "hooks", "__weakref__")
    op: Any
    args: tuple[Any, ...]
    params: dict[str, Any]
    label: str
    handle: ClassVar[Callable[[Any, bool], Any]]    # Tensor._of, which sets it
    hooks: list[Callable[[Any], Any]] | None

    def __init__(self, data: Any, op: Any = None, args: tuple[Any, ...] = (),
                 params: dict[str, Any] | None = None) -> None:
        self.data = data
        self.grad = self.hooks = None
        self.op = op
        self.args = args
        self.params = params or {}
        self.serial = serial()
        self.origin = here() or origin()
        self.label = ""

    @property
    def transient(self) -> bool:
        return self.op is not None

    def operand(self) -> Any:
        return ArrayNode.handle(self, True)

    def contribution(self, i: int, g: Any) -> Any:
        return self.op.pull(i, g, self.data, self.numbers(), self.params)

    def fitted(self, i: int, arg: Any, g: Any) -> Any:
        pull, data, like = self.op.pull_over_numpy(i), self.data, arg.data
        if pull is None or type(data) is not ndarray or not (
                data.dtype.kind == like.dtype.kind == "f"):
            return super().fitted(i, arg, g)
        part = pull(self, g)
        if type(part) is ndarray and part.dtype is like.dtype and part.shape == like.shape:
            return part
        return arg.fit(part)

    def advance(self, i: int, t: Any) -> Any:
        return self.op.push(i, t, self.data, self.numbers(), self.params)

    def fit(self, part: Any) -> Any:
        return shapes.fit(part, self.data)

    def grow(self, tangent: Any) -> Any:
        return shapes.grow(tangent, self.data)

    def constant(self, x: Any) -> Any:
        if isinstance(x, Operand) or not is_array(x):
            return x
        return ArrayNode.handle(ArrayNode(x), False)

    def zeros(self) -> Any:
        return namespace(self.data).zeros_like(self.data)

    def ones(self) -> Any:
        return namespace(self.data).ones_like(self.data)

    def recompute(self) -> Any:
        return self.op.on_arrays(self.numbers(), self.params)

    def plain_grad(self) -> Any:
        if self.grad is None or not self.grad.tracked:
            return self.grad
        return ArrayNode.handle(ArrayNode(self.grad.data), False)

    @classmethod
    def recorded(cls, data: Any, op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return cls(data, op, args, params)

    def final(self, g: Any) -> Any:
        if not self.hooks:
            return g
        for hook in tuple(self.hooks):                  # each gets its own, and may write to it
            recorded = isinstance(g, Operand)
            seen = +g if recorded else ArrayNode.handle(ArrayNode(copy(g)), False)
            changed = hook(seen)
            changed = seen if changed is None else beside_one("a hook's result", changed, self.data)
            g = self.fit(changed if recorded else raw(changed))
        return g

    def receive(self, g: Any) -> None:
        if self.op is None:
            g = g if isinstance(g, Operand) else ArrayNode.handle(ArrayNode(g), False)
            self.grad = g if self.grad is None else self.grad + g

    def __reduce_ex__(self, protocol: Any) -> Any:
        return copying.reduce_node(self)


class TupleNode(ArrayNode):
    """A node of an operation with several outputs; each output is an `item` of it."""

    __slots__ = ()

    def fit(self, part: Any) -> Any:
        return part

    def grow(self, tangent: Any) -> Any:
        return Parts(tangent)

    def zeros(self) -> Any:
        return Parts(namespace(part).zeros_like(part) for part in self.data)

    def complete(self, g: Any) -> Any:
        recorded = any(isinstance(x, Operand) for x in g)       # as those that came, so the rest

        def zeros(part: Any) -> Any:
            plain = namespace(part).zeros_like(part)
            return self.constant(plain) if recorded else plain

        return Parts(zeros(part) if x is None else x for x, part in zip(g, self.data, strict=True))

    def final(self, g: Any) -> Any:
        return super().final(self.complete(g))

    def receive(self, g: Any) -> None:
        pass
