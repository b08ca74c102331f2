"""A program as Python that people read and that runs, debuggers and tracebacks included.

What is used once stands inside the line that uses it.
"""

import functools
import itertools
import linecache
import operator
import textwrap
import weakref
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import numpy

from ..kinds import strong_zero
from ..storage import indexing, numpy_storage as np, scalars
from ..symbol import ATOM, PRODUCT, SIGN, SUM, Symbol, text
from . import floats
from .program import Line, Program, Variable, replaced, variables

LOWEST, POWER = 1, floats.POWER             # comparisons and the like; powers
INFIX = {"add": ("+", SUM), "sub": ("-", SUM), "mul": ("*", PRODUCT), "truediv": ("/", PRODUCT),
         "floordiv": ("//", PRODUCT), "mod": ("%", PRODUCT), "matmul": ("@", PRODUCT),
         "pow": ("**", POWER), **{name: (sign, LOWEST) for name, sign in {
             "and": "&", "or": "|", "xor": "^", "lshift": "<<", "rshift": ">>", "lt": "<",
             "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items()}}
PREFIX = {"neg": "-", "pos": "+", "invert": "~"}
REDUCTIONS = {f"np.{name}" for name in ("sum", "prod", "max", "min", "mean", "any", "all")}
WIDE = 72                                   # an expression longer than this gets a line of its own
_count = itertools.count().__next__


def put(x: Any, index: Any, values: Any) -> Any:
    """x with x[index] = values."""
    return indexing.setitem(np, x, values, index)


def added(x: Any, index: Any, values: Any) -> Any:
    """x with the values added at the index; repeated places add up."""
    result = x.copy()
    np.add.at(result, index, values)
    return result


SCOPE = {name: x for name, x in vars(scalars).items() if name[0] != "_"}
SCOPE |= {"np": np, "inf": np.inf, "nan": np.nan, "put": put, "added": added,
          "strong_zero": strong_zero, "power": scalars.pow}


def function_of(name: str) -> Callable[..., Any]:
    """What computes a line of this name."""
    if name in INFIX or name in PREFIX or name == "getitem":
        return getattr(operator, {"and": "and_", "or": "or_"}.get(name, name))
    first, *rest = name.split(".")
    return functools.reduce(getattr, rest, SCOPE[first])


class Printer:
    """Names for the variables of a program, and what each line says.

    `exact`: with functions for the operators of floats that raise in Python.
    """

    def __init__(self, program: Program, name: str, exact: bool) -> None:
        self.program, self.name, self.exact = program, name, exact
        self.constants: dict[str, Any] = {}             # what the text takes from its scope
        self.names: dict[int, Symbol] = {}              # of constant arrays, by identity
        self.words = {x: Symbol(x.name) for x in program.inputs}
        self.numbers: defaultdict[str, Any] = defaultdict(itertools.count)
        self.uses = Counter(x for line in program.lines for x in line.operands())
        self.uses.update(2 * list(variables(program.outputs)))
        self.inlined: set[Variable] = set()             # what stands inside a later line

    def source(self) -> str:
        """The whole function."""
        body = [said for line in self.program.lines for said in self.line(line)]
        results = [shown(replaced(x, self.word)) for x in self.program.outputs]
        names = ", ".join(x.name for x in self.program.inputs)
        end = ", ".join(results) + ("," if len(results) == 1 else "")
        return "\n".join([wrapped(f"def {self.name}(", names, "):"), *(
            f"    {said}" for said in body), wrapped("    return (", end, ")"), ""])

    def line(self, line: Line) -> Iterator[str]:
        """The lines of an operation; none where its result stands inside a later one."""
        said = self.said(line)
        inside = [x for x in line.operands() if x in self.inlined]
        while len(said.text) > WIDE and inside:             # then the longest stands alone
            longest = max(inside, key=lambda x: len(self.words[x].text))
            inside = [x for x in inside if x is not longest]
            yield self.named((longest,), self.words[longest])
            said = self.said(line)
        if len(line.made) == 1 and self.uses[line.made[0]] < 2 and len(said.text) <= WIDE:
            self.words[line.made[0]] = said
            self.inlined.add(line.made[0])
        else:
            yield self.named(line.made, said)

    def named(self, made: tuple[Variable, ...], said: Symbol) -> str:
        """A line that gives results their names."""
        for x in made:
            self.words[x] = Symbol(f"v{next(self.numbers['v'])}")
            self.inlined.discard(x)
        return f"{', '.join(self.words[x].text for x in made)} = {said.text}"

    def said(self, line: Line) -> Symbol:
        """The expression of a line."""
        args = [replaced(x, self.word) for x in line.args]
        infix = INFIX.get(line.name) or (None if self.exact else floats.infix(line))
        if infix:
            sign, binding = infix
            x = text(args[0], binding + (binding == LOWEST))
            return Symbol(f"{x} {sign} {text(args[1], binding + 1)}", binding)
        if line.name in PREFIX:
            return Symbol(f"{PREFIX[line.name]}{text(args[0], SIGN)}", SIGN)
        if line.name == "getitem":
            return Symbol(f"{text(args[0], ATOM)}[{bracketed(args[1])}]")
        words = [*map(shown, args), *(
            f"{key}={shown(replaced(x, self.word))}" for key, x in line.params.items()
            if not ((key == "keepdims" and x is False) or (key == "axis" and x is None
                    and line.name in REDUCTIONS)))]
        return Symbol(f"{floats.CALLED.get(line.name, line.name)}({', '.join(words)})")

    def word(self, x: Any) -> Any:
        """A leaf of the arguments as what prints it: variables and arrays are symbols."""
        if type(x) is Variable:
            if x not in self.words:                     # a constant
                self.words[x] = self.word(x.value.item() if x.weak else x.value)
            return self.words[x]
        if isinstance(x, numpy.dtype) or (isinstance(x, type) and issubclass(x, numpy.generic)):
            return Symbol(f"np.{numpy.dtype(x).name}")
        if isinstance(x, (numpy.ndarray, numpy.generic)):
            if id(x) not in self.names:
                name = f"c{next(self.numbers['c'])}"
                self.names[id(x)], self.constants[name] = Symbol(name), x
            return self.names[id(x)]
        return x


def shown(x: Any) -> str:
    """Nested arguments as text."""
    if isinstance(x, tuple):
        return f"({', '.join(map(shown, x))}{',' if len(x) == 1 else ''})"
    if isinstance(x, list):
        return f"[{', '.join(map(shown, x))}]"
    if isinstance(x, dict):
        return f"{{{', '.join(f'{key!r}: {shown(value)}' for key, value in x.items())}}}"
    if type(x) is slice:
        return f"slice({shown(x.start)}, {shown(x.stop)}, {shown(x.step)})"
    return text(x) if isinstance(x, Symbol) else repr(x)


def wrapped(begin: str, words: str, end: str) -> str:
    """Words between brackets, on as many lines as they need."""
    return textwrap.fill(begin + words + end, 100, break_long_words=False,
                         subsequent_indent=" " * len(begin))


def bracketed(index: Any) -> str:
    """An index as it stands between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(map(bracketed, index)) + ("," if len(index) == 1 else "")
    if type(index) is slice:
        ends = ["" if x is None else shown(x) for x in (index.start, index.stop)]
        return ":".join(ends) + ("" if index.step is None else f":{shown(index.step)}")
    return "..." if index is Ellipsis else shown(index)


def function(program: Program, name: str, exact: bool = False) -> Callable[..., Any]:
    """A program as a function of its inputs; `inspect.getsource` and tracebacks show its text."""
    printer = Printer(program, name if name.isidentifier() else "program", exact)
    return executed(printer.source(), printer.name, f"<compiled {name} {_count()}>",
                    {**SCOPE, **printer.constants})


def executed(source: str, name: str, file: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` of a source; its text is known under `file` for as long as it lives."""
    exec(compile(source, file, "exec"), scope)
    made: Callable[..., Any] = scope[name]
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    weakref.finalize(made, linecache.cache.pop, file, None)
    return made
