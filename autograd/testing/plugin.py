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
from pathlib import Path
from typing import Any

from .checking import assert_gradients, check_gradients
from .report import Report


def check_derivatives(*args: Any, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a function a test of its derivatives: at these arguments, or those that strategies draw.

        @check_derivatives(2.0, numpy.ones(3))
        def test_mine(x, y): return x * np.sin(y)

    Options are those of check_gradients. What is drawn and inconclusive, such as a point outside of
    the domain, is drawn again; among arguments given that is a failure.
    """
    def decorate(f: Callable[..., Any]) -> Any:
        def test() -> None:
            assert_gradients(f, *args, **options)

        drawn = any(map(_is_strategy, args))
        return _named(f, _drawing(f, args, options) if drawn else test)

    return decorate


def _named(f: Callable[..., Any], test: Callable[..., Any]) -> Any:
    """A test with the name of f, and not its parameters, which pytest would take for fixtures."""
    test.__name__, test.__qualname__ = f.__name__, f.__qualname__
    test.__doc__, test.__module__ = f.__doc__, f.__module__
    return test


def _is_strategy(x: Any) -> bool:
    hypothesis = sys.modules.get("hypothesis.strategies")       # or there are none
    return hypothesis is not None and isinstance(x, hypothesis.SearchStrategy)


def _drawing(f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    from hypothesis import Phase, given, reject, settings, strategies as st

    names = [name for name, p in inspect.signature(f).parameters.items()
             if p.kind == p.POSITIONAL_OR_KEYWORD]
    names = (names + [f"x{i}" for i in range(len(names), len(args))])[:len(args)]

    def test(**drawn: Any) -> None:
        report = check_gradients(f, *(drawn[name] for name in names), **options)
        if report.verdict == "inconclusive":
            reject()
        if not report:
            raise AssertionError(report)

    strategies = {name: x if _is_strategy(x) else st.just(x) for name, x in zip(names, args)}
    quick = [phase for phase in settings().phases if phase is not Phase.explain]
    return settings(deadline=None, phases=quick)(given(**strategies)(_named(f, test)))


def keep(error: BaseException, test: str, folder: Callable[[], Path]) -> None:
    """Write what failed, its graph as SVG and its program, and add to the error where they are."""
    for i, report in enumerate(_reports(error)):
        name = re.sub(r"\W+", "_", test).strip("_") + ("" if i == 0 else f"_{i}")
        if len(name) > 80:
            name = f"{name[-70:]}_{zlib.crc32(name.encode()):08x}"
        path = folder() / f"{name}.py"
        path.write_text(f"{report.program()}\n", encoding="utf-8")
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
