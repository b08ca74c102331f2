"""A primitive is one operation and its derivative: a linear map, written once.

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

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

from . import kernels
from .errors import DtypeError, GraphError, operands_do_not_fit
from .node import Operand
from .storage import asarray, is_array, is_complex, may_hold_nan, namespace, scalars
from .sweep import transpose
from .symbol import Symbol, text

Rule = Callable[..., Any]
table: dict[str, Primitive] = {}            # every primitive by name, in the order of definition
_NAMES = ("g", "z", "x", "y", "w", "xs", "i")
_NUMBERS = (float, int, bool, complex)


def raw(x: Any) -> Any:
    """The plain number or array behind an operand."""
    return x.data if isinstance(x, Operand) else x


class Primitive:
    """One operation: its name, what computes it, and what it does to cotangents and tangents.

    Call it on Values, Tensors, plain arrays or floats. Arrays are positional, metadata is keyword
    (positional too after the arrays, in the order in which the rule lists it).
    """

    variable: ClassVar[Callable[[Any], Any]]    # makes a fresh Tensor; the one name set from above
    diagonal = False
    differentiable = True
    view = False                                # may the result share the operand's memory?

    def __init__(self, name: str, rules: tuple[Rule | None, ...] = (),
                 forward: Callable[..., Any] | None = None, poles: bool = False) -> None:
        self.name = self.__name__ = name
        self.rules = tuple(rule and bind(name, rule) for rule in rules)
        self.written = rules
        self.forward = forward
        self.poles = poles
        self.defaults = _metadata(rules)
        self.variadic = any(_names(rule) & {"xs", "i"} for rule in rules if rule)
        self._by_type: dict[type, Callable[..., Any]] = {}
        self._by_operand: dict[Any, Callable[..., Any]] = {}
        table[name] = self

    def __call__(self, *args: Any, **params: Any) -> Any:
        if self.defaults or params:
            args, params = self._bind(args, params)
        for arg in args:
            if isinstance(arg, Operand):
                return arg._apply(self, args, params)
        return self.on_arrays(args, params)

    def _bind(self, args: tuple[Any, ...], params: dict[str, Any]) -> tuple[Any, Any]:
        """Metadata given by position or not at all, put under its name."""
        arity = len(self.rules)
        if len(args) > arity and not self.variadic:
            params = {**dict(zip(self.defaults, args[arity:])), **params}
            args = args[:arity]
        unknown = params.keys() - self.defaults.keys()
        if unknown:
            raise TypeError(f"{self.name}() got {', '.join(map(repr, sorted(unknown)))}; "
                            f"it takes {', '.join(self.defaults) or 'no keywords'}")
        return args, {**self.defaults, **params}

    def on_arrays(self, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The result on plain numbers and arrays; nothing is recorded."""
        for arg in args:
            kind = type(arg)
            if kind not in _NUMBERS and arg is not None:
                if kind in (list, tuple):
                    return self.on_arrays(tuple(map(from_sequence, args)), params)
                break
        else:
            function = getattr(scalars, self.name, None)
            if function is not None:
                return function(*args, **params)
            return self.on_arrays(tuple(map(asarray, args)), params)
        compute = self._by_type.get(kind) or self._resolve(kind, arg)
        try:
            return compute(*args, **params)
        except Exception as error:
            raise operands_do_not_fit(self.name, args, error) from error

    def _resolve(self, kind: type, array: Any) -> Callable[..., Any]:
        """What computes this on arrays of one type: the given forward, or the namespace's own."""
        if not is_array(array):
            raise DtypeError(f"{self.name} cannot be applied to a {kind.__name__}: {array!r}",
                             "give it numbers, arrays, Values or Tensors")
        xp = namespace(array)
        if self.forward is not None:
            forward = self.forward

            def compute(*args: Any, **params: Any) -> Any:
                return forward(xp, *args, **params)
        else:
            compute = getattr(xp, self.name)
        self._by_type[kind] = compute
        return compute

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """What g, the cotangent of the result z, means for operand i (None: nothing)."""
        raise GraphError(f"{self.name} has no derivative rule, and the gradient was asked for",
                         "detach() its operand, or give it a rule with custom_gradient")

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """What t, the tangent of operand i, means for the result z (None: nothing)."""
        return self.pull(i, t, z, args, params)

    def rule(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The written rule of operand i, applied."""
        if self.variadic:
            bound = self.rules[0]
            return bound and bound(g, z, args, params, i)
        bound = self.rules[i]
        return bound and bound(g, z, args, params)

    def step(self, nodes: tuple[bool, ...]) -> Callable[[Any], None]:
        """The printed backward step of this operation on floats; see kernels."""
        kernel = self._by_operand.get(nodes)
        if kernel is None:
            kernel = self._by_operand[nodes] = kernels.step(self, nodes)
        return kernel

    def scalar_pull(self, i: int) -> Callable[..., float]:
        """The rule of operand i as a function of floats (g, z, *operands)."""
        kernel = self._by_operand.get(i)
        if kernel is None:
            kernel = self._by_operand[i] = kernels.scalar_pull(self, i)
        return kernel

    def formula(self, i: int) -> str:
        """The rule of operand i as people write it."""
        if self.diagonal and self.rules[i]:
            names = [Symbol(name) for name in "xyw"[:len(self.rules)]]
            return text(self.rules[i](Symbol("g"), Symbol("z"), tuple(names), {}))
        source = inspect.getsource(self.written[0 if self.variadic else i] or int)
        return inspect.cleandoc(source)

    @property
    def __doc__(self) -> str:                                               # type: ignore
        kind = type(self).__name__
        if not self.diagonal:
            return f"{self.name}: {kind.lower()}."
        rows = (f"    d{x}: {self.formula(i)}" for i, x in zip(range(len(self.rules)), "xyw")
                if self.rules[i])
        return f"{self.name}: {kind.lower()}. What g means for each operand:\n" + "\n".join(rows)

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} primitive {self.name}>"

    def __reduce__(self) -> Any:
        return find, (self.name,)


class Elementwise(Primitive):
    """Each element of the result depends on one element of each operand."""

    diagonal = True

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self._guarded, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return self._guarded(i, t, z, args, params)

    def _guarded(self, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
        part = self.rule(i, g, z, args, params)
        return strong_zero(part, g) if self.poles and part is not None else part


class Linear(Primitive):
    """Linear in its operands together: tangents go through the operation itself."""

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        return conjugated(self.rule, i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        moving = (self.variadic or rule is not None for rule in self.rules * len(args))
        return self(*(t if j == i else zeros_like(arg) if moves else arg
                      for j, (arg, moves) in enumerate(zip(args, moving))), **params)


class Multilinear(Primitive):
    """Linear in each operand, the others held."""

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
        return self.rule(i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        if type(raw(z)) in _NUMBERS:            # on floats the map is a number, its own transpose
            return self.rule(i, t, z, args, params)
        at = Primitive.variable(zeros_like(raw(z)))
        return transpose(lambda g: self.rule(i, g, z, args, params), at, t)


class Constant(Primitive):
    """An operation without a derivative, whose results are constants: comparisons, argmax."""

    differentiable = False


def elementwise(name: str, *rules: Rule | None, forward: Callable[..., Any] | None = None,
                poles: bool = False) -> Elementwise:
    """A primitive that works element by element, one rule for each operand (None: no derivative).

    `forward(xp, *arrays)` computes it; by default the namespace's function of that name, and on
    floats the function of that name in `storage.scalars`. `poles` says that a factor can be
    infinite: then what comes out nan where g is exactly 0 is replaced by 0.
    """
    return Elementwise(name, rules, forward, poles)


def linear(name: str, *rules: Rule | None, forward: Callable[..., Any] | None = None) -> Any:
    """A primitive that is linear in its arrays: give the transpose, or decorate it with this."""
    return _make(Linear, name, rules, forward)


def bilinear(name: str, *rules: Rule, forward: Callable[..., Any] | None = None) -> Any:
    """A primitive that is linear in each operand: one transpose for each."""
    return _make(Multilinear, name, rules, forward)


multilinear = bilinear


def local(name: str, *rules: Rule, forward: Callable[..., Any] | None = None) -> Any:
    """Any other primitive: give the tangent map of each operand, or decorate it with this."""
    return _make(Local, name, rules, forward)


def constant(name: str, forward: Callable[..., Any] | None = None, arity: int = 1,
             **metadata: Any) -> Constant:
    """A primitive whose results are constants."""
    primitive = Constant(name, (None,) * arity, forward)
    primitive.defaults = metadata
    return primitive


def custom_gradient(*rules: Rule) -> Callable[[Callable[..., Any]], Custom]:
    """Give an ordinary function, compiled black boxes included, its gradient.

        @custom_gradient(lambda g, x: g * 2 * x)
        def squared(x): return library.square(x)        # gets plain floats or arrays

    One rule for each array operand; the function's keyword arguments are metadata.
    """
    def decorate(function: Callable[..., Any]) -> Custom:
        primitive = Custom(function.__name__, rules, lambda xp, *args, **kw: function(*args, **kw))
        primitive.on_floats = function                                      # type: ignore
        words = inspect.signature(function).parameters.values()
        primitive.defaults = {p.name: p.default for p in words if p.kind is p.KEYWORD_ONLY}
        return primitive

    return decorate


def _make(kind: type[Primitive], name: str, rules: tuple[Any, ...], forward: Any) -> Any:
    if rules:
        return kind(name, rules, forward)
    return lambda rule: kind(name, (rule,), forward)


def find(name: str) -> Primitive:
    """The primitive of that name; an error if this process has not defined it."""
    if name not in table:
        raise GraphError(f"the graph uses the primitive {name!r}, which is not defined here",
                         "import or run the code that defines it first")
    return table[name]


def _names(rule: Rule | None) -> set[str]:
    return set(inspect.signature(rule).parameters) if rule else set()


def _metadata(rules: tuple[Rule | None, ...]) -> dict[str, Any]:
    """Keyword-only parameters of the rules, with their defaults (None where there is none)."""
    return {p.name: None if p.default is p.empty else p.default
            for rule in rules if rule for p in inspect.signature(rule).parameters.values()
            if p.kind is p.KEYWORD_ONLY}


def bind(name: str, rule: Rule) -> Rule:
    """A rule that names what it needs, as a function of all there is: (g, z, args, params, i)."""
    where = {"g": "g", "z": "z", "xs": "args", "i": "i", "x": "args[0]", "y": "args[1]",
             "w": "args[2]"}
    words = []
    for p in inspect.signature(rule).parameters.values():
        if p.kind is p.KEYWORD_ONLY:
            words.append(f"{p.name}=params[{p.name!r}]")
        elif p.name in where:
            words.append(where[p.name])
        else:
            raise TypeError(f"the rule of {name} asks for {p.name!r}; a rule may name "
                            f"{', '.join(_NAMES)}, and metadata after a *")
    if hasattr(rule, "__code__"):
        rule.__code__ = rule.__code__.replace(co_name=f"{name}_rule")       # for tracebacks
    source = f"lambda g, z, args, params, i=0: rule({', '.join(words)})"
    return eval(compile(source, f"<rule of {name}>", "eval"), {"rule": rule})


def from_sequence(x: Any) -> Any:
    """A list or tuple of numbers as an array; anything else as it is."""
    if not isinstance(x, (list, tuple)):
        return x
    array = asarray(x)
    if array.dtype == object:
        raise DtypeError(f"a list of {type(x[0]).__name__} is not an array of numbers",
                         "make one array of Values or Tensors with stack([...])")
    return array


def zeros_like(x: Any) -> Any:
    """Plain zeros in the shape and dtype of an operand."""
    x = raw(x)
    return namespace(x).zeros_like(x) if is_array(x) else 0.0


def conjugated(rule: Rule, i: int, g: Any, z: Any, args: Any, params: Any) -> Any:
    """A rule for complex operands: conj(rule(conj(g))), the transpose made an adjoint."""
    if not any(is_array(raw(x)) and is_complex(raw(x)) for x in (z, args[i])):
        return rule(i, g, z, args, params)
    part = rule(i, _conj(g), z, args, params)
    return None if part is None else _conj(part)


def _conj(x: Any) -> Any:
    return table["conj"](x) if is_array(raw(x)) and is_complex(raw(x)) else x


def strong_zero(part: Any, g: Any) -> Any:
    """A contribution with 0 wherever it is nan although g is exactly 0."""
    data, by = raw(part), raw(g)
    if not is_array(data):
        return 0.0 if data != data and by == 0 else part
    if not may_hold_nan(data):
        return part
    return table["where"](namespace(data).isnan(data) & (by == 0), 0.0, part)
