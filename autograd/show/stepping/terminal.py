"""Stepping in a terminal: a program is run, and its loss stepped through with the keyboard."""

from __future__ import annotations

import runpy
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import ArgumentError, describe
from ...modes import lines
from ...tensor import Tensor
from ...value import Value
from .steps import Steps

HELP = "Enter: next   -: back   a number: go there   a name: where its gradient is final   .: quit"


def steps_of(target: str) -> Steps:
    """The steps of `FILE.py:NAME`: the file is run, NAME is a Value or Tensor it leaves behind.

    NAME may be a function without arguments too, which returns one. Lines of code are kept.
    Raises ArgumentError where the file or the name is missing, or the name is something else.
    """
    file, _, name = target.rpartition(":")
    path = Path(file)
    if not file or not name.isidentifier():
        raise ArgumentError(f"{target!r} does not say what to step through",
                            "give a file and a name in it: example.py:loss")
    if not path.is_file():
        raise ArgumentError(f"there is no file {file!r}", "give the path of a Python file")
    sys.path.insert(0, str(path.resolve().parent))
    try:
        with lines():
            variables = runpy.run_path(str(path), run_name="__main__")
            if name not in variables:
                raise ArgumentError(f"{file} leaves no {name!r} behind; there are: "
                                    f"{', '.join(_graphs(variables)) or 'no Values or Tensors'}",
                                    "name one of them")
            x = variables[name]
            if not isinstance(x, (Value, Tensor)) and callable(x):
                x = x()
    except SyntaxError as error:
        raise ArgumentError(f"{file} is no Python: {error.msg}, line {error.lineno}",
                            "mend it first") from error
    finally:
        with suppress(ValueError):              # the program may have changed it
            sys.path.remove(str(path.resolve().parent))
    if not isinstance(x, (Value, Tensor)):
        raise ArgumentError(f"{name} is {describe(x)}, not a Value or Tensor",
                            f"name one of {', '.join(_graphs(variables))}")
    return x.steps(names=variables)


def _graphs(variables: dict[str, Any]) -> list[str]:
    return [name for name, x in variables.items() if isinstance(x, (Value, Tensor))]


def step(target: str) -> None:
    """Print every moment, one after another; in a terminal wait for a key after each."""
    steps = steps_of(target)
    frames = steps.frames
    if not sys.stdin.isatty():
        for k, frame in enumerate(frames):
            _show(k, frame, len(frames))
        return
    k = 0
    print(HELP)
    while True:
        _show(k, frames[k], len(frames))
        try:
            key = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return
        if key == ".":
            return
        k = _next(k, key, steps)


def _next(k: int, key: str, steps: Steps) -> int:
    """The moment that a key leads to."""
    frames = steps.frames
    named = {name: node for node, name in steps.names.items()}
    if key in ("", "-"):
        to = k + (1 if key == "" else -1)
    elif key.isdecimal():
        to = int(key) - 1
    elif key in named:
        try:
            to = frames.index(steps.seed if named[key] is steps.root else steps.at(named[key]))
        except ArgumentError as error:
            print(error)
            return k
    else:
        print(HELP)
        return k
    if not 0 <= to < len(frames):
        print(f"the moments go from 1 to {len(frames)}")
        return k
    return to


def _show(k: int, frame: Any, count: int) -> None:
    print(f"{k + 1} of {count}  {frame.phase}\n  {frame.symbols}\n  {frame.numbers}\n"
          f"  {frame.code}\n")
