"""A graph is a picture of the moment: what led to a result, its numbers and its gradients.

It keeps words only, no nodes and no arrays, so that later changes do not show and nothing is held.
"""

from __future__ import annotations

import os
import re
import zlib
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from ...errors import ArgumentError
from ..files import write_whole
from ..wording import short
from . import dot, layout, listing
from .boxes import Box, Frame
from .shades import Shades


class Graph:
    """A drawn graph: `.dot`, `.svg()`, `.png()`, `print()`, `.save(path)`; notebooks show it."""

    def __init__(self, boxes: Iterable[Box], more: int, direction: str, name: str | None,
                 frames: Iterable[Frame] = (), notes: Iterable[str] = (),
                 heat: bool = False) -> None:
        self.boxes = tuple(boxes)           # oldest first, the result last
        self.more = more                    # how many nodes were left out
        self.direction = direction
        self.frames = tuple(frames)         # the blocks that are open, outer ones first
        self.notes = tuple(notes)           # what the text form says first
        sizes, said = [box.size for box in self.boxes], [box.grad for box in self.boxes]
        self.shades = Shades(sizes, said) if heat else None
        self.name = (short(name) if name else
                     f"graph{zlib.crc32(f'{direction}{self}'.encode()):08x}")

    @cached_property
    def dot(self) -> str:
        """The DOT source: the same text for the same graph in every process."""
        return dot.source(self.name, self.direction, self.boxes, self.more, self.frames,
                          self.shades)

    def svg(self) -> str:
        """The picture as SVG; without a program that lays it out, the text form as SVG."""
        drawn = layout.render(self.dot, "svg")
        if drawn is None:
            return listing.as_svg(str(self))
        return re.sub(r'<svg width="(\d+)pt" height="(\d+)pt"',      # points are a third larger
                      r'<svg width="\1" height="\2"', drawn.decode(), count=1)

    def png(self) -> bytes:
        """The picture as PNG; raises ArgumentError without a program that lays it out."""
        drawn = layout.render(self.dot, "png")
        if drawn is None:
            raise ArgumentError("no PNG: neither `dot` nor graphviz-pure can be run",
                                f"{layout.INSTALL}; .svg() and print() work without")
        return drawn

    def pdf(self) -> bytes:
        """The picture as PDF; raises ArgumentError where Graphviz itself is not installed."""
        drawn = layout.render(self.dot, "pdf")
        if drawn is None:
            raise ArgumentError("no PDF: only Graphviz itself writes it, and no working `dot` is "
                                "on PATH", "install Graphviz (graphviz.org), or save as .svg")
        return drawn

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the graph as the suffix of `path` says: .svg, .png, .pdf, .dot, .gv or
        .txt.

        Raises ArgumentError for another suffix and where nothing can be written. The file is
        written whole or not at all.
        """
        path = Path(path)
        writers: dict[str, Callable[[], str | bytes]] = {
            ".svg": self.svg, ".png": self.png, ".pdf": self.pdf, ".dot": lambda: self.dot,
            ".gv": lambda: self.dot, ".txt": lambda: f"{self}\n"}
        if path.suffix.lower() not in writers:
            raise ArgumentError(f"a graph cannot be written as {path.name!r}",
                                f"give the file one of the suffixes {' '.join(writers)}")
        made = writers[path.suffix.lower()]()
        return write_whole(path, made if isinstance(made, bytes) else made.encode())

    def __str__(self) -> str:
        return "\n".join([*self.notes, listing.text(self.boxes, self.frames, self.shades)])

    def __repr__(self) -> str:
        count = self.more + sum(box.inside or 1 for box in self.boxes)
        folded = "" if count == len(self.boxes) else (f" in {len(self.boxes)} box"
                                                    + "es" * (len(self.boxes) > 1))
        return (f"<Graph {self.name} of {count:,} nodes{folded}: print() lists them, "
                ".save() draws>")

    def _repr_mimebundle_(self, include: Collection[str] | None = None,
                          exclude: Collection[str] | None = None) -> dict[str, str]:
        makers: dict[str, Callable[[], str]] = {
            "image/svg+xml": self.svg,
            "image/png": lambda: b64encode(self.png()).decode(),
            "text/plain": lambda: str(self)}
        bundle = {}
        for form, make in makers.items():
            if (not include or form in include) and form not in (exclude or ()):
                with suppress(Exception):           # a repr never raises: one form fewer
                    bundle[form] = make()
        return bundle
