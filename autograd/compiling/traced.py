"""A function traced at one kind of arguments: its program, and where its results belong."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy

from ..array_node import ArrayNode
from ..containers import leaves, rebuild
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, quiet
from ..tensor import Tensor
from . import namespace, native  # noqa: F401     (namespace lets tracers compute)
from .naming import name_of, names_of
from .printing import function
from .program import Program, Variable
from .stateful import Holders, applied, owner
from .tidying import owned, tidied
from .tracer import Tracer, writing

NUMBERS = (float, int, complex)         # of Python's; True and False are static
WORD = 1 << 63                          # machine code has ints from -WORD to below it


class Large:
    """The kind of an int that machine code has no word for."""


class Static:
    """An argument that is part of the program: equal where type, value and text are."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: Any) -> bool:
        return type(other) is Static and type(self.x) is type(other.x) and (
            self.x is other.x or (bool(self.x == other.x) and repr(self.x) == repr(other.x)))

    def __hash__(self) -> int:
        return hash(repr(self.x) if type(self.x) is slice else self.x)


class Traced:
    """The program of f for arguments of these kinds.

    `out` is what f returned, of tracers; `found` says which of its leaves the program computes.
    Models and optimisers among the arguments (`holders`) are inputs by their state, which is
    changed where it is.
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any],
                 kinds: tuple[Any, ...], holders: Holders | None = None,
                 loops: bool = True) -> None:
        self.holders, self.name = holders, name_of(f)
        self.loops = loops and Large not in kinds
        given = leaves([args, options])
        self.moving = [i for i, kind in enumerate(kinds) if not isinstance(kind, Static)]
        state = holders.state if holders else []
        names = names_of(f, args, options, state)
        old = [Variable(x, name) for x, name in zip(leaves(state), names)]
        inputs = [Variable(raw(given[i]), names[len(old) + i]) for i in self.moving]
        for i, variable in zip(self.moving, inputs):
            given[i] = _traced(variable, given[i])
        program = Program(old + inputs, [], [], given=set(inputs))
        token = writing.set(program)
        try:
            tree = rebuild([args, options], given)
            if holders:
                before = [_traced(*both) for both in zip(old, leaves(state))]
                after, self.out = holders.pure.run(rebuild(state, before), tree)
                new = [_variable(x) for x in leaves(after)]
                holders.settle()
            else:
                new, self.out = [], applied(f, *tree)
        finally:
            writing.reset(token)
        results = list(map(raw, leaves(self.out)))
        self.found = [i for i, x in enumerate(results) if type(x) is Tracer]
        self.results = [leaves(self.out)[i] for i in self.found]
        self.changed = [i for i, (x, y) in enumerate(zip(old, new, strict=True)) if x is not y]
        program.outputs = [new[i] for i in self.changed] + [
            results[i].variable for i in self.found]
        self.lines = owned(tidied(program), program.outputs, len(self.changed))
        self.program = function(self.lines, self.name)
        self.of_floats = not holders and {kinds[i] for i in self.moving} == {float}

    @functools.cached_property
    def entry(self) -> Callable[..., Any] | None:
        """Its machine code, where it is a program of floats and there is Numba."""
        return native.entry(self.lines, self.out) if self.of_floats else None

    @functools.cached_property
    def lowered(self) -> Any:
        """Its loops as machine code, where there is Numba and nothing but loops and products."""
        if not self.loops or native.of_floats(self.lines):
            return None                             # of floats: see native
        from .loops.lowered import lowered

        kept = dict(zip((self.lines.inputs[i] for i in self.changed), self.lines.outputs))
        return lowered(self.lines, self.name, kept)

    def run(self, given: list[Any]) -> Any:
        """The results for other numbers of the same kind."""
        numbers = [raw(given[i]) for i in self.moving]
        if self.entry:
            return self.entry(*numbers)
        if self.holders:
            state = self.holders.read()
            owners = {owner(x) for x in state if is_array(x)}       # of the memory that changes
            numbers = state + [x.copy() if is_array(x) and owner(x) in owners else x
                               for x in numbers]
        with quiet():
            results = self.lowered.run(numbers) if self.lowered else self.printed(numbers)
        if self.holders:
            self.holders.write(self.changed, results)
        new = [finished(like, x) for like, x in zip(self.results, results[len(self.changed):])]
        return rebuild(self.out, self.filled(new))

    def filled(self, new: list[Any]) -> list[Any]:
        """The leaves of what f returned, with those that the program computes."""
        parts = [x.copy() if isinstance(x, numpy.ndarray) else x for x in leaves(self.out)]
        for i, x in zip(self.found, new, strict=True):
            parts[i] = x
        return parts

    def printed(self, numbers: list[Any]) -> Any:
        """The results of the program that `source` shows."""
        try:
            return self.program(*numbers)
        except ArithmeticError:                     # raised by Python's operators of floats
            return self.exact(*numbers)

    @property
    def source(self) -> str:
        """The program as Python."""
        return inspect.getsource(self.program)

    @functools.cached_property
    def exact(self) -> Callable[..., Any]:
        """The program with functions for those operators."""
        return function(self.lines, self.name, exact=True)


def _traced(variable: Variable, x: Any) -> Any:
    data = raw(x)
    tracer = Tracer(variable, data if type(data) in NUMBERS else numpy.array(data))
    return Tensor(tracer) if isinstance(x, Operand) else tracer


def _variable(x: Any) -> Variable:
    """What a step left in a place of the state: as a rule a tracer."""
    return x.variable if type(x) is Tracer else Variable(x, value=numpy.asarray(x))


def finished(like: Any, x: Any) -> Any:
    """A number or an array as the traced function returned it."""
    if isinstance(like, Tensor):
        return Tensor._of(ArrayNode(numpy.asarray(x)), False)
    return type(like.example)(x) if type(like.example) in NUMBERS else x
