"""A symbol is a piece of Python text that computes like a number: run a rule on it, it prints.

`Symbol("g") * cos(Symbol("x"))` is `Symbol("g * cos(x)")`. That is how a derivative, written once,
becomes a fast kernel, a line of a compiled program and a sentence in the documentation.
"""

from collections.abc import Callable
from typing import Any

from .errors import DefinitionError
from .node import Operand

SUM, PRODUCT, SIGN, ATOM = 2, 3, 4, 9          # how tightly an expression holds together
CONDITION, COMPARISON = 0, 1


def text(x: Any, binding: int = 0) -> str:
    """x as Python source, in brackets if it holds together less tightly than `binding`."""
    if isinstance(x, Symbol):
        return x.text if x.binding >= binding else f"({x.text})"
    return repr(x) if not isinstance(x, (int, float)) or x >= 0 else f"({x!r})"


def _infix(sign: str, binding: int, flipped: bool = False) -> Any:
    def method(self: Any, other: Any) -> Any:
        left, right = (other, self) if flipped else (self, other)
        first = binding + (binding == COMPARISON)       # a < b < c would be a chain
        return type(self)(f"{text(left, first)} {sign} {text(right, binding + 1)}", binding)

    return method


class Symbol(Operand):
    """Source text, how tightly it binds, and the arithmetic that extends it."""

    __slots__ = ("text", "binding")
    data = None
    __hash__ = object.__hash__

    def __init__(self, text: str, binding: int = ATOM) -> None:
        self.text, self.binding = text, binding

    def __repr__(self) -> str:
        return self.text

    @classmethod
    def _apply(cls, op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if op.name == "where":
            condition, x, y = (text(arg, COMPARISON) for arg in args)
            return cls(f"{x} if {condition} else {y}", CONDITION)
        words = [text(arg) for arg in args] + [f"{k}={v!r}" for k, v in params.items()]
        return cls(f"{op.name}({', '.join(words)})")

    __add__, __radd__ = _infix("+", SUM), _infix("+", SUM, True)
    __sub__, __rsub__ = _infix("-", SUM), _infix("-", SUM, True)
    __mul__, __rmul__ = _infix("*", PRODUCT), _infix("*", PRODUCT, True)
    __truediv__, __rtruediv__ = _infix("/", PRODUCT), _infix("/", PRODUCT, True)
    __matmul__, __rmatmul__ = _infix("@", PRODUCT), _infix("@", PRODUCT, True)
    __lt__, __le__ = _infix("<", COMPARISON), _infix("<=", COMPARISON)
    __gt__, __ge__ = _infix(">", COMPARISON), _infix(">=", COMPARISON)
    __eq__, __ne__ = _infix("==", COMPARISON), _infix("!=", COMPARISON)

    def __bool__(self) -> bool:
        raise DefinitionError(f"a rule branches in Python on `{self.text}` and cannot be printed",
                              "write where(condition, x, y) instead of if")

    def __neg__(self) -> Any:
        return type(self)(f"-{text(self, SIGN)}", SIGN)

    def __pow__(self, other: Any) -> Any:
        return type(self)(f"pow({text(self)}, {text(other)})")

    def __rpow__(self, other: Any) -> Any:
        return type(self)(f"pow({text(other)}, {text(self)})")

    def __and__(self, other: Any) -> Any:
        return type(self)(f"{text(self, SUM)} and {text(other, SUM)}", COMPARISON)


class Name:
    """Metadata in a rule that is printed: it can be passed on, and nothing else."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


class Elements(Symbol):
    """A symbol that stands for an array: `where` and `&` are functions of all its elements."""

    __slots__ = ()

    @property
    def shape(self) -> Any:
        return Elements(f"{text(self, ATOM)}.shape")

    @classmethod
    def _apply(cls, op: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        words = [text(arg) for arg in args] + [f"{k}={text(v)}" for k, v in params.items()]
        if op.name == "where" and words[:2] == [f"{words[2]} == {words[2]}", "0.0"]:
            return cls(f"zero_or_nan({words[2]})")
        if not all(isinstance(x, (Symbol, Name, int, float)) for x in (*args, *params.values())):
            raise DefinitionError(f"{op.name} in a rule, of what does not print", "give symbols")
        return cls(f"{op.name}({', '.join(words)})")

    def __and__(self, other: Any) -> Any:
        return Elements(f"({text(self)}) & ({text(other)})", COMPARISON)


parts: dict[str, "Part"] = {}                 # every part by its name


class Part:
    """A function that a rule calls, and that prints as a call: `g * erfcx_slope(z, x)`.

    On numbers, arrays and nodes it computes, and what it does is recorded like the rule itself.
    It must not use `/` where it divides by 0: floats refuse that, divide does not.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.name = self.__name__ = function.__name__
        self.__doc__, self.function = function.__doc__, function
        parts[self.name] = self

    def __call__(self, *args: Any) -> Any:
        for arg in args:
            if isinstance(arg, Symbol):
                return arg._apply(self, args, {})
        return self.function(*args)

    def __repr__(self) -> str:
        return f"<part of rules {self.name}>"


class Exact(Symbol):
    """A symbol whose division is the IEEE function: for operands that Python's `/` refuses."""

    __slots__ = ()

    def __truediv__(self, other: Any) -> Any:
        return Exact(f"divide({text(self)}, {text(other)})")

    def __rtruediv__(self, other: Any) -> Any:
        return Exact(f"divide({text(other)}, {text(self)})")
