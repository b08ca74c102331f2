"""The lint: each seeded mistake is found, named and mended, and nothing is found in what is right.
"""

import copy
import pickle
import random
import warnings
from itertools import pairwise

import numpy
import pytest
from places import PLACES
from sklearn import datasets

import autograd.numpy as np
import nn
from autograd import ArgumentError, Tensor, Value, no_grad
from autograd.errors import GraphError
from nn import lint

X, Y = nn.moons(200, 0.1, seed=0)
TRUTH = Y.astype(float)[:, None]


def network(outputs=2, activation="relu", end=(), seed=0):
    return nn.Sequential(nn.Linear(2, 16, rng=seed), activation,
                         nn.Linear(16, outputs, rng=seed + 1), *end)


def squared(p, t):
    """A loss of one's own, which broadcasts."""
    return np.mean((p - t) ** 2)


def names(*args, **options):
    return [finding.name for finding in nn.check(*args, **options)]


def checked(given):
    """The findings of arguments, which may end in a dict of options."""
    options = given[-1] if isinstance(given[-1], dict) else {}
    return nn.check(*given[:4], **options)


def off(model, bias=-100.0):
    """The same with biases that put its first layer out."""
    model[0].bias.data = model[0].bias.data + bias
    return model


def zeros(model, layers=(0, 2)):
    """The same with no weights in some layers."""
    for i in layers:
        model[i].weight.data = model[i].weight.data * 0
        model[i].bias.data = model[i].bias.data * 0
    return model


def step(model, optimizer, x, y):
    optimizer.zero_grad()
    forgetful(model, optimizer, x, y)


def forgetful(model, optimizer, x, y):
    nn.cross_entropy(model(x), y).backward()
    optimizer.step()


def training(step=step, lr=0.1, kind=nn.SGD):
    model = network()
    return (model, X, Y, "cross_entropy",
            {"optimizer": kind(model.parameters(), lr=lr), "step": step})


def gathered(times):
    """A model with the gradients of several backward passes."""
    model = network()
    for _ in range(times):
        nn.cross_entropy(model(X), Y).backward()
    return model, X, Y, nn.cross_entropy


def of_values(bias=0.0):
    model = nn.MLP(2, [8, 1], seed=0)
    for neuron in model.layers[0].neurons:
        neuron.b.data += bias
    return model, X, 2 * Y - 1, nn.hinge_loss


