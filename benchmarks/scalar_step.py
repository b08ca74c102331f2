"""One training step of micrograd's two-moons demo on both scalar engines, operation for operation.

    python benchmarks/scalar_step.py            needs micrograd: pip install micrograd==0.1.0

The program is the demo's: an MLP of 2-16-16-1, 100 points, hinge loss and L2 penalty, 65,000
operations, written once and run on either engine in fresh processes, alternating. Steps 2 to 4
count (the first warms up), with Python's collector as found and with it disabled on both sides.
"""

import argparse
import gc
import json
import math
import random
import statistics
import subprocess
import sys
import time

ENGINES = ("wengert", "micrograd")


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


def run(engine, collect, steps=4):
    """Seconds of each training step, and the last loss."""
    Value, MLP = parts(engine)
    random.seed(1337)
    points = [(math.cos(t) + 0.1 * random.gauss(0, 1), math.sin(t) + 0.1 * random.gauss(0, 1))
              for t in (random.uniform(0, 2 * math.pi) for _ in range(100))]
    labels = [1.0 if x > 0 else -1.0 for x, _ in points]
    model = MLP(2, [16, 16, 1])
    if not collect:
        gc.disable()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        inputs = [list(map(Value, point)) for point in points]
        scores = list(map(model, inputs))
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        total = data_loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= 0.01 * p.grad
        loss = total.data
        del inputs, scores, losses, data_loss, total
        seconds.append(time.perf_counter() - start)
    return seconds, loss


def measure(repeats):
    """Medians of steps 2 to 4, in seconds, by engine and whether the collector runs."""
    times = {(engine, collect): [] for engine in ENGINES for collect in (True, False)}
    losses = set()
    for _ in range(repeats):
        for engine, collect in times:
            command = [sys.executable, __file__, "--child", engine, "--collect", str(int(collect))]
            out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, loss = json.loads(out)
            times[engine, collect] += seconds[1:]
            losses.add(round(loss, 9))
    assert len(losses) == 1, f"the engines disagree: {losses}"
    return {key: statistics.median(values) for key, values in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--child", choices=ENGINES)
    parser.add_argument("--collect", type=int, default=1)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(run(options.child, bool(options.collect))))
        return
    times = measure(options.repeats)
    for collect, bar in ((True, 10), (False, 3)):
        ours, theirs = (times[engine, collect] * 1e3 for engine in ENGINES)
        print(f"collector {'as found' if collect else 'disabled'}: wengert {ours:.1f} ms, "
              f"micrograd {theirs:.1f} ms, {theirs / ours:.1f} × faster (bar {bar} ×)")


if __name__ == "__main__":
    main()
