"""Containers: nested tuples, lists and dicts of numbers and arrays, flattened and built again."""

from collections.abc import Iterator
from typing import Any


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
        return type(tree)((key, _build(tree[key], new)) for key in tree)
    if isinstance(tree, tuple) and getattr(type(tree), "_fields", None):
        return type(tree)(*(_build(item, new) for item in tree))
    if isinstance(tree, (list, tuple)):
        return type(tree)(_build(item, new) for item in tree)
    return next(new)
