"""Layers of images compute what PyTorch's do with the same weights, anywhere, compiled or not."""

import copy
import pickle

import numpy
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from places import PLACES

import autograd
import autograd.numpy as np
import nn
from autograd import ArgumentError, GraphError, ShapeError, Tensor, grad
from autograd.testing import check_gradients

BAR = {"float32": 1e-5, "float64": 1e-10}
SETTLED = settings(max_examples=40)
seeds = st.integers(0, 2**16)


def numbers(*shape, seed=0, dtype="float64"):
    return numpy.random.default_rng(seed).normal(size=shape).astype(dtype)


def weights(shape):
    """Unlike numbers, so that no two elements can be exchanged."""
    return numpy.cos(numpy.arange(numpy.prod(shape, dtype=int), dtype=float)).reshape(shape)


def run(layer, x, backend=None):
    """The output, and the gradients of the input and of each parameter, by name."""
    if backend is None:
        x = Tensor(x, requires_grad=True)
        layer.zero_grad()
    else:
        x = backend.tensor(x, requires_grad=True)
        layer.zero_grad(set_to_none=True)
    out = layer(x)
    share = weights(tuple(out.shape)).astype(str(out.dtype).removeprefix("torch."))
    (out * (share if backend is None else backend.tensor(share))).sum().backward()
    found = {"output": out.detach().numpy(), "input": x.grad.numpy()}
    parameters = layer.named_parameters()
    return found | {name.replace("layers.", ""): p.grad.numpy() for name, p in parameters}


def twins(ours, theirs, dtype="float64"):
    """A layer of PyTorch with the weights and buffers of ours, found by their names."""
    torch = pytest.importorskip("torch", reason="pip install torch")
    theirs = theirs.to(getattr(torch, dtype))
    state = {name.replace("layers.", ""): torch.tensor(x) for name, x in ours.state_dict().items()}
    assert state.keys() == theirs.state_dict().keys()
    theirs.load_state_dict(state)
    return torch, theirs


def same(found, expected, bar):
    """The same numbers, within the bar of the largest of each array."""
    assert found.keys() == expected.keys()
    for name, x in found.items():
        y = numpy.asarray(expected[name])
        assert x.shape == y.shape and x.dtype == y.dtype, name
        assert_allclose(x, y, rtol=bar, atol=bar * max(1.0, abs(y).max(initial=0.0)), err_msg=name)


# -- PyTorch's layers with the same weights --------------------------------------------------------

@st.composite
def convolutions(draw, dims):
    """Options of a convolution, and the shape of a batch that it takes."""
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(dims))
    dilation = tuple(draw(st.integers(1, 2)) for _ in range(dims))
    groups = draw(st.sampled_from([1, 1, 2]))
    inside, outside = (groups * draw(st.integers(1, 2)) for _ in range(2))
    same_size = draw(st.integers(0, 4)) == 0
    padding = "same" if same_size else tuple(draw(st.integers(0, 2)) for _ in range(dims))
    options = {"kernel_size": kernel, "dilation": dilation, "groups": groups, "padding": padding,
               "stride": (1,) * dims if same_size else tuple(
                   draw(st.integers(1, 3)) for _ in range(dims)), "bias": draw(st.booleans())}
    pixels = [(n - 1) * d + 1 + draw(st.integers(0, 4))
              for n, d in zip(kernel, dilation, strict=True)]
    return inside, outside, options, (draw(st.integers(1, 3)), inside, *pixels)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("dtype", BAR)
@pytest.mark.parametrize("dims", [1, 2])
@given(data=st.data(), seed=seeds)
@SETTLED
def test_convolutions_agree_with_pytorch(dims, dtype, data, seed):
    torch = pytest.importorskip("torch", reason="pip install torch")
    inside, outside, options, shape = data.draw(convolutions(dims))
    ours = getattr(nn, f"Conv{dims}d")(inside, outside, rng=seed, dtype=dtype, **options)
    _, theirs = twins(ours, getattr(torch.nn, f"Conv{dims}d")(inside, outside, **options), dtype)
    x = numbers(*shape, seed=seed, dtype=dtype)
    same(run(ours, x), run(theirs, x, torch), BAR[dtype])


