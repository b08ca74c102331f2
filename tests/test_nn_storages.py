"""Everything in nn on every storage and device at hand: the numbers of NumPy."""

import copy
import functools
import pickle

import numpy as np
import pytest
from places import PLACES

import autograd
import nn
from autograd import Tensor, Value
from autograd.errors import ArgumentError, DtypeError, StorageError
from autograd.storage import device_of, dtype_name, random
from nn.jobs.penguin_data import penguins
from nn.jobs.penguins import OPTIMIZERS as JOB_OPTIMIZERS, network as penguin_network

each_place = pytest.mark.parametrize("place", PLACES, ids=str)
rng = np.random.default_rng(0)
X, CLASSES, NUMBERS = rng.normal(size=(8, 3)), rng.integers(0, 3, 8), rng.normal(size=(8, 3))
BAR = 1e-11


def there(place, f, *args, **options):
    """What f gives for Tensors of a place, and the gradient of its first; as NumPy arrays."""
    x, *others = (Tensor(place.put(arg)) for arg in args)
    x.requires_grad_()
    out = f(x, *others, **options)
    assert place.holds(out.data)
    (out * place.put(weights(out.shape))).sum().backward()
    return place.back(out.data), place.back(x.grad.data)


def here(f, *args, **options):
    """The same over NumPy."""
    x, *others = map(Tensor, args)
    x.requires_grad_()
    out = f(x, *others, **options)
    (out * weights(out.shape)).sum().backward()
    return out.detach().numpy(), x.grad.numpy()


def weights(shape):
    """Unlike numbers, so that no two elements can be exchanged."""
    return np.cos(np.arange(np.prod(shape, dtype=int), dtype=float)).reshape(shape)


def agree(found, expected, bar=BAR):
    for x, y in zip(found, expected, strict=True):
        assert x.shape == y.shape and x.dtype == y.dtype
        np.testing.assert_allclose(x, y, rtol=bar, atol=bar)


def small(dtype=None, rng=0, **options):
    """A network, the same wherever it is made."""
    source = np.random.default_rng(rng)
    return nn.Sequential(nn.Linear(3, 5, rng=source, dtype=dtype, **options), "tanh",
                         nn.Linear(5, 3, rng=source, dtype=dtype, **options))


# -- layers and losses -----------------------------------------------------------------------------

@each_place
def test_layers(place):
    for shape in ((8, 3), (3,), (2, 4, 3)):
        x = weights(shape)
        with place:
            model = small().to(place.device)
            agree(there(place, model, x), here(small(), x))
            found = model(x.tolist())                   # lists go where the weights are
            assert place.holds(found.data) and place.holds(model[0].example().data)
        agree([place.back(found.data)], [small()(x).data])


@each_place
@pytest.mark.parametrize("name", nn.activations.BY_NAME)
def test_activations(place, name):
    x = np.array([-800.0, -3.0, -0.5, 0.0, 0.5, 3.0, 800.0])
    with place:
        agree(there(place, nn.activation(name), x), here(nn.activation(name), x))


CASES = [
    (nn.cross_entropy, CLASSES), (nn.cross_entropy, rng.dirichlet([1, 1, 1], 8)),
    (nn.hinge_loss, np.sign(NUMBERS)), (nn.hinge_loss, np.sign(NUMBERS).astype(int)),
    (nn.binary_cross_entropy, rng.random((8, 3))), (nn.binary_cross_entropy, NUMBERS > 0),
    *((loss, NUMBERS) for loss in (nn.mse_loss, nn.l1_loss, nn.quadratic_loss, nn.huber_loss))]


@each_place
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("loss, target", CASES)
def test_losses(place, loss, target, reduction):
    with place:
        agree(there(place, loss, X, target, reduction=reduction),
              here(loss, X, target, reduction=reduction))


