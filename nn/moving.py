"""Moving is copying numbers from where they are to where others are, because someone asked for it.

Nothing here runs in a training step. NumPy's arrays are the portable form: what is saved.
"""

from typing import Any

import numpy

from autograd.errors import StorageError
from autograd.storage import (
    Device,
    copy,
    device_of,
    dtype_name,
    find_device,
    is_floating,
    is_integer,
    library_of,
    namespace,
    ndarray,
    to_numpy,
    transfer,
)


def portable(x: Any) -> Any:
    """The numbers of an array of any library in a NumPy array of their own."""
    return numpy.array(to_numpy(x))


def sent(x: Any, there: Device) -> Any:
    """A NumPy array on a device; in 32 bits where that takes no 64, as JAX does by default."""
    kept = there.library.xp.__array_namespace_info__().dtypes(device=there.place)
    name = x.dtype.name
    return transfer(x if name in kept else x.astype(name.replace("64", "32")), there)


def placed(x: Any, like: Any) -> Any:
    """The numbers of an array in one of their own, of the dtype and on the device of `like`."""
    there = device_of(like)
    if library_of(x) is there.library and not there.library.records(x):
        return copy(transfer(namespace(x).astype(x, like.dtype, copy=False), there))
    return there.library.put(to_numpy(x).astype(dtype_name(like.dtype)), there.place)


def together(x: Any, like: Any) -> bool:
    """Whether two arrays are of one library, on one device, or one is constant in a program."""
    if type(x) is ndarray is type(like):
        return True
    here, there = device_of(x), device_of(like)
    return here == there or here.library.traces or there.library.traces


def apart(where: str, name: str, x: Any, other: str, y: Any) -> StorageError:
    """The error of two arrays that are kept in different places."""
    here, there = device_of(x), device_of(y)
    word = other.split()[-1]                            # of "validation's x"
    return StorageError(
        f"{where}: {name} on {here} of {here.library.name}, {other} on {there} of "
        f"{there.library.name}", f"move {other} once, before the first step: {word} = "
        f"Tensor({word}).to({str(here)!r}, storage={here.library.name!r})")


def moved(x: Any, device: Any, storage: str | None, dtype: Any = None) -> Any:
    """An array on a device, as `Tensor.to` has it; before they travel, floats in another dtype."""
    here = device_of(x)
    if dtype is not None and is_floating(x):
        x = namespace(x).astype(x, here.library.dtype(dtype_name(dtype)), copy=False)
    there = here if device is storage is None else find_device(device, storage, here.library)
    if is_integer(x) and here.library is not there.library:
        return sent(to_numpy(x), there)                 # counts: JAX keeps 32 bits of them
    return x if here == there else transfer(x, there)
