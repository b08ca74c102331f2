"""A scope is where nodes are recorded: a named block of the program, within another.

Every node keeps the scope that it was recorded in, and so a graph can be folded into the blocks,
neurons and layers that made it. In debug mode it also keeps the line of code.
"""

from __future__ import annotations

import linecache
import os
import sys
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any


class Scope:
    """A named block; `parent` is the one around it, None on the outermost."""

    __slots__ = ("name", "parent")

    def __init__(self, name: str, parent: Scope | None) -> None:
        self.name, self.parent = name, parent

    @property
    def line(self) -> Line | None:
        """The line of code that recorded a node; known in debug mode only."""
        return None

    @property
    def path(self) -> tuple[Scope, ...]:
        """The named scopes from the outermost to this one."""
        found: list[Scope] = []
        scope: Scope | None = self
        while scope is not None:
            if scope.name:
                found.append(scope)
            scope = scope.parent
        return tuple(reversed(found))

    def __repr__(self) -> str:
        return f"<Scope {'/'.join(scope.name for scope in self.path) or 'of the program'}>"


class Watched(Scope):
    """A scope of debug mode: false, so that the fast operators leave it to the plain ones."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


class Place(Scope):
    """Where one node was recorded in debug mode: its scope, and who called the engine."""

    __slots__ = ("calls",)

    def __init__(self, scope: Scope) -> None:
        super().__init__("", scope)
        self.calls: list[tuple[CodeType, int, int]] = []        # innermost first
        frame: FrameType | None = sys._getframe(1)
        skipped: tuple[str, ...] = ("autograd",)
        while frame is not None:
            package = str(frame.f_globals.get("__name__")).partition(".")[0]
            if frame.f_code.co_filename.startswith("<kernel "):         # printed by the engine
                package = "autograd"
            if package not in skipped:
                self.calls.append((frame.f_code, frame.f_lasti, frame.f_lineno or 0))
                skipped = ("autograd", "nn")
                if package != "nn":
                    break
            frame = frame.f_back

    def __reduce__(self) -> Any:                # lines of code are not carried elsewhere
        return _itself, (self.parent,)

    @property
    def line(self) -> Line | None:
        """The caller's own line: behind it, in `within`, the line of `nn` if that is between."""
        lines = [Line(*call) for call in self.calls[:1] + self.calls[1:][-1:]]
        if len(lines) == 2:
            lines[1].within = lines[0]
        return lines[-1] if lines else None


def _itself(scope: Scope) -> Scope:
    return scope


class Line:
    """A line of code: `text`, and the `piece` of it that was being computed, where it is known."""

    def __init__(self, code: CodeType, instruction: int, number: int) -> None:
        self.file, self.number = code.co_filename, number
        self.within: Line | None = None         # the line of `nn` that was running
        first, last, start, end = _position(code, instruction)
        self.text = linecache.getline(self.file, number).strip()
        self.piece = ""
        if first is not None and last is not None and start is not None and end is not None:
            lines = [linecache.getline(self.file, i).encode() for i in range(first, last + 1)]
            if all(lines):
                lines[-1] = lines[-1][:end]
                lines[0] = lines[0][start:]
                self.piece = " ".join(b" ".join(lines).decode(errors="replace").split())
            if first != number:
                self.text, self.number = linecache.getline(self.file, first).strip(), first

    @property
    def place(self) -> str:
        """The file or notebook cell, without its folder."""
        cell = _cell(self.file)
        return cell or os.path.basename(self.file)

    def __str__(self) -> str:
        return (f"{self.place}, line {self.number}" if self.place.startswith("cell ")
                else f"{self.place}:{self.number}")

    def __repr__(self) -> str:
        return f"<Line {self}: {self.text}>"


@lru_cache(maxsize=256)
def _positions(code: CodeType) -> list[Any]:
    return list(code.co_positions())


def _position(code: CodeType, instruction: int) -> tuple[int | None, ...]:
    """First and last line, first and last column of an instruction; None where not known."""
    known, place = _positions(code), instruction // 2
    return known[place] if place < len(known) else (None, None, None, None)


def _cell(file: str) -> str:
    """`cell 3` for code that was run in IPython, as the prompt numbers it."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython and ipython.get_ipython()
    named = shell and shell.compile.format_code_name(file)
    return f"cell {named[1][3:-1]}" if named else ""
