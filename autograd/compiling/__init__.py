"""Compiling is printing: a function is traced, and its program printed, without graph and walk."""

from .compiled import compile

__all__ = ["compile"]
