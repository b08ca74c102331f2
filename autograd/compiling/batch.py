"""A batch is many samples: the program of one runs over arrays of them, in the lanes of a vector.

Samples are independent, so `batch=True` needs no axis: a function of floats becomes one of arrays,
of any shape, element by element, and so do its derivatives.
"""

import functools
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy

from ..containers import leaves, rebuild
from ..errors import ArgumentError, ShapeError, describe
from ..primitive import raw, table
from ..storage import is_array, is_numpy, quiet
from . import floats, machine, native
from .compiled import Compiled
from .printing import SCOPE, Printer
from .program import Program

SHARE = 2**15                               # samples for which a thread is worth its while


class Batched(Compiled):
    """A compiled function of one sample, called with arrays of samples."""

    def __call__(self, *args: Any, **options: Any) -> Any:
        given = leaves([args, options])
        fixed = self._fixed(args, options) if self.static else [False] * len(given)
        samples = [x if still else _sample(x) for x, still in zip(given, fixed)]
        traced = self.traced(samples, *rebuild([args, options], samples))
        if not native.of_floats(traced.lines) or not native.plain(leaves(traced.out)):
            raise ArgumentError(f"batch=True of {traced.name}, which does not work on single "
                                "numbers alone", "compile it without batch=, for arrays")
        columns = [numpy.asarray(given[i], float) for i in traced.moving]
        try:
            shape = numpy.broadcast_shapes(*(x.shape for x in columns))
        except ValueError as error:
            shapes = " and ".join(str(list(x.shape)) for x in columns)
            raise ShapeError(f"batch=True of arrays of shapes {shapes}",
                             "give it as many numbers for each argument, or one") from error
        results = iter(run(traced.lines, columns, shape))
        parts = [next(results) if i in traced.found else numpy.full(shape, x)
                 for i, x in enumerate(leaves(traced.out))]
        return rebuild(traced.out, parts)


def _sample(x: Any) -> Any:
    """A float in place of an array of samples, or of a number."""
    if is_array(raw(x)):
        if raw(x) is not x or not is_numpy(x) or x.dtype.kind not in "biuf":
            raise ArgumentError(f"batch=True of {describe(x)}", "give it NumPy's arrays of floats")
        return float(x.flat[0]) if numpy.size(x) else 1.0
    return float(x) if type(x) is int else x


def run(program: Program, columns: list[Any], shape: tuple[int, ...]) -> list[Any]:
    """The results of a program, of a shape each, for columns that broadcast to it."""
    if not native.fits(program) or len(program.lines) > native.LONGEST:
        with quiet():
            found = over_arrays(program)(*columns)
        return [numpy.array(numpy.broadcast_to(x, shape)) for x in found]
    size = math.prod(shape)
    block = numpy.empty((len(program.outputs), size))       # of one piece: fewer page faults
    results = [x if y.dtype == float else x.astype(y.dtype)
               for x, y in zip(block, program.outputs)]
    several = tuple(x.size != 1 for x in columns)
    flat = [numpy.ascontiguousarray(numpy.broadcast_to(x, shape)).reshape(-1) if many
            else float(x.reshape(-1)[0]) for x, many in zip(columns, several)]
    spread(loop(program, several), flat, results)
    return [x.reshape(shape) for x in results]


def spread(run: Callable[..., None], columns: list[Any], results: list[Any]) -> None:
    """Run a loop over results, in as many threads as there are processors and work for."""
    size = results[0].size
    parts = max(1, min(machine.processors(), size // SHARE))
    shares = [slice(size * i // parts, size * (i + 1) // parts) for i in range(parts)]

    def part(own: slice) -> None:
        run(*(x if type(x) is float else x[own] for x in columns), *(x[own] for x in results))

    threads = [threading.Thread(target=part, args=(own,)) for own in shares[1:]]
    for thread in threads:
        thread.start()
    part(shares[0])
    for thread in threads:
        thread.join()


@functools.lru_cache(maxsize=64)
def loop(program: Program, several: tuple[bool, ...]) -> Callable[..., None]:
    """The loop over samples, compiled; `several` says which inputs are arrays."""
    source = Printer(program, "program", exact=True).source()
    inputs = [x.name for x in program.inputs]
    results = [f"r{i}" for i in range(len(program.outputs))]
    given = ", ".join(f"{x}[i]" if many else x for x, many in zip(inputs, several))
    return machine.compiled(
        f"def run({', '.join(inputs + results)}):\n    for i in range(len(r0)):\n"
        f"        {', '.join(f'{x}[i]' for x in results)}, = program({given})\n", "run",
        nogil=True, program=machine.compiled(source, "program"))


@functools.lru_cache(maxsize=64)
def over_arrays(program: Program) -> Callable[..., Any]:
    """The program of one sample where its functions are those of NumPy's arrays."""
    scope = {**SCOPE, **{name: functools.partial(_on_arrays, op) for name, op in table.items()
                         if name in floats.FUNCTIONS}}
    exec(Printer(program, "program", exact=False).source(), scope)
    found: Callable[..., Any] = scope["program"]
    return found


def _on_arrays(op: Any, *args: Any) -> Any:
    return op.on_arrays(tuple(map(numpy.asarray, args)), {})
