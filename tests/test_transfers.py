"""Not one hidden transfer between host and device: in training, and in every operation.

Everything runs over `recording`, whose arrays on "device" raise when numbers are asked of them.
"""

from contextlib import suppress

import numpy as np
import pytest
import recording
from domains import CONSTANTS
from hypothesis import given, settings, strategies as st
from oracles import outputs
from recording import Array, TransferError, no_transfers, put
from test_ops_derivatives import DOMAINS, NAMES, bind
from test_storage import derivatives, listed, over

import nn
from autograd import StorageError, Tensor, vjp
from autograd.errors import ArgumentError
from autograd.storage import random

rng = np.random.default_rng(0)
X, CLASSES = rng.normal(size=(32, 4)), rng.integers(0, 3, 32)
NUMBERS = rng.normal(size=(32, 3))
TARGETS = {"cross_entropy": CLASSES, "hinge_loss": np.sign(NUMBERS),
           "binary_cross_entropy": rng.random((32, 3))}
LOSSES = [f.__name__ for f in nn.arguments.LOSSES]
OPTIMIZERS = [
    (nn.SGD, {}), (nn.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (nn.Adagrad, {"lr_decay": 0.1, "weight_decay": 0.1}),
    (nn.RMSprop, {"centered": True, "momentum": 0.9, "weight_decay": 0.1}),
    (nn.Adam, {"amsgrad": True, "weight_decay": 0.1}), (nn.AdamW, {})]


@pytest.fixture(autouse=True)
def draws_on_the_device(monkeypatch):
    """The generator that a library with a device would have."""
    monkeypatch.setitem(random.natives, "recording",
                        lambda like, shape, rng: Array(rng.random(shape), like.device))


def network(activation="tanh", dropout=0.0):
    """A small network whose weights are on the device."""
    model = nn.Sequential(nn.Linear(4, 16, rng=0), activation, nn.Dropout(dropout, rng=0),
                          nn.Linear(16, 3, rng=1))
    for p in model.parameters():
        p.replace(put(p.data))
    return model


def kernels_of_steps(model, loss="mse_loss", optimizer=nn.SGD, options=None, steps=4, clip=None):
    """The kernels of each of some training steps, in which nothing is transferred."""
    x, y = Tensor(put(X)), put(TARGETS.get(loss, NUMBERS))
    optimizer = optimizer(model.parameters(), **(options or {}))
    schedule = nn.CosineAnnealingLR(optimizer, 10)
    counts = []
    with no_transfers() as meter:
        for _ in range(steps):
            before = meter.kernels
            optimizer.zero_grad()
            getattr(nn, loss)(model(x), y).backward()
            if clip:
                clip(model.parameters(), 0.1)
            optimizer.step()
            schedule.step()
            counts.append(meter.kernels - before)
    assert all(p.data.device == p.grad.data.device == "device" for p in model.parameters())
    return counts


@pytest.mark.parametrize("name", nn.activations.BY_NAME)
def test_a_step_of_every_activation(name):
    kernels_of_steps(network(name, dropout=0.5))


@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_of_every_loss(loss):
    kernels_of_steps(network(), loss)


@pytest.mark.parametrize("kind, options", OPTIMIZERS)
def test_a_step_of_every_optimiser(kind, options):
    kernels_of_steps(network(), "cross_entropy", kind, options)


@pytest.mark.parametrize("clip", [nn.clip_grad_norm, nn.clip_grad_value])
def test_a_step_with_clipping(clip):
    kernels_of_steps(network(), clip=clip)


def test_a_step_of_the_scalar_lesson_vectorized():
    model = nn.MLP(4, [16, 3], seed=0).vectorize()
    for p in model.parameters():
        p.replace(put(p.data))
    kernels_of_steps(model)


def test_a_step_runs_as_many_kernels_as_the_one_before():
    first, *rest = kernels_of_steps(network(), "cross_entropy", nn.Adam, steps=6)
    print(f"{rest[0]} kernels a step of a 4-16-3 network, cross entropy, Adam")
    assert set(rest) == {rest[0]} and first >= rest[0]
    assert rest[0] < 200                        # it was 121; half as much again would be a loss


# -- around the steps ------------------------------------------------------------------------------

@pytest.mark.usefixtures("without_lint")
def test_fit_reads_as_often_in_many_batches_as_in_few():
    def transfers(batch_size):
        meter = recording.meter = recording.Meter()
        history = nn.fit(network(), put(X), put(CLASSES), loss="cross_entropy", epochs=3,
                         batch_size=batch_size, validation=(put(X[:9]), put(CLASSES[:9])),
                         metrics=["accuracy"], seed=0, quiet=True)
        assert history["loss"][-1] < history["loss"][0]
        return meter.transfers

    few, many = transfers(16), transfers(2)
    assert len(few) == len(many)
    each_epoch = ["asarray of a ndarray",       # the order of the rows
                  "to_device device -> host",   # the losses of the batches
                  "float() of an array of shape ()", "int() of an array of shape ()"]
    assert [what for what in many if "bool()" not in what] == 3 * each_epoch


def test_batches_send_their_order_once():
    meter = recording.meter = recording.Meter()
    pieces = list(nn.batches(put(X), Tensor(put(CLASSES)), 5, seed=0))
    assert len(pieces) == 7 and meter.transfers.count("asarray of a ndarray") == 1
    found = np.concatenate([np.asarray(piece[0]) for piece in pieces])
    expected = np.concatenate([piece[0] for piece in nn.batches(X, CLASSES, 5, seed=0)])
    np.testing.assert_array_equal(found, expected)
    assert type(pieces[0][1]) is Tensor


@pytest.mark.filterwarnings("ignore::nn.LintWarning")       # which is right
@pytest.mark.parametrize("loss, wrong, says", [
    ("cross_entropy", 3, r"class index 3 at \[5\], for 3 classes"),
    ("cross_entropy", -1, r"class index -1 at \[5\]"),
    ("hinge_loss", 0.5, r"target 0.5 at \[5, 1\]"),
    ("binary_cross_entropy", 1.5, r"target 1.5 at \[5, 1\]")])
def test_wrong_targets_give_nan_and_fit_names_them(loss, wrong, says):
    y = TARGETS[loss].copy()
    y[(5, 1) if y.ndim == 2 else 5] = wrong
    with no_transfers():
        value = getattr(nn, loss)(network()(Tensor(put(X))), put(y))
        each = getattr(nn, loss)(network()(Tensor(put(X))), put(y), reduction="none")
    assert np.isnan(value.item()) and np.isnan(each.detach().numpy()).sum() == 1
    with pytest.raises(ArgumentError, match=says):
        nn.fit(network(), put(X), put(y), loss=loss, quiet=True)
    with pytest.raises(ArgumentError, match=says):                      # as over NumPy, at once
        getattr(nn, loss)(np.zeros((32, 3)), y)


def test_a_loss_that_is_not_finite_is_found_at_the_end_of_its_epoch():
    model = network("relu")
    start = [p.numpy() for p in (p.detach() for p in model.parameters())]
    with pytest.raises(ArgumentError, match=r"loss is (inf|nan) in batch \d of epoch 1 \(lr 1e"):
        nn.fit(model, put(X), put(NUMBERS), loss="mse", optimizer=nn.SGD, lr=1e300, quiet=True,
               batch_size=8)
    for p, array in zip(model.parameters(), start, strict=True):
        np.testing.assert_array_equal(p.detach().numpy(), array)


def test_clipping_gives_the_norm_and_the_gradients_of_numpy():
    p, q = (Tensor(data, requires_grad=True) for data in (X[:2], put(X[:2])))
    for norm in (0.5, 100.0):
        p.grad, q.grad = Tensor(X[2:4]), Tensor(put(X[2:4]))
        with no_transfers():
            found = nn.clip_grad_norm([q], norm)
        assert found.item() == pytest.approx(nn.clip_grad_norm([p], norm), rel=1e-15)
        np.testing.assert_allclose(q.grad.numpy(), p.grad.numpy(), rtol=1e-15)


# -- the operations --------------------------------------------------------------------------------

ASKED_FOR = {
    "to_device": "is a transfer", "element": "Values are floats",
    "from_values": "Values are floats", "repeat": "counts in a list have to go to the device",
    "unique_all": "the shape of the result", "unique_counts": "the shape of the result",
    "unique_inverse": "the shape of the result", "unique_values": "the shape of the result",
    "getitem": "where the library has no such index, it is checked", "scatter": "as getitem",
    "setitem": "as getitem", "qr": "its domain makes NumPy arrays", "svd": "as qr",
}


def on_device(x):
    """NumPy arrays, alone or in containers, on the device."""
    if isinstance(x, list | tuple):
        return type(x)(map(on_device, x))
    return put(x) if isinstance(x, np.ndarray) else x


class Device:
    """The place of these tests."""

    put = staticmethod(on_device)


@pytest.mark.parametrize("domain", [
    pytest.param(domain, id=name) for domain, name in zip(DOMAINS, NAMES, strict=True)
    if domain.name not in ASKED_FOR])
@given(data=st.data(), seed=st.integers(0, 2**16))
@settings(max_examples=2)
def test_an_operation_and_its_derivatives_transfer_nothing(domain, data, seed):
    case, draw = data.draw(domain.cases), np.random.default_rng(seed)
    f, _, xs = bind(domain, case)
    g = [draw.normal(size=z.shape) for z in outputs(vjp(f, *xs)[0])]
    t = [draw.normal(size=x.shape) for x in xs]
    here, function = on_device([list(xs), g, t]), over(domain, case, Device)
    with no_transfers():
        try:
            parts = derivatives(function, *here)
        except StorageError as error:           # of the special functions; SciPy has host arrays
            assert "reads main memory alone" in str(error)
            return
    assert all(isinstance(x, float) or x.device == "device" for part in parts for x in part)


@pytest.mark.parametrize("domain", [pytest.param(d, id=name) for name, d in CONSTANTS.items()])
@given(data=st.data())
@settings(max_examples=2)
def test_a_constant_transfers_nothing(domain, data):
    if domain.name in ASKED_FOR or domain.name == "nonzero":
        return
    case = data.draw(domain.cases.filter(
        lambda case: all(isinstance(x, np.ndarray) for x in case.args)))
    with no_transfers():
        found = listed(domain.function(*on_device(list(case.args)), **case.params))
    assert all(x.device == "device" for x in found)


# -- the recording storage itself ------------------------------------------------------------------

LEAKS = {
    "bool": lambda x: bool(x[0, 0] > 0), "float": lambda x: float(x[0, 0]),
    "int": lambda x: int(x[0, 0]), "item": lambda x: x[0, 0].item(),
    "index": lambda x: [1, 2][recording.xp.argmax(x)], "tolist": lambda x: x.tolist(),
    "numpy": lambda x: np.asarray(x), "numpy's functions": lambda x: np.sum(x),
    "numpy's operators": lambda x: np.ones(3) * x, "iteration": lambda x: [float(i) for i in x[0]],
    "asarray": lambda x: recording.xp.asarray(np.ones(3), device=x.device),
    "a list": lambda x: recording.xp.asarray([1.0], device="device"),
    "a number": lambda x: recording.xp.asarray(1.0, device="device"),
    "an index": lambda x: x[np.array([0, 1])], "an index in a list": lambda x: x[[0, 1]],
    "a mask": lambda x: x[x > 0], "nonzero": lambda x: recording.xp.nonzero(x),
    "dlpack": lambda x: np.from_dlpack(x), "printing": repr,
    "to_device": lambda x: x.to_device("host"),
    "a Tensor's numpy": lambda x: Tensor(x).numpy(),
    "a Tensor's item": lambda x: Tensor(x).sum().item(),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_every_way_off_the_device_is_noticed(leak):
    x = put(np.eye(3))
    meter = recording.meter = recording.Meter()
    with pytest.raises(Exception) as found, no_transfers():
        leak(x)
    causes = [found.value, found.value.__cause__, found.value.__context__]
    assert any(isinstance(cause, TransferError) for cause in causes)
    leak(x)                                     # where it is meant it is counted, and works
    assert meter.transfers


def test_a_transfer_is_noticed_although_its_error_was_caught():
    with pytest.raises(AssertionError), no_transfers(), suppress(Exception):
        float(put(1.0))


def test_devices_do_not_mix_and_creation_is_on_the_host_unless_told():
    x = put(np.ones(2))
    for made in (recording.xp.ones(2), recording.xp.arange(2), recording.xp.full((), 2.0)):
        with pytest.raises(ValueError, match="host"):
            x + made
    with pytest.raises(TypeError, match="NumPy array"):
        recording.xp.add(x, np.ones(2))


def test_kernels_are_counted():
    with no_transfers() as meter:
        x = recording.xp.ones((2, 2), device="device")
        x += 1.0
        x[0, 0] = recording.xp.sum(x @ x) - x[1, 1]
    assert meter.kernels == 6


# -- PyTorch, which can be watched without a GPU ---------------------------------------------------

WAITING = ("_local_scalar_dense", "lift_fresh", "nonzero", "masked_select", "equal")


def watch():
    """A block in which PyTorch may not do what waits for a GPU, or copies numbers to it."""
    torch = pytest.importorskip("torch", reason="pip install torch==2.13.0")
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            name = function.name().partition("::")[2].partition(".")[0]
            masks = name.startswith("index") and any(
                i is not None and i.dtype == torch.bool for i in args[1])
            assert name not in WAITING and not masks, name
            return function(*args, **(kwargs or {}))

    return torch, Watch()


def test_what_would_wait_for_a_gpu_is_noticed():
    torch, watching = watch()
    for leak in (lambda: bool(torch.ones(2).sum() > 0), lambda: torch.asarray(2.0),
                 lambda: torch.ones(2)[torch.ones(2) > 0]):
        with pytest.raises(AssertionError), watching:
            leak()


@pytest.mark.parametrize("activation", nn.activations.BY_NAME)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_step_over_pytorch_neither_reads_nor_sends_a_number(loss, activation):
    torch, watching = watch()
    model = nn.Sequential(nn.Linear(4, 16, rng=0), activation, nn.Dropout(0.5, rng=0),
                          nn.Linear(16, 3, rng=1)).to(storage="torch")
    x, y = torch.as_tensor(X), torch.as_tensor(TARGETS.get(loss, NUMBERS))
    for kind, options in OPTIMIZERS:
        optimizer = kind(model.parameters(), **options)
        with watching:
            optimizer.zero_grad()
            getattr(nn, loss)(model(Tensor(x)), Tensor(y)).backward()
            nn.clip_grad_norm(model.parameters(), 0.1)
            optimizer.step()
