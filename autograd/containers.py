"""Containers: nested tuples, lists and dicts of numbers and arrays, flattened and built again."""

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
    source = iter(new)

    def build(x: Any) -> Any:
        if isinstance(x, dict):
            return type(x)((key, build(x[key])) for key in x)
        if isinstance(x, tuple) and hasattr(x, "_fields"):
            return type(x)(*map(build, x))
        return type(x)(map(build, x)) if isinstance(x, (list, tuple)) else next(source)

    return build(tree)
