"""The environment is what the engine found to run on: versions, storages, BLAS, Numba, drawing."""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec

from .storage.libraries import LIBRARIES
from .storage.library import Library

_DISTRIBUTIONS = {"cupy": ("cupy-cuda13x", "cupy-cuda12x", "cupy"),
                  "array_api_strict": ("array-api-strict",)}        # of other names than imported


# -- the other autograd --------------------------------------------------------------------------

def warn_about_foreign_autograd() -> None:
    """Warn where PyPI's other `autograd` (HIPS) is installed: both write to the same folder.

    Reads folder listings, 0.3 ms, because importing importlib.metadata would take 12.
    """
    version = foreign_autograd()
    if version:
        warnings.warn(f"another distribution called autograd ({version}) is installed, and its "
                      "files and wengert's lie in the same folder. help: pip uninstall autograd, "
                      "then pip install --force-reinstall wengert", stacklevel=2)


def foreign_autograd() -> str | None:
    """The version of the installed distribution named `autograd`, which is not ours."""
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or "."):
                if name.lower().startswith("autograd-") and name.endswith(
                        (".dist-info", ".egg-info", ".egg")):
                    return name.rpartition(".")[0].split("-")[1]
    return None


# -- the report ----------------------------------------------------------------------------------

def report(deep: bool = False) -> str:
    """The environment as text; `deep` imports every storage for its devices, and times the BLAS."""
    lines = [*_versions(), *_storages(deep), *_blas(deep), *_numba(deep), *_drawing()]
    foreign = foreign_autograd()
    if foreign:
        lines += [("warning", f"the distribution autograd {foreign} is installed too, in the same "
                              "folder"), ("", "help: pip uninstall autograd, then pip install "
                                              "--force-reinstall wengert")]
    if not deep:
        lines.append(("", "python -m autograd --deep imports the storages and Numba, lists devices "
                         "and times the BLAS"))
    return "\n".join(f"{topic:<10}{text}".rstrip() for topic, text in lines)


def _versions() -> Iterator[tuple[str, str]]:
    from . import __version__

    yield "wengert", f"{__version__}, from {os.path.dirname(os.path.abspath(__file__))}"
    yield "Python", (f"{platform.python_version()} ({platform.python_implementation()}), "
                     f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")


def _storages(deep: bool) -> Iterator[tuple[str, str]]:
    topic, missing = "storages", []
    for library in LIBRARIES.values():
        distributions = _DISTRIBUTIONS.get(library.name, (library.name,))
        if not library.found:
            missing.append(f"{distributions[0]} ({library.install})")
            continue
        devices = _devices(library) if deep or library.name == "numpy" else ""
        yield topic, " ".join(filter(None, (library.name, _version(distributions),
                                            devices and f"on {devices}")))
        topic = ""
    if missing:
        yield topic, f"not installed: {', '.join(missing)}"
    yield "GPU", gpu()


def _version(distributions: tuple[str, ...]) -> str:
    from importlib import metadata

    for name in distributions:
        with suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "of unknown version"


def _devices(library: Library) -> str:
    """The devices of an array library, which is imported for that."""
    try:
        titles = ((name, library.title(place)) for name, place in library.devices().items())
        return ", ".join(f"{name} ({title})" if title else name for name, title in titles) or (
            "nothing: it found no device")
    except Exception as error:                          # a broken library is a line of the report
        return f"nothing: it cannot be used here ({str(error).splitlines()[0][:80]})"


def gpu() -> str:
    """What NVIDIA's driver says is there; nothing is imported for it."""
    import subprocess

    ask = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=True, timeout=20).stdout
        return "; ".join(told.split("\n")[:-1]) or "none"
    except (OSError, subprocess.SubprocessError):
        return "no NVIDIA driver found"


def _blas(deep: bool) -> Iterator[tuple[str, str]]:
    from . import blas

    lines = blas.report(deep)
    yield "BLAS", next(lines)
    yield from (("", line) for line in lines)


def _numba(deep: bool) -> Iterator[tuple[str, str]]:
    """What compiled functions become machine code by, imported if `deep`; where that is kept."""
    from .compiling import machine

    absent = [name for name in ("numba", "scipy") if find_spec(name) is None]
    if absent:
        yield "Numba", (f'{" and ".join(absent)} not installed: pip install "wengert[jit]"'
                        ", else compiled functions run over NumPy")
    elif deep and not machine.available():
        yield "Numba", f"{_version(('numba',))}, which cannot be used here: try import numba"
    else:
        yield "Numba", f"{_version(('numba',))}, threads: {_threads()}"
        yield "", f"machine code in {_kept()}"


def _threads() -> int:
    """How many share the loops of a compiled function: as many as BLAS has, if Numba has them."""
    from . import blas

    here = os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1)
    most = int(os.environ.get("NUMBA_NUM_THREADS") or len(here))
    return min([most, *(pool["num_threads"] for pool in blas.pools())])


def _kept() -> str:
    """The cache folder as a user writes it, and what is in it."""
    from .compiling.loops import cache

    folder, size = cache.cache_folder().absolute(), 0
    for file in folder.rglob("*"):
        with suppress(OSError):                         # another process may have removed it
            size += file.stat().st_size if file.is_file() else 0
    count = len(list(folder.glob("*.py")))
    home = os.path.expanduser("~")
    shown = os.path.join("~", folder.relative_to(home)) if folder.is_relative_to(home) else folder
    return f"{shown}: {size / 1e6:.1f} MB, {count} of at most {cache.KEPT} programs"


def _drawing() -> Iterator[tuple[str, str]]:
    from .show.drawing import layout

    programs = [str(program) for program in layout.programs()]
    if programs:
        yield "drawing", f"by {programs[0]}"
    else:
        yield "drawing", f"as text only; for pictures {layout.INSTALL}"
