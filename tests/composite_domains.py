"""The entries of the functions made of primitives: how to call them, and NumPy's word for each."""

import numpy as np
import scipy.special
from classic_domains import CLASSIC
from domains import Domain, joinable, placed, reshaped, windowed, windows
from fft_domains import TRANSFORMS
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from linalg_domains import LINALG
from special_domains import COMPOSED
from strategies import (
    Case,
    along,
    apart,
    array,
    axes,
    elementwise,
    matrices,
    reduction,
    rngs,
    shapes,
    sizes_apart,
    uniform,
)

import autograd.numpy as anp
from autograd import composite, stack

COMPOSITES: dict[str, Domain] = {}
ANY = uniform(-3, 3)


def composed(name, cases, reference=None, function=None, **options):
    COMPOSITES[name] = Domain(name, function or getattr(composite, name),
                              reference or getattr(np, name), cases, **options)


# -- kinks and activations -----------------------------------------------------------------------
@st.composite
def bounded(draw):
    """An array and bounds, numbers or None, that no element is near."""
    x, = apart(draw(rngs()), draw(shapes()), gap=0.5)
    bound = st.integers(-3, 3).map(lambda k: k * 0.5) | st.none()
    low, high = draw(bound), draw(bound)
    if low is not None and high is not None:
        low, high = sorted((low, high))
    return Case((x,), {"min": low, "max": high})


def clipped(x, min=None, max=None):
    x = x if min is None else np.maximum(x, min)
    return x if max is None else np.minimum(x, max)


composed("maximum", elementwise(2, apart))
composed("minimum", elementwise(2, apart))
composed("clip", bounded(), clipped)
composed("sign", elementwise(apart), analytic=False)
composed("root", elementwise(uniform(0.3, 3)), np.sqrt)
composed("leaky_relu", elementwise(apart), lambda x: np.where(x.real > 0, x, 0.01 * x))
composed("elu", elementwise(apart), lambda x: np.where(x.real > 0, x, np.expm1(x)))
composed("silu", elementwise(ANY), lambda x: x / (1 + np.exp(-x)))
composed("gelu", array(ANY, lambda draw, x: {"approximate": draw(
    st.sampled_from(["none", "tanh"]))}), lambda x, approximate:
    x * (1 + scipy.special.erf(x / np.sqrt(2))) / 2 if approximate == "none" else
    x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))) / 2)


# -- reductions ----------------------------------------------------------------------------------
def variance(x, axis, keepdims, correction):
    apart = x - x.mean(axis, keepdims=True)
    count = x.size // max(x.sum(axis).size, 1)
    return (apart * apart).sum(axis, keepdims=keepdims) / (count - correction)


def norms(x, ord, axis, keepdims):
    if np.isinf(ord):
        size = np.where(x.real < 0, -x, x)
        return (np.max if ord > 0 else np.min)(size, axis, keepdims=keepdims)
    return (np.where(x.real < 0, -x, x) ** ord).sum(axis, keepdims=keepdims) ** (1 / ord)


def log_of_sum(x, axis, keepdims=False):
    return np.log(np.exp(x).sum(axis, keepdims=keepdims))


def several(draw, x):
    """Keyword axis: at least one, unless all are meant."""
    return draw(axes(x.ndim).filter(lambda axis: axis != ()))


def statistics(smallest):
    return array(apart, lambda draw, x: {
        "axis": several(draw, x), "keepdims": draw(st.booleans()),
        "correction": draw(st.sampled_from([0.0, 0.5]))}, min_dims=1, min_side=smallest)


nonempty = reduction(nonempty=True)
composed("sum", reduction())
composed("prod", reduction())
composed("max", nonempty)
composed("min", nonempty)
composed("round", array(uniform(1.08, 1.12), lambda draw, x: {
    "decimals": draw(st.integers(0, 1))}), analytic=False)
composed("mean", nonempty)
composed("var", statistics(1), variance)
composed("std", statistics(2), lambda *args, **kw: np.sqrt(variance(*args, **kw)))
composed("norm", reduction(
    sizes_apart, nonempty=True, more=lambda draw, x: {
        "ord": draw(st.sampled_from([1, 2, 3, 2.5, np.inf, -np.inf]))}), norms, analytic=False)
composed("logsumexp", reduction(ANY, nonempty=True), log_of_sum)
composed("softmax", along(ANY, min_side=1),
         lambda x, axis: np.exp(x - log_of_sum(x, axis, True)))
composed("log_softmax", along(ANY, min_side=1), lambda x, axis: x - log_of_sum(x, axis, True))


# -- running totals ------------------------------------------------------------------------------
def scanned(scan, first):
    """A running total, from the neutral element on with include_initial."""
    def reference(x, axis, include_initial):
        size = list(x.shape)
        size[axis] = 1
        return scan(np.concatenate([np.full(size, first), x], axis) if include_initial else x, axis)

    return reference


