"""Weights of PyTorch and Keras: the same network on both sides gives the same outputs.

Keras is not needed: each of its layers is written out here as its documentation has it.
"""

import sys

import numpy
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import ArgumentError
from nn import from_keras, from_torch, to_keras, to_torch

RNG = numpy.random.default_rng(0)


def state(model):
    return {name: numpy.array(x) for name, x in model.state_dict().items()}


# -- PyTorch ---------------------------------------------------------------------------------------

def image_network():
    return nn.Sequential(
        nn.Sequential(nn.Conv2d(2, 3, 3, rng=0), nn.BatchNorm(3), "relu"), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(12, 5, rng=1), "tanh", nn.Linear(5, 2, rng=2))


def image_network_of(torch):
    return torch.nn.Sequential(
        torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.ReLU()),
        torch.nn.MaxPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 5), torch.nn.Tanh(),
        torch.nn.Linear(5, 2)).double()


def pair(torch, kind):
    """A layer here, the same in PyTorch, an input, and how to read the output."""
    ours, theirs, x = {
        "Linear": (nn.Linear(3, 2), torch.nn.Linear(3, 2), (4, 3)),
        "Conv1d": (nn.Conv1d(4, 6, 3, groups=2), torch.nn.Conv1d(4, 6, 3, groups=2), (2, 4, 9)),
        "LayerNorm": (nn.LayerNorm(3), torch.nn.LayerNorm(3), (4, 3)),
        "RNN": (nn.RNN(3, 4, 2), torch.nn.RNN(3, 4, 2, batch_first=True), (2, 5, 3)),
        "GRU": (nn.GRU(3, 4, 2), torch.nn.GRU(3, 4, 2, batch_first=True), (2, 5, 3)),
        "LSTM": (nn.LSTM(3, 4, 2), torch.nn.LSTM(3, 4, 2, batch_first=True), (2, 5, 3))}[kind]
    return ours, theirs.double(), RNG.normal(size=x)


def first(y):
    return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize("kind", ["Linear", "Conv1d", "LayerNorm", "RNN", "GRU", "LSTM"])
def test_a_layer_takes_the_state_of_pytorchs_as_it_is(kind):
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    ours, theirs, x = pair(torch, kind)
    ours.load_state_dict(theirs.state_dict())
    expected = first(theirs(torch.as_tensor(x))).detach().numpy()
    assert_allclose(first(ours(x)).data, expected, rtol=1e-10, atol=1e-12)


def test_a_network_goes_to_pytorch_and_back():
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    ours, theirs, x = image_network(), image_network_of(torch), RNG.normal(size=(4, 2, 6, 6))
    ours(x)                                             # moves the running means
    theirs.load_state_dict(to_torch(ours))              # strict: every name is there
    expected = theirs.eval()(torch.as_tensor(x)).detach().numpy()
    assert_allclose(ours.eval()(x).data, expected, rtol=1e-10)
    again = image_network()
    assert from_torch(again, theirs.state_dict()) is again
    assert_allclose(again.eval()(x).data, expected, rtol=1e-10)
    assert {name: x.tobytes() for name, x in state(again).items()} == {
        name: x.tobytes() for name, x in state(ours).items()}


def test_parameters_that_record_and_other_floats_are_taken():
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    theirs, model = torch.nn.Linear(3, 2), nn.Linear(3, 2, dtype="float32")
    for kind in (torch.float32, torch.bfloat16, torch.float16, torch.float64):
        given = dict(theirs.to(kind).named_parameters())
        model.load_state_dict(given)
        assert model.weight.dtype == "float32"
        assert_array_equal(model.weight.data, given["weight"].detach().float().numpy())


def test_the_state_of_another_pytorch_network_is_refused_whole():
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    model = nn.Sequential(nn.Linear(3, 2, rng=0), "relu")
    before = state(model)
    with pytest.raises(ArgumentError, match=r"unfit layers\.0\.weight: \(2, 3\) cannot take Tensor "
                                            r"of shape \(2, 4\)"):
        from_torch(model, torch.nn.Sequential(torch.nn.Linear(4, 2)).state_dict())
    with pytest.raises(ArgumentError, match="is no state of a Sequential"):
        from_torch(model, torch.nn.Linear(3, 2))
    assert all((x == before[name]).all() for name, x in state(model).items())


def test_without_pytorch_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="help: pip install torch"):
        to_torch(nn.Linear(1, 1))


