"""The arguments of a function under test: which numbers move, and how they are put back.

Floats, arrays of any storage, Values, Tensors and the parameters of Modules move, also inside
tuples, lists, dicts and dataclasses. To the checker they are one vector of real numbers, in
float64.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import numpy as np

from ..containers import leaves, rebuild
from ..errors import ArgumentError, GradientWarning, describe
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, is_floating, is_numpy, literal, placed, quiet, to_numpy
from ..transforms import vjp
from .inside import MISSING, beside, parameters, put_back, walked


class Input:
    """One number, array or parameter that is differentiated, by its name."""

    def __init__(self, name: str, given: Any) -> None:
        self.name, self.given = name, given
        self.numbers = np.array(_numpy(given))

    @property
    def refused(self) -> str:
        """Why this cannot be moved; empty where it can."""
        given, kind, what = raw(self.given), self.numbers.dtype.kind, describe(self.given)
        if isinstance(given, np.ndarray) and type(given) not in (np.ndarray, np.memmap):
            return (f"a {type(given).__name__}, and f would get plain arrays; make it one: "
                    "x.filled(0.0) of a masked array, else numpy.asarray(x)")
        if kind in "biu":
            return (f"{what}: {'booleans' if kind == 'b' else 'integers'} have no derivative; make "
                    "it floating, or bind it: lambda x: f(x, 3)")
        if kind not in "fc":
            return (f"{what}: NumPy has no such numbers; make it float32 or float64"
                    if self._floating else f"{what}: no numbers; make it floating, or bind it")
        return "" if self.numbers.size else f"{what}: there is nothing to move"

    @property
    def passed_on(self) -> bool:
        """Whether it is there beside what moves: integers, labels, an empty array."""
        return bool(self.refused) and not (self._floating and self.numbers.size)

    @property
    def _floating(self) -> bool:
        given = raw(self.given)
        return is_array(given) and is_floating(given)

    def put(self, x: Any) -> Any:
        """NumPy numbers as what was given: a float, an array, a Value or a Tensor."""
        data = raw(self.given)
        if is_array(data):
            kept = self.numbers.dtype if x.dtype.kind == "f" else x.dtype
            made = placed(data, x.astype(kept))
        else:
            made = x.item()
        kind: Any = type(self.given)
        return kind(made) if issubclass(kind, Operand) else made


class Arguments:
    """The arguments of a call: `inputs` move; the rest is passed on as it is.

    `argnums` chooses arguments, else the parameters of an f that is a Module move too. A leaf that
    requires a gradient moves as one, wherever it is given.
    """

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...],
                 argnums: int | Sequence[int] | None = None, own: bool = True) -> None:
        self.f, self.args = f, args
        called = names(f, len(args))
        self._chosen = _chosen(argnums, called)
        owner = getattr(f, "__self__", f) if own and argnums is None else None
        self._roots = [("", owner if parameters(owner) else None),
                       *((called[i], args[i]) for i in self._chosen)]
        self._places: dict[tuple[int, str], Input] = {}     # by root, and the name in it
        for i, (name, root) in enumerate(self._roots):
            walked(name, root, partial(self._place, i), [])
        found = list({id(x): x for x in self._places.values()}.values())
        self.inputs = [x for x in found if not x.refused]
        silent = bool(self.inputs) and argnums is None
        self.all = [x for x in found if not (silent and x.passed_on)]

    def _place(self, root: int, name: str, x: Any) -> Any:
        one = isinstance(x, Operand) and getattr(x, "requires_grad", True)
        known = (y for y in self._places.values() if one and y.given is x)
        self._places[root, name] = next(known, None) or Input(name, x)
        return x

    def split(self, vector: Any) -> list[Any]:
        """A vector of real numbers as one NumPy array for each input."""
        return split(vector, [x.numbers for x in self.inputs])

    def put(self, vector: Any) -> list[Any]:
        """A vector of real numbers as what was given, input by input."""
        return [x.put(part) for x, part in zip(self.inputs, self.split(vector))]

    def call(self, *new: Any) -> Any:
        """The function of the inputs, with the rest as it was given."""
        return self._call(self.f, new)

    def _call(self, f: Callable[..., Any], new: Sequence[Any]) -> Any:
        at = {id(x): _as(x.given, y) for x, y in zip(self.inputs, new)}

        def moved(root: int, name: str, x: Any) -> Any:
            return at.get(id(self._places.get((root, name))), x)

        args, kept = list(self.args), list[Any]()
        try:
            for i, (name, root) in enumerate(self._roots):
                found = walked(name, root, partial(moved, i), kept)
                if i:
                    args[self._chosen[i - 1]] = found
            with undisturbed():
                return f(*args)
        finally:
            put_back(kept)

    def gradient(self, function: Callable[..., Any], vector: Any) -> Any:
        """What a function of the same arguments says is the gradient there, as one vector.

        It returns a part for each argument, or for each that moves, in its containers, one alone
        as it is.
        Raises ArgumentError, with the name, for what is missing, and for another shape.
        """
        result = self._call(function, self.put(vector))
        moving = [i for i in range(1, len(self._roots)) if any(
            root == i and not x.refused for (root, _), x in self._places.items())]
        one = len(moving) == 1
        if isinstance(result, tuple) and not (
                one and isinstance(self._roots[moving[0]][1], (list, tuple))):
            if len(result) == len(self._chosen):
                result = tuple(result[i - 1] for i in moving)
            if one and len(result) == 1:
                result, = result
        parts = [result] if one else result
        if not isinstance(parts, (list, tuple)) or len(parts) != len(moving):
            raise ArgumentError(f"the gradient is {describe(result)} for the arguments "
                                f"{', '.join(self._roots[i][0] for i in moving)}",
                                "return a tuple with one part for each")
        found: dict[int, Any] = {}
        for i, part in zip(moving, parts):
            def take(name: str, given: Any, i: int = i) -> None:
                x = self._places[i, name]
                if not x.refused:
                    found[id(x)] = found.get(id(x), 0.0) + _part(name, x.numbers, given)

            beside(*self._roots[i], part, take)
        return reals([found[id(x)] for x in self.inputs])


def _as(given: Any, new: Any) -> Any:
    """A new number as a Value or Tensor, where one was given."""
    kind: Any = type(given)
    return kind(new) if isinstance(given, Operand) and not isinstance(new, Operand) else new


def _part(name: str, like: Any, given: Any) -> Any:
    """A part of a gradient as a NumPy array in the shape of its input."""
    if given is MISSING or given is None:
        raise ArgumentError(f"the gradient has nothing for {name}",
                            "return the containers of the arguments, with the same keys")
    part = _numpy(given)
    if part.shape != like.shape or part.dtype.kind not in "fcbiu":
        raise ArgumentError(f"the gradient of {name} is {describe(given)}, and {name} has the "
                            f"shape {like.shape}", "give it the shape of the argument")
    return part.astype(np.result_type(part, like))


def _numpy(x: Any) -> Any:
    """Numbers as a NumPy array; one of an object where they are none, or not NumPy's."""
    data = raw(x)
    try:
        return np.asarray(to_numpy(data) if is_array(data) else data)
    except (TypeError, ValueError):             # of bfloat16, or ragged
        return np.array(None)


