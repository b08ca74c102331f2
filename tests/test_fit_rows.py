"""Rows that count more or less, and batches in pieces: the numbers are those written by hand."""

import numpy
import pytest
from fitting import X, Y, bits, deep, line, weights
from places import PLACES

import nn
from autograd import Tensor
from autograd.errors import ArgumentError, ShapeError
from nn.fit import fit

RNG = numpy.random.default_rng(0)
SHARES = RNG.uniform(0.0, 3.0, 24)
SIGNS = numpy.sign(X[:, 0] + 0.1)
CLASSES = numpy.arange(24) % 3
TARGETS = {                                     # of a model with 3 outputs, or 1
    "mse": RNG.standard_normal((24, 3)), "l1": RNG.standard_normal((24, 3)),
    "quadratic": RNG.standard_normal((24, 3)), "huber": RNG.standard_normal((24, 3)),
    "hinge": numpy.sign(RNG.standard_normal((24, 3))), "cross_entropy": CLASSES,
    "binary_cross_entropy": (RNG.standard_normal((24, 3)) > 0) * 1.0}


def step(model, y=Y, x=X, loss="mse", **options):
    """(losses, weights) after epochs of plain gradient descent."""
    options = {"epochs": 2, "batch_size": 24, "seed": 0, "lr": 0.1} | options
    history = fit(model, x, y, loss=loss, optimizer=nn.SGD, quiet=True, **options)
    return history["loss"], weights(model)


def test_a_weighted_step_by_hand():
    """w − lr · dL/dw of L = Σ share · (w·x + b − y)² / n, as in Keras: divided by the rows."""
    (w, b), shares = weights(line()), SHARES[:, None]
    error = w * X + b - Y
    losses, found = step(line(), epochs=1, sample_weight=SHARES)
    assert losses == [pytest.approx((shares * error**2).mean())]
    assert found == pytest.approx([w - 0.1 * (2 * shares * error * X).mean(),
                                   b - 0.1 * (2 * shares * error).mean()])


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("engine", ["values", "tensors", "compiled"])
def test_a_weight_of_two_is_a_row_twice_and_of_zero_a_row_less(loss, engine, monkeypatch):
    """Over n' rows instead of n the mean is that much greater: the rate makes up for it."""
    monkeypatch.setattr("autograd.compiling.machine.available", lambda: False)

    def run(rows, share, lr):
        model = nn.MLP(1, [3], seed=0)
        model = model if engine == "values" else model.vectorize()
        return step(model, TARGETS[loss][rows], X[rows], loss, lr=lr, sample_weight=share,
                    compile=engine == "compiled", batch_size=99)[1]

    times = numpy.arange(24) % 3
    rows = numpy.repeat(numpy.arange(24), times)
    assert run(numpy.arange(24), times, 0.24) == pytest.approx(
        run(rows, None, 0.01 * len(rows)), rel=1e-9)


@pytest.mark.parametrize("compiled", [False, True])
def test_weights_of_one_change_nothing_and_keep_the_dtype(compiled, monkeypatch):
    monkeypatch.setattr("autograd.compiling.machine.available", lambda: False)
    x, y = X.astype("float32"), Y.astype("float32")
    runs = []
    for share in (None, numpy.ones(24), [1] * 24, Tensor(numpy.ones(24, bool))):
        model = deep("float32", dropout=0.0)
        runs.append(step(model, y, x, batch_size=7, sample_weight=share, compile=compiled))
        assert {p.dtype for p in model.parameters()} == {numpy.dtype("float32")}
    for losses, found in runs:
        assert losses == pytest.approx(runs[0][0], rel=1e-6)
        assert found == pytest.approx(runs[0][1], rel=1e-5)


@pytest.mark.parametrize("labels", [
    CLASSES, CLASSES[:, None], numpy.eye(3)[CLASSES], CLASSES.tolist(), Tensor(CLASSES)],
    ids=["classes", "column", "one-hot", "list", "tensor"])
def test_the_weight_of_a_class_is_that_of_its_rows(labels):
    def loss(p, t, reduction="mean"):
        t = CLASSES[:, None][:0] if t is None else t
        return nn.cross_entropy(p, t[:, 0] if t.shape[1:] == (1,) else t, reduction)

    def run(y, **options):
        return step(nn.Linear(1, 3, rng=0), y, loss=loss, batch_size=7, **options)

    share = numpy.array([1.0, 5.0, 0.5])[CLASSES]
    expected = run(CLASSES, sample_weight=share)
    assert run(labels, class_weight={1: 5.0, 2: 0.5}) == expected
    both = run(labels, class_weight={1: 5, 2: 0.5}, sample_weight=SHARES)
    assert both == run(CLASSES, sample_weight=SHARES * share) != expected


def test_classes_may_be_signs():
    shares = numpy.where(SIGNS > 0, 2.0, 1.0)
    for model in (nn.MLP(1, [1], seed=0), nn.MLP(1, [1], seed=0).vectorize()):
        y = SIGNS if isinstance(model, nn.MLP) else SIGNS[:, None]
        start = model.state_dict()
        one = step(model, y, loss="hinge", class_weight={1: 2, -1: 1})
        model.load_state_dict(start)
        assert one == step(model, y, loss="hinge", sample_weight=shares)


