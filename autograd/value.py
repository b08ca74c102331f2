"""A Value is a node that holds a float: the scalar engine, in micrograd's words.

Its operators and its backward pass are the hottest code of the engine, so both come from printed
kernels: the forward from the template below, the backward from the rules (see kernels).
"""

import math
import operator
import warnings
from operator import attrgetter
from typing import Any

from . import copying, sweep
from .debug import debugging
from .errors import DtypeError, GradientWarning, describe, mixed
from .infix import infix
from .kinds import Elementwise
from .node import NOTHING, ZERO, Node, Operand, recording, serial
from .operators import BINARY, Operators
from .ops import elementwise as e
from .primitive import Primitive
from .storage import is_array

_SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
          "remainder": "%", "negative": "-", "relu": "ReLU"}
_by_age = attrgetter("serial")


class Value(Node, Operators, Operand):
    """A scalar of a recorded graph: `data` (a float), `grad`, `label`.

    Arithmetic on Values is recorded; `backward()` writes the gradient of every node that led to
    this one. Numbers stay plain constants. Raises DtypeError for what is not one real number.
    """

    __slots__ = ("step", "__weakref__")
    step: Any                       # the printed backward step of this node, chosen when recorded

    def __init__(self, data: Any, _children: tuple[Any, ...] = (), _op: str = "",
                 label: str = "") -> None:
        if type(data) is not float:
            data = _real(data)
        self.data = data
        self.grad = ZERO
        self.op = self.step = None
        self.args = ()
        self.params = NOTHING
        self.serial = serial()
        self.label = label

    # -- recording -----------------------------------------------------------------------------

    @staticmethod
    def _apply(op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        numbers = tuple([arg.data if type(arg) is Value else _constant(op, arg) for arg in args])
        data = op.on_floats(numbers, params)
        if not op.differentiable:
            return data
        return record(data, op, args, params) if recording() else Value(data)

    def _accepts(self, other: Any) -> bool:
        if isinstance(other, Value) or type(other) in (float, int, bool):
            return True
        if isinstance(other, Operand):
            raise mixed(self, other)
        if is_array(other):
            if getattr(other, "ndim", 1) == 0:
                return True
            raise DtypeError(f"a Value beside an {describe(other)}",
                             "use Tensor(...) for arrays, or a list of Values")
        return False

    # -- the walks -----------------------------------------------------------------------------

    def operand(self) -> Any:
        return self

    def contribution(self, i: int, g: Any) -> Any:
        args = [arg.data if isinstance(arg, Node) else arg for arg in self.args]
        if type(self.op) is Elementwise:
            return self.op.scalar_pull(i)(g, self.data, *args)
        return self.op.pull(i, g, self.data, tuple(args), self.params)

    def advance(self, i: int, t: Any) -> Any:
        if type(self.op) is Elementwise:
            return self.contribution(i, t)
        args = tuple([arg.data if isinstance(arg, Node) else arg for arg in self.args])
        return self.op.push(i, t, self.data, args, self.params)

    def receive(self, g: float) -> None:
        self.grad = self.grad + g if self.op is None else g

    def recompute(self) -> float:
        numbers = [arg.data if isinstance(arg, Node) else arg for arg in self.args]
        return self.op.on_floats(tuple(numbers), self.params)

    def restore(self, grad: Any) -> None:
        self.grad = ZERO if grad is None else grad
        self.step = _step(self.op, self.args)

    def zeros(self) -> float:
        return 0.0

    def ones(self) -> float:
        return 1.0

    def backward(self, gradient: float = 1.0) -> None:
        """Write `grad`, d(this)/d(node) times `gradient`, on every node that led to this one.

        Leaves add up over calls, as in micrograd and PyTorch; all other nodes start afresh.
        """
        fresh = float("0")              # a zero of this walk alone: its identity marks who was met
        nodes, leaves = [self], []
        if self.op is None:
            self.grad = self.grad + gradient
            return
        try:
            for node in nodes:          # grows while it is read
                for arg in node.args:
                    if type(arg) is Value:
                        if arg.grad is not fresh:
                            if arg.op is None:
                                leaves.append((arg, arg.grad))
                            else:
                                nodes.append(arg)
                            arg.grad = fresh
                    elif isinstance(arg, Node):
                        raise _Mixed
            if debugging() or not all(node.step for node in nodes):
                raise _Mixed
            nodes.sort(key=_by_age, reverse=True)
            self.grad = gradient
            for node in nodes:
                node.step(node)
            for leaf, before in leaves:
                leaf.grad = before + leaf.grad
        except BaseException as error:
            for leaf, before in leaves:             # nothing is lost: leaves are as they were
                leaf.grad = before
            for node in nodes:
                node.grad = ZERO
            if not isinstance(error, _Mixed):
                raise
            sweep.write(sweep.pull({self: float(gradient)}))

    def steps(self) -> list[sweep.Step]:
        """Every contribution of the backward pass, in its order; writes nothing."""
        return list(sweep.steps(self, 1.0))

    def detach(self) -> "Value":
        """A leaf with the same data: the gradient ends here."""
        return Value(self.data, label=self.label)

    def item(self) -> float:
        """The plain number."""
        return self.data

    def draw(self, **options: Any) -> Any:
        """The graph that led to this Value, as a picture."""
        from .show import draw

        return draw(self, **options)

    # -- micrograd's names ---------------------------------------------------------------------

    @property
    def _prev(self) -> dict["Value", None]:
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
        _warn_leaving("float")
        return float(self.data)

    def __int__(self) -> int:
        _warn_leaving("int")
        return int(self.data)

    def __round__(self, digits: int | None = None) -> Any:
        return e.round(self) if digits is None else e.round(self * 10.0**digits) / 10.0**digits

    def __floor__(self) -> int:
        return math.floor(self.data)

    def __ceil__(self) -> int:
        return math.ceil(self.data)

    def __trunc__(self) -> int:
        return math.trunc(self.data)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return copying.reduce_node(self)


class _Mixed(Exception):
    """The graph holds arrays too: the general walk takes over."""


def record(data: Any, op: Primitive, args: tuple[Any, ...], params: dict[str, Any]) -> Value:
    """A new Value, recorded as `data = op(*args)`."""
    value = Value(data)
    value.op, value.args, value.params = op, args, params
    value.step = _step(op, args)
    return value


def _step(op: Any, args: tuple[Any, ...]) -> Any:
    """The printed backward step of op on these operands; None where the general walk is needed."""
    if type(op) is not Elementwise:
        return None
    return op.step(tuple([type(arg) is Value for arg in args]))


def _real(data: Any) -> float:
    if isinstance(data, (int, float)):
        return float(data)
    if isinstance(data, Operand):
        raise DtypeError(f"Value of {describe(data)}",
                         "it is recorded already; detach() makes a fresh leaf of a Value")
    try:
        if getattr(data, "shape", None) == () and not isinstance(data, complex):
            return float(data)
    except (TypeError, ValueError):
        pass
    raise DtypeError(f"a Value holds one real number, got {describe(data)}",
                     "use Tensor(...) for arrays")


def _constant(op: Primitive, x: Any) -> Any:
    if type(x) in (float, int, bool) or x is None:
        return x
    if isinstance(x, Operand):
        raise mixed(x, op)
    return _real(x)


def _warn_leaving(function: str) -> None:
    warnings.warn(f"{function}() of a Value is a plain number: the gradient ends here. "
                  "help: use .data if that is meant; for functions of math use autograd.numpy",
                  GradientWarning, stacklevel=3)


for _name, _sign in (("add", "+"), ("sub", "-"), ("mul", "*"), ("truediv", "/")):
    for _method, _reflected in ((f"__{_name}__", False), (f"__r{_name}__", True)):
        setattr(Value, _method, infix(Value, _method, BINARY[_name], _sign, _reflected))


def _comparison(compare: Any) -> Any:
    def method(self: Value, other: Any) -> Any:
        if type(other) is Value:
            return compare(self.data, other.data)
        if type(other) in (float, int, bool) or getattr(other, "shape", None) == ():
            return bool(compare(self.data, other))
        return NotImplemented

    return method


for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Value, f"__{_name}__", _comparison(getattr(operator, _name)))