initial = along(more=lambda draw, x: {"include_initial": draw(st.booleans())})
composed("cumulative_sum", initial, scanned(np.cumsum, 0.0))
composed("cumulative_prod", initial, scanned(np.cumprod, 1.0))
scan = array(params=lambda draw, x: {
    "axis": draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None})
composed("cumsum", scan)
composed("cumprod", scan)
composed("diff", along(more=lambda draw, x: {"n": draw(st.integers(0, 2))}))


# -- products ------------------------------------------------------------------------------------
@st.composite
def vectors(draw):
    """Two operands whose last axes are equal, the others broadcast."""
    sizes = draw(hnp.mutually_broadcastable_shapes(
        signature="(i),(i)->()", max_dims=2, min_side=0, max_side=3)).input_shapes
    return Case(apart(draw(rngs()), *sizes), {})


@st.composite
def contracted(draw):
    """Two arrays and the axes, a number or pairs, along which they are summed."""
    inner, rng = draw(shapes(max_dims=2)), draw(rngs())
    left, right = draw(shapes(max_dims=2)), draw(shapes(max_dims=2))
    if draw(st.booleans()):
        return Case(apart(rng, left + inner, inner + right), {"axes": len(inner)})
    order = draw(st.permutations(range(len(inner))))
    pairs = (tuple(range(len(left), len(left) + len(inner))),
             tuple(order.index(i) for i in range(len(inner))))
    return Case(apart(rng, left + inner, tuple(inner[i] for i in order) + right), {"axes": pairs})


SUBSCRIPTS = ("ij,jk->ik", "ij,jk", "i,i", "i,j->ij", "ii", "ii->i", "ij->ji", "ij->", "ijj->i",
              "iji->j", "ij,ij->", "bij,bjk->bik", "...i,...i->...", "...ij,jk", "ij,j,i->",
              "a,b,c", "ij,kj->ik", "i...,i...->...", "ij,i->j", "abc,cd,db->a", ",i->i",
              "ij...->...j")


@st.composite
def summed(draw):
    """Subscripts and operands of the lengths that they say."""
    subscripts, rng = draw(st.sampled_from(SUBSCRIPTS)), draw(rngs())
    side = {c: draw(st.integers(0, 3)) for c in dict.fromkeys(subscripts) if c.isalpha()}
    more = draw(shapes(max_dims=2))
    sizes = []
    for term in subscripts.split("->")[0].split(","):
        front, dots, back = term.partition("...")
        sizes.append((*(side[c] for c in front), *(more if dots else ()), *(side[c] for c in back)))
    return Case(apart(rng, *sizes), {"subscripts": subscripts})


composed("outer", vectors().map(lambda case: Case(tuple(x.reshape(-1) for x in case.args), {})),
         np.multiply.outer)
composed("vecdot", vectors(), lambda x, y: (x * y).sum(-1))
composed("tensordot", contracted())
composed("matmul", matrices(vectors=True), function=anp.matmul)
composed("einsum", summed(), lambda *xs, subscripts: np.einsum(subscripts, *xs),
         lambda *xs, subscripts: anp.einsum(subscripts, *xs))


# -- shapes --------------------------------------------------------------------------------------
def new_axes(draw, x):
    several = draw(st.booleans())
    total = x.ndim + 1 + several
    axis = draw(st.lists(st.integers(-total, total - 1), min_size=1 + several,
                         max_size=1 + several, unique_by=lambda a: a % total))
    return {"axis": tuple(axis) if several else axis[0]}


def removed(draw, x):
    ones = [i for i, n in enumerate(x.shape) if n == 1]
    chosen = st.lists(st.sampled_from(ones), unique=True).map(tuple) if ones else st.just(())
    return {"axis": draw(st.none() | chosen)}


def moved(draw, x):
    some = draw(st.lists(st.integers(0, x.ndim - 1), unique=True, min_size=1))
    return {"source": tuple(some), "destination": tuple(draw(st.permutations(
        range(x.ndim)))[:len(some)])}


def cut(draw, x):
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    equal = st.sampled_from([k for k in range(1, n + 2) if n % k == 0])
    return {"axis": axis, "sections": draw(equal | st.lists(st.integers(0, n)).map(sorted))}


def repeated(draw, x):
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    n = x.size if axis is None else x.shape[axis]
    counts = st.integers(0, 3) | st.lists(st.integers(0, 2), min_size=n, max_size=n)
    return {"repeats": draw(counts), "axis": axis}