@st.composite
def pools(draw, dims):
    """Options of a pooling layer, and the shape of a batch that it takes."""
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(dims))
    padding = tuple(draw(st.integers(0, n // 2)) for n in kernel)
    stride = draw(st.none() | st.tuples(*[st.integers(1, 4)] * dims))
    shape = [draw(st.integers(1, 2)), draw(st.integers(1, 3)),
             *(n + draw(st.integers(0, 4)) for n in kernel)]
    return {"kernel_size": kernel, "padding": padding, "stride": stride}, shape


@pytest.mark.parametrize("dtype", BAR)
@pytest.mark.parametrize("name", ["MaxPool1d", "MaxPool2d", "AvgPool1d", "AvgPool2d"])
@given(data=st.data(), seed=seeds)
@SETTLED
def test_pooling_agrees_with_pytorch(name, dtype, data, seed):
    torch = pytest.importorskip("torch", reason="pip install torch")
    options, shape = data.draw(pools(int(name[-2])))
    x = numbers(*shape, seed=seed, dtype=dtype)
    same(run(getattr(nn, name)(**options), x), run(getattr(torch.nn, name)(**options), x, torch),
         BAR[dtype])


def batch_norms(shape, dtype="float64", **options):
    """Ours and PyTorch's, with weights that show."""
    torch = pytest.importorskip("torch", reason="pip install torch")
    ours = nn.BatchNorm(shape[1], dtype=dtype, **options)
    for i, p in enumerate(ours.parameters()):
        p.data = numbers(shape[1], seed=i).astype(dtype)
    name = "BatchNorm2d" if len(shape) == 4 else "BatchNorm1d"
    return ours, *twins(ours, getattr(torch.nn, name)(shape[1], **options), dtype)


@pytest.mark.parametrize("dtype", BAR)
@pytest.mark.parametrize("options", [{}, {"momentum": None}, {"momentum": 0.3, "eps": 0.1},
                                     {"affine": False}], ids=str)
@pytest.mark.parametrize("shape", [(5, 3), (2, 3, 7), (2, 3, 4, 5), (1, 3, 2, 1), (2, 1)])
def test_batch_norm_agrees_with_pytorch_in_training_and_after_it(shape, options, dtype):
    ours, torch, theirs = batch_norms(shape, dtype, **options)
    for seed, training in enumerate([True, True, True, False, True, False]):
        x = 2.0 + 3.0 * numbers(*shape, seed=seed, dtype=dtype)
        same(run(ours.train(training), x), run(theirs.train(training), x, torch), BAR[dtype])
        same(ours.state_dict(), {name: x.numpy() for name, x in theirs.state_dict().items()},
             BAR[dtype])


@pytest.mark.parametrize("start, end", [(1, -1), (0, -1), (1, 2), (-2, -1), (2, 2), (0, 0)])
def test_flatten_agrees_with_pytorch(start, end):
    torch = pytest.importorskip("torch", reason="pip install torch")
    x = numbers(2, 3, 4, 5)
    same(run(nn.Flatten(start, end), x), run(torch.nn.Flatten(start, end), x, torch), 0)
    assert nn.Flatten()(numpy.zeros((0, 3, 4))).shape == (0, 12)
    assert nn.Flatten(0)(Tensor(3.0)[None]).shape == (1,)


def network(dtype="float64", seed=0):
    """Every layer of images, in one network for 8 by 8 pixels."""
    rng = numpy.random.default_rng(seed)
    options = {"dtype": dtype, "rng": rng}
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False, **options), nn.BatchNorm(4, dtype=dtype), "relu",
        nn.MaxPool2d(2), nn.Residual(nn.Conv2d(4, 4, 3, padding="same", **options), "tanh"),
        nn.AvgPool2d(2, stride=1, padding=1), nn.Flatten(2), nn.Conv1d(4, 6, 4, 3, **options),
        nn.MaxPool1d(2, padding=1), nn.AvgPool1d(2), nn.Flatten(), nn.Linear(12, 3, **options))


@pytest.mark.parametrize("dtype", BAR)
def test_a_network_of_all_of_them_agrees_with_pytorch(dtype):
    torch = pytest.importorskip("torch", reason="pip install torch")
    kinds = torch.nn

    class Residual(kinds.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    ours = network(dtype)
    torch, theirs = twins(ours, kinds.Sequential(
        kinds.Conv2d(1, 4, 3, padding=1, bias=False), kinds.BatchNorm2d(4), kinds.ReLU(),
        kinds.MaxPool2d(2), Residual(kinds.Conv2d(4, 4, 3, padding="same"), kinds.Tanh()),
        kinds.AvgPool2d(2, stride=1, padding=1), kinds.Flatten(2), kinds.Conv1d(4, 6, 4, 3),
        kinds.MaxPool1d(2, padding=1), kinds.AvgPool1d(2), kinds.Flatten(),
        kinds.Linear(12, 3)), dtype)
    for training in (True, False):
        x = numbers(5, 1, 8, 8, seed=training, dtype=dtype)
        same(run(ours.train(training), x), run(theirs.train(training), x, torch), BAR[dtype])


@pytest.mark.parametrize("layer, bound", [(nn.Conv2d(4, 60, (3, 5), rng=0), 60**-0.5),
                                          (nn.Conv1d(8, 90, 3, groups=2, rng=0), 12**-0.5)])
def test_convolutions_start_as_pytorchs_do(layer, bound):
    for p in layer.parameters():
        assert 0.9 * bound < numpy.abs(p.data).max() <= bound
        assert abs(p.data.mean()) < 5 * bound / 3**0.5 / p.size**0.5
    again = type(layer)(layer.in_channels, layer.out_channels, layer.kernel_size,
                        groups=layer.groups, rng=0)
    assert_array_equal(again.weight.data, layer.weight.data)


# -- the definitions, and differences --------------------------------------------------------------

def test_a_convolution_is_the_sum_of_products_at_each_place():
    layer = nn.Conv2d(2, 3, (2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2), rng=0)
    x = numbers(2, 2, 5, 6)
    around = numpy.pad(x, ((0, 0), (0, 0), (1, 1), (2, 2)))
    out = layer(x).data
    assert out.shape == (2, 3, 3, 6)
    for n, k, i, j in numpy.ndindex(out.shape):
        seen = around[n, :, 2 * i:2 * i + 2, j:j + 5:2]
        assert out[n, k, i, j] == pytest.approx(
            (layer.weight.data[k] * seen).sum() + layer.bias.data[k], rel=1e-12)


LAYERS = {
    "Conv1d": (nn.Conv1d(2, 3, 3, stride=2, padding=1, dilation=2, rng=0), (2, 2, 7)),
    "Conv2d": (nn.Conv2d(2, 2, (2, 3), stride=(1, 2), padding=1, rng=0), (2, 2, 3, 4)),
    "Conv2d grouped": (nn.Conv2d(4, 2, 2, groups=2, bias=False, rng=0), (1, 4, 3, 3)),
    "MaxPool1d": (nn.MaxPool1d(3, 2, 1), (2, 2, 6)), "MaxPool2d": (nn.MaxPool2d(2), (1, 2, 4, 5)),
    "MaxPool2d overlapping": (nn.MaxPool2d(3, 2, 1), (1, 2, 5, 4)),
    "AvgPool1d": (nn.AvgPool1d(2, 1, 1), (2, 1, 4)),
    "AvgPool2d": (nn.AvgPool2d((2, 3), (2, 1)), (1, 2, 4, 4)),
    "BatchNorm rows": (nn.BatchNorm(3), (4, 3)), "BatchNorm": (nn.BatchNorm(2), (2, 2, 2, 3)),
    "BatchNorm plain": (nn.BatchNorm(2, affine=False), (3, 2, 2)),
    "BatchNorm eval": (nn.BatchNorm(2).eval(), (1, 2, 3)), "Flatten": (nn.Flatten(), (2, 2, 3)),
    "Residual": (nn.Residual(nn.Conv1d(2, 2, 3, padding="same", rng=0), "tanh"), (2, 2, 4))}


@pytest.mark.parametrize("name", LAYERS)
def test_derivatives_of_both_orders_are_those_of_differences(name):
    layer, shape = LAYERS[name]
    report = check_gradients(lambda layer, x: layer(x), copy.deepcopy(layer), numbers(*shape))
    assert report.verdict == "pass", report


def test_second_derivatives_agree_with_pytorch():
    torch = pytest.importorskip("torch", reason="pip install torch")
    ours = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1, rng=0), "tanh", nn.MaxPool2d(2),
                         nn.BatchNorm(3))
    torch, theirs = twins(ours, torch.nn.Sequential(
        torch.nn.Conv2d(2, 3, 3, padding=1), torch.nn.Tanh(), torch.nn.MaxPool2d(2),
        torch.nn.BatchNorm2d(3)))
    x = numbers(3, 2, 4, 4)
    with autograd.no_grad():                            # of its weights
        slope = grad(lambda x: np.sum(ours(x) ** 3))
        found = grad(lambda x: np.sum(slope(x) ** 2))(x)
    there = torch.tensor(x, requires_grad=True)
    first, = torch.autograd.grad((theirs(there) ** 3).sum(), there, create_graph=True)
    expected, = torch.autograd.grad((first ** 2).sum(), there)
    assert_allclose(found, expected.numpy(), rtol=1e-9, atol=1e-9)


