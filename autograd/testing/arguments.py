"""The arguments of a function under test: which numbers move, and how they are put back.

Floats, arrays of any storage, Values, Tensors and the parameters of Modules move, also inside
tuples, lists and dicts. To the checker they are one vector of real numbers, in float64.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..containers import leaves, rebuild
from ..errors import ArgumentError, GradientWarning, describe
from ..node import Operand
from ..primitive import raw
from ..storage import is_array, is_numpy, literal, placed, quiet, to_numpy
from ..transforms import vjp


class Input:
    """One number, array or parameter that is differentiated, by its name."""

    def __init__(self, name: str, given: Any) -> None:
        self.name, self.given = name, given
        self.numbers = np.array(to_numpy(raw(given)))

    @property
    def refused(self) -> str:
        """Why this cannot be moved; empty where it can."""
        if self.numbers.dtype.kind not in "fc":
            return (f"{describe(self.given)}: integers have no derivative; make it floating, or "
                    "bind it: lambda x: f(x, 3)")
        return "" if self.numbers.size else f"{describe(self.given)}: there is nothing to move"

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
    """The arguments of a call: `inputs` move; the rest is passed on as it is."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.f, self.args = f, args
        self._parts = [leaves(arg) for arg in args]
        self.all = [x for name, arg in zip(_names(f, len(args)), args) for x in _found(name, arg)]
        self.inputs = [x for x in self.all if not x.refused]

    def split(self, vector: Any) -> list[Any]:
        """A vector of real numbers as one NumPy array for each input."""
        return split(vector, [x.numbers for x in self.inputs])

    def put(self, vector: Any) -> list[Any]:
        """A vector of real numbers as what was given, input by input."""
        return [x.put(part) for x, part in zip(self.inputs, self.split(vector))]

    def call(self, *new: Any) -> Any:
        """The function of the inputs, with the rest as it was given."""
        fresh = iter(new)
        restore: list[tuple[Any, str, Any]] = []
        try:
            return self.f(*(rebuild(arg, [_replaced(part, fresh, restore) for part in parts])
                            for arg, parts in zip(self.args, self._parts)))
        finally:
            for module, path, old in restore:
                _set(module, path, old)


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
        array = np.asarray(to_numpy(raw(part)) if is_array(raw(part)) else raw(part))
        if array.dtype.kind not in "fcbiu":
            raise ArgumentError(f"the function returned {describe(part)}",
                                "return a number, an array, or containers of them")
        found.append(array)
    if not found:
        raise ArgumentError(f"the function returned {describe(result)}", "return a number")
    return found


# -- names, and what is inside -----------------------------------------------------------------

def _names(f: Callable[..., Any], count: int) -> list[str]:
    try:
        names = [p.name for p in inspect.signature(f).parameters.values()
                 if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    return (names + [f"argument {i}" for i in range(len(names), count)])[:count]


def _found(name: str, x: Any) -> Iterator[Input]:
    """What may move in an argument, with its name: x, x[0], x['w'], model.layers.0.weight."""
    if isinstance(x, dict):
        for key in x:
            yield from _found(f"{name}[{key!r}]", x[key])
    elif isinstance(x, (list, tuple)):
        for i, part in enumerate(x):
            yield from _found(f"{name}[{i}]", part)
    elif _is_number(x):
        yield Input(name, x)
    else:
        yield from (Input(f"{name}.{path}", p) for path, p in _parameters(x))


def _is_number(x: Any) -> bool:
    number = isinstance(x, (float, int, complex, Operand)) and not isinstance(x, bool)
    return number or is_array(x)


def _parameters(x: Any) -> list[tuple[str, Any]]:
    """The parameters of a Module with their paths; of anything else none."""
    named = getattr(x, "named_parameters", None)
    return [(path, p) for path, p in named() if isinstance(p, Operand)] if named else []


def _replaced(x: Any, fresh: Iterator[Any], restore: list[tuple[Any, str, Any]]) -> Any:
    if _is_number(x):
        return x if Input("", x).refused else next(fresh)
    for path, p in _parameters(x):
        restore.append((x, path, p))
        new = next(fresh)
        _set(x, path, new if isinstance(new, Operand) else type(p)(new))
    return x


def _set(module: Any, path: str, new: Any) -> None:
    """Put a parameter where its path says: attributes, indices of lists, keys of dicts."""
    *way, last = path.split(".")
    for step in way:
        module = _inside(module, step)
    if isinstance(module, list):
        module[int(last)] = new
    elif isinstance(module, dict):
        module[next(key for key in module if str(key) == last)] = new
    else:
        setattr(module, last, new)


def _inside(x: Any, step: str) -> Any:
    if isinstance(x, (list, tuple)):
        return x[int(step)]
    return next(x[key] for key in x if str(key) == step) if isinstance(x, dict) else getattr(
        x, step)