THREE = numpy.arange(200) % 3
# Each is what is wrong, the name of the finding, a number or word that was seen, and it mended.
SEEDED = {
    "shapes": ((network(1), X, Y, "mse"), "(N, 1) against (N,)",
               "(200, 1), targets of shape (200,)", (network(1), X, Y[:, None], "mse")),
    "shapes of a loss that broadcasts": (
        (network(1), X, TRUTH[:, 0], squared), "(N, 1) against (N,)", "a loss of 200 × 200 pairs",
        (network(1), X, TRUTH, squared)),
    "shapes the other way": (
        (network(1, end=[lambda x: x[:, 0]]), X, TRUTH, squared), "(N,) against (N, 1)",
        "200 × 200", (network(1, end=[lambda x: x[:, 0]]), X, TRUTH[:, 0], squared)),
    "labels in a column": ((network(), X, Y[:, None], "cross_entropy"), "(N, 2) against (N, 1)",
                           "(200, 1), which the loss refuses", (network(), X, Y, "cross_entropy")),
    "softmax": ((network(end=["softmax"]), X, Y, "cross_entropy"), "softmax before cross_entropy",
                "sums to 1, as (0.4539, 0.5461)", (network(), X, Y, "cross_entropy")),
    "softmax, one's own loss": (
        (network(end=["softmax"]), X, Y, lambda p, t: nn.cross_entropy(p, t) * 3.0),
        "softmax before cross_entropy", "takes logits", (network(), X, Y, nn.cross_entropy)),
    "sigmoid": ((network(1, end=["sigmoid"]), X, TRUTH, "binary_cross_entropy"),
                "sigmoid before binary_cross_entropy", "between 0.4",
                (network(1), X, TRUTH, "binary_cross_entropy")),
    "gradients of a step": (training(forgetful), "gradients not zeroed", "norm 0.4", training()),
    "gradients of a model": (gathered(3), "gradients not zeroed", "3 times that of one",
                             gathered(1)),
    "dead relus": ((off(network()), X, Y, "cross_entropy"), "dead relus", "16 of 16 units",
                   (off(network(activation="leaky_relu")), X, Y, "cross_entropy")),
    "dead relus of Values": (of_values(-100.0), "dead relus", "8 of 8 units", of_values()),
    "unscaled features": (
        (network(), X * [1000, 0.01] + 5, Y, "cross_entropy"), "unscaled features", "column 0",
        (network(), nn.Standardiser().fit_transform(X * [1000, 0.01] + 5), Y, "cross_entropy")),
    "unequal features": (
        (network(), X * [1, 0.001], Y, "cross_entropy"), "unscaled features", "deviation of 0.8",
        (network(), nn.Standardiser().fit_transform(X * [1, 0.001]), Y, "cross_entropy")),
    "constant output": (
        (zeros(network(activation="tanh")), X, Y, "cross_entropy"), "constant output",
        "is (0.0, 0.0) for all 64 rows", (network(activation="tanh"), X, Y, "cross_entropy")),
    "softmax of one": (
        (network(1, end=["softmax"]), X, TRUTH, "binary_cross_entropy"), "constant output",
        "(1.0)", (network(1), X, TRUTH, "binary_cross_entropy")),
    "rate": (training(lr=100.0), "learning rate too high", "at lr=100 the loss goes from 0.7",
             training(lr=1.0)),
    "rate of Adam": (training(lr=10.0, kind=nn.Adam), "learning rate too high", "at lr=10 the loss",
                     training(lr=0.1, kind=nn.Adam)),
    "labels from 1": (
        (network(3), X, THREE + 1, "cross_entropy"), "labels shifted",
        "from 1 to 3 for outputs from 0 to 2", (network(3), X, THREE, "cross_entropy")),
    "labels from 1, one output more": (
        (network(4), X, THREE + 1, "cross_entropy"), "labels shifted", "from 1 to 3",
        (network(3), X, THREE, "cross_entropy")),
    "labels from -1": ((network(3), X, THREE - 1, "cross_entropy"), "labels shifted",
                       "from -1 to 1", (network(3), X, THREE, "cross_entropy")),
    "labels 1 and 2 of one logit": (
        (network(1), X, Y[:, None] + 1, "binary_cross_entropy"), "labels shifted", "from 1 to 2",
        (network(1), X, Y[:, None], "binary_cross_entropy")),
    "two classes, one output": (
        (network(1), X, Y, "cross_entropy"), "labels shifted",
        "from 0 to 1 for outputs from 0 to 0", (network(2), X, Y, "cross_entropy")),
}


@pytest.mark.parametrize("wrong, name, seen, mended", SEEDED.values(), ids=SEEDED)
def test_a_seeded_mistake_is_found_named_and_mended(wrong, name, seen, mended):
    found = {finding.name: finding for finding in checked(wrong)}
    assert name in found and seen in found[name].seen and found[name].mend, found
    assert checked(mended) == []


@pytest.mark.parametrize("place", PLACES, ids=repr)
@pytest.mark.parametrize("seed", ["softmax", "dead relus", "unscaled features",
                                  "constant output", "rate", "labels from 1"])
def test_mistakes_are_found_in_every_storage(seed, place):
    wrong, name, _, mended = SEEDED[seed]
    for given, expected in ((wrong, True), (mended, False)):
        model, x, y, loss = copy.deepcopy(given[0]), *given[1:4]
        options = dict(given[4]) if len(given) > 4 else {}
        with place:
            model.to(place.device)
            if options:
                lr = options["optimizer"].lr
                options["optimizer"] = type(options["optimizer"])(model.parameters(), lr=lr)
            found = nn.check(model, place.put(x), Tensor(place.put(y)), loss, **options)
        assert (name in [finding.name for finding in found]) == expected, found
        assert expected or found == []


# -- healthy programs ------------------------------------------------------------------------------

def scaled(x):
    return nn.Standardiser().fit_transform(x)


def classes():
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer):
        x, y = load(return_X_y=True)
        yield scaled(x), y, "cross_entropy", int(y.max()) + 1
    x, y = datasets.load_iris(return_X_y=True)
    yield x, y, "cross_entropy", 3                      # centimetres, as they are
    x, y = datasets.load_digits(return_X_y=True)
    yield x / 16, y, "cross_entropy", 10
    yield *nn.moons(100, 0.1, seed=1), "cross_entropy", 2
    yield *nn.spirals(300, 3, 0.05, seed=1), "cross_entropy", 3
    yield numpy.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0], "cross_entropy", 2


