"""The fast operators and operations: what they mean is defined elsewhere, here by exact type.

Each records its result in place, field by field: no call, no container, and an operand that is a
number stays a number. Anything unusual goes to the plain operator, which is the definition.
"""

import inspect
from typing import Any

from .array_node import ArrayNode
from .errors import mixed
from .keeping import note
from .kernels import compile_function
from .modes import here
from .node import NOTHING, ZERO, Operand, serial
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


# -- Tensors over NumPy; every other case, and every error, goes to the plain way ------------------

_ARRAYS = """
def method({signature}):
    x = self.node
    compute = by_type.get(ndarray)
    if compute is None or type(x.data) is not ndarray:
        return plain({signature})
    {other}
    try:
        data = {call}
    except Warning:
        raise
    except Exception:
        return plain({signature})               # which says what does not fit
    scope = here()
    if type(data) is tuple or not scope and scope is not None:
        return plain({signature})               # several outputs, or debug mode
    if type(data) is not ndarray:
        data = asarray(data)
    node = new(ArrayNode)
    node.data = data
    node.grad = node.hooks = None
    node.serial = serial()
    node.origin = scope
    node.label = ""
    tensor = new(Tensor)
    tensor.node = node
    tensor._base = tensor._views = None
    if scope and ({tracked}):
        node.op = op
        node.args = ({args})
        node.params = {params}
        tensor.tracked = True
        {constants}
    else:
        node.op = None
        node.args = ()
        node.params = NOTHING
        tensor.tracked = False
    return tensor
"""

_OTHER = """kind = type(other)
    if kind is Tensor:
        y, tracked = other.node.data, other.tracked
        if type(y) is not ndarray or y.dtype is not x.data.dtype:
            return plain({signature})
    elif kind is float or kind is int:
        y, tracked = other, False
    else:
        return plain({signature})"""


_BOTH = ["x if self.tracked else x.data", "other.node if tracked else y"]


def array_infix(Tensor: Any, name: str, op: Primitive, reflected: bool = False) -> Any:
    """The operator `name` of two Tensors or of one and a number, or its reflected form."""
    method = _printed(Tensor, op, getattr(Operators, name), "self, other",
                      "compute(y, x.data)" if reflected else "compute(x.data, y)",
                      _BOTH[::-1] if reflected else _BOTH)
    method.__name__ = method.__qualname__ = name
    return method


def array_prefix(Tensor: Any, name: str, op: Primitive) -> Any:
    """The unary operator or method `name` of Tensors."""
    plain = getattr(Operators, name)
    method = _printed(Tensor, op, plain, "self", "compute(x.data)", ["x"])
    method.__name__ = method.__qualname__ = name
    method.__doc__, method.__signature__ = plain.__doc__, inspect.signature(plain)
    return method


def array_function(Tensor: Any, op: Primitive, plain: Any) -> Any:
    """An operation f(x, params) or f(x, y, params) whose x is a Tensor; None where not printed.

    `plain` applies any operation to any operands: it is the definition.
    """
    if not 0 < op.arity < 3 or op.fixed or op.view is not False or not op.differentiable:
        return None
    words = ", **params" if op.defaults else ""
    if op.arity == 1:
        return _printed(Tensor, op, lambda x, params: plain(op, (x,), params), "self, params",
                        f"compute(x.data{words})", ["x"])
    return _printed(Tensor, op, lambda x, y, params: plain(op, (x, y), params),
                    "self, other, params", f"compute(x.data, y{words})", _BOTH)


def _printed(Tensor: Any, op: Primitive, plain: Any, signature: str, call: str,
             args: list[str]) -> Any:
    two = len(args) == 2
    note_it = "if kind is Tensor and tracked is not self.tracked:\n            note(node)"
    source = _ARRAYS.format(
        signature=signature, call=call, args=", ".join(args) + ",",
        other=_OTHER.format(signature=signature) if two else "",
        tracked="self.tracked or tracked" if two else "self.tracked",
        params="params" if "params" in signature else "NOTHING", constants=note_it if two else "")
    return compile_function(
        source, "method", Tensor=Tensor, ArrayNode=ArrayNode, new=object.__new__, NOTHING=NOTHING,
        serial=serial, here=here, ndarray=ndarray, asarray=asarray, note=note, plain=plain, op=op,
        by_type=op._by_type)
