"""Wording puts numbers, arrays, labels and operations into few characters that are safe to draw."""

import math
from collections.abc import Mapping
from typing import Any

from ..storage import is_array, is_complex, is_floating, namespace, quiet

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
         "remainder": "%", "pow": "**", "matrix_product": "@"}
NAMES = {**SIGNS, "negative": "-", "relu": "ReLU"}          # micrograd's words


def short(label: object, width: int = 24) -> str:
    """A label on one line, at most `width` characters, what cannot be printed written as \\x00."""
    text = " ".join(str(label).split())
    if len(text) > width:
        text = text[:width - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def number(x: Any, digits: int = 4) -> str:
    """A number with few digits: 2.0, 24.7041, 1.5e-07, nan."""
    if isinstance(x, (bool, int)):
        return short(x, 12)
    if isinstance(x, complex):
        return f"{x:.{digits}g}"
    x = float(x)
    if not math.isfinite(x) or (x != 0 and not 0.1 <= abs(x) < 1e6):
        return f"{x:.{digits}g}"
    text = f"{x:.{digits}f}".rstrip("0")
    return text + "0" if text.endswith(".") else text


def kind(data: Any) -> str:
    """The dtype and shape of an array: `float64 (3, 4)`; nothing for a number."""
    if not is_array(data):
        return ""
    return f"{str(data.dtype).split('.')[-1]} {tuple(data.shape)}"


def amount(data: Any) -> str:
    """A number as it is, an array as `-1.5 to 2.0, mean 0.25`: least, greatest, mean."""
    if isinstance(data, tuple):
        return f"{len(data)} arrays"
    if not is_array(data):
        return number(data) if isinstance(data, (int, float, complex)) else short(repr(data))
    size = math.prod(data.shape)
    if size == 0:
        return "empty"
    xp = namespace(data)
    try:
        if size == 1:
            return number(_scalar(xp.reshape(data, ()), data))
        of = "|x| " if is_complex(data) else ""
        data = xp.abs(data) if of else data if is_floating(data) else xp.astype(data, xp.float32)
        with quiet():
            low, high, mean = (number(float(f(data)), 3) for f in (xp.min, xp.max, xp.mean))
        return f"{of}{low} to {high}, mean {mean}"
    except TypeError:                       # traced: there are no numbers yet
        return "not known yet"


def _scalar(x: Any, like: Any) -> Any:
    return complex(x) if is_complex(like) else float(x) if is_floating(like) else int(x)


def operation(name: str, params: Mapping[str, Any]) -> str:
    """An operation as its box says it: `+`, `sum axis=0`, `getitem [0, :, 1:]`."""
    return short(" ".join([NAMES.get(name, name), *metadata(params)]), 30)


def metadata(params: Mapping[str, Any]) -> list[str]:
    """What of an operation's metadata is worth showing: not shapes, which every result shows."""
    return [f"[{index(value)}]" if key == "index" else f"{key}={short(value)}"
            for key, value in params.items()
            if value is not None and value is not False and key not in ("shape", "dtype")]


def index(i: Any) -> str:
    """An index as it is written between brackets."""
    if isinstance(i, tuple):
        return ", ".join(map(index, i))
    if isinstance(i, slice):
        start, stop = ("" if end is None else str(end) for end in (i.start, i.stop))
        return f"{start}:{stop}" + ("" if i.step is None else f":{i.step}")
    if is_array(i):
        return f"{kind(i)}"
    return "..." if i is Ellipsis else str(i)
