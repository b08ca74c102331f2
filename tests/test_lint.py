"""The lint: each seeded mistake is found, named and mended, and nothing is found in what is right.
"""

import pickle
import random
import warnings

import numpy
import pytest
from places import PLACES, put
from sklearn import datasets

import autograd.numpy as np
import nn
from autograd import ArgumentError, Tensor, Value, no_grad
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


def off(model, bias=-100.0):
    """The same with biases that put its first layer out."""
    model[0].bias.data = model[0].bias.data + bias
    return model


def zeros(model, layers=(0, 2)):
    for i in layers:
        model[i].weight.data = model[i].weight.data * 0
        model[i].bias.data = model[i].bias.data * 0
    return model


def stepping(zero_grad):
    def step(model, optimizer, x, y):
        if zero_grad:
            optimizer.zero_grad()
        nn.cross_entropy(model(x), y).backward()
        optimizer.step()
    return step


def trained(zero_grad=True, lr=0.1, kind=nn.SGD):
    """A model, the loss and what trains it: the last two arguments of a check."""
    model = network()
    return (model, X, Y, "cross_entropy"), {"optimizer": kind(model.parameters(), lr=lr),
                                            "step": stepping(zero_grad)}


def gathered(times):
    """A model with the gradients of several backward passes."""
    model = network()
    for _ in range(times):
        nn.cross_entropy(model(X), Y).backward()
    return (model, X, Y, nn.cross_entropy), {}


def of_values(bias=0.0):
    model = nn.MLP(2, [8, 1], seed=0)
    for neuron in model.layers[0].neurons:
        neuron.b.data += bias
    return (model, X, 2 * Y - 1, nn.hinge_loss), {}


THREE = numpy.arange(200) % 3
# Each is what is wrong, the name of the finding, a number or word that was seen, and it mended.
SEEDED = {
    "shapes": ((network(1), X, Y, "mse"), "(N, 1) against (N,)", "(200, 1), targets of shape (200,)",
               (network(1), X, Y[:, None], "mse")),
    "shapes of a loss that broadcasts": (
        (network(1), X, TRUTH[:, 0], squared), "(N, 1) against (N,)", "a loss of 200 × 200 pairs",
        (network(1), X, TRUTH, squared)),
    "shapes the other way": (
        (network(1, end=[lambda x: x[:, 0]]), X, TRUTH, squared), "(N,) against (N, 1)", "200 × 200",
        (network(1, end=[lambda x: x[:, 0]]), X, TRUTH[:, 0], squared)),
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
    "gradients of a step": (*trained(zero_grad=False), "gradients not zeroed", "norm 0.4", trained()),
    "gradients of a model": (*gathered(3), "gradients not zeroed", "3 times that of one", gathered(1)),
    "dead relus": ((off(network()), X, Y, "cross_entropy"), "dead relus", "16 of 16 units",
                   (off(network(activation="leaky_relu")), X, Y, "cross_entropy")),
    "dead relus of Values": (*of_values(-100.0), "dead relus", "8 of 8 units", of_values()),
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
    "rate": (*trained(lr=100.0), "learning rate too high", "at lr=100 the loss goes from 0.7",
             trained(lr=1.0)),
    "rate of Adam": (*trained(lr=10.0, kind=nn.Adam), "learning rate too high", "at lr=10 the loss",
                     trained(lr=0.1, kind=nn.Adam)),
    "labels from 1": ((network(3), X, THREE + 1, "cross_entropy"), "labels shifted",
                      "from 1 to 3 for outputs from 0 to 2", (network(3), X, THREE, "cross_entropy")),
    "labels from 1, one output more": (
        (network(4), X, THREE + 1, "cross_entropy"), "labels shifted", "from 1 to 3",
        (network(3), X, THREE, "cross_entropy")),
    "labels from -1": ((network(3), X, THREE - 1, "cross_entropy"), "labels shifted", "from -1 to 1",
                       (network(3), X, THREE, "cross_entropy")),
    "labels 1 and 2 of one logit": (
        (network(1), X, Y[:, None] + 1, "binary_cross_entropy"), "labels shifted", "from 1 to 2",
        (network(1), X, Y[:, None], "binary_cross_entropy")),
    "two classes, one output": (
        (network(1), X, Y, "cross_entropy"), "labels shifted", "from 0 to 1 for outputs from 0 to 0",
        (network(2), X, Y, "cross_entropy")),
}


def called(given):
    """Arguments and options of a check."""
    return given if isinstance(given[1], dict) else (given, {})
