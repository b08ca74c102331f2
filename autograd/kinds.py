"""The kinds of primitive: which way a derivative is written, and how the other way follows.

A rule takes `g`, how much something changes per unit of one side of the primitive, and says what
that means on the other side. It names what it needs: g, the result z, the operands x, y and w,
or all of them as xs with i for the one meant, and metadata after a `*`. The kind of the primitive
says which way the rule was written, and so how the other way follows from it:

    elementwise      the Jacobian is diagonal, so the map is its own transpose
    linear           tangents go through the operation itself, so only the transpose is written
    bilinear         the same, operand by operand (`multilinear` for any number of them)
    local            the tangent map is written, and transposed by walking it backward
    custom_gradient  the transpose is written for an ordinary function, and transposed the same way
"""

import inspect
from collections.abc import Callable
from typing import Any, overload

from .errors import DefinitionError, describe
from .node import Parts
from .primitive import NUMBERS, Primitive, raw, reserved, table
from .rules import Rule, metadata
from .storage import is_array, is_complex, may_hold_nan, namespace
from .sweep import transpose


class Elementwise(Primitive):
    """Each element of the result depends on one element of each operand."""

    diagonal = direct = True

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self._guarded, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return self._guarded(i, t, z, args, params)

    def _guarded(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        return self.mended(self.rule(i, g, z, args, params), g)

    def mended(self, part: Any, g: Any) -> Any:
        return strong_zero(part, g) if self.poles and part is not None else part


class Linear(Primitive):
    """Linear in its operands together: tangents go through the operation itself."""

    direct = True

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self.rule, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        moving = (self.variadic or rule is not None for rule in self.rules * len(args))
        return self(*(t if j == i else zeros_like(arg) if moves else arg
                      for j, (arg, moves) in enumerate(zip(args, moving))), **params)


class Multilinear(Primitive):
    """Linear in each operand, the others held."""

    direct = True

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self.rule, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return self(*args[:i], t, *args[i + 1:], **params)


class Local(Primitive):
    """The tangent map is written; a cotangent is pulled back through it."""

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        at = Primitive.variable(zeros_like(raw(args[i])))
        return transpose(lambda t: self.rule(i, t, z, args, params), at, g)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return self.rule(i, t, z, args, params)


class Custom(Primitive):
    """An ordinary function with its transpose written; a tangent is pulled back through that."""

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self.rule, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if type(raw(z)) in NUMBERS:            # on floats the map is a number, its own transpose
            return self.rule(i, t, z, args, params)
        at = Primitive.variable(zeros_like(raw(z)))
        return transpose(lambda g: self.pull(i, g, z, args, params), at, t)


class Constant(Primitive):
    """An operation without a derivative, whose results are constants: comparisons, argmax."""

    differentiable = False


def elementwise(name: str, *rules: Rule | None, forward: Callable[..., Any] | None = None,
                infix: Callable[..., Any] | None = None, poles: bool = False,
                kink: Callable[..., Any] | None = None) -> Elementwise:
    """A primitive that works element by element, one rule for each operand (None: no derivative).

    It is computed by `infix(*arrays)`, a Python operator, or by `forward(xp, *arrays)`, or else by
    the array namespace's function of that name; on floats by that of `storage.scalars`. `poles`
    says that a factor can be infinite: then what is nan where g is exactly 0 is replaced by 0.
    `kink(*arrays)` says how far they are from where the derivative, or the result, jumps: 0 there.
    """
    return Elementwise(name, rules, forward, infix, poles, kink)


@overload
def linear(name: str, rule: Rule | None, *rules: Rule | None, **how: Any) -> Linear: ...
@overload
def linear(name: str, **how: Any) -> Callable[[Rule], Linear]: ...
def linear(name: str, *rules: Rule | None, **how: Any) -> Any:
    """A primitive that is linear in its arrays: give the transpose, or decorate it with this.

    One rule for each operand; a single one with `xs` and `i` serves any number of operands.
    """
    return _make(Linear, name, rules, **how)


def bilinear(name: str, *rules: Rule, **how: Any) -> Multilinear:
    """A primitive that is linear in each operand: one transpose for each."""
    return Multilinear(name, rules, **how)


multilinear = bilinear


@overload
def local(name: str, rule: Rule, *rules: Rule, **how: Any) -> Local: ...
@overload
def local(name: str, **how: Any) -> Callable[[Rule], Local]: ...
def local(name: str, *rules: Rule, **how: Any) -> Any:
    """Any other primitive: give the tangent map of each operand, or decorate it with this."""
    return _make(Local, name, rules, **how)


def constant(name: str, infix: Callable[..., Any] | None = None, arity: int = 1,
             **metadata: Any) -> Constant:
    """A primitive whose results are constants, with its metadata and their defaults."""
    primitive = Constant(name, (None,) * arity, infix=infix)
    primitive.accept(arity, metadata)
    return primitive


def _make(kind: type[Primitive], name: str, rules: tuple[Any, ...], **how: Any) -> Any:
    if rules:
        return kind(name, rules, **how)
    return lambda rule: kind(name, (rule,), **how)


def custom_gradient(*rules: Rule) -> Callable[[Callable[..., Any]], Custom]:
    """Give an ordinary function, compiled black boxes included, its gradient.

        @custom_gradient(lambda g, x: g * 2 * x)
        def squared(x): return library.square(x)        # gets plain floats or arrays

    One rule for each array operand; metadata is keyword-only, in the function and in the rules:
    `def f(x, *, axis=0)`. Raises DefinitionError for metadata that the function does not have so.
    """
    def decorate(function: Callable[..., Any]) -> Custom:
        if not callable(function):
            raise DefinitionError(f"custom_gradient(rule) of {describe(function)}",
                                  "it is called with a function: custom_gradient(rules)(f)")
        name = getattr(function, "__name__", "")        # a partial has none, a lambda no good one
        name = name if name.isidentifier() else "unnamed"
        name = f"custom_{name}" if name in reserved else name
        is_ufunc = type(function).__name__ == "ufunc"   # whose keywords are not metadata
        given = {} if is_ufunc else metadata((function,))
        if missing := [key for key in metadata(rules) if key not in given]:
            raise DefinitionError(
                f"the rule of {name} asks for {', '.join(missing)}, and the function is "
                f"{name}{inspect.signature(function)}",
                f"make it keyword-only there: def {name}(x, *, {', '.join(missing)})")
        primitive = Custom(name, rules, infix=function)
        primitive.floats = function
        primitive.accept(0, given)
        primitive.__signature__ = inspect.signature(function)
        return primitive

    return decorate


def zeros_like(x: Any) -> Any:
    """Plain zeros in the shape and dtype of an operand."""
    x = raw(x)
    return namespace(x).zeros_like(x) if is_array(x) else 0.0


def conjugated(rule: Rule, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
    """A rule for complex operands: conj(rule(conj(g))), the transpose made an adjoint."""
    if not (_holds_complex(raw(z)) or _holds_complex(raw(args[i]))):
        return rule(i, g, z, args, params)
    return _conj(rule(i, _conj(g), z, args, params))


def _holds_complex(x: Any) -> bool:
    if is_array(x):
        return is_complex(x)
    return any(map(_holds_complex, x)) if type(x) is tuple else type(x) is complex


def _conj(x: Any) -> Any:
    if isinstance(x, Parts):
        return Parts(map(_conj, x))
    if type(x) is complex:
        return x.conjugate()
    return table["conj"](x) if _holds_complex(raw(x)) else x


def strong_zero(part: Any, g: Any) -> Any:
    """A contribution with 0 wherever it is nan although g is exactly 0."""
    data, by = raw(part), raw(g)
    if not is_array(data):
        return 0.0 if data != data and by == 0 else part
    if not may_hold_nan(data):
        return part
    xp = namespace(data)                        # `&` of a constant stops torch.compile in Inductor
    return table["where"](xp.logical_and(xp.isnan(data), by == 0), 0.0, part)
