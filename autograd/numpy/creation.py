"""Creation: new Tensors, on the default device unless another is given.

`device` is a name ("cpu", "cuda", "cuda:1"), a library's own object or an `autograd.device`;
`dtype` a name or any library's dtype. None means the default's; see `autograd.device`.
"""

from collections.abc import Callable
from typing import Any

from ..bridges import stack
from ..composite import astype
from ..containers import leaves
from ..errors import ArgumentError, DtypeError, GraphError, describe
from ..inputs import numbers_array
from ..node import Operand
from ..operands import elsewhere
from ..ops.shapes import broadcast_to
from ..primitive import raw
from ..storage import (
    Device,
    copy as copied,
    devices,
    find_device,
    is_array,
    is_numpy,
    literal,
    namespace,
)
from ..tensor import Tensor


def asarray(obj: Any, /, dtype: Any = None, *, device: Any = None,
            copy: bool | None = None) -> Tensor:
    """Numbers, nested lists, an array or a Tensor as a Tensor; lists of Tensors keep gradients.

    A Tensor is returned as it is, and an array shared, unless `copy` or another dtype or device
    asks for new numbers; ArgumentError where copy=False cannot be honoured.
    """
    made = _gathered(obj)
    if device is not None or (is_numpy(made.data) and type(obj) is not Tensor):
        made = made.to(find_device(device, near=devices.default().library))
    if dtype is not None:
        made = astype(made, dtype, copy=False)
    shared = made is obj or (is_array(obj) and made.data is obj)
    if copy is False and not shared:
        raise ArgumentError(f"asarray of {describe(obj)} needs a copy, and copy=False forbids it",
                            "leave out copy=False, or give an array of that dtype and device")
    if copy and shared:
        return made + 0 if made.tracked else Tensor(copied(made.data))
    return made


def array(obj: Any, dtype: Any = None, *, copy: bool = True) -> Tensor:
    """A new Tensor: as `asarray`, but never sharing the numbers of obj."""
    return asarray(obj, dtype=dtype, copy=copy or None)


def _gathered(x: Any, near: Any = None) -> Tensor:
    """x as a Tensor where its numbers are, literals beside the array `near`, if one is given.

    Nested lists of Values, Tensors or arrays of another library than NumPy are joined.
    """
    if isinstance(x, (list, tuple)):
        kinds = {type(leaf): leaf for leaf in leaves(x)}.values()
        here = elsewhere(kinds)
        if here is not None or any(isinstance(leaf, Operand) for leaf in kinds):
            near = here if near is None else near
            joined = stack([_gathered(row, near) if isinstance(row, (list, tuple)) else row
                            for row in x])
            return joined if type(joined) is Tensor else Tensor(joined)
        if near is not None:
            return Tensor(literal(near, x))
    if isinstance(x, Operand) and type(x) is not Tensor:
        return stack([x]).reshape(())
    return x if type(x) is Tensor else Tensor(x)


