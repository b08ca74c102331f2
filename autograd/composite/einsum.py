"""einsum as a composite: diagonals and sums of one operand, then products of two at a time."""

import math
from typing import Any

from ..errors import ShapeError
from ..ops.elementwise import where
from ..ops.linalg import matrix_product, promoted
from ..ops.shapes import permute_dims, reshape, sum
from ..primitive import raw
from ..storage import eye
from .base import as_operands

_ELLIPSIS = "αβγδεζηθικλμνξοπ"         # the axes of `...`, which no one writes out


def einsum(subscripts: str, *operands: Any) -> Any:
    """Einstein's summation, `einsum("ij,jk->ik", x, y)`, with `...` and an implicit output.

    Operands are contracted from left to right. Raises ShapeError where a letter has two lengths
    or the letters do not match the axes.
    """
    xs = as_operands(*operands)
    inputs, output = _parse(subscripts, xs)
    sizes: dict[str, int] = {}
    for term, x in zip(inputs, xs, strict=True):
        for letter in term:
            lengths = {n for c, n in zip(term, x.shape, strict=True) if c == letter}
            if len(lengths) > 1:
                raise ShapeError(f"einsum {subscripts!r}: axis {letter!r} has lengths "
                                 f"{sorted(lengths)} in one operand", "they must be equal")
        for letter, n in zip(term, x.shape, strict=True):
            if sizes.setdefault(letter, n) != n and n != 1 and sizes[letter] != 1:
                raise ShapeError(f"einsum {subscripts!r}: axis {letter!r} has lengths "
                                 f"{sizes[letter]} and {n}", "they must be equal")
            sizes[letter] = n if sizes[letter] == 1 else sizes[letter]
    for i, (term, x) in enumerate(zip(inputs, xs)):
        inputs[i], xs[i] = _without_ones(term, x, sizes)
    term, x = inputs[0], xs[0]
    for i in range(len(xs)):
        later = set(output).union(*inputs[i + 1:])
        if i == 0:
            term, x = _reduce(term, x, later)
        else:
            other, y = _reduce(inputs[i], xs[i], later | set(term))
            term, x = _product(term, x, other, y, later)
    return permute_dims(x, axes=tuple(term.index(c) for c in output)) if output else x


def _parse(subscripts: str, xs: list[Any]) -> tuple[list[str], str]:
    """The letters of each operand and of the output; `...` in Greek, from the right."""
    left, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = left.split(",")
    if len(terms) != len(xs):
        raise ShapeError(f"einsum {subscripts!r} names {len(terms)} operands, got {len(xs)}",
                         "one term for each operand, separated by commas")
    widest = 0
    for i, (term, x) in enumerate(zip(terms, xs)):
        if "..." in term:
            count = len(x.shape) - len(term) + 3
            widest = max(widest, count)
            terms[i] = term.replace("...", _ELLIPSIS[len(_ELLIPSIS) - count:] if count else "")
        if len(terms[i]) != len(x.shape):
            raise ShapeError(f"einsum {subscripts!r}: {term!r} for an operand of shape {x.shape}",
                             "one letter for each axis, or ... for the rest")
    batch = _ELLIPSIS[len(_ELLIPSIS) - widest:] if widest else ""
    letters = "".join(terms)
    if not arrow:
        output = batch + "".join(sorted(c for c in set(letters) - set(batch)
                                        if letters.count(c) == 1))
    output = output.replace("...", batch)
    if not set(output) <= set(letters) or len(set(output)) < len(output):
        raise ShapeError(f"einsum {subscripts!r}: the output {output!r} is not made of the inputs",
                         "each letter of the output appears once there and in an input")
    return terms, output


def _without_ones(term: str, x: Any, sizes: dict[str, int]) -> tuple[str, Any]:
    """x without the axes of length 1 that broadcast: another operand has that letter in full."""
    kept = [(c, n) for c, n in zip(term, x.shape) if n == sizes[c]]
    if len(kept) == len(term):
        return term, x
    return "".join(c for c, _ in kept), reshape(x, shape=tuple(n for _, n in kept))


def _reduce(term: str, x: Any, needed: set[str]) -> tuple[str, Any]:
    """x with repeated letters taken on their diagonal, and letters nobody needs summed."""
    for letter in dict.fromkeys(term):
        while term.count(letter) > 1:
            i = term.index(letter)
            j = term.index(letter, i + 1)
            n = x.shape[i]
            shape = [n if k in (i, j) else 1 for k in range(len(term))]
            diagonal = reshape(eye(raw(x), n), shape=tuple(shape))
            x, term = sum(where(diagonal != 0, x, 0), axis=(j,)), term[:j] + term[j + 1:]
    gone = tuple(i for i, letter in enumerate(term) if letter not in needed)
    if gone:
        x, term = sum(x, axis=gone), "".join(c for c in term if c in needed)
    return term, x


def _product(left: str, x: Any, right: str, y: Any, needed: set[str]) -> tuple[str, Any]:
    """The product of two operands, summed over the letters that only they have."""
    both = [c for c in left if c in right]
    batch = [c for c in both if c in needed]
    inner = [c for c in both if c not in needed]
    rows, columns = [c for c in left if c not in both], [c for c in right if c not in both]
    x = _grouped(x, left, (batch, rows, inner))
    y = _grouped(y, right, (batch, inner, columns))
    z = matrix_product(*promoted(_flat(x, len(batch), len(rows)),
                                 _flat(y, len(batch), len(inner))))
    shape = (*z.shape[:len(batch)], *x.shape[len(batch):len(batch) + len(rows)],
             *y.shape[len(batch) + len(inner):])
    return "".join(batch + rows + columns), reshape(z, shape=shape)


def _grouped(x: Any, term: str, groups: tuple[list[str], ...]) -> Any:
    return permute_dims(x, axes=tuple(term.index(c) for group in groups for c in group))


def _flat(x: Any, batch: int, first: int) -> Any:
    """x as batches of matrices: the first group of axes in one, the rest in another."""
    shape = x.shape
    return reshape(x, shape=(*shape[:batch], math.prod(shape[batch:batch + first]),
                             math.prod(shape[batch + first:])))
