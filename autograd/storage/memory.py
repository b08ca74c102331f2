"""Memory: which arrays share it, and which may be written to. Each library says it in its own way.

What a library that is not known here does is not guessed: `shares_memory` answers None.
"""

from typing import Any

import numpy

from .libraries import library_of


def shares_memory(x: Any, y: Any) -> bool | None:
    """Whether writing to x may change y; None where the library does not tell."""
    if isinstance(x, numpy.ndarray) and isinstance(y, numpy.ndarray):
        return numpy.may_share_memory(x, y)
    library, name = library_of(x), _name(x)
    if library is None or library is not library_of(y) or name == "numpy" or library.immutable:
        return False
    if name == "array_api_strict":
        return numpy.may_share_memory(x._array, y._array)
    if name == "torch":
        memory_of_x = memory(x)
        return None if memory_of_x is type(x) else bool(memory_of_x == memory(y))
    if name == "cupy":
        import cupy

        return bool(cupy.may_share_memory(x, y))
    return None


def overlap(x: Any, y: Any) -> bool:
    """Whether a number of x surely lies where one of y does: parts of one array need not."""
    if not shares_memory(x, y):
        return False
    name = _name(x)
    if name == "array_api_strict":
        x, y = x._array, y._array
    elif name == "torch":
        x, y = _as_laid_out(x, y)
    elif name == "cupy":
        import cupy

        return bool(cupy.shares_memory(x, y))
    steps: Any = 100_000                        # to find out is hard in the worst case
    try:
        return numpy.shares_memory(x, y, max_work=steps)
    except numpy.exceptions.TooHardError:
        return False


def _as_laid_out(*tensors: Any) -> list[Any]:
    """Arrays of NumPy's that lie to each other as these tensors of one memory do; never read."""
    base = numpy.empty(max(x.untyped_storage().nbytes() for x in tensors), numpy.uint8)
    return [numpy.ndarray(tuple(x.shape), f"V{x.itemsize}", base, x.storage_offset() * x.itemsize,
                          tuple(step * x.itemsize for step in x.stride())) for x in tensors]


def memory(x: Any) -> Any:
    """What names the memory x lies in; None for what is never written to, else x's type."""
    name = _name(x)
    if name == "array_api_strict":
        x, name = x._array, "numpy"
    if name in ("numpy", "cupy"):
        while getattr(x, "base", None) is not None:
            x = x.base
        return id(x)
    if name == "torch":
        try:
            return int(x.untyped_storage().data_ptr())
        except (RuntimeError, NotImplementedError):     # being traced, it lies nowhere
            return type(x)
    return None if name == "" or immutable(x) else type(x)


def owns_memory(x: Any) -> bool:
    """Whether x may surely be written to without another array changing."""
    name = _name(x)
    if name == "array_api_strict":
        x, name = x._array, "numpy"
    if name == "numpy":
        return x.base is None and bool(x.flags.writeable)
    if name == "torch":
        return not x._is_view()
    return x.base is None if name == "cupy" else name == "" or immutable(x)


def filled(x: Any) -> Any:
    """The array whose memory is all taken by x, itself or what it is another arrangement of.

    None where x may not surely be written to without another part of that memory changing. What is
    no array is itself.
    """
    if isinstance(x, numpy.ndarray):
        whole = x if x.base is None else x.base
        return whole if type(whole) is numpy.ndarray and x.flags.writeable and (
            whole.base is None and whole.nbytes == x.nbytes) else None
    return x if library_of(x) is None or owns_memory(x) else None


def immutable(x: Any) -> bool:
    """Whether the library of x never changes an array."""
    library = library_of(x)
    return not hasattr(x, "__setitem__") or (library is not None and library.immutable)


def writable(x: Any) -> bool:
    """Whether `x[i] = v` changes the array x itself (False: it is immutable, or read-only)."""
    if isinstance(x, numpy.ndarray):
        return bool(x.flags.writeable)
    if immutable(x):
        return False
    name = _name(x)
    if name == "array_api_strict":
        return bool(x._array.flags.writeable)
    if name in ("torch", "cupy"):               # elements that share their place: broadcast
        strides = x.stride() if name == "torch" else x.strides
        return 0 in x.shape or all(step or n < 2 for step, n in zip(strides, x.shape))
    return True


def apart(x: Any, *others: Any) -> Any:
    """x, or a copy where it may share the memory of one of the others: PyTorch's +y is y."""
    if isinstance(x, tuple):
        return tuple(apart(part, *others) for part in x)
    known = [y for y in others if library_of(y)] if library_of(x) else []
    return copy(x) if any(shares_memory(x, y) is not False for y in known) else x


def shadow(x: Any) -> Any:
    """An array of NumPy's in the shape of x, to see what would share memory there."""
    library: Any = library_of(x)
    holds_complex = library.xp.isdtype(x.dtype, "complex floating")
    return numpy.empty(tuple(x.shape), numpy.complex64 if holds_complex else numpy.int8)


def copy(x: Any) -> Any:
    """The same numbers in an array of their own."""
    library: Any = library_of(x)
    return library.xp.asarray(x, copy=True)


def _name(x: Any) -> str:
    library = library_of(x)
    return "" if library is None else library.name
