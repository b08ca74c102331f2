"""The different elements of an array: sorted, and the first of equals taken.

So the values are elements of the array, read where they stand, and carry their gradients. A nan
equals nothing: each counts for itself.
"""

from typing import Any, NamedTuple

from ..ops import constants
from ..ops.elementwise import imag, real
from ..ops.shapes import concat, reshape
from ..primitive import raw
from ..storage import full, is_complex, is_floating, is_integer
from .base import as_operand, astype
from .indexing import cumulative_sum, take
from .shapes import diff


class UniqueAll(NamedTuple):
    """The values, where each is first, which one each element is, and how often each is there."""

    values: Any
    indices: Any
    inverse_indices: Any
    counts: Any


class UniqueCounts(NamedTuple):
    """The values, and how often each is there."""

    values: Any
    counts: Any


class UniqueInverse(NamedTuple):
    """The values, and which of them each element is."""

    values: Any
    inverse_indices: Any


def unique_all(x: Any, /) -> UniqueAll:
    """The different elements in ascending order, (values, indices, inverse_indices, counts).

    indices are those of x flattened, inverse_indices have the shape of x. The gradient of a value
    goes to the first element that has it.
    """
    x = as_operand(x)
    flat = reshape(x, shape=(-1,))
    order, n = _order(flat), flat.shape[0]
    ordered = take(flat, order)
    changes = constants.not_equal(ordered[min(n, 1):], ordered[:max(n - 1, 0)])
    begins = concat(full(raw(changes), (min(n, 1),), True), changes, axis=0)
    first, = constants.nonzero(begins)
    rank = cumulative_sum(astype(begins, int)) - 1
    indices = take(order, first)
    return UniqueAll(take(flat, indices), indices,
                     reshape(take(rank, constants.argsort(order)), shape=tuple(x.shape)),
                     diff(first, append=full(raw(first), (1,), n)))


def _order(x: Any) -> Any:
    """The indices that sort x, of one axis; complex numbers by their real parts first."""
    if is_complex(raw(x)):
        order = constants.argsort(imag(x))
        return take(order, constants.argsort(take(real(x), order)))
    numeric = is_floating(raw(x)) or is_integer(raw(x))
    return constants.argsort(x if numeric else astype(x, "uint8"))


def unique_counts(x: Any, /) -> UniqueCounts:
    """The different elements in ascending order, and how often each is there."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Any, /) -> UniqueInverse:
    """The different elements in ascending order, and for each of x which one it is."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_values(x: Any, /) -> Any:
    """The different elements in ascending order; the gradient goes to the first of equals."""
    return unique_all(x).values
