"""The gradient of an MLP, eager, against MyGrad and HIPS autograd: how others in pure Python do.

    python -m benchmarks.peers                  needs mygrad; HIPS is installed for the run

HIPS autograd has the name of our package, so it gets an environment in a temporary folder. Its
program is the same file that our side runs; MyGrad's says the same in MyGrad's words. float64, one
thread.
"""

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measuring import ROOT, Row, alternate, fresh, main, missing, ratios, told, versus
from .networks import ONE_THREAD

SIDE = Path(__file__).parent / "hips_side.py"
HIPS = "autograd==1.8.0"
SIZES = 64, 128, 10


def environment(folder):
    """The Python of an environment with HIPS autograd; None where it cannot be made."""
    python = Path(folder, *(["Scripts", "python.exe"] if os.name == "nt" else ["bin", "python"]))
    for command in ([sys.executable, "-m", "venv", folder],
                    [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", HIPS]):
        if subprocess.run(command, capture_output=True).returncode:
            return None
    return python


def run(python, lasting, **env):
    """The loss and the seconds of a call of the file that both run."""
    return told([python, "-P", SIDE, str(lasting), *map(str, SIZES)], **ONE_THREAD, **env)


def mygrad(lasting):
    import mygrad
    import numpy
    from mygrad.nnet.losses import softmax_crossentropy

    random = numpy.random.default_rng(0)
    weights = [[mygrad.tensor(random.uniform(-1, 1, (n, m)) / n**0.5),
                mygrad.tensor(numpy.zeros(m))] for n, m in zip(SIZES, SIZES[1:], strict=False)]  # noqa: RUF007
    x, y = random.normal(size=(128, SIZES[0])), random.integers(0, SIZES[-1], 128)

    def slope():
        out = x
        for w, b in weights[:-1]:
            out = mygrad.maximum(out @ w + b, 0.0)
        w, b = weights[-1]
        loss = softmax_crossentropy(out @ w + b, y)
        loss.backward()
        return loss.item()

    value, seconds, end = slope(), [], time.perf_counter() + lasting
    while time.perf_counter() < end or len(seconds) < 3:
        start = time.perf_counter()
        slope()
        seconds.append(time.perf_counter() - start)
    return value, statistics.median(seconds)


def rows(quick=False):
    work = f"value_and_grad of an MLP, eager, float64, {'-'.join(map(str, SIZES))} × 128, over "
    lasting, repeats = (0.02, 1) if quick else (0.5, 5)
    sides = {"wengert": lambda: run(sys.executable, lasting, PYTHONPATH=str(ROOT))}
    if not missing("mygrad"):
        sides["MyGrad"] = lambda: fresh(mygrad, lasting, env=ONE_THREAD)
    with tempfile.TemporaryDirectory() as folder:
        python = None if quick else environment(folder)
        if python:
            sides["HIPS autograd"] = lambda: run(python, lasting, PYTHONPATH="")
        found = alternate(sides, repeats)
    values = [value for runs in found.values() for value, _ in runs]
    assert all(math.isclose(value, values[0]) for value in values), f"they disagree: {values}"
    times = {side: [seconds for _, seconds in runs] for side, runs in found.items()}
    for side, note in (("MyGrad", "mygrad is not installed"),
                       ("HIPS autograd", "its environment could not be made, or in miniature")):
        if side in times:
            yield Row(work + side, ratios(times["wengert"], times[side]),
                      note=versus(wengert=times["wengert"], **{side: times[side]}))
        else:
            yield Row(work + side, note=note)


if __name__ == "__main__":
    main(rows)