# -- Keras, as documented: kernels (in, out), images (N, height, width, channels) ------------------

def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def dense(x, kernel, bias):
    return x @ kernel + bias


def conv2d(x, kernel, bias):
    """`valid`, kernel (height, width, in, out)."""
    h, w = kernel.shape[:2]
    out = numpy.zeros((len(x), x.shape[1] - h + 1, x.shape[2] - w + 1, kernel.shape[3])) + bias
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] += numpy.einsum("nhwi,hwio->no", x[:, i:i + h, j:j + w], kernel)
    return out


def conv1d(x, kernel, bias):
    return conv2d(x[:, :, None], kernel[:, None], bias)[:, :, 0]


def batch_norm(x, gamma, beta, mean, variance):
    return gamma * (x - mean) / numpy.sqrt(variance + 1e-3) + beta


def layer_norm(x, gamma, beta):
    return batch_norm(x, gamma, beta, x.mean(-1, keepdims=True), x.var(-1, keepdims=True))


def over_time(step, x, parts):
    state, found = [numpy.zeros((len(x), len(parts[1])))] * 2, []
    for t in range(x.shape[1]):
        state = step(x[:, t], *state, *parts)
        found.append(state[0])
    return numpy.stack(found, 1)


def simple_rnn(x, h, c, kernel, recurrent, bias):
    return [numpy.tanh(x @ kernel + h @ recurrent + bias), c]


