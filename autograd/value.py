"""A Value is a node that holds a float: the scalar engine, in micrograd's words.

Its operators and its backward pass are the hottest code of the engine, so both come from printed
kernels: the forward from the template below, the backward from the rules (see kernels).
"""

import math
import operator
from typing import TYPE_CHECKING, Any, final

from . import copying, sweep
from .errors import DefinitionError
from .infix import comparison, infix, prefix
from .inputs import bridged, real_number
from .kernels import NeedsGeneralWalk, Opaque, place, placed, walk as printed_walk
from .kinds import Elementwise
from .leaving import warn_leaving
from .modes import bridging, debugging, here, origin, recording
from .node import NOTHING, ZERO, Node, Operand, serial
from .operators import BINARY, UNARY, Operators
from .ops import elementwise as e
from .primitive import NUMBERS, Primitive, find, raw
from .storage import is_array

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
          "remainder": "%", "negative": "-", "relu": "ReLU"}
_by_age = operator.attrgetter("serial")


@final
class Value(Node, Operators, Operand):
    """A scalar of a recorded graph: `data` (a float), `grad`, `label`.

    Arithmetic on Values is recorded; `backward()` writes the gradient of every node that led to
    this one. Numbers stay plain constants. Raises DtypeError for what is not one real number.
    """

    __slots__ = ("step", "x", "y", "c", "label", "__weakref__")
    data: float
    grad: float
    step: Any                       # the printed backward step of this node, chosen when recorded
    x: Any                          # the first operand that is a Value,
    y: Any                          # the second, or None, and
    c: Any                          # the number beside them, if there is one (kernels.place)

    def __init_subclass__(cls) -> None:
        raise DefinitionError(f"Value is final, {cls.__name__} cannot extend it",
                              "hold a Value in a class of your own, or write functions of it")

    def __init__(self, data: Any, _children: tuple[Any, ...] = (), _op: str = "",
                 label: str = "") -> None:
        if type(data) is not float:
            data = real_number(data)
        self.data = data
        self.grad = ZERO
        self.step = self.x = self.y = None
        self.serial = serial()
        if not here():
            self.origin = origin()
        if label:
            self.label = label

    if not TYPE_CHECKING:           # to type checkers any name would do
        def __getattr__(self, name: str) -> str:        # a slot that was never filled
            if name == "label":
                return ""
            if name == "origin":
                return None
            raise AttributeError(f"a Value has no attribute {name!r}")

    @property
    def op(self) -> Any:
        """The operation that made this node; None on a leaf."""
        return self.step and self.step.op

    @property
    def args(self) -> tuple[Any, ...]:
        """The operands: Values, other nodes and plain numbers."""
        step = self.step
        if step is None:
            return ()
        return self.x if type(step) is Opaque else placed(self)

    @property
    def params(self) -> dict[str, Any]:
        """The metadata of the operation."""
        return self.step.params if type(self.step) is Opaque else NOTHING

    # -- recording -----------------------------------------------------------------------------

    @staticmethod
    def _apply(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if op.fixed:
            args = tuple(raw(arg) if i in op.fixed else arg for i, arg in enumerate(args))
        numbers, operands, moving = [], [], False
        for arg in args:
            kind = type(arg)
            if kind is Value:
                moving = True
                numbers.append(arg.data)
            else:
                if kind is not float and kind is not bool and arg is not None:
                    if (isinstance(arg, Operand) or (kind is complex and bridging())
                            or (is_array(arg) and arg.shape != ())):
                        return bridged(op, args, params)
                    arg = real_number(arg) if kind is not int or abs(arg) > 2**53 else arg
                numbers.append(arg)
            operands.append(arg)
        if not op.takes_floats:
            return op(*(arg._with_axes() if type(arg) is Value else arg for arg in args), **params)
        data = op.on_floats(tuple(numbers), params)
        if not op.differentiable:
            return data
        if not moving or not recording():
            return Value(data)
        return Value.recorded(data, op, tuple(operands), params)

    @classmethod
    def recorded(cls, data: Any, op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        value = Value(data)
        if op is None:
            return value
        value.origin = origin()
        nodes = tuple([type(arg) is Value for arg in args])
        if type(op) is Elementwise and sum(nodes) < 3 and not params:
            value.step = op.step(nodes)
            value.x, value.y, value.c = place(args, nodes)
        else:
            value.step, value.x = Opaque(op, params), args
        return value

    def _with_axes(self) -> Any:
        return find("from_values")(self)

    def _accepts(self, other: Any) -> bool:
        if isinstance(other, Value) or type(other) in NUMBERS:
            return True
        return isinstance(other, Operand) or is_array(other)

    # -- the walks -----------------------------------------------------------------------------

    def operand(self) -> Any:
        return self

    def contribution(self, i: int, g: Any) -> Any:
        if type(self.op) is Elementwise and not self.params:
            return self.op.scalar_pull(i)(g, self.data, *self.numbers())
        return self.op.pull(i, g, self.data, self.numbers(), self.params)

    def advance(self, i: int, t: Any) -> Any:
        if type(self.op) is Elementwise and not self.params:
            return self.contribution(i, t)
        return self.op.push(i, t, self.data, self.numbers(), self.params)

    def receive(self, g: float) -> None:
        self.grad = (self.grad or 0.0) + g if self.step is None else g

    def recompute(self) -> float:
        return self.op.on_floats(self.numbers(), self.params)

    def zeros(self) -> float:
        return 0.0

    def ones(self) -> float:
        return 1.0

    def backward(self, gradient: float = 1.0) -> None:
        """Write `grad`, d(this)/d(node) times `gradient`, on every node that led to this one.

        Leaves add up over calls, as in micrograd and PyTorch; all other nodes start afresh.
        """
        if self.step is None:
            self.grad = (self.grad or 0.0) + gradient
            return
        nodes: list[Any] = []
        leaves: list[tuple[Any, float]] = []
        try:
            if debugging():
                raise NeedsGeneralWalk
            try:
                self._meet(nodes, leaves)
            except AttributeError as error:         # operands in a tuple: some step is Opaque
                raise NeedsGeneralWalk from error
            nodes.sort(key=_by_age, reverse=True)
            self.grad = gradient
            walk(nodes)
            for leaf, before in leaves:
                leaf.grad = (before or 0.0) + leaf.grad
        except BaseException as error:
            for leaf, before in leaves:             # nothing is lost: leaves are as they were
                leaf.grad = before
            for node in nodes:
                node.grad = ZERO
            if not isinstance(error, NeedsGeneralWalk):
                raise
            sweep.backward(self, float(gradient))

    def _meet(self, nodes: list[Any], leaves: list[Any]) -> None:
        """List the nodes and the leaves (with their gradients) that led here, all set to 0.

        Newest operand first, so that the list is nearly in order of age.
        """
        fresh = float("0")              # a zero of this walk alone: its identity marks who was met
        node: Any = self
        waiting: list[Any] = []
        meet, wait = nodes.append, waiting.append
        while True:
            meet(node)
            x, y = node.x, node.y
            node = None
            if x.grad is not fresh:
                if x.step is None:
                    leaves.append((x, x.grad))
                else:
                    node = x
                x.grad = fresh
            if y is not None and y.grad is not fresh:
                if y.step is None:
                    leaves.append((y, y.grad))
                else:
                    if node is not None:
                        wait(node)
                    node = y
                y.grad = fresh
            if node is None:
                if not waiting:
                    return
                node = waiting.pop()

    def freeze(self) -> Any:
        """What led here as a Tape, which computes it anew: help("autograd.compiling.tape.Tape")."""
        from .compiling.tape import Tape
        return Tape(self)

    def _root(self, gradient: Any) -> tuple["Value", float]:
        return self, 1.0 if gradient is None else float(gradient)

    def detach(self) -> "Value":
        """A leaf with the same data: the gradient ends here."""
        return Value(self.data, label=self.label)

    def item(self) -> float:
        """The plain number."""
        return self.data

    # -- micrograd's names ---------------------------------------------------------------------

    @property
    def _prev(self) -> dict[Node, None]:
        return dict.fromkeys(arg for arg in self.args if isinstance(arg, Node))

    @property
    def _op(self) -> str:
        if self.op is None:
            return ""
        if self.op is e.pow and not isinstance(self.args[1], Node):
            return f"**{self.args[1]}"
        return "**" if self.op is e.pow else _SIGNS.get(self.op.name, self.op.name)

    # -- Python's protocols --------------------------------------------------------------------

    def __repr__(self) -> str:
        label = f", label={self.label!r}" if self.label else ""
        op = f", op={self._op!r}" if self.op is not None else ""
        return f"Value(data={self.data}, grad={self.grad}{op}{label})"

    def __format__(self, spec: str) -> str:
        return format(self.data, spec) if spec else repr(self)

    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        return bool(self.data)

    def __float__(self) -> float:
        warn_leaving("float", "Value", ".data")
        return float(self.data)

    def __int__(self) -> int:
        warn_leaving("int", "Value", ".data")
        return int(self.data)

    __floor__ = lambda self: math.floor(self.data)              # noqa: E731
    __ceil__ = lambda self: math.ceil(self.data)                # noqa: E731
    __trunc__ = lambda self: math.trunc(self.data)              # noqa: E731

    def __reduce_ex__(self, protocol: Any) -> Any:
        return copying.reduce_node(self)


for _name, _form in (("add", "{} + {}"), ("sub", "{} - {}"), ("mul", "{} * {}"),
                     ("truediv", "{} / {}"), ("pow", "pow({}, {})")):
    for _method, _reflected in ((f"__{_name}__", False), (f"__r{_name}__", True)):
        setattr(Value, _method, infix(Value, _method, BINARY[_name], _form, _reflected))
for _name, _op in UNARY.items():
    setattr(Value, _name, prefix(Value, _name, _op, f"{_name}({{}})"))
Value.__neg__ = prefix(Value, "__neg__", e.negative, "-{}")                 # type: ignore
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Value, f"__{_name}__", comparison(Value, getattr(operator, _name)))
walk = printed_walk([op.step((True, True)) for op in (e.add, e.multiply)])
