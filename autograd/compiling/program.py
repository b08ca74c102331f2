"""A program is straight-line code: inputs, one line for each operation, and outputs.

It is data, so that lines can be dropped, shared and lowered; `printing` makes Python of it.
"""

import math
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import numpy


class Variable:
    """A result of a program: an input, a constant (`value`), or what a line makes.

    `weak` is a Python number, which takes the dtype of the arrays beside it.
    """

    __slots__ = ("name", "shape", "dtype", "value", "weak")

    def __init__(self, example: Any, name: str = "", value: Any = None) -> None:
        array = numpy.asarray(example)
        self.shape, self.dtype = array.shape, array.dtype
        self.name, self.value = name, value
        self.weak = type(example) in (bool, int, float, complex)

    @property
    def size(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)

    def like(self, shape: tuple[int, ...] | None = None) -> "Variable":
        """Another variable of this dtype, and of this shape unless told."""
        shape = self.shape if shape is None else shape
        return Variable(numpy.broadcast_to(numpy.zeros((), self.dtype), shape))

    def __repr__(self) -> str:
        return f"<variable {self.name} of shape {self.shape} and dtype {self.dtype}>"


class Line(NamedTuple):
    """One operation: the variables that it makes, of which operands.

    `name` is that of Python's operator module for signs and brackets, "mul" and "getitem", else of
    a function of NumPy's by its path, "np.linalg.inv", or of the helpers of `printing`.
    """

    made: tuple[Variable, ...]
    name: str
    args: tuple[Any, ...]
    params: dict[str, Any]

    def operands(self) -> Iterator[Variable]:
        """Those of the operands that are variables, one by one."""
        return variables((self.args, self.params))


def same(x: Any, y: Any) -> bool:
    """Whether two arrays have the same bytes."""
    return x.tobytes() == y.tobytes()


def variables(tree: Any) -> Iterator[Variable]:
    """The variables in nested arguments."""
    if type(tree) is Variable:
        yield tree
    elif isinstance(tree, dict):
        yield from variables(list(tree.values()))
    elif isinstance(tree, (list, tuple)):
        for x in tree:
            yield from variables(x)
    elif type(tree) is slice:
        yield from variables((tree.start, tree.stop, tree.step))


def replaced(tree: Any, change: Callable[[Any], Any]) -> Any:
    """Nested arguments with every leaf changed."""
    if isinstance(tree, dict):
        return {key: replaced(x, change) for key, x in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [replaced(x, change) for x in tree]
        kind: Any = type(tree)
        return kind._make(parts) if "_fields" in dir(kind) else kind(parts)
    if type(tree) is slice:
        return slice(*(replaced(x, change) for x in (tree.start, tree.stop, tree.step)))
    return change(tree)


class Program:
    """Inputs, lines and outputs; `given` are the inputs that are arguments, which do not change."""

    def __init__(self, inputs: list[Variable], lines: list[Line], outputs: list[Any],
                 given: Collection[Variable] = ()) -> None:
        self.inputs, self.lines, self.outputs, self.given = inputs, lines, outputs, given
        self.copies: dict[int, tuple[Any, Any]] = {}    # of arrays that became part of it

    def copy(self, x: Any) -> Any:
        """An array as it is now, whatever is written to it later."""
        kept = self.copies.get(id(x))
        if kept is None or not same(kept[1], x):
            kept = self.copies[id(x)] = x, x.copy()     # with x, whose id is then its own
        return kept[1]

    def pruned(self) -> "Program":
        """The same program without lines that no output depends on."""
        needed, lines = set(variables(self.outputs)), []
        for line in reversed(self.lines):
            if needed & set(line.made):
                needed |= set(line.operands())
                lines.append(line)
        return Program(self.inputs, lines[::-1], self.outputs)