def padded(draw, x):
    pair = st.tuples(st.integers(0, 2), st.integers(0, 2))
    every = st.lists(pair, min_size=x.ndim, max_size=x.ndim).map(tuple)
    return {"width": draw(st.integers(0, 2) | pair | every if x.ndim else st.integers(0, 2)),
            "constant_values": draw(st.sampled_from([0.0, 1.5]))}


def pad(x, width, constant_values):
    return np.pad(x, width, constant_values=constant_values) if x.ndim else x


def take(x, indices, axis):
    return np.take(x, indices, axis)


@st.composite
def taken(draw):
    """An array and integers of any shape that say what to take from an axis, or from all of it."""
    x, = apart(draw(rngs()), draw(shapes(min_side=1)))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    n = x.size if axis is None else x.shape[axis]
    places = hnp.arrays(np.int64, shapes(max_dims=2), elements=st.integers(-n, n - 1))
    return Case((x, draw(places)), {"axis": axis})


def sliding(x, window_shape, axis, stride, dilation):
    wide = (window_shape,) if isinstance(window_shape, int) else window_shape
    axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
    many = (n if isinstance(n, tuple) else (n,) * len(axes) for n in (stride, dilation))
    return windows(x, wide, tuple(a % x.ndim for a in axes), *many)


@st.composite
def slid(draw):
    """The same windows in other words: one axis as a number, all as None, counted from the end."""
    (x,), how = draw(windowed())
    how["window_shape"] = how.pop("window")
    how["axis"] = tuple(a - x.ndim * draw(st.booleans()) for a in how["axis"])
    if how["axis"] == tuple(range(x.ndim)) and x.ndim:
        how["axis"] = None
    elif len(how["axis"]) == 1 and draw(st.booleans()):
        how = {name: n[0] for name, n in how.items()}
    return Case((x,), how)


@st.composite
def grids(draw):
    """Arrays of one axis, and how a grid is laid over them."""
    rng = draw(rngs())
    xs = [apart(rng, (draw(st.integers(0, 3)),))[0] for _ in range(draw(st.integers(1, 3)))]
    return Case(tuple(xs), {"indexing": draw(st.sampled_from(["xy", "ij"]))})


diagonal = array(params=lambda draw, x: {"k": draw(st.integers(-3, 3))}, min_dims=2)
composed("astype", array(params=lambda draw, x: {"dtype": "float64"}), lambda x, dtype: x)
composed("expand_dims", array(params=new_axes))
composed("squeeze", array(params=removed))
composed("reshape", array(params=reshaped))
composed("swapaxes", array(params=lambda draw, x: {
    name: draw(st.integers(-x.ndim, x.ndim - 1)) for name in ("axis1", "axis2")}, min_dims=1))
composed("moveaxis", array(params=moved, min_dims=1))
composed("transpose", array(params=lambda draw, x: {
    "axes": draw(st.none() | st.permutations(range(x.ndim)))}))
composed("concatenate", joinable(), lambda *xs, axis: np.concatenate(xs, axis),
         lambda *xs, axis: composite.concatenate(xs, axis=axis))
composed("stack", joinable(equal=True), lambda *xs, axis: np.stack(xs, axis),
         lambda *xs, axis: stack(xs, axis=axis))
composed("split", array(params=cut, min_dims=1),
         lambda x, sections, axis: np.split(x, sections, axis))
composed("unstack", array(params=lambda draw, x: {"axis": draw(st.integers(-x.ndim, x.ndim - 1))},
                          min_dims=1), np.unstack)
composed("broadcast_arrays", elementwise(apart, apart, apart, numbers=False), np.broadcast_arrays)
composed("meshgrid", grids(), np.meshgrid)
composed("repeat", array(params=repeated))
composed("tile", array(params=lambda draw, x: {"repetitions": draw(
    st.integers(0, 2) | st.lists(st.integers(0, 2), max_size=4).map(tuple))}),
    lambda x, repetitions: np.tile(x, repetitions))
composed("pad", array(params=padded), pad)
composed("sliding_window_view", slid(), sliding)
composed("triu", diagonal)
composed("tril", diagonal)
composed("take", taken(), take)
composed("take_along_axis", placed(wide=True))
for _f in (composite.unique_all, composite.unique_counts, composite.unique_inverse):
    composed(_f.__name__, array(), np.unique, lambda x, f=_f: f(x).values)
composed("unique_values", array(), np.unique)           # NumPy's own is in no order
composed("sort", along(more=lambda draw, x: {"descending": draw(st.booleans())}),
         lambda x, axis, descending: np.flip(np.sort(x, axis), axis) if descending
         else np.sort(x, axis))
COMPOSITES.update(TRANSFORMS)
COMPOSITES.update(CLASSIC)
COMPOSITES.update(COMPOSED)
COMPOSITES.update(LINALG)
