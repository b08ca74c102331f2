"""How the cost of a compiled training step grows, against the least that it could cost.

    python -m benchmarks.growth

The floor of a step is its matrix products, bare, by the BLAS that the step uses (SciPy's, by way of
Numba), and one pass over parameters and optimiser state at the speed of a copy. Networks of equal
layers and ten classes, float32; step, products and copy take turns in one process, with the same
threads, so that they see the same machine. With scalar graphs by their size.
"""

import os
import statistics
from concurrent.futures import ThreadPoolExecutor

import numpy

from .measuring import Chart, Row, fresh, main, missing, per_call, seconds, took
from .networks import ONE_THREAD, SIDES, batches, layers, weights

WIDTHS, DEPTHS, BATCHES = (64, 128, 256, 512, 1024, 2048), (1, 4, 16), (1, 32, 256, 1024)
BARRED = 256                                    # from this width on the bar holds, batch 256
ALONE = 1_000_000                               # numbers that one thread copies sooner than two


def product(a, b, out):
    """A call that computes out = a @ b by SciPy's BLAS, without a copy; by NumPy's without Numba.

    BLAS goes column by column: out.T = b.T @ a.T.
    """
    if missing("numba") or missing("scipy"):
        return lambda: numpy.matmul(a, b, out=out)
    from scipy.linalg.blas import sgemm

    (x, turned), (y, turned_too) = ((z.T, False) if z.flags.c_contiguous else (z, True)
                                    for z in (b, a))
    how = {"beta": 0.0, "c": out.T, "trans_a": turned, "trans_b": turned_too, "overwrite_c": True}
    return lambda: sgemm(1.0, x, y, **how)


def products(sizes, batch):
    """The matrix products of a step, into buffers: forward, for weights and for inputs."""
    random = numpy.random.default_rng(0)
    made = []
    for i, (n, m) in enumerate(layers(sizes)):
        x, w, g = (random.normal(size=shape).astype("float32")
                   for shape in ((batch, n), (m, n), (batch, m)))
        triples = [(x, w.T, numpy.empty_like(g)), (g.T, x, numpy.empty_like(w)),
                   (g, w, numpy.empty_like(x))]
        made += [product(*triple) for triple in triples[:3 if i else 2]]

    def run():
        for call in made:
            call()

    return run


def copy(sizes):
    """A copy of parameters and both moments of Adam, each thread its part where it is large."""
    size = 3 * sum(w.size for w in weights(sizes))
    data, out = numpy.ones(size, "float32"), numpy.empty(size, "float32")
    threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count())
    if threads == 1 or size < ALONE:
        return lambda: numpy.copyto(out, data)
    pairs = list(zip(numpy.array_split(out, threads), numpy.array_split(data, threads),
                     strict=True))
    pool = ThreadPoolExecutor(threads)
    return lambda: list(pool.map(lambda pair: numpy.copyto(*pair), pairs))


def rounds_of(sizes, batch, lasting):
    """Seconds of step, products and copy, in rounds that take turns."""
    step, take = SIDES["wengert"](tuple(sizes))
    data = [take(x, y) for x, y in batches(sizes, batch, 4)]
    for x, y in data:
        step(x, y)
    sides = [lambda: [step(*pair) for pair in data], products(sizes, batch), copy(sizes)]
    once = [max(seconds(side), 1e-7) for side in sides]
    calls = [max(1, round(lasting / 9 / t / len(sides))) for t in once]
    rounds = []
    for _ in range(9):
        taken = [seconds(side, n) for side, n in zip(sides, calls, strict=True)]
        rounds.append([taken[0] / len(data), *taken[1:]])
    return rounds


def against_floor(sizes, batch, quick):
    """Seconds of step, products and copy; and the step over both in each round.

    The step with its own threads or with one, whichever is better; of the floor the least that was
    seen, because a floor that others' work had raised would flatter the step.
    """
    runs = [list(zip(*fresh(rounds_of, sizes, batch, 0.03 if quick else 0.8, env=env), strict=True))
            for env in ({}, ONE_THREAD)[quick:]]
    bare, moved = (min(min(run[i]) for run in runs) for i in (1, 2))
    steps = min((run[0] for run in runs), key=statistics.median)
    return (statistics.median(steps), bare, moved), [step / (bare + moved) for step in steps]


def blas_name():
    """Whose BLAS the products of the floor are by: that of the step."""
    return "NumPy's BLAS" if missing("numba") or missing("scipy") else "SciPy's BLAS"


def lines(found):
    """The lines of a chart: step, floor and products by what varies."""
    return {"compiled step": [(x, step) for x, (step, _, _) in found.items()],
            "floor: products and one pass over memory": [
                (x, bare + moved) for x, (_, bare, moved) in found.items()],
            "its products alone": [(x, bare) for x, (_, bare, _) in found.items()]}


def rows(quick=False):
    widths, depths, sizes = ((8,), (1,), (4,)) if quick else (WIDTHS, DEPTHS, BATCHES)
    found = {}
    for width in widths:
        found[width], over = against_floor([width, width, width, 10], 256, quick)
        if width >= BARRED or quick:
            step, bare, moved = found[width]
            yield Row(f"compiled step over its floor, width {width}, batch 256", over, at_most=1.25,
                      note=f"step {took(step)}; floor: products by {blas_name()} {took(bare)}, "
                           f"copy of parameters and state {took(moved)}")
    yield Chart("width", "A training step by width: 3 layers, batch 256", "width",
                "time of a step", lines(found))
    found = {depth: against_floor([256] * (depth + 1) + [10], 256, quick)[0] for depth in depths}
    yield Chart("depth", "A training step by depth: width 256, batch 256", "hidden layers",
                "time of a step", lines(found))
    found = {batch: against_floor([256, 256, 256, 10], batch, quick)[0] for batch in sizes}
    yield Chart("batch", "A training step by batch: 3 layers, width 256", "batch",
                "time of a step", lines(found))
    yield from graphs(quick)


# -- scalar graphs ---------------------------------------------------------------------------------

def chain(values, nodes):
    """About as many operations on ten values, none of them growing."""
    x = values[0]
    for i in range(nodes // 4):
        x = (x * values[i % 10] + values[(i + 3) % 10]).tanh() * 0.9
    return x


def per_graph(nodes):
    """Seconds of a scalar graph: recorded and walked, frozen, and of copies of its numbers."""
    from autograd import Value

    values = [Value(0.1 * i - 0.5) for i in range(10)]

    def eager():
        chain(values, nodes).backward()

    numbers, out = numpy.ones((2, 3 * nodes))   # a value, a gradient and operands for each node
    taken = {"eager: record and walk": per_call(eager, 0.3, 3),
             "a copy of three numbers for each node": per_call(lambda: numpy.copyto(out, numbers))}
    loss = chain(values, nodes)
    if hasattr(loss, "freeze"):
        program = loss.freeze()
        taken["frozen: replayed"] = per_call(program)
    return taken


def graphs(quick):
    taken = {nodes: fresh(per_graph, nodes)
             for nodes in ((100,) if quick else (100, 1000, 10_000, 100_000, 1_000_000))}
    names = list(dict.fromkeys(name for sides in taken.values() for name in sides))
    yield Chart("nodes", "Value and gradient of a scalar graph by its size", "nodes", "time",
                {name: [(n, sides[name]) for n, sides in taken.items() if name in sides]
                 for name in names})


if __name__ == "__main__":
    main(rows)
