"""einops on Tensors: every operation against einops on plain arrays, gradients against ours."""

import numpy
import pytest

import autograd.numpy as np
from autograd import Tensor, grad

einops = pytest.importorskip("einops", reason="pip install einops")
import autograd.einops  # noqa: E402, F401

X = numpy.random.default_rng(0).normal(size=(4, 6, 2))
CALLS = {
    "rearrange": lambda x: einops.rearrange(x, "(a b) c d -> d (b c) a", a=2),
    "rearrange a list": lambda x: einops.rearrange([x, x * 2], "s a b c -> a (s b) c"),
    "reduce": lambda x: einops.reduce(x, "a (b k) c -> a b c", "max", k=2),
    "mean": lambda x: einops.reduce(x, "a b c -> c", "mean"),
    "repeat": lambda x: einops.repeat(x, "a b c -> a (b two) c new", two=2, new=3),
    "tile": lambda x: einops.repeat(x, "a b c -> (t a) b c", t=2),
    "einsum": lambda x: einops.einsum(x, x, "a b c, d b c -> a d"),
    "pack": lambda x: einops.pack([x, x[0]], "* b c")[0],
}


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name):
    f = CALLS[name]
    assert numpy.allclose(f(Tensor(X)).data, f(X), rtol=1e-14)
    x = Tensor(X, requires_grad=True)
    y = f(x)
    weights = numpy.cos(numpy.arange(y.size)).reshape(y.shape)
    (y * weights).sum().backward()
    step = numpy.random.default_rng(1).normal(size=X.shape)
    slope = ((f(X + 1e-6 * step) - f(X - 1e-6 * step)) / 2e-6 * weights).sum()
    assert numpy.isclose((x.grad.data * step).sum(), slope, rtol=1e-7)


def test_in_a_transform():
    found = grad(lambda x: np.sum(einops.reduce(x, "a b c -> b", "sum") ** 2))(X)
    assert numpy.allclose(found, numpy.broadcast_to(2 * X.sum((0, 2))[None, :, None], X.shape))


def test_a_pattern_that_does_not_fit_is_their_error():
    with pytest.raises(einops.EinopsError):
        einops.rearrange(Tensor(X), "a b -> b a")
