"""The table: every primitive and its derivative, each written once."""

from . import constants, elementwise, indexing, linalg, reductions, shapes

__all__ = ["constants", "elementwise", "indexing", "linalg", "reductions", "shapes"]
