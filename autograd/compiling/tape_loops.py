"""Loops over a tape: for each operation one that computes its results, and one that pulls back.

Printed from the rules, they are

    def forward(groups, at_x, at_y, at_w, data):
        for i in range(len(groups)):
            kind, start, stop = groups[i]
            if kind == 0:                               # multiply by x, y
                for k in range(start, stop):
                    data[k] = multiply(data[at_x[k]], data[at_y[k]])
            ...

and are as long as there are operations, not as there are nodes. Numba compiles them once for each
set of operations; where there is none NumPy computes group by group.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy

from ..kernels import OPERANDS, guard, pull_source
from ..primitive import table
from ..storage import quiet
from ..symbol import Symbol
from . import machine

Kind = tuple[str, tuple[bool, ...]]             # an operation, and which operands are nodes
Loops = tuple[Callable[..., None], Callable[..., None]]


def loops(kinds: tuple[Kind, ...]) -> Loops:
    """The loops forward and backward over groups of these kinds."""
    names = {name for way in BODIES for name in called(source(kinds, way), "exec")}
    if machine.takes(names - {"range", "len"}):
        return printed(kinds)
    return functools.partial(forward, kinds), functools.partial(backward, kinds)


@functools.lru_cache(maxsize=64)
def printed(kinds: tuple[Kind, ...]) -> Loops:
    """The loops as Numba compiles them."""
    first, second = (machine.compiled(source(kinds, way), way, nogil=True) for way in BODIES)
    return first, second


def source(kinds: tuple[Kind, ...], way: str) -> str:
    """The loops of a way, forward or backward, as text."""
    order = "range(len(groups))" if way == "forward" else "range(len(groups) - 1, -1, -1)"
    lines = [f"def {way}(groups, at_x, at_y, at_w, data{', grad' * (way == 'backward')}):",
             f"    for i in {order}:",
             "        kind, start, stop = groups[i]"]
    for number, (name, nodes) in enumerate(kinds):
        moving = ", ".join(x for x, is_node in zip(OPERANDS, nodes) if is_node)
        lines += [f"        {'el' if number else ''}if kind == {number}:".ljust(48)
                  + f"# {name} by {moving}",
                  "            for k in range(start, stop):",
                  *(f"                {line}" for line in BODIES[way](table[name], nodes))]
    return "\n".join([*lines, ""])


def _forward(op: Any, nodes: tuple[bool, ...]) -> list[str]:
    operands = ", ".join(f"data[at_{x}[k]]" for x in OPERANDS[:len(nodes)])
    return [f"data[k] = {op.name}({operands})"]


def _backward(op: Any, nodes: tuple[bool, ...]) -> list[str]:
    names = list(OPERANDS[:len(nodes)])
    moving = [i for i, is_node in enumerate(nodes) if is_node and op.rules[i]]
    rules = {i: pull_source(op, i, Symbol, names) for i in moving}
    used = {x for i in moving for x in called(rules[i], "eval")}
    return ["g = grad[k]", *(["z = data[k]"] if "z" in used else []),
            *(f"{x} = data[at_{x}[k]]" for x in names if x in used),
            *(f"d{names[i]} = {rules[i]}" for i in moving),
            *(line for i in moving for line in guard(op, f"d{names[i]}")),
            *(f"grad[at_{names[i]}[k]] += d{names[i]}" for i in moving)]


def called(text: str, mode: str) -> tuple[str, ...]:
    """The names that a text takes from its scope."""
    code = compile(text, "<tape>", mode)
    names: tuple[str, ...] = (code.co_consts[0] if mode == "exec" else code).co_names
    return names


BODIES = {"forward": _forward, "backward": _backward}


# -- without Numba ---------------------------------------------------------------------------------

def forward(kinds: tuple[Kind, ...], groups: Any, *rest: Any) -> None:
    """Each group by the operation itself, over arrays."""
    *places, data = rest
    with quiet():
        for kind, start, stop in groups.tolist():
            name, nodes = kinds[kind]
            numbers = tuple(data[at[start:stop]] for at, _ in zip(places, nodes))
            data[start:stop] = table[name].on_arrays(numbers, {})


def backward(kinds: tuple[Kind, ...], groups: Any, *rest: Any) -> None:
    """Each group by the rules themselves, over arrays."""
    *places, data, grad = rest
    with quiet():
        for kind, start, stop in groups[::-1].tolist():
            name, nodes = kinds[kind]
            numbers = tuple(data[at[start:stop]] for at, _ in zip(places, nodes))
            for i, at in enumerate(places[:len(nodes)]):
                part = table[name].pull(i, grad[start:stop], data[start:stop], numbers, {}
                                        ) if nodes[i] else None
                if part is not None:
                    numpy.add.at(grad, at[start:stop], part)