@each_place
def test_losses_take_lists_beside_arrays_of_any_storage(place):
    with place:
        x = Tensor(place.put(X))
        for loss, target in ((nn.mse_loss, NUMBERS), (nn.cross_entropy, CLASSES)):
            assert loss(x, target.tolist()).item() == pytest.approx(loss(X, target), rel=BAR)
        assert nn.cross_entropy(x[0, ...], 2).item() == pytest.approx(nn.cross_entropy(X[0], 2))


@each_place
def test_a_loss_of_arrays_that_are_apart_names_the_move(place):
    with place:
        x = Tensor(place.put(X))
        for loss, y in ((nn.cross_entropy, CLASSES), (nn.mse_loss, NUMBERS)):
            with pytest.raises(StorageError, match=r"\nhelp: .*Tensor\(.*\.to\("):
                loss(x, y)


# -- optimisers ------------------------------------------------------------------------------------

OPTIMIZERS = [
    (nn.SGD, {"lr": 0.1}), (nn.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (nn.Adagrad, {"lr_decay": 0.1, "initial_accumulator_value": 0.1}),
    (nn.RMSprop, {"centered": True, "momentum": 0.9}),
    (nn.Adam, {"amsgrad": True, "weight_decay": 0.1}), (nn.AdamW, {})]


def steps(model, optimizer, x, y, count=4):
    """Train for some steps with everything in nn that has to do with them."""
    schedule = nn.SequentialLR(optimizer, [nn.LinearLR(optimizer), nn.StepLR(optimizer, 1)], [2])
    for _ in range(count):
        optimizer.zero_grad()
        nn.cross_entropy(model(x), y).backward()
        nn.clip_grad_value(model.parameters(), 0.5)
        nn.clip_grad_norm(model.parameters(), 0.1)
        optimizer.step()
        schedule.step()


@each_place
@pytest.mark.parametrize("kind, options", OPTIMIZERS)
def test_optimisers_schedules_and_clipping(place, kind, options):
    with place:
        model, twin = small(), small().to(place.device)
        optimizers = kind(model.parameters(), **options), kind(twin.parameters(), **options)
        steps(model, optimizers[0], X, CLASSES)
        steps(twin, optimizers[1], place.put(X), place.put(CLASSES))
        for p, q in zip(model.parameters(), twin.parameters(), strict=True):
            assert place.holds(q.data) and place.holds(q.grad.data)
            agree([place.back(q.data)], [p.data], 1e-9)
        saved, expected = optimizers[1].state_dict(), optimizers[0].state_dict()
        assert saved["param_groups"] == expected["param_groups"]
        for i, state in expected["state"].items():
            for name, x in state.items():
                agree([np.asarray(saved["state"][i][name])], [np.asarray(x)], 1e-9)
                assert type(saved["state"][i][name]) is type(x)         # portable


@each_place
def test_a_saved_state_goes_on_anywhere(place):
    """Two steps over NumPy, saved, loaded elsewhere, two more: as four over NumPy."""
    model, whole = small(), small()
    optimizer, all_along = nn.Adam(model.parameters()), nn.Adam(whole.parameters())
    for _ in range(2):
        steps(whole, all_along, X, CLASSES, 2)
    steps(model, optimizer, X, CLASSES, 2)
    with place:
        twin = small(rng=1).to(place.device)
        other = nn.Adam(twin.parameters())
        nn.StepLR(other, 1)                             # an option more, as those of `steps` have
        twin.load_state_dict(pickle.loads(pickle.dumps(model.state_dict())))
        other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
        steps(twin, other, place.put(X), place.put(CLASSES), 2)
        agree(twin.state_dict().values(), whole.state_dict().values(), 1e-9)


@each_place
def test_state_follows_its_parameter(place):
    model, whole = small(), small()
    optimizer, all_along = nn.Adam(model.parameters()), nn.Adam(whole.parameters())
    steps(model, optimizer, X, CLASSES, 2)
    with place:
        model.to(place.device)
        steps(model, optimizer, place.put(X), place.put(CLASSES), 2)
        assert all(place.holds(state["exp_avg"]) for state in optimizer.state)
        model.to("cpu", storage="numpy")
    steps(model, optimizer, X, CLASSES, 2)
    for _ in range(3):
        steps(whole, all_along, X, CLASSES, 2)
    agree([p.data for p in model.parameters()], [p.data for p in whole.parameters()], 1e-9)


# -- moving ----------------------------------------------------------------------------------------

@each_place
def test_a_model_moves_in_place_with_its_gradients_and_buffers(place):
    model = small()
    model.buffer, shared = Tensor([1, 2]), model[0].weight
    model.again = [shared]
    nn.cross_entropy(model(X), CLASSES).backward()
    parameters, gradient = model.parameters(), shared.grad.numpy()
    with place:
        assert model.to(place.device) is model
        assert all(p is q for p, q in zip(parameters, model.parameters(), strict=True))
        for x in (*(p.data for p in parameters), *(p.grad.data for p in parameters),
                  model.buffer.data):
            assert place.holds(x)
        assert all(p.requires_grad and p.is_leaf for p in parameters)
        agree([place.back(shared.grad.data)], [gradient], 0)
        before = shared.data
        model.to(place.device)
        assert shared.data is before                    # nothing to do, nothing done
        agree(model.to("cpu", storage="numpy").state_dict().values(),
              [*small().state_dict().values(), np.array([1, 2])], 0)


@each_place
def test_a_model_takes_another_dtype_on_its_way(place):
    model = small().to(place.device, dtype="float32")   # JAX has it without being told of float64
    with place:
        model.buffer = Tensor(place.put(np.arange(2, dtype="int32")))
        optimizer = nn.Adam(model.parameters())
        steps(model, optimizer, place.put(X.astype("float32")), place.put(CLASSES), 1)
        model.to(dtype="float64")
        assert {dtype_name(p.dtype) for p in model.parameters()} == {"float64"}
        assert dtype_name(model.buffer.dtype) == "int32" and place.holds(model.buffer.data)
        steps(model, optimizer, place.put(X), place.put(CLASSES), 1)
        assert dtype_name(optimizer.state[0]["exp_avg"].dtype) == "float64"


def test_what_cannot_be_moved_is_named_and_stays():
    model = small()
    with pytest.raises(StorageError, match="help:"):
        model.to("cuda:77")
    with pytest.raises(StorageError, match="no storage 'abacus'"):
        model.to(storage="abacus")
    with pytest.raises(DtypeError, match="help:"):
        model.to(dtype="float31")
    with pytest.raises(ArgumentError, match=r"of Values is on no device\nhelp: .*vectorize"):
        nn.MLP(2, [1]).to("cpu")
    assert all(type(p.data) is np.ndarray for p in model.parameters())
    assert nn.Sequential().to("cpu").parameters() == []


def test_nothing_is_moved_where_jax_would_lose_digits():
    jax = pytest.importorskip("jax", reason="pip install jax")
    model = small()
    with jax.enable_x64(False):
        with pytest.raises(DtypeError, match=r"float64.*\n?.*help:"):
            model.to(storage="jax")
        assert all(type(p.data) is np.ndarray for p in model.parameters())
        assert model.to(storage="jax", dtype="float32")[0].weight.dtype == np.float32
        with pytest.raises(DtypeError, match=r"make float64 float32\nhelp: .*model.to\(.*float32"):
            model.to(dtype="float64")


# -- creation --------------------------------------------------------------------------------------

@each_place
def test_weights_are_made_on_the_default_device_or_the_one_given(place):
    with place:
        with autograd.device(place.device):
            models = [small(), small(dtype="float32")]
        models.append(small(device=place.device))
        models.append(nn.MLP(3, [5, 3], seed=0).vectorize())
        assert models.pop()[0].weight.device == "cpu"
        for model, dtype in zip(models, (None, "float32", None), strict=True):
            for p, q in zip(model.parameters(), small(dtype=dtype).parameters(), strict=True):
                assert place.holds(p.data) and p.is_leaf and p.requires_grad
                default = dtype_name(device_of(p.data).library.dtype(float))
                assert dtype_name(p.dtype) == (dtype or default)
                np.testing.assert_array_equal(place.back(p.data), q.data.astype(dtype or default))


@each_place
@pytest.mark.parametrize("name", ["uniform", "normal", "xavier_uniform", "xavier_normal",
                                  "kaiming_uniform", "kaiming_normal"])
def test_initial_weights_are_the_same_anywhere(place, name):
    with place:
        made = getattr(nn.init, name)((4, 3), 0, "float64", device=place.device)
        assert place.holds(made.data)
        np.testing.assert_array_equal(place.back(made.data),
                                      getattr(nn.init, name)((4, 3), 0).data)


@each_place
def test_random_numbers_follow_the_seed_and_fill_their_range(place):
    like = place.put(np.ones(3, "float32"))
    with place:
        first, second = (random.uniform(like, (40, 50), np.random.default_rng(3)) for _ in "ab")
        other = random.uniform(like, (40, 50), np.random.default_rng(4))
        assert place.holds(first)
        one, two, three = (place.back(x) for x in (first, second, other))
        source = np.random.default_rng(0)
        moved_on = [place.back(random.uniform(like, (), source)).item() for _ in range(3)]
    assert (one == two).all() and not (one == three).any() and len(set(moved_on)) == 3
    assert 0 <= one.min() < 0.01 and 0.99 < one.max() < 1
    assert abs(one.mean() - 0.5) < 4 / np.sqrt(12 * one.size)
    assert one.dtype == ("float64" if place.storage == "array_api_strict" else "float32")


@each_place
def test_dropout_draws_where_its_input_is(place):
    with place:
        x = Tensor(place.put(np.ones((40, 50), "float32")), requires_grad=True)
        one, same = (nn.Dropout(0.25, rng=7)(x) for _ in "ab")
        one.sum().backward()
        out = place.back(one.data)
        np.testing.assert_array_equal(out, place.back(same.data))
        np.testing.assert_array_equal(place.back(x.grad.data), out)
        assert dtype_name(one.dtype) == "float32" and place.holds(one.data)
    assert set(np.unique(out)) == {0.0, np.float32(1 / 0.75)}
    assert abs((out == 0).mean() - 0.25) < 4 * np.sqrt(0.25 * 0.75 / out.size)


# -- data, metrics, fit ----------------------------------------------------------------------------

@each_place
def test_data_stays_where_it_is(place):
    x, y = np.arange(40.0).reshape(20, 2) ** 1.5, np.arange(20) % 3
    with place:
        xs, ys = place.put(x), place.put(y)
        found = nn.train_validation_split(xs, ys, seed=0), [*nn.batches(xs, ys, 6, seed=0)]
        expected = nn.train_validation_split(x, y, seed=0), [*nn.batches(x, y, 6, seed=0)]
        for ours, theirs in zip(found, expected, strict=True):
            for pair, wanted in zip(ours, theirs, strict=True):
                assert all(map(place.holds, pair))
                agree([place.back(part) for part in pair], wanted, 0)
        standardiser, plain = nn.Standardiser().fit(xs), nn.Standardiser().fit(x)
        agree([place.back(standardiser.transform(xs)),
               place.back(standardiser.inverse(standardiser.transform(xs)))],
              [plain.transform(x), x])
        whole = place.back(nn.Standardiser().fit_transform(ys[:, None]))
        agree([whole], [nn.Standardiser().fit_transform(y[:, None]).astype(whole.dtype)],
              np.finfo(whole.dtype).eps * 10)           # PyTorch's floats are float32
        with pytest.raises(StorageError, match=r"Standardiser: .*\nhelp: move"):
            standardiser.transform(x)
        xs = place.put(np.where(x > 100, np.inf, x))
        with pytest.raises(ArgumentError, match=r"inf in x at row 11, column 0"):
            nn.check_data(xs)


@each_place
def test_metrics(place):
    logits, one = rng.normal(size=(9, 3)), rng.normal(size=9)
    y, signs = rng.integers(0, 3, 9), np.sign(rng.normal(size=9))
    cases = [(nn.accuracy, logits, y), (nn.accuracy, logits, y.astype("uint8")),
             (nn.accuracy, logits, y.astype(float)), (nn.accuracy, y[::-1].copy(), y),
             (nn.accuracy, logits, rng.dirichlet([1, 1, 1], 9)), (nn.accuracy, one, signs),
             (nn.accuracy, one[:, None], signs[:, None]), (nn.accuracy, one, signs > 0),
             (nn.accuracy, one, (signs > 0).astype(int)), (nn.accuracy, one, (signs + 1) / 2),
             (nn.r2_score, one, signs), (nn.r2_score, logits, logits + 0.1),
             (nn.r2_score, y, y[::-1].copy())]
    with place:
        for metric, predictions, targets in cases:
            expected = metric(predictions, targets)
            p, t = place.put(predictions), place.put(targets)
            for pair in ((p, t), (Tensor(p), Tensor(t)), (p, targets), (p, targets.tolist())):
                assert metric(*pair) == pytest.approx(expected, rel=1e-5)
                assert type(metric(*pair)) is float
        assert (nn.confusion_matrix(place.put(logits), place.put(y)).counts
                == nn.confusion_matrix(logits, y).counts).all()


@functools.cache
def birds():
    """Penguins, standardised: (x, y) to train on and to validate on."""
    train, validation = nn.train_validation_split(*penguins(), seed=0)
    standardiser = nn.Standardiser().fit(train[0])
    return tuple((standardiser.transform(x), y) for x, y in (train, validation))


def penguin_job(place=None, optimizer="adam", epochs=3, dtype=None, **options):
    """The training of `python -m nn penguins`, somewhere."""
    put = place.put if place else (lambda x: x)
    model = penguin_network("tensor", [16], 0)
    train, validation = (tuple(map(put, pair)) for pair in birds())
    if place:
        model.to(place.device)
    kind, lr = JOB_OPTIMIZERS[optimizer]
    history = nn.fit(model, *train, loss=nn.cross_entropy, optimizer=kind, lr=lr, epochs=epochs,
                     batch_size=32, validation=validation, metrics={"accuracy": nn.accuracy},
                     seed=0, quiet=True, **options)
    return history, model


@each_place
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_penguins_are_learned_as_over_numpy(place, optimizer):
    wanted, model = penguin_job(None, optimizer)
    with place:
        history, twin = penguin_job(place, optimizer)
        agree(twin.state_dict().values(), model.state_dict().values(), 1e-8)
        monitor = nn.Monitor(twin)
        monitor()
        assert "layers.0.weight" in repr(monitor)
    for row, expected in zip(history, wanted, strict=True):
        assert row == pytest.approx(expected, rel=1e-8)
        assert {type(x) for x in row.values()} == {int, float}


@each_place
def test_the_rest_of_fit(place):
    """Early stopping puts the best weights back; shares, clipping, schedules and Tensors work."""
    def run(put, where):
        model = small().to(where) if where else small()
        history = nn.fit(model, Tensor(put(X)), Tensor(put(CLASSES)), loss="cross_entropy",
                         optimizer=nn.SGD, lr=2.0, epochs=12, batch_size=4, validation=0.25,
                         seed=0, callbacks=[nn.EarlyStopping(2)], clip_norm=0.7, quiet=True,
                         schedule=lambda o: nn.CosineAnnealingLR(o, 12))
        return history, model.state_dict()

    wanted, weights = run(lambda x: x, None)
    with place:
        history, found = run(place.put, place.device)
    assert len(history) == len(wanted) < 12 and history.best_epoch == wanted.best_epoch
    agree(found.values(), weights.values(), 1e-8)


@each_place
def test_data_elsewhere_than_the_model_is_refused_with_the_move_to_make(place):
    with place:
        model = small().to(place.device)
        x, y = Tensor(place.put(X)), place.put(CLASSES)
        for args, validation, name in (((X, y), None, "x"), ((x, CLASSES), None, "y"),
                                       ((x, y), (X, CLASSES), "validation's x")):
            with pytest.raises(StorageError, match=f"fit: the model on .*, {name} on cpu of numpy"
                               ) as error:
                nn.fit(model, *args, loss="cross_entropy", validation=validation, quiet=True)
        move = str(error.value).partition("first step: ")[2]
        moved = {"x": X, "Tensor": Tensor}
        exec(move, moved)                               # the edit works
        assert place.holds(moved["x"].data)
        nn.fit(model, moved["x"], y, loss="cross_entropy", epochs=1, quiet=True)
        nn.fit(model, X.tolist(), CLASSES.tolist(), loss="cross_entropy", epochs=1, quiet=True)


@each_place
def test_a_model_of_values_takes_rows_of_any_storage(place):
    def run(x, y):
        model = nn.MLP(3, [2, 1], activation="tanh", seed=0)
        history = nn.fit(model, x, y, loss="hinge", optimizer=nn.SGD, lr=0.1, epochs=2, seed=0,
                         metrics=["accuracy"], quiet=True)
        assert all(type(p) is Value for p in model.parameters())
        return history.rows

    signs = np.sign(NUMBERS[:, 0])
    with place:
        assert run(place.put(X), Tensor(place.put(signs))) == run(X, signs)


@each_place
def test_weights_are_saved_from_anywhere_and_loaded_anywhere(place, tmp_path):
    pytest.importorskip("safetensors", reason="pip install safetensors")
    with place:
        model = small().to(place.device)
        path = nn.save(model, tmp_path / "w.safetensors")
        loaded = nn.load(small(rng=1).to(place.device), path)
        assert all(place.holds(p.data) for p in loaded.parameters())
        agree(loaded.state_dict().values(), small().state_dict().values(), 0)
        agree(nn.load(small(rng=1), path).state_dict().values(), model.state_dict().values(), 0)
        state = model.state_dict()
        model[0].bias.data = place.put(np.zeros(5))
        assert state["layers.0.bias"].any()             # a copy
        twin = copy.deepcopy(model)
        assert all(place.holds(p.data) for p in twin.parameters())


@each_place
def test_pictures_of_models_anywhere(place):
    figure = pytest.importorskip("matplotlib.figure", reason="pip install matplotlib")
    model = nn.Sequential(nn.Linear(2, 4, rng=0), "tanh", nn.Linear(4, 2, rng=1))
    x, y = nn.moons(20, seed=0)
    with place:
        model.to(place.device)
        ax = figure.Figure().add_subplot()
        nn.plot_boundary(model, place.put(x), place.put(y), ax=ax)
        nn.plot_weights(model[0], ax=figure.Figure().add_subplot())
        assert "Linear" in model._repr_html_() and "Linear" in model.draw().dot


def test_parameters_that_pytorch_records_are_loaded_as_numbers():
    torch = pytest.importorskip("torch", reason="pip install torch")
    theirs = torch.nn.Linear(2, 1)
    for storage in ("torch", "numpy"):
        layer = nn.Linear(2, 1, rng=0, dtype="float32").to(storage=storage)
        layer.load_state_dict(dict(theirs.named_parameters()))
        assert layer.weight.tolist() == theirs.weight.tolist()
        assert storage == "numpy" or not layer.weight.data.requires_grad
