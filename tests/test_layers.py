"""Layers and activations compute what PyTorch's do, on batches, Values and any array library."""

import copy

import numpy
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import autograd.numpy as np
import nn
from autograd import ArgumentError, ShapeError, Tensor, Value

# -- layers ----------------------------------------------------------------------------------------

def test_linear_computes_rows_batches_and_lists():
    layer = nn.Linear(3, 2, rng=0)
    x = numpy.random.default_rng(1).normal(size=(5, 4, 3))
    expected = x @ layer.weight.data.T + layer.bias.data
    assert_allclose(layer(x).data, expected, rtol=1e-14)
    assert_allclose(layer(Tensor(x[0])).data, expected[0], rtol=1e-14)
    assert_allclose(layer(x[0, 0].tolist()).data, expected[0, 0], rtol=1e-14)


def test_linear_takes_values_and_gives_their_gradient_back():
    layer, x = nn.Linear(2, 1, rng=0), [Value(1.0), Value(-2.0)]
    layer(x).sum().backward()
    assert [xi.grad for xi in x] == layer.weight.data[0].tolist()


def test_linear_starts_within_its_bounds_and_follows_its_seed():
    one, same, other = (nn.Linear(100, 50, rng=seed) for seed in (3, 3, 4))
    assert_array_equal(one.weight.data, same.weight.data)
    assert not numpy.array_equal(one.weight.data, other.weight.data)
    assert 0.09 < numpy.abs(one.weight.data).max() <= 0.1
    assert numpy.abs(one.bias.data).max() <= 0.1
    assert not numpy.array_equal(one.bias.data, one.weight.data[0, :50])


@pytest.mark.parametrize("dtype", ["float32", numpy.float32])
def test_linear_keeps_its_dtype(dtype):
    layer = nn.Linear(3, 2, dtype=dtype, rng=0)
    out = layer(numpy.ones((1, 3), numpy.float32))
    out.sum().backward()
    assert out.dtype == layer.weight.grad.dtype == layer.bias.grad.dtype == numpy.float32


@pytest.mark.parametrize("shape", [(5, 4), (3, 5), (4,), (), (5, 1)])
def test_linear_names_the_shape_that_does_not_fit(shape):
    with pytest.raises(ShapeError, match=r"3 inputs got .*shape .*\nhelp: .*length 3"):
        nn.Linear(3, 2, rng=0)(numpy.ones(shape))


@pytest.mark.parametrize("sizes", [(0, 1), (1, -2), (1.5, 1), ("3", 1), (None, 1)])
def test_linear_refuses_sizes_that_are_no_counts(sizes):
    with pytest.raises(ArgumentError, match=r"_features = .*\nhelp: give a whole number from 1 up"):
        nn.Linear(*sizes)


def test_sequential_is_indexed_sliced_and_iterated():
    model = nn.Sequential(nn.Linear(2, 2, rng=0), "tanh", np.exp, nn.Sigmoid)
    assert [m.title() for m in model] == ["Linear", "Tanh", "exp", "Sigmoid"]
    assert len(model) == 4 and model[-1] is model.layers[3]
    assert isinstance(model[1:], nn.Sequential) and model[1:][0] is model[1]
    x = numpy.array([[0.5, -1.0]])
    inner = numpy.exp(numpy.tanh(model[0](x).data))
    assert_allclose(model(x).data, 1 / (1 + numpy.exp(-inner)), rtol=1e-14)
    assert nn.Sequential()(x) is x


@pytest.mark.parametrize("kind", [list, tuple])
def test_sequential_of_a_list_names_the_star(kind):
    with pytest.raises(ArgumentError, match=rf"a {kind.__name__} of 2 as one layer\n"
                                            r"help: unpack it: Sequential\(\*layers\)"):
        nn.Sequential(kind([nn.Linear(2, 1), "relu"]))


def test_dropout_passes_everything_in_eval_and_scales_in_training():
    layer, x = nn.Dropout(0.25, rng=0), Tensor(numpy.ones((200, 200)), requires_grad=True)
    out = layer(x)
    assert set(numpy.unique(out.data)) == {0.0, 1 / 0.75}
    assert abs(out.data.mean() - 1.0) < 0.01                    # 4 standard deviations: 0.0116
    out.sum().backward()
    assert_array_equal(x.grad.data, out.data)
    assert layer.eval()(x) is x


