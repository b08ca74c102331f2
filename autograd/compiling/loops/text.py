"""Steps of a lowered program as Python: loops over flat memory that Numba compiles and people read.
"""

from collections import Counter
from itertools import groupby
from math import prod
from typing import Any

import numpy

from ...symbol import Symbol, text
from ..program import Line, Variable
from .elements import STARTS, called, converted, literal
from .lowering import Lowering
from .memory import Root, matrix
from .steps import Loop
from .team import EACH

INDICES = "ijklmnop"
SMALL = 20_000                          # numbers for which a team is not worth its while
MANY = 64                               # rows of a product, which are shared before its columns
FEW = 8                                 # an axis shorter than this is not shared
SHARE = "first, last = share"
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
    def at(root: Root, strides: list[int], offset: int = 0, who: str = "") -> Symbol:
        """The element of memory at the indices of a loop; of a share, at `who` in a team."""
        first = root.offset + offset
        terms = [i if s == 1 else f"{s} * {i}" for i, s in zip(INDICES, strides) if s]
        terms += [f"{root.shape[1]} * {who}" if root.shape[1] > 1 else who] if who else []
        said = " + ".join([str(first)] * (first > 0 or not terms) + terms)
        return Symbol(f"{root.name}[{said}]")


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
        self.shared: int | None = None          # the axis of which each in a team has a part
        self.partial: dict[Variable, Root] = {}         # memory of sums that go across it

    def share(self, team: int) -> None:
        """Let a team share the loop, where that is worth its while."""
        if prod(self.sizes) < SMALL:
            return
        axes = [d for d, size in enumerate(self.sizes) if size >= FEW and (
            d == 0 or all(s[d] for s in self.sums))]
        self.shared = axes[0] if axes else None
        for (line, name, _), strides in zip(self.step.reductions, self.sums):
            if self.shared == 0 and not strides[0]:
                z = line.made[0]
                root = self.partial[z] = Root((team, z.size), _wide(name, z, strides), self.k - 1)
                root.reads[self.k] = False
                self.lowering.roots.append(root)

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

    def source(self) -> list[list[str]]:
        """The lines of the loop, after them those that sum up what a team has summed.

        What a reduction over leading axes begins with comes before.
        """
        n = len(self.sizes)
        if not self.lines and not self.step.reductions:
            return []                           # others compute it where they need it
        for x in self.loads:
            self._say(x, self._at(x), self.depth[x])
        for line, write in self.lines:
            z, words = line.made[0], [self._word(x) for x in line.args]
            self.depth[z] = max([self.depth.get(x, 0) for x in line.operands()], default=0)
            self._say(z, write(words), self.depth[z])
        fills = [said for (line, name, _), strides in zip(self.step.reductions, self.sums)
                 for said in self._reduce(line, name, strides)]
        for x in self.stores:
            self.before[n].append(f"{self._at(x)} = {self.words[x]}")
        share = [] if self.shared is None else [said_share(self.sizes[self.shared])]
        last = [said for (line, name, _), strides in zip(self.step.reductions, self.sums)
                if line.made[0] in self.partial for said in self._summed(line, name, strides)]
        return [share + fills + nest(self.sizes, self.before, self.after, self.shared), last][
            :1 + bool(last)]

    def _at(self, x: Variable) -> Symbol:
        place = self.lowering.places[x]
        return self.names.at(place.root, self.strides[x], place.offset)

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
        place, partial = self.lowering.places.get(z), self.partial.get(z)
        root, who = (partial, "me") if partial else (place and place.root, "")
        deep, wide = depth(strides), _wide(name, z, strides)
        inner = all(strides[:deep])                     # what is reduced are the inner axes
        value = converted(self._word(x), x, wide)
        start = literal(STARTS[name], wide)
        target = self.names.at(root, strides, who=who) if root else self.names.new(z)
        total = Symbol(f"{self.names.new(z)}_{name}") if inner else target
        self.before[n].append(f"{total} = {UPDATES[name](total, value)}")
        if inner:
            self.before[deep].insert(0, f"{total} = {start}")
            result = total if partial else self._finished(line, name, total, wide)
            self.after[deep].append(f"{target} = {result}")
            return []
        assert root
        kept = [size for size, s in zip(self.sizes, strides) if s]
        shared = self.shared and sum(map(bool, strides[:self.shared]))
        shared = None if partial else shared
        at = self.names.at(root, [s for s in strides if s], who=who)
        if name == "mean" and not partial:
            self.after[0] += nest(kept, [*([] for _ in kept), [
                f"{at} = {self._finished(line, name, at, wide)}"]], shared=shared)
        return nest(kept, [*([] for _ in kept), [f"{at} = {start}"]], shared=shared)

    def _summed(self, line: Line, name: str, strides: list[int]) -> list[str]:
        """What makes one result of those of a team."""
        z, root = line.made[0], self.partial[line.made[0]]
        kept = [(size, s) for size, s in zip(self.sizes, strides) if s]
        own = [s for _, s in kept]
        first, other = (self.names.at(root, own, who=who) for who in ("", "who"))
        said = [f"total = {first}", "for who in range(1, team):",
                f"    total = {UPDATES[name](Symbol('total'), other)}"]
        result = self._finished(line, name, Symbol("total"), root.dtype)
        place = self.lowering.places[z]
        said.append(f"{self.names.at(place.root, own)} = {result}")
        return nest([size for size, _ in kept], [*([] for _ in kept), said])

    @staticmethod
    def _finished(line: Line, name: str, total: Symbol, wide: Any) -> Symbol:
        """The result of a reduction, in its dtype."""
        z, x = line.made[0], line.args[0]
        result = total if wide == z.dtype else called(str(z.dtype))(total)
        return result / literal(x.size / max(z.size, 1), z.dtype) if name == "mean" else result


