"""A program of floats that is too long for a compiler, laid out flat like a tape.

Its numbers lie in one array, lines that do the same and do not need each other side by side; what
is compiled is one loop for each operation, however many lines there are.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy

from . import floats, machine
from .printing import INFIX, PREFIX
from .program import Line, Program, Variable
from .tape import grouped

LOGICAL = {"and", "or", "xor"}              # of truth, which lies there as 0.0 and 1.0


class Flat:
    """A program as a function of as many floats, which returns a list of its results."""

    def __init__(self, program: Program) -> None:
        kinds, numbers, levels, of_kind, operands, ends = read(program)
        start = len(program.inputs) + len(numbers)
        order, place, self.groups = grouped(levels, of_kind, start)
        self.places = [place[at][order] for at in operands]
        self.ends = place[ends]
        self.truths = [i for i, x in enumerate(program.outputs) if x.dtype == bool]
        self.data = numpy.zeros(len(order))
        self.data[len(program.inputs):start] = numbers
        self.loop, self.lock = loop(kinds), threading.Lock()

    def __call__(self, *inputs: float) -> list[Any]:
        with self.lock:
            self.data[:len(inputs)] = inputs
            self.loop(self.groups, *self.places, self.data)
            results: list[Any] = self.data[self.ends].tolist()
        for i in self.truths:
            results[i] = bool(results[i])
        return results


def read(program: Program) -> Any:
    """What lies there: kinds, numbers; of inputs, lines and numbers the levels (0: nothing before
    it), kinds (-2 on inputs, -1 on numbers) and operands; and where the outputs are.
    """
    at: dict[Variable, int] = {x: i for i, x in enumerate(program.inputs)}
    at.update((line.made[0], i) for i, line in enumerate(program.lines, len(at)))
    kinds = {kind: i for i, kind in enumerate(sorted({(x.name, len(x.args))
                                                      for x in program.lines}))}
    numbers: dict[str, int] = {}

    def index(x: Any) -> int:
        if type(x) is Variable and x.value is None:
            return at[x]
        number = repr(float(x.value if type(x) is Variable else x))
        return len(at) + numbers.setdefault(number, len(numbers))

    levels, operands = [0] * len(program.inputs), [[0, 0, 0]] * len(program.inputs)
    for line in program.lines:
        found = [index(x) for x in line.args]
        levels.append(1 + max((levels[i] for i in found if i < len(at)), default=0))
        operands.append([*found, 0, 0][:3])
    ends, more = [index(x) for x in program.outputs], len(numbers)
    of_kind = [kinds[line.name, len(line.args)] for line in program.lines]
    return (tuple(kinds), list(map(float, numbers)), numpy.array(levels + [0] * more),
            numpy.array([-2] * len(program.inputs) + of_kind + [-1] * more),
            numpy.array(operands + [[0, 0, 0]] * more).T, ends)


@functools.lru_cache(maxsize=64)
def loop(kinds: tuple[tuple[str, int], ...]) -> Callable[..., None]:
    """The loop over groups of lines, by their names and numbers of operands, compiled."""
    lines = ["def forward(groups, at_x, at_y, at_w, data):",
             "    for i in range(len(groups)):",
             "        kind, start, stop = groups[i]"]
    for number, (name, count) in enumerate(kinds):
        operands = [f"data[at_{x}[k]]" for x in "xyw"[:count]]
        lines += [f"        {'el' if number else ''}if kind == {number}:",
                  "            for k in range(start, stop):",
                  f"                data[k] = {said(name, operands)}"]
    found: Callable[..., None] = machine.compiled("\n".join([*lines, ""]), "forward", nogil=True)
    return found


def said(name: str, operands: list[str]) -> str:
    """A line of a program on these operands."""
    if name in LOGICAL:
        operands = [f"({x} != 0)" for x in operands]
    if name in INFIX:
        return f" {INFIX[name][0]} ".join(operands)
    if name in PREFIX:
        return f"{PREFIX[name]}{operands[0]}" if name != "invert" else f"{operands[0]} == 0"
    return f"{floats.CALLED.get(name, name)}({', '.join(operands)})"


def fits(line: Line) -> bool:
    """Whether a line has operands that lie there: no more than three, and no metadata."""
    return len(line.args) <= 3 and len(line.made) == 1 and not line.params
