"""To lower a program is to turn operations on arrays into loops and products over planned memory.

What is computed number by number joins a loop of its shape that is there already, reductions too,
so that a chain of operations passes over memory once. Views are no work: they are strides.
"""

from math import prod
from typing import Any

import numpy

from ..printing import function_of
from ..program import Line, Program, Variable
from ..tidying import VIEWS
from .elements import COMPARISONS, DTYPES, LOGIC, QUESTIONS, element, reduction
from .memory import Place, Root, matrix
from .steps import Call, Loop, Product, transposed_products

SUMS = {"add", "sub", "mul"}            # as good as free where one operand is small, a bias say
FREE = {*COMPARISONS, *LOGIC, "np.where", "neg", "np.maximum", "np.minimum", "np.astype", "np.abs",
        *SUMS, *(f"np.{name}" for name in (*LOGIC, *QUESTIONS))}
FILLS = {"np.reshape", "np.broadcast_to", "np.expand_dims"}


SMALL = 4096                            # numbers that a loop may go through for nothing
SWITCH = 10                             # µs to call NumPy between loops; a line of it takes 1


class NotLowered(Exception):
    """A program that is not for loops, or not for loops alone, and why."""


class Lowering:
    """The steps of a program, and where each variable is.

    `kept` are inputs whose memory becomes that of an output: what a training step changes in place.
    Without `calls`, what is neither loop nor product is refused: NotLowered. With them, single
    numbers have memory too, as several functions need them.
    """

    def __init__(self, program: Program, kept: dict[Variable, Variable], calls: bool) -> None:
        self.program, self.calls = transposed_products(program), calls
        self.steps: list[Loop | Product | Call] = []
        self.called: list[Variable] = []                # results of calls
        self.ready: dict[Variable, int] = {}            # the first step that may read it in memory
        self.element: dict[Variable, int] = {}          # the loop that computes it
        self.line: dict[Variable, Line] = {}            # how
        self.again: dict[tuple[Variable, int], Variable] = {}   # what a later loop computes anew
        self.places: dict[Variable, Place] = {}
        self.roots: list[Root] = []
        self.inputs: list[Variable] = []                # arrays, constants among them
        self.constants: dict[int, Variable] = {}
        for x in program.inputs:
            self._input(x)
        for line in self.program.lines:
            self._add(line)
        for x in program.outputs:
            if x.value is not None and x not in self.ready:
                self._input(x)
            self._in_memory(x, x in kept.values())
        self._separate()
        self.copies = [(x, y) for x, y in kept.items()
                       if x in self.places and x is not y and not self._over(x, y)]
        loops = [step for step in self.steps if type(step) is Loop]
        switches = sum(type(step) is Call for step in self.steps)
        saved = sum((len(loop.lines) + len(loop.reductions)) * (1 + prod(loop.shape) / 1000)
                    for loop in loops)
        if not loops or switches * SWITCH > saved:
            raise NotLowered("NumPy is as fast")

    # -- steps -------------------------------------------------------------------------------------

    def _input(self, x: Variable) -> None:
        self.ready[x] = 0
        if not x.weak or x.value is not None:
            self._own(x)
            self.places[x].root.name = x.name if x.value is None else f"c{len(self.inputs)}"
            self.inputs.append(x)

    def _own(self, x: Variable) -> None:
        """Memory of its own for a variable."""
        if not x.size:
            raise NotLowered("an empty array")
        root = Root(x.shape, x.dtype, -1)
        self.roots.append(root)
        self.places[x] = Place(root, root.shadow)

    def _constant(self, x: Any) -> Any:
        """An array that stands in a program, as a variable."""
        if not isinstance(x, (numpy.ndarray, numpy.generic)):
            return x
        return self.constants.setdefault(id(x), Variable(x, value=numpy.asarray(x)))

    def _add(self, line: Line) -> None:
        if line.name != "getitem":
            line = line._replace(args=tuple(map(self._constant, line.args)))
        for x in line.operands():
            if x.value is not None and x not in self.ready:
                self._input(x)
        if line.name in VIEWS and self._view(line):
            return
        if line.name in FILLS and type(line.args[0]) is Variable and not line.args[0].shape:
            filled = line._replace(name="np.copy", args=line.args[:1], params={})
            line = filled if element(filled) else line
        if _long(line):
            raise NotLowered("ints of Python")
        if (found := reduction(line)) is not None:
            k = self._loop(line.args[0].shape, line)
            z, loop = line.made[0], self._step(k)
            loop.reductions.append((self._in(line, k), *found))
            self.ready[z] = k + 1
            if z.shape or self.calls:
                self._own(z)
        elif (write := element(line)) is not None:
            k = self._loop(line.made[0].shape, line)
            self._element(line, write, k)
        elif line.name == "matmul" and all(
                type(x) is Variable and len(x.shape) == 2 and x.dtype == line.made[0].dtype
                and x.dtype.kind == "f" for x in line.args):
            self._product(line)
        elif self.calls:
            self._call(line)
        else:
            raise NotLowered(line.name)

    def _call(self, line: Line) -> None:
        """Let NumPy compute a line."""
        k = len(self.steps)
        self.steps.append(Call(line))
        for x in line.operands():
            self._in_memory(x)
        for x in line.made:
            self.ready[x] = k + 1
            self._own(x)
            self.places[x].root.name = f"r{len(self.called)}"
            self.called.append(x)

    def _step(self, k: int) -> Any:
        return self.steps[k]

    def _element(self, line: Line, write: Any, k: int) -> None:
        """Let loop k compute a line, number by number."""
        line = self._in(line, k)
        self._step(k).lines.append((line, write))
        z = line.made[0]
        self.element[z], self.line[z], self.ready[z] = k, line, k + 1

    def _loop(self, shape: tuple[int, ...], line: Line) -> int:
        """The first loop of this shape which can compute a line; a new one if there is none."""
        after = max([self.element.get(x, self.ready[x]) for x in line.operands()], default=0)
        for k in range(after, len(self.steps)):
            step = self.steps[k]
            if type(step) is Loop and step.shape == shape:
                return k
        self.steps.append(Loop(shape))
        return len(self.steps) - 1

    def _in(self, line: Line, k: int) -> Line:
        """A line with operands as loop k has them: made there, read, or computed once more."""
        shape = self._step(k).shape

        def here(x: Any) -> Any:
            if type(x) is not Variable or self.element.get(x) == k:
                return x
            if x in self.line and x not in self.places and x.shape == shape and self._cheap(x):
                if (x, k) not in self.again:
                    new = self.again[x, k] = x.like()
                    before = self.line[x]
                    again = before._replace(made=(new,))
                    self._element(again, element(again), k)
                return self.again[x, k]
            self._in_memory(x)
            return x

        return line._replace(args=tuple(map(here, line.args)))

    def _cheap(self, x: Variable, depth: int = 3) -> bool:
        """Whether it is better computed once more than written down and read.

        That are a few lines as good as free, of what is in memory anyway.
        """
        line = self.line[x]
        return line.name in FREE and all(
            y in self.places or y.weak or (depth and y in self.line and self._cheap(y, depth - 1))
            for y in line.operands()) and (
                line.name not in SUMS or sum(y.size == x.size for y in line.operands()) < 2)

    def _in_memory(self, x: Variable, kept: bool = False) -> None:
        """Give x memory, as a step reads it there; one number is a local name, unless it is kept.
        """
        if x not in self.places and (x in self.element or not x.weak) and (
                x.shape or self.calls or kept):
            self._own(x)

    def _view(self, line: Line) -> bool:
        """Whether a line is only another way through the memory of its operand."""
        x, z = line.args[0], line.made[0]
        if (len(line.made) != 1 or any(y is not x for y in line.operands()) or not x.shape
                or x.dtype != z.dtype or x.dtype not in DTYPES):
            return False
        if x not in self.places:
            self._own(x)
        before = self.places[x]
        shadow = function_of(line.name)(before.shadow, *line.args[1:], **{
            key: value for key, value in line.params.items() if key != "dtype"})
        if not numpy.may_share_memory(shadow, before.root.shadow) or shadow.base is None:
            if line.name != "np.reshape":
                return False
            x = self._copied(x)                         # numbers in another order
            return self._view(line._replace(args=(x, *line.args[1:])))
        self.places[z] = Place(before.root, shadow)
        self.ready[z] = self.ready[x]
        return True

    def _copied(self, x: Variable) -> Variable:
        """The same numbers in memory of their own."""
        new = x.like()
        self._add(Line((new,), "np.copy", (x,), {}))
        self._in_memory(new)
        return new

    def _product(self, line: Line) -> None:
        x, y = line.args
        z = line.made[0]
        for a in (x, y):
            self._in_memory(a)
        x, y = (a if matrix(self.places[a]) else self._copied(a) for a in (x, y))
        k = len(self.steps)
        self.steps.append(Product(x, y, z))
        self._own(z)
        self.ready[z] = k + 1

    # -- memory ------------------------------------------------------------------------------------

    def _separate(self) -> None:
        """Make several loops of one whose lines have nothing in common; say when memory is read.

        Where all is small one loop costs least; else each stream of memory through a loop does.
        """
        self.steps = [part for step in self.steps for part in (
            step.parts() if type(step) is Loop and prod(step.shape) > SMALL else [step])]
        for k, step in enumerate(self.steps):
            for line in step.all_lines() if type(step) is Loop else ():
                for z in line.made:
                    if z in self.element:
                        self.element[z] = k
        for k, step in enumerate(self.steps):
            self._placed(k, step)
        for x in self.program.outputs:
            self._read(x, len(self.steps), False)

    def _placed(self, k: int, step: Any) -> None:
        """What step k writes, and what it reads."""
        lines = step.all_lines() if type(step) is Loop else []
        made = [z for line in lines for z in line.made]
        read = [x for line in lines for x in line.operands() if self.element.get(x) != k]
        if type(step) is Product:
            made, read = [step.z], [step.x, step.y]
        elif type(step) is Call:
            made, read = list(step.line.made), list(step.line.operands())
        for z in made:
            if z in self.places:
                self.places[z].root.first = k
        for x in read:
            self._read(x, k, type(step) is Loop and x.shape == step.shape)

    def _read(self, x: Variable, step: int, one_by_one: bool) -> None:
        """A step reads x, where it is in memory."""
        if x in self.places:
            place = self.places[x]
            reads = place.root.reads
            reads[step] = reads.get(step, True) and one_by_one and place.plain

    def _over(self, x: Variable, y: Variable) -> bool:
        """Whether output y can be written over input x: nobody reads that later or elsewhere."""
        old, new = (self.places[a].root if a in self.places else None for a in (x, y))
        if old is None or new is None:
            return old is new
        k = new.first
        if any(type(step) is Call for step in self.steps[k:]):
            return False                                # one that raises must leave all as it was
        read_later = any(step > k or (step == k and not one_by_one)
                         for step, one_by_one in old.reads.items())
        if (k < 0 or new.name or read_later or not self.places[y].plain
                or (x.shape, x.dtype) != (y.shape, y.dtype)):
            return False
        new.name = old.name
        return True


def _long(line: Line) -> bool:
    """Whether Python's ints may grow here beyond those of machines."""
    return line.made[0].weak and line.made[0].dtype.kind == "i" and line.name not in (
        "add", "sub", "neg", "pos", "abs")
