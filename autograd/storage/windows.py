"""Windows slide along axes: NumPy looks at them where they are, other libraries stack their places.
"""

from typing import Any

from . import full
from .indexing import setitem
from .libraries import library_of
from .memory import writable
from .numpy_storage import window_places


def windows(xp: Any, x: Any, **how: Any) -> Any:
    """What lies in each window: x with fewer elements along `axis`, and the axes of the window."""
    if _by_numpy(x):
        return xp.sliding_window_view(x, **how)
    parts = [x[index] for index, _ in window_places(x.shape, **how)]
    return xp.reshape(xp.stack(parts, axis=-1), (*parts[0].shape, *how["window"]))


def overlap_add(xp: Any, x: Any, shape: tuple[int, ...], **how: Any) -> Any:
    """The transpose of `windows`: zeros of `shape` with each window added where it lies."""
    if _by_numpy(x):
        return xp.overlap_add(x, shape, **how)
    total = full(x, shape, 0)
    for index, place in window_places(shape, **how):
        if writable(total):
            total[index] += x[place]
        else:
            total = setitem(xp, total, total[index] + x[place], index)
    return total


def _by_numpy(x: Any) -> bool:
    library: Any = library_of(x)
    return library.name == "numpy" or library.traces
