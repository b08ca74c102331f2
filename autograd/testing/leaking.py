"""What code leaves behind: modes that it changed, and recorded results that are still held."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType
from typing import Any

from .. import modes
from ..errors import describe
from ..node import Node, serial

MODES: tuple[Any, ...] = (modes._scope, modes._debugging, modes._bridging, modes._outer)


class Before:
    """The modes of now, and a mark after which results are new."""

    def __init__(self) -> None:
        self._values = [variable.get() for variable in MODES]
        self._mark = serial()

    def put_back(self) -> str:
        """Set the modes to what they were; says what they had become, "" if nothing changed."""
        found = [variable.get() for variable in MODES]
        if found == self._values:
            return ""
        for variable, value in zip(MODES, self._values):
            variable.set(value)
        scope, debugging, _, outer = found
        return (f"gradients are {'off' if scope is None else 'on'}, debug mode is "
                f"{'on' if debugging else 'off'}, and {len(outer) - len(self._values[3])} blocks "
                "were entered and not left")

    def alive(self, holder: Any = None) -> list[str]:
        """The results recorded since, described, that live on after a collection.

        Those that a holder has, by its attributes, go with it.
        """
        def found() -> list[Node]:
            return [x for x in gc.get_objects() if issubclass(type(x), Node)
                    and getattr(x, "serial", -1) > self._mark and x.op is not None]

        if not found():
            return []
        gc.collect()
        own = _held(getattr(holder, "__dict__", {}))
        return [f"{x.op.name} = {describe(x.data)}" for x in found() if id(x) not in own]


def _held(x: Any) -> set[int]:
    """The ids of all that x leads to, but not by way of modules, classes and functions."""
    seen, todo = set[int](), [x]
    while todo:
        part = todo.pop()
        if id(part) not in seen and not issubclass(type(part), (ModuleType, FunctionType, type)):
            seen.add(id(part))
            todo += gc.get_referents(part)
    return seen
