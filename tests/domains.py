"""Where each operation is smooth, and how it is called there: one entry for every operation.

An entry says how to draw operands and metadata, what NumPy calls the operation, and by what oracle
its derivative is found. The tests of the op table run over these entries; an operation without one
is a failing test.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.special
from hypothesis import strategies as st
from strategies import (
    Case,
    along,
    apart,
    array,
    axes,
    broadcastable,
    elementwise,
    indices,
    matrices,
    reduction,
    rngs,
    shapes,
    uniform,
)

from autograd import Tensor, stack
from autograd.primitive import table


@dataclass(frozen=True)
class Domain:
    """An operation, NumPy's word for it, and the operands it is tested on.

    `analytic`: the reference takes complex arrays, so the oracle is the complex step. `on_values`:
    it also works on Values. `strict`: it also runs over array-api-strict. `smooth`: float64
    throughout, so that differences of the first derivative mean something.
    """

    name: str
    function: Callable[..., Any]
    reference: Callable[..., Any]
    cases: st.SearchStrategy[Case]
    analytic: bool = True
    on_values: bool = False
    strict: bool = True
    smooth: bool = True


PRIMITIVES: dict[str, Domain] = {}
CONSTANTS: dict[str, Domain] = {}


def primitive(name, cases, reference=None, function=None, **options):
    PRIMITIVES[name] = Domain(name, function or table[name], reference or getattr(np, name), cases,
                              **options)


def pointwise(name, *fills, reference=None, **options):
    primitive(name, elementwise(*fills), reference, on_values=True, **options)


def constant(name, cases, reference=None):
    CONSTANTS[name] = Domain(name, table[name], reference or getattr(np, name), cases)


# -- elementwise ---------------------------------------------------------------------------------
ANY, POSITIVE, UNIT = uniform(-3, 3), uniform(0.3, 3), uniform(-0.9, 0.9)

for _name in ("add", "subtract", "multiply"):
    pointwise(_name, ANY, ANY)
pointwise("divide", ANY, POSITIVE)
pointwise("remainder", uniform(0.2, 0.8), uniform(1.0, 2.0), analytic=False)
pointwise("floor_divide", uniform(0.2, 0.8), uniform(1.0, 2.0), analytic=False)
pointwise("pow", POSITIVE, ANY, reference=np.power, analytic=False)
for _name in ("negative", "positive", "square", "sin", "cos", "asinh", "exp", "expm1", "sinh",
              "cosh", "tanh"):
    pointwise(_name, ANY)
pointwise("sech", ANY, reference=lambda x: 1 / np.cosh(x))
for _name in ("reciprocal", "sqrt", "log", "log1p", "log2", "log10"):
    pointwise(_name, POSITIVE)
for _name in ("asin", "acos", "atanh", "tan"):
    pointwise(_name, UNIT)
pointwise("atan", UNIT)
pointwise("acosh", uniform(1.3, 4))
pointwise("hypot", POSITIVE, POSITIVE, reference=lambda x, y: np.sqrt(x * x + y * y))
pointwise("atan2", apart, POSITIVE, reference=np.arctan2, analytic=False)
pointwise("logaddexp", ANY, ANY, reference=lambda x, y: np.log(np.exp(x) + np.exp(y)))
pointwise("sigmoid", ANY, reference=lambda x: 1 / (1 + np.exp(-x)))
pointwise("softplus", ANY, reference=lambda x: np.log1p(np.exp(x)))
pointwise("erf", ANY, reference=scipy.special.erf)
pointwise("relu", apart, reference=lambda x: np.where(x.real > 0, x, 0.0))
pointwise("abs", apart, reference=lambda x: np.where(x.real < 0, -x, x))
pointwise("maximum", 2, apart)
pointwise("minimum", 2, apart)
pointwise("at_least", 2, apart, reference=np.maximum)
pointwise("at_most", 2, apart, reference=np.minimum)
for _name in ("sign", "floor", "ceil", "round", "trunc"):
    pointwise(_name, uniform(0.1, 0.4), analytic=False)
primitive("round_to", elementwise(uniform(1.08, 1.12)).map(
    lambda case: Case((*case.args, 1), {})), np.round, analytic=False)
pointwise("copysign", apart, apart, analytic=False)
pointwise("nextafter", ANY, ANY, analytic=False)
pointwise("identity", ANY, reference=lambda x: x)
for _name in ("conj", "real", "imag"):
    primitive(_name, elementwise(ANY), analytic=False)


@st.composite
def choices(draw):
    """A condition and two operands."""
    sizes, rng = draw(broadcastable(3)), draw(rngs())
    return Case((np.asarray(rng.random(sizes[0]) < 0.5), *apart(rng, *sizes[1:])), {})


primitive("where", choices())

# -- constants: values only ----------------------------------------------------------------------
def whole(rng, size):
    return (np.asarray(rng.integers(-4, 4, size)),)


def few(rng, size):
    return (np.asarray(rng.integers(0, 5, size)),)


for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    constant(_name, elementwise(uniform(-1, 1), uniform(-1, 1)))
for _name in ("isfinite", "isinf", "isnan", "signbit"):
    constant(_name, elementwise(ANY))
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    constant(_name, elementwise(whole, whole, numbers=False))
for _name in ("bitwise_left_shift", "bitwise_right_shift"):
    constant(_name, elementwise(whole, few, numbers=False))
constant("bitwise_invert", elementwise(whole))
constant("logical_not", choices().map(lambda case: Case((case.args[0],), {})))
for _name in ("logical_and", "logical_or", "logical_xor"):
    constant(_name, choices().map(lambda case: Case((case.args[0], case.args[1] > 0), {})))
constant("argsort", along(more=lambda draw, x: {"stable": draw(st.booleans())}))
for _name in ("argmax", "argmin"):
    constant(_name, array(params=lambda draw, x: {
        "axis": draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None,
        "keepdims": draw(st.booleans())}, min_side=1))
for _name in ("any", "all", "count_nonzero"):
    constant(_name, reduction())
constant("nonzero", array(uniform(-1, 1), min_dims=1).map(
    lambda case: Case((np.round(case.args[0]),), {})))
constant("isin", elementwise(whole, whole))
constant("searchsorted", elementwise(ANY, ANY, numbers=False).map(
    lambda case: Case((np.sort(case.args[0].reshape(-1)), case.args[1]), {})))


# -- reductions and scans ------------------------------------------------------------------------
primitive("sum", reduction())
primitive("max", reduction(nonempty=True))
primitive("min", reduction(nonempty=True))
primitive("prod", reduction())
primitive("cumulative_sum", along(), np.cumsum)
primitive("cumulative_prod", along(), np.cumprod)


# -- shapes --------------------------------------------------------------------------------------
def reshaped(draw, x):
    """A shape with as many elements, one of its lengths now and then -1."""
    shape = list(draw(st.permutations(x.shape)))
    if draw(st.booleans()):
        shape.insert(draw(st.integers(0, len(shape))), 1)
    if shape and x.size and draw(st.booleans()):
        shape[draw(st.integers(0, len(shape) - 1))] = -1
    return {"shape": tuple(shape)}


def broadened(draw, x):
    """A shape that x broadcasts to."""
    front = draw(st.lists(st.integers(0, 3), max_size=2))
    return {"shape": (*front, *(draw(st.integers(0, 3)) if n == 1 else n for n in x.shape))}


def shifted(draw, x):
    if not x.ndim or draw(st.booleans()):
        return {"shift": draw(st.integers(-4, 4)), "axis": None}
    over = draw(st.lists(st.integers(0, x.ndim - 1), min_size=1, max_size=2, unique=True))
    shifts = draw(st.lists(st.integers(-4, 4), min_size=len(over), max_size=len(over)))
    return {"shift": tuple(shifts), "axis": tuple(over)}


def cuts(draw, x):
    axis = draw(st.integers(0, x.ndim - 1))
    return {"at": tuple(sorted(draw(st.lists(st.integers(0, x.shape[axis]), max_size=3)))),
            "axis": axis}


def cast(x, dtype):
    return x if x.dtype.kind == "c" else x.astype(dtype)


primitive("reshape", array(params=reshaped))
primitive("broadcast_to", array(params=broadened))
primitive("permute_dims", array(params=lambda draw, x: {
    "axes": tuple(a - x.ndim * draw(st.booleans()) for a in draw(st.permutations(range(x.ndim))))}))
primitive("matrix_transpose", array(min_dims=2))
primitive("flip", array(params=lambda draw, x: {"axis": draw(axes(x.ndim))}))
primitive("roll", array(params=shifted))
primitive("astype", array(params=lambda draw, x: {"dtype": draw(st.sampled_from(
    [np.dtype("float32"), np.dtype("float64")]))}), cast, strict=False, smooth=False)
primitive("to_device", array(params=lambda draw, x: {"device": "cpu"}), lambda x, device: x,
          strict=False)
primitive("split_at", array(params=cuts, min_dims=1), lambda x, at, axis: np.split(x, at, axis))


@st.composite
def joinable(draw, equal=False):
    """One to three arrays that agree but (unless `equal`) along the axis that joins them."""
    shape, rng = draw(shapes(min_dims=0 if equal else 1)), draw(rngs())
    axis = draw(st.integers(-len(shape) - equal, len(shape) - 1 + equal))
    sizes = [list(shape) for _ in range(draw(st.integers(1, 3)))]
    if not equal:
        for size in sizes:
            size[axis] = draw(st.integers(0, 3))
    return Case(apart(rng, *map(tuple, sizes)), {"axis": axis})


primitive("concat", joinable(), lambda *xs, axis: np.concatenate(xs, axis))


# -- indexing ------------------------------------------------------------------------------------
@st.composite
def indexed(draw, forms=indices, fill=True):
    """An array and an index of it; with `fill` also values to write there."""
    shape, rng = draw(shapes()), draw(rngs())
    index = draw(forms(shape))
    x, = apart(rng, shape)
    if not fill:
        return Case((x,), {"index": index})
    target = x[index].shape
    skip = draw(st.integers(0, len(target)))
    size = tuple(n if draw(st.booleans()) else 1 for n in target[skip:])
    y, = apart(rng, size)
    return Case((x, float(rng.normal()) if draw(st.integers(0, 4)) == 0 else y), {"index": index})


def scattered():
    def case(drawn):
        x, index = drawn.args[0], drawn.params["index"]
        return Case((np.asarray(x[index]),), {"index": index, "shape": x.shape})

    return indexed(fill=False).map(case)


def add_at(x, index, shape):
    result = np.zeros(shape, x.dtype)
    np.add.at(result, index, x)
    return result


def written(x, y, index):
    result = np.array(x, dtype=np.result_type(x, y))
    result[index] = y
    return result


@st.composite
def placed(draw, wide=False, back=False):
    """An array and integer places along an axis of it, with repeats."""
    shape, rng = draw(shapes(min_dims=1, min_side=1)), draw(rngs())
    axis, count = draw(st.integers(0, len(shape) - 1)), draw(st.integers(0, 4))
    size = shape[axis]
    around = tuple(count if i == axis else n for i, n in enumerate(shape))
    places = rng.integers(0, size, around if wide else count)
    if back:
        return Case((*apart(rng, around), places), {"axis": axis, "size": size})
    return Case((*apart(rng, shape), places), {"axis": axis})


def put(x, places, axis, size):
    """The dense one-hot reasoning: each place is a row of a matrix of zeros and ones."""
    one_hot = np.eye(size)[places]
    return np.moveaxis(np.tensordot(x, one_hot, axes=(axis, 0)), -1, axis)


def put_along(x, places, axis, size):
    one_hot = np.moveaxis(np.eye(size)[places], axis, -2)
    rows = np.moveaxis(x, axis, -1)[..., None, :]
    return np.moveaxis((rows @ one_hot)[..., 0, :], -1, axis)


primitive("getitem", indexed(fill=False), lambda x, index: x[index], strict=False)
primitive("scatter", scattered(), add_at, strict=False)
primitive("setitem", indexed(), written, strict=False)
primitive("take", placed())
primitive("put", placed(back=True), put)
primitive("take_along_axis", placed(wide=True))
primitive("put_along_axis", placed(wide=True, back=True), put_along)


# -- windows -------------------------------------------------------------------------------------
@st.composite
def windowed(draw, back=False):
    """An array, and windows that slide along some of its axes; with `back` what lies in them."""
    shape, rng = draw(shapes(max_side=5)), draw(rngs())
    wide = [a for a, n in enumerate(shape) if n]
    axis = tuple(draw(st.lists(st.sampled_from(wide), unique=True))) if wide else ()
    window = tuple(draw(st.integers(1, shape[a])) for a in axis)
    dilation = tuple(draw(st.integers(1, (shape[a] - 1) // (n - 1) if n > 1 else 3))
                     for a, n in zip(axis, window, strict=True))
    stride = tuple(draw(st.integers(1, 3)) for _ in axis)
    how = {"window": window, "axis": axis, "stride": stride, "dilation": dilation}
    x, = apart(rng, shape)
    if not back:
        return Case((x,), how)
    return Case(apart(rng, windows(x, **how).shape), {"shape": shape, **how})


def windows(x, window, axis, stride, dilation):
    """NumPy's windows of step 1, of which some are left, and in them some places."""
    spans = tuple((n - 1) * d + 1 for n, d in zip(window, dilation, strict=True))
    steps = [1] * x.ndim
    for a, step in zip(axis, stride, strict=True):
        steps[a] = step
    every = np.lib.stride_tricks.sliding_window_view(x, spans, axis) if axis else x
    return every[tuple(slice(None, None, step) for step in (*steps, *dilation))]


