"""Initial weights have the variance and bounds that their formulas promise, and follow the seed."""

import math

import numpy
import pytest
from numpy.testing import assert_array_equal

from autograd import ArgumentError, ShapeError, Tensor
from nn import init

SHAPE = (300, 200)              # out, in: 60,000 draws, so variances are known to about 1%
STDS = {
    "uniform": 1 / math.sqrt(3),
    "normal": 1.0,
    "xavier_uniform": math.sqrt(2 / 500),
    "xavier_normal": math.sqrt(2 / 500),
    "kaiming_uniform": math.sqrt(2 / 200),
    "kaiming_normal": math.sqrt(2 / 200),
}
each = pytest.mark.parametrize("name", STDS)


@each
def test_mean_and_variance(name):
    w = getattr(init, name)(SHAPE, rng=0).data
    std = STDS[name]
    assert w.shape == SHAPE
    assert abs(w.mean()) < 4 * std / math.sqrt(w.size)
    assert w.var() == pytest.approx(std**2, rel=4 * math.sqrt(2 / w.size))


@pytest.mark.parametrize("name", [name for name in STDS if "uniform" in name])
def test_uniform_draws_fill_their_bounds_evenly(name):
    w, bound = getattr(init, name)(SHAPE, rng=1).data, math.sqrt(3) * STDS[name]
    assert abs(w).max() <= bound and abs(w).max() > 0.999 * bound
    counts = numpy.histogram(w, bins=10, range=(-bound, bound))[0]
    expected = w.size / 10
    assert (((counts - expected) ** 2) / expected).sum() < 27.9         # χ² of 9: 0.1%


@pytest.mark.parametrize("name", [name for name in STDS if "normal" in name])
def test_normal_draws_have_normal_tails(name):
    w = getattr(init, name)(SHAPE, rng=1).data / STDS[name]
    assert (abs(w) > 1).mean() == pytest.approx(0.3173, abs=0.008)
    assert (abs(w) > 2).mean() == pytest.approx(0.0455, abs=0.0035)


@each
def test_the_seed_decides(name):
    function = getattr(init, name)
    first = function((5, 4), rng=3)
    assert isinstance(first, Tensor) and first.requires_grad and first.is_leaf
    assert_array_equal(first.data, function((5, 4), rng=3).data)
    assert_array_equal(first.data, function((5, 4), numpy.random.default_rng(3)).data)
    assert not numpy.array_equal(first.data, function((5, 4), rng=4).data)
    assert not numpy.array_equal(function((5, 4)).data, function((5, 4)).data)


@each
def test_a_generator_moves_on(name):
    rng = numpy.random.default_rng(0)
    function = getattr(init, name)
    assert not numpy.array_equal(function((5, 4), rng).data, function((5, 4), rng).data)


@each
def test_one_seed_gives_the_same_weights_in_any_dtype(name):
    function = getattr(init, name)
    single = function((5, 4), rng=3, dtype="float32").data
    assert single.dtype == numpy.float32
    assert_array_equal(single, function((5, 4), rng=3).data.astype(numpy.float32))


def test_options():
    assert init.uniform((50,), 0, low=2.0, high=3.0).data.min() >= 2.0
    w = init.normal((10_000,), 0, mean=5.0, std=0.1).data
    assert w.mean() == pytest.approx(5.0, abs=0.004) and w.std() == pytest.approx(0.1, rel=0.03)
    plain, doubled = (init.xavier_normal((9, 9), 0, gain=gain).data for gain in (1.0, 2.0))
    assert_array_equal(doubled, 2 * plain)
    plain, doubled = (init.kaiming_uniform((9, 9), 0, gain=gain).data for gain in (1.0, 2.0))
    assert numpy.allclose(doubled, 2 * plain, rtol=1e-15)


def test_signals_keep_their_scale_through_many_layers():
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(100, 300))
    for _ in range(20):
        x = numpy.maximum(x @ init.kaiming_normal((300, 300), rng).data.T, 0)
    assert 0.3 < (x**2).mean() < 3.0


def test_fans():
    assert init.fans((7, 5)) == (5, 7)
    assert init.fans((7, 5, 3, 2)) == (30, 42)


@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (4, 0)])
def test_shapes_without_fans_are_named(shape):
    with pytest.raises(ShapeError, match="no fan-in"):
        init.xavier_uniform(shape)
    with pytest.raises(ShapeError, match=r"help: give a shape \(out, in\)"):
        init.kaiming_normal(shape)


def test_gains():
    assert init.gain("relu") == math.sqrt(2) and init.gain("leaky_relu", 1.0) == 1.0
    assert init.gain("tanh") == 5 / 3 and init.gain("identity") == init.gain("sigmoid") == 1.0
    with pytest.raises(ArgumentError, match="no gain is known for 'softmax'"):
        init.gain("softmax")


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "tanh", "sigmoid"])
def test_gains_agree_with_pytorch(name):
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    assert init.gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)


@pytest.mark.parametrize("rng", [-1, 1.5, "seed", True, numpy.random.RandomState(0)])
def test_a_source_that_is_none(rng):
    with pytest.raises(ArgumentError, match=r"no source of random numbers: .*\nhelp: give a seed"):
        init.uniform((2,), rng)
