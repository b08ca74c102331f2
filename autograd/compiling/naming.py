"""What the inputs of a program are called: like the parameters and keys by which they came."""

import builtins
import inspect
import itertools
import keyword
import re
from collections.abc import Callable, Iterator
from typing import Any

from .printing import SCOPE

TAKEN = SCOPE.keys() | vars(builtins).keys()


def name_of(f: Callable[..., Any]) -> str:
    """What a function is called, or its type."""
    return getattr(f, "__name__", type(f).__name__)


def parameters(f: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The parameters of a function by name, as far as they can be known."""
    try:
        return dict(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return {}


def given_to(f: Callable[..., Any], args: tuple[Any, ...],
           options: dict[str, Any]) -> list[tuple[str, Any]]:
    """What was given with the name of its parameter; with a number, what `*args` takes."""
    known = parameters(f).values()
    names = [p.name for p in known if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = next((p.name for p in known if p.kind is p.VAR_POSITIONAL), "x")
    names += [f"{rest}{i}" for i in range(len(args) - len(names))]
    return [*zip(names, args), *options.items()]


def names_of(f: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any],
             state: Any) -> list[str]:
    """Names for the leaves of some state, by their keys, and for those of the arguments."""
    found: list[str] = []
    for name in (*_leaf_names("state", state), *_leaf_names("", dict(given_to(f, args, options)))):
        numbers = (f"{name}{i}" for i in itertools.count(1))
        found.append(next(x for x in itertools.chain([name], numbers) if x not in found))
    return found


def _leaf_names(name: str, tree: Any) -> Iterator[str]:
    """What the leaves of containers are called, by the keys on the way to them."""
    if isinstance(tree, dict):
        for key, x in tree.items():
            word = re.sub(r"\W", "_", str(key), flags=re.ASCII)
            yield from _leaf_names(word if word.isidentifier() else f"{name}_{word}", x)
    elif isinstance(tree, (list, tuple)):
        for i, x in enumerate(tree):
            yield from _leaf_names(f"{name}{i}" if len(tree) > 1 else name, x)
    else:
        yield name if not keyword.iskeyword(name) and name not in TAKEN else f"{name}_"
