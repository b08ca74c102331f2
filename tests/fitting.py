"""A line to be fitted: the data, the model, and its weights as numbers."""

import numpy

import nn

X = numpy.linspace(-1, 1, 24)[:, None]
Y = 3 * X + 0.5


def line():
    return nn.Linear(1, 1, rng=0)


def weights(model):
    return [float(x) for array in model.state_dict().values() for x in numpy.ravel(array)]