def test_maxima_that_tie_share_the_gradient():
    x = Tensor(numpy.array([[[1.0, 1.0, 0.0, 2.0]]]), requires_grad=True)
    nn.MaxPool1d(2)(x).sum().backward()
    assert x.grad.tolist() == [[[0.5, 0.5, 0.0, 1.0]]]


# -- running statistics ----------------------------------------------------------------------------

def test_buffers_are_saved_copied_and_not_trained():
    layer = nn.BatchNorm(2, dtype="float32")
    layer(numbers(4, 2))                                # float64: the buffers keep their dtype
    assert [name for name, _ in layer.named_parameters()] == ["weight", "bias"]
    state = pickle.loads(pickle.dumps(layer.state_dict()))
    assert [str(x.dtype) for x in state.values()] == ["float32"] * 4 + ["int64"]
    assert state["num_batches_tracked"] == 1 and state["running_mean"].any()
    twin, fresh = copy.deepcopy(layer), nn.BatchNorm(2, dtype="float32")
    fresh.load_state_dict(state)
    layer(numbers(4, 2, seed=1))
    for other in (twin, fresh):
        same(other.state_dict(), state, 0)
    assert not (layer.running_mean.data == state["running_mean"]).any()


def test_in_eval_one_row_is_as_good_as_many_and_nothing_moves():
    layer = nn.BatchNorm(2)
    layer(numbers(8, 2))
    state, x = layer.eval().state_dict(), numbers(5, 2, seed=1)
    rows = numpy.concatenate([layer(x[i:i + 1]).data for i in range(5)])
    assert_allclose(rows, layer(x).data, rtol=1e-14)
    same(layer.state_dict(), state, 0)


