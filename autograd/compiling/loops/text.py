"""Steps of a lowered program as Python: loops over flat memory that Numba compiles and people read.
"""

from collections import Counter
from typing import Any

import numpy

from ...symbol import Symbol, text
from ..program import Line, Variable
from .elements import STARTS, called, converted, literal
from .lowering import Loop, Lowering, Product
from .memory import Place, matrix

INDICES = "ijklmnop"
WIDE = 60                               # an expression longer than this gets a line of its own
UPDATES: dict[str, Any] = {
    "sum": called("plus"), "mean": called("plus"), "prod": called("times"),
    "max": called("maximum"), "min": called("minimum"),
    "any": lambda x, y: Symbol(f"{x} | {text(y, 2)}"),
    "all": lambda x, y: Symbol(f"{x} & {text(y, 2)}")}


class Names:
    """What single numbers are called, and where elements of arrays stand."""

    def __init__(self, lowering: Lowering) -> None:
        self.lowering = lowering
        self.known = {x: Symbol(x.name) for x in lowering.program.inputs if x.weak}
        self.count = 0

    def new(self, x: Variable) -> Symbol:
        """A name for x, the same for as long as nobody else is called so."""
        if x not in self.known:
            self.known[x] = Symbol(f"v{self.count}")
            self.count += 1
        return self.known[x]

    @staticmethod
    def at(place: Place, strides: list[int]) -> Symbol:
        """The element of a place at the indices of a loop."""
        first = place.root.offset + place.offset
        terms = [i if s == 1 else f"{s} * {i}" for i, s in zip(INDICES, strides) if s]
        said = " + ".join([str(first)] * (first > 0 or not terms) + terms)
        return Symbol(f"{place.root.name}[{said}]")


class LoopSource:
    """One loop as text: what is computed at which depth of the nest."""

    def __init__(self, names: Names, k: int) -> None:
        self.names, self.k, self.lowering = names, k, names.lowering
        step: Any = self.lowering.steps[k]
        self.step: Loop = step
        self.lines = self._needed()
        lines = [line for line, _ in self.lines] + [line for line, *_ in step.reductions]
        self.uses = Counter(x for line in lines for x in line.operands())
        self.loads = [x for x in self.uses if self.lowering.element.get(x) != k
                      and x in self.lowering.places]
        self.stores = [line.made[0] for line, _ in self.lines
                       if line.made[0] in self.lowering.places]
        self.uses.update(2 * self.stores)
        places = self.lowering.places
        own = [places[x].along(step.shape) for x in (*self.loads, *self.stores)]
        own += [_along(step.shape, axes) for *_, axes in step.reductions]
        self.sizes, strides = merged(step.shape, own)
        self.strides = dict(zip((*self.loads, *self.stores), strides))
        self.sums = strides[len(self.loads) + len(self.stores):]
        self.depth = {x: depth(self.strides[x]) for x in self.loads}
        n = len(self.sizes)
        self.before: list[list[str]] = [[] for _ in range(n + 1)]
        self.after: list[list[str]] = [[] for _ in range(n + 1)]
        self.words: dict[Variable, Symbol] = {}

    def _needed(self) -> list[Any]:
        """The lines that something here or elsewhere depends on."""
        needed = {x for line, *_ in self.step.reductions for x in line.operands()}
        lines = []
        for line, write in reversed(self.step.lines):
            z = line.made[0]
            if z in needed or z in self.lowering.places or not z.shape:
                needed.update(line.operands())
                lines.append((line, write))
        return lines[::-1]

    def source(self) -> list[str]:
        """The lines of the loop; what a reduction over leading axes begins with comes before."""
        n = len(self.sizes)
        for x in self.loads:
            self._say(x, self.names.at(self.lowering.places[x], self.strides[x]), self.depth[x])
        for line, write in self.lines:
            z, words = line.made[0], [self._word(x) for x in line.args]
            self.depth[z] = max([self.depth.get(x, 0) for x in line.operands()], default=0)
            self._say(z, write(words), self.depth[z])
        fills = [said for (line, name, _), strides in zip(self.step.reductions, self.sums)
                 for said in self._reduce(line, name, strides)]
        for x in self.stores:
            at = self.names.at(self.lowering.places[x], self.strides[x])
            self.before[n].append(f"{at} = {self.words[x]}")
        return fills + nest(self.sizes, self.before, self.after)

    def _say(self, x: Variable, said: Symbol, deep: int) -> None:
        """Give an expression its name, or let it stand inside the only one that uses it."""
        if self.uses[x] == 1 and x.shape and len(said.text) < WIDE and deep == len(self.sizes):
            self.words[x] = said
        else:
            self.words[x] = self.names.new(x)
            self.before[deep].append(f"{self.words[x]} = {said}")

    def _word(self, x: Any) -> Symbol:
        """An operand by its name or expression, or a number."""
        if type(x) is not Variable:
            return Symbol(repr(x))
        return self.words[x] if x in self.words else self.names.new(x)

    def _reduce(self, line: Line, name: str, strides: list[int]) -> list[str]:
        """Write a reduction into the nest; what has to come before it is returned.

        Sums over inner axes are of doubles, those over outer ones add row to row, as NumPy's.
        """
        z, x, n = line.made[0], line.args[0], len(self.sizes)
        place = self.lowering.places.get(z)
        deep = depth(strides)
        inner = all(strides[:deep])                     # what is reduced are the inner axes
        wide = numpy.dtype(float) if inner and name in ("sum", "mean") and (
            z.dtype.kind == "f") else z.dtype
        value = converted(self._word(x), x, wide)
        start = literal(STARTS[name], wide)
        target = self.names.at(place, strides) if place else self.names.new(z)
        total = Symbol(f"{self.names.new(z)}_{name}") if inner else target
        self.before[n].append(f"{total} = {UPDATES[name](total, value)}")
        result = total if wide == z.dtype else called(str(z.dtype))(total)
        if name == "mean":
            result = result / literal(x.size / max(z.size, 1), z.dtype)
        if inner:
            self.before[deep].insert(0, f"{total} = {start}")
            self.after[deep].append(f"{target} = {result}")
            return []
        kept = [size for size, s in zip(self.sizes, strides) if s]
        at = self.names.at(place, [s for s in strides if s])    # type: ignore[arg-type]
        if name == "mean":
            self.after[0] += nest(kept, [*([] for _ in kept), [f"{at} = {at} / "
                                  f"{literal(x.size / max(z.size, 1), z.dtype)}"]])
        return nest(kept, [*([] for _ in kept), [f"{at} = {start}"]])


