"""Where the tests keep arrays: every storage and device at hand, pretended devices included.

A place puts NumPy arrays there and brings them back. Devices of CUDA are in the list where there
are any; elsewhere those of array-api-strict, which is pure Python, are what stands for them.
"""

import contextlib

import numpy as np

from autograd.storage import Device, device_of, libraries, transfer


class Place:
    """A device of a storage; used as a context while something is computed there."""

    def __init__(self, name, storage, device):
        self.name, self.storage, self.device_name = name, storage, device
        self.entered = []

    def __repr__(self):
        return self.name

    @property
    def device(self):
        return Device(self.device_name, storage=self.storage)

    def put(self, x):
        """A NumPy array or dtype, alone or in containers, as one of this place."""
        if isinstance(x, (tuple, list)):
            return type(x)(self.put(part) for part in x)
        if isinstance(x, np.dtype):
            return self.device.library.dtype(x)
        return transfer(x, self.device) if isinstance(x, np.ndarray) else x

    def holds(self, x):
        """Whether the array x is kept here."""
        return device_of(x) == self.device

    def back(self, x):
        """An array of this place as a NumPy array."""
        return libraries.library_of(x).to_numpy(x)

    def __enter__(self):
        self.entered.append(self._setting())
        self.entered[-1].__enter__()
        return self

    def __exit__(self, *error):
        self.entered.pop().__exit__(*error)

    def _setting(self):
        """What must hold while something is computed here: JAX keeps float64."""
        if self.storage != "jax":
            return contextlib.nullcontext()
        import jax

        return jax.enable_x64(True)


def _cuda():
    """The CUDA devices of CuPy and PyTorch, the first of each."""
    for name in ("cupy", "torch"):
        library = libraries.LIBRARIES[name]
        if library.found and "cuda:0" in library.devices():
            yield Place(f"{name} cuda", name, "cuda:0")


STRICT = [Place("strict", "array_api_strict", "cpu"),
          Place("strict device1", "array_api_strict", "device1")]
HOSTS = [Place(name, name, "cpu") for name in ("torch", "jax") if libraries.LIBRARIES[name].found]
CUDA = list(_cuda())
PLACES = [*STRICT, *HOSTS, *CUDA]
