"""A device is where arrays are kept: a library, and one of the places it knows.

    with autograd.device("cuda"):           # or device("cpu", storage="torch"), device("jax") ...
        w = np.zeros(3)

`autograd.numpy` makes its arrays on the default device, which is a context variable. Nothing is
moved from one to another unless `to` says so.
"""

from contextvars import ContextVar
from typing import Any

from ..errors import StorageError
from .libraries import LIBRARIES, NUMPY, library_of
from .library import Library, dtype_name


class Device:
    """A library and one of its devices; as a context, where new arrays are made.

    `library.name` is "numpy", "cupy", "torch", "jax", "array_api_strict"; `place` is that
    library's own object. Raises StorageError for what is not there, with what is.
    """

    __slots__ = ("library", "place")
    library: Library
    place: Any

    def __init__(self, device: Any = None, *, storage: str | None = None) -> None:
        found = find_device(device, storage, default().library)
        self.library, self.place = found.library, found.place

    @classmethod
    def _at(cls, library: Library, place: Any) -> "Device":
        device = object.__new__(cls)
        device.library, device.place = library, place
        return device

    def __enter__(self) -> "Device":
        _default.set((self, _default.get()))
        return self

    def __exit__(self, *error: Any) -> None:
        _default.set(_default.get()[1])

    def __eq__(self, other: Any) -> bool:
        return (type(other) is Device and self.library is other.library
                and bool(self.place == other.place))

    def __hash__(self) -> int:
        return hash((self.library.name, str(self.place)))

    def __repr__(self) -> str:
        return f"device({str(self)!r}, storage={self.library.name!r})"

    def __str__(self) -> str:
        return next((name for name, place in self.library.devices().items()
                     if place == self.place), str(self.place))

    def __reduce__(self) -> Any:
        return find_device, (str(self), self.library.name)


_HOST = Device._at(NUMPY, "cpu")
_default: ContextVar[Any] = ContextVar("device", default=(_HOST, None))


def default() -> Device:
    """Where new arrays are made: NumPy's, unless a `with autograd.device(...)` says otherwise."""
    return _default.get()[0]


def device_of(x: Any) -> Device:
    """Where the array x is kept."""
    library = library_of(x)
    assert library is not None, x
    return _HOST if library is NUMPY else Device._at(library, library.device_of(x))


def find_device(which: Any = None, storage: str | None = None, near: Library = NUMPY) -> Device:
    """The device meant by a name or a library's object; `near` is the library asked first."""
    if type(which) is Device:
        return which
    if storage is not None:
        library = _library(storage)
        place = library.default() if which is None else library.device(which)
        if place is None:
            raise StorageError(f"{storage} has no device{'' if which is None else f' {which!r}'}",
                               f"it has {', '.join(library.devices()) or 'none'}")
        return Device._at(library, place)
    if which is None:
        return default()
    for library in dict.fromkeys((near, *LIBRARIES.values())):
        if (library.name in _asked_for(which) or library is near) and library.found:
            place = library.device(which)
            if place is not None:
                return Device._at(library, place)
    raise StorageError(f"no device {which!r} here", _meant(which))


def _meant(which: Any) -> str:
    """What to write for what is no device."""
    if isinstance(which, str) and which in LIBRARIES:
        return f"{which} is a storage: x.to(storage={which!r})"
    name = dtype_name(which)
    if name.rstrip("0123456789") in ("float", "bfloat", "int", "uint", "complex", "bool"):
        return f"{name} is a dtype: x.astype({name!r}), of a model model.to(dtype={name!r})"
    return f"there are {_present()}"


def _asked_for(which: Any) -> tuple[str, ...]:
    """The libraries that a device may belong to: for a name those that others expect."""
    if isinstance(which, str):
        return ("numpy", "cupy", "torch", "jax") if which.lower() != "cpu" else ("numpy",)
    return (type(which).__module__.partition(".")[0].removesuffix("lib"),)


def _library(storage: str) -> Library:
    library = LIBRARIES.get({"strict": "array_api_strict"}.get(storage, storage))
    if library is None:
        raise StorageError(f"no storage {storage!r}", f"there are {', '.join(LIBRARIES)}")
    if not library.found:
        raise StorageError(f"storage {storage!r} is not installed",
                           f"{library.install}; found here: {_present()}")
    return library


def _present() -> str:
    """The devices of the installed libraries, in words; those loaded already, and NumPy's."""
    missing = [f"{library.name} ({library.install})" for library in LIBRARIES.values()
               if not library.found and library.name != "array_api_strict"]
    found = [f"{name} of {library.name}" for library in LIBRARIES.values()
             if library.found and library.name != "array_api_strict"
             for name in library.devices()]
    return ", ".join(found) + (f"; not installed: {', '.join(missing)}" if missing else "")


def transfer(x: Any, device: Device) -> Any:
    """The array x on a device: through its own library where it can, else through NumPy."""
    library = library_of(x)
    assert library is not None, x
    if library is device.library:
        return library.move(x, device.place)
    if str(device).startswith("cuda") and str(device_of(x)).startswith("cuda"):
        shared = device.library.xp.from_dlpack(x)
        return device.library.move(device.library.xp.asarray(shared, copy=True), device.place)
    return device.library.put(library.to_numpy(x), device.place)