def _along(shape: tuple[int, ...], axes: tuple[int, ...]) -> list[int]:
    """The strides of a reduction's result along a loop: 0 along what is reduced."""
    strides, found = 1, []
    for i, size in reversed(list(enumerate(shape))):
        found.append(0 if i in axes or size == 1 else strides)
        strides *= 1 if i in axes else size
    return found[::-1]


def depth(strides: list[int]) -> int:
    """How many loops an element depends on, the outermost first."""
    return max([i + 1 for i, s in enumerate(strides) if s], default=0)


def merged(shape: tuple[int, ...], strides: list[list[int]]) -> tuple[list[int], list[list[int]]]:
    """Axes of a loop made one where all that is read and written runs through them in one go."""
    sizes: list[int] = []
    found: list[list[int]] = [[] for _ in strides]
    for axis, size in enumerate(shape):
        if size == 1:
            continue
        here = [s[axis] for s in strides]
        if sizes and all(f[-1] == s * size for f, s in zip(found, here)):
            sizes[-1] *= size
            for f, s in zip(found, here):
                f[-1] = s
        else:
            sizes.append(size)
            for f, s in zip(found, here):
                f.append(s)
    return sizes, found


def nest(sizes: list[int], before: list[list[str]], after: list[list[str]] | None = None
         ) -> list[str]:
    """Loops inside loops: what is done in each before and after those inside it."""
    lines: list[str] = []
    for d, said in enumerate(before):
        lines += ["    " * d + line for line in said]
        if d < len(sizes):
            lines.append("    " * d + f"for {INDICES[d]} in range({sizes[d]}):")
    for d in reversed(range(len(after or ()))):
        lines += ["    " * d + line for line in after[d]]           # type: ignore[index]
    return lines


def product_source(lowering: Lowering, step: Product) -> str:
    """A product as a call of BLAS."""
    x, y, z = (lowering.places[a] for a in step)
    (m, k), n = step.x.shape, step.y.shape[1]
    where = ", ".join(f"{p.root.name}, {p.root.offset + p.offset}" for p in (x, y, z))
    name = f"{'t_' * matrix(x)[0]}product{'_t' * matrix(y)[0]}"
    return f"{name}({where}, {m}, {k}, {n})"
