"""What was recorded keeps its numbers: a constant is copied before it would be written to.

    h = Tensor([1.0, 2.0])
    y = (x * h).sum()
    h[0] = 7.0                      # x.grad is still [1, 2]: y was made of that

A constant of the graph is its array, not a copy. So the nodes that hold one are remembered, weakly,
and an unrecorded write first gives those that share the memory an array of their own.
"""

from collections.abc import Hashable
from threading import Lock
from typing import Any
from weakref import ref

from .node import Node
from .storage import copy, is_array, memory, shares_memory

_noted: list[Any] = []                          # nodes with constants, since the last write
_holding: dict[Hashable, list[Any]] = {}        # those before, by the memory of the constant
_limit = 4096
_sorted = 0                                     # how many went from there to here since `_forget`
_one_at_a_time = Lock()


def note(node: Node) -> None:
    """Remember a node that holds an array which is no node's."""
    _noted.append(ref(node))
    if len(_noted) > _limit:                    # now and then, forget those that are gone
        with _one_at_a_time:
            _forget()


def keep(x: Any) -> None:
    """Before x is written to: give each node that holds its memory a copy of what it holds."""
    if _noted or _holding:
        with _one_at_a_time:
            _keep(x)


def _keep(x: Any) -> None:
    global _sorted
    _sorted += len(_noted)
    while _noted:
        reference = _noted.pop()
        try:
            _sort_in(reference)
        except BaseException:                   # an interrupt loses nothing
            _noted.append(reference)
            raise
    if _sorted > _limit:
        _forget()
    name, copies, others = memory(x), dict[int, Any](), list[Any]()
    for reference in _holding.get(name, ()):
        node = reference()
        for arg in () if node is None else _constants(node):
            if shares_memory(arg, x) is not False:
                copies.setdefault(id(arg), copy(arg))
            elif memory(arg) == name:           # another part of the same memory
                others.append(reference)
        if node is not None:
            node.args = tuple(copies.get(id(arg), arg) for arg in node.args)
    if others:
        _holding[name] = others
    else:
        _holding.pop(name, None)


def _sort_in(reference: Any) -> None:
    node = reference()
    for arg in () if node is None else _constants(node):
        name = memory(arg)
        if name is not None:
            _holding.setdefault(name, []).append(reference)


def _constants(node: Any) -> list[Any]:
    return [arg for arg in node.args if not isinstance(arg, Node) and is_array(arg)]


def _forget() -> None:
    """Drop the nodes that are gone."""
    global _limit, _sorted
    count = len(_noted)                         # more may come meanwhile
    _noted[:count] = [reference for reference in _noted[:count] if reference() is not None]
    for name, references in list(_holding.items()):
        alive = [reference for reference in references if reference() is not None]
        if alive:
            _holding[name] = alive
        else:
            del _holding[name]
    _sorted = sum(map(len, _holding.values()))
    _limit = max(4096, 2 * (len(_noted) + _sorted))
