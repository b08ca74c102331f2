"""Hypothesis strategies for operands: shapes that broadcast, axes, numbers away from kinks.

Hypothesis draws shapes and metadata, which shrink to what a person can read; the numbers come from
a seeded generator, because a derivative needs typical ones, and special values have tests of
their own.
"""

import math
from typing import NamedTuple

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


class Case(NamedTuple):
    """One call of an operation: positional operands and keyword metadata."""

    args: tuple
    params: dict

    @property
    def moving(self):
        """The operands that are differentiated: the floating arrays."""
        return [i for i, x in enumerate(self.args)
                if isinstance(x, np.ndarray) and x.dtype.kind in "fc"]


def shapes(min_dims=0, max_dims=3, min_side=0, max_side=3):
    """Shapes of few elements; sizes 0 and 1 and 0-d among them."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side,
                            max_side=max_side)


def broadcastable(count):
    """As many shapes, which broadcast together."""
    return hnp.mutually_broadcastable_shapes(
        num_shapes=count, max_dims=3, min_side=0, max_side=3).map(lambda drawn: drawn.input_shapes)


def rngs():
    """Seeded generators."""
    return st.integers(0, 2**16).map(np.random.default_rng)


def axes(ndim, none=True):
    """None, one axis (counted from either end), or a tuple of axes."""
    choices = [st.none()] if none else []
    if ndim:
        one = st.integers(-ndim, ndim - 1)
        choices += [one, st.lists(one, unique_by=lambda a: a % ndim, max_size=ndim).map(tuple)]
    return st.one_of(choices or [st.just(())])


def uniform(low, high):
    """Fills shapes with numbers between two bounds."""
    return lambda rng, *sizes: tuple(np.asarray(rng.uniform(low, high, size)) for size in sizes)


def apart(rng, *sizes, gap=0.3, offset=0.1):
    """Fills shapes with numbers of both signs, no two of them (nor any and 0) near each other."""
    count = sum(math.prod(size) for size in sizes)
    pool = (rng.permutation(count) - count // 2 + 0.5) * gap + rng.uniform(-offset, offset, count)
    filled, start = [], 0
    for size in sizes:
        filled.append(pool[start:start + math.prod(size)].reshape(size))
        start += math.prod(size)
    return tuple(filled)


def sizes_apart(rng, shape):
    """Fills a shape with numbers of both signs, no two absolute values near each other."""
    x, = apart(rng, shape)
    return (np.asarray((x - x.min(initial=0.0) + 0.5) * rng.choice([-1.0, 1.0], shape)),)


@st.composite
def elementwise(draw, *fills, numbers=True):
    """Operands that broadcast; a single fill for several operands fills them together.

    Now and then one of several operands is a Python number.
    """
    together = isinstance(fills[0], int)
    count = fills[0] if together else len(fills)
    sizes, rng = list(draw(broadcastable(count))), draw(rngs())
    number = draw(st.integers(0, 5 * count - 1)) if numbers and count > 1 else count
    if number < count:
        sizes[number] = ()
    args = list(fills[1](rng, *sizes)) if together else [
        fill(rng, size)[0] for fill, size in zip(fills, sizes, strict=True)]
    if number < count:
        args[number] = float(args[number])
    return Case(tuple(args), {})


@st.composite
def array(draw, fill=apart, params=lambda draw, x: {}, **limits):
    """One array and metadata that fits it."""
    x, = fill(draw(rngs()), draw(shapes(**limits)))
    return Case((x,), params(draw, x))


def reduction(fill=apart, more=lambda draw, x: {}, nonempty=False):
    """One array, axes (None, one, several) and keepdims."""
    def params(draw, x):
        return {"axis": draw(axes(x.ndim)), "keepdims": draw(st.booleans()), **more(draw, x)}

    return array(fill, params, min_side=1 if nonempty else 0)


def along(fill=apart, more=lambda draw, x: {}, min_side=0):
    """One array of at least one axis, and an axis of it."""
    def params(draw, x):
        return {"axis": draw(st.integers(-x.ndim, x.ndim - 1)), **more(draw, x)}

    return array(fill, params, min_dims=1, min_side=min_side)


@st.composite
def matrices(draw, vectors=False):
    """Two operands of matmul: batches that broadcast, and vectors if asked for."""
    sizes = draw(hnp.mutually_broadcastable_shapes(
        signature="(i?,j),(j,k?)->(i?,k?)" if vectors else "(i,j),(j,k)->(i,k)", max_dims=2,
        min_side=0, max_side=3)).input_shapes
    return Case(apart(draw(rngs()), *sizes), {})


@st.composite
def basic_indices(draw, shape):
    """Integers, slices with steps of both signs, newaxis and ellipsis."""
    return draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True, max_dims=5))


@st.composite
def advanced_indices(draw, shape):
    """Integer arrays with repeats, several of them, boolean masks, mixed with slices."""
    parts, together = [], draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3))
    for n in shape[:draw(st.integers(0, len(shape)))]:
        kind = draw(st.sampled_from(["slice", "array", "list", "integer"] if n else ["slice"]))
        if kind == "slice":
            parts.append(draw(st.slices(n)))
        elif kind == "integer":
            parts.append(draw(st.integers(-n, n - 1)))
        else:
            drawn = draw(hnp.arrays(int, together, elements=st.integers(-n, n - 1)))
            as_array = kind == "array" or not drawn.size or not together
            parts.append(drawn if as_array else drawn.tolist())
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if len(parts) < len(shape) + 1 and draw(st.booleans()):
        parts.append(...)
    return tuple(parts)


@st.composite
def mask_indices(draw, shape):
    """A boolean mask over leading axes, alone or followed by a slice or an integer."""
    ndim = draw(st.integers(0, len(shape)))
    mask = draw(hnp.arrays(bool, shape[:ndim]))
    if ndim == len(shape) or draw(st.booleans()):
        return mask
    n = shape[ndim]
    return mask, draw(st.integers(-n, n - 1) if n and draw(st.booleans()) else st.slices(n))


def indices(shape):
    """Every index form of NumPy."""
    return st.one_of(basic_indices(shape), advanced_indices(shape), mask_indices(shape))
