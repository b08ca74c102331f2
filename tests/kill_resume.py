"""A run with checkpoints is killed, at random moments, and goes on: `--times 50` such deaths.

    python tests/kill_resume.py --times 50

After every death the file must be a whole checkpoint, or not be there yet; the state of each run
that came to its end must be, bit for bit, that of one that was never killed.
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import numpy
from fitting import bits

import nn
from nn import checkpoint

EPOCHS = 60
ALIVE = 0.5                         # seconds for which a process lives at most, once it trains


def train(path, epochs):
    """The run: everything that has a state is in it, and much of its time goes into the file."""
    rng = numpy.random.default_rng(0)
    x = rng.standard_normal((96, 16))
    y = numpy.sin(x @ rng.standard_normal((16, 1)))
    model = nn.Sequential(nn.Linear(16, 512, rng=1), "tanh", nn.Dropout(0.2, rng=2),
                          nn.Linear(512, 256, rng=3), "tanh", nn.Linear(256, 1, rng=4))
    print("it trains", flush=True)
    nn.fit(model, x, y, loss="mse", optimizer=nn.Adam, lr=0.01, epochs=epochs, batch_size=16,
           validation=0.25, metrics=["r2"], seed=5, clip_norm=1.0, resume=path, quiet=True,
           schedule=lambda optimizer: nn.CosineAnnealingLR(optimizer, epochs),
           callbacks=[nn.Checkpoint(path), nn.EarlyStopping(epochs), nn.GradientHistory()])


def started(path, epochs):
    """A process that trains from now on."""
    child = subprocess.Popen([sys.executable, __file__, "--child", str(path),
                              "--epochs", str(epochs)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "it trains\n"
    return child


def finished(path, epochs):
    """The state of a run that is left alone."""
    child = started(path, epochs)
    child.communicate()
    assert child.returncode == 0
    return bits(checkpoint.read(path))


def kill(times, folder, seed=0, epochs=EPOCHS):
    """Kill runs so often in all; (runs, deaths while a file was written, deaths before one).

    Raises AssertionError on the first broken file and on the first run that ends otherwise.
    """
    expected = finished(folder / "never.safetensors", epochs)
    deaths = written = early = runs = 0
    rng = random.Random(seed)
    while deaths < times:
        runs += 1
        path = folder / f"run{runs}.safetensors"
        while deaths < times:
            child = started(path, epochs)
            time.sleep(rng.uniform(0, ALIVE))
            child.kill()
            child.communicate()
            if child.returncode == 0:           # it was quicker
                break
            deaths += 1
            written += len([*folder.glob(".*.part")])
            early += checkpoint.read(path) is None
        assert finished(path, epochs) == expected, f"run {runs} ended with another state"
        assert not [*folder.glob(".*.part")]
    return runs, written, early


def main(words):
    """Kill, and say what happened."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--child", metavar="FILE", help=argparse.SUPPRESS)
    options = parser.parse_args(words)
    if options.child:
        return train(options.child, options.epochs)
    start = time.time()
    with tempfile.TemporaryDirectory() as folder:
        runs, written, early = kill(options.times, pathlib.Path(folder), options.seed,
                                    options.epochs)
    print(f"{options.times} deaths in {runs} runs of {options.epochs} epochs, {written} of them "
          f"while a checkpoint was written, {early} before the first: no broken file, and every "
          f"run ended as the one that was never killed ({time.time() - start:.0f} s)")


if __name__ == "__main__":
    main(sys.argv[1:])