def numbers():
    x, y = datasets.load_diabetes(return_X_y=True)
    yield scaled(x), scaled(y[:, None]), "mse", 1
    x, y = datasets.load_linnerud(return_X_y=True)
    yield scaled(x), scaled(y), "mse", 3
    x = numpy.linspace(-1, 1, 50)[:, None]
    yield x, numpy.sin(3 * x), "mse", 1


HEALTHY = [*classes(), *numbers()]
KINDS = (nn.SGD, 0.01), (nn.Adam, 0.001), (nn.Adam, 0.01), (nn.AdamW, 0.01), (nn.RMSprop, 0.001)


@pytest.mark.parametrize("seed", range(44))
def test_nothing_is_found_in_healthy_programs(seed):
    rng = numpy.random.default_rng(seed)
    x, y, loss, outputs = HEALTHY[seed % len(HEALTHY)]
    sizes = [numpy.shape(x)[1], *[int(rng.choice([8, 16, 32, 64]))] * rng.integers(0, 4)]
    layers = []
    for width, following in pairwise(sizes):
        layers += [nn.Linear(width, following, rng=rng),
                   [nn.BatchNorm(following), nn.LayerNorm(following), nn.Dropout(0.5, rng=rng),
                    "identity"][rng.integers(4)],
                   ["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu"][rng.integers(6)]]
    model = nn.Sequential(*layers, nn.Linear(sizes[-1], outputs, rng=rng))
    kind, lr = KINDS[rng.integers(len(KINDS))]
    assert nn.check(model, x, y, loss, optimizer=kind(model.parameters(), lr=lr)) == []


class Last(nn.Module):
    """The classes of sequences, by what a recurrent layer has read at the end."""

    def __init__(self, layer):
        self.layer, self.head = layer, nn.Linear(8, 2, rng=9)

    def forward(self, x):
        return self.head(self.layer(x)[0][:, -1])


def of_places(p, t):
    """The cross entropy of every place of a text."""
    return nn.cross_entropy(np.reshape(p, (-1, 20)), np.reshape(t, (-1,)))


RNG = numpy.random.default_rng(0)
IMAGES, DIGITS = datasets.load_digits(return_X_y=True)
BYTES = numpy.where(IMAGES > 0, IMAGES * 15, RNG.random(IMAGES.shape) < 0.01)
TEXT = RNG.integers(0, 20, (300, 13))
SEQUENCES = RNG.normal(size=(100, 6, 3))
OTHERS = {
    "convolutions": lambda: (nn.Sequential(
        nn.Conv2d(1, 8, 3, rng=0), nn.BatchNorm(8), "relu", nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.5, rng=1), nn.Linear(72, 10, rng=2)),
        IMAGES.reshape(-1, 1, 8, 8) / 16, DIGITS, "cross_entropy"),
    "an autoencoder": lambda: (nn.Sequential(
        nn.Linear(64, 10, rng=0), "relu", nn.Linear(10, 64, rng=1), "sigmoid"),
        IMAGES / 16, IMAGES / 16, "mse"),
    "words": lambda: (nn.Sequential(
        nn.Embedding(20, 8, rng=0), nn.Flatten(), nn.Linear(96, 20, rng=1)),
        TEXT[:, :12], TEXT[:, 12], "cross_entropy"),
    "a transformer": lambda: (nn.Sequential(
        nn.Embedding(20, 8, rng=0), nn.TransformerBlock(8, 2, causal=True, rng=1),
        nn.Linear(8, 20, rng=2)), TEXT[:, :-1], TEXT[:, 1:], of_places),
    "an LSTM": lambda: (Last(nn.LSTM(3, 8, rng=0)), SEQUENCES, (SEQUENCES.sum((1, 2)) > 0) * 1,
                        "cross_entropy"),
    "moons on Values": lambda: (nn.MLP(2, [16, 16, 1], rng=random.Random(0)), X, 2 * Y - 1,
                                nn.hinge_loss),
    "a start from zero": lambda: (nn.Sequential(zeros(network(), [0])[0]), X, X @ [[1.0], [2.0]] *
                                  numpy.ones(16), "mse"),
    "a last layer of zeros": lambda: (zeros(network(), [2]), X, Y, "cross_entropy"),
    "probabilities and mse": lambda: (network(1, end=["sigmoid"]), X, TRUTH, "mse"),
    "probabilities and a loss of them": lambda: (
        network(end=["softmax"]), X, Y, lambda p, t: -np.mean(np.log(p[np.arange(len(t)), t]))),
    "log_softmax": lambda: (network(end=["log_softmax"]), X, Y, "cross_entropy"),
    "a loss that drops the axis": lambda: (network(1), X, Y, lambda p, t: squared(p[:, 0], t)),
    "a loss that adds the axis": lambda: (network(1), X, Y, lambda p, t: squared(p, t[:, None])),
    "logits for 0 and 1": lambda: (network(1), X, TRUTH, "binary_cross_entropy"),
    "shares of classes": lambda: (network(), X, numpy.eye(2)[Y], "cross_entropy"),
    "a network that scales its pixels": lambda: (
        nn.Sequential(lambda x: x / 16, nn.Linear(64, 10, rng=0)), IMAGES, DIGITS, "cross_entropy"),
    "a network that normalises": lambda: (
        nn.Sequential(nn.BatchNorm(2), nn.Linear(2, 2, rng=0)), X * 1000, Y, "cross_entropy"),
    "few rows of many classes": lambda: (network(30), X[:40], 1 + numpy.arange(40) % 29,
                                         "cross_entropy"),
    "images with empty corners": lambda: (
        nn.Sequential(nn.Linear(64, 10, rng=0)), BYTES / 255, DIGITS, "cross_entropy"),
    "one row": lambda: (nn.Sequential(nn.Linear(2, 2, rng=1), "relu", nn.Linear(2, 1, rng=2)),
                        -abs(X[:1]), TRUTH[:1], "mse"),
    "rows that are all alike": lambda: (network(), X[[0] * 40], Y[:40], "cross_entropy"),
}


