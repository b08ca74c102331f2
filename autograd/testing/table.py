"""The words for each operation: one row says how every library spells it, and where it is smooth.

A word is an expression such as "np.sum({x}, axis={axis})": what is evaluated is what is printed.
`np` stands for autograd.numpy, NumPy, jax.numpy and torch in turn, unless a library has a word of
its own, or None. Operands are {x}, {y}, {w}, or {xs} for any number; the rest is metadata.
"""

import importlib
import inspect
import math
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any

import numpy as np

from ..errors import ArgumentError, DefinitionError
from . import operands
from .homes import home
from .operands import Draw

Domain = tuple[float, float]
Word = str | Callable[..., Any] | None
PREFIX = {"autograd": "np.", "numpy": "np.", "complex": "np.", "torch": "torch.", "jax": "jnp."}
ENGINES = tuple(PREFIX)
IMPORTS: dict[str, str | dict[str, str]] = {    # what a name in a word stands for, by engine
    "np": {"autograd": "autograd.numpy", "numpy": "numpy", "complex": "numpy"},
    "jnp": "jax.numpy", "jax": "jax", "torch": "torch", "scipy": "scipy.special",
    "autograd": "autograd.numpy"}
ANYWHERE: Domain = (-math.inf, math.inf)


@dataclass(frozen=True)
class Row:
    """An operation: its words by engine, and per operand where it may lie and where it has kinks.

    `kinks` holds the numbers where an operand has a kink, or is a function of the operands that is
    0 there. `draw` chooses operands and metadata; `fix` names the safe map of operands outside.
    """

    name: str
    words: dict[str, Word]
    domain: tuple[Domain, ...]
    kinks: tuple[tuple[float, ...], ...] | Callable[..., Any]
    draw: Draw
    fix: str
    group: str
    pointwise: bool                     # is it defined on single numbers?

    def __hash__(self) -> int:
        return hash(self.name)

    def printed(self, engine: str, operands_: Sequence[str], params: dict[str, Any]) -> str:
        """The operation on variables, in the words of an engine."""
        word = self._word(engine)
        if not isinstance(word, str):
            called = [*operands_, *(f"{key}={value!r}" for key, value in params.items())]
            return f"{self.name}({', '.join(called)})"
        shown = {key: _subscript(value) if key == "index" else repr(value)
                 for key, value in params.items()}
        return word.format(**dict(zip("xyw", operands_)), xs=", ".join(operands_), **shown)

    def imports(self, engine: str) -> set[str]:
        """The lines that the words of an engine need."""
        word = self._word(engine)
        if not isinstance(word, str):
            found = home(word)
            if not found:
                where = "" if engine == "autograd" else f" in {engine}"
                return {f"# put here: {self.name} = the operation {self.name}{where}"}
            same = found[1] == self.name
            return {f"from {found[0]} import {found[1]}" + ("" if same else f" as {self.name}")}
        return {_import_line(name, engine) for name in _modules(word)}

    def _word(self, engine: str) -> Any:
        word = self.words.get(engine)
        if word is None:
            raise ArgumentError(f"{self.name} has no word in {engine}",
                                f'draw programs with engines=("{engine}",), which leave it out')
        return word

    def function(self, engine: str) -> Callable[..., Any]:
        """What computes the operation in an engine."""
        return _function(self, engine)

    def gap(self, args: Sequence[Any], params: dict[str, Any]) -> list[Any]:
        """What is 0 at the kinks, for each of them."""
        if callable(self.kinks):
            return [self.kinks(*args, **params)]
        return [x - kink for x, kinks in zip(args, self.kinks) for kink in kinks]


@cache
def _function(row: Row, engine: str) -> Any:
    word = row._word(engine)
    if not isinstance(word, str):
        return word
    fields = dict.fromkeys(name for _, name, _, _ in Formatter().parse(word) if name)
    plain = [name for name in fields if name in ("x", "y", "w")]
    first = "*xs" if "xs" in fields else ", ".join(sorted(plain, key=["x", "y", "w"].index))
    more = [name for name in fields if name not in (*plain, "xs")]
    body = word.format(**{name: "*xs" if name == "xs" else name for name in fields})
    signature = ", ".join([first, *(() if "xs" in fields or not more else "*"), *more])
    names: dict[str, Any] = {}
    for name in _modules(word):
        module = importlib.import_module(_module(name, engine))
        names[name] = sys.modules[name] if name in ("scipy", "autograd") else module
    return eval(f"lambda {signature}: {body}", names)


def _modules(word: str) -> list[str]:
    """The names of modules that a word uses."""
    return [name for name in IMPORTS if re.search(rf"(?<![.\w]){name}\.", word)]


def _module(name: str, engine: str) -> str:
    module = IMPORTS[name]
    return module if isinstance(module, str) else module[engine]


def _import_line(name: str, engine: str) -> str:
    module = _module(name, engine)
    return f"import {module}" + (f" as {name}" if name in ("np", "jnp") else "")


def _subscript(index: Any) -> str:
    """An index as it is written between brackets."""
    parts = index if isinstance(index, tuple) else (index,)
    shown = (":".join("" if n is None else str(n) for n in (
        (part.start, part.stop) if part.step is None else (part.start, part.stop, part.step)))
        if isinstance(part, slice) else "..." if part is ... else repr(part) for part in parts)
    return ", ".join(shown) or "()"


TABLE: dict[str, Row] = {}
ELEMENTWISE = ("without draw= it is drawn as elementwise: say what it takes, such as "
               "draw=operands.one(1, axis=operands.axis), operands from autograd.testing")


