"""To compile a function is to trace it, once for each kind of arguments, and to print a program.

The program is Python over NumPy, backward passes included, without the graph and the walk.
"""

from __future__ import annotations

import builtins
import functools
import inspect
import itertools
import keyword
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from typing import Any

import numpy

from ..containers import leaves, rebuild
from ..errors import ArgumentError, GraphError, describe
from ..modes import recording
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, is_numpy, quiet
from ..tensor import Tensor
from .printing import SCOPE, function
from .program import Program, Variable
from .tidying import tidied
from .tracer import Tracer, writing

KEPT = 64                               # programs of one function; the least used one goes
NUMBERS = (float, int, complex)         # of Python's; True and False are static
TAKEN = SCOPE.keys() | vars(builtins).keys()


def compile(f: Callable[..., Any], *, static: Collection[str] = ()) -> Compiled:
    """f as a program, made when it is first called with arguments of a kind, and called like f.

    Arrays, Tensors and numbers, in containers too, are its inputs. What else can be hashed is
    static, and so are parameters named in `static`: another one is another program. Where f's
    result is to be recorded in a graph, f itself runs. Raises GraphError where f asks for numbers
    while it is traced, to branch on them say, ArgumentError for what it cannot take.
    """
    return Compiled(f, static)


class Compiled:
    """A compiled function. `source` is the program of its last call; `signatures` lists what it
    was traced for, oldest first.
    """

    def __init__(self, f: Callable[..., Any], static: Collection[str]) -> None:
        if not callable(f):
            raise ArgumentError(f"compile of {describe(f)}", "give it a function")
        functools.update_wrapper(self, f)
        self.f, self.static = f, frozenset((static,) if isinstance(static, str) else static)
        if unknown := self.static - _parameters(f).keys():
            raise ArgumentError(f"static={', '.join(sorted(unknown))}",
                                f"it takes {', '.join(_parameters(f)) or 'no named parameters'}")
        self.signatures: list[str] = []
        self._programs: OrderedDict[Any, Traced] = OrderedDict()
        self._last: Traced | None = None
        self._lock = threading.RLock()

    def __call__(self, *args: Any, **options: Any) -> Any:
        given = leaves([args, options])
        if any(map(_recorded, given)):
            return self.f(*args, **options)
        fixed = self._fixed(args, options) if self.static else [False] * len(given)
        kinds = tuple([_kind(x, still) for x, still in zip(given, fixed)])
        key = repr(rebuild([args, options], [None] * len(given))), kinds
        traced = self._programs.get(key) or self._trace(key, args, options)
        self._last = traced
        return traced.run(given)

    @property
    def source(self) -> str:
        """The program of the last call, as Python."""
        if self._last is None:
            raise GraphError(f"{_name(self.f)} has no program yet",
                             "call it first: a program is made for what it is called with")
        return inspect.getsource(self._last.program)

    def _fixed(self, args: tuple[Any, ...], options: dict[str, Any]) -> list[bool]:
        """Which of the leaves are static by the name of their parameter."""
        return [name in self.static for name, x in _given(self.f, args, options) for _ in leaves(x)]

    def _trace(self, key: Any, args: tuple[Any, ...], options: dict[str, Any]) -> Traced:
        with self._lock:
            if key not in self._programs:
                self._programs[key] = Traced(self.f, args, options, key[1])
                self.signatures = [*self.signatures, ", ".join(map(_said, key[1]))][-KEPT:]
            self._programs.move_to_end(key)
            while len(self._programs) > KEPT:
                self._programs.popitem(last=False)
            return self._programs[key]

    def __repr__(self) -> str:
        return f"<compiled {_name(self.f)}, programs: {len(self._programs)}>"