@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_nothing_is_found_in_other_healthy_programs(make):
    model, x, y, loss = make()
    assert nn.check(model, x, y, loss, optimizer=nn.Adam(model.parameters(), lr=0.01)) == []


def test_nothing_is_found_in_what_was_trained():
    model = network()
    nn.fit(model, X, Y, loss="cross_entropy", optimizer=nn.Adam, lr=0.02, epochs=40, quiet=True,
           seed=0)
    for lr in (0.001, 0.02):
        assert nn.check(model, X, Y, "cross_entropy",
                        optimizer=nn.Adam(model.parameters(), lr=lr)) == []


def test_a_first_step_from_an_almost_perfect_model_may_make_it_worse():
    """Adam's first step is lr for every weight, however small the gradient."""
    model = nn.Linear(2, 1, rng=0)
    model.weight.data, model.bias.data = numpy.array([[1.0, 2.0]]), numpy.array([0.001])
    optimizer = nn.Adam(model.parameters(), lr=0.05)
    assert nn.check(model, X, X @ [[1.0], [2.0]], "mse", optimizer=optimizer) == []


def test_dropout_hides_nothing():
    model = network(end=["softmax", nn.Dropout(0.5, rng=0)])
    assert names(model, X, Y, "cross_entropy") == ["softmax before cross_entropy"]


# -- what it leaves as it was ----------------------------------------------------------------------

class Noisy(nn.Module):
    """A layer that draws from the generators of everybody."""

    def forward(self, x):
        return x + numpy.random.normal(scale=1e-3) + random.random() * 1e-3


def everything(model, optimizer):
    """All that a check could have changed."""
    return pickle.dumps((
        model, model.state_dict(), [p.grad for p in model.parameters()], optimizer.state_dict(),
        [module.training for module in model.modules()], numpy.random.get_state(),
        random.getstate()))


@pytest.mark.parametrize("before", ["fresh", "with gradients", "in the middle of training"])
def test_model_optimiser_gradients_and_random_states_stay(before):
    model = nn.Sequential(nn.Linear(2, 8, rng=0), nn.BatchNorm(8), "relu", nn.Dropout(0.5, rng=1),
                          Noisy(), nn.Linear(8, 2, rng=2))
    optimizer = nn.Adam(model.parameters(), lr=5.0)

    def loss(p, t):                         # the gradients of its penalty are those of the model
        return nn.cross_entropy(p, t) + 0.01 * np.sum(model[0].weight ** 2)

    for _ in range(["fresh", "with gradients", "in the middle of training"].index(before)):
        loss(model(X), Y).backward()
    if before.startswith("in"):
        optimizer.step()
        model.eval()
    was, grads = everything(model, optimizer), [p.grad for p in model.parameters()]
    data = [p.data for p in model.parameters()]
    nn.check(model, X, Y, loss, optimizer=optimizer, step=step)
    told(model, X, Y, loss, optimizer)
    assert everything(model, optimizer) == was
    assert all(p.grad is g for p, g in zip(model.parameters(), grads, strict=True))
    assert all(p.data is d for p, d in zip(model.parameters(), data, strict=True))


