"""A transformer block lets places read from each other, then thinks over each place by itself."""

from typing import Any

import autograd.numpy as np

from .. import init
from ..module import Module
from .attention import MultiHeadAttention
from .layer_norm import LayerNorm
from .linear import Dropout, Linear
from .sizes import count


class TransformerBlock(Module):
    """x + attention(norm(x)), then x + mlp(norm(x)): x (N, T, embed_dim) to the same shape.

    Norms come first, as in GPT-2 (Xiong et al. 2020, "On layer normalization in the transformer
    architecture"); the mlp is Linear, GELU, Linear, dim_feedforward wide, 4 embed_dim unless given.
    Weights are those of PyTorch's TransformerEncoderLayer(norm_first=True, activation="gelu"). In
    training what attention and mlp add is dropped with probability `dropout`. `causal` and errors
    are those of MultiHeadAttention.
    """

    def __init__(self, embed_dim: int, num_heads: int, causal: bool = False,
                 dim_feedforward: int | None = None, dropout: float = 0.0, *, dtype: Any = None,
                 device: Any = None, rng: init.Random = None) -> None:
        how: Any = {"dtype": dtype, "device": device}
        rng = init.generator(rng)
        self.self_attn = MultiHeadAttention(embed_dim, num_heads, causal, rng=rng, **how)
        wide = count("dim_feedforward", dim_feedforward or 4 * embed_dim)
        self.linear1 = Linear(embed_dim, wide, rng=rng, **how)
        self.linear2 = Linear(wide, embed_dim, rng=rng, **how)
        self.norm1, self.norm2 = LayerNorm(embed_dim, **how), LayerNorm(embed_dim, **how)
        self.dropout = Dropout(dropout, rng)

    def example(self) -> Any:
        """Zeros of shape (1, 1, embed_dim)."""
        return self.self_attn.example()

    def forward(self, x: Any, attn_mask: Any = None) -> Any:
        """x (N, T, embed_dim), in its shape; attn_mask is that of MultiHeadAttention."""
        x = x + self.dropout(self.self_attn(self.norm1(x), attn_mask=attn_mask))
        rows = np.reshape(self.norm2(x), (-1, x.shape[-1]))
        added = self.linear2(np.gelu(self.linear1(rows)))
        return x + self.dropout(np.reshape(added, x.shape))
