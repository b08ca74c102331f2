"""Functions made of primitives: no derivative is written here, because theirs follow.

Signatures are those of NumPy and the array API standard. Each takes Tensors, arrays and floats.
"""

from .activations import clip, elu, gelu, leaky_relu, maximum, minimum, silu
from .base import as_operand, astype, floating
from .einsum import einsum
from .indexing import cumulative_prod, cumulative_sum, sort, take, take_along_axis
from .products import outer, tensordot, vecdot
from .reductions import (
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    norm,
    prod,
    root,
    softmax,
    std,
    sum,
    var,
)
from .shapes import (
    concatenate,
    diff,
    expand_dims,
    moveaxis,
    pad,
    repeat,
    split,
    squeeze,
    stack,
    tile,
    transpose,
    tril,
    triu,
)

__all__ = [
    "as_operand",
    "astype",
    "floating",
    "sum",
    "prod",
    "max",
    "min",
    "mean",
    "var",
    "root",
    "std",
    "norm",
    "logsumexp",
    "softmax",
    "log_softmax",
    "maximum",
    "minimum",
    "clip",
    "leaky_relu",
    "elu",
    "silu",
    "gelu",
    "outer",
    "vecdot",
    "tensordot",
    "einsum",
    "expand_dims",
    "squeeze",
    "concatenate",
    "stack",
    "split",
    "moveaxis",
    "transpose",
    "repeat",
    "tile",
    "pad",
    "diff",
    "triu",
    "tril",
    "take",
    "take_along_axis",
    "sort",
    "cumulative_sum",
    "cumulative_prod",
]
