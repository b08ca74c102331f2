"""The entries of NumPy's own names: where each is smooth, and NumPy itself as the reference."""

import numpy as np
from domains import Domain, choices
from hypothesis import strategies as st
from strategies import Case, apart, array, broadcastable, elementwise, rngs, shapes, uniform

import autograd.numpy as anp

CLASSIC: dict[str, Domain] = {}
ANY = uniform(-3, 3)


def classic(name, cases, reference=None, call=None, **options):
    CLASSIC[f"classic.{name}"] = Domain(f"classic.{name}", call or getattr(anp, name),
                                        reference or getattr(np, name), cases, **options)


def gathered(name, cases):
    """A function of a sequence of arrays, called with the arrays themselves."""
    ours, theirs = getattr(anp, name), getattr(np, name)
    classic(name, cases, lambda *xs, **params: theirs(xs, **params),
            lambda *xs, **params: ours(xs, **params))


# -- elementwise ---------------------------------------------------------------------------------
classic("fabs", elementwise(apart), lambda x: np.where(x.real < 0, -x, x))
classic("logaddexp2", elementwise(ANY, ANY), lambda x, y: np.log2(2**x + 2**y))
for _name in ("deg2rad", "rad2deg"):
    classic(_name, elementwise(ANY), analytic=False)
classic("sinc", elementwise(ANY), analytic=False)
for _name in ("fmax", "fmin"):
    classic(_name, elementwise(2, apart))
classic("nan_to_num", elementwise(ANY))
classic("angle", elementwise(apart), lambda x: np.where(x < 0, np.pi, 0.0), analytic=False)
classic("where", choices())


@st.composite
def chosen(draw):
    """Two conditions, a choice for each and a default."""
    sizes, rng = draw(broadcastable(5)), draw(rngs())
    conditions = tuple(np.asarray(rng.random(size) < 0.5) for size in sizes[:2])
    return Case((*conditions, *apart(rng, *sizes[2:])), {})


classic("select", chosen(), lambda a, b, x, y, z: np.select([a, b], [x, y], z),
        lambda a, b, x, y, z: anp.select([a, b], [x, y], z))


# -- products ------------------------------------------------------------------------------------
@st.composite
def multiplied(draw, last_but_one=False):
    """Two operands that agree in the last axis (of the second the last but one), or a number."""
    left, right = draw(shapes(max_dims=2)), draw(shapes(max_dims=2))
    n, rng = draw(st.integers(0, 3)), draw(rngs())
    at = len(right) - 1 if last_but_one and right else len(right)
    x, y = apart(rng, (*left, n), (*right[:at], n, *right[at:]))
    number = draw(st.integers(0, 9))
    return Case((float(rng.normal()), y) if number == 0 else
                (x, np.asarray(rng.normal())) if number == 1 else (x, y), {})


classic("dot", multiplied(last_but_one=True))
classic("inner", multiplied())
classic("vdot", shapes().flatmap(lambda size: rngs().map(
    lambda rng: Case(apart(rng, size, size[::-1]), {}))), lambda x, y: x.ravel() @ y.ravel())
classic("kron", st.tuples(rngs(), shapes(max_dims=2), shapes(max_dims=2)).map(
    lambda drawn: Case(apart(*drawn), {})))


def two_axes(draw, x):
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    return {"offset": draw(st.integers(-4, 4)), "axis1": first - x.ndim * draw(st.booleans()),
            "axis2": second}


for _name in ("diagonal", "trace"):
    classic(_name, array(params=two_axes, min_dims=2))
classic("diag", array(params=lambda draw, x: {"k": draw(st.integers(-3, 3))}, min_dims=1,
                      max_dims=2))


# -- shapes --------------------------------------------------------------------------------------
@st.composite
def beside(draw, axis, vectors=None, max_dims=3):
    """One to three arrays that agree but along an axis (`vectors`: that of arrays of one axis)."""
    shape, rng = draw(shapes(min_dims=1, max_dims=max_dims)), draw(rngs())
    sizes = [list(shape) for _ in range(draw(st.integers(1, 3)))]
    at = vectors if len(shape) == 1 else axis
    for size in sizes if at is not None and at < len(shape) else ():
        size[at] = draw(st.integers(0, 3))
    return Case(apart(rng, *map(tuple, sizes)), {})


@st.composite
def appended(draw):
    """Two arrays joined along an axis, or of any shapes with None."""
    rng, shape = draw(rngs()), draw(shapes())
    axis = draw(st.none() | st.integers(0, len(shape) - 1)) if shape else None
    other = list(draw(shapes()) if axis is None else shape)
    if axis is not None:
        other[axis] = draw(st.integers(0, 3))
    return Case(apart(rng, shape, tuple(other)), {"axis": axis})


def cut(draw, x, axis=0):
    """A number of parts (equal ones) or the positions to cut at."""
    n = x.shape[axis] if axis < x.ndim else x.shape[-1]
    whole = st.sampled_from([k for k in range(1, n + 2) if n % k == 0])
    return {"indices_or_sections": draw(whole | st.lists(st.integers(0, n)).map(sorted))}


classic("ravel", array(params=lambda draw, x: {"order": draw(st.sampled_from("CF"))}))
classic("rollaxis", array(min_dims=1, params=lambda draw, x: {
    "axis": draw(st.integers(-x.ndim, x.ndim - 1)), "start": draw(st.integers(-x.ndim, x.ndim))}))
for _name in ("atleast_1d", "atleast_2d", "atleast_3d"):
    classic(_name, array() | elementwise(apart, apart, numbers=False))
gathered("vstack", beside(0))
gathered("hstack", beside(1, vectors=0))
gathered("dstack", beside(2))
gathered("column_stack", beside(1, max_dims=2))
classic("append", appended())
classic("array_split", array(min_dims=1, params=lambda draw, x: {
    "indices_or_sections": draw(st.integers(1, 5)),
    "axis": draw(st.integers(-x.ndim, x.ndim - 1))}))
classic("vsplit", array(min_dims=2, params=cut))
classic("hsplit", array(min_dims=1, params=lambda draw, x: cut(draw, x, 1)))
classic("dsplit", array(min_dims=3, params=lambda draw, x: cut(draw, x, 2)))
classic("flipud", array(min_dims=1))
classic("fliplr", array(min_dims=2))
classic("rot90", array(min_dims=2, params=lambda draw, x: {
    "k": draw(st.integers(-5, 5)), "axes": tuple(draw(st.permutations(range(x.ndim)))[:2])}))
