"""The Fourier transforms: what their entries in the table of domains do not show."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from places import PLACES

import autograd.numpy as anp
from autograd import Tensor, jvp, vjp
from autograd.errors import ArgumentError, AutogradError, DtypeError, ShapeError

strict = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
pytestmark = pytest.mark.filterwarnings("ignore:.*2025.12:UserWarning")

ALL = ("fft", "ifft", "fftn", "ifftn", "rfft", "irfft", "rfftn", "irfftn", "hfft", "ihfft",
       "fftfreq", "rfftfreq", "fftshift", "ifftshift")
X = np.random.default_rng(0).normal(size=(3, 5))
Z = X + 1j * X[::-1]
each_place = pytest.mark.parametrize("place", PLACES, ids=repr)


@pytest.mark.parametrize("name", ALL)
def test_the_names_and_defaults_of_the_standard_by_numpys_positions(name):
    """That no more is asked for than the standard does, test_array_api.py sees to."""
    theirs = list(inspect.signature(getattr(strict.fft, name)).parameters.values())
    ours = list(inspect.signature(getattr(anp.fft, name)).parameters.values())
    assert [(p.name, p.default) for p in ours] == [(p.name, p.default) for p in theirs]
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in ours[1:]
               if p.name not in ("dtype", "device"))


@pytest.mark.parametrize("call", [
    lambda f, x: f.fft(x, 8), lambda f, x: f.ifft(x, 2, 0), lambda f, x: f.rfft(x, 4, 0, "ortho"),
    lambda f, x: f.irfft(x, 4, 1, "forward"), lambda f, x: f.hfft(x, 6, 0),
    lambda f, x: f.ihfft(x, 3, 1, "ortho"), lambda f, x: f.fftn(x, (4, 4), (0, 1)),
    lambda f, x: f.ifftn(x, (4,), (0,), "ortho"), lambda f, x: f.rfftn(x, None, (1, 0)),
    lambda f, x: f.irfftn(x, (2, 6), (0, 1), "forward"), lambda f, x: f.fftshift(x, 0),
    lambda f, x: f.ifftshift(x, (0, 1)), lambda f, x: f.fftfreq(5, 0.5),
    lambda f, x: f.rfftfreq(5, 0.5)])
def test_calls_as_numpys_users_write_them(call):
    np.testing.assert_allclose(anp.asarray(call(anp.fft, X)).data, call(np.fft, X), atol=1e-14)


@each_place
@pytest.mark.parametrize("name", ["fft2", "ifft2", "rfft2", "irfft2"])
@pytest.mark.parametrize("args", [(), ((4, 3),), (None, (0, 2)), ((2, 6), (1, 0), "ortho")])
def test_transforms_over_two_axes(name, args, place):
    x = np.stack([Z, 2j * Z]) if name[0] != "r" else np.stack([X, X ** 2])
    f, along = getattr(anp.fft, name), getattr(anp.fft, name.replace("2", "n"))
    with place:
        z, pullback = vjp(lambda x: f(x, *args), place.put(x))
        np.testing.assert_allclose(place.back(z), getattr(np.fft, name)(x, *args), atol=1e-13)
        s, axes, *norm = (*args, None, None)[:max(2, len(args))]
        pull = vjp(lambda x: along(x, s, axes or (-2, -1), *norm), place.put(x))[1]
        np.testing.assert_array_equal(*(place.back(p(z)[0]) for p in (pullback, pull)))


def test_all_of_numpys_fft_is_here():
    assert set(np.fft.__all__) <= set(vars(anp.fft))


@each_place
@pytest.mark.parametrize("name", ["fft", "ifft", "fftn", "irfft", "hfft"])
def test_real_numbers_where_complex_ones_are_expected(name, place):
    f, by_numpy = getattr(anp.fft, name), getattr(np.fft, name)
    with place:
        z, pullback = vjp(f, place.put(X))
        np.testing.assert_allclose(place.back(z), by_numpy(X), rtol=1e-12, atol=1e-12)
        g = by_numpy(X) * 0.5
        (pulled,) = pullback(place.put(g))
        assert place.holds(pulled) and place.back(pulled).dtype == np.float64
        expected = vjp(f, X)[1](g)[0]
        np.testing.assert_allclose(place.back(pulled), expected, rtol=1e-11, atol=1e-11)


@each_place
@pytest.mark.parametrize("name, kind", [
    ("fft", "complex64"), ("ifft", "complex64"), ("rfft", "float32"), ("irfft", "complex64"),
    ("hfft", "complex64"), ("ihfft", "float32"), ("fftn", "float32"), ("irfftn", "complex64")])
def test_single_precision_stays(name, kind, place):
    x = Z.astype(kind) if kind == "complex64" else X.astype(kind)
    with place:
        z, pullback = vjp(getattr(anp.fft, name), place.put(x))
        z = place.back(z)
        (pulled,) = pullback(place.put(z))
        assert place.back(pulled).dtype == x.dtype
    assert z.dtype == (np.float32 if name in ("irfft", "hfft", "irfftn") else np.complex64)


def test_whole_numbers_lists_and_tensors():
    np.testing.assert_allclose(anp.fft.rfft([1, 2, 3]), np.fft.rfft([1, 2, 3]))
    np.testing.assert_allclose(anp.fft.fft(np.arange(4)), np.fft.fft(np.arange(4)))
    x = Tensor(X, requires_grad=True)
    loss = anp.sum(anp.abs(anp.fft.fftn(x, s=(4, 4), axes=(0, 1), norm="ortho")) ** 2)
    loss.backward()
    np.testing.assert_allclose(loss.item(), np.sum(X[:, :4] ** 2))      # Parseval
    np.testing.assert_allclose(x.grad.data, 2 * X * (np.arange(5) < 4), atol=1e-14)


@given(n=st.integers(1, 9), m=st.integers(1, 9), seed=st.integers(0, 2**16))
@settings(max_examples=40)
def test_there_and_back_again_is_the_identity_and_so_is_its_derivative(n, m, seed):
    """Cut or followed by zeros on the way, x comes back cut or followed by zeros."""
    rng = np.random.default_rng(seed)
    x, t = rng.normal(size=(2, 2, m))
    for there, back in (("fft", "ifft"), ("rfft", "irfft"), ("ihfft", "hfft")):
        for norm in ("backward", "ortho", "forward"):
            def f(x, there=there, back=back, norm=norm):
                spectrum = getattr(anp.fft, there)(x, n=n, norm=norm)
                return anp.real(getattr(anp.fft, back)(spectrum, n=n, norm=norm))

            value, slope = jvp(f, (x,), (t,))
            kept = np.zeros((2, n))
            for found, of in ((value, x), (slope, t)):
                expected = kept.copy()
                expected[:, :min(m, n)] = of[:, :n]
                np.testing.assert_allclose(found, expected, atol=1e-13)


def test_what_irfft_does_not_read_has_no_gradient():
    """The imaginary parts of the elements that are their own conjugates, and all beyond n // 2."""
    for n, alone, beyond in ((4, [0, 2], []), (5, [0], []), (3, [0], [2]), (2, [0, 1], [2])):
        (pulled,) = vjp(lambda z, n=n: anp.fft.irfft(z, n=n), Z[0, :3])[1](np.arange(1.0, n + 1))
        assert not np.any(pulled[alone].imag) and not np.any(pulled[beyond])
        others = [k for k in range(3) if k not in alone + beyond]
        assert np.all(pulled[others].imag) and np.all(np.delete(pulled, beyond).real)