def _wide(name: str, z: Variable, strides: list[int]) -> Any:
    """The dtype in which a reduction adds up."""
    wide = all(strides[:depth(strides)]) and name in ("sum", "mean") and z.dtype.kind == "f"
    return numpy.dtype(float) if wide else z.dtype


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


def nest(sizes: list[int], before: list[list[str]], after: list[list[str]] | None = None,
         shared: int | None = None) -> list[str]:
    """Loops inside loops: what is done in each before and after those inside it."""
    lines: list[str] = []
    for d, said in enumerate(before):
        lines += ["    " * d + line for line in said]
        if d < len(sizes):
            to = "first, last" if d == shared else sizes[d]
            lines.append("    " * d + f"for {INDICES[d]} in range({to}):")
    for d in reversed(range(len(after or ()))):
        lines += ["    " * d + line for line in after[d]]           # type: ignore[index]
    return lines


def together(steps: list[list[str]], end: str) -> list[str]:
    """The steps of a team: all meet after each; what is not shared, one of them does."""
    meet = "meet(desk, team)"
    lines = [f"if not {meet}:", f"    {end}"]
    for shared, several in groupby(steps, key=lambda step: step[0].startswith(SHARE)):
        some = list(several)
        if not shared:
            some = [["if me == 0:", *(f"    {line}" for step in some for line in step)]]
        lines += [line for step in some for line in (*step, meet)]
    return [*lines, end]


def said_share(size: int) -> str:
    """What one of a team does of so many."""
    return f"{SHARE}({size}, me, team)"


def product_source(lowering: Lowering, step: Any, team: bool) -> list[str]:
    """A product as a call of BLAS; of a team each has a share of the rows, or of the columns."""
    m, k = step.x.shape
    n = step.y.shape[1]
    rows = m >= min(n, MANY)                        # as loops share them: they stay in its cache
    shared = (m if rows else n) if team and m * k * n >= SMALL * EACH else 0
    begins, sizes = ["", "", ""], [m, k, n]
    places = [lowering.places[a] for a in step]
    orders = [order for order in map(matrix, places) if order]      # others were copied
    if shared:
        for i in (0, 2) if rows else (1, 2):
            turned, apart = orders[i]
            begins[i] = "first" if turned == rows else f"{apart} * first"
        sizes = ["last - first", k, n] if rows else [m, k, "last - first"]
    starts = [place.root.offset + place.offset for place in places]
    where = [f"{place.root.name}, {f'{begin} + {i}' if begin and i else begin or i}, {apart}"
             for place, begin, i, (_, apart) in zip(places, begins, starts, orders)]
    name = f"{'t_' * orders[0][0]}product{'_t' * orders[1][0]}"
    call = f"{name}({', '.join([*where, *map(str, sizes)])})"
    return [said_share(shared), call] if shared else [call]
