"""Memory: of a training step against PyTorch's, of warm compiled steps, of nodes, over 200 shapes.

    python -m benchmarks.memory         on Linux; needs torch and micrograd
"""

import gc
import itertools
import re
import sys
import tracemalloc
from pathlib import Path

from .measuring import Row, alternate, fresh, main, missing, ratios
from .networks import SIDES, batches

LARGE = (784, 1024, 1024, 10), 1024
PAGE = 4096                                     # what is smaller is no array of a batch


def resident(which):
    """Bytes of memory in use, now (VmRSS) or at most since it was last reset (VmHWM)."""
    found = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return 1024 * int(found[1])


# -- the peak of a step ----------------------------------------------------------------------------

def peak(side, sizes, batch):
    """Bytes at the peak of the first five steps, compiling included, above those before them.

    A step of a small network has loaded libraries and started threads.
    """
    small, take = SIDES[side]((4, 5, 3))
    small(*take(*batches((4, 5, 3), 2, 1)[0]))
    step, take = SIDES[side](tuple(sizes))
    data = [take(x, y) for x, y in batches(sizes, batch, 2)]
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    for i in range(5):
        step(*data[i % 2]).item()
    return resident("VmHWM") - before


def peaks(quick):
    sizes, batch = ((4, 5, 3), 8) if quick else LARGE
    for side, title in (("wengert", "compiled"), ("eager", "eager"))[quick:]:
        work = f"peak memory of a step, {'-'.join(map(str, sizes))} × {batch}, {title}, over "
        if missing("torch"):
            yield Row(work + "PyTorch eager", at_most=1.0, note="torch is not installed")
            continue
        found = alternate({name: lambda name=name: fresh(peak, name, sizes, batch)
                           for name in (side, "torch")}, 1 if quick else 3)
        ours, theirs = (min(found[name]) / 2**20 for name in (side, "torch"))
        yield Row(work + "PyTorch eager", ratios(found[side], found["torch"]),
                  at_most=1.0 if side == "wengert" else None,
                  note=f"wengert {ours:.0f} MiB, PyTorch {theirs:.0f} MiB")


# -- a warm step -----------------------------------------------------------------------------------

def warm(sizes, batch):
    """Of a warm compiled step: the bytes at its peak and the calls that Python makes."""
    step, take = SIDES["wengert"](tuple(sizes))
    data = [take(x, y) for x, y in batches(sizes, batch, 4)]
    for x, y in data:
        step(x, y)
    tracemalloc.start()
    step(*data[0])
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    step(*data[1])
    allocated = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    step(*data[2])
    sys.setprofile(None)
    return allocated, calls


def warm_rows(quick):
    sizes, batch = ((4, 5, 3), 8) if quick else LARGE
    allocated, _ = fresh(warm, sizes, batch)
    network = f"{'-'.join(map(str, sizes))} × {batch}"
    yield Row(f"newly allocated at the peak of a warm compiled step, {network}", [allocated],
              "bytes", at_most=PAGE, note="as tracemalloc counts it: no array of a batch")
    least, most = (3, 4) if quick else (3, 13)
    few, many = (fresh(warm, [16] * depth, 32)[1] for depth in (least, most))
    yield Row("calls that Python makes in a warm compiled step for each further layer",
              [(many - few) / (most - least)], "calls", at_most=0.0,
              note=f"{few} calls for {least - 1} layers, {many} for {most - 1}")


# -- nodes -----------------------------------------------------------------------------------------

def per_node(engine, nodes):
    """Bytes of each node of a chain of sums and products."""
    if engine == "wengert":
        from autograd import Value
    else:
        from micrograd.engine import Value
    x = y = Value(0.5)
    kept = [y := y * x if i % 2 else y + x for i in range(1000)]
    gc.collect()
    before = resident("VmRSS")
    kept += [y := y * x if i % 2 else y + x for i in range(nodes)]
    after = resident("VmRSS")
    return (after - before) / nodes - 8         # without its place in the list


def nodes_rows(quick):
    work = "memory of a scalar node, eager, over micrograd"
    if missing("micrograd"):
        yield Row(work, at_most=0.5, note="micrograd is not installed")
        return
    found = alternate({engine: lambda engine=engine: fresh(
        per_node, engine, 50_000 if quick else 300_000) for engine in ("wengert", "micrograd")},
        1 if quick else 3)
    yield Row(work, ratios(found["wengert"], found["micrograd"]), at_most=0.5,
              note=f"wengert {min(found['wengert']):.0f} bytes, "
                   f"micrograd {min(found['micrograd']):.0f} bytes")


# -- shapes ----------------------------------------------------------------------------------------

def shapes(count):
    """A compiled gradient at many shapes: memory after half of them and after all, programs."""
    import numpy

    import autograd
    import autograd.numpy as np

    slope = autograd.compile(autograd.grad(lambda w, x: np.sum(np.tanh(x @ w))))
    levels, before = [], len(slope.signatures)
    reported = 0
    for i in range(count):
        slope(numpy.ones(4), numpy.ones((i + 1, 4)))
        reported += slope.signatures[-1] != before
        before = slope.signatures[-1]
        if i + 1 in (count // 2, count):
            gc.collect()
            levels.append(resident("VmRSS"))
    return *levels, len(slope.signatures), reported


def shapes_rows(quick):
    count = 2 if quick else 200
    half, end, programs, reported = fresh(shapes, count)
    assert reported == count, f"{count} shapes, {reported} of them in signatures"
    yield Row(f"memory after {count} shapes of a compiled function over that after half of them",
              [end / half], at_most=1.05,
              note=f"{half / 2**20:.0f} and {end / 2**20:.0f} MiB; each shape is a program, "
                   f"listed in `signatures`, and the last {programs} are kept")


def rows(quick=False):
    if not Path("/proc/self/clear_refs").exists():
        yield Row("memory", note="not measurable: this reads Linux's /proc")
        return
    yield from itertools.chain.from_iterable(
        part(quick) for part in (peaks, warm_rows, nodes_rows, shapes_rows))


if __name__ == "__main__":
    main(rows)