def test_running_statistics_are_no_part_of_the_graph():
    layer, x = nn.BatchNorm(1), Tensor(numbers(4, 1), requires_grad=True)
    layer(x).sum().backward()
    with autograd.no_grad():
        layer(x)                                        # in training they follow here too
    assert layer.running_mean.is_leaf and not layer.running_mean.requires_grad
    assert layer.num_batches_tracked.item() == 2


# -- other storages, and compiled ------------------------------------------------------------------

@pytest.mark.parametrize("dtype", BAR)
@pytest.mark.parametrize("place", [p for p in PLACES if p.storage != "jax"], ids=str)
def test_every_storage_has_the_numbers_of_numpy(place, dtype):
    x, bar = numbers(3, 1, 8, 8, dtype=dtype), 1e-11 if dtype == "float64" else 2e-5
    expected = run(whole := network(dtype), x)
    with place:
        model = network(dtype).to(place.device)
        moved = Tensor(place.put(x)).requires_grad_()
        out = model(moved)
        (out * place.put(weights(tuple(out.shape)).astype(dtype))).sum().backward()
        found = {"output": out.data, "input": moved.grad.data} | {
            name.replace("layers.", ""): p.grad.data for name, p in model.named_parameters()}
        assert all(place.holds(array) for array in found.values())
        same({name: place.back(array) for name, array in found.items()}, expected, bar)
        same(model.state_dict(), whole.state_dict(), bar)
        assert place.holds(model(x.tolist()).data)


def small(dtype="float64"):
    """A network for what compiles each operation, in which all weights matter.

    The gradient of a bias before BatchNorm would be nothing but rounding.
    """
    options = {"dtype": dtype, "rng": numpy.random.default_rng(0)}
    return nn.Sequential(
        nn.Conv2d(1, 3, 2, bias=False, **options), nn.BatchNorm(3, dtype=dtype), "relu",
        nn.MaxPool2d(2), nn.Residual(nn.Conv2d(3, 3, 2, padding="same", **options)),
        nn.AvgPool2d((1, 3)), nn.Flatten(), nn.Linear(9, 3, **options))


