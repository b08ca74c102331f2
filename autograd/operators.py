"""The infix operators and methods that Value and Tensor share: each is one operation of the table.

This is the plain definition of the arithmetic. Value and Tensor put faster methods with the same
meaning over the ones that count.
"""

from typing import Any

from . import composite
from .ops import elementwise as e
from .primitive import Primitive


class Operators:
    """Python's operators and the usual methods, in terms of primitives."""

    __slots__ = ()
    __array_ufunc__ = None          # beside a NumPy array: the array steps back, this one computes

    def _accepts(self, other: Any) -> bool:
        """Whether `other` can stand on the other side of an operator."""
        raise NotImplementedError

    def __neg__(self) -> Any:
        return e.negative(self)

    def __pos__(self) -> Any:
        return e.positive(self)

    def __abs__(self) -> Any:
        return e.abs(self)

    def relu(self) -> Any:
        """max(x, 0); the derivative at 0 is 0."""
        return e.relu(self)

    def exp(self) -> Any:
        """e to the power of x."""
        return e.exp(self)

    def log(self) -> Any:
        """The natural logarithm; log(0) is -inf."""
        return e.log(self)

    def sqrt(self) -> Any:
        """The square root; of a negative number nan."""
        return e.sqrt(self)

    def sin(self) -> Any:
        """The sine."""
        return e.sin(self)

    def cos(self) -> Any:
        """The cosine."""
        return e.cos(self)

    def tan(self) -> Any:
        """The tangent."""
        return e.tan(self)

    def tanh(self) -> Any:
        """The hyperbolic tangent."""
        return e.tanh(self)

    def sigmoid(self) -> Any:
        """1 / (1 + exp(-x))."""
        return e.sigmoid(self)

    def abs(self) -> Any:
        """The absolute value; the derivative at 0 is 0."""
        return e.abs(self)

    def square(self) -> Any:
        """x · x."""
        return e.square(self)

    def clip(self, min: Any = None, max: Any = None) -> Any:
        """x between min and max; the derivative outside and at both ends is 0."""
        return composite.clip(self, min, max)


def _operator(op: Primitive, name: str, reflected: bool) -> Any:
    def method(self: Any, other: Any) -> Any:
        if not self._accepts(other):
            return NotImplemented
        return op(other, self) if reflected else op(self, other)

    method.__name__ = method.__qualname__ = name
    return method


BINARY = {"add": e.add, "sub": e.subtract, "mul": e.multiply, "truediv": e.divide,
          "floordiv": e.floor_divide, "mod": e.remainder, "pow": e.pow}
for _name, _op in BINARY.items():
    setattr(Operators, f"__{_name}__", _operator(_op, f"__{_name}__", False))
    setattr(Operators, f"__r{_name}__", _operator(_op, f"__r{_name}__", True))
