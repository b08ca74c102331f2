"""The steps of a lowered program: loops, products, and calls of NumPy for what is neither."""

from collections import Counter
from typing import NamedTuple

from ..program import Line, Program, Variable, variables
from .elements import Write


class Loop:
    """Passes over a shape, computing lines number by number, and sums and the like over axes."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.lines: list[tuple[Line, Write]] = []
        self.reductions: list[tuple[Line, str, tuple[int, ...]]] = []


    def all_lines(self) -> list[Line]:
        """What it computes number by number, then what it sums up."""
        return [line for line, _ in self.lines] + [line for line, *_ in self.reductions]

    def parts(self) -> list["Loop"]:
        """Loops of lines that have arrays of the shape in common."""
        groups: list[tuple[set[Variable], Loop]] = []
        for line in self.all_lines():
            mine, loop = {x for x in (*line.operands(), *line.made) if x.shape == self.shape}, Loop(
                self.shape)
            for words, _ in (joined := [group for group in groups if group[0] & mine]):
                mine |= words
            groups = [group for group in groups if group not in joined] + [(mine, loop)]
        for words, loop in groups:
            loop.lines = [entry for entry in self.lines if entry[0].made[0] in words]
            loop.reductions = [entry for entry in self.reductions
                               if words.intersection(entry[0].operands())]
        return [loop for _, loop in groups]


class Call(NamedTuple):
    """What is neither: NumPy computes it, and its results are new arrays."""

    line: Line


class Product(NamedTuple):
    """z = x @ y, of matrices that lie in memory in either order."""

    x: Variable
    y: Variable
    z: Variable


def transposed_products(program: Program) -> Program:
    """(x @ y).T as y.T @ x.T where x @ y itself is not needed: then the result lies in order."""
    uses = Counter(x for line in program.lines for x in line.operands())
    uses.update(variables(program.outputs))
    made = {x: line for line in program.lines for x in line.made}
    lines = []
    for line in program.lines:
        before = made.get(line.args[0]) if line.name == "np.matrix_transpose" else None
        if before and before.name == "matmul" and uses[line.args[0]] == 1 and (
                all(type(x) is Variable and len(x.shape) == 2 for x in before.args)):
            turned = [Line((x.like(x.shape[::-1]),), "np.matrix_transpose", (x,), {})
                      for x in before.args]
            lines += turned
            line = Line(line.made, "matmul", (turned[1].made[0], turned[0].made[0]), {})
        lines.append(line)
    return Program(program.inputs, lines, program.outputs).pruned()
