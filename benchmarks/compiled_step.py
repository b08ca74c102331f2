"""A compiled training step of an MLP against JAX's jit, PyTorch eager and PyTorch's compiler.

    python -m benchmarks.compiled_step          needs jax, torch, and for its compiler g++

Linear layers with ReLU, cross entropy, Adam, float32; JAX donates its buffers, PyTorch has its
fused Adam. Every side runs in processes of its own, in turn, once with the threads it takes by
itself and once with one thread; the better counts, for every side: on a busy machine PyTorch's
threads wait for each other a hundred times longer than they work. All must reach the same losses.
"""

import math
import shutil

from .measuring import Row, alternate, fresh, main, missing, ratios, versus
from .networks import ONE_THREAD, measure

WORK = {((4, 16, 3), 32): 0.15, ((64, 128, 10), 128): 0.5, ((784, 512, 512, 10), 128): 0.9,
        ((784, 1024, 1024, 10), 1024): 0.95}
PEERS = {"jax": "jax", "torch": "torch", "torch_compiled": "torch"}


def absent(side):
    """Why a peer cannot be measured here; empty where it can."""
    if missing(PEERS[side]):
        return f"not measurable: {PEERS[side]} is not installed"
    compiler = side != "torch_compiled" or shutil.which("g++") or shutil.which("clang++")
    return "" if compiler else "not measurable: PyTorch's compiler needs a C++ compiler"


def measured(side, work, lasting):
    """Of each network what `measure` finds: one process for all, as starting takes long."""
    return [measure(side, sizes, batch, lasting) for sizes, batch in work]


def better(side, work, quick):
    """What `measure` finds for each network: with a side's own threads or with one."""
    lasting = 0.02 if quick else 0.6
    runs = [fresh(measured, side, work, lasting, env=env) for env in ({}, ONE_THREAD)[quick:]]
    return [min(pair, key=lambda run: run["seconds"]) for pair in zip(*runs, strict=True)]


def agree(runs):
    """Check that all sides had the same losses in the first and the tenth step."""
    losses = [run["losses"] for run in runs]
    assert all(math.isclose(a, b, rel_tol=2e-3) for pair in losses
               for a, b in zip(pair, losses[0], strict=True)), f"the engines disagree: {losses}"


def rows(quick=False):
    work = list(WORK)[:1] if quick else list(WORK)
    peers = list(PEERS)[:2] if quick else list(PEERS)
    sides = ["wengert", *(side for side in peers if not absent(side))]
    found = alternate({side: lambda side=side: better(side, work, quick) for side in sides},
                      1 if quick else 3)
    for i, (sizes, batch) in enumerate(work):
        times = {side: [run[i]["seconds"] for run in runs] for side, runs in found.items()}
        agree([run[i] for runs in found.values() for run in runs])
        name = f"compiled step {'-'.join(map(str, sizes))} × {batch} over "
        for side, title, bar in (("jax", "JAX jit", WORK[sizes, batch]),
                                 ("torch", "PyTorch eager", None),
                                 ("torch_compiled", "PyTorch compile", 1.0)):
            if side in times:
                yield Row(name + title, ratios(times["wengert"], times[side]), at_most=bar,
                          note=versus(wengert=times["wengert"], **{title: times[side]}))
            else:
                yield Row(name + title, at_most=bar, note=absent(side) or "in miniature")
    yield Row("compiled step on a GPU over PyTorch with CUDA graphs", at_most=1.0,
              note="not measured: `python3 run.py gpu` says what runs on a GPU")


if __name__ == "__main__":
    main(rows)
