"""An epoch of the CNN of `python -m nn digits`, eager, against the same net in PyTorch eager.

    python -m benchmarks.digits_epoch           needs scikit-learn and torch

Both start with the same weights and see the same images in batches of 64, shuffled anew in every
epoch: ours in `nn.fit`, PyTorch's in a loop as one writes it, with its fused Adam. The sides take
turns in processes of their own, with one thread and with the threads that each takes by itself.
"""

import math
import time

import numpy

from .measuring import Row, alternate, fresh, main, missing, ratios, versus
from .networks import ONE_THREAD

RATE, BATCH = 0.003, 64


def data(quick):
    """The images to learn from, shifted ones too, and what they are."""
    from nn.jobs.digit_data import digits
    from nn.jobs.digits import parts, shifted

    x, y = shifted(*parts(*digits(), seed=0)[0])
    return (x[:256], y[:256]) if quick else (x, y)


def model():
    from nn.jobs.digits import network

    return network("cnn", seed=0)


def wengert(epochs, x, y):
    """Seconds of each epoch, and the losses before and after them."""
    import nn

    cnn, marks = model(), [time.perf_counter()]
    losses = [nn.evaluate(cnn, x, y, loss=nn.cross_entropy)["loss"]]
    nn.fit(cnn, x, y, loss=nn.cross_entropy, lr=RATE, epochs=epochs, batch_size=BATCH, seed=0,
           quiet=True, callbacks=lambda row: marks.append(time.perf_counter()))
    losses.append(nn.evaluate(cnn, x, y, loss=nn.cross_entropy)["loss"])
    return numpy.diff(marks[1:]).tolist(), losses


def torch(epochs, x, y):
    """The same of PyTorch."""
    import torch
    from torch import nn

    import nn as ours

    layers = {"images": lambda _: nn.Unflatten(1, (1, 8, 8)), "ReLU": lambda _: nn.ReLU(),
              "Conv2d": lambda own: nn.Conv2d(own.in_channels, own.out_channels, own.kernel_size,
                                              padding="same"),
              "MaxPool2d": lambda own: nn.MaxPool2d(own.kernel_size),
              "Flatten": lambda _: nn.Flatten(), "Dropout": lambda own: nn.Dropout(own.p),
              "Linear": lambda own: nn.Linear(own.in_features, own.out_features)}
    own = model()
    cnn = nn.Sequential(*(layers[layer.title()](layer) for layer in own))
    cnn.load_state_dict(ours.to_torch(own))
    optimizer = torch.optim.Adam(cnn.parameters(), lr=RATE, fused=True)
    x, y, marks = torch.from_numpy(x), torch.from_numpy(y), [time.perf_counter()]

    def loss():
        with torch.no_grad():
            return nn.functional.cross_entropy(cnn.eval()(x), y).item()

    losses = [loss()]
    for _ in range(epochs):
        cnn.train()
        for rows in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(cnn(x[rows]), y[rows]).backward()
            optimizer.step()
        marks.append(time.perf_counter())
    return numpy.diff(marks[1:]).tolist(), [*losses, loss()]


def measured(side, quick):
    """The fastest epoch of a side after its first, and its losses before and after."""
    epochs = 2 if quick else 4
    times, losses = {"wengert": wengert, "torch": torch}[side](epochs, *data(quick))
    return {"seconds": min(times), "losses": losses}


def agree(runs):
    """Check that both sides had the same loss before, and both learned."""
    before, after = zip(*(run["losses"] for run in runs), strict=True)
    assert all(math.isclose(loss, before[0], rel_tol=1e-4) for loss in before), before
    assert all(loss < before[0] for loss in after), after


def rows(quick=False):
    name = "an epoch of the digits' CNN over PyTorch eager"
    if lacking := [package for package in ("sklearn", "torch") if missing(package)]:
        yield Row(name, at_most=1.5, note=f"not measurable: no {' and no '.join(lacking)}")
        return
    for title, env in (("one thread", ONE_THREAD), ("own threads", {}))[:1 if quick else 2]:
        found = alternate({side: lambda side=side, env=env: fresh(measured, side, quick, env=env)
                           for side in ("wengert", "torch")}, 1 if quick else 5)
        agree([run for runs in found.values() for run in runs])
        times = {side: [run["seconds"] for run in runs] for side, runs in found.items()}
        yield Row(f"{name}, {title}", ratios(times["wengert"], times["torch"]), at_most=1.5,
                  note=versus(wengert=times["wengert"], **{"PyTorch eager": times["torch"]}))


if __name__ == "__main__":
    main(rows)
