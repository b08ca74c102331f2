"""Smaller programs made from one: operations dropped, nodes replaced, shapes and numbers simpler.

A program here is its inputs and its steps; nodes are numbered through, inputs first, and the last
node is the result. What comes out need not work: the caller tries it.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np


class Step(NamedTuple):
    """One operation: its name, the nodes it is applied to, and its metadata."""

    op: str
    args: tuple[int, ...]
    params: dict[str, Any]


Form = tuple[tuple[Any, ...], tuple[Step, ...]]


def pruned(inputs: Sequence[Any], steps: Sequence[Step], result: int | None = None) -> Form:
    """Only what the result needs (None: the last node); one input is kept at least."""
    count = len(inputs)
    needed, todo = set(), [count + len(steps) - 1 if result is None else result]
    while todo:
        node = todo.pop()
        if node not in needed:
            needed.add(node)
            todo += steps[node - count].args if node >= count else ()
    order = sorted(needed)
    place = {node: i for i, node in enumerate(order)}
    kept = [steps[node - count] for node in order if node >= count]
    return (tuple(inputs[node] for node in order if node < count),
            tuple(step._replace(args=tuple(place[i] for i in step.args)) for step in kept))


def smaller(inputs: Sequence[Any], steps: Sequence[Step], values: Sequence[Any]) -> Iterator[Form]:
    """Simpler forms, the greatest steps first; `values` are those of all nodes."""
    yield from _ending_earlier(inputs, steps)
    yield from _cut(inputs, steps, values)
    yield from _without_a_node(inputs, steps, values)
    yield from _with_other_sizes(inputs, steps)
    yield from _with_simpler_metadata(inputs, steps)
    yield from _with_simpler_numbers(inputs, steps)


def _ending_earlier(inputs: Sequence[Any], steps: Sequence[Step]) -> Iterator[Form]:
    """An earlier node is the result."""
    for node in range(len(inputs), len(inputs) + len(steps) - 1):
        yield pruned(inputs, steps, node)


def _cut(inputs: Sequence[Any], steps: Sequence[Step], values: Sequence[Any]) -> Iterator[Form]:
    """A node is an input that holds its value: what made it goes. Late nodes first."""
    count = len(inputs)
    for node in range(count + len(steps) - 2, count - 1, -1):
        def moved(i: int, node: int = node) -> int:
            return count if i == node else i + 1 if i >= count else i

        rest = [step._replace(args=tuple(map(moved, step.args))) for step in steps]
        new = np.asarray(values[node])
        yield pruned((*inputs, np.array(new, dtype=np.result_type(*inputs))), rest)


def _without_a_node(inputs: Sequence[Any], steps: Sequence[Step],
                    values: Sequence[Any]) -> Iterator[Form]:
    """A node is replaced by one of its operands, or else by an earlier node, of its shape."""
    count = len(inputs)
    for node in range(count + len(steps) - 1, 0, -1):
        own = steps[node - count].args if node >= count else ()
        for other in dict.fromkeys((*own, *range(min(node, count)))):
            if np.shape(values[other]) == np.shape(values[node]):
                rest = [step._replace(args=tuple(other if i == node else i for i in step.args))
                        for step in steps]
                last = node == count + len(steps) - 1
                yield pruned(inputs, rest, other if last else None)


def _with_other_sizes(inputs: Sequence[Any], steps: Sequence[Step]) -> Iterator[Form]:
    """One length is a smaller one, wherever it stands; or an input loses an axis, or two agree."""
    for n in sorted({n for x in inputs for n in np.shape(x) if n > 1}, reverse=True):
        for m in sorted({1, 2, n - 1} - {n}):
            yield (tuple(_resized(x, n, m) for x in inputs),
                   tuple(step._replace(params=_renamed(step.params, n, m)) for step in steps))
    for part in (0, (..., 0), slice(1), (..., slice(1))):
        def change(x: Any, part: Any = part) -> Any:
            return x[part]

        for i, x in enumerate(inputs):
            if np.ndim(x) and x.size and change(x).shape != x.shape:
                yield (*inputs[:i], np.asarray(change(x)), *inputs[i + 1:]), tuple(steps)
        if all(np.ndim(x) and x.size for x in inputs):
            yield tuple(np.asarray(change(x)) for x in inputs), tuple(steps)


def _resized(x: Any, n: int, m: int) -> Any:
    return x[tuple(slice(m) if size == n else slice(None) for size in x.shape)]


def _renamed(params: dict[str, Any], n: int, m: int) -> dict[str, Any]:
    return {key: tuple(m if size == n else size for size in value) if key == "shape" else
            [place % m for place in value] if key == "places" else value
            for key, value in params.items()}


def _with_simpler_metadata(inputs: Sequence[Any], steps: Sequence[Step]) -> Iterator[Form]:
    """Axes and their like as small as can be."""
    for i, step in enumerate(steps):
        for key, value in step.params.items():
            for simple in _simpler(value):
                changed = step._replace(params={**step.params, key: simple})
                yield tuple(inputs), (*steps[:i], changed, *steps[i + 1:])


def _simpler(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [False] if value else []
    if isinstance(value, (list, tuple)):
        return [type(value)(value[:k]) for k in range(1, len(value))]
    if isinstance(value, (int, float)):
        return [x for x in (type(value)(0), type(value)(1)) if _size(x) < _size(value)]
    return []


def _size(x: float) -> tuple[Any, ...]:
    """How long a number is to read: 0 and 1 are short, then few digits, then no sign."""
    return abs(x) not in (0, 1), len(repr(abs(float(x)))), x < 0, abs(x)


def _with_simpler_numbers(inputs: Sequence[Any], steps: Sequence[Step]) -> Iterator[Form]:
    """An input of fewer digits: all its numbers alike, all rounded, or one of them."""
    changes: list[Any] = [partial(np.full_like, fill_value=c) for c in (0.0, 1.0, 0.5, 2.0)]
    for change in (*changes, *(partial(np.round, decimals=k) for k in (0, 1))):
        for i, x in enumerate(inputs):
            new = np.asarray(change(x))
            old_size, new_size = (sorted(map(_size, v.ravel().tolist())) for v in (x, new))
            if new_size < old_size:
                yield (*inputs[:i], new, *inputs[i + 1:]), tuple(steps)


def weight(form: Form) -> tuple[Any, ...]:
    """What shrinking makes less: operations, elements, operands, metadata, digits."""
    inputs, steps = form
    numbers = [number for x in inputs for number in np.ravel(x).tolist()]
    return (len(steps), len(inputs), sum(np.size(x) for x in inputs),
            sum(np.ndim(x) for x in inputs), len(repr([step.params for step in steps])),
            [step.args for step in steps], sorted(map(_size, numbers), reverse=True))
