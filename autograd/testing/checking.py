"""check_gradients compares derivatives with differences, and says how sure it is.

For each input one verdict: pass, fail, kink (left and right slope differ, and the derivative lies
between them) or inconclusive, with the reason. The tolerance is the oracle's own estimate of its
error: there is none to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import ArgumentError
from .arguments import Arguments, numbers, reals, undisturbed
from .culprit import culprit, largest
from .level import Level, along
from .report import Finding, Report

MODES = ("reverse", "forward")


def check_gradients(f: Callable[..., Any], *args: Any, order: int = 2,
                    modes: Sequence[str] = MODES,
                    gradient: Callable[..., Any] | None = None,
                    argnums: int | Sequence[int] | None = None) -> Report:
    """Compare the derivatives of f at these arguments with differences; see Report.

    Arguments: floats, arrays, Values, Tensors, Modules, containers of them; what else is given, or
    not in `argnums`, is passed on. `modes` are "reverse" and "forward", mixed where `order` > 1.
    With `gradient`, which returns that of f (one number) in the containers of the arguments, any
    library's derivative is checked, at order 1. Raises ArgumentError where f returns no numbers,
    changes its arguments, or gives other numbers when called again.

        check_gradients(lambda x, y: np.sin(x) * y, array, 2.0)
        check_gradients(f, x, y, gradient=lambda x, y: (df_dx(x, y), df_dy(x, y)))
    """
    report, arguments = examined(f, args, order, modes, gradient, argnums)
    if report.verdict == "fail" and gradient is None:
        found = culprit(arguments, order)
        report.operation = (f"the first operation that is wrong by itself: {found}" if found else
                            "every operation in it is right by itself")
    return report


def examined(f: Callable[..., Any], args: tuple[Any, ...], order: int, modes: Sequence[str] = MODES,
             gradient: Callable[..., Any] | None = None,
             argnums: int | Sequence[int] | None = None) -> tuple[Report, Arguments]:
    """The report of check_gradients without a word about operations."""
    if type(order) is not int or order < 1 or not modes or set(modes) - set(MODES):
        raise ArgumentError(f"order={order!r}, modes={modes!r}",
                            "order is 1 or more; modes are 'reverse' and 'forward'")
    if gradient is not None and (order != 2 or tuple(modes) != MODES):
        raise ArgumentError(f"order={order!r}, modes={modes!r} beside a gradient",
                            "leave them out: a gradient that is given is checked at order 1")
    arguments = Arguments(f, args, argnums, own=gradient is None)
    options = {"order": (order, 2), "modes": (tuple(modes), MODES), "gradient": (gradient, None),
               "argnums": (argnums, None)}
    report = Report(f, args, arguments.all, **{
        name: given for name, (given, usual) in options.items() if given != usual})
    if arguments.inputs:
        start = reals([x.numbers for x in arguments.inputs])
        _examine(arguments, start)
        with undisturbed():
            if gradient is None:
                level = Level(arguments.call, (), arguments, start, *largest(arguments))
                report.findings += level.check(order, tuple(modes))
            else:
                report.findings += _check_pair(arguments, start, gradient)
    return report, arguments


def assert_gradients(f: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Raise AssertionError with the report unless every verdict is pass or kink."""
    report = check_gradients(f, *args, **options)
    if not report:
        raise AssertionError(report)            # whoever catches it has the report


def _examine(arguments: Arguments, start: Any) -> None:
    """Raise ArgumentError for a function that no differences could tell anything about."""
    given = arguments.put(start)
    first = numbers(arguments.call(*given))
    for x, now, before in zip(arguments.inputs, given, arguments.split(start)):
        after = numbers(now)[0]
        if not np.array_equal(after, before.astype(after.dtype), equal_nan=True):
            raise ArgumentError(f"the function changes its argument {x.name}",
                                "let it work on a copy: x = x + 0")
    again = numbers(arguments.call(*arguments.put(start)))
    if not all(np.array_equal(x, y, equal_nan=True) for x, y in zip(first, again)):
        raise ArgumentError("the function gives other numbers when it is called again",
                            "fix its seed inside, or pass the random numbers in")


def _check_pair(arguments: Arguments, start: Any,
                gradient: Callable[..., Any]) -> Iterator[Finding]:
    """Findings about somebody's gradient of a function that returns one number."""
    level = Level(arguments.call, (), arguments, start)
    if level.here.size != 1:
        raise ArgumentError(f"f returned {level.here.size} numbers, and a gradient is of one",
                            "reduce it: lambda x: f(x).sum()")

    def given(at: Any, d: Any) -> Any:
        return along(arguments.gradient(gradient, at), d)

    level.terms = np.max(abs(arguments.gradient(gradient, start)), initial=0.0, keepdims=True)
    for x, d, true in level.lines(set()):
        yield level.judge(x, d, true, "given", given, given(level.start, d))
