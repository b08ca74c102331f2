"""Names tell the nodes of a graph apart: labels, the caller's variables, else v0, v1 ... by age."""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

from ..errors import ArgumentError, describe
from ..node import Node
from ..storage import is_array
from ..tensor import Tensor
from .wording import amount, kind, short


class Names(dict[Node, str]):
    """The name of each node, oldest first; `constants` has those of constant arrays, by their id.

    `array` is what a constant array without a name is called in a formula.
    """

    def __init__(self, nodes: Mapping[Node, str], constants: Mapping[int, str] = {}) -> None:
        super().__init__(nodes)
        taken = set(nodes.values())
        self.constants = {key: name for key, name in constants.items() if name not in taken}
        taken.update(self.constants.values())
        self.array = next(name for name in ("c", "const", "constant", "#") if name not in taken)

    def of(self, x: Any) -> str:
        """What to call an operand: a constant by its number, its variable or dtype and shape."""
        if isinstance(x, Node):
            return self[x]
        if not is_array(x) or math.prod(x.shape) == 1:
            return amount(x)
        return self.constants.get(id(x)) or kind(x)


def names(nodes: list[Node], given: bool | Mapping[str, Any] = False,
          besides: Mapping[Node, str] = {}) -> Names:
    """What to call each of `nodes`, a whole history, oldest first: no two are called the same.

    A label counts first, then with `given` a variable: of the mapping, or of the first frame
    outside of autograd and nn where it is True; it names constant arrays too. Then `besides`
    counts. What has none of these is called v and its place. Several of one name are numbered by
    age: w#1, w#2.
    """
    variables, arrays = _variables(given)
    asked = {node: name for node in nodes if (name := short(label) if (label := node.label) else
                                              variables.get(node) or besides.get(node))}
    count = Counter(asked.values())
    taken = set(count)
    later: Counter[str] = Counter()
    found = {}
    for place, node in enumerate(nodes):
        name = asked.get(node)
        if name is None:
            name = f"v{place}"
            if name in taken:                           # somebody's label
                name = _number(name, later, taken)
        elif count[name] > 1:
            name = _number(name, later, taken)
        found[node] = name
    return Names(found, arrays)


def _number(name: str, later: Counter[str], taken: set[str]) -> str:
    """The next of name#1, name#2 ... that nobody is called."""
    while True:
        later[name] += 1
        numbered = f"{name}#{later[name]}"
        if numbered not in taken:
            taken.add(numbered)
            return numbered


def _variables(given: bool | Mapping[str, Any]) -> tuple[dict[Node, str], dict[int, str]]:
    """The name of each node and, by id, array that a variable holds, itself or in a container."""
    if given is False:
        return {}, {}
    if given is not True and not isinstance(given, Mapping):
        raise ArgumentError(f"names={describe(given)}",
                            "use names=True, or give a mapping such as locals()")
    found: dict[Node, str] = {}
    arrays: dict[int, str] = {}
    for scope in _caller() if given is True else [given]:
        held = [(name, x) for name, x in scope.items() if name not in ("In", "Out")
                and not name.startswith("_")]           # IPython's and Python's own
        for name, x in held:
            _note(found, arrays, name, x)
        for name, x in held:
            for key, item in _items(x):
                _note(found, arrays, f"{name}[{key!r}]", item)
    return found, arrays


def _caller() -> Iterator[Mapping[str, Any]]:
    """The variables of whoever called the engine: local, then global."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in ("autograd", "nn"):
            yield dict(frame.f_locals)
            yield dict(frame.f_globals)
            return
        frame = frame.f_back


def _items(x: Any) -> Iterator[tuple[Any, Any]]:
    if type(x) in (list, tuple):
        yield from enumerate(x)
    elif type(x) is dict:
        yield from ((key, item) for key, item in x.items() if type(key) in (str, int))


def _note(found: dict[Node, str], arrays: dict[int, str], name: str, x: Any) -> None:
    node = x.node if isinstance(x, Tensor) else x
    if isinstance(node, Node):
        found.setdefault(node, short(name))
    array = x.data if isinstance(x, Tensor) else x
    if is_array(array):
        arrays.setdefault(id(array), short(name))
