"""Fitting: it learns, in both engines, from every kind of data; bad arguments are named."""

import gc

import numpy
import pytest
from fitting import X, Y, line, weights

import nn
from autograd import Tensor, Value
from autograd.errors import ArgumentError, GraphError, ShapeError
from nn import arguments
from nn.data import moons, train_validation_split
from nn.evaluation import predict
from nn.fit import fit
from nn.metrics import accuracy, r2_score
from nn.optim import SGD, Adam
from nn.schedules import StepLR


def test_a_line_is_found():
    model = line()
    history = fit(model, X, Y, loss=nn.mse_loss, optimizer=SGD, lr=0.3, epochs=60, batch_size=8,
                  metrics=[r2_score], seed=0, quiet=True)
    assert weights(model) == pytest.approx([3, 0.5], abs=1e-6)
    assert len(history) == 60 and history[-1]["r2_score"] == pytest.approx(1)
    assert not history.interrupted and history["loss"][0] > history["loss"][-1]


def test_one_full_batch_is_one_step_of_gradient_descent():
    """By hand: w − lr · dL/dw with dL/dw of the mean squared error; the loss is that before."""
    model, (w, b) = line(), weights(line())
    error = w * X + b - Y
    history = fit(model, X, Y, loss=nn.mse_loss, optimizer=SGD, lr=0.1, epochs=1, batch_size=24,
                  quiet=True)
    assert history[0]["loss"] == pytest.approx((error**2).mean())
    assert weights(model) == pytest.approx([w - 0.1 * (2 * error * X).mean(),
                                            b - 0.1 * (2 * error).mean()])


def test_the_loss_of_an_epoch_is_the_mean_over_rows_not_batches():
    model = line()
    history = fit(model, X, Y, loss=nn.mse_loss, optimizer=SGD, lr=0.0, epochs=1, batch_size=7,
                  quiet=True)
    assert history[0]["loss"] == pytest.approx(((model(X).data - Y) ** 2).mean())


def test_both_engines_learn_the_same_from_the_same_start():
    x, y = moons(40, 0.1, seed=0)
    scalar = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    vector = scalar.vectorize()
    signs = 2 * y - 1
    options = {"optimizer": SGD, "lr": 0.5, "epochs": 4, "batch_size": 16, "seed": 0, "quiet": True,
               "metrics": [accuracy], "validation": (x, signs)}
    one = fit(scalar, x, signs, loss=nn.hinge_loss, **options)
    two = fit(vector, x, signs, loss=lambda p, t: nn.hinge_loss(p[:, 0], t),
              **options | {"metrics": {"accuracy": lambda p, t: accuracy(p.data[:, 0], t)}})
    for a, b in zip(one, two, strict=True):
        assert a == pytest.approx(b, rel=1e-10)
    assert one[-1]["validation_accuracy"] >= 0.8
    assert [v.data for v in predict(scalar, x)] == pytest.approx(
        vector(x).data[:, 0].tolist(), rel=1e-10)


def test_lists_and_tensors_are_data_too():
    runs = [fit(line(), x, y, loss=nn.mse_loss, lr=0.1, epochs=2, seed=0, validation=(x, y),
                quiet=True)["validation_loss"]
            for x, y in ((X, Y), (X.tolist(), Y.tolist()), (Tensor(X), Tensor(Y)))]
    assert runs[0] == runs[1] == runs[2]


