"""Training steps on one and two ranks of one machine, and what a message between them costs.

    python -m benchmarks.scaling

Strong scaling keeps the whole batch and shares it out; weak scaling gives each rank a batch of its
own. Each rank has one thread, so two ranks have two cores where one has one.
"""

import json
import shutil
import statistics
import sys
import time
from pathlib import Path

import numpy

from . import networks
from .measuring import Row, alternate, main, missing, ratios, told, versus

SIZES = [(64, 128, 10), (784, 512, 512, 10)]
BATCH = 512
MESSAGES = [8, 1 << 10, 1 << 16, 1 << 20, 1 << 24]      # bytes


def launch(ranks, *words):
    """The command that starts so many ranks of a program for Python."""
    near = Path(sys.executable).parent / "mpiexec"      # of the wheels on PyPI
    mpiexec = str(near) if near.exists() else shutil.which("mpiexec")
    return [mpiexec, "-n", str(ranks), sys.executable, *map(str, words)]


def absent():
    """What is missing for two ranks; empty where nothing is."""
    if missing("mpi4py"):
        return "pip install 'wengert[distributed]'"
    return "" if launch(1)[0] else "no mpiexec: pip install mpich"


def measured(ranks, sizes, batch, steps):
    """Seconds of a step, and of a message of each size, over so many ranks."""
    given = json.dumps([sizes, batch, steps])
    return told(launch(ranks, "-m", "benchmarks.scaling", "rank", given), OMP_NUM_THREADS="1")


def child(sizes, batch, steps):
    """One rank: the median time of a step, and of adding up messages, told by rank 0."""
    import nn
    from nn.distributed import Ranks
    from nn.step import training_step

    ranks = Ranks()
    model = nn.Sequential(*(layer for n, m in networks.layers(sizes)
                            for layer in (nn.Linear(n, m, dtype="float32"), nn.ReLU())))[:-1]
    optimizer, times = nn.Adam(model.parameters()), []
    ranks.broadcast(model)
    step = training_step(nn.cross_entropy, None, False, False, ranks)
    for rows in networks.batches(sizes, batch, steps):
        start = time.perf_counter()
        step(model, optimizer, rows)
        times.append(time.perf_counter() - start)
    found = {"step": statistics.median(times[2:]), "message": {}}
    for size in MESSAGES:
        flat, times = numpy.zeros(size // 8), []
        for _ in range(20):
            start = time.perf_counter()
            ranks.messages.add_up(flat)
            times.append(time.perf_counter() - start)
        found["message"][size] = statistics.median(times)
    if ranks.rank == 0:
        print("\n" + json.dumps(found))


def rows(quick=False):
    if why := absent():
        yield Row("training on two ranks", note=why)
        return
    steps, repeats, messages = (6, 1, []) if quick else (40, 5, [])
    for sizes in SIZES[:1] if quick else SIZES:
        name = "-".join(map(str, sizes))
        sides = {"one": (1, BATCH), "two": (2, BATCH), "twice": (2, 2 * BATCH)}
        found = alternate({side: lambda given=given, sizes=sizes: measured(given[0], sizes,
                                                                           given[1], steps)
                           for side, given in sides.items()}, repeats)
        times = {side: [run["step"] for run in runs] for side, runs in found.items()}
        messages += [run["message"] for run in found["two"]]
        yield Row(f"{name} × {BATCH}: two ranks over one", ratios(times["two"], times["one"]),
                  note=versus(two_ranks=times["two"], one=times["one"]))
        yield Row(f"{name}, a batch of {BATCH} for each rank: two over one",
                  ratios(times["twice"], times["one"]),
                  note=versus(two_ranks=times["twice"], one=times["one"]))
    for size in MESSAGES:
        yield Row(f"{size:,} bytes added up over two ranks",
                  [1e6 * message[str(size)] for message in messages], "µs")


if __name__ == "__main__":
    if sys.argv[1:2] == ["rank"]:
        child(*json.loads(sys.argv[2]))
    else:
        main(rows)
