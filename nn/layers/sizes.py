"""Sizes of layers are whole numbers from 1 up."""

import operator
from typing import Any

from autograd.errors import ArgumentError, describe


def count(name: str, n: Any) -> int:
    """n as a whole number; ArgumentError, which tells the name, for anything else or below 1."""
    try:
        if operator.index(n) > 0:
            return operator.index(n)
    except TypeError:
        pass
    raise ArgumentError(f"{name} = {describe(n)}", "give a whole number from 1 up")
