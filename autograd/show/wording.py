"""Wording puts numbers, arrays, labels and operations into few characters that are safe to draw."""

import math
from collections.abc import Mapping
from typing import Any

from ..storage import asarray, is_array, is_complex, is_floating, namespace, quiet

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "floor_divide": "//",
         "remainder": "%", "pow": "**", "matrix_product": "@"}
CALLS = {"at_least": "maximum", "at_most": "minimum", "from_values": "stack"}   # as people write
NAMES = {**SIGNS, **CALLS, "negative": "-"}


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
    try:
        if math.prod(data.shape) == 1:
            return number(_scalar(namespace(data).reshape(data, ()), data))
        return _range([data])
    except TypeError:                       # traced: there are no numbers yet
        return "not known yet"


def kinds(several: list[Any]) -> str:
    """What several results are: `16 numbers`, `2 × float64 (3, 4)`, `3 arrays`."""
    found = {kind(data) for data in several}
    if len(several) == 1 or found == {""}:
        return kind(several[0]) or (f"{len(several)} numbers" if len(several) > 1 else "")
    return f"{len(several)} × {found.pop()}" if len(found) == 1 else f"{len(several)} arrays"


def amounts(several: list[Any]) -> str:
    """The least, the greatest and the mean of several results together."""
    if len(several) == 1:
        return amount(several[0])
    numbers = [data for data in several if not is_array(data)]
    arrays = [data for data in several if is_array(data)]
    try:
        return _range([*arrays, *([asarray(numbers)] if numbers else [])])
    except (TypeError, ValueError):         # tuples of arrays, or traced
        return f"{len(several)} results"


def _range(arrays: list[Any]) -> str:
    """Least, greatest and mean of all elements; of their sizes where some are complex."""
    arrays = [data for data in arrays if math.prod(data.shape)]
    if not arrays:
        return "empty"
    sized = any(map(is_complex, arrays))
    lows, highs, total, count = [], [], 0.0, 0
    with quiet():
        for data in arrays:
            xp, size = namespace(data), math.prod(data.shape)
            data = (xp.abs(data) if sized else data if is_floating(data)
                    else xp.astype(data, xp.float32))
            lows.append(float(xp.min(data)))
            highs.append(float(xp.max(data)))
            count += size
            total += (float(xp.mean(data)) - total) * (size / count)
        low, high = asarray(lows).min(), asarray(highs).max()
    return (f"{'|x| ' if sized else ''}{number(low, 3)} to {number(high, 3)}, "
            f"mean {number(total, 3)}")


def _scalar(x: Any, like: Any) -> Any:
    return complex(x) if is_complex(like) else float(x) if is_floating(like) else int(x)


def constant(x: Any) -> str:
    """An operand that is no node: its number, of an array dtype and shape."""
    return kind(x) if is_array(x) and x.shape else amount(x)


def operation(name: str, params: Mapping[str, Any]) -> str:
    """An operation as its box says it: `+`, `sum axis=0`, `getitem [0, :, 1:]`."""
    text = " ".join([NAMES.get(name, name), *metadata(params)])
    cut = short(text, 30)
    if cut == text or text[-1] != "]":
        return cut
    cut = short(text, 29)                       # with its brackets closed
    if cut.count("(") > cut.count(")"):
        cut = f"{cut[:cut.rindex('(')].rstrip()}…"
    return f"{cut}]"


MANY = 8                        # operands of one operation that are written out


def expression(name: str, params: Mapping[str, Any], operands: list[str]) -> str:
    """An operation as it is written: `a * b`, `sum(x, axis=0)`, `x[0, :]`."""
    if name in SIGNS and len(operands) == 2:
        return f"{_whole(operands[0])} {SIGNS[name]} {_whole(operands[1])}"
    if name == "negative":
        return f"-{_whole(operands[0])}"
    if name == "matrix_transpose":
        return f"{_whole(operands[0])}ᵀ"
    extra = metadata(params)
    if name == "getitem":
        return f"{_whole(operands[0])}{''.join(extra)}"
    shape = [str(tuple(params["shape"]))] if "shape" in params else []
    if len(operands) > MANY:
        operands = [*operands[:MANY - 2], f"… {len(operands) - MANY + 2:,} more"]
    return f"{CALLS.get(name, name)}({', '.join([*operands, *shape, *extra])})"


def _whole(x: str) -> str:
    """An operand in brackets, where it would be read as several."""
    return f"({x})" if x[:1] == "-" or (" " in x and x[-1:] not in "])") else x


def metadata(params: Mapping[str, Any]) -> list[str]:
    """What of an operation's metadata is worth showing: not shapes, which every result shows."""
    return [f"[{index(value)}]" if key == "index" else f"{key}={short(value)}"
            for key, value in params.items()
            if value is not None and value is not False and key not in ("shape", "dtype")
            and (value is not True or key != "axis")]       # of Values stacked


def index(i: Any) -> str:
    """An index as it is written between brackets."""
    if isinstance(i, tuple):
        return ", ".join(map(index, i))
    if isinstance(i, slice):
        start, stop = ("" if end is None else str(end) for end in (i.start, i.stop))
        return f"{start}:{stop}" + ("" if i.step is None else f":{i.step}")
    if is_array(i):
        return f"{kind(i)}"
    return "..." if i is Ellipsis else short(i)
