"""An embedding is a table of vectors, one for each token, found by the token's number."""

from typing import Any

import numpy

import autograd.numpy as np
from autograd import ArgumentError, DtypeError
from autograd.errors import describe
from autograd.storage import device_of, full, is_integer, is_numpy, library_of, namespace

from .. import init
from ..given import as_array, raw
from ..module import Module
from ..moving import apart, together
from .sizes import count


class Embedding(Module):
    """Rows of `weight`, (num_embeddings, embedding_dim): indices (...) to (..., embedding_dim).

    The weight starts normal with deviation 1, as in PyTorch. The gradients of an index that occurs
    several times add up. Raises DtypeError for indices that are no integers, and over NumPy
    ArgumentError for one outside 0 to num_embeddings - 1, with its place. To look at each would be
    to wait for the device over other storages: there PyTorch raises IndexError, JAX gives nan.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, *, dtype: Any = None,
                 device: Any = None, rng: init.Random = None) -> None:
        self.num_embeddings = count("num_embeddings", num_embeddings)
        self.embedding_dim = count("embedding_dim", embedding_dim)
        self.weight = init.normal((num_embeddings, embedding_dim), rng, dtype, device=device)
        self.weight.label = "weight"

    def example(self) -> Any:
        """One index, 0."""
        return np.zeros((1,), dtype=int, device=device_of(self.weight.data))

    def forward(self, indices: Any) -> Any:
        """Integers of shape (...) to their rows, (..., embedding_dim)."""
        weight, places = self.weight.data, raw(as_array(indices, self.weight))
        if not is_integer(places):
            raise DtypeError(f"Embedding of {describe(indices)}",
                             "give integers, the numbers of tokens: indices.astype('int64')")
        if not together(weight, places):
            raise apart("Embedding", "its weight", weight, "indices", places)
        if is_numpy(places):
            self._check(places)
        else:                                           # where -1 would be the last row
            library: Any = library_of(places)
            xp = namespace(places)
            places = xp.astype(places, library.dtype(int), copy=False)
            places = xp.where(places < 0, full(places, (), self.num_embeddings), places)
        return np.take(self.weight, places, axis=0)

    def _check(self, places: Any) -> None:
        """Raise ArgumentError for the first index that is outside."""
        wrong = (places < 0) | (places >= self.num_embeddings)
        if wrong.any():
            place = tuple(map(int, numpy.argwhere(wrong)[0]))
            where = f" at [{', '.join(map(str, place))}]" if place else ""
            raise ArgumentError(
                f"Embedding of {self.num_embeddings} tokens: index {places[place]}{where}",
                f"indices are 0 to {self.num_embeddings - 1}; give tokens that are not known an "
                "index of their own, and num_embeddings one more")
