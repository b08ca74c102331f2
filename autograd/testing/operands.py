"""What an operation takes: earlier nodes whose shapes fit, and metadata.

Each kind of operation has a function that draws both from a die, or finds that nothing fits (None).
Smaller draws mean simpler programs, newer nodes come first: Hypothesis shrinks to those.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest
from typing import Any, Protocol

Shape = tuple[int, ...]


class Die(Protocol):
    """What is drawn from: random numbers, or what Hypothesis chooses."""

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""

    def number(self) -> float:
        """A number for an input."""

    def more(self) -> bool:
        """Whether one more operation is drawn."""


Drawn = tuple[tuple[int, ...], dict[str, Any]] | None
Draw = Callable[[Die, Sequence[Shape]], Drawn]


def choose(die: Die, shapes: Sequence[Shape], ok: Callable[[Shape], bool] | None = None) -> int:
    """One of the nodes whose shape is ok, every other time the newest; -1 if there is none."""
    found = [i for i in range(len(shapes) - 1, -1, -1) if ok is None or ok(shapes[i])]
    if not found:
        return -1
    return found[die.below(len(found)) if die.below(2) else 0]


def together(*shapes: Shape) -> Shape | None:
    """The shape that arrays of these shapes have together; None where they do not fit."""
    result = []
    for sizes in zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1):
        wide = {n for n in sizes if n != 1}
        if len(wide) > 1:
            return None
        result.append(wide.pop() if wide else 1)
    return tuple(reversed(result))


def _fit(shape: Shape, other: Shape) -> bool:
    return together(shape, other) is not None


def elementwise(arity: int) -> Draw:
    """Operands that broadcast together."""
    def draw(die: Die, shapes: Sequence[Shape]) -> Drawn:
        args: list[int] = []
        for _ in range(arity):
            before = together(*(shapes[i] for i in args)) or ()
            args.append(choose(die, shapes, partial(_fit, before)))
        return tuple(args), {}

    return draw


def one(min_dims: int = 0, **params: Callable[[Die, Shape], Any]) -> Draw:
    """One array of so many axes at least, without an axis of length 0; metadata by its shape."""
    def draw(die: Die, shapes: Sequence[Shape]) -> Drawn:
        i = choose(die, shapes, lambda shape: len(shape) >= min_dims and 0 not in shape)
        if i < 0:
            return None
        return (i,), {name: value(die, shapes[i]) for name, value in params.items()}

    return draw


def either(*values: Any) -> Callable[[Die, Shape], Any]:
    """One of some values."""
    return lambda die, shape: values[die.below(len(values))]


def axis(die: Die, shape: Shape) -> int:
    """An axis, counted from either end."""
    return die.below(len(shape)) - len(shape) * die.below(2)


def some_axes(die: Die, shape: Shape) -> Any:
    """One axis, or several."""
    if die.below(2):
        return tuple(sorted({axis(die, shape) % len(shape) for _ in shape}))
    return axis(die, shape)


def axes(die: Die, shape: Shape) -> Any:
    """All axes (None), one, or several."""
    return some_axes(die, shape) if die.below(3) else None


keepdims = either(False, True)


def order(die: Die, shape: Shape) -> tuple[int, ...]:
    """A permutation of the axes."""
    left = list(range(len(shape)))[::-1]
    return tuple(left.pop(die.below(len(left))) for _ in shape)


def reshaped(die: Die, shape: Shape) -> Shape:
    """A shape of as many elements: flat, with a new axis of 1, or the lengths in another order."""
    kind = die.below(3)
    if kind == 0:
        return (-1,)
    if kind == 1:
        at = die.below(len(shape) + 1)
        return (*shape[:at], 1, *shape[at:])
    return tuple(shape[i] for i in order(die, shape))


def broadened(die: Die, shape: Shape) -> Shape:
    """A shape that this one broadcasts to."""
    wide = tuple(2 + die.below(2) if n == 1 else n for n in shape)
    return (2, *wide) if die.below(2) or wide == shape else wide


def index(die: Die, shape: Shape) -> tuple[Any, ...]:
    """An index of integers, slices, some with a step, ellipsis and new axes."""
    parts: list[Any] = []
    for n in shape[:1 + die.below(len(shape))]:
        kind = die.below(3)
        parts.append(die.below(2 * n) - n if kind == 0 else slice(die.below(n), None)
                     if kind == 1 else slice(None, n - die.below(n), 2))
    if die.below(4) == 1:
        parts.append(...)
    if die.below(4) == 1:
        parts.insert(0, None)
    return tuple(parts)


def places(die: Die, shape: Shape) -> list[int]:
    """Places along the shortest axis, with repeats: they fit every axis."""
    n = min(shape)
    return [die.below(n) for _ in range(1 + die.below(3))]


def signed(die: Die, n: int, count: int) -> list[int]:
    """Places along an axis of length n, counted from either end."""
    return [die.below(2 * n) - n for _ in range(count)]


def narrow(die: Die, shape: Shape) -> Shape:
    """A window along one axis, whichever it is: 1 wide, or 2 where that fits all."""
    return (1 + die.below(min(2, *shape)),)


def rows(die: Die, shape: Shape) -> list[int]:
    """Places along the first axis, some twice."""
    return signed(die, shape[0], 1 + die.below(3))


def columns(die: Die, shape: Shape) -> list[int]:
    """Places along the last axis, some twice."""
    return signed(die, shape[-1], 1 + die.below(3))


def points(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """An array, and places along its first two axes that go together."""
    i = choose(die, shapes, lambda shape: len(shape) > 1 and 0 not in shape)
    if i < 0:
        return None
    count = 1 + die.below(3)
    return (i,), {"places": signed(die, shapes[i][0], count),
                  "columns": signed(die, shapes[i][1], count)}


def joined(new: bool) -> Draw:
    """Two or three arrays of one shape, to be joined along an old axis or a new one."""
    def draw(die: Die, shapes: Sequence[Shape]) -> Drawn:
        first = choose(die, shapes, lambda shape: new or len(shape) > 0)
        if first < 0:
            return None
        shape = shapes[first]
        args = [first, *(choose(die, shapes, lambda other: other == shape)
                         for _ in range(1 + die.below(2)))]
        return tuple(args), {"axis": die.below(len(shape) + new)}

    return draw


def product(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """Two arrays whose matrix product there is."""
    x = choose(die, shapes, lambda shape: len(shape) > 0)
    if x < 0:
        return None
    left = shapes[x]
    y = choose(die, shapes, lambda shape: len(shape) > 0 and left[-1] == shape[-2:][0]
               and together(left[:-2], shape[:-2]) is not None)
    return None if y < 0 else ((x, y), {})


def vectors(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """Two arrays that broadcast, with a last axis of one length."""
    x = choose(die, shapes, lambda shape: len(shape) > 0)
    if x < 0:
        return None
    left = shapes[x]
    y = choose(die, shapes, lambda shape: len(shape) > 0 and left[-1] == shape[-1]
               and together(left, shape) is not None)
    return (x, y), {}


def square(**params: Callable[[Die, Shape], Any]) -> Draw:
    """A square matrix or a stack of them."""
    def draw(die: Die, shapes: Sequence[Shape]) -> Drawn:
        i = choose(die, shapes, lambda shape: len(shape) > 1 and shape[-1] == shape[-2] > 0)
        if i < 0:
            return None
        return (i,), {name: value(die, shapes[i]) for name, value in params.items()}

    return draw


def system(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """A square matrix, and columns on the right side."""
    found = square()(die, shapes)
    if found is None:
        return None
    (x,), n = found[0], shapes[found[0][0]][-1]
    y = choose(die, shapes, lambda shape: len(shape) == 2 and shape[0] == n)
    return None if y < 0 else ((x, y), {})


def written(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """An array, one number to write into it, and where."""
    x = choose(die, shapes, lambda shape: len(shape) > 0 and 0 not in shape)
    y = choose(die, shapes, lambda shape: shape == ())
    return None if x < 0 or y < 0 else ((x, y), {"index": index(die, shapes[x])})


def cut(die: Die, shapes: Sequence[Shape]) -> Drawn:
    """An array, where to cut it along an axis, and which of the two parts is meant."""
    x = choose(die, shapes, lambda shape: len(shape) > 0 and max(shape) > 1 and 0 not in shape)
    if x < 0:
        return None
    along = max(range(len(shapes[x])), key=lambda a: shapes[x][a])
    return (x,), {"at": 1 + die.below(shapes[x][along] - 1), "axis": along, "i": die.below(2)}