def test_weights_go_with_their_rows_through_a_split_and_into_every_batch():
    """A row of weight 0 cannot pull, wherever it went: the others lie on a line."""
    wild = Y.copy()
    wild[::3] = 1e3
    shares = numpy.ones(24)
    shares[::3] = 0.0
    model = line()
    history = fit(model, X, wild, loss="mse", optimizer=nn.SGD, lr=0.3, epochs=80, batch_size=5,
                  validation=0.25, sample_weight=shares, seed=0, quiet=True)
    assert weights(model) == pytest.approx([3, 0.5], abs=1e-3)
    assert history["loss"][-1] < 1e-5 and history["validation_loss"][-1] > 1e4   # unweighted


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_weights_over_every_storage(place):
    how = {"epochs": 1, "batch_size": 6, "accumulate": 2}
    expected = step(line(), sample_weight=SHARES, **how)
    with place:
        for share in (SHARES, place.put(SHARES)):
            found = step(line().to(place.device), place.put(Y), place.put(X), sample_weight=share,
                         **how)
            assert found[0] == pytest.approx(expected[0])
            assert found[1] == pytest.approx(expected[1])


@pytest.mark.parametrize("options, error, says", [
    ({"sample_weight": SHARES[:5]}, ShapeError, r"of shape \(5,\) for 24 rows\nhelp: give"),
    ({"sample_weight": SHARES[:, None]}, ShapeError, r"of shape \(24, 1\) for 24 rows"),
    ({"sample_weight": -SHARES}, ArgumentError, "sample_weight has the weight -.*\nhelp: weigh"),
    ({"sample_weight": SHARES * numpy.nan}, ArgumentError, "has the weight nan"),
    ({"sample_weight": ["a"] * 24}, ArgumentError, "sample_weight is .*\nhelp: give plain numbers"),
    ({"class_weight": {3: 1.0}}, ArgumentError, "names the class 3, the targets are 0, 1, 2\n"),
    ({"class_weight": {1: numpy.inf}}, ArgumentError, "class_weight has the weight inf"),
    ({"class_weight": [1.0, 2.0]}, ArgumentError, r"class_weight is list .*\nhelp: give a dict"),
    ({"class_weight": {0: 1.0}, "y": numpy.stack([CLASSES] * 2, 1)}, ShapeError,
     r"class_weight with targets of shape \(24, 2\)"),
    ({"class_weight": {0: 2.0}, "loss": lambda p, t: nn.cross_entropy(p, t)}, ArgumentError,
     "weights need a loss for each row, and function .* takes no reduction\nhelp: let it have"),
    ({"class_weight": {0: 2.0}, "loss": lambda p, t, reduction: nn.cross_entropy(p, t)}, ShapeError,
     r'the loss of 24 rows with reduction="none" is Tensor.*\nhelp: return a loss for each row'),
    ({"accumulate": 0}, ArgumentError, "accumulate is 0"),
    ({"accumulate": 1.5}, ArgumentError, "accumulate is 1.5"),
])
def test_what_is_no_weight_is_named_before_training(options, error, says):
    model = nn.Linear(1, 3, rng=0)
    before = bits(model.state_dict())
    options = {"y": CLASSES, "loss": "cross_entropy"} | options
    with pytest.raises(error, match=says):
        fit(model, X, options.pop("y"), batch_size=24, quiet=True, **options)
    assert bits(model.state_dict()) == before


# -- accumulation ----------------------------------------------------------------------------------

@pytest.mark.parametrize("pieces, size, compiled", [
    (2, 4, False), (3, 2, False), (5, 4, False), (4, 7, False), (30, 1, False), (4, 5, True)])
def test_pieces_give_the_numbers_of_the_whole_batch(pieces, size, compiled):
    """The last batch and its last piece are smaller, and count by their rows."""
    runs = []
    for accumulate, batch_size in ((pieces, size), (1, pieces * size)):
        model = deep(dropout=0.0)
        history = fit(model, X, Y, loss="mse", optimizer=nn.Adam, lr=0.05, epochs=3, seed=0,
                      batch_size=batch_size, accumulate=accumulate, clip_norm=0.5, quiet=True,
                      sample_weight=SHARES, compile=compiled)
        runs.append((history["loss"], weights(model)))
    assert runs[0][0] == pytest.approx(runs[1][0], rel=1e-10)
    assert runs[0][1] == pytest.approx(runs[1][1], rel=1e-8)


def test_pieces_of_values():
    runs = [step(nn.MLP(1, [2, 1], activation="tanh", seed=0), Y[:, 0], batch_size=size,
                 accumulate=k) for k, size in ((3, 4), (1, 12))]
    assert runs[0][0] == pytest.approx(runs[1][0]) and runs[0][1] == pytest.approx(runs[1][1])


def test_pieces_are_counted_and_checked_as_one_batch():
    batches = []

    class Count(nn.Callback):
        def on_batch_end(self, run, row):
            batches.append(row["batch"])

    step(line(), epochs=1, batch_size=5, accumulate=2, callbacks=Count())
    assert batches == [1, 2, 3]
    with pytest.raises(ArgumentError, match=r"the loss is (inf|nan) in batch 2 of epoch 1"):
        step(line(), Y * 1e300, X * 1e300, batch_size=5, accumulate=2, lr=1e300,
             loss=lambda p, t: nn.l1_loss(p, t))
