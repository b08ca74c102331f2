"""Weights are kept in a safetensors file: names, shapes and numbers, and no code that could run."""

import os
from pathlib import Path
from typing import Any

import numpy

from autograd.errors import ArgumentError
from autograd.show.files import write_whole

from .module import Module


def save(model: Module, path: str | os.PathLike[str]) -> Path:
    """Write the `state_dict` of a model to a file, whole or not at all; returns its path.

    Raises ImportError without safetensors, ArgumentError where nothing can be written.
    """
    arrays = {name: numpy.ascontiguousarray(x).reshape(numpy.shape(x))
              for name, x in model.state_dict().items()}
    return write_whole(Path(path), _safetensors().numpy.save(arrays))


def load(model: Module, path: str | os.PathLike[str]) -> Module:
    """Read the weights that `save` wrote into a model of the same sizes; returns the model.

    Raises ArgumentError, and leaves the model as it was, for a file that is cut off or of another
    kind, and for one of another model: it names each missing, unknown and unfit entry.
    """
    safetensors = _safetensors()
    try:
        state = safetensors.numpy.load(Path(path).read_bytes())
    except safetensors.SafetensorError as error:
        raise ArgumentError(f"{path} is not a whole weights file: {error}",
                            "save it again; it may have been cut off while it was copied") from None
    try:
        model.load_state_dict(state)
    except ArgumentError as error:
        raise ArgumentError(f"{path}: {error}") from None
    return model


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError("weights files need safetensors\n"
                          "help: pip install safetensors") from error
    return safetensors
