"""The infix operators and methods that Value and Tensor share: each is one operation of the table.

This is the plain definition of the arithmetic. Value and Tensor put faster methods with the same
meaning over the ones that count.
"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Self, SupportsComplex, SupportsFloat

from . import composite
from .beside_numpy import BesideNumPy
from .ops import elementwise as e
from .primitive import Primitive

Numeric = SupportsFloat | SupportsComplex       # numbers, Values, Tensors, arrays


class Operators(BesideNumPy):
    """Python's operators and the usual methods, in terms of primitives."""

    __slots__ = ()

    if TYPE_CHECKING:               # set below
        def __add__(self, other: Numeric) -> Self: ...
        __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__
        __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __add__
        def exp(self) -> Self: ...
        relu = log = sqrt = sin = cos = tan = tanh = sigmoid = abs = square = exp
        def __lt__(self, other: Numeric) -> bool: ...
        __le__ = __gt__ = __ge__ = __lt__


    def _root(self, gradient: Any) -> tuple[Any, Any]:
        """The node that a walk from here begins at, and its cotangent as plain numbers."""
        raise NotImplementedError

    def _accepts(self, other: Any) -> bool:
        """Whether `other` can stand on the other side of an operator."""
        raise NotImplementedError

    def __neg__(self) -> Self:
        return e.negative(self)

    def __pos__(self) -> Self:
        return e.positive(self)

    def __round__(self, digits: int | None = None) -> Self:
        return composite.round(self, digits or 0)

    def __divmod__(self, other: Numeric) -> tuple[Self, Self]:
        return self // other, self % other

    def __rdivmod__(self, other: Numeric) -> tuple[Self, Self]:
        return other // self, other % self

    def __abs__(self) -> Self:
        return e.abs(self)

    def draw(self, direction: str = "LR", depth: int | None = None,
             unfold: str | Collection[str] = (), heat: bool = False,
             names: bool | Mapping[str, Any] = False, limit: int = 150,
             name: str | None = None) -> Any:
        """The graph that led here as a picture: a notebook shows it, `.save(path)` writes it.

        `direction` is LR, TB, RL or BT; `depth` and `unfold` say which scopes are opened, `heat`
        colours by |gradient|, `names` takes labels from variables: see autograd.show.draw.
        """
        from .show import draw

        return draw(self, direction=direction, depth=depth, unfold=unfold, heat=heat, names=names,
                    limit=limit, name=name)

    def _repr_html_(self) -> str | None:
        from .show.cards import card

        return card(self)

    def steps(self, gradient: Any = None, *, names: Any = False, update: Any = None,
              depth: int | None = None, unfold: str | Collection[str] = (),
              limit: int = 150) -> Any:
        """The backward pass one contribution at a time, a `Steps`: print it, index it, show it.

        `gradient` is the cotangent to begin with, in this shape, 1 where there is one element.
        `names`, and `depth`, `unfold` and `limit` for the picture, are those of `draw`. Writes
        nothing, unless `update`, e.g. optimizer.step, is given: then the leaves' gradients are
        cleared, `backward()` and `update` called, and what moved is shown as the last phase.
        """
        from .show import Steps

        return Steps(self, gradient, names, update, depth=depth, unfold=unfold, limit=limit)

    def kinks(self, within: float = 0.0, *, names: bool | Mapping[str, Any] = False) -> Any:
        """The operations that led here and sit on a kink or step: see autograd.show.kinks."""
        from .show import kinks

        return kinks(self, within, names=names)

    def clip(self, min: Any = None, max: Any = None) -> Self:
        """x between min and max; the derivative outside and at both ends is 0."""
        return composite.clip(self, min, max)


def operator(op: Primitive, name: str, reflected: bool = False) -> Any:
    """The operator `name`, or its reflected form: an operation of the table on both sides."""
    def operate(self: Any, other: Any) -> Any:
        if not self._accepts(other):
            return NotImplemented
        return op(other, self) if reflected else op(self, other)

    operate.__name__ = operate.__qualname__ = name
    return operate


def method(op: Primitive) -> Any:
    """An operation of the table as a method: what it is applied to is the first operand."""
    def applied(self: Any, *args: Any, **params: Any) -> Any:
        return op(self, *args, **params)

    applied.__name__ = applied.__qualname__ = op.name
    applied.__doc__, applied.__signature__ = op.__doc__, op.__signature__       # type: ignore
    return applied


BINARY = {"add": e.add, "sub": e.subtract, "mul": e.multiply, "truediv": e.divide,
          "floordiv": e.floor_divide, "mod": e.remainder, "pow": e.pow}
for _name, _op in BINARY.items():
    setattr(Operators, f"__{_name}__", operator(_op, f"__{_name}__"))
    setattr(Operators, f"__r{_name}__", operator(_op, f"__r{_name}__", reflected=True))
UNARY = {op.name: op for op in (e.relu, e.exp, e.log, e.sqrt, e.sin, e.cos, e.tan, e.tanh,
                                e.sigmoid, e.abs, e.square)}
for _name, _op in UNARY.items():
    setattr(Operators, _name, method(_op))
