"""The entries of the Fourier transforms: complex numbers come and go as two real arrays each."""

import numpy as np
from domains import Domain, primitive
from hypothesis import strategies as st
from strategies import Case, apart, array, axes, rngs, shapes

import autograd.numpy as anp
from autograd.primitive import table

NORMS = st.sampled_from(["backward", "ortho", "forward"])
TRANSFORMS: dict[str, Domain] = {}


def complexed(function, np_like):
    """The function of (real part, imaginary part) that one of complex numbers is, and back."""
    def call(a, b, **params):
        z = function(a + 1j * b, **params)
        return (np_like.real(z), np_like.imag(z))

    return call


def half(function, np_like):
    """The same for a function of real numbers that gives complex ones."""
    def call(a, **params):
        z = function(a, **params)
        return (np_like.real(z), np_like.imag(z))

    return call


def joined(function, np_like):
    """The same for a function of complex numbers that gives real ones."""
    return lambda a, b, **params: function(a + 1j * b, **params)


def along_one(draw, x, least=1):
    """A length (None: as it is), an axis and a norm."""
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    n = st.integers(1, 5) if x.shape[axis] < least else st.none() | st.integers(1, 5)
    return {"n": draw(n), "axis": axis, "norm": draw(NORMS)}


def along_several(draw, x, least=1):
    """Axes (None: all), lengths for them, and a norm."""
    over = draw(st.none() | st.lists(st.integers(0, x.ndim - 1), min_size=1, unique=True))
    chosen = range(x.ndim) if over is None else over
    lengths = st.tuples(*[st.integers(1, 4) for _ in chosen])
    s = draw(lengths if x.shape[list(chosen)[-1]] < least else st.none() | lengths)
    over = over if s is None else list(chosen)
    return {"s": s, "axes": over, "norm": draw(NORMS)}


@st.composite
def parts(draw, params, least=1):
    """Two arrays, the real and the imaginary part of one, and what a transform takes."""
    a, b = apart(draw(rngs()), *[draw(shapes(min_dims=1, min_side=1))] * 2)
    return Case((a, b), params(draw, a, least))


def real(params):
    return array(params=params, min_dims=1, min_side=1)


def transform(name, form, cases):
    TRANSFORMS[name] = Domain(name, form(getattr(anp.fft, name), anp),
                              form(getattr(np.fft, name), np), cases, analytic=False)


def base(name, form, cases):
    """One of the four that the others are made of; called as a primitive, it is the same."""
    primitive(name, cases, form(getattr(np.fft, name), np), form(table[name], anp), analytic=False)


base("fft", complexed, parts(along_one))
base("ifft", complexed, parts(along_one))
base("rfft", half, real(along_one))
base("irfft", joined, parts(along_one, least=2))
transform("fftn", complexed, parts(along_several))
transform("ifftn", complexed, parts(along_several))
transform("rfftn", half, real(along_several))
transform("irfftn", joined, parts(along_several, least=2))
transform("hfft", joined, parts(along_one, least=2))
transform("ihfft", half, real(along_one))
for _name in ("fftshift", "ifftshift"):
    TRANSFORMS[_name] = Domain(_name, getattr(anp.fft, _name), getattr(np.fft, _name), array(
        params=lambda draw, x: {"axes": draw(axes(x.ndim).filter(lambda axis: axis != ()))},
        min_dims=1))