def test_values_keep_their_gradients_too():
    model = nn.MLP(2, [4, 1], seed=0)
    model([1.0, 2.0]).backward()
    before = [(p.data, p.grad, p.grad is Value(0.0).grad) for p in model.parameters()]
    nn.check(model, X, 2 * Y - 1, nn.hinge_loss, optimizer=nn.SGD(model.parameters(), lr=1.0))
    assert [(p.data, p.grad, p.grad is Value(0.0).grad) for p in model.parameters()] == before


def test_it_works_where_nothing_is_recorded():
    with no_grad():
        assert checked(SEEDED["rate"][0])[0].name == "learning rate too high"


# -- how it speaks ---------------------------------------------------------------------------------

def test_findings_are_a_list_that_prints_and_is_a_table_in_a_notebook():
    found = nn.check(network(end=["softmax"]), X * 1e3, Y, "cross_entropy")
    assert [type(finding) for finding in found] == [nn.Finding] * 2
    assert repr(found).splitlines()[0].startswith("softmax before cross_entropy: each row")
    assert repr(found).splitlines()[1].startswith("  help: leave out the softmax")
    assert "not checked: the learning rate: give optimizer=" in repr(found)
    html = found._repr_html_()
    assert html.count("<tr>") == 3 and "<td" in html and "<script" not in html
    nothing = checked(training())
    assert repr(nothing) == "nothing found" and "nothing found" in nothing._repr_html_()


def test_what_is_shown_is_escaped():
    assert "<b>" not in nn.Findings([nn.Finding("<b>", "<b>", "<b>")], ["<b>"])._repr_html_()


@pytest.mark.parametrize("given, error, says", [
    ((network(), X[:, :1], Y, "mse"), ValueError, "2 inputs got array of shape"),
    ((network(3), X, Y + 5, "mse"), ValueError, r"\(64, 3\) against target of shape \(64,\)"),
    ((network(3), X, TRUTH, "mse"), ValueError, r"\(64, 3\) against target of shape \(64, 1\)"),
    ((network(), X, Y, "nll"), ArgumentError, "no loss: str 'nll'"),
    ((network(), X[:5], Y, "cross_entropy"), ValueError, "5 rows in x, 200 in y"),
    ((nn.LSTM(3, 4), SEQUENCES, SEQUENCES, "mse"), ArgumentError, "the model gives 2 things"),
    ((network(), X, Y, "cross_entropy", {"step": step}), ArgumentError, "give both"),
    ((network(), X, Y, "cross_entropy", training()[4]), GraphError, "no parameter of this model")])
def test_what_cannot_be_checked_says_why(given, error, says):
    with pytest.raises(error, match=says):
        checked(given)


def told(*given):
    """The warnings that `fit` would give."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        lint.warn(*given)
    return found


def test_fit_warns_once_with_all_that_was_found_where_it_was_called():
    model = network(end=["softmax"])
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    (warning,) = told(model, X * 1e3, Y, nn.cross_entropy, optimizer)
    assert warning.category is nn.LintWarning and warning.filename == __file__
    text = str(warning.message)
    assert "softmax before" in text and "unscaled features" in text and "help: " in text


def failing(*_):
    raise RuntimeError("not now")


@pytest.mark.parametrize("model, x, y, loss", [
    (network(), X, Y, nn.cross_entropy),                        # there is nothing to be told
    (network(1), X, Y, nn.mse_loss),                            # fit raises this itself
    (network(), X, Y + 1, nn.cross_entropy), (network(), X, Y, failing),
    (network(end=[failing]), X, Y, nn.cross_entropy), (None, X, Y, nn.mse_loss),
    (network(), None, Y, nn.mse_loss)])
def test_fit_hears_of_nothing_else(model, x, y, loss):
    optimizer = nn.SGD((model or network()).parameters(), lr=0.1)
    assert told(model, x, y, loss, optimizer) == []


def test_a_rate_that_clipping_tames_is_no_mistake():
    model = network(1)
    given = model, X * [20, 1], 10 * X[:, :1], nn.mse_loss, nn.SGD(model.parameters(), lr=0.02)
    assert "learning rate too high" in str(told(*given)[0].message)
    assert told(*given, 0.1) == []
