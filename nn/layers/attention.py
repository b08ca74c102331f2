"""Attention lets each place of a sequence read from others, and learn which of them to read."""

import math
from typing import Any

import autograd.numpy as np
from autograd import ArgumentError, DtypeError, ShapeError
from autograd.errors import describe
from autograd.storage import arange, device_of, full, namespace

from .. import init
from ..given import as_array, raw
from ..module import Module
from ..moving import apart, together
from .linear import Linear
from .sizes import count


class MultiHeadAttention(Module):
    """softmax(q kᵀ / √d) v, in num_heads parts of d features each; q, k, v and the result linear.

    Vaswani et al. 2017, "Attention is all you need", section 3.2. Weights are those of PyTorch's
    MultiheadAttention: q, k and v one below the other in in_proj_weight (3 embed_dim, embed_dim),
    in_proj_bias, then out_proj. With `causal` a place reads itself and those before it. Raises
    ArgumentError where num_heads does not divide embed_dim.
    """

    def __init__(self, embed_dim: int, num_heads: int, causal: bool = False, *, dtype: Any = None,
                 device: Any = None, rng: init.Random = None) -> None:
        self.embed_dim = count("embed_dim", embed_dim)
        self.num_heads = count("num_heads", num_heads)
        if embed_dim % num_heads:
            raise ArgumentError(f"embed_dim = {embed_dim} in num_heads = {num_heads} equal parts",
                                "give a num_heads that divides embed_dim")
        self.causal, rng = bool(causal), init.generator(rng)
        how: Any = {"dtype": dtype, "device": device}
        self.in_proj_weight = init.xavier_uniform((3 * embed_dim, embed_dim), rng, **how)
        self.in_proj_bias = np.zeros((3 * embed_dim,), **how).requires_grad_()
        self.in_proj_weight.label, self.in_proj_bias.label = "in_proj_weight", "in_proj_bias"
        self.out_proj = Linear(embed_dim, embed_dim, rng=rng, **how)

    def example(self) -> Any:
        """Zeros of shape (1, 1, embed_dim)."""
        weight = self.in_proj_weight
        return np.zeros((1, 1, self.embed_dim), dtype=weight.dtype, device=device_of(weight.data))

    def forward(self, query: Any, key: Any = None, value: Any = None,
                attn_mask: Any = None) -> Any:
        """query (N, L, embed_dim), key and value (N, S, embed_dim) to (N, L, embed_dim).

        Without key and value a sequence reads itself. attn_mask, booleans of shape (L, S) or
        (N, L, S), is True where a query must not read a key, as in PyTorch; an axis may be 1, so
        of keys that only fill up, (N, S), it is mask[:, None, :]. A query that may read no key
        reads 0, and gives the bias of out_proj. Raises ShapeError, DtypeError for a mask of other
        numbers than booleans.
        """
        query = as_array(query, self.in_proj_weight)
        key = query if key is None else as_array(key, query)
        value = key if value is None else as_array(value, query)
        n, length, keys = self._sizes(query, key, value)
        q, k, v = (self._heads(rows, n, steps) for rows, steps in zip(
            self._projected(query, key, value), (length, keys, keys), strict=True))
        scores = np.matmul(q * (1.0 / math.sqrt(q.shape[-1])), k.mT)
        blocked = self._blocked(scores.data, attn_mask)
        if blocked is not None:
            scores = scores + blocked
        weights = np.exp(scores - _greatest(scores.data))
        total = np.sum(weights, axis=-1, keepdims=True)
        if attn_mask is not None:
            total = np.where(total == 0.0, 1.0, total)
        read = np.matmul(weights, v) * (1.0 / total)    # after the product, where it is less work
        rows = np.reshape(np.permute_dims(read, (0, 2, 1, 3)), (n * length, self.embed_dim))
        return np.reshape(self.out_proj(rows), (n, length, self.embed_dim))

    def _sizes(self, query: Any, key: Any, value: Any) -> tuple[int, int, int]:
        """N, L and S; raises ShapeError for what does not fit."""
        for name, x in (("query", query), ("key", key), ("value", value)):
            if len(x.shape) != 3 or x.shape[2] != self.embed_dim:
                raise ShapeError(
                    f"{self.title()} of {self.embed_dim} features got as its {name} {describe(x)}",
                    f"give shape (N, T, {self.embed_dim}): N sequences of T steps; one sequence "
                    "alone is x[None]")
        (n, length, _), keys = query.shape, key.shape[1]
        if key.shape != value.shape or key.shape[0] != n:
            raise ShapeError(f"{self.title()} of a query {describe(query)}, a key {describe(key)} "
                             f"and a value {describe(value)}",
                             "give as many keys as values, and as many sequences of each")
        if self.causal and keys != length:
            raise ShapeError(f"causal {self.title()} of {length} queries and {keys} keys",
                             "to read only what came before, a sequence reads itself; to read "
                             "another one, leave causal out")
        return n, length, keys

    def _projected(self, query: Any, key: Any, value: Any) -> Any:
        """Queries, keys and values, of all sequences one after the other: (rows, embed_dim)."""
        weight, bias, rows = self.in_proj_weight, self.in_proj_bias, (-1, self.embed_dim)
        if query is key is value:                       # one product for all three
            return np.split(np.matmul(np.reshape(query, rows), weight.mT) + bias, 3, axis=-1)
        return [np.matmul(np.reshape(x, rows), w.mT) + b for x, w, b in zip(
            (query, key, value), np.split(weight, 3), np.split(bias, 3), strict=True)]

    def _heads(self, rows: Any, n: int, steps: int) -> Any:
        """Rows as (N, num_heads, steps, d)."""
        shape = n, steps, self.num_heads, self.embed_dim // self.num_heads
        return np.permute_dims(np.reshape(rows, shape), (0, 2, 1, 3))

    def _blocked(self, scores: Any, mask: Any) -> Any:
        """-inf where a query must not read a key, 0 elsewhere; None where each may read all."""
        blocked = None
        if self.causal:
            places = arange(scores, scores.shape[-1])
            blocked = places[:, None] < places[None, :]
        if mask is not None:
            mask = self._checked(mask, scores)
            blocked = mask if blocked is None else namespace(mask).logical_or(mask, blocked)
        if blocked is None:
            return None
        return namespace(scores).where(blocked, full(scores, (), -math.inf), full(scores, (), 0.0))

    def _checked(self, mask: Any, scores: Any) -> Any:
        """The mask as an array of booleans that broadcasts to the scores."""
        given, mask = mask, raw(as_array(mask, scores))
        n, _, length, keys = scores.shape
        if not namespace(mask).isdtype(mask.dtype, "bool"):
            raise DtypeError(f"attn_mask is {describe(given)}",
                             "give booleans, True where a query must not read a key")
        if not together(mask, scores):
            raise apart(self.title(), "query", scores, "attn_mask", mask)
        if len(mask.shape) not in (2, 3) or any(
                size not in (1, full_size) for size, full_size in zip(
                    reversed(mask.shape), (keys, length, n), strict=False)):
            raise ShapeError(
                f"attn_mask is {describe(given)}, for {n} sequences of {length} queries and {keys} "
                f"keys", f"give shape ({length}, {keys}) or ({n}, {length}, {keys}); of keys to "
                f"leave out, ({n}, {keys}), mask[:, None, :]")
        return mask[:, None, :, :] if len(mask.shape) == 3 else mask


def _greatest(scores: Any) -> Any:
    """The greatest score of each query, 0 for one that may read nothing: exp stays at most 1."""
    xp = namespace(scores)
    top = xp.max(scores, axis=-1, keepdims=True)
    return xp.where(top == -math.inf, full(top, (), 0.0), top)
