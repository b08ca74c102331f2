"""A lowered program: its loops as one function that Numba compiles, over memory planned beforehand.

Memory of results that nobody asked for is shared by what is not needed at the same time.
"""

import re
import warnings
from functools import partial
from math import prod
from typing import Any

import numpy

from ...errors import GraphError
from .. import machine
from ..printing import function_of, wrapped
from ..program import Line, Program, Variable, replaced
from . import cache
from .lowering import Lowering, NotLowered
from .memory import Root, aligned, planned, strided
from .steps import Call, Loop, Product
from .team import helpful, office
from .text import INDICES, SHARE, LoopSource, Names, product_source, together
from .threads import one_is_enough, one_thread

TEAM = ["desk", "me", "team"]           # what a function that a team runs takes beside its memory
OWN = {*TEAM, *INDICES, "first", "last", "who", "total"}
LONG = 200                              # lines of a function, or of a program in one function


class Lowered:
    """A function of the inputs of a program that returns its outputs.

    Raises NotLowered for what is neither loop nor product.
    """

    def __init__(self, program: Program, name: str, kept: dict[Variable, Variable]) -> None:
        for x in program.inputs:
            x.name = free(x.name, {y.name for y in program.inputs if y is not x})
        self.program, self.kept = program, kept
        self.lowering = lowering = self._lowered()
        names = Names(lowering)
        self.loops = {k: LoopSource(names, k) for k, step in enumerate(lowering.steps)
                      if isinstance(step, Loop)}
        for loop in self.loops.values() if self.team else ():
            loop.share(self.team)
        self.outputs: list[Root] = []
        self.packed: dict[str, list[Variable]] = {}     # numbers that come out, in one array each
        self._name_memory()
        self.sizes = planned(lowering.roots)
        self.arenas: list[list[Any]] = []
        self.numbers = [x for x in program.outputs if x not in lowering.places]
        self.numbers += [x for packed in self.packed.values() for x in packed]
        self.words = [*self.sizes, *(lowering.places[x].root.name for x in lowering.inputs),
                      *(root.name for root in self.outputs), *self.packed,
                      *(x.name for x in lowering.program.inputs if x.weak),
                      *(lowering.places[x].root.name for x in lowering.called)]
        self.parts = self._parts(name, names)
        self.source = "\n\n".join(part for part in self.parts if isinstance(part, str))
        self.constants = [numpy.ascontiguousarray(x.value).reshape(-1)
                          for x in lowering.inputs if x.value is not None]
        self.sizes_out = [(root.size, root.dtype) for root in self.outputs]
        self.sizes_out += [(len(packed), packed[0].dtype) for packed in self.packed.values()]
        self.takers = [self._taker(x) for x in program.outputs]
        self.compiled = [self._compiled(part) if isinstance(part, str) else (part, [])
                         for part in self.parts]
        whole = len(self.compiled) == 1 and self.compiled[0][1] == self.words
        self.function = self.compiled[0][0] if whole else None

    def _lowered(self) -> Lowering:
        """The steps; how many share them, and whether BLAS does better with one thread."""
        program, kept = self.program, self.kept
        try:
            found = Lowering(program, kept, calls=len(program.lines) > LONG)
        except NotLowered:
            found = Lowering(program, kept, calls=True)
        products = [prod(step.x.shape) * step.z.shape[1]
                    for step in found.steps if isinstance(step, Product)]
        self.small = one_is_enough(products)
        self.team = helpful(products, [prod(step.shape) for step in found.steps
                                       if isinstance(step, Loop)])
        if self.team and not found.calls:           # who does not compute a number reads it
            found = Lowering(program, kept, calls=True)
        return found

    def _name_memory(self) -> None:
        lowering = self.lowering
        for x in lowering.program.outputs:
            if x not in lowering.places or (root := lowering.places[x].root).name:
                continue
            if x.weak:
                root.name = f"n{root.dtype.str[1:]}"
                root.offset = len(self.packed.setdefault(root.name, []))
                self.packed[root.name].append(x)
            else:
                root.name = f"out{len(self.outputs)}"
                self.outputs.append(root)

    def _parts(self, name: str, names: Names) -> list[Any]:
        """Functions as text, with calls of NumPy between them."""
        lowering = self.lowering
        parts: list[Any] = [[]]
        for k, step in enumerate(lowering.steps):
            if isinstance(step, Call):
                parts += [step, []]
                continue
            if lowering.calls and sum(map(len, parts[-1])) > LONG:
                parts.append([])                    # Numba takes too long for what is longer
            parts[-1] += (self.loops[k].source() if k in self.loops
                          else [product_source(lowering, step, self.team > 0)])
        for x, y in lowering.copies:
            old, new = lowering.places[x].root, lowering.places[y]
            if not new.plain or new.root.first < 0:
                raise NotLowered("an output that is a view of what changes")
            parts[-1].append([f"{old.name}[:] = {new.root.name}[{new.root.offset}:"
                              f"{new.root.offset + new.root.size}]"])
        numbers = [x for x in self.numbers if x not in lowering.places]
        end = f"return ({''.join(f'{names.new(x)}, ' for x in numbers).strip()})"
        several = len(parts) > 1
        return [part if isinstance(part, Call) else self._function(
            f"{name}_{i}" if several else name, part, end if part is parts[-1] else "return ()")
            for i, part in enumerate(parts) if part or part is parts[-1]]

    def _function(self, name: str, steps: list[list[str]], end: str) -> str:
        """The text of a function of what it uses."""
        shared = any(step[0].startswith(SHARE) for step in steps)
        body = together(steps, end) if shared else [*(x for step in steps for x in step), end]
        used = set(re.findall(r"\w+", " ".join(body)))
        words = ", ".join(x for x in (*self.words, *TEAM) if x in used)
        return "\n".join([wrapped(f"def {name}(", words, "):"), *(f"    {x}" for x in body), ""])

    def run(self, numbers: list[Any]) -> list[Any]:
        """The outputs, new arrays and numbers; None for those that are in place of an input."""
        arrays = [x if x.flags.carray else numpy.array(x, order="C")
                  for x, y in zip(numbers, self.program.inputs) if not y.weak]
        flat = [x.reshape(-1) for x in arrays]
        outs, found = self.call(flat, [x for x, y in zip(numbers, self.program.inputs) if y.weak])
        return [None if take is None else take(flat, outs, found) for take in self.takers]

    def call(self, flat: list[Any], weak: list[Any]) -> tuple[list[Any], Any]:
        """Run over flat arrays and numbers: new arrays, and the numbers that came out."""
        arena = self.arenas.pop() if self.arenas else self.arena()
        outs = [numpy.empty(size, dtype) for size, dtype in self.sizes_out]
        memory, made = [*arena, *flat, *self.constants, *outs], list[Any]()
        if self.small and self.function:
            with one_thread:
                found = self.function(*memory, *weak)
        elif self.function:
            found = self.function(*memory, *weak)
        else:
            found, made = self._run_parts(dict(zip(self.words, [*memory, *weak])))
        self.arenas.append(arena)
        if self.packed:
            found, n = [*found], len(self.outputs)
            for packed in outs[n:]:
                found += packed.tolist()
            outs = outs[:n]
        return outs + made, found

    def _run_parts(self, memory: dict[str, Any]) -> tuple[Any, list[Any]]:
        """Run functions and calls in turn: the last one's numbers, and what the calls made."""
        found: Any = ()
        for part, words in self.compiled:
            if isinstance(part, Call):
                for x, made in zip(part.line.made, self._called(part.line, memory), strict=True):
                    memory[self.lowering.places[x].root.name] = made
            else:
                found = part(*[memory[word] for word in words])
        return found, [memory[self.lowering.places[x].root.name] for x in self.lowering.called]

    def _called(self, line: Line, memory: dict[str, Any]) -> list[Any]:
        """The results of a line that NumPy computes, as flat memory."""
        def number(x: Any) -> Any:
            if type(x) is not Variable:
                return x
            if x not in self.lowering.places:
                return memory[x.name]
            place = self.lowering.places[x]
            array = strided(memory[place.root.name][place.root.offset:], place)
            return array.item() if x.weak else array

        made = function_of(line.name)(*replaced(line.args, number), **replaced(line.params, number))
        made = made if isinstance(made, (tuple, list)) else (made,)
        if [numpy.shape(x) for x in made] != [x.shape for x in line.made]:
            raise GraphError(f"{line.name} in a compiled function gave another shape than when it "
                             "was traced", "a program has one shape: let numbers not decide it")
        return [numpy.array(x, x.dtype, order="C").reshape(-1) for x in map(numpy.asarray, made)]

    def _compiled(self, text: str) -> tuple[Any, list[str]]:
        """The machine code of a part, and what it takes."""
        name = text[4:text.index("(")]
        dtypes = {root.name: root.dtype for root in self.lowering.roots}
        weak = {x.name: x.dtype.name for x in self.program.inputs if x.weak}
        words = text[text.index("(") + 1:text.index(")")].replace(",", " ").split()
        shared = words[-len(TEAM):] == TEAM
        words = words[:-len(TEAM)] if shared else words
        kinds = [weak.get(x) or dtypes[x] for x in words]
        if not shared:
            return cache.compiled(text, name, kinds), words
        made = cache.compiled(text, name, [*kinds, numpy.dtype(int), "int64", "int64"])
        return partial(office.run, self.team, made), words

    def _taker(self, x: Variable) -> Any:
        """What finds an output after a run; None where it is in place of an input."""
        places = self.lowering.places
        if any(y is x and z in places for z, y in self.kept.items()):
            return None
        if x in self.numbers:
            i = self.numbers.index(x)
            if x.weak:
                return lambda flat, outs, found: found[i]
            return lambda flat, outs, found: x.dtype.type(found[i])
        place = places[x]
        arrays = [places[y].root for y in self.lowering.inputs if y.value is None]
        made = [*self.outputs, *(places[y].root for y in self.lowering.called)]
        if place.root in made:
            i = made.index(place.root)
            if not x.shape:
                return lambda flat, outs, found: (
                    outs[i][place.offset].item() if x.weak else outs[i][place.offset])
            if place.plain:
                return lambda flat, outs, found: outs[i].reshape(x.shape)
            return lambda flat, outs, found: strided(outs[i], place)
        if place.root in arrays:
            i = arrays.index(place.root)
            return lambda flat, outs, found: strided(flat[i], place)
        constants = [places[y].root for y in self.lowering.inputs if y.value is not None]
        value = self.constants[constants.index(place.root)]
        return lambda flat, outs, found: strided(value, place).copy()

    def arena(self) -> list[Any]:
        """Memory for one run."""
        return [aligned(size, dtype) for dtype, size in self.sizes.items()]


def lowered(program: Program, name: str, kept: dict[Variable, Variable]) -> Lowered | None:
    """A program as loops; None where Numba is missing, or it is of more than loops and products."""
    if not machine.available():
        return None
    from numba.core.errors import NumbaError

    try:
        return Lowered(program, free(name, set()) if name.isidentifier() else "program", kept)
    except NotLowered:
        return None
    except NumbaError as error:
        warnings.warn(f"Numba does not compile {name}, which runs over NumPy: {error}",
                      RuntimeWarning, stacklevel=2)
        return None


def free(name: str, others: set[str]) -> str:
    """A name that means nothing else in a source of loops."""
    while name in cache.names() or name in OWN or name in others or re.fullmatch(
            r"(v|c|r|out)\d+(_\w+)?|n?[fib][148]", name):
        name = f"_{name}"
    return name