class Traced:
    """A function traced at one kind of arguments: its program, and where results belong."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any],
                 kinds: tuple[Any, ...]) -> None:
        given = leaves([args, options])
        self.moving = [i for i, kind in enumerate(kinds) if not isinstance(kind, Static)]
        names = _names(f, args, options)
        inputs = [Variable(raw(given[i]), names[i]) for i in self.moving]
        for i, variable in zip(self.moving, inputs):
            given[i] = _traced(variable, given[i])
        program = Program(inputs, [], [])
        token = writing.set(program)
        try:
            new_args, new_options = rebuild([args, options], given)
            self.out = f(*new_args, **new_options)
        finally:
            writing.reset(token)
        results = list(map(raw, leaves(self.out)))
        self.found = [i for i, x in enumerate(results) if type(x) is Tracer]
        program.outputs = [results[i].variable for i in self.found]
        self.program = function(tidied(program), _name(f))

    def run(self, given: list[Any]) -> Any:
        """The results for other numbers of the same kind."""
        with quiet():
            numbers = self.program(*[raw(given[i]) for i in self.moving])
        parts = leaves(self.out)
        for i, x in zip(self.found, numbers, strict=True):
            parts[i] = _as(parts[i], x)
        return rebuild(self.out, parts)


class Static:
    """An argument that is part of the program: equal where type and value are."""

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: Any) -> bool:
        return type(other) is Static and type(self.x) is type(other.x) and bool(self.x == other.x)

    def __hash__(self) -> int:
        return hash(self.x)


def _kind(x: Any, still: bool) -> Any:
    """What of an argument a program is made for."""
    data = raw(x)
    if not still and is_array(data):
        if not is_numpy(data):
            raise ArgumentError(f"a compiled function of {describe(x)}",
                                "NumPy's arrays are compiled; over JAX use jax.jit, over PyTorch "
                                "torch.compile: docs/compilers.md shows how")
        return type(x), data.shape, data.dtype
    if not still and type(data) in NUMBERS:
        return type(x)
    try:
        hash(x)
    except TypeError as error:
        raise ArgumentError(f"a compiled function of {describe(x)}", "its arguments are arrays, "
                            "Tensors, numbers, and what can be hashed") from error
    return Static(x)


def _said(kind: Any) -> str:
    if isinstance(kind, tuple):
        return f"{kind[2]}{list(kind[1])}"
    return repr(kind.x) if isinstance(kind, Static) else kind.__name__


def _recorded(x: Any) -> bool:
    """Whether what is done with x has to be recorded, by a graph or by another program."""
    return type(raw(x)) is Tracer or (
        isinstance(x, Operand) and recording() and getattr(x, "requires_grad", True))


def _traced(variable: Variable, x: Any) -> Any:
    data = raw(x)
    tracer = Tracer(variable, data if type(data) in NUMBERS else numpy.array(data))
    return Tensor(tracer) if isinstance(x, Operand) else tracer


def _as(like: Any, x: Any) -> Any:
    """A number or an array as the traced function returned it."""
    if isinstance(like, Tensor):
        return Tensor(numpy.asarray(x))
    return type(like.example)(x) if type(like.example) in NUMBERS else x


def _name(f: Callable[..., Any]) -> str:
    return getattr(f, "__name__", type(f).__name__)


def _parameters(f: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a function by name, as far as they can be known."""
    try:
        return dict(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return {}


def _given(f: Callable[..., Any], args: tuple[Any, ...],
           options: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was given with the name of its parameter; with a number, what `*args` takes."""
    known = _parameters(f).values()
    names = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in known if p.kind is p.VAR_POSITIONAL), "x")
    names += [f"{rest}{i}" for i in range(len(args) - len(names))]
    return [*zip(names, args), *options.items()]


def _names(f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> list[str]:
    """Names for the leaves: of a parameter, or of the key that it has in a dict, and a number."""
    found: list[str] = []
    for name in _leaf_names("", dict(_given(f, args, options))):
        numbers = (f"{name}{i}" for i in itertools.count(1))
        found.append(next(x for x in itertools.chain([name], numbers) if x not in found))
    return found


def _leaf_names(name: str, tree: Any) -> Iterator[str]:
    """What the leaves of containers are called, by the keys on the way to them."""
    if isinstance(tree, dict):
        for key, x in tree.items():
            word = re.sub(r"\W", "_", str(key))
            yield from _leaf_names(word if word.isidentifier() else f"{name}_{word}", x)
    elif isinstance(tree, (list, tuple)):
        for i, x in enumerate(tree):
            yield from _leaf_names(f"{name}{i}" if len(tree) > 1 else name, x)
    else:
        yield name if not keyword.iskeyword(name) and name not in TAKEN else f"{name}_"
