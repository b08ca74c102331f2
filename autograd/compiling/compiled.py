"""To compile a function is to trace it, once for each kind of arguments, and to print a program.

The program is Python over NumPy, backward passes included, without the graph and the walk.
"""

from __future__ import annotations

import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, EllipsisType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any

from numpy import dtype, generic, ndarray, ufunc

from ..containers import leaves, outline
from ..errors import ArgumentError, GraphError, describe
from ..modes import debugging, recording
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, is_numpy
from .entry import MISSED, Entry
from .handed import Handed, is_jax
from .naming import given_to, name_of, parameters
from .stateful import Holders, Stateful
from .traced import NUMBERS, WORD, Large, Static, Traced
from .tracer import Tracer

FIXED = (str, bytes, bool, NoneType, EllipsisType, Enum, slice, range, frozenset, dtype, ufunc,
         type, FunctionType, BuiltinFunctionType, ModuleType, partial)
KEPT = 64                               # programs of one function; the least used one goes
VARIANTS = 4                            # programs for the same arguments that hold other things
LOWERED = 16                            # of these are machine code: Numba never forgets any

_TRACING = threading.RLock()            # a model that is traced holds tracers: one at a time


class Compiled:
    """A compiled function. `source` is the program of its last call, `loops` what Numba made
    machine code of; `signatures` lists what it was traced for, oldest first.
    """

    # read at every call: slots, because among what update_wrapper writes it would be slow
    __slots__ = ("_entry", "_native", "_last", "__dict__", "__weakref__")

    def __init__(self, f: Callable[..., Any], static: Collection[str]) -> None:
        if not callable(f):
            raise ArgumentError(f"compile of {describe(f)}", "give it a function")
        self.made_of = f
        f, self.first = _unbound(f)
        functools.update_wrapper(self, f)
        self.f, self.static = f, frozenset((static,) if isinstance(static, str) else static)
        if unknown := self.static - parameters(f).keys():
            raise ArgumentError(f"static={', '.join(sorted(unknown))}",
                                f"it takes {', '.join(parameters(f)) or 'no named parameters'}")
        self.signatures: list[str] = []
        self._programs: OrderedDict[Any, list[Any]] = OrderedDict()
        self._last: Any = None
        self._count = 0
        self._entry: Entry | None = None
        self._native: Any = (-1, None, None)        # so many floats, their machine code

    def __call__(self, *args: Any, **options: Any) -> Any:
        count, entry, of_floats = self._native
        if len(args) == count and not options:
            for x in args:
                if type(x) is not float:
                    break
            else:
                self._last = of_floats
                return entry(*args)
        if self.first:
            args = (*self.first, *args)
        if debugging():
            return self.f(*args, **options)
        if self._entry and not options and (found := self._entry(args)) is not MISSED:
            return found
        given = leaves([args, options])
        if any(map(_recorded, given)):
            return self.f(*args, **options)
        if any(isinstance(x, Stateful) for x in given):
            with _TRACING:                          # nobody else's tracers are in a model then
                return self._long(given, args, options)
        return self._long(given, args, options)

    def _long(self, given: list[Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A call by the program for such arguments; the next is by a shorter way, if it can be."""
        traced = self.traced(given, args, options)
        if traced.entry and not options and {*map(type, args)} == {float} and not self.static:
            self._native = (len(args), traced.entry, traced)
        result = traced.run(given)
        if traced.lowered and not options and not self.static and not any(
                isinstance(x, (tuple, list, dict, generic)) for x in args):
            self._entry = Entry(traced, args)
        return result

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """A method of an instance, which is its first argument."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> Any:
        """Its function alone: the copy makes its own programs."""
        return type(self), (self.made_of, self.static)

    def traced(self, given: list[Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """The program for arguments like these, whose leaves are `given`."""
        fixed = self._fixed(args, options) if self.static else [False] * len(given)
        kinds = tuple([_kind(x, still) for x, still in zip(given, fixed)])
        key = outline([args, options]), kinds
        self._last = traced = self._known(key) or self._trace(key, given, args, options)
        return traced

    def _known(self, key: Any) -> Any:
        """The program for arguments of a kind, if what they hold is as it was for one."""
        return next((traced for traced in self._programs.get(key, ())
                     if not traced.holders or not traced.holders.changed()), None)

    @property
    def source(self) -> str:
        """The program of the last call, as Python."""
        return self._traced().source

    @property
    def loops(self) -> str:
        """The same as loops over flat memory; empty where there are none, or no Numba."""
        found = self._traced().lowered
        return found.source if found else ""

    def _traced(self) -> Any:
        if self._last is None:
            raise GraphError(f"{name_of(self.f)} has no program yet",
                             "call it first: a program is made for what it is called with")
        return self._last

    def _fixed(self, args: tuple[Any, ...], options: dict[str, Any]) -> list[bool]:
        """Which of the leaves are static by the name of their parameter."""
        return [name in self.static
                for name, x in given_to(self.f, args, options) for _ in leaves(x)]

    def _trace(self, key: Any, given: list[Any], args: tuple[Any, ...],
               options: dict[str, Any]) -> Any:
        with _TRACING:
            if traced := self._known(key):
                return traced
            held = any(isinstance(x, Stateful) for x in given)
            holders = Holders(self.f, [args, options]) if held else None
            state = leaves(holders.state) if holders else []
            for x in state:
                _kind(x, False)                     # refuses what is neither NumPy's nor JAX's
            made: Any
            if any(map(is_jax, (*map(raw, given), *state))):
                made = Handed(self.f, args, options, key[1], holders)
            else:
                made = Traced(self.f, args, options, key[1], holders, self._count < LOWERED)
            before, self._count = self._programs.get(key, []), self._count + 1
            why = [f"another {x.holders.changed()}" for x in before[:1] if x.holders]
            self._programs[key] = [made, *before][:VARIANTS]
            self._programs.move_to_end(key)
            self.signatures = [*self.signatures, ", ".join([*map(_said, key[1]), *why])][-KEPT:]
            while len(self._programs) > KEPT:
                self._programs.popitem(last=False)
            return made

    def __repr__(self) -> str:
        return f"<compiled {name_of(self.f)}, programs: {len(self._programs)}>"


def _unbound(f: Any) -> tuple[Any, tuple[Any, ...]]:
    """A function, and the model that is its first argument: of a model itself, or its method."""
    owner = f if isinstance(f, Stateful) else getattr(f, "__self__", None)
    if not isinstance(owner, Stateful):
        return f, ()
    call = f.__func__ if f is not owner else lambda model, *args, **how: model(*args, **how)
    call.__name__ = name_of(f)
    return call, (owner,)


def _kind(x: Any, still: bool) -> Any:
    """What of an argument a program is made for."""
    if isinstance(x, Stateful):
        return Static(x)
    data = raw(x)
    if not still and is_array(data):
        if not is_numpy(data) and not is_jax(data):
            raise ArgumentError(f"a compiled function of {describe(x)}",
                                "NumPy's and JAX's arrays are compiled; over PyTorch use "
                                "torch.compile: docs/compilers.md shows how")
        if isinstance(data, ndarray) and type(data) is not ndarray:
            raise ArgumentError(f"a compiled function of a {type(data).__name__}",
                                "give it a plain array: numpy.asarray(x)")
        return type(x), data.shape, data.dtype
    if not still and type(data) in NUMBERS:
        return Large if type(x) is int and not -WORD <= x < WORD else type(x)
    if not still and not isinstance(x, FIXED) and not _frozen(x):
        raise ArgumentError(f"a compiled function of {describe(x)}, which may change",
                            "name the parameter in static=: it becomes part of the program, as it "
                            "is when it is traced. Arrays, numbers, Modules and optimisers are not")
    try:
        hash(Static(x))
    except TypeError as error:
        raise ArgumentError(f"a static argument of a compiled function, {describe(x)}, cannot be "
                            "hashed", "give a tuple, or leave it out of static=") from error
    return Static(x)


def _frozen(x: Any) -> bool:
    """Whether x is a dataclass that cannot be written to."""
    how = getattr(x, "__dataclass_params__", None)
    return how is not None and bool(how.frozen)


def _said(kind: Any) -> str:
    if isinstance(kind, tuple):
        return f"{kind[2]}{list(kind[1])}"
    if isinstance(kind, Static):
        return type(kind.x).__name__ if isinstance(kind.x, Stateful) else repr(kind.x)
    word: str = kind.__name__.lower()
    return word + " int" if kind is Large else word


def _recorded(x: Any) -> bool:
    """Whether what is done with x has to be recorded, by a graph or by another program."""
    return type(raw(x)) is Tracer or (
        isinstance(x, Operand) and recording() and getattr(x, "requires_grad", True))