def from_dlpack(x: Any, /, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """An array of any library as a Tensor over the default storage, sharing memory if it can."""
    if isinstance(x, Operand) and getattr(x, "requires_grad", False):
        raise GraphError("from_dlpack of a Tensor that requires a gradient would drop it",
                         "write from_dlpack(x.detach()) if that is meant")
    return asarray(devices.default().library.xp.from_dlpack(x), device=device, copy=copy)


def _made(name: str, *args: Any, dtype: Any = None, device: Any = None, **words: Any) -> Tensor:
    """What the library of a device makes there."""
    place = find_device(device, near=devices.default().library)
    return Tensor(_on(place, name, *args, dtype=dtype, **words))


def _on(place: Device, name: str, *args: Any, dtype: Any = None, **words: Any) -> Any:
    function: Callable[..., Any] = getattr(place.library.xp, name)
    if place.place is not None:
        words["device"] = place.place
    return function(*args, dtype=place.library.dtype(dtype), **words)


def zeros(shape: Any, dtype: Any = None, *, device: Any = None) -> Tensor:
    """Zeros of a shape, of the storage's default floating dtype unless one is given."""
    return _made("zeros", _shape(shape), dtype=dtype, device=device)


def ones(shape: Any, dtype: Any = None, *, device: Any = None) -> Tensor:
    """Ones of a shape, of the storage's default floating dtype unless one is given."""
    return _made("ones", _shape(shape), dtype=dtype, device=device)


def empty(shape: Any, dtype: Any = None, *, device: Any = None) -> Tensor:
    """An array of a shape whose numbers are whatever the memory held."""
    return _made("empty", _shape(shape), dtype=dtype, device=device)


def full(shape: Any, fill_value: Any, dtype: Any = None, *, device: Any = None) -> Tensor:
    """A shape filled with one number; the gradient of a 0-d Tensor is kept."""
    if isinstance(fill_value, Operand) or is_array(fill_value):
        value = asarray(fill_value, dtype=dtype, device=device)
        return array(broadcast_to(value, shape=_shape(shape)))
    return _made("full", _shape(shape), fill_value, dtype=dtype, device=device)


def arange(start: Any, /, stop: Any = None, step: Any = 1, dtype: Any = None, *,
           device: Any = None) -> Tensor:
    """start, start + step, ... below stop; arange(n) is 0 to n - 1."""
    start, stop = (0, start) if stop is None else (start, stop)
    return _made("arange", _number(start), _number(stop), _number(step), dtype=dtype,
                 device=device)


def linspace(start: Any, stop: Any, /, num: int = 50, *, dtype: Any = None, device: Any = None,
             endpoint: bool = True) -> Tensor:
    """num numbers evenly spaced from start to stop; gradients of 0-d Tensors are kept."""
    if isinstance(start, Operand) or isinstance(stop, Operand):
        near = raw(start if isinstance(start, Operand) else stop)
        weights = linspace(0.0, 1.0, num, dtype=dtype, endpoint=endpoint,
                           device=devices.device_of(near) if is_array(near) else device)
        return start * (1 - weights) + stop * weights
    return _made("linspace", _number(start), _number(stop), int(_number(num)), dtype=dtype,
                 device=device, endpoint=endpoint)


def eye(n_rows: int, n_cols: int | None = None, /, k: int = 0, dtype: Any = None, *,
        device: Any = None) -> Tensor:
    """Ones on diagonal k, zeros elsewhere."""
    return _made("eye", n_rows, n_cols, k=k, dtype=dtype, device=device)


def zeros_like(x: Any, /, dtype: Any = None, *, device: Any = None) -> Tensor:
    """Zeros in the shape of x, and in its dtype, storage and device unless others are given."""
    return _like("zeros", x, dtype=dtype, device=device)


def ones_like(x: Any, /, dtype: Any = None, *, device: Any = None) -> Tensor:
    """Ones in the shape of x, and in its dtype, storage and device unless others are given."""
    return _like("ones", x, dtype=dtype, device=device)


def empty_like(x: Any, /, dtype: Any = None, *, device: Any = None) -> Tensor:
    """Any numbers in the shape of x, and in its dtype, storage and device."""
    return _like("empty", x, dtype=dtype, device=device)


def full_like(x: Any, /, fill_value: Any, dtype: Any = None, *, device: Any = None) -> Tensor:
    """One number in the shape of x, and in its dtype, storage and device."""
    x = asarray(x)
    return full(x.shape, fill_value, dtype=x.dtype if dtype is None else dtype,
                device=devices.device_of(x.data) if device is None else device)


def _like(name: str, x: Any, *, dtype: Any, device: Any) -> Tensor:
    data = raw(asarray(x))
    if device is None and dtype is None:
        return Tensor(getattr(namespace(data), f"{name}_like")(data))
    place = devices.device_of(data)
    place = place if device is None else find_device(device, near=place.library)
    return Tensor(_on(place, name, tuple(data.shape), dtype=data.dtype if dtype is None else dtype))


def _shape(shape: Any) -> tuple[int, ...]:
    one = not isinstance(shape, (tuple, list)) and getattr(shape, "shape", ()) == ()
    lengths = (shape,) if one else shape
    try:
        return tuple(n.__index__() for n in lengths)
    except AttributeError as error:
        raise DtypeError(f"a shape of {describe(shape)}", "give integers, as in (3, 4)") from error


def _number(x: Any) -> Any:
    """A plain number where a 0-d Tensor may have been given; one with a gradient raises."""
    if not isinstance(x, Operand) and not is_array(x):
        return x
    if getattr(x, "requires_grad", False):
        raise GraphError(f"{describe(x)} as a bound or step of a range would drop its gradient",
                         "write x.item() if that is meant")
    return numbers_array(x).item() if not isinstance(x, Operand) else raw(asarray(x)).item()
