"""A program: a graph of operations with its inputs, which any of the libraries can evaluate.

One object is called on Values, Tensors over any storage, plain, complex, PyTorch's and JAX's
arrays; it prints itself as code that runs, and makes smaller programs of itself.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ArgumentError
from ..tensor import Tensor
from ..value import Value
from . import shrinking
from .shrinking import Step
from .smooth import moved, smooth
from .table import ENGINES, TABLE, Row

LETTERS = "abcdefghijklmnopqrstuvwxyz"
TOP = {                                 # what stands above a program, by engine
    "value": ["from autograd import Value"],
    "autograd": ["from autograd import Tensor"],
    "numpy": ["import numpy"], "complex": ["import numpy"],
    "torch": ["import torch"],
    "jax": ["import jax", "import jax.numpy as jnp", "",
            'jax.config.update("jax_enable_x64", True)']}
INPUT = {                               # how an input is written, by engine
    "value": "Value({x})",
    "autograd": "Tensor({x}, dtype='{dtype}', requires_grad=True)",
    "numpy": "numpy.array({x}, dtype='{dtype}')", "complex": "numpy.array({x}, dtype='complex')",
    "torch": "torch.tensor({x}, dtype=torch.{dtype}, requires_grad=True)",
    "jax": "jnp.asarray({x}, dtype='{dtype}')"}


@dataclass(frozen=True, eq=False)
class Program:
    """Inputs, NumPy arrays, and steps; the nodes are numbered through, the last is the result.

    Called on its inputs, or others like them, it is a function of this engine: of Values, Tensors
    or plain arrays.
    """

    inputs: tuple[Any, ...]
    steps: tuple[Step, ...]

    def __call__(self, *inputs: Any) -> Any:
        return self.nodes("autograd", *inputs)[-1]

    def run(self, engine: str, *inputs: Any) -> Any:
        """The result in an engine: value, autograd, numpy, complex, torch or jax.

        Without inputs, of its own, made what the engine takes. Raises ArgumentError for an engine
        that has no word for an operation.
        """
        with setting(engine):
            return self.nodes(engine, *(inputs or self.arguments(engine)))[-1]

    def arguments(self, engine: str) -> tuple[Any, ...]:
        """The inputs as what an engine takes; those that can require a gradient do."""
        self._words(engine)
        return tuple(made(engine, x) for x in self.inputs)

    def nodes(self, engine: str, *inputs: Any) -> list[Any]:
        """What all nodes hold, inputs first."""
        if len(inputs) != len(self.inputs):
            raise ArgumentError(f"a program of {len(self.inputs)} inputs got {len(inputs)}",
                                "give it one for each")
        found = list(inputs)
        for op, args, params in self.steps:
            compute = TABLE[op].function(_words(engine))
            found.append(compute(*[found[i] for i in args], **params))
        return found

    def supports(self, engine: str) -> bool:
        """Whether an engine has words for all operations."""
        return all(row.words.get(_words(engine)) is not None for row in self._rows())

    def _words(self, engine: str) -> str:
        """Whose words an engine uses for this. Raises ArgumentError for arrays as Values."""
        if engine == "value" and any(x.shape for x in self.inputs):
            raise ArgumentError(f"a Value of an array of shape "
                                f"{next(x.shape for x in self.inputs if x.shape)}",
                                "draw a program of single numbers: scalars=True")
        return _words(engine)

    def _rows(self) -> list[Row]:
        return [TABLE[step.op] for step in self.steps]

    def source(self, engine: str = "autograd") -> str:
        """The program as code of an engine: it runs, and leaves the same bits in `result`."""
        words = self._words(engine)
        names = [LETTERS[i % 26] + str(i // 26 or "") for i in range(len(self.inputs))]
        signature = ", ".join(names)
        body, top = [], set()
        for i, (step, row) in enumerate(zip(self.steps, self._rows())):
            called = row.printed(words, [names[k] for k in step.args], step.params)
            names.append(f"v{i + 1}")
            body.append(f"    {names[-1]} = {called}")
            top |= row.imports(words)
        shown = [INPUT[engine].format(x=_digits(x), dtype=x.dtype) for x in self.inputs]
        numbers = [line for line in ("from math import inf, nan",)
                   if any("inf" in x or "nan" in x for x in shown)]
        plain = [line for line in sorted(top, key=lambda line: (line.startswith("#"), line))
                 if line not in TOP[engine]]
        return "\n".join([*numbers, *TOP[engine], *plain, "", "",
                          f"def program({signature}):", *body, f"    return {names[-1]}", "", "",
                          *(["inputs = ("] + [f"    {x}," for x in shown] + [")"]),
                          "result = program(*inputs)", ""])

    def __str__(self) -> str:
        return self.source()

    def __repr__(self) -> str:
        return self.source()

    @property
    def shared(self) -> bool:
        """Whether a node is used more than once."""
        uses = [i for step in self.steps for i in step.args]
        return len(set(uses)) < len(uses)

    def is_smooth(self) -> bool:
        """Whether it lies inside all domains, away from kinks, and is moderate in value and slope.
        """
        with np.errstate(all="ignore"):
            here = self.nodes("numpy", *self.inputs)
            near = self.nodes("numpy", *(moved(x, i + 1) for i, x in enumerate(self.inputs)))
            return all(smooth(
                TABLE[op], [here[i] for i in args], [near[i] for i in args], params,
                np.asarray(z), np.asarray(other)) for (op, args, params), z, other in zip(
                    self.steps, here[len(self.inputs):], near[len(self.inputs):]))

    def smaller(self) -> "Iterator[Program]":
        """Simpler programs that run, as NumPy and here, and are smooth if this one is."""
        with np.errstate(all="ignore"):
            values = self.nodes("numpy", *self.inputs)
        size = shrinking.weight((self.inputs, self.steps))
        stays, runs = self.is_smooth(), self._runs("autograd")
        for form in shrinking.smaller(self.inputs, self.steps, values):
            if shrinking.weight(form) < size:
                program = Program(*form)
                if program._runs("numpy") and (not runs or program._runs("autograd")) and (
                        not stays or program.is_smooth()):
                    yield program

    def _runs(self, engine: str) -> bool:
        try:
            with np.errstate(all="ignore"):
                shapes = [np.shape(z) for z in self.nodes(engine, *self.inputs)]
            return 0 not in shapes[-1] and all(
                _has_axes(step.params.get("axis"), [shape, *(shapes[i] for i in step.args)])
                for step, shape in zip(self.steps, shapes[len(self.inputs):]))
        except Exception:                       # shapes do not fit any more
            return False


def _has_axes(axis: Any, shapes: list[tuple[int, ...]]) -> bool:
    """Whether there is such an axis: NumPy finds axis 0 of single numbers."""
    ndim = max(map(len, shapes))
    axes = axis if isinstance(axis, tuple) else () if axis is None else (axis,)
    return all(-ndim <= a < ndim for a in axes)


def shrink(program: Program, fails: Callable[[Program], bool], limit: int = 2000) -> Program:
    """The smallest program found that still fails, each taken from the one before.

    `fails(program)` must be true of the program given; it is asked `limit` times at most.
    """
    asked = 0
    found = True
    while found and asked < limit:
        found = False
        for candidate in program.smaller():
            asked += 1
            if fails(candidate):
                program, found = candidate, True
                break
            if asked >= limit:
                break
    return program


def made(engine: str, x: Any) -> Any:
    """A NumPy array as what an engine takes."""
    if engine == "autograd":
        return Tensor(x, requires_grad=True)
    if engine == "value":
        return Value(float(x))
    if engine == "torch":
        import torch

        return torch.tensor(x, requires_grad=True)
    if engine == "jax":
        import jax.numpy as jnp

        return jnp.asarray(x)
    return np.array(x, dtype=complex) if engine == "complex" else np.array(x)


def setting(engine: str) -> AbstractContextManager[Any]:
    """In what an engine computes: IEEE without warnings, JAX with its 64 bits."""
    if engine == "jax":
        import jax

        return jax.enable_x64(True)
    return np.errstate(all="ignore") if engine in ("numpy", "complex") else nullcontext()


def _words(engine: str) -> str:
    """Whose words an engine uses."""
    if engine != "value" and engine not in ENGINES:
        raise ArgumentError(f"no engine is called {engine!r}",
                            f"there are value, {', '.join(ENGINES)}")
    return "autograd" if engine == "value" else engine


def _digits(x: Any) -> str:
    return repr(x.tolist())
