"""Containers: nested tuples, lists and dicts of numbers and arrays, flattened and built again."""

import copy
from collections.abc import Iterator
from typing import Any

from .errors import ShapeError


def leaves(tree: Any) -> list[Any]:
    """The leaves of nested tuples, lists and dicts, in order."""
    if isinstance(tree, dict):
        return [leaf for key in tree for leaf in leaves(tree[key])]
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    return [tree]


def rebuild(tree: Any, new: list[Any]) -> Any:
    """The same containers with other leaves."""
    return _build(tree, iter(new))


def _build(tree: Any, new: Iterator[Any]) -> Any:
    if isinstance(tree, dict):
        made = copy.copy(tree)                  # a defaultdict keeps what it makes
        for key in tree:
            made[key] = _build(tree[key], new)
        return made
    if isinstance(tree, tuple) and getattr(type(tree), "_fields", None):
        return type(tree)(*(_build(item, new) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(_build(item, new) for item in tree)
    return next(new)


def outline(tree: Any) -> Any:
    """The containers of a tree without its leaves, to be compared and hashed."""
    if isinstance(tree, dict):
        return type(tree), tuple((key, outline(x)) for key, x in tree.items())
    return (type(tree), *map(outline, tree)) if isinstance(tree, (list, tuple)) else None


def leaves_like(tree: Any, like: Any, what: str) -> list[Any]:
    """The leaves of `tree` in the order of `like`, whose containers it must have."""
    if isinstance(like, dict):
        if not isinstance(tree, dict) or tree.keys() != like.keys():
            raise ShapeError(f"{what} has {_outline(tree)} where {_outline(like)} is expected",
                             "give it the same containers")
        return [leaf for key in like for leaf in leaves_like(tree[key], like[key], what)]
    if isinstance(like, (list, tuple)):
        if not isinstance(tree, (list, tuple)) or len(tree) != len(like):
            raise ShapeError(f"{what} has {_outline(tree)} where {_outline(like)} is expected",
                             "give it the same containers")
        return [leaf for item, other in zip(tree, like, strict=True)
                for leaf in leaves_like(item, other, what)]
    return [tree]


def _outline(tree: Any) -> str:
    if isinstance(tree, dict):
        return f"a dict of {', '.join(map(repr, tree))}"
    return f"a {type(tree).__name__}" + (f" of {len(tree)}" if isinstance(tree, (list, tuple))
                                          else "")
