"""Models of text give logits for the next character at every place; samples are drawn from them.

Both take codes of characters, (N, T), and give logits, (N, T, characters): at each place of what it
and the places before it tell of the one after.
"""

from typing import Any

import numpy

import autograd.numpy as np
from autograd import no_grad

from ..evaluation import predict
from ..init import Random, generator
from ..layers import Embedding, LayerNorm, Linear, Sequential, TransformerBlock
from ..losses import cross_entropy
from ..metrics import numbers
from ..module import Module
from .text_data import END, LENGTH, Vocabulary


class NGram(Module):
    """The vectors of the last few characters, end to end, through an MLP.

    Bengio et al. 2003, "A neural probabilistic language model". Before the first place of a row is
    the end of a line, code 0.
    """

    def __init__(self, size: int, context: int, width: int, hidden: int,
                 rng: Random = None) -> None:
        self.context, rng = context, generator(rng)
        how: Any = {"rng": rng, "dtype": "float32"}
        self.characters = Embedding(size, width, **how)
        self.mlp = Sequential(Linear(context * width, hidden, **how), "tanh",
                              Linear(hidden, size, **how))

    def forward(self, x: Any) -> Any:
        """Codes to logits."""
        n, length = x.shape
        vectors = self.characters(np.pad(x, ((0, 0), (self.context - 1, 0))))
        seen = np.concat([vectors[:, i:i + length, :] for i in range(self.context)], axis=-1)
        logits = self.mlp(np.reshape(seen, (n * length, -1)))
        return np.reshape(logits, (n, length, -1))


class Transformer(Module):
    """The vectors of character and place, added, through blocks that read what came before.

    A row has at most LENGTH characters.
    """

    def __init__(self, size: int, width: int, heads: int, blocks: int, rng: Random = None) -> None:
        rng = generator(rng)
        how: Any = {"rng": rng, "dtype": "float32"}
        self.characters, self.places = (Embedding(n, width, **how) for n in (size, LENGTH))
        for table in (self.characters, self.places):
            table.weight.data *= 0.05   # what the blocks add is not much at first either
        self.blocks = [TransformerBlock(width, heads, causal=True, dim_feedforward=2 * width, **how)
                       for _ in range(blocks)]
        self.norm = LayerNorm(width, dtype="float32")
        self.out = Linear(width, size, **how)

    def forward(self, x: Any) -> Any:
        """Codes to logits."""
        x = self.embedded(x)
        for block in self.blocks:
            x = block(x)
        return self.out(self.norm(x))

    def embedded(self, x: Any) -> Any:
        """Codes to the sum of both vectors, (N, T, width)."""
        return self.characters(x) + self.places.weight[:x.shape[1], :]


def next_character(logits: Any, y: Any) -> Any:
    """The mean cross entropy of logits (N, T, characters) and the codes y (N, T) that come."""
    return cross_entropy(np.reshape(logits, (-1, logits.shape[-1])), np.reshape(y, (-1,)))


def attention(model: Transformer, x: Any) -> list[Any]:
    """How much each place reads of each, (heads, T, T) for each block, of one row x of codes."""
    found = []
    with no_grad():
        h = model.embedded(x[None])
        for block in model.blocks:
            layer = block.self_attn
            rows = np.reshape(block.norm1(h) @ layer.in_proj_weight.mT + layer.in_proj_bias,
                              (len(x), 3, layer.num_heads, -1))
            q, k, _ = np.unstack(np.permute_dims(rows, (1, 2, 0, 3)))
            scores = numbers(q @ k.mT) / q.shape[-1] ** 0.5
            scores[:, *numpy.triu_indices(len(x), 1)] = -numpy.inf
            found.append(np.softmax(scores))
            h = block(h)
    return found


def sample(model: Module, vocabulary: Vocabulary, prompt: str = "", count: int = 1,
           temperature: float = 1.0, seed: int = 0, longest: int = 80) -> list[str]:
    """Lines that begin with `prompt`, each character drawn from softmax(logits / temperature).

    Lower temperatures keep to what is likely. A line ends where the model ends it, or when it has
    `longest` characters.
    """
    rng = numpy.random.default_rng(seed)
    x = numpy.tile(vocabulary.encode(END + prompt), (count, 1))
    while x.shape[1] <= longest and not (x[:, 1:] == 0).any(axis=1).all():
        logits = numbers(predict(model, x[:, -LENGTH:]))[:, -1]
        sums = numpy.cumsum(np.softmax(logits.astype(float) / temperature), axis=1)
        drawn = (rng.random((count, 1)) * sums[:, -1:] < sums).argmax(axis=1)
        x = numpy.concatenate([x, drawn[:, None]], axis=1)
    return [vocabulary.decode(row[1:]).partition(END)[0] for row in x]
