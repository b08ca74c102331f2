"""An array library that counts its kernels and tells of every transfer between host and device.

Its numbers are NumPy's, its functions those of the standard. Arrays lie on "host" (the default,
so that a creation without `device=` is found) or on "device", and two devices do not mix. What a
GPU would have to wait for, or to copy, is a transfer: it is written down, and raises inside
`with no_transfers():`.
"""

import functools
import operator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import array_api_compat.numpy as base
import array_api_strict
import numpy as np

NUMBERS = (bool, int, float, complex)
DEVICES = ["host", "device"]
CREATION = {"arange", "empty", "eye", "full", "linspace", "ones", "zeros",
            "empty_like", "full_like", "ones_like", "zeros_like"}
SYNCHRONOUS = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"}
ABOUT_DTYPES = {"isdtype", "result_type", "can_cast", "finfo", "iinfo", "broadcast_shapes"}


class TransferError(AssertionError):
    """Numbers went between host and device where that is forbidden."""


class Meter:
    """What happened: how many kernels ran, and what was transferred."""

    def __init__(self, forbidden=False):
        self.kernels, self.transfers, self.forbidden = 0, [], forbidden

    def transfer(self, what):
        """Write a transfer down; raise where it is forbidden."""
        self.transfers.append(what)
        if self.forbidden:
            raise TransferError(f"a hidden transfer: {what}")


meter = Meter()


@contextmanager
def no_transfers():
    """A block in which a transfer raises, also where the error is caught; yields its Meter."""
    global meter
    before, meter = meter, Meter(forbidden=True)
    try:
        yield meter
        assert not meter.transfers
    finally:
        meter = before


class Array:
    """An array of the standard on a device, "host" or "device"."""

    __slots__ = ("_numbers", "device")
    __hash__ = None

    def __init__(self, numbers, device):
        self._numbers, self.device = numbers, device

    dtype = property(lambda self: self._numbers.dtype)
    shape = property(lambda self: self._numbers.shape)
    ndim = property(lambda self: self._numbers.ndim)
    size = property(lambda self: self._numbers.size)
    T = property(lambda self: made(self._numbers.T, self.device))
    mT = property(lambda self: made(self._numbers.mT, self.device))      # noqa: N815

    def __array_namespace__(self, *, api_version=None):
        return xp

    def to_device(self, device, /, *, stream=None):
        """The same numbers on another device: the one transfer that says what it is."""
        if device not in DEVICES:
            raise ValueError(f"no device {device!r}")
        if device == self.device:
            return self
        meter.transfer(f"to_device {self.device} -> {device}")
        return Array(self._numbers.copy(), device)

    def __getitem__(self, index):
        plain = key(index, self.device)
        if any(isinstance(i, np.ndarray) and i.dtype == bool for i in plain):
            meter.transfer("a mask as index: the shape depends on the numbers")
        return made(self._numbers[plain if isinstance(index, tuple) else plain[0]], self.device)

    def __setitem__(self, index, value):
        plain, (value,) = key(index, self.device), unwrapped("setitem", [value], self.device)[0]
        meter.kernels += 1
        self._numbers[plain if isinstance(index, tuple) else plain[0]] = value

    def __len__(self):
        return len(self._numbers)

    def __repr__(self):
        return f"Array({on_host(self, 'repr')}, device={self.device!r})"

    def __array__(self, dtype=None, copy=None):
        return np.array(on_host(self, "__array__"), dtype=dtype, copy=copy)

    def __dlpack__(self, **options):
        return on_host(self, "__dlpack__").__dlpack__()

    def __dlpack_device__(self):
        return (1, 0) if self.device == "host" else (2, 0)

    def __bool__(self):
        return bool(on_host(self, "bool()"))

    def __float__(self):
        return float(on_host(self, "float()"))

    def __int__(self):
        return int(on_host(self, "int()"))

    def __complex__(self):
        return complex(on_host(self, "complex()"))

    def __index__(self):
        return operator.index(on_host(self, "__index__").item())

    def item(self):
        """The one element as a Python number."""
        return on_host(self, "item()").item()

    def tolist(self):
        """Nested lists of Python numbers."""
        return on_host(self, "tolist()").tolist()


def put(x):
    """Numbers as an array on the device, before anything is watched."""
    return Array(np.array(x), "device")


def on_host(array, why):
    """The NumPy array behind an Array; a transfer if it lies on the device."""
    if array.device == "device":
        meter.transfer(f"{why} of an array of shape {array.shape}")
    return array._numbers


def made(result, device):
    """A result as Arrays, its containers kept."""
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        return type(result)(*(made(part, device) for part in result))
    if isinstance(result, list | tuple):
        return type(result)(made(part, device) for part in result)
    if isinstance(result, np.ndarray | np.generic):
        return Array(np.asarray(result), device)
    return result