def step(model, optimizer, x, y):
    optimizer.zero_grad()
    loss = nn.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    return loss


def test_compiled_training_gives_the_numbers_of_eager_training():
    def trained(compile):
        model, x, y = small(), numbers(24, 1, 8, 8), numpy.arange(24) % 3
        history = nn.fit(model, x, y, loss="cross_entropy", lr=0.01, epochs=3, batch_size=8,
                         seed=0, quiet=True, compile=compile)
        assert model.state_dict()["layers.1.num_batches_tracked"] == 9
        return history["loss"], model.state_dict()

    (losses, state), (found, twin) = trained(False), trained(True)
    assert_allclose(found, losses, rtol=1e-10)
    same(twin, state, 1e-10)


def test_jax_compiles_a_step_with_its_buffers():
    jax = pytest.importorskip("jax", reason="pip install jax")
    models, y = [small("float32"), small("float32")], numpy.arange(8) % 3
    x = numbers(8, 1, 8, 8, dtype="float32")
    with jax.enable_x64(False):                 # then counts have 32 bits
        models[1].to(storage="jax")
        optimizers = [nn.SGD(model.parameters(), lr=0.1) for model in models]
        there = [Tensor(array).to(storage="jax") for array in (x, y.astype("int32"))]
        fast = autograd.compile(step)
        for _ in range(3):
            step(models[0], optimizers[0], x, y)
            fast(models[1], optimizers[1], *there)
    state = models[0].state_dict()
    state["layers.1.num_batches_tracked"] = state["layers.1.num_batches_tracked"].astype("int32")
    same(models[1].state_dict(), state, 1e-5)


def test_a_compiled_model_in_training_keeps_its_buffers_and_a_closure_cannot():
    model, twin = nn.BatchNorm(2), nn.BatchNorm(2)
    compiled = autograd.compile(model)
    for seed in range(2):
        x = numbers(4, 2, seed=seed)
        assert_allclose(compiled(x).data, twin(x).data, rtol=1e-13)
    same(model.state_dict(), twin.state_dict(), 1e-13)
    with pytest.raises(GraphError, match=r"keep what is traced\nhelp: let the model be an arg"):
        autograd.compile(lambda x: model(x))(x)
    same(model.state_dict(), twin.state_dict(), 1e-13)


# -- what is refused -------------------------------------------------------------------------------

REFUSED = [
    (nn.Conv2d(3, 2, 3, rng=0), (2, 3, 2, 5), "kernel covers 3 × 3 .* has 2 × 5\n.*larger images"),
    (nn.Conv2d(3, 2, 3, padding=1, dilation=4, rng=0), (2, 3, 6, 9),
     "covers 9 × 9 .* has 8 × 11 with its padding"),
    (nn.Conv1d(3, 2, 5, rng=0), (2, 3, 4), "kernel covers 5 .* has 4"),
    (nn.Conv2d(3, 2, 3, rng=0), (2, 4, 8, 8), "3 channels got .*\n.*second axis.* length 3$"),
    (nn.Conv2d(3, 2, 3, rng=0), (2, 8, 8, 3), r"3 channels got .*\n.*moveaxis\(x, -1, 1\) brings"),
    (nn.Conv2d(3, 2, 3, rng=0), (3, 8, 8), r"takes \(N, C, H, W\).*\n.*x\[None\] is a batch"),
    (nn.Conv1d(3, 2, 3, rng=0), (2, 3, 8, 8), r"takes \(N, C, L\), got .*\n.*3 axes: rows, chan"),
    (nn.MaxPool2d(3), (1, 1, 2, 4), "MaxPool2d: the kernel covers 3 × 3"),
    (nn.AvgPool1d(2), (1, 4), r"AvgPool1d takes \(N, C, L\)"),
    (nn.BatchNorm(3), (5, 4), "BatchNorm of 3 channels got .*\n.*must have length 3"),
    (nn.BatchNorm(3), (3,), "BatchNorm of 3 channels"),
    (nn.BatchNorm(3), (2, 3, 2, 2, 2), "BatchNorm of 3 channels"),
    (nn.BatchNorm(3), (1, 3), r"one number a channel has no variance\nhelp: .*model.eval\(\)"),
    (nn.BatchNorm(3), (0, 3), "one number a channel has no variance"),
    (nn.Flatten(2), (3, 4), "Flatten from axis 2 to -1 got"), (nn.Flatten(), (), "Flatten"),
    (nn.Residual(nn.Linear(3, 2, rng=0)), (4, 3), r"shape \(4, 3\), what its .* \(4, 2\)\n.*keep")]