def overlapping(x, shape, window, axis, stride, dilation):
    """Number by number."""
    total = np.zeros(shape, x.dtype)
    for place in np.ndindex(x.shape):
        at = list(place[:len(shape)])
        for k, a in enumerate(axis):
            at[a] = at[a] * stride[k] + place[len(shape) + k] * dilation[k]
        total[tuple(at)] += x[place]
    return total


primitive("windows", windowed(), windows)
primitive("overlap_add", windowed(back=True), overlapping)


# -- products of matrices, several outputs, bridges to Values ------------------------------------
def bridge(x):
    """Through Values and back: the primitives element and from_values."""
    return stack(x.values() if isinstance(x, Tensor) else list(x))


primitive("matrix_product", matrices(), np.matmul)
primitive("item", array(params=lambda draw, x: {"i": draw(st.integers(0, 1))}, min_dims=1),
          lambda x, i: x[i:] if i else x[:1], strict=False,
          function=lambda x, i: table["split_at"](x, at=(1,), axis=0)[i])
for _name in ("element", "from_values"):
    primitive(_name, array(min_dims=1, max_dims=1, min_side=1), lambda x: x, function=bridge,
              strict=False)

import fft_domains  # noqa: E402, F401  its entries are registered here
import linalg_domains  # noqa: E402, F401
import special_domains  # noqa: E402, F401