def unwrapped(name, args, device=None):
    """Arguments with NumPy arrays for Arrays, and the device of all; raises where they differ."""
    def plain(x):
        nonlocal device
        if isinstance(x, Array):
            if device not in (None, x.device):
                raise ValueError(f"{name}: arrays on {device!r} and {x.device!r}")
            device = x.device
            return x._numbers
        if isinstance(x, np.ndarray | np.generic) and not isinstance(x, NUMBERS):
            raise TypeError(f"{name}: a NumPy array beside an Array")
        return type(x)(map(plain, x)) if type(x) in (list, tuple) else x

    return [plain(x) for x in args], device


def key(index, device):
    """An index as a tuple, with NumPy arrays for Arrays; lists and NumPy arrays are transferred."""
    parts = index if isinstance(index, tuple) else (index,)
    for part in parts:
        if isinstance(part, list | np.ndarray) and device == "device":
            meter.transfer(f"a {type(part).__name__} as index")
    return tuple(part if isinstance(part, np.ndarray) else unwrapped("index", [part], device)[0][0]
                 for part in parts)


def function_of(name, function):
    """A function of NumPy as one of this library: one kernel each time it is called."""
    @functools.wraps(function)
    def call(*args, device=None, **options):
        words = list(options)
        args, where = unwrapped(name, [*args, *options.values()])
        options = dict(zip(words, args[len(args) - len(words):], strict=True))
        args = args[:len(args) - len(words)]
        if name in ABOUT_DTYPES:
            return function(*args, **options)
        if device not in (None, where) and name not in CREATION:
            raise TypeError(f"{name}() got a device")
        if name in SYNCHRONOUS or (name == "repeat" and not isinstance(args[1], int)):
            meter.transfer(f"{name}: the shape depends on the numbers")
        meter.kernels += 1
        return made(function(*args, **options), device or where or "host")

    return call


def asarray(obj, /, *, dtype=None, device=None, copy=None):
    """Numbers as an Array; from NumPy, lists or a number to the device is a transfer."""
    if isinstance(obj, Array):
        moved = obj if device is None else obj.to_device(device)
        if dtype in (None, moved.dtype) and not copy:
            return moved
        meter.kernels += 1
        return Array(np.array(moved._numbers, dtype=dtype), moved.device)
    device = device or "host"
    if device == "device":
        meter.transfer(f"asarray of a {type(obj).__name__}")
    return Array(np.array(obj, dtype=dtype), device)


def astype(x, dtype, /, *, copy=True, device=None):
    """x with another dtype."""
    x = x if device is None else x.to_device(device)
    if x.dtype == dtype and not copy:
        return x
    meter.kernels += 1
    return Array(x._numbers.astype(dtype), x.device)


def finfo(dtype, /):
    """The machine parameters of a dtype as Python numbers, as the standard has them."""
    info = np.finfo(dtype.dtype if isinstance(dtype, Array) else dtype)
    return SimpleNamespace(bits=info.bits, dtype=info.dtype, **{
        name: float(getattr(info, name)) for name in ("eps", "max", "min", "smallest_normal")})


def about():
    """What the standard asks of a namespace: NumPy's answers, and two devices."""
    info = base.__array_namespace_info__()
    dtypes = info.dtypes
    info.devices, info.default_device = lambda: list(DEVICES), lambda: "host"
    info.dtypes = lambda *, device=None, kind=None: dtypes(kind=kind)
    return info


def namespace(name, names, module):
    """The functions of a module under names of the standard."""
    made_here = ModuleType(name)
    for word in names:
        found = getattr(module, word, None)
        if callable(found) and not isinstance(found, type):
            found = function_of(word, found)
        if found is not None:
            setattr(made_here, word, found)
    return made_here


def _operators():
    for word in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and_", "or_",
                 "xor", "lshift", "rshift", "eq", "ne", "lt", "le", "gt", "ge"):
        function, name = getattr(operator, word), word.rstrip("_")
        setattr(Array, f"__{name}__", _method(function, name))
        if word not in ("eq", "ne", "lt", "le", "gt", "ge"):
            setattr(Array, f"__r{name}__", _method(lambda x, y, f=function: f(y, x), name))
            setattr(Array, f"__i{name}__", _in_place(getattr(operator, f"i{name}"), name))
    for word in ("neg", "pos", "abs", "invert"):
        setattr(Array, f"__{word}__", _method(getattr(operator, word), word))


def _method(function, name):
    def method(self, *other):
        if other and not isinstance(other[0], (Array, *NUMBERS)):
            return NotImplemented
        args, device = unwrapped(name, [self, *other])
        meter.kernels += 1
        return made(function(*args), device)

    return method


def _in_place(function, name):
    def method(self, other):
        if not isinstance(other, (Array, *NUMBERS)):
            return NotImplemented
        args, _ = unwrapped(name, [self, other])
        meter.kernels += 1
        self._numbers = function(*args)
        return self

    return method


_operators()
xp = namespace("recording", [word for word in vars(array_api_strict) if not word.startswith("_")
                             and word not in ("linalg", "fft")], base)
xp.linalg = namespace("recording.linalg", [*array_api_strict.linalg.__all__, "eig", "eigvals"],
                      base.linalg)
xp.fft = namespace("recording.fft", array_api_strict.fft.__all__, base.fft)
xp.asarray, xp.astype, xp.finfo = asarray, astype, finfo
xp.__array_namespace_info__ = about
