"""Layout is left to Graphviz: `dot` on PATH, else the wheel graphviz-pure, else there is none."""

from __future__ import annotations

import importlib.metadata
import math
import shutil
import subprocess
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

INSTALL = "pip install graphviz-pure, or install Graphviz so that `dot` is on PATH"
SECONDS = 60                                # longer than that, and text is the better answer
_SIGNATURES = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF"}
_too_large: dict[Path, float] = {}          # how long a source took a program too long
_said: set[str] = set()                     # what has been warned of in this process


def render(source: str, format: str) -> bytes | None:
    """DOT source laid out as "svg", "png" or "pdf"; None where no program could do it.

    PDF is written by Graphviz itself only.
    """
    for program in programs():
        if format == "pdf" and program.stem == "graphviz-pure":
            continue
        if 4 * len(source) >= _too_large.get(program, math.inf):
            continue
        try:
            picture = _run(program, source, format)
            if _SIGNATURES[format] in picture[:4096]:
                return picture
            reason = f"no {format} came out"
        except subprocess.TimeoutExpired:
            _too_large[program] = len(source)
            reason = f"not within {SECONDS} s"
        except Exception as error:              # somebody else's program: anything may fail
            reason = _first_line(error)
        _say_once(f"{program} cannot draw graphs ({reason}). help: reinstall it, or {INSTALL}")
    if format != "pdf":
        _say_once("graphs are shown as text, because no program can lay them out. "
                  f"help: {INSTALL}")
    return None


def programs() -> Iterator[Path]:
    """The programs that can lay out a graph here, the preferred one first."""
    dot = shutil.which("dot")
    if dot:
        yield Path(dot)
    pure = _pure()
    if pure:
        yield pure


def _pure() -> Path | None:
    """The program of the wheel graphviz-pure, which is on no PATH unless its venv is activated."""
    try:
        files = importlib.metadata.files("graphviz-pure") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    found = [Path(str(file.locate())) for file in files if file.stem == "graphviz-pure"]
    scripts = Path(sysconfig.get_path("scripts"))
    found += [scripts / "graphviz-pure", scripts / "graphviz-pure.exe"]
    on_path = shutil.which("graphviz-pure")
    found += [Path(on_path)] if on_path else []
    return next((path.resolve() for path in found if path.is_file()), None)


def _run(program: Path, source: str, format: str) -> bytes:
    """`graphviz.pipe`, for any program and with an end: its own keeps both in globals."""
    from graphviz.backend.execute import run_check

    command = [program, "-Kdot", f"-T{format}"]
    done = run_check(command, input=source.encode(), capture_output=True, quiet=True,
                     timeout=SECONDS)
    return bytes(done.stdout)


def _first_line(error: Exception) -> str:
    """Why a program failed, in one line: its own first words where there are any."""
    said = getattr(error, "stderr", None) or str(error)
    said = said.decode(errors="replace") if isinstance(said, bytes) else said
    return next(iter(said.strip().splitlines()), type(error).__name__)[:120]


def _say_once(message: str) -> None:
    if message not in _said:
        _said.add(message)
        warnings.warn(message, stacklevel=4)
