"""What each rank of the tests in test_distributed does: python tests/ranks.py SCENE [words]."""

import json
import os
import signal
import sys
import time

import numpy as np

import nn
from autograd import Tensor
from nn.distributed import Ranks

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(103, 4)), rng.integers(0, 3, 103)


def model(*more, seed=0, dtype="float64"):
    return nn.Sequential(nn.Linear(4, 8, rng=seed, dtype=dtype), *more, nn.Tanh(),
                         nn.Linear(8, 3, rng=seed, dtype=dtype))


def fitted(net, distributed, epochs=10, loss=nn.cross_entropy, y=Y, **options):
    given = {"batch_size": 10, "seed": 0, "quiet": True, "metrics": ["accuracy"],
             "validation": 0.2, "distributed": distributed} | options
    return nn.fit(net, X, y, loss=loss, epochs=epochs, **given)


def alone(optimizer, **options):
    """Weights and history of one process: what several ranks must come to."""
    net = model()
    history = fitted(net, False, optimizer=getattr(nn, optimizer), lr=0.05, **options)
    return [p.data.tolist() for p in net.parameters()], history.rows


def together(optimizer, options="{}"):
    """The same of all ranks, each of which begins with weights of its own."""
    ranks = Ranks(timeout=20)
    net = model(seed=ranks.rank)
    history = fitted(net, ranks, optimizer=getattr(nn, optimizer), lr=0.05, **json.loads(options))
    weights = np.concatenate([p.data.reshape(-1) for p in net.parameters()])
    said = ranks.messages.told(weights.tobytes().hex()[-900:])
    return [p.data.tolist() for p in net.parameters()], history.rows, said


def buffers():
    """A network with running statistics and Dropout: alike on all ranks when it is trained."""
    ranks = Ranks(timeout=20)
    net = model(nn.BatchNorm(8, dtype="float64"), nn.Dropout(0.3, rng=1), seed=ranks.rank)
    fitted(net, ranks, epochs=2, batch_size=28)
    state = np.concatenate([np.ravel(x) for x in net.state_dict().values()])
    drawn = net.layers[2].rng.random()
    return ranks.messages.told(state.tobytes().hex()[-900:]), ranks.messages.told(repr(drawn))


def without_gradients():
    """A parameter that nothing depends on has no gradient on any rank; half of one has its sum."""
    ranks = Ranks(timeout=20)
    net = nn.Sequential(nn.Linear(2, 2, rng=0, dtype="float64"),
                        nn.Linear(2, 2, rng=0, dtype="float32"))
    found = {"layers.0.weight": np.ones((2, 2))} if ranks.rank else {
        "layers.1.bias": np.ones(2, "float32")}
    total, sums = ranks.sum_gradients(net, found, 1.5)
    return float(total.data), {name: [g.dtype.name, g.tolist()] for name, g in sums.items()}


def resumed(path):
    """Five epochs, then to ten from the file; in one go they come to `alone`."""
    net, options = model(), {"callbacks": [nn.Checkpoint(path)], "resume": path, "lr": 0.05}
    fitted(net, Ranks(timeout=20), epochs=5, **options)
    net = model(seed=1)
    history = fitted(net, Ranks(timeout=20), epochs=10, **options)
    return [p.data.tolist() for p in net.parameters()], history.rows


def rows():
    """Each row is somebody's, in order; what is gathered is as it was."""
    ranks = Ranks(timeout=20)
    for n in (ranks.size, 5, 7, 103):
        x = Tensor(np.arange(3.0 * n).reshape(n, 3))
        assert (ranks.gather(x[ranks.share(n)], n).data == x.data).all()
    return ranks.size


# -- what goes wrong -------------------------------------------------------------------------------

def disagree(what):
    """Rank 1 has something else than the others."""
    ranks = Ranks(timeout=20)
    odd = ranks.rank == 1
    net = nn.Sequential(nn.Linear(4, 3, rng=0)) if odd and what == "model" else model()
    y = (Y + 1) % 3 if odd and what == "data" else Y
    fitted(net, ranks, y=y, batch_size=20 if odd and what == "batches" else 10,
           optimizer=nn.SGD if odd and what == "optimiser" else nn.Adam)


def fails(where, path):
    """Rank 1, or the only one that writes, fails in the middle of training."""
    ranks, calls = Ranks(timeout=20), [0]

    def loss(predictions, y):
        calls[0] += 1
        if where == "loss" and ranks.rank == 1 and calls[0] == 30:
            raise ValueError("this rank has had enough")
        return nn.cross_entropy(predictions, y)

    def row(found):
        if where == "callback" and found["epoch"] == 2:
            raise OSError("no space left")

    fitted(model(), ranks, loss=loss, callbacks=[row, nn.Checkpoint(path)])


def dies(how, path):
    """Rank 1 is killed, stops, or is slow, in the middle of training."""
    ranks, calls = Ranks(timeout=4), [0]

    def loss(predictions, y):
        calls[0] += 1
        if ranks.rank == 1 and calls[0] == 40:
            if how == "slow":
                time.sleep(2)
            else:
                os.kill(os.getpid(), signal.SIGKILL if how == "killed" else signal.SIGSTOP)
        return nn.cross_entropy(predictions, y)

    fitted(model(), ranks, loss=loss, callbacks=[nn.Checkpoint(path)])
    return "done"


if __name__ == "__main__":
    scene, *words = sys.argv[1:]
    result = globals()[scene](*words)
    if os.environ.get("PMI_RANK", os.environ.get("OMPI_COMM_WORLD_RANK", "0")) == "0":
        print("\n" + json.dumps(result))
