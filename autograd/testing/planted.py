"""Planted bugs: put a wrong derivative into an operation, and see whether a test catches it.

    print(kill_table(my_op, x))                     # would check_gradients have caught it?
    print(caught(my_test, my_op))                   # would my test?

A bug changes what the rule of each operand says. Where that changes nothing at all (a transpose of
a vector), there is nothing to be caught, and the table says so.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, NamedTuple
from unittest import SkipTest

from .. import composite, numpy as np
from ..debug import same
from ..errors import ArgumentError, describe
from ..ops.shapes import fit
from ..primitive import Primitive, raw
from ..storage import is_array
from ..symbol import Symbol, text
from .arguments import Arguments
from .checking import examined
from .culprit import called
from .report import WORST, Report

OUTCOMES = ("killed", "survived", "no effect")


class Said(NamedTuple):
    """What a rule said, and what it was asked: a bug makes something else of it."""

    part: Any
    i: int
    args: tuple[Any, ...]
    params: dict[str, Any]
    again: Callable[..., Any]           # the rule with another z, or other params
    stale: Any                          # the result of the call before


def _other_axis(said: Said) -> Any:
    ndim = len(said.args[said.i].shape)
    return said.again(params={**said.params, "axis": (said.params["axis"] + 1) % ndim})


def _first_slice(said: Said) -> Any:
    part, shape = said.part, said.args[said.i].shape
    while len(part.shape) > len(shape):
        part = part[0]
    for axis, (m, n) in enumerate(zip(part.shape, shape)):
        part = np.take(part, [0], axis=axis) if n == 1 != m else part
    return part


def _unshared(said: Said) -> Any:
    before = said.args[:said.i]
    return 0.0 * said.part if any(x is said.args[said.i] for x in before) else said.part


BUGS: dict[str, Callable[[Said], Any]] = {
    "sign flip": lambda said: -said.part,
    "100 times too large": lambda said: 100.0 * said.part,
    "missing term": lambda said: 0.0 * said.part,
    "missing unbroadcast": _first_slice,
    "transposed": lambda said: np.reshape(np.matrix_transpose(said.part), said.part.shape),
    "stale result": lambda said: said.again(z=said.stale),
    "dropped shared edge": _unshared,
    "wrong axis": _other_axis,
    "off-by-one index": lambda said: (          # a single number has no index
        np.roll(said.part, 1, axis=-1) if getattr(said.part, "shape", ()) else said.part),
    "lost dtype": lambda said: composite.cast(composite.cast(said.part, "float32"), "float64"),
}


class Planted:
    """A bug at work; `effect` says whether it has changed anything yet."""

    def __init__(self, change: Callable[[Said], Any]) -> None:
        self.change, self.effect = change, False
        self.results: dict[str, list[Any]] = {}         # the last two, by shape and dtype

    def remembering(self, compute: Callable[..., Any]) -> Callable[..., Any]:
        """What computes the operation, as it was, and notes its results."""
        def remembered(*args: Any, **params: Any) -> Any:
            z = compute(*args, **params)
            kind = describe(z)
            self.results[kind] = [*self.results.get(kind, ())[-1:], z]
            return z

        return remembered

    def wrong(self, rule: Any, i: int) -> Callable[..., Any]:
        """The rule of an operand with the bug."""
        def said(g: Any, z: Any, args: Any, params: Any, *at: Any) -> Any:
            def again(z: Any = z, params: Any = params) -> Any:
                return rule(g, z, args, params, *at)

            part, operand = again(), at[0] if at else i
            stale = self.results.get(describe(raw(z)), [z])[0]
            if isinstance(part, tuple):                 # a tangent for each of several outputs
                new: Any = tuple(self._changed(Said(
                    x, operand, args, params, lambda k=k, **other: again(**other)[k], stale))
                    for k, x in enumerate(part))
            else:
                new = self._changed(Said(part, operand, args, params, again, stale))
            self.effect = self.effect or _differs(new, part, raw(args[operand]))
            return new

        return said

    def _changed(self, said: Said) -> Any:
        """What the rule said, changed; as it was where this bug is none, or would be heard."""
        try:
            new = self.change(said)
        except Exception:
            return said.part
        same = getattr(new, "shape", ()) == getattr(said.part, "shape", ())
        first = is_array(raw(said.part)) and self.change is _first_slice
        return new if same or first else said.part


AT_WORK: dict[Primitive, tuple[Any, Any, list[Planted]]] = {}   # what was there before, and bugs
LOCK = RLock()                          # a table is of one bug at a time


@contextmanager
def planted(op: Primitive, bug: str) -> Iterator[Planted]:
    """Inside, the rules of an operation have this bug, one of BUGS, in all threads.

    Operators and methods of Values stay right, as their rules are printed before: write np.exp(x)
    for x.exp(), or take Tensors. Raises ArgumentError for what has no rules, such as a function
    made of operations.
    """
    if not isinstance(op, Primitive):
        raise ArgumentError(f"{describe(op)} is no operation with rules of its own",
                            "take one that it is made of: kill_table names them")
    if bug not in BUGS:
        raise ArgumentError(f"no bug is called {bug!r}", f"there are {', '.join(BUGS)}")
    state = Planted(BUGS[bug])
    with LOCK:
        *_, bugs = AT_WORK.setdefault(op, (op.rules, dict(op._by_type), []))
        bugs.append(state)
        _write(op)
    try:
        yield state
    finally:
        with LOCK:
            bugs.remove(state)
            _write(op)


def _write(op: Primitive) -> None:
    """Give an operation the rules it had, with the bugs that are at work now."""
    rules, computed, bugs = AT_WORK[op]
    for state in bugs:
        rules = tuple(rule and state.wrong(rule, i) for i, rule in enumerate(rules))
        computed = {kind: state.remembering(compute) for kind, compute in computed.items()}
    op.rules = rules
    op._by_type.update(computed)
    op._kernels.clear()
    op.direct = type(op).direct and not bugs    # a printed rule would not be asked
    if not bugs:
        del AT_WORK[op]


def _differs(x: Any, y: Any, like: Any) -> bool:
    """Whether two derivatives are not the same once the engine has fitted them to their operand."""
    if x is y:
        return False
    if isinstance(x, tuple):
        return any(_differs(part, other, part) for part, other in zip(x, y))
    if isinstance(x, Symbol) or isinstance(y, Symbol):          # a rule that is printed, of floats
        return text(x) != text(y)
    x, y = raw(x), raw(y)
    if is_array(x) and is_array(y) and is_array(like):
        x, y = fit(x, like), fit(y, like)
    return type(x) is not type(y) or not same(x, y)


def caught(test: Callable[[], Any], op: Primitive, bugs: Sequence[str] = tuple(BUGS)) -> Table:
    """Run a test with each bug in the operation: it catches one where it raises, or returns False.

    A falsy Report counts as caught only if its verdict is fail. Raises ArgumentError for a test
    that fails without a bug or is skipped, an operation without rules, a bug there is none of.
    """
    outcomes = {}
    with LOCK:
        if failed := _failed(test):
            raise ArgumentError(f"the test fails without a bug: {failed}",
                                "mend it first, or what it tests")
        for bug in bugs:
            with planted(op, bug) as state:
                found = _failed(test)
            outcomes[bug] = "killed" if found else "survived" if state.effect else "no effect"
    return Table({op.name: outcomes})


def _failed(test: Callable[[], Any]) -> str:
    """How a test fails; empty if it does not. Raises ArgumentError where it is skipped."""
    pytest = sys.modules.get("pytest")          # its outcomes are no Exceptions
    failed = (Exception, pytest.fail.Exception) if pytest else (Exception,)
    skipped = (SkipTest, pytest.skip.Exception) if pytest else (SkipTest,)
    try:
        result = test()
    except skipped as error:
        raise ArgumentError(f"the test is skipped: {error}", "give one that runs") from error
    except failed as error:
        return f"{type(error).__name__}: {error}"
    if isinstance(result, Report):
        return str(result) if result.verdict == "fail" else ""
    return "" if result is None or result else f"it returned {result!r}"


def kill_table(op: Primitive, *args: Any, order: int = 1, **params: Any) -> Table:
    """Which bugs in an operation check_gradients would have caught at these operands.

    An operand given twice is also checked as one. Raises ArgumentError for an operation that is
    wrong already, or cannot be checked there, and, with the names of its operations, for a function
    made of some.
    """
    f = partial(op, **params) if params else op
    if not isinstance(op, Primitive):
        made = dict.fromkeys(node.op.name for node in called(Arguments(f, args)).recorded()
                             if node.op is not None)
        raise ArgumentError(f"{describe(op)} has no rules of its own; it is made of "
                            f"{', '.join(made)}", "take one of them: kill_table(find("
                            f"{next(iter(made), '')!r}), ...), find from autograd.primitive")
    report = examined(f, args, order)[0]
    if all(found.verdict == "inconclusive" for found in report.verdicts.values()):
        raise ArgumentError(f"nothing can be checked there: {report}",
                            "give operands with a finite derivative")
    once = list({id(x): x for x in args}.values())
    places = [next(k for k, x in enumerate(once) if x is arg) for arg in args]

    def check() -> Report:
        reports = [examined(f, args, order)[0]]
        if len(once) < len(args):
            reports += [examined(lambda *xs: f(*(xs[k] for k in places)), tuple(once), order)[0]]
        return max(reports, key=lambda report: WORST.index(report.verdict))

    return caught(check, op)


class Table(dict[str, dict[str, str]]):
    """By operation and bug: killed, survived or no effect."""

    @property
    def rate(self) -> float:
        """The share of bugs with an effect that were caught; nan where there were none."""
        found = [outcome for row in self.values() for outcome in row.values()]
        effective = len(found) - found.count("no effect")
        return found.count("killed") / effective if effective else math.nan

    @property
    def survivors(self) -> list[tuple[str, str]]:
        """(operation, bug) of those that were not caught."""
        return [(op, bug) for op, row in self.items() for bug, outcome in row.items()
                if outcome == "survived"]

    def __str__(self) -> str:
        bugs = list(dict.fromkeys(bug for row in self.values() for bug in row))
        rate = (f"caught: {self.rate:.1%}" if self.rate == self.rate else
                "nothing had an effect here")
        if len(self) == 1:
            (op, row), = self.items()
            return "\n".join([f"bugs in {op}", *(f"{bug:22}{row[bug]}" for bug in bugs), rate])
        lines = [f"{'':22}" + "  ".join(bugs)]
        for op, row in self.items():
            marks = ({"killed": "x", "survived": "!", "no effect": "."}[row.get(bug, "no effect")]
                     for bug in bugs)
            lines.append(f"{op:22}" + "  ".join(f"{mark:^{len(bug)}}" for mark, bug in
                                                zip(marks, bugs)))
        return "\n".join([*lines, f"{rate} (x caught, ! not, . no effect)"])

    __repr__ = __str__
