"""What the pytest plugin does: functions as tests of their derivatives, and failures kept as files.

The hooks are in pytest_wengert.py, which pytest loads at every start, and which loads this when it
is used.
"""

from __future__ import annotations

import inspect
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..containers import leaves, rebuild
from ..errors import ArgumentError
from .arguments import Arguments
from .checking import assert_gradients, check_gradients
from .report import Report

OUTSIDE = re.compile("math domain error|expected a .* input")      # what Python's math raises


def check_derivatives(*args: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a function a test of its derivatives: at these arguments, or those that strategies draw.

        @check_derivatives(2.0, numpy.ones(3))
        def test_mine(x, y): return x * np.sin(y)

    Its first parameters are the arguments, after `self` or `cls` in a class; the others are
    fixtures, and what parametrize gives. Strategies may be in containers. Options are those of
    check_gradients. What is drawn and inconclusive, or raises an ArithmeticError or math's "domain
    error", is drawn again; among arguments given that is a failure. Raises ArgumentError where
    arguments and parameters do not fit.
    """
    if not args or (len(args) == 1 and inspect.isfunction(args[0])):
        raise ArgumentError("check_derivatives without arguments, at which there are derivatives",
                            "write @check_derivatives(2.0), or a strategy for what is drawn")

    def decorate(f: Callable[..., Any]) -> Any:
        names, others = _parameters(f, len(args))

        def test(*own: Any, **given: Any) -> None:
            assert_gradients(_bound(f, others, own, given), *args, **options)

        drawn = any(map(_is_strategy, leaves(args)))
        return (_drawing(f, names, others, args, options) if drawn else
                _named(f, test, others))

    return decorate


def _parameters(f: Callable[..., Any], count: int) -> tuple[list[str], list[inspect.Parameter]]:
    """The names of the parameters that are arguments, and those that are left to pytest."""
    left = list(inspect.signature(f).parameters.values())
    own = left[:1] if left and left[0].name in ("self", "cls") else []
    found = [p for p in left[len(own):] if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    several = any(p.kind == p.VAR_POSITIONAL for p in left)
    if len(found) < count and not several:
        raise ArgumentError(f"{count} arguments for {f.__name__}{inspect.signature(f)}",
                            "give check_derivatives one for each of its first parameters")
    names = ([p.name for p in found] + [f"x{i}" for i in range(len(found), count)])[:count]
    return names, [p for p in left if p.name not in names
                   and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def _bound(f: Any, others: list[inspect.Parameter], own: tuple[Any, ...],
           given: dict[str, Any]) -> Callable[..., Any]:
    """f with its object, in a class, and with what pytest gives."""
    given = {**given, **dict(zip([p.name for p in others], own))}
    for name in given.keys() & {"self", "cls"}:
        f = f.__get__(given.pop(name))
    return partial(f, **given) if given else f


def _named(f: Callable[..., Any], test: Callable[..., Any], others: list[inspect.Parameter]) -> Any:
    """A test with the name and marks of f, and those parameters: pytest takes them for fixtures."""
    test.__name__, test.__qualname__ = f.__name__, f.__qualname__
    test.__doc__, test.__module__ = f.__doc__, f.__module__
    shown: Any = test
    shown.__signature__ = inspect.Signature(others)
    shown.pytestmark = list(getattr(f, "pytestmark", ()))
    return test


def _is_strategy(x: Any) -> bool:
    hypothesis = sys.modules.get("hypothesis.strategies")       # or there are none
    return hypothesis is not None and isinstance(x, hypothesis.SearchStrategy)


def _drawing(f: Callable[..., Any], names: list[str], others: list[inspect.Parameter],
             args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    from hypothesis import Phase, given, reject, settings, strategies as st

    def test(*own: Any, **values: Any) -> None:
        xs = [values.pop(name) for name in names]
        bound = _bound(f, others, own, values)
        try:
            report = check_gradients(bound, *xs, **options)
        except (ArithmeticError, ValueError) as error:
            if isinstance(error, ArithmeticError) or OUTSIDE.match(str(error)):
                reject()
            raise
        if report.verdict == "inconclusive" and _moves(bound, xs, options.get("argnums")):
            reject()
        if not report:
            raise AssertionError(report)

    def strategy(x: Any) -> Any:
        if _is_strategy(x) or not any(map(_is_strategy, leaves(x))):
            return x if _is_strategy(x) else st.just(x)
        return st.tuples(*map(strategy, leaves(x))).map(lambda drawn: rebuild(x, list(drawn)))

    strategies = {name: strategy(x) for name, x in zip(names, args)}
    quick = [phase for phase in settings().phases if phase is not Phase.explain]
    drawn = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    test = _named(f, test, sorted([*others, *drawn], key=lambda p: p.kind))
    return settings(deadline=None, phases=quick)(given(**strategies)(test))


def _moves(f: Callable[..., Any], args: list[Any], argnums: Any) -> bool:
    """Whether arguments of these kinds can be checked somewhere: there are no integers."""
    found = Arguments(f, tuple(args), argnums).all
    return bool(found) and not any(x.refused and x.numbers.size for x in found)


def keep(error: BaseException, test: str, folder: Callable[[], Path]) -> None:
    """Write what failed, its graph as SVG and its program, and add to the error where they are.

    Or that they are nowhere, where the folder cannot be written to.
    """
    for i, report in enumerate(_reports(error)):
        name = re.sub(r"\W+", "_", test).strip("_") + ("" if i == 0 else f"_{i}")
        if len(name) > 80:
            name = f"{name[-70:]}_{zlib.crc32(name.encode()):08x}"
        try:
            path = folder() / f"{name}.py"
            path.write_text(f"{report.program()}\n", encoding="utf-8")
        except OSError as reason:
            error.add_note(f"its program is not kept: {reason}")
            continue
        paths = [path]
        try:
            from ..show import draw

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")         # no program to lay it out: it is text then
                paths.append(draw(report.f, *report.args).save(path.with_suffix(".svg")))
        except Exception:                               # another library's function has no graph
            pass
        error.add_note(f"kept in {path.parent}: {', '.join(path.name for path in paths)}")


def _reports(error: BaseException) -> Iterator[Report]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _reports(part)
    yield from (x for x in error.args if isinstance(x, Report))
