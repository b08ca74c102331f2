"""A primitive is one operation and its derivative: a linear map, written once.

Call it on Values, Tensors, plain arrays or floats: what is recorded is what was done. The kinds of
primitive (see kinds) say which way the derivative was written, and how the other follows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from . import kernels
from .errors import (
    AutogradError,
    DefinitionError,
    DtypeError,
    GraphError,
    describe,
    operands_do_not_fit,
)
from .node import Operand
from .operands import (
    NUMBERS as NUMBERS,
    as_operand as as_operand,
    as_operands as as_operands,
    raw as raw,
)
from .rules import REQUIRED, Rule, bind, metadata, names, signature, source_of
from .storage import (
    apart,
    asarray,
    constant,
    is_array,
    is_complex,
    is_odd,
    library_of,
    namespace,
    ndarray,
    scalars,
    to_number,
)
from .symbol import Symbol, text

reserved: set[str] = set()                  # the names of the engine's own, once it is complete
table: dict[str, Primitive] = {}            # every primitive by name, in the order of definition


class Primitive:
    """One operation: its name, what computes it, and what it does to cotangents and tangents.

    Call it on Values, Tensors, plain arrays or floats. Arrays are positional, metadata is keyword
    (positional too after the arrays, in the order in which the rule lists it).
    """

    every = table
    variable: ClassVar[Callable[[Any], Any]]    # makes a fresh Tensor; the one name set from above
    about = ""                                  # what the kind of primitive is
    diagonal = False
    direct = False                          # is `pull` the rule itself, but for conjugation?
    differentiable = True
    floats: Callable[..., Any] | None = None    # what computes it on floats, if not scalars does
    view: bool | None = False                   # may the result share the operand's memory?
    real = False                                # is it for real numbers only?

    def __init__(self, name: str, rules: tuple[Rule | None, ...] = (),
                 forward: Callable[..., Any] | None = None, infix: Callable[..., Any] | None = None,
                 poles: bool = False, kink: Callable[..., Any] | None = None) -> None:
        if not name.isidentifier():
            raise DefinitionError(f"a primitive cannot be named {name!r}",
                                  "take a name that Python could call: it is printed in programs")
        if name in reserved:
            raise DefinitionError(f"the engine has something called {name!r} already",
                                  "take another name: rules and printed programs go by names")
        self.name = self.__name__ = name
        self.fixed = tuple(i for i, rule in enumerate(rules)        # operands that never move
                           if rule is None and self.differentiable)
        self.rules = tuple(rule and bind(name, rule) for rule in rules)
        self.written = rules
        self.forward, self.infix, self.poles, self.kink = forward, infix, poles, kink
        self.view = None if reserved else False             # of a user's own nothing is known
        self.variadic = any(names(rule) & {"xs", "i"} for rule in rules if rule)
        self.accept(0 if self.variadic else len(rules), metadata(rules))
        self.lean: Any = None                   # printed, for Tensors over NumPy (False: none)
        self._by_type: dict[type, Callable[..., Any]] = {}
        self._kernels: dict[Any, Any] = {}
        table[name] = self

    def accept(self, arity: int, metadata: dict[str, Any]) -> None:
        """Say what this is called with: so many operands (0: any number), and its metadata."""
        self.arity, self.defaults = arity, metadata
        self.required = tuple(name for name in metadata if metadata[name] is REQUIRED)
        self.__signature__ = signature(arity, metadata)

    def __call__(self, *args: Any, **params: Any) -> Any:
        if self.defaults or params:
            if len(args) != self.arity or params.keys() != self.defaults.keys():
                args, params = self._bind(args, params)
        elif len(args) != self.arity and self.arity:
            raise self._misfit(args, params)
        if self.lean and type(args[0]) is not ndarray:
            return self.lean(params, *args)
        for arg in args:
            if isinstance(arg, Operand):
                return arg._apply(self, args, params)
        return self.on_arrays(args, params)

    def _bind(self, args: tuple[Any, ...], params: dict[str, Any]) -> tuple[Any, Any]:
        """Metadata given by position or not at all, put under its name."""
        arity, defaults = self.arity, self.defaults
        merged = {**defaults, **params}
        if arity and len(args) != arity:
            given = dict(zip(defaults, args[arity:]))
            if not arity < len(args) <= arity + len(defaults) or given.keys() & params.keys():
                raise self._misfit(args, params)
            merged.update(given)
            args = args[:arity]
        if len(merged) > len(defaults):
            raise self._misfit(args, params)
        if any(merged[name] is REQUIRED for name in self.required):
            raise self._misfit(args, params)
        return args, merged

    def _misfit(self, args: tuple[Any, ...], params: dict[str, Any]) -> TypeError:
        """The error of a call that the signature does not allow."""
        try:
            self.__signature__.bind(*args, **params)
        except TypeError as error:
            return TypeError(f"{self.name}: {error}; it takes {self.__signature__}")
        return TypeError(f"{self.name} takes {self.__signature__}")

    @property
    def takes_floats(self) -> bool:
        """Whether this is defined on single numbers."""
        return self.diagonal or self.floats is not None or not self.differentiable

    def on_floats(self, numbers: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The result on Python numbers, in IEEE arithmetic."""
        compute = getattr(scalars, self.name, None) or self.floats
        if compute is not None:
            return compute(*numbers, **params)
        result = self.on_arrays(tuple(map(asarray, numbers)), params)
        return to_number(result) if self.diagonal else result

    def on_arrays(self, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The result on plain arrays and numbers; nothing is recorded."""
        for arg in args:
            kind = type(arg)
            compute = self._by_type.get(kind)
            if compute or (kind not in NUMBERS and arg is not None):
                if kind in (list, tuple):
                    return self.on_arrays(tuple(as_operands(*args)), params)
                compute = compute or self._resolve(kind, arg)
                try:
                    if self.real:
                        self._check_reals(args)
                    return compute(*args, **params)
                except (Warning, AutogradError):    # warnings may have been made errors
                    raise
                except Exception as error:
                    if list in map(type, args) or tuple in map(type, args):     # NumPy takes them
                        return self.on_arrays(tuple(as_operands(*args)), params)
                    raise operands_do_not_fit(self.name, args, params, error) from error
        if None in args and not any(type(arg) in NUMBERS for arg in args):
            raise DtypeError(f"{self.name} cannot be applied to None",
                             "give it numbers, arrays, Values or Tensors")
        if complex in map(type, args):
            return to_number(self.on_arrays(tuple(map(asarray, args)), params))
        if getattr(scalars, self.name, None) or self.floats or self.diagonal:
            return self.on_floats(args, params)
        return self.on_arrays(tuple(map(asarray, args)), params)

    def _resolve(self, kind: type, array: Any) -> Callable[..., Any]:
        """What computes this on one type of array: an operator, the forward given, the library."""
        if not is_array(array):
            raise DtypeError(f"{self.name} cannot be applied to a {kind.__name__}: {array!r}",
                             "give it numbers, arrays, Values or Tensors")
        library: Any = library_of(array)
        compute = library.computing(self.name, self.computing(array))
        if self.view is None:
            compute = partial(_apart, compute)
        if is_odd(kind):
            compute = partial(_of_plain, compute)
        self._by_type[kind] = compute
        return compute

    def computing(self, array: Any) -> Callable[..., Any]:
        """What computes this on arrays like the one given."""
        xp = namespace(array)
        compute = (self.infix or (self.forward and partial(self.forward, xp))
                   or getattr(xp, self.name, None))
        if compute is None:
            raise GraphError(f"{self.name} has no way to be computed: {xp.__name__} has no such "
                             "function", "give the primitive forward=lambda xp, x: ...")
        return compute

    def _check_reals(self, args: tuple[Any, ...]) -> None:
        for arg in args:
            if type(arg) is complex or (is_array(arg) and is_complex(arg)):
                raise DtypeError(f"{self.name} of {describe(arg)}: it takes real numbers",
                                 "complex ones have no order; take real(x), imag(x) or abs(x)")

    def pull(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """What g, the cotangent of the result z, means for operand i (None: nothing)."""
        return self.rule(i, g, z, args, params)

    def push(self, i: int, t: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """What t, the tangent of operand i, means for the result z (None: nothing)."""
        return self.pull(i, t, z, args, params)

    def rule(self, i: int, g: Any, z: Any, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """The written rule of operand i, applied."""
        if not self.rules:
            raise GraphError(f"{self.name} has no derivative rule, and the gradient was asked for",
                             "detach() its operand, or give it a rule with custom_gradient")
        if i >= len(self.rules) and not self.variadic:
            raise GraphError(f"{self.name} was called with {len(args)} operands and has rules for "
                             f"{len(self.rules)}", "give it one rule for each operand")
        bound = self.rules[0 if self.variadic else i]
        try:
            return bound and bound(g, z, args, params, i)
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            raise GraphError(f"the rule of {self.name} writes into what it was given: {error}",
                             "make a new array: g * 2, not g *= 2") from error

    def step(self, nodes: tuple[bool, ...]) -> Callable[[Any], None]:
        """The printed backward step of this operation on floats; see kernels."""
        known = self._kernels.get(nodes)
        return known or self._kernels.setdefault(nodes, kernels.step(self, nodes))

    def scalar_pull(self, i: int) -> Callable[..., float]:
        """The rule of operand i as a function of floats (g, z, *operands)."""
        return self._kernels.get(i) or self._kernels.setdefault(i, kernels.scalar_pull(self, i))

    def pull_over_numpy(self, i: int) -> Callable[[Any, Any], Any] | None:
        """The printed rule of operand i over NumPy's real arrays; see kernels."""
        try:
            return self._kernels[~i]
        except KeyError:
            return self._kernels.setdefault(~i, kernels.pull_over_numpy(self, i))

    def mended(self, part: Any, g: Any) -> Any:
        """What a rule said, without the nan of 0 times infinity."""
        return part

    def formula(self, i: int) -> str:
        """The rule of operand i as people write it."""
        if self.diagonal and (rule := self.rules[i]):
            operands = tuple(Symbol(name) for name in "xyw"[:len(self.rules)])
            try:
                return text(rule(Symbol("g"), Symbol("z"), operands, {}))
            except Exception:                   # a rule that works on numbers alone
                pass
        return source_of(self.written[0 if self.variadic else i])

    def __init_subclass__(cls) -> None:
        kind: Any = cls
        kind.about, kind.__doc__ = kind.__doc__ or "", Primitive.__dict__["__doc__"]

    @property
    def __doc__(self) -> str:                                               # type: ignore
        kind = type(self).__name__
        if not self.diagonal:
            return f"{self.name}: {kind.lower()}. {self.about}"
        rows = (f"    d{x}: {self.formula(i)}" for i, x in zip(range(len(self.rules)), "xyw")
                if self.rules[i])
        return f"{self.name}: {kind.lower()}. What g means for each operand:\n" + "\n".join(rows)

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} primitive {self.name}>"

    def __reduce__(self) -> Any:
        if self.name == "unnamed" or table.get(self.name) is not self:
            raise GraphError(f"{self!r} cannot be pickled: it cannot be found again by its name",
                             "define it once, under a name of its own")
        return find, (self.name,)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> Any:
        return self


def _of_plain(compute: Callable[..., Any], *args: Any, **params: Any) -> Any:
    return compute(*map(constant, args), **params)


def _apart(compute: Callable[..., Any], *args: Any, **params: Any) -> Any:
    return apart(compute(*args, **params), *args)


def find(name: str) -> Primitive:
    """The primitive of that name; an error if this process has not defined it."""
    if name not in table:
        raise GraphError(f"the graph uses the primitive {name!r}, which is not defined here",
                         "import or run the code that defines it first")
    return table[name]