def reals(parts: list[Any]) -> Any:
    """Arrays, real and complex, as one vector of real numbers in float64."""
    flat = []
    for part in parts:
        x = np.asarray(part).reshape(-1)
        flat += [x.real, x.imag] if x.dtype.kind == "c" else [x]
    return np.concatenate(flat).astype(np.float64) if flat else np.zeros(0)


def split(vector: Any, like: list[Any]) -> list[Any]:
    """What `reals` took apart, in the shapes and kinds of `like`."""
    found = []
    for x in like:
        part, vector = vector[:x.size], vector[x.size:]
        if x.dtype.kind == "c":
            part, vector = part + 1j * vector[:x.size], vector[x.size:]
        found.append(part.reshape(x.shape))
    return found


def weights(result: Any, parts: list[Any]) -> Any:
    """NumPy arrays as cotangents of a result: in its containers, over its storage."""
    arrays = map(raw, leaves(result))
    return rebuild(result, [literal(x, part) if is_array(x) and not is_numpy(x) else part
                            for x, part in zip(arrays, parts)])


def pulled(f: Callable[..., Any], xs: Sequence[Any], parts: list[Any]) -> list[Any]:
    """The gradients of f at xs, one for each, where its outputs are weighted by NumPy arrays."""
    value, pullback = vjp(f, *xs)
    return list(pullback(weights(value, parts)))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Inside, libraries do not warn of infinities, and a function may be constant."""
    with quiet(), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the function that is differentiated", GradientWarning)
        yield


def numbers(result: Any) -> list[Any]:
    """What a function returned, as NumPy arrays. Raises ArgumentError where it is no number."""
    found = []
    for part in leaves(result):
        array = _numpy(part)
        if array.dtype.kind not in "fcbiu":
            raise ArgumentError(f"the function returned {describe(part)}",
                                "return a number, an array, or containers of them")
        found.append(array)
    if not found:
        raise ArgumentError(f"the function returned {describe(result)}", "return a number")
    return found


# -- names -------------------------------------------------------------------------------------

def names(f: Any, count: int) -> list[str]:
    """What so many arguments of a function are called."""
    found, more = list[str](), "argument"
    with suppress(TypeError, ValueError):
        for p in inspect.signature(f.forward if parameters(f) else f).parameters.values():
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                found.append(p.name)
            elif p.kind == p.VAR_POSITIONAL:
                more = p.name
    if count == 1 and not found and more == "argument":
        return ["x"]
    return (found + [f"{more}[{i}]" for i in range(count - len(found))])[:count]


def _chosen(argnums: int | Sequence[int] | None, names: list[str]) -> Sequence[int]:
    """The positions of the arguments that may move. Raises ArgumentError for those not there."""
    if argnums is None:
        return range(len(names))
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if not chosen or not set(chosen) <= set(range(len(names))):
        raise ArgumentError(f"argnums={argnums!r} of {len(names)} arguments",
                            "argnums are positions of arguments, from 0")
    return chosen
