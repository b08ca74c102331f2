"""The BLAS is the library of matrix products, which chooses its kernel by the processor it finds.

OpenBLAS goes by the processor's model number, and takes one that is newer than itself for an old
one: on an AVX-512 Zen 5 float32 products then run at half the speed. It reads OPENBLAS_CORETYPE
once, when NumPy loads it, and believes it: a kernel that the processor cannot run ends the process,
an unknown name gives the oldest kernel of all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

CHOICE = "OPENBLAS_CORETYPE"
# What comes after SkylakeX differs from it in bfloat16 alone; OpenBLAS knows the name since 0.3.1.
KERNEL, LATER = "SkylakeX", ("SkylakeX", "Cooperlake", "SapphireRapids")
# NumPy's names, now and before 2.4, for what that kernel needs: AVX-512 F, CD, BW, DQ and VL.
NEEDED = {"X86_V4", "AVX512_SKX"}
PRODUCT = """
import time, numpy
x, y = numpy.random.default_rng(0).normal(size=(2, 1024, 1024)).astype("float32")
z, seconds = numpy.empty_like(x), []
for _ in range(20):
    start = time.perf_counter()
    numpy.matmul(x, y, out=z)
    seconds.append(time.perf_counter() - start)
print(2 * 1024**3 / sorted(seconds)[10] / 1e9)
"""


def pools() -> list[dict[str, Any]]:
    """The libraries of matrix products in this process, NumPy's first, as threadpoolctl has them.

    Those linked into PyTorch and JAX are not seen.
    """
    from threadpoolctl import threadpool_info

    return [pool for pool in threadpool_info() if pool["user_api"] == "blas"]


def features() -> set[str]:
    """What NumPy found the processor and the system to support, by NumPy's names."""
    import numpy

    config: Any = numpy.show_config(mode="dicts")
    simd = config.get("SIMD Extensions", {})
    return {*simd.get("baseline", ()), *simd.get("found", ())}


def better_kernel(pool: dict[str, Any], features: Collection[str]) -> str | None:
    """The kernel that a BLAS should have chosen where it took a lesser one, else None."""
    lesser = pool["internal_api"] == "openblas" and pool.get("architecture") not in LATER
    return KERNEL if lesser and NEEDED.intersection(features) else None


def choose() -> None:
    """Start this program anew with the better kernel, where there is one and the user chose none.

    For programs that train, before they do anything: NumPy has loaded its BLAS by then.
    """
    better = None if CHOICE in os.environ else _better()
    if better is None:
        return
    os.environ[CHOICE] = better
    if os.name == "nt":                                 # where exec would not wait
        sys.exit(subprocess.call([sys.executable, *sys.orig_argv[1:]]))
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def speed(kernel: str | None = None) -> float | None:
    """GFLOP/s of a product of 1024 × 1024 float32 in a process of its own; None if it fails."""
    env = {**os.environ, CHOICE: kernel} if kernel else None
    done = subprocess.run([sys.executable, "-c", PRODUCT], env=env, capture_output=True, text=True)
    return float(done.stdout) if done.returncode == 0 else None


def report(deep: bool = False) -> Iterator[str]:
    """Lines on each BLAS in use, its kernel, and whether there is a better one.

    `deep` has SciPy load its own, which compiled programs use, and measures the kernels.
    """
    if deep:
        with suppress(ImportError):
            import scipy.linalg  # noqa: F401
    found = pools()
    for pool in found:
        yield (f"{pool['internal_api']} {pool['version']}, kernel {pool.get('architecture', '?')}, "
               f"threads: {pool['num_threads']}, in {Path(pool['filepath']).parent.name}")
    if not found:
        yield f"{_built_with()}, of unknown kernel"
    better = _better()
    if better:
        yield f"this processor can run the kernel {better}, which is faster"
        yield f"help: set {CHOICE}={better} before Python starts, as python -m nn does by itself"
    for kernel in ((None, better) if better else (None,)) if deep else ():
        reached = speed(kernel)
        yield (f"float32 1024 × 1024 products{f' with {kernel}' if kernel else ''}: "
               + (f"{reached:.0f} GFLOP/s" if reached else "failed"))


def _better() -> str | None:
    known = features()
    return next(filter(None, (better_kernel(pool, known) for pool in pools())), None)


def _built_with() -> str:
    import numpy

    config: Any = numpy.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    return f"{blas.get('name', 'unknown')} {blas.get('version', '')}".rstrip()
