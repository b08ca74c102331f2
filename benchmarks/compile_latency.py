"""How long the first call of a compiled training step takes, cold and from the cache on disk.

    python -m benchmarks.compile_latency        JAX and PyTorch beside it where they are

Fresh processes with a cache folder of their own: empty for the first, filled for the second. The
time is the first call's less that of a warm one; imports are not in it, and shown.
"""

import importlib
import tempfile
import time
from contextlib import suppress

from .compiled_step import absent
from .measuring import Chart, Row, alternate, fresh, main, took
from .networks import measure

SIZES, BATCH = (784, 512, 512, 10), 128
DEPTHS = (1, 4, 16)
IMPORTS = {"wengert": ("autograd", "nn", "numba", "scipy.linalg"), "jax": ("jax", "jax.numpy"),
           "torch_compiled": ("torch", "torch._inductor.compile_fx")}
TITLES = {"wengert": "wengert", "jax": "JAX", "torch_compiled": "PyTorch"}


def first_call(side, sizes, batch):
    """Seconds to import what the side needs, and to compile the step."""
    start = time.perf_counter()
    for name in IMPORTS[side]:
        with suppress(ImportError):             # Numba and SciPy are not needed
            importlib.import_module(name)
    imported = time.perf_counter() - start
    if side == "jax":
        import jax

        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        jax.block_until_ready(jax.numpy.ones(3))        # its devices are found
    found = measure(side, sizes, batch, 0.0)
    return imported, found["first"] - found["seconds"]


def pair(side, sizes, batch):
    """The times of a first process and of a second one, which finds its cache."""
    with tempfile.TemporaryDirectory() as folder:
        env = dict.fromkeys(("XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR",
                             "TORCHINDUCTOR_CACHE_DIR"), folder)
        return [fresh(first_call, side, sizes, batch, env=env) for _ in range(2)]


def rows(quick=False):
    sizes, batch = ((4, 3), 8) if quick else (SIZES, BATCH)
    sides = ["wengert", *(side for side in ("jax", "torch_compiled")
                          if not absent(side) and not (quick and side == "torch_compiled"))]
    found = alternate({side: lambda side=side: pair(side, sizes, batch) for side in sides[:2]},
                      1 if quick else 3)
    found |= {side: [pair(side, sizes, batch)] for side in sides[2:]}       # it takes long
    for i, (when, bar) in enumerate((("cold", 3.0), ("from the cache", 0.3))):
        times = {side: [runs[i][1] for runs in found[side]] for side in sides}
        best = {TITLES[side]: min(column) for side, column in times.items()}
        yield Row(f"compile latency, {'-'.join(map(str, sizes))} × {batch}, {when}",
                  times["wengert"], "s", bar,
                  note=", ".join(f"{name} {took(x)}" for name, x in best.items())
                       + f"; imports {took(min(runs[i][0] for runs in found['wengert']))}")
    lines = {}
    for depth in ((1,) if quick else DEPTHS):
        for side in sides[:2]:
            for when, (_, latency) in zip(("cold", "from the cache"),
                                          pair(side, [64] * (depth + 1) + [10], 32), strict=True):
                lines.setdefault(f"{TITLES[side]}, {when}", []).append((depth, latency))
    yield Chart("latency", "First call of a training step by depth: width 64, batch 32",
                "hidden layers", "time", lines)


if __name__ == "__main__":
    main(rows)
