"""Training on every storage and device: penguins and handwritten digits, with NumPy's losses."""

import functools

import numpy as np
import pytest
from places import PLACES

import nn
from autograd import Tensor
from nn.jobs.penguin_data import penguins

BAR = 1e-5                                  # of the losses, relative


def birds():
    """Measurements, standardised, and species; a small network."""
    x, y = penguins()
    x = nn.Standardiser().fit(x).transform(x)
    return x, y, nn.Sequential(nn.Linear(4, 16, rng=0), "tanh", nn.Linear(16, 3, rng=1))


def digits():
    """Handwritten digits, 8 × 8 pixels from 0 to 1, and which digit each is; a larger network."""
    datasets = pytest.importorskip("sklearn.datasets", reason="pip install scikit-learn")
    x, y = datasets.load_digits(return_X_y=True)
    return x / 16.0, y, nn.Sequential(nn.Linear(64, 32, rng=0), "relu", nn.Linear(32, 10, rng=1))


JOBS = {"penguins": birds, "digits": digits}


def losses(job, place=None, steps=12):
    """The losses of some steps of Adam on batches of 100, and the accuracy after them."""
    x, y, model = JOBS[job]()
    if place is not None:
        model.to(place.device)
    xs, ys = (Tensor(data) if place is None else Tensor(place.put(data)) for data in (x, y))
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    found = []
    for i in range(steps):
        rows = slice(i % 3 * 100, i % 3 * 100 + 100), ...
        loss = nn.cross_entropy(model(xs[rows]), ys[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(loss.item())
        assert place is None or place.holds(model.layers[0].weight.grad.data)
    return found, float(np.mean(model(xs).argmax(axis=1).numpy() == y))


@functools.cache
def by_numpy(job):
    return losses(job)


@pytest.mark.parametrize("place", PLACES, ids=str)
@pytest.mark.parametrize("job", JOBS)
def test_losses_are_those_of_numpy(job, place):
    with place:
        found, accuracy = losses(job, place)
    wanted, expected = by_numpy(job)
    assert wanted[-1] < 0.9 * wanted[0]
    np.testing.assert_allclose(found, wanted, rtol=BAR)
    assert accuracy == pytest.approx(expected, abs=0.005)
