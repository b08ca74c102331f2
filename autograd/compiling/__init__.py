"""Compiling is printing: a function is traced, and its program printed, without graph and walk."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:                       # the rest is imported when it is used
    from .compiled import Compiled

__all__ = ["compile"]


def compile(f: Callable[..., Any], *, static: Collection[str] = (),
            batch: bool = False) -> Compiled:
    """f as a program, made when it is first called with arguments of a kind, and called like f.

    Arrays, Tensors and numbers, in containers too, are its inputs. Strings, functions and what else
    never changes are static, and so are parameters named in `static`: another one is another
    program. Where an argument is to be recorded in a graph, f itself runs. Raises GraphError where
    f asks for numbers while it is traced, to branch on them say, ArgumentError for what may change.
    Models and optimisers are arguments too, and are changed in place; gradients are not kept.
    With Numba, loops of machine code replace what `source` shows (`loops` shows them); the first
    call then takes a second or two. With `batch`, f is of one sample: arrays of samples go in.
    """
    if batch:
        from .batch import Batched

        return Batched(f, static)
    from .compiled import Compiled

    return Compiled(f, static)