def test_dropout_follows_its_seed_and_draws_anew_each_time():
    one, same, x = nn.Dropout(0.5, rng=7), nn.Dropout(0.5, rng=7), numpy.ones(64)
    first, second = one(x), one(x)
    assert_array_equal(first, same(x))
    assert not numpy.array_equal(first, second)


def test_dropout_at_its_ends_and_in_float32():
    x = numpy.ones(10, numpy.float32)
    assert nn.Dropout(0.0, rng=0)(x) is x
    assert_array_equal(nn.Dropout(1.0, rng=0)(x), numpy.zeros(10))
    assert nn.Dropout(0.5, rng=0)(x).dtype == numpy.float32


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_dropout_refuses_what_is_no_probability(p):
    with pytest.raises(ArgumentError, match=f"Dropout with p = {p}"):
        nn.Dropout(p)


def test_layers_run_over_any_array_library():
    xp = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    model = nn.Sequential(nn.Linear(3, 4, rng=0), "relu", nn.Dropout(0.5, rng=2),
                          nn.Linear(4, 2, rng=1))
    twin = copy.deepcopy(model)
    x = numpy.random.default_rng(0).normal(size=(5, 3))
    for p in twin.parameters():
        p.replace(xp.asarray(p.data))
    model(x).sum().backward()
    twin(Tensor(xp.asarray(x))).sum().backward()
    for p, q in zip(model.parameters(), twin.parameters(), strict=True):
        assert_allclose(p.grad.data, numpy.asarray(q.grad.data), rtol=1e-14)
    twin.load_state_dict(model.state_dict())
    assert type(twin[0].weight.data) is type(xp.asarray(x))


# -- activations -----------------------------------------------------------------------------------

X = numpy.array([-800.0, -3.0, -0.5, 0.0, 0.5, 3.0, 800.0])
TORCH_NAMES = {"relu": "relu", "leaky_relu": "leaky_relu", "elu": "elu", "gelu": "gelu",
               "silu": "silu", "tanh": "tanh", "sigmoid": "sigmoid", "softplus": "softplus",
               "softmax": "softmax", "log_softmax": "log_softmax"}


@pytest.mark.parametrize("name", TORCH_NAMES)
def test_activations_agree_with_pytorch(name):
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    function = getattr(torch.nn.functional, TORCH_NAMES[name])
    options = {"dim": -1} if "softmax" in name else {}
    ours, theirs = Tensor(X, requires_grad=True), torch.tensor(X, requires_grad=True)
    weights = numpy.arange(1.0, 8.0)
    out, expected = nn.activation(name)(ours), function(theirs, **options)
    (out * weights).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    assert_allclose(out.data, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    assert_allclose(ours.grad.data, theirs.grad.numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", sorted(set(nn.activations.BY_NAME) - {"softmax", "log_softmax"}))
def test_activations_take_values_floats_and_arrays_alike(name):
    module = nn.activation(name)
    array = module(X)
    for x, expected in zip(X.tolist(), array.tolist(), strict=True):
        assert module(Value(x)).data == pytest.approx(expected, rel=1e-15)
        assert module(x) == pytest.approx(expected, rel=1e-15)
    assert type(array) is numpy.ndarray


def test_activations_with_options():
    x = numpy.array([-1.0, 2.0])
    assert_allclose(nn.LeakyReLU(0.25)(x), [-0.25, 2.0])
    assert_allclose(nn.ELU(2.0)(x), [2.0 * numpy.expm1(-1.0), 2.0])
    assert_allclose(nn.GELU("tanh")(x), [-0.15880800939172324, 1.954597694087775], rtol=1e-12)
    assert_allclose(nn.Softmax(axis=0)(numpy.zeros((2, 3))), numpy.full((2, 3), 0.5))
    assert_allclose(nn.LogSoftmax(axis=0)(numpy.zeros((2, 3))), numpy.full((2, 3), -numpy.log(2)))
    assert nn.activation("leaky_relu")(x)[0] == -0.01


def test_activation_takes_names_modules_classes_and_functions():
    tanh = nn.Tanh()
    assert nn.activation(tanh) is tanh
    assert type(nn.activation(nn.Tanh)) is type(nn.activation("tanh")) is nn.Tanh
    assert nn.activation(abs)(-3.0) == 3.0 and repr(nn.activation(abs)) == "abs()"


@pytest.mark.parametrize("what", ["reluu", 3, None, ["relu"]])
def test_an_unknown_activation_lists_the_known(what):
    with pytest.raises(ArgumentError, match=r"no activation: .*\nhelp: name one of relu, leaky"):
        nn.activation(what)