def test_axes_are_transformed_one_by_one_and_batches_alone():
    np.testing.assert_allclose(anp.fft.fft(Z), np.stack([anp.fft.fft(row) for row in Z]))
    np.testing.assert_allclose(anp.fft.fftn(Z, axes=(1,)), anp.fft.fft(Z, axis=1))
    np.testing.assert_allclose(anp.fft.fftn(Z, s=(2,)), anp.fft.fft(Z, n=2, axis=-1))
    assert anp.fft.fft(np.zeros((0, 3))).shape == (0, 3)
    assert anp.fft.fftshift(np.float64(2.0)) == 2.0


@pytest.mark.parametrize("call, error, words", [
    (lambda f: f.fft(X, n=0), ShapeError, "at least"),
    (lambda f: f.fft(np.zeros((3, 0))), ShapeError, r"\(3, 0\)"),
    (lambda f: f.irfft(Z[:, :1]), ShapeError, "length 0"),
    (lambda f: f.fft(X, axis=2), ShapeError, "axis 2"),
    (lambda f: f.fft(np.float64(1.0)), ShapeError, "0-d"),
    (lambda f: f.fft(X, norm="unitary"), ArgumentError, "unitary"),
    (lambda f: f.hfft(Z, norm=None), ArgumentError, "norm=None"),
    (lambda f: f.rfft(Z), DtypeError, "real numbers"),
    (lambda f: f.ihfft(Z), DtypeError, "real numbers"),
    (lambda f: f.rfftn(Tensor(Z)), DtypeError, "real numbers"),
    (lambda f: f.fftn(X, s=(2, 2), axes=(0,)), ShapeError, "one for each"),
    (lambda f: f.fftn(X, s=(2, 2, 2)), ShapeError, "out of range"),
    (lambda f: f.rfftn(X, axes=()), ShapeError, "no axes"),
    (lambda f: f.fftfreq(0), ArgumentError, "0 samples"),
    (lambda f: f.rfftfreq(-1), ArgumentError, "-1 samples")])
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words) as caught:
        call(anp.fft)
    assert isinstance(caught.value, AutogradError) and "help:" in str(caught.value)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
@pytest.mark.parametrize("name", ["fftfreq", "rfftfreq"])
def test_frequencies(name, n):
    ours = getattr(anp.fft, name)(n, d=0.1)
    assert type(ours) is Tensor and ours.dtype == np.float64
    np.testing.assert_allclose(ours.data, getattr(np.fft, name)(n, d=0.1), rtol=1e-15)
    assert getattr(anp.fft, name)(n, dtype=anp.float32).dtype == np.float32
    for place in PLACES:
        with place:
            there = getattr(anp.fft, name)(n, dtype="float32", device=place.device)
            assert place.holds(there.data) and there.shape == ours.shape
            np.testing.assert_allclose(place.back(there.data), ours.data * 0.1, rtol=1e-6)
            with place.device:
                assert place.holds(getattr(anp.fft, name)(n).data)
