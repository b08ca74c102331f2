"""The fast operators of Value: what `Operators` defines, printed with a path by exact type."""

from typing import Any

from .kernels import compile_function
from .node import NOTHING, ZERO, recording, serial
from .operators import Operators
from .primitive import Primitive

_INFIX = """
def {name}(self, other):
    kind = type(other)
    try:
        if kind is Value:
            data, step = {self} {sign} {other}.data, both
        elif kind is float or kind is int:
            data, step = {constant}, one
        else:
            return plain(self, other)
    except ArithmeticError:
        return plain(self, other)
    value = new(Value)
    value.data = data
    value.grad = ZERO
    value.label = ""
    value.params = NOTHING
    value.serial = serial()
    if recording():
        value.op = op
        value.step = step
        value.args = ({first}, {second})
    else:
        value.op = value.step = None
        value.args = ()
    return value
"""


def infix(Value: Any, name: str, op: Primitive, sign: str, reflected: bool) -> Any:
    """The operator `__name__` (or its reflected form) with a path by exact type."""
    first, second = ("other", "self") if reflected else ("self", "other")
    constant = f"other {sign} self.data" if reflected else f"self.data {sign} other"
    source = _INFIX.format(name=name, sign=sign, self=f"{first}.data", other=second,
                           constant=constant, first=first, second=second)
    one = op.step((not reflected, reflected))
    return compile_function(
        source, name, Value=Value, new=object.__new__, ZERO=ZERO, NOTHING=NOTHING,
        serial=serial, recording=recording, op=op, plain=getattr(Operators, name),
        both=op.step((True, True)), one=one)
