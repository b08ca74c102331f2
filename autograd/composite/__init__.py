"""Functions made of primitives: no derivative is written here, because theirs follow.

Signatures are those of NumPy and the array API standard. Each takes Tensors, arrays and floats.
"""
# ruff: noqa: I001

from .activations import (
    clip as clip, elu as elu, gelu as gelu, leaky_relu as leaky_relu, maximum as maximum,
    minimum as minimum, round as round, sign as sign, silu as silu)
from .base import (
    as_operand as as_operand, as_operands as as_operands, astype as astype, cast as cast,
    floating as floating, reshape as reshape)
from .einsum import (
    einsum as einsum)
from .indexing import (
    cumprod as cumprod, cumsum as cumsum, cumulative_prod as cumulative_prod,
    cumulative_sum as cumulative_sum, isin as isin, searchsorted as searchsorted, sort as sort,
    take as take, take_along_axis as take_along_axis)
from .products import (
    cross as cross, outer as outer, tensordot as tensordot, vecdot as vecdot)
from .reductions import (
    log_softmax as log_softmax, logsumexp as logsumexp, max as max, mean as mean, min as min,
    norm as norm, prod as prod, root as root, softmax as softmax, std as std, sum as sum,
    var as var)
from .sets import (
    unique_all as unique_all, unique_counts as unique_counts, unique_inverse as unique_inverse,
    unique_values as unique_values)
from .shapes import (
    broadcast_arrays as broadcast_arrays, broadcast_shapes as broadcast_shapes,
    concatenate as concatenate, diff as diff, expand_dims as expand_dims, meshgrid as meshgrid,
    moveaxis as moveaxis, pad as pad, repeat as repeat, split as split, squeeze as squeeze,
    stack as stack, swapaxes as swapaxes, tile as tile, transpose as transpose, tril as tril,
    triu as triu, unstack as unstack)
from .windows import (
    sliding_window_view as sliding_window_view)