@pytest.mark.parametrize("layer, shape, message", REFUSED)
def test_shapes_that_do_not_fit_are_named_before_anything_happens(layer, shape, message):
    before = layer.state_dict()
    for x in (numbers(*shape), Tensor(numbers(*shape), requires_grad=True)):
        with pytest.raises(ShapeError, match=message):
            layer(x)
    same(layer.state_dict(), before, 0)


@pytest.mark.parametrize("make, message", [
    (lambda: nn.Conv2d(1, 1, 0), "kernel_size = .*0\n.*from 1 up or a pair"),
    (lambda: nn.Conv1d(1, 1, (3, 3)), "kernel_size = .*\n.*from 1 up$"),
    (lambda: nn.Conv2d(1, 1, (3, 3, 3)), "kernel_size"), (lambda: nn.Conv2d(1, 1, 1.5), "1.5"),
    (lambda: nn.Conv2d(1, 1, 3, stride=0), "stride"), (lambda: nn.Conv2d(1, 0, 3), "out_channels"),
    (lambda: nn.Conv2d(1, 1, 3, padding=-1), "padding = .*-1\n.*from 0 up"),
    (lambda: nn.Conv2d(1, 1, 3, padding="full"), "padding = .*full"),
    (lambda: nn.Conv2d(1, 1, 3, 2, "same"), 'padding="same" with stride .*2'),
    (lambda: nn.Conv2d(4, 6, 3, groups=3), "4 channels to 6 in 3 groups\n.*divide both"),
    (lambda: nn.MaxPool2d(3, padding=2), "padding .*2.* around windows of .*3.*\n.*half"),
    (lambda: nn.AvgPool1d("2"), "kernel_size"), (lambda: nn.BatchNorm(2, eps=0.0), "eps = 0.0"),
    (lambda: nn.BatchNorm(2, momentum=1.5), "momentum = 1.5"),
    (lambda: nn.BatchNorm(0), "num_features"), (lambda: nn.Residual(), "no layers"),
    (lambda: nn.Residual([nn.ReLU()]), "unpack it")])
def test_options_that_make_no_layer_are_refused(make, message):
    with pytest.raises(ArgumentError, match=message):
        make()


def test_images_of_any_size_need_an_example_to_be_drawn():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=0), nn.Flatten(), nn.Linear(8, 1, rng=0))
    with pytest.raises(ArgumentError, match=r"Conv2d takes images of any size\nhelp: .*draw\(x\)"):
        model.draw()
    assert "Conv2d" in model.draw(numpy.zeros((1, 1, 4, 4))).dot


# -- windows ---------------------------------------------------------------------------------------

def test_windows_look_at_the_memory_of_an_array_and_cannot_be_written_to():
    x = numpy.arange(6.0)
    seen = np.sliding_window_view(x, 3, stride=2)
    assert seen.tolist() == [[0, 1, 2], [2, 3, 4]] and numpy.shares_memory(seen, x)
    assert not seen.flags.writeable
    assert grad(lambda x: np.sum(np.sliding_window_view(x, 3) ** 2))(x).tolist() == [
        0, 4, 12, 18, 16, 10]


@pytest.mark.parametrize("options", [
    {"window_shape": 7}, {"window_shape": 3, "dilation": 3}, {"window_shape": 0},
    {"window_shape": (2, 2)}, {"window_shape": 2, "stride": 0}, {"window_shape": 2, "axis": 1},
    {"window_shape": (1,), "stride": (1, 1, 1), "dilation": ()}])
def test_windows_that_do_not_fit_are_refused(options):
    with pytest.raises(ShapeError, match=r"windows of|axis 1 is out of range"):
        np.sliding_window_view(numpy.arange(6.0), **options)
