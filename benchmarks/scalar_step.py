"""One training step of micrograd's two-moons demo on both scalar engines, operation for operation.

    python -m benchmarks.scalar_step            needs micrograd: pip install micrograd==0.1.0

The program is the demo's: an MLP of 2-16-16-1, 100 points, hinge loss and L2 penalty, 65,000
operations, written once and run on either engine in fresh processes, alternating. Steps 2 to 4
count (the first warms up), with Python's collector as found and with it disabled on both sides.
"""

import gc
import math
import random
import statistics
import sys
import time

from .measuring import Row, alternate, fresh, main, missing, ratios, versus

ENGINES = ("wengert", "micrograd")
WORK = {True: "scalar engine, eager: micrograd's two-moons step, the collector as found",
        False: "scalar engine, eager: the same with the collector disabled on both sides"}


def parts(engine):
    """The Value and the MLP of an engine."""
    if engine == "wengert":
        from autograd import Value
        from nn import MLP
    else:
        from micrograd.engine import Value
        from micrograd.nn import MLP

        sys.setrecursionlimit(100_000)          # micrograd's backward recurses
    return Value, MLP


def task(engine):
    """The model, and a function that records the loss of all points."""
    Value, MLP = parts(engine)
    random.seed(1337)
    points = [(math.cos(t) + 0.1 * random.gauss(0, 1), math.sin(t) + 0.1 * random.gauss(0, 1))
              for t in (random.uniform(0, 2 * math.pi) for _ in range(100))]
    labels = [1.0 if x > 0 else -1.0 for x, _ in points]
    model = MLP(2, [16, 16, 1])

    def recorded():
        inputs = [list(map(Value, point)) for point in points]
        scores = list(map(model, inputs))
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        return data_loss + 1e-4 * sum(p * p for p in model.parameters())

    return model, recorded


def run(engine, collect, steps):
    """Seconds of each training step, and the last loss."""
    model, recorded = task(engine)
    if not collect:
        gc.disable()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        total = recorded()
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        loss = total.data
        del total
        seconds.append(time.perf_counter() - start)
    return seconds, loss


def rows(quick=False):
    bars = {True: 15.0, False: 4.0}
    if missing("micrograd"):
        for collect, bar in bars.items():
            yield Row(WORK[collect], at_least=bar, note="micrograd is not installed")
        return
    sides = [(engine, collect) for collect in bars for engine in ENGINES]
    found = alternate({side: lambda side=side: fresh(run, *side, 2 if quick else 4)
                       for side in sides}, 1 if quick else 5)
    losses = {round(loss, 9) for runs in found.values() for _, loss in runs}
    assert len(losses) == 1, f"the engines disagree: {losses}"
    times = {side: [statistics.median(steps[1:]) for steps, _ in runs]
             for side, runs in found.items()}
    for collect, bar in bars.items():
        ours, theirs = (times[engine, collect] for engine in ENGINES)
        yield Row(WORK[collect], ratios(theirs, ours), "× faster", at_least=bar,
                  note=versus(wengert=ours, micrograd=theirs))


if __name__ == "__main__":
    main(rows)
