"""NumPy's words for stacking, splitting and turning arrays: each is a few of the standard's."""

from collections.abc import Sequence
from typing import Any

from ..composite import as_operand, as_operands, concatenate, moveaxis, split, swapaxes, transpose
from ..ops.shapes import axes_of, flip, reshape
from .classic import ndim, shape


def ravel(a: Any, order: str = "C") -> Any:
    """All elements in one axis; with order="F" the first index runs fastest."""
    return reshape(transpose(a) if order == "F" else as_operand(a), shape=(-1,))


def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """a with one axis moved before the one that is at `start`."""
    n = ndim(a)
    axis, start = axes_of(axis, n)[0], start + n if start < 0 else start
    return moveaxis(a, axis, start - 1 if axis < start else start)


def atleast_1d(*arys: Any) -> Any:
    """Arrays of one axis at least: numbers become vectors of one element."""
    return _each(arys, lambda a: a if ndim(a) else reshape(a, shape=(1,)))


def atleast_2d(*arys: Any) -> Any:
    """Arrays of two axes at least: vectors become rows."""
    return _each(arys, lambda a: a if ndim(a) > 1 else reshape(a, shape=(1, -1)))


def atleast_3d(*arys: Any) -> Any:
    """Arrays of three axes at least: matrices get a last axis, vectors one on either side."""
    return _each(arys, lambda a: a if ndim(a) > 2 else
                 a[..., None] if ndim(a) == 2 else reshape(a, shape=(1, -1, 1)))


def _each(arys: tuple[Any, ...], change: Any) -> Any:
    changed = tuple(change(as_operand(a)) for a in arys)
    return changed[0] if len(changed) == 1 else changed


def vstack(tup: Sequence[Any]) -> Any:
    """Arrays on top of each other; vectors are rows."""
    return concatenate([atleast_2d(a) for a in as_operands(*tup)], axis=0)


def hstack(tup: Sequence[Any]) -> Any:
    """Arrays side by side: along the second axis, vectors along their only one."""
    arrays = [atleast_1d(a) for a in as_operands(*tup)]
    return concatenate(arrays, axis=0 if arrays and ndim(arrays[0]) == 1 else 1)


def dstack(tup: Sequence[Any]) -> Any:
    """Arrays behind each other: along the third axis."""
    return concatenate([atleast_3d(a) for a in as_operands(*tup)], axis=2)


def column_stack(tup: Sequence[Any]) -> Any:
    """Vectors as the columns of a matrix; matrices side by side."""
    return concatenate([a if ndim(a) > 1 else reshape(a, shape=(-1, 1))
                        for a in as_operands(*tup)], axis=1)


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """arr with values behind it (axis None: both flattened)."""
    return concatenate((arr, values), axis=axis)


def array_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """ary cut along an axis; parts that cannot be equal differ by one, the longer ones first."""
    if isinstance(indices_or_sections, int):
        n, (each, longer) = indices_or_sections, divmod(shape(ary)[axis], indices_or_sections)
        indices_or_sections = [k * each + min(k, longer) for k in range(1, n)]
    return split(ary, indices_or_sections, axis)


def hsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """ary cut along its second axis, a vector along its only one."""
    return split(ary, indices_or_sections, 1 if ndim(ary) > 1 else 0)


def vsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """ary cut along its first axis."""
    return split(ary, indices_or_sections, 0)


def dsplit(ary: Any, indices_or_sections: Any) -> list[Any]:
    """ary cut along its third axis."""
    return split(ary, indices_or_sections, 2)


def flipud(m: Any) -> Any:
    """The rows in reverse order."""
    return flip(m, axis=0)


def fliplr(m: Any) -> Any:
    """The columns in reverse order."""
    return flip(m, axis=1)


def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """m turned by k right angles, from the first of the two axes towards the second."""
    if k % 2:
        return flip(swapaxes(m, *axes), axis=axes[0] if k % 4 == 1 else axes[1])
    return flip(m, axis=axes) if k % 4 else as_operand(m)
