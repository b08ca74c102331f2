"""Machine code of loops is kept in the user's cache folder, where other processes find it."""

import functools
import hashlib
import importlib.util
import inspect
import itertools
import os
import pathlib
import sys
import threading
from typing import Any

import numpy

from ..machine import jit
from ..printing import executed

HEAD = """# Printed by autograd.compile: loops over flat memory.
from autograd.compiling.loops.functions import *"""
KEPT = 500                              # programs in the cache
_count = itertools.count().__next__


@functools.cache
def names() -> dict[str, Any]:
    """What loops call, by name."""
    from . import functions

    return {key: x for key, x in vars(functions).items() if key[0] != "_"}


def compiled(source: str, name: str, dtypes: list[Any]) -> Any:
    """The function `name` of a source of loops, of flat arrays and numbers of these dtypes.

    It is a module in the user's cache folder, where Numba keeps machine code beside it: another
    process that prints the same loops loads that. What is broken there is made anew.
    """
    try:
        return _cached(source, name, dtypes)
    except Exception:                               # a damaged or unwritable cache is no reason
        made = executed(source, name, f"<loops {name} {_count()}>", dict(names()))
        return _typed(jit(made, nogil=True), dtypes)


def _cached(source: str, name: str, dtypes: list[Any]) -> Any:
    """The same through the cache."""
    import numba

    made_of = repr((source, numba.__version__, numpy.__version__, _own_text()))
    mark = hashlib.sha256(made_of.encode()).hexdigest()[:24]
    path = cache_folder() / f"{name}_{mark}.py"
    text = f"{HEAD}\n\n{source}"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        new.write_text(text)
        os.replace(new, path)                       # whole or not at all, whoever else writes it
        _trim(path.parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)    # Numba asks there
    spec.loader.exec_module(module)
    try:
        return _typed(jit(getattr(module, name), nogil=True, cache=True), dtypes)
    except Exception:
        for file in path.parent.glob(f"**/{path.stem}*.nb?"):
            file.unlink(missing_ok=True)
        return _typed(jit(getattr(module, name), nogil=True, cache=True), dtypes)


def _trim(folder: pathlib.Path) -> None:
    """Let the oldest programs go."""
    oldest = sorted(folder.glob("*.py"), key=lambda path: path.stat().st_mtime)[:-KEPT]
    for path in oldest:
        for file in (path, *folder.glob(f"**/{path.stem}.*.nb?")):
            file.unlink(missing_ok=True)


def _typed(function: Any, dtypes: list[Any]) -> Any:
    """A function compiled for flat arrays of dtypes, and for numbers of the types named."""
    import numba

    function.compile(tuple(
        numba.from_dtype(x)[::1] if isinstance(x, numpy.dtype) else getattr(numba, x)
        for x in dtypes))
    return function


@functools.cache
def _own_text() -> str:
    """What the loops call, as text: other functions make other machine code."""
    from . import functions

    return inspect.getsource(functions)


def cache_folder() -> pathlib.Path:
    """Where machine code is kept: WENGERT_CACHE, else a folder in the user's cache."""
    if given := os.environ.get("WENGERT_CACHE"):
        return pathlib.Path(given)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(home) / "wengert"
