"""The libraries known by name: NumPy, CuPy, PyTorch, JAX and array-api-strict."""

from typing import Any

import numpy

from ..errors import DtypeError
from . import numpy_storage
from .library import Library, dtype_name


class _NumPy(Library):
    takes_any_index = True
    xp = numpy_storage
    module = "numpy"

    def devices(self) -> dict[str, Any]:
        return {"cpu": "cpu"}

    def default(self) -> Any:
        return "cpu"

    def device_of(self, x: Any) -> Any:
        return "cpu"

    def put(self, x: Any, device: Any) -> Any:
        return numpy.array(x)

    def move(self, x: Any, device: Any) -> Any:
        return x

    def to_numpy(self, x: Any) -> Any:
        return numpy.asarray(x)

    def named(self, dtype: Any) -> Any:
        try:
            return None if dtype is None else numpy.dtype(dtype)
        except TypeError:
            return super().named(dtype)


class _CuPy(Library):
    takes_any_index = True
    module = "array_api_compat.cupy"
    install = "pip install 'wengert[cuda13]' (or cuda12, as nvidia-smi says)"

    def devices(self) -> dict[str, Any]:
        import cupy

        try:
            count = cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError:      # no driver, or no device
            count = 0
        return {f"cuda:{i}": cupy.cuda.Device(i) for i in range(count)}

    def title(self, device: Any) -> str:
        import cupy

        return str(cupy.cuda.runtime.getDeviceProperties(device.id)["name"], "utf-8")

    def default(self) -> Any:
        import cupy

        return cupy.cuda.Device() if self.devices() else None

    def put(self, x: Any, device: Any) -> Any:
        import cupy

        with device:
            return cupy.array(x)

    def move(self, x: Any, device: Any) -> Any:
        import array_api_compat

        return array_api_compat.to_device(x, device)

    def to_numpy(self, x: Any) -> Any:
        import cupy

        return cupy.asnumpy(x)


class _Torch(Library):
    module = "autograd.storage.torch_storage"
    install = "pip install torch"

    def devices(self) -> dict[str, Any]:
        import torch

        found = {"cpu": torch.device("cpu")}
        accelerator = torch.accelerator.current_accelerator()
        if accelerator:
            found |= {f"{accelerator.type}:{i}": torch.device(accelerator.type, i)
                      for i in range(torch.accelerator.device_count())}
        return found

    def title(self, device: Any) -> str:
        import torch

        return torch.cuda.get_device_name(device) if device.type == "cuda" else ""

    def default(self) -> Any:
        import torch

        return torch.get_default_device()

    def records(self, x: Any) -> bool:
        return bool(x.requires_grad)

    def put(self, x: Any, device: Any) -> Any:
        import torch

        return torch.tensor(numpy.array(x) if isinstance(x, numpy.ndarray) else x, device=device)

    def move(self, x: Any, device: Any) -> Any:
        return x.to(device)

    def to_numpy(self, x: Any) -> Any:
        return x.detach().cpu().resolve_conj().resolve_neg().numpy()


class _JAX(Library):
    takes_any_index = immutable = True
    module = "jax.numpy"
    install = "pip install jax"

    def devices(self) -> dict[str, Any]:
        import jax

        return {f"{'cuda' if device.platform == 'gpu' else device.platform}:{device.id}": device
                for device in dict.fromkeys([*jax.devices(), *jax.devices("cpu")])}

    def title(self, device: Any) -> str:
        return "" if device.platform == "cpu" else str(device.device_kind)

    def default(self) -> Any:
        import jax

        return jax.numpy.empty(()).device

    def device(self, which: Any) -> Any:
        import jax

        return which if isinstance(which, jax.sharding.Sharding) else super().device(which)

    def device_of(self, x: Any) -> Any:
        import jax

        return None if isinstance(x, jax.core.Tracer) else x.device     # what is traced has none

    def put(self, x: Any, device: Any) -> Any:
        import jax

        self._check(getattr(x, "dtype", None))
        return jax.device_put(jax.numpy.array(x), device)

    def dtype(self, dtype: Any) -> Any:
        found = self.named(dtype)
        self._check(found)
        return found

    def _check(self, dtype: Any) -> None:
        import jax

        kept = None if dtype is None else jax.dtypes.canonicalize_dtype(dtype)
        if kept is not None and kept != dtype:
            name = dtype_name(kept)
            raise DtypeError(f"JAX would make {dtype_name(dtype)} {name}",
                             f"ask for it: x.astype({name!r}), dtype={name!r} in creation and in "
                             f"model.to(storage='jax', dtype={name!r}); or let JAX keep the "
                             "digits: jax.config.update('jax_enable_x64', True)")

    def move(self, x: Any, device: Any) -> Any:
        import jax

        return jax.device_put(x, device)

    def to_numpy(self, x: Any) -> Any:
        return numpy.asarray(x)


class _Strict(Library):
    module = "array_api_strict"
    install = "pip install array-api-strict"

    def devices(self) -> dict[str, Any]:
        words = (str(device).split("'")[1].lower() for device in self._info.devices())
        return dict(zip((word.removesuffix("_device") for word in words), self._info.devices()))


NUMPY = _NumPy("numpy")
LIBRARIES: dict[str, Library] = {
    "numpy": NUMPY, "cupy": _CuPy("cupy"), "torch": _Torch("torch"), "jax": _JAX("jax"),
    "array_api_strict": _Strict("array_api_strict")}
_by_type: dict[type, Library | None] = {numpy.ndarray: NUMPY, numpy.generic: NUMPY}
_others: dict[str, Library] = {}


def add(kind: type, library: Library) -> None:
    """Let a library hold the arrays of one type."""
    _by_type[kind] = library


def library_of(x: Any) -> Library | None:
    """The library that holds x, found once per type; None where x is no array."""
    kind = type(x)
    try:
        return _by_type[kind]
    except KeyError:
        found = _by_type[kind] = _find(x)
        return found


def library_of_dtype(dtype: Any) -> Library | None:
    """The library that a dtype is of; None for names, Python's types and NumPy's dtypes."""
    return LIBRARIES.get(type(dtype).__module__.partition(".")[0]) if not isinstance(
        dtype, (str, type, numpy.dtype)) else None


def _find(x: Any) -> Library | None:
    if isinstance(x, (numpy.ndarray, numpy.generic)):
        return NUMPY
    root = type(x).__module__.partition(".")[0]
    if root in ("autograd", "builtins"):                # a Tensor is no storage for another
        return None
    import array_api_compat

    if not array_api_compat.is_array_api_obj(x):
        return None
    if root.removesuffix("lib") in LIBRARIES:
        return LIBRARIES[root.removesuffix("lib")]
    xp = array_api_compat.array_namespace(x)
    return _others.setdefault(xp.__name__, Library(xp.__name__, xp))
