"""The fuzzer: random programs against other libraries, until time is up; what differs is kept.

    python -m autograd.testing fuzz --minutes 10 --against torch,jax,numpy

A finding is a file that runs: the smallest program found, by this engine and by the other. Against
numpy means against differences, by check_gradients. Seeds are taken in order, so that a run goes on
where the last one ended: `--seeds 20000:`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..errors import ArgumentError, AutogradError
from .checking import check_gradients
from .growing import BANK, random_program
from .peers import derivatives
from .programs import Program, shrink
from .table import rows

ENGINES = ("torch", "jax", "numpy")
CLOSE = 1e-9                            # of the largest number; what is further apart is looked at


class Outcome(NamedTuple):
    """How many programs were compared, up to which seed (left out), and what was found."""

    programs: int
    seed: int
    findings: list[Path]
    seconds: float


def differs(program: Program, engine: str) -> bool:
    """Whether an engine has another value or other derivatives, beyond what rounding explains."""
    if engine == "numpy":
        return check_gradients(program, *program.inputs).verdict == "fail"
    ours, theirs = _flat(program), _flat(program, engine)
    if not _apart(ours, theirs, 0.0):
        return False
    moved = [_flat(Program(tuple(x * (1 + k * 2.0 ** -51) for x in program.inputs), program.steps))
             for k in (-5, -2, 3, 7)]
    rounding = [100 * np.max([abs(other[i] - x) for other in moved], axis=0)
                for i, x in enumerate(ours)]
    return _apart(ours, theirs, rounding)


def _flat(program: Program, engine: str = "autograd") -> list[Any]:
    value, first, second = derivatives(program, engine, order=2)
    return [value, *first, *second]


def _apart(ours: list[Any], theirs: list[Any], rounding: Any) -> bool:
    for i, (x, y) in enumerate(zip(ours, theirs, strict=True)):
        room = CLOSE * max(1.0, np.max(abs(x), initial=0.0)) + (rounding[i] if rounding else 0.0)
        if x.shape != y.shape or not (abs(x - y) <= room).all():
            return True
    return False


def fuzz(minutes: float = 1.0, against: tuple[str, ...] = ENGINES, first: int = 0,
         last: int | None = None, folder: str | Path = "findings",
         ops: Iterable[str] | None = None) -> Outcome:
    """Compare programs until time is up, the seeds are, or Ctrl-C; write findings into the folder.

    `ops` are names and groups of the table, those of `register` included (None: the usual). What
    raises an error is a finding. Raises ArgumentError for engines and operations there are none of,
    for no time, for seeds that go backwards, and for a folder that cannot be made.
    """
    if not minutes > 0 or not against or set(against) - set(ENGINES):
        raise ArgumentError(f"minutes={minutes!r}, against={','.join(against)!r}",
                            f"give some minutes, and engines among {', '.join(ENGINES)}")
    if last is not None and last < first:
        raise ArgumentError(f"seeds {first}:{last}", "the last is not less than the first")
    begin, seed, found = time.monotonic(), first, list[Path]()
    ops = None if ops is None else tuple(ops)
    for engine in against:
        rows(ops, _words(engine), False)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentError(f"folder={str(folder)!r}: {error.strerror}",
                            "name one that can be written to") from error
    with suppress(KeyboardInterrupt):
        while time.monotonic() < begin + 60 * minutes and seed != last:
            for engine in against:
                found += _findings(seed, engine, Path(folder), ops)
            seed += 1
    return Outcome(seed - first, seed, found, time.monotonic() - begin)


def _words(engine: str) -> tuple[str, ...]:
    """The engines that must have words for all operations."""
    return () if engine == "numpy" else (engine,)


def _findings(seed: int, engine: str, folder: Path,
              ops: tuple[str, ...] | None) -> Iterator[Path]:
    """The file of one seed against one engine, where they differ."""
    try:
        program = random_program(seed, engines=_words(engine), ops=ops,
                                 shapes=BANK if engine == "jax" else None)   # it compiles each anew
    except AutogradError:
        raise
    except Exception as error:
        raise ArgumentError(f"an operation raises in the program of seed {seed}: "
                            f"{type(error).__name__}: {error}",
                            "register it with its domain, and a draw= that fits") from error
    if fault := _fault(program, engine):
        kind = fault.partition(":")[0]
        small = shrink(program, lambda p: _fault(p, engine).partition(":")[0] == kind)
        path = folder / f"{engine}_{seed}.py"
        path.write_text(f"# seed {seed}: {_fault(small, engine)}\n{written(small, engine)}",
                        encoding="utf-8")
        yield path


def _fault(program: Program, engine: str) -> str:
    """What is wrong, in one line: that they differ, or an error; empty if nothing is."""
    try:
        return f"differs from {engine}" if differs(program, engine) else ""
    except ImportError:
        raise
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0]


def written(program: Program, engine: str) -> str:
    """A finding as a file: the program in both engines, and the sums of its gradients."""
    ours = program.source()
    if engine == "numpy":
        return f"{ours}\nfrom autograd.testing import check_gradients\n\n" \
               "print(check_gradients(program, *inputs))\n"
    return f"{ours}result.sum().backward()\nprint(result.data, [x.grad for x in inputs])\n" \
           f"\n# -- {engine} --\n{program.source(engine)}\nprint(result)\n"
