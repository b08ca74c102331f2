"""A program of floats as machine code: the text that Python runs, compiled by Numba.

It is called through the bare function that Numba makes, which asks nothing of its arguments: they
must be floats.
"""

from collections.abc import Callable, Iterator
from typing import Any

from ..containers import leaves, rebuild
from . import flat, floats, machine
from .printing import INFIX, PREFIX, Printer
from .program import Program
from .tracer import Tracer

LONGEST = 1000                      # lines, a second or so to compile; more are laid out flat


def entry(program: Program, out: Any) -> Callable[..., Any] | None:
    """A function of as many floats that returns what `out`, of tracers, stands for.

    None where there is no Numba, or more than floats and tuples of them.
    """
    if not fits(program) or not _tuples(out) or not plain(leaves(out)):
        return None
    if len(program.lines) > LONGEST:
        return _laid_out(program, out)
    source = Printer(program, "program", exact=True).source()
    inputs = ", ".join(x.name for x in program.inputs)
    shape = _shown(out, (f"r[{i}]" for i in range(len(program.outputs))))
    run = machine.compiled(f"def run({inputs}):\n    r = program({inputs})\n    return {shape}\n",
                           "run", program=machine.compiled(source, "program"))
    signature = machine.floats(len(program.inputs))
    run.compile(signature)
    found: Callable[..., Any] = run.overloads[signature].entry_point
    return found


def fits(program: Program) -> bool:
    """Whether Numba is here and knows all that a program of floats does."""
    return of_floats(program) and machine.takes(_called(program))


def of_floats(program: Program) -> bool:
    """Whether a program works on floats alone."""
    return (bool(program.inputs and program.outputs)
            and _called(program) <= {*floats.FUNCTIONS, "strong_zero"}
            and all(map(flat.fits, program.lines))
            and all(x.dtype in (float, bool) and not x.shape for line in program.lines
                    for x in (*line.made, *line.operands())))


def plain(out: list[Any]) -> bool:
    """Whether all results are floats."""
    return all(type(x) is float or (type(x) is Tracer and type(x.example) in (float, bool))
               for x in out)


def _laid_out(program: Program, out: Any) -> Callable[..., Any]:
    """A long program, with its results where they belong."""
    run, parts = flat.Flat(program), leaves(out)

    def entry(*inputs: float) -> Any:
        found = iter(run(*inputs))
        return rebuild(out, [next(found) if type(x) is Tracer else x for x in parts])

    return entry


def _called(program: Program) -> set[str]:
    """The functions that a program calls."""
    names = {line.name for line in program.lines} - INFIX.keys() - PREFIX.keys()
    return {floats.CALLED.get(name, name) for name in names}


def _tuples(out: Any) -> bool:
    """Whether a result is one, or tuples of them."""
    if type(out) is tuple:
        return all(map(_tuples, out))
    return not isinstance(out, (list, tuple, dict))


def _shown(out: Any, names: Iterator[str]) -> str:
    if type(out) is tuple:
        return f"({', '.join(_shown(x, names) for x in out)},)"
    return next(names) if type(out) is Tracer else repr(out)
