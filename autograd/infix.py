"""The fast operators: what `Operators` defines, with a path by exact type.

Each records its result in place, field by field: no call, no container, and an operand that is a
number stays a number. Anything unusual goes to the plain operator, which is the definition.
"""

from typing import Any

from .array_node import ArrayNode
from .errors import mixed
from .keeping import note
from .kernels import compile_function
from .modes import here
from .node import ZERO, Operand, serial
from .operators import Operators
from .primitive import Primitive
from .storage import asarray, ndarray

_BINARY = """
def method(self, other):
    kind = type(other)
    try:
        if kind is Value:
            data = {both}
        elif kind is float or kind is int:
            data = {one}
        else:
            return plain(self, other)
    except ArithmeticError:
        return plain(self, other)
    value = new(Value)
    value.data = data
    value.grad = ZERO
    value.serial = serial()
    scope = here()
    if not scope:
        if scope is not None:
            return plain(self, other)           # debug mode
        value.step = value.x = value.y = None
        return value
    value.origin = scope
    if kind is Value:
        value.step = step_of_both
        value.x = {first}
        value.y = {second}
    else:
        value.step = step_of_one
        value.x = self
        value.y = None
        value.c = other
    return value
"""

_UNARY = """
def method(self):
    value = new(Value)
    value.data = {one}
    value.grad = ZERO
    value.serial = serial()
    scope = here()
    if scope:
        value.step = step_of_one
        value.x = self
        value.origin = scope
    elif scope is None:
        value.step = value.x = None
    else:
        return plain(self)                      # debug mode
    value.y = None
    return value
"""


def infix(Value: Any, name: str, op: Primitive, form: str, reflected: bool = False) -> Any:
    """The binary operator `name`, or its reflected form; `form` is `{} * {}` or `pow({}, {})`."""
    first, second = ("other", "self") if reflected else ("self", "other")
    source = _BINARY.format(
        first=first, second=second, both=form.format(f"{first}.data", f"{second}.data"),
        one=form.format("other", "self.data") if reflected else form.format("self.data", "other"))
    return _compiled(source, Value, name, op, step_of_both=op.step((True, True)),
                     step_of_one=op.step((not reflected, reflected)))


def prefix(Value: Any, name: str, op: Primitive, form: str) -> Any:
    """The unary operator or method `name`; `form` is `-{}` or `tanh({})`."""
    source = _UNARY.format(one=form.format("self.data"))
    return _compiled(source, Value, name, op, step_of_one=op.step((True,)))


def _compiled(source: str, Value: Any, name: str, op: Primitive, **steps: Any) -> Any:
    plain = getattr(Operators, name)
    method = compile_function(source, "method", Value=Value, new=object.__new__, ZERO=ZERO,
                              serial=serial, here=here, plain=plain, **steps)
    method.__name__ = method.__qualname__ = name
    method.__doc__ = plain.__doc__
    return method


def comparison(Value: Any, compare: Any) -> Any:
    """A comparison of the data, which is a plain bool."""
    def method(self: Any, other: Any) -> Any:
        if type(other) is Value:
            return compare(self.data, other.data)
        if isinstance(other, Operand):
            raise mixed(self, other)
        if type(other) in (float, int, bool) or getattr(other, "shape", None) == ():
            return bool(compare(self.data, other))
        return NotImplemented

    return method


def array_infix(Tensor: Any, name: str, op: Primitive, reflected: bool = False) -> Any:
    """The operator `name` of Tensors, or its reflected form, for two Tensors or one and a number.

    Over NumPy only; every other case, and every error, goes to the plain operator.
    """
    compute: Any = op.infix
    plain = getattr(Operators, name)

    def method(self: Any, other: Any) -> Any:
        kind, x = type(other), self.node
        if type(x.data) is not ndarray:
            return plain(self, other)
        if kind is Tensor and type(other.node.data) is ndarray:
            y, tracked = other.node.data, other.tracked
        elif kind is float or kind is int:
            y, tracked = other, False
        else:
            return plain(self, other)
        try:
            data = compute(y, x.data) if reflected else compute(x.data, y)
        except Warning:
            raise
        except Exception:
            return plain(self, other)           # which says what does not fit
        if type(data) is not ndarray:
            data = asarray(data)
        if not ((self.tracked or tracked) and here() is not None):
            return Tensor._of(ArrayNode(data), False)
        ours, theirs = x if self.tracked else x.data, other.node if tracked else y
        node = ArrayNode(data, op, (theirs, ours) if reflected else (ours, theirs))
        if kind is Tensor and tracked is not self.tracked:
            note(node)
        return Tensor._of(node, True)

    method.__name__ = method.__qualname__ = name
    return method
