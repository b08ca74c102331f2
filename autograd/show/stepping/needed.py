"""What is needed for one element of an array: elements of the operands, found by the transpose.

A cotangent that is 1 at that element and 0 elsewhere is pulled back: where it arrives are the
elements that count. The walk keeps, of each node, only the elements that the result depends on.
One pull for each took 5 s where 784 weights of a (784, 512) array were needed, so what only moves
elements is asked for all of them at once, with numbers that tell where they come from.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import numpy

from ...errors import ArgumentError, DtypeError, describe
from ...kinds import Elementwise, Linear
from ...node import Node, Parts
from ...ops.linalg import matrix_product
from ...ops.shapes import fit, item
from ...primitive import find
from ...storage import device, full, is_array, is_complex, is_floating, namespace, to_number
from ...value import Value
from ..numbers import parts, place, shape

Term = tuple[int, int, float]       # which operand, which element of it, and the derivative by it
Row = dict[int, float]              # elements of one operand, and the derivatives by them
_MOVING = (item, find("element"), find("from_values"))          # linear too, though of no kind


def is_elementwise(node: Node) -> bool:
    """Whether an element depends on one element of each operand."""
    return isinstance(node.op, Elementwise)


def is_linear(node: Node) -> bool:
    """Whether an element is a sum of elements, with coefficients."""
    return isinstance(node.op, Linear) or node.op in _MOVING


def terms(root: Node, k: int, nodes: list[Node], limit: int) -> dict[Node, dict[int, list[Term]]]:
    """What element k of the root depends on: of each node the elements, and the terms of each.

    `nodes` are the history of the root. Raises ArgumentError beyond `limit` scalar results.
    """
    found: dict[Node, dict[int, list[Term]]] = {root: {k: []}}
    count = 0
    for node in reversed(nodes):
        if node not in found:
            continue
        check_dtype(node)
        known = _moved(node, list(found[node])) if is_linear(node) else {}
        for done, k in enumerate(found[node], 1):
            row = found[node][k] = list(_terms(node, k, known))
            size = _size(node, row)
            count += size
            if count > limit:
                if is_elementwise(node) or node.op is matrix_product:
                    count += size * (len(found[node]) - done)       # the others are of that size
                raise ArgumentError(
                    f"this element is made of at least {count:,} scalars, the limit is {limit:,}",
                    "open an element of an earlier result, such as that of one hidden unit, or "
                    "give element(x, index, limit=...)")
            for i, j, _ in row:
                if isinstance(node.args[i], Node):
                    found.setdefault(node.args[i], {})[j] = []
    return found


def check_dtype(node: Node) -> None:
    """Raise DtypeError unless the elements of a node are real floats."""
    for part in parts(node.data):
        if is_array(part) and (is_complex(part) or not is_floating(part)):
            by = f" = {node.op.name}(...)" if node.op else ""
            raise DtypeError(f"an {describe(part)}{by} cannot be opened: a Value holds one real "
                             "number", "open an element that is made of real floats only")


def _size(node: Node, row: list[Term]) -> int:
    """How many scalar results an element comes to."""
    if node.op is matrix_product:
        return max(len(row) - 1, 0)
    if is_linear(node):
        return max(len(row) - 1, 0) + sum(c != 1 for _, _, c in row)
    return 1


def _terms(node: Node, k: int, known: dict[int, dict[int, Row]]) -> Iterator[Term]:
    """The elements of the operands that element k of a node is made of, in their order."""
    if node.op is None:
        return
    index, args = place(k, shape(node.data)), node.numbers()
    if is_elementwise(node):
        yield from ((i, flat(index, shape(arg)), 1.0) for i, arg in enumerate(args))
    elif node.op is matrix_product:
        left, right = map(shape, args)
        for j in range(left[-1]):
            yield 0, flat((*index[:-1], j), left), 1.0
            yield 1, flat((*index[:-2], j, index[-1]), right), 1.0
    elif is_linear(node):
        for i in range(len(args)):
            row = known[i][k] if i in known else _row(node, i, k)
            yield from ((i, j, c) for j, c in row.items())
    else:
        for i, arg in enumerate(node.args):
            if isinstance(arg, Node):
                row = _row(node, i, k)
                yield from ((i, j, row.get(j, 0.0))
                            for j in sorted({*row, *_row_at_ones(node, i, k)}))


def slopes(node: Node, k: int, row: list[Term]) -> tuple[float, ...]:
    """The derivatives of element k by its terms, by the rule for arrays."""
    return tuple(_row(node, i, k).get(j, 0.0) if isinstance(node.args[i], Node) else 0.0
                 for i, j, _ in row)


def _row(node: Node, i: int, k: int) -> Row:
    """The derivatives of element k by those elements of operand i where there is one."""
    part = node.contribution(i, _cotangent(node.data, [k], [1.0]))
    return _entries(node.args[i], part, node.data)


def _moved(node: Node, ks: list[int]) -> dict[int, dict[int, Row]]:
    """The rows of all these elements, for each operand whose elements are only moved or added up.

    Random whole numbers are pulled back. Where all arrive as they were sent, and from the same
    elements a second time, with other numbers, each tells where it comes from.
    """
    known: dict[int, dict[int, Row]] = {}
    kind = parts(node.data)[0]
    most = int(1 / namespace(kind).finfo(kind.dtype).eps) if is_array(kind) else 0
    if not 8 < len(ks) < most:
        return known
    for i, arg in enumerate(node.args):
        sources: list[dict[int, int]] = []
        for seed in (0, 1):
            sent = random.Random(seed).sample(range(1, most), len(ks))
            whose: dict[float, int] = dict(zip(sent, ks, strict=True))
            came = _entries(arg, node.contribution(i, _cotangent(node.data, ks, sent)), node.data)
            if whose.keys() >= set(came.values()):
                sources.append({j: whose[c] for j, c in came.items()})
        if len(sources) == 2 and sources[0] == sources[1]:
            known[i] = {k: {} for k in ks}
            for j, k in sources[0].items():
                known[i][k][j] = 1.0
    return known


def _row_at_ones(node: Node, i: int, k: int) -> Row:
    """The same where all operands are 1: what a maximum or a product hides elsewhere shows there.

    max([1, 2, 3]) has a derivative by its last element only, and prod([0, 0, 3]) by none.
    """
    if isinstance(node, Value):
        return {0: 1.0}
    with suppress(Exception):                   # somebody's own function may refuse these numbers
        ones = tuple(namespace(x).ones_like(x) if is_array(x) and is_floating(x) else x
                     for x in node.numbers())
        z = node.op.on_arrays(ones, node.params)
        part = node.op.pull(i, _cotangent(node.data, [k], [1.0]), z, ones, node.params)
        return _entries(node.args[i], part, node.data)
    return {}


def _entries(arg: Any, part: Any, like: Any) -> Row:
    """Where a contribution to the operand `arg` is not 0, and what it is there."""
    if part is None:
        return {}
    if isinstance(arg, Node):
        part = arg.complete(arg.fit(part))
    elif is_array(like):
        part = fit(part, full(like, shape(arg), 0.0))
    found, start = {}, 0
    for one in parts(part):
        if not is_array(one):
            return {0: one} if one != 0 else {}
        row = namespace(one).reshape(one, (-1,))
        for j in map(int, namespace(one).nonzero(row != 0)[0]):
            found[start + j] = to_number(row[j])
        start += math.prod(one.shape)
    return found


def _cotangent(data: Any, ks: list[int], numbers: list[Any]) -> Any:
    """The cotangent that has these numbers at elements ks, and 0 elsewhere."""
    if isinstance(data, float):
        return numbers[0]
    outputs = parts(data)
    ends = numpy.cumsum([math.prod(part.shape) for part in outputs])
    row = numpy.zeros(ends[-1])
    row[ks] = numbers
    arrays = [namespace(part).asarray(piece.reshape(shape(part)), dtype=part.dtype,
                                      device=device(part))
              for part, piece in zip(outputs, numpy.split(row, ends[:-1]), strict=True)]
    return Parts(arrays) if isinstance(data, tuple) else arrays[0]


# -- elements are counted through, last axis fastest -----------------------------------------------

def number(data: Any, k: int) -> Any:
    """Element k of an array; a number is its own."""
    for part in parts(data):
        size = math.prod(shape(part))
        if k < size:
            return to_number(part[place(k, shape(part))]) if is_array(part) else part
        k -= size
    raise IndexError(k)


def flat(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    """Which element is at an index, in an array of that shape that is broadcast."""
    k = 0
    for i, n in zip(index[len(index) - len(shape):], shape, strict=True):
        k = k * n + (i if n != 1 else 0)
    return k