def lstm(x, h, c, kernel, recurrent, bias):
    i, f, new, o = numpy.split(x @ kernel + h @ recurrent + bias, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(new)
    return [sigmoid(o) * numpy.tanh(c), c]


def gru(x, h, c, kernel, recurrent, bias):
    """With reset_after=True, its default."""
    zx, rx, nx = numpy.split(x @ kernel + bias[0], 3, axis=1)
    zh, rh, nh = numpy.split(h @ recurrent + bias[1], 3, axis=1)
    z, r = sigmoid(zx + zh), sigmoid(rx + rh)
    return [z * h + (1 - z) * numpy.tanh(nx + r * nh), c]


def attention(x, *parts):
    """Kernels (features, heads, size), that of the output (heads, size, features)."""
    q, k, v = (numpy.einsum("ntf,fhd->nhtd", x, parts[i]) + parts[i + 1][:, None]
               for i in (0, 2, 4))
    scores = numpy.exp(q @ k.swapaxes(-1, -2) / numpy.sqrt(q.shape[-1]))
    mixed = scores / scores.sum(-1, keepdims=True) @ v
    return numpy.einsum("nhtd,hdf->ntf", mixed, parts[6]) + parts[7]


class First(nn.Module):
    """A layer of which only the first of its results is asked for."""

    def __init__(self, layer):
        self.layer = layer

    def forward(self, x):
        return first(self.layer(x))


KERAS = {
    "Dense": (lambda: nn.Sequential(nn.Linear(3, 4), "tanh", nn.Linear(4, 2)), (5, 3),
              [(3, 4), (4,), (4, 2), (2,)],
              lambda x, *w: dense(numpy.tanh(dense(x, *w[:2])), *w[2:])),
    "Conv2D": (lambda: nn.Sequential(
                   nn.Conv2d(2, 3, (3, 2)), nn.BatchNorm(3, eps=1e-3), nn.Flatten(),
                   nn.Linear(24, 5), nn.Linear(5, 2)), (4, 6, 3, 2),
               [(3, 2, 2, 3), (3,), (3,), (3,), (3,), (3,), (24, 5), (5,), (5, 2), (2,)],
               lambda x, *w: dense(dense(batch_norm(conv2d(x, *w[:2]), *w[2:6]).reshape(4, 24),
                                         *w[6:8]), *w[8:])),
    "Conv1D": (lambda: nn.Conv1d(2, 3, 4), (4, 6, 2), [(4, 2, 3), (3,)], conv1d),
    "LayerNormalization": (lambda: nn.LayerNorm(3, eps=1e-3), (4, 3), [(3,), (3,)], layer_norm),
    "SimpleRNN": (lambda: First(nn.RNN(3, 4)), (2, 5, 3), [(3, 4), (4, 4), (4,)],
                  lambda x, *w: over_time(simple_rnn, x, w)),
    "LSTM": (lambda: First(nn.LSTM(3, 4, 2)), (2, 5, 3),
             [(3, 16), (4, 16), (16,), (4, 16), (4, 16), (16,)],
             lambda x, *w: over_time(lstm, over_time(lstm, x, w[:3]), w[3:])),
    "GRU": (lambda: First(nn.GRU(3, 4)), (2, 5, 3), [(3, 12), (4, 12), (2, 12)],
            lambda x, *w: over_time(gru, x, w)),
    "MultiHeadAttention": (
        lambda: First(nn.MultiHeadAttention(6, 2)), (2, 5, 6),
        [(6, 2, 3), (2, 3), (6, 2, 3), (2, 3), (6, 2, 3), (2, 3), (2, 3, 6), (6,)], attention)}


@pytest.mark.parametrize("kind", KERAS)
def test_a_network_comes_from_keras_and_goes_back(kind):
    make, size, shapes, formula = KERAS[kind]
    x, weights = RNG.normal(size=size), [abs(RNG.normal(size=shape)) for shape in shapes]
    model, images = make(), kind.startswith("Conv")
    assert from_keras(model, weights) is model
    out = model.eval()(numpy.moveaxis(x, -1, 1) if images else x).data
    out = numpy.moveaxis(out, 1, -1) if images and out.ndim > 2 else out
    assert_allclose(out, formula(x, *weights), rtol=1e-10, atol=1e-12)
    for mine, theirs in zip(to_keras(model), weights, strict=True):
        assert_array_equal(mine, theirs)


def test_an_embedding_is_a_table_in_both():
    table, model = RNG.normal(size=(7, 3)), nn.Embedding(7, 3)
    from_keras(model, {"embedding": {"embeddings:0": table}})
    assert_array_equal(model(numpy.array([2, 5])).data, table[[2, 5]])


def test_a_dict_has_the_layers_in_order_and_names_what_is_in_them():
    w = [RNG.normal(size=shape) for shape in KERAS["Dense"][2]]
    nested = {"a": {"bias": w[1], "kernel": w[0]}, "b/bias:0": w[3], "b/kernel:0": w[2]}
    for given in (nested, {"m/a/kernel": w[0], "m/a/bias": w[1], "m/b": nested["a"] | {
            "kernel": w[2], "bias": w[3]}}):
        model = from_keras(KERAS["Dense"][0](), given)
        assert all(map(numpy.array_equal, to_keras(model), w))


@pytest.mark.parametrize("weights, says", [
    ([numpy.zeros((3, 4))], "1 arrays came, this model has 2 in Keras: Linear kernel, Linear bias"),
    ([numpy.zeros((4, 3)), numpy.zeros(4)], r"Linear kernel: \(3, 4\) cannot take array of shape "
                                            r"\(4, 3\)"),
    ([numpy.zeros((3, 4)), numpy.full(4, 1e300)], r"bias: \(4,\) of float32 cannot hold 1e\+300"),
    ({"d/kernel": numpy.zeros((3, 4)), "d/beta": numpy.zeros(4)}, r"Linear bias: got d/beta"),
    ([numpy.zeros((3, 4)), "zeros"], "Linear bias: "),
    (None, "None are no weights of Keras"), (3, "int 3 are no weights of Keras")])
def test_other_weights_are_refused_whole(weights, says):
    model = nn.Linear(3, 4, dtype="float32", rng=0)
    before = state(model)
    with pytest.raises(ArgumentError, match=rf"{says}(.|\n)*\nhelp: "):
        from_keras(model, weights)
    assert all((x == before[name]).all() for name, x in state(model).items())


def test_dtypes_are_kept():
    model = nn.Sequential(nn.Linear(2, 3, dtype="float32", rng=0), nn.BatchNorm(3, dtype="float32"))
    assert {x.dtype.name for x in to_keras(model)} == {"float32"}
    from_keras(model, [x.astype("float64") for x in to_keras(model)])
    assert [x.dtype.name for x in model.state_dict().values()] == ["float32"] * 6 + ["int64"]


def test_what_keras_has_not_is_named():
    model = nn.Module()
    model.scale = nn.init.normal((3,), 0)
    for call in (to_keras, lambda m: from_keras(m, [])):
        with pytest.raises(ArgumentError, match="Keras has no layer for scale of this Module"):
            call(model)
        with pytest.raises(ArgumentError, match=r"of Values(.|\n)*help: .*vectorize"):
            call(nn.MLP(2, [2, 1], seed=0))
