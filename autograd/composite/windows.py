"""Windows onto an array, checked before they slide."""

from operator import index
from typing import Any

from ..errors import ShapeError, describe
from ..ops import windows
from ..ops.shapes import axes_of
from .base import as_operand


def sliding_window_view(x: Any, /, window_shape: Any, axis: Any = None, *, stride: Any = 1,
                        dilation: Any = 1) -> Any:
    """The windows of `window_shape` that slide along axes of x (None: all), as NumPy's.

    The shape is that of x, with the number of windows along those axes, and the window's own axes
    last. `stride` is the step from one window to the next, `dilation` that between its places: a
    number, or one for each axis. Raises ShapeError where the window is wider than x.
    """
    x = as_operand(x)
    axes = axes_of(axis, len(x.shape))
    window = window_shape if isinstance(window_shape, (tuple, list)) else (window_shape,)
    sizes = [_each(n, axes) for n in (window, stride, dilation)]
    if any(len(n) != len(axes) or min(n, default=1) < 1 for n in sizes):
        raise ShapeError(f"windows of shape {window_shape} along axes {axes}, stride {stride}, "
                         f"dilation {dilation}", "give each axis a number from 1 up in all three")
    for a, n, d in zip(axes, sizes[0], sizes[2]):
        if (n - 1) * d + 1 > x.shape[a]:
            raise ShapeError(f"windows of {n} places, {d} apart, along axis {a} of {describe(x)}",
                             f"the axis must have {(n - 1) * d + 1} elements or more")
    return windows.windows(x, window=sizes[0], axis=axes, stride=sizes[1], dilation=sizes[2])


def _each(n: Any, axes: tuple[int, ...]) -> tuple[int, ...]:
    """A number for each axis, of one for all or several."""
    return tuple(map(index, n)) if isinstance(n, (tuple, list)) else (index(n),) * len(axes)
