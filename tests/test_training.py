"""Training on every storage and device: penguins and handwritten digits, with NumPy's losses."""

import functools
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from places import PLACES

import nn
from autograd import Tensor, fingerprint
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


def trained(seed, engine):
    """The fingerprints of a model's gradients in every step of its training."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(24, 3)), rng.integers(0, 2, 24)
    if engine == "value":
        model, steps = nn.MLP(3, [4, 1], seed=seed), 3
        x, y = x[:6].tolist(), y[:6].tolist()
    else:
        width, steps = 3 + seed % 7, 30
        model = nn.Sequential(nn.Linear(3, width, rng=seed), ["tanh", "relu"][seed % 2],
                              nn.Linear(width, 2, rng=seed))
    optimizer = [nn.Adam, nn.SGD][seed % 2](model.parameters(), lr=0.05)
    found = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = (sum((model(row) - target)**2 for row, target in zip(x, y, strict=True))
                if engine == "value" else nn.cross_entropy(model(Tensor(x)), y))
        loss.backward()
        found.append(fingerprint(loss))
        optimizer.step()
    return found


def test_16_threads_training_different_models_get_the_bits_of_each_alone():
    jobs = [(seed, "value" if seed % 4 == 3 else "tensor") for seed in range(16)]
    alone = [trained(*job) for job in jobs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(16) as threads:
            together = list(threads.map(lambda job: trained(*job), jobs))
    finally:
        sys.setswitchinterval(interval)
    assert together == alone
    assert len({print for found in alone for print in found}) == sum(map(len, alone))