def test_seeds_decide_the_order_of_rows():
    runs = [weights(_fitted(seed)) for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def _fitted(seed):
    model = line()
    fit(model, X, Y, loss=nn.mse_loss, lr=0.1, epochs=2, batch_size=5, seed=seed, quiet=True)
    return model


@pytest.mark.usefixtures("without_lint")
def test_dropout_is_on_in_training_and_off_in_evaluation():
    model, modes = nn.Sequential(nn.Linear(1, 1, rng=0), nn.Dropout(0.5, rng=0)), []

    def loss(p, t):
        modes.append(model.layers[1].training)
        return nn.mse_loss(p, t)

    fit(model, X, Y, loss=loss, epochs=2, batch_size=24, validation=(X, Y), quiet=True)
    assert modes == [True, False, True, False] and not model.training


def test_schedules_and_clipping_are_applied():
    model, rates = line(), []
    optimizer = SGD(model.parameters(), lr=1.0)
    fit(model, X, Y, loss=nn.mse_loss, optimizer=optimizer, epochs=4, batch_size=24, quiet=True,
        schedule=lambda o: StepLR(o, 2), clip_norm=1e-3,
        callbacks=lambda row: rates.append(optimizer.param_groups[0]["lr"]))
    assert rates == pytest.approx([1.0, 0.1, 0.1, 0.01])
    moved = numpy.linalg.norm(numpy.subtract(weights(model), weights(line())))
    assert 0 < moved <= 1e-3 * (1 + 1 + 0.1 + 0.1) * (1 + 1e-6)


def test_an_optimiser_goes_on_where_it_was():
    """Two epochs and two more are the same as four: state is the optimiser's, order the rng's."""
    whole, parts = line(), line()
    fit(whole, X, Y, loss=nn.mse_loss, optimizer=Adam(whole.parameters(), 0.1), epochs=4,
        batch_size=7, seed=numpy.random.default_rng(3), quiet=True)
    optimizer, rng = Adam(parts.parameters(), 0.1), numpy.random.default_rng(3)
    for _ in range(2):
        fit(parts, X, Y, loss=nn.mse_loss, optimizer=optimizer, epochs=2, batch_size=7, seed=rng,
            quiet=True)
    assert weights(whole) == weights(parts)


@pytest.mark.parametrize("options, error, says", [
    ({"epochs": 0}, ArgumentError, "epochs is 0"),
    ({"batch_size": 0}, ArgumentError, "batch_size is 0"),
    ({"lr": -1.0}, ArgumentError, "lr is -1.0"),
    ({"optimizer": "adam"}, ArgumentError, "optimizer is str 'adam'"),
    ({"optimizer": SGD([Value(1.0)])}, GraphError, "no parameter of this model"),
    ({"schedule": StepLR(SGD([Value(1.0)]), 1)}, ArgumentError, "another optimiser"),
    ({"early_stopping": 3}, ArgumentError, r"help: .* callbacks=\[nn.EarlyStopping\(3\)\]"),
    ({"x": X[:0], "y": Y[:0]}, ArgumentError, "x is empty"),
    ({"x": X[:5]}, ShapeError, "5 rows in x, 24 in y"),
    ({"x": numpy.where(X > 0.9, numpy.nan, X)}, ArgumentError, "nan in x at row 22, column 0"),
    ({"validation": (X, Y[:3])}, ShapeError, "24 rows in x, 3 in y"),
    ({"y": Y[:, 0]}, ShapeError, r"\(24, 1\).*\(24,\)"),
    ({"loss": "mean_squared_error"}, ArgumentError,
     r"no loss: str 'mean_squared_error'\nhelp: name one of mse_loss, .*binary_cross_entropy, or"),
    ({"loss": None}, ArgumentError, r"no loss: NoneType None\nhelp: name one of"),
    ({"metrics": ["acc"]}, ArgumentError,
     r"no metric: str 'acc'\nhelp: name one of accuracy, r2_score"),
    ({"metrics": {"a": 1}}, ArgumentError, r"no metric: int 1\nhelp:"),
    ({"validation": 1.5}, ArgumentError, r"validation=1.5 of 24 rows .*\nhelp: give a share"),
    ({"validation": X}, ArgumentError, r"validation is array .*\nhelp: give \(x, y\), or the sh"),
    ({"verbose": 0}, ArgumentError, r"no option 'verbose'\nhelp: for verbose=0 give quiet=True"),
    ({"validation_split": 0.2}, ArgumentError, r"'validation_split'\nhelp: .*give validation=0.2"),
    ({"on_epoch": print}, ArgumentError, r"no option 'on_epoch'\nhelp: .* callbacks=\[f\]"),
    ({"steps": 3}, ArgumentError,
     r"'steps'\nhelp: its options are loss, optimizer, .*, resume, quiet; quiet=True prints"),
    ({"loss": lambda p, t: p}, ShapeError, r"the loss has shape \(24, 1\)"),
    ({"loss": lambda p, t: 1.0}, GraphError, "the loss is float 1.0, not recorded"),
])
def test_bad_arguments_are_named(options, error, says):
    given = {"x": X, "y": Y, "loss": nn.mse_loss, "quiet": True} | options
    with pytest.raises(error, match=says):
        fit(line(), given.pop("x"), given.pop("y"), **given)


def test_a_rate_beside_an_optimiser_is_refused():
    model = line()
    with pytest.raises(ArgumentError, match=r"lr=0\.1 beside an optimiser"):
        fit(model, X, Y, loss=nn.mse_loss, optimizer=SGD(model.parameters()), lr=0.1)


def test_training_leaves_nothing_for_the_collector():
    _fitted(0)
    gc.collect()
    gc.disable()
    try:
        _fitted(0)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("column", [False, True])
def test_one_logit_tells_two_classes(column):
    x, y = moons(60, 0.1, seed=0)
    model = nn.Sequential(nn.Linear(2, 1, rng=0))
    history = fit(model, x, y[:, None], loss=nn.binary_cross_entropy, lr=0.1, epochs=30, seed=0,
                  metrics=[accuracy], quiet=True)
    assert history["accuracy"][-1] == accuracy(model(x), y[:, None] if column else y) >= 0.8


def test_losses_and_metrics_go_by_name():
    runs = [fit(line(), X, Y, loss=loss, metrics=metrics, epochs=2, seed=0, quiet=True).rows
            for loss, metrics in ((nn.mse_loss, [r2_score]), ("mse_loss", ["r2_score"]),
                                  ("mse", "r2"), ("mse", {"r2_score": "r2"}), ("mse", r2_score))]
    assert all(run == runs[0] for run in runs) and list(runs[0][0]) == ["epoch", "loss", "r2_score"]
    for name in set(nn.__all__) & {f.__name__ for f in (*arguments.LOSSES, *arguments.METRICS)}:
        found = arguments.metrics_of([name]) if name in ("accuracy", "r2_score") else {
            name: arguments.loss_of(name)}
        assert found == {name: getattr(nn, name)}
    assert {f.__name__ for f in arguments.LOSSES} == {
        name for name in nn.__all__ if name.endswith(("_loss", "_entropy"))}


@pytest.mark.parametrize("seed", [lambda: 3, lambda: numpy.random.default_rng(3)])
def test_a_share_for_validation_is_split_off_by_the_seed(seed):
    whole, split, rng = line(), line(), seed()
    one = fit(whole, X, Y, loss="mse", epochs=3, validation=0.25, seed=seed(), quiet=True)
    train, validation = train_validation_split(X, Y, 0.25, seed=rng)
    two = fit(split, *train, loss="mse", epochs=3, validation=validation, seed=rng, quiet=True)
    assert one.rows == two.rows and weights(whole) == weights(split) and len(validation[1]) == 6


def test_a_split_goes_straight_in():
    x, y = moons(60, 0.1, seed=0)
    train, validation = train_validation_split(x, y, seed=0)
    model = nn.Sequential(nn.Linear(2, 8, rng=0), "tanh", nn.Linear(8, 2, rng=1))
    history = fit(model, *train, loss=nn.cross_entropy, optimizer=Adam, lr=0.05, epochs=40,
                  validation=validation, metrics=[accuracy], seed=0, quiet=True)
    assert history[-1]["validation_accuracy"] >= 0.9
