"""Python's own types, where HIPS autograd has ones of its own: here containers need no others."""

from builtins import dict, isinstance, list, tuple, type  # noqa: UP029

__all__ = ["dict", "isinstance", "list", "tuple", "type"]
