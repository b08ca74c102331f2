"""Weights are kept in a safetensors file: names, shapes and numbers, and no code that could run."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import numpy

from autograd.errors import ArgumentError, describe
from autograd.show.files import write_whole
from autograd.show.wording import short

from .module import Module, leaves
from .neuron import MLP

ROOM = 1 << 20              # bytes of a header for what is not weights: metadata
PER_ENTRY = 1 << 10         # and for the name, dtype, shape and place of each array


class MissingFileError(FileNotFoundError, ArgumentError):
    """A weights file that is not there."""


def save(model: Module, path: str | os.PathLike[str]) -> Path:
    """Write the `state_dict` of a model to a file, whole or not at all; returns its path.

    Raises ImportError without safetensors, ArgumentError where nothing can be written.
    """
    _check("save", model, path)
    return write_whole(Path(path), to_bytes(model))


def to_bytes(model: Module) -> bytes:
    """What `save` writes. Raises ImportError without safetensors."""
    arrays = {name: numpy.ascontiguousarray(x).reshape(numpy.shape(x))
              for name, x in model.state_dict().items()}
    safetensors = _safetensors()
    try:
        content: bytes = safetensors.numpy.save(arrays)
    except safetensors.SafetensorError as error:
        raise ArgumentError(f"these weights cannot be kept as safetensors: {error}",
                            "pickle.dumps(model.state_dict()) keeps any dtype") from None
    return content


def load(model: Module, path: str | os.PathLike[str] | None = None) -> Module:
    """Read the weights that `save` wrote into a model of the same sizes; returns the model.

    Raises ArgumentError, and leaves the model as it was, for a file that is cut off, of another
    kind or of numbers that NumPy has not, and for one of another model: it names each missing,
    unknown and unfit entry; one that is a FileNotFoundError too where there is no file.
    """
    _safetensors()
    path, entries = _check("load", model, path), len(leaves(model))
    try:
        state = _arrays(_read(path), path, entries)
    except MemoryError:
        raise ArgumentError(f"{path} is larger than the memory: {path.stat().st_size:,} bytes",
                            "give the path that nn.save returned") from None
    try:
        model.load_state_dict(state)
    except ArgumentError as error:
        if isinstance(model, MLP) and any(numpy.ndim(x) for x in state.values()):
            raise ArgumentError(f"{path} has the arrays of a model of Tensors, this MLP is of "
                                "Values; nothing was loaded",
                                "load them into the same network on Tensors: "
                                "nn.load(model.vectorize(), path)") from None
        raise ArgumentError(f"{path}: {error}") from None
    return model


def _check(name: str, model: Any, path: Any) -> Path:
    """The path; ArgumentError unless a model and a path came, in this order."""
    if isinstance(model, Module) and isinstance(path, str | os.PathLike):
        return Path(path)
    came = f"{_kind(model)} {'alone' if path is None else f'and {_kind(path)}'}"
    raise ArgumentError(f"nn.{name} of {came}", f"give the model, then the path: nn.{name}(model, "
                        "'weights.safetensors')")


def _kind(x: Any) -> str:
    return f"a model, {x.title()}" if isinstance(x, Module) else describe(x)


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():        # a pipe or a device may have no end
            raise OSError("it is no file")
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"no weights file {path}; the working folder is {Path.cwd()}\n"
                               "help: give the path that nn.save returned") from None
    except OSError as error:
        raise ArgumentError(f"{path} cannot be read: {error.strerror or error}",
                            "give the path that nn.save returned") from error


def _arrays(content: bytes, path: Path, entries: int) -> dict[str, Any]:
    """The arrays of a weights file by name, for a model of so many entries."""
    safetensors, size = _safetensors(), int.from_bytes(content[:8], "little")
    try:
        if size > ROOM + PER_ENTRY * entries:           # each name there costs memory here
            raise safetensors.SafetensorError(f"a header of {size:,} bytes, for {entries} entries")
        state = safetensors.numpy.load(content)
        if twice := _twice(content[8:8 + size]):
            raise safetensors.SafetensorError(f"two entries of the name {twice[0]!r}")
    except safetensors.SafetensorError as error:
        raise ArgumentError(f"{path} is not a whole weights file: {short(error, 200)}",
                            "save it again; it may have been cut off while it was copied") from None
    except KeyError as error:
        raise ArgumentError(f"{path} has numbers of dtype {error.args[0]}, which NumPy has not",
                            "save it again in F32: floats of 32 bits") from None
    except ValueError as error:
        raise ArgumentError(f"{path} has an array of a shape that NumPy cannot have: {error}",
                            "save it again; these are no weights of this library") from None
    # A byte of 7 is true to NumPy, and stays a 7.
    return {name: x.view("u1") != 0 if x.dtype == bool else x for name, x in state.items()}


def _twice(header: bytes) -> list[str]:
    """Names that occur twice in an object of a header: a JSON reader keeps one of the two."""
    found: list[str] = []

    def kept(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        return dict(pairs)

    json.loads(header, object_pairs_hook=kept, parse_int=str)       # numbers may be of any length
    return found


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError("weights files need safetensors\n"
                          "help: pip install safetensors") from error
    return safetensors