def register(op: Any, text: str | None = None, *, domain: Any = ANYWHERE, kinks: Any = (),
             draw: Draw | None = None, fix: str = "fit", group: str = "user",
             **words: Word) -> Row:
    """Add an operation, so that programs draw it: your own primitive or function, or a name.

    `domain` is (low, high), or one per operand; `kinks` the points where it has kinks, one tuple
    for all operands or one per operand, or a function of them and its metadata that is 0 there.
    `numpy=`, `complex=`, `torch=` and `jax=` are functions or expressions, as `text` is of a name;
    without `numpy` the operation is called on plain arrays. `draw`, of autograd.testing.operands,
    says what it takes (None: it is elementwise). Raises ArgumentError, and DefinitionError for a
    name that Python has not.
    """
    name = op if isinstance(op, str) else getattr(op, "name", None) or getattr(op, "__name__", "")
    if not str(name).isidentifier() or unknown(words):
        raise DefinitionError(f"register({name!r}) with words for {sorted(words)}",
                              f"name it as Python could; words are for {', '.join(ENGINES)}")
    own: Word = text if isinstance(op, str) else op
    if own is None:
        raise ArgumentError(f"register({name!r}), a name alone",
                            f"say what it computes: register({name!r}, 'np.{name}({{x}})')")
    count = _count(op if text is None else text)
    pairs = domain if _is_pairs(domain) else (domain,) * count
    if not callable(kinks) and len(_tuple(kinks)) and not isinstance(kinks[0], tuple):
        kinks = (tuple(kinks),) * len(pairs)
    if (len(pairs) != count and draw is None) or not all(map(_is_domain, pairs)):
        raise ArgumentError(f"domain={domain!r} of {name}, which takes {count} operands",
                            "give (low, high), or a tuple of one such pair for each operand")
    row = Row(str(name), _spelt(own, words),
              pairs if any(pair != ANYWHERE for pair in pairs) else (), kinks,
              draw or operands.elementwise(len(pairs)), fix, group,
              group in ("elementwise", "special") or draw is None)
    if group == "user" and draw is None:
        _must_be_elementwise(row, count)
    rows.cache_clear()
    TABLE[row.name] = row
    return row


def _spelt(own: Word, words: dict[str, Word]) -> dict[str, Word]:
    """The words of an operation in all engines, those given among them."""
    if not isinstance(own, str):
        return {"autograd": own, "numpy": own, **words}
    found: dict[str, Word] = {engine: re.sub(r"(?<![.\w])np\.", prefix, own)
                              for engine, prefix in PREFIX.items()}
    return {**found, "complex": words.get("numpy", found["complex"]), **words}


def _tuple(kinks: Any) -> Any:
    if not isinstance(kinks, (tuple, list)) or not all(
            isinstance(x, (int, float, tuple)) for x in kinks):
        raise ArgumentError(f"kinks={kinks!r}", "give a tuple of numbers, such as (0.5,), or a "
                            "function of the operands that is 0 there")
    return kinks


def _is_pairs(domain: Any) -> bool:
    return isinstance(domain, (tuple, list)) and len(domain) > 0 and isinstance(domain[0], tuple)


def _is_domain(pair: Any) -> bool:
    return (isinstance(pair, (tuple, list)) and len(pair) == 2
            and all(isinstance(x, (int, float)) for x in pair) and pair[0] < pair[1])


def _must_be_elementwise(row: Row, count: int) -> None:
    """Raise ArgumentError for what makes of two rows of three numbers something else."""
    low, high = zip(*(row.domain or (ANYWHERE,) * count))
    middle = [np.clip(0.5, a, b) if b == math.inf or a == -math.inf else (a + b) / 2
              for a, b in zip(low, high)]
    try:
        with np.errstate(all="ignore"):
            shape = np.shape(row.function("numpy")(*(np.full((2, 3), x) for x in middle)))
    except Exception as error:
        raise ArgumentError(f"{row.name} of {count} arrays of shape (2, 3) raises "
                            f"{type(error).__name__}: {error}", ELEMENTWISE) from error
    if shape != (2, 3):
        raise ArgumentError(f"{row.name} of arrays of shape (2, 3) has the shape {shape}",
                            ELEMENTWISE)


def _count(op: Any) -> int:
    """How many operands a function or an expression takes."""
    if isinstance(op, str):
        return max(1, len({name for _, name, _, _ in Formatter().parse(op)} & {"x", "y", "w"}))
    return sum(p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
               for p in inspect.signature(op).parameters.values())


def unknown(engines: Iterable[str]) -> list[str]:
    """The names that are no engine's."""
    return [name for name in engines if name not in ENGINES]


@cache
def rows(ops: tuple[str, ...] | None, engines: tuple[str, ...], scalars: bool) -> list[Row]:
    """The operations of these names and groups that all the engines have (None: the usual)."""
    known = set(TABLE) | {row.group for row in TABLE.values()}
    wrong = [name for name in ops or () if name not in known] + unknown(engines)
    if wrong:
        raise ArgumentError(f"no operation, group or engine is called {', '.join(wrong)}",
                            "see autograd.testing.table.TABLE, or register(op, domain=...)")
    chosen = [row for row in TABLE.values() if (
        row.group not in ("special", "map") if ops is None else row.name in ops or row.group in ops)
        and all(row.words.get(engine) is not None for engine in engines)
        and (not scalars or row.pointwise)]
    if not chosen:
        raise ArgumentError("no operation is left to draw from",
                            "give more ops=, fewer engines=, or scalars=False")
    return chosen
