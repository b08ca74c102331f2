"""DOT is the language of Graphviz: nodes, edges and their attributes, written here by hand.

Presentation attributes only, Courier because its metrics fit every viewer's monospace font, and no
orthogonal edges, which take minutes on large graphs. The local derivative of an edge stands where
the edge ends, in a cell of the operation: as the edge's label it is crossed by other edges, and on
a long edge it is far from what it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import listing

if TYPE_CHECKING:
    from .graph import Box

FAR, ROOM = 4, 200                          # ranks that an edge, and all together, may span
SIDES = {"LR": "w", "TB": "n", "RL": "e", "BT": "s"}          # where edges come in
LEAF, PLAIN, OPERATION = "#e8f1fb", "#ffffff", "#f3f3f3"


def quote(text: str) -> str:
    """A DOT string that shows `text` as it is: no escapes, no entities, no HTML."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escape(text: str) -> str:
    """What stands in a field of a record: there, braces and bars mean something too."""
    return re.sub(r"([{}|])", r"\\\1", quote(text)[1:-1]).replace("\n", "\\n")


def statement(subject: str, **attributes: Any) -> str:
    """One line of DOT; values are quoted already."""
    words = ", ".join(f"{key}={value}" for key, value in attributes.items())
    return f"  {subject} [{words}];"


def source(name: str, direction: str, boxes: tuple[Box, ...], more: int) -> str:
    """The DOT source of a graph; every id begins with the name."""
    prefix = re.sub(r"[^0-9A-Za-z]", "_", name)
    lines = [f"digraph {quote(name)} {{",
             statement("graph", id=quote(prefix), rankdir=direction, bgcolor='"white"',
                       nodesep=0.2, ranksep=0.3),
             statement("node", fontname='"Courier"', fontsize=11, height=0.3, width=0.3,
                       margin='"0.1,0.05"', style='"filled"', fillcolor=f'"{PLAIN}"'),
             statement("edge", arrowsize=0.6)]
    if more:
        lines.append(statement("more", id=quote(f"{prefix}-more"), shape="box", style='"dashed"',
                               label=quote(f"… {more:,} more nodes")))
    names, far = listing.name(boxes), _far(boxes)
    named = {source for cut in far.values() for source in cut.values()}
    for box in boxes:
        label = names[box.id] if box.id in named else box.label
        cut = {i: names[source] for i, source in far.get(box.id, {}).items()}
        lines.append(_result(box, label, prefix, stacked=direction in ("LR", "RL")))
        lines += _operation(box, prefix, cut, direction)
    return "\n".join([*lines, "}", ""])


def _far(boxes: tuple[Box, ...]) -> dict[str, dict[int, str]]:
    """For each box the operands, by place, that are drawn as a small box with the result's name.

    An edge costs a layout what it spans: 60 nodes, of which four are used again at every step,
    took 3 s, and such a picture is all edges. Where they span too much the longest are cut.
    """
    depth: dict[str, int] = {}
    for box in boxes:
        if box.op:
            depth[box.id] = 1 + max((depth.get(link.source, 0) for link in box.operands), default=0)
    first: dict[str, int] = {}                  # a leaf stands just before its first use
    for box in boxes:
        for link in box.operands:
            first[link.source] = min(first.get(link.source, depth[box.id]), depth[box.id])
    depth = {source: use - 1 for source, use in first.items()} | depth
    far: dict[str, dict[int, str]] = {}
    total = 0
    for box in boxes:
        for i, link in enumerate(box.operands):
            span = depth[box.id] - depth[link.source] if link.source else 1
            total += span - 1
            if span > FAR:
                far.setdefault(box.id, {})[i] = link.source
    return far if total > ROOM else {}


def _result(box: Box, label: str, prefix: str, stacked: bool) -> str:
    """The box of a result: its name, dtype and shape, data and gradient, under each other."""
    amounts = [f"{word} {amount}".replace(", ", "\n")
               for word, amount in (("data", box.data), ("grad", box.grad))]
    fields = "|".join(map(escape, (*filter(None, (label, box.kind)), *amounts)))
    return statement(box.id, id=quote(f"{prefix}-{box.id}"), shape="record",
                     fillcolor=f'"{PLAIN if box.op else LEAF}"',
                     label=f'"{fields}"' if stacked else f'"{{{fields}}}"')


def _operation(box: Box, prefix: str, far: dict[int, str], direction: str) -> Iterator[str]:
    """The operation that made a result, its constants, and the edges in their order."""
    if not box.op:
        return
    op, cells = f"{box.id}op", "|".join(f"<i{i}> {escape(link.local)}"
                                        for i, link in enumerate(box.operands))
    parts = [f"{{{cells}}}", escape(box.op)]
    yield statement(op, id=quote(f"{prefix}-{op}"), shape="Mrecord", fillcolor=f'"{OPERATION}"',
                    fontsize=10, margin='"0.06,0.03"', height=0.2,
                    label=f'"{{{"|".join(parts if direction in ("LR", "TB") else parts[::-1])}}}"')
    for i, link in enumerate(box.operands):
        tail = link.source if link.source and i not in far else f"{box.id}c{i}"
        if tail != link.source:
            shape, style = ("box", "dashed") if i in far else ("plain", "")
            yield statement(tail, id=quote(f"{prefix}-{tail}"), fontsize=10, shape=shape,
                            style=quote(style), label=quote(far.get(i, link.constant)))
        yield statement(f"{tail} -> {op}:i{i}:{SIDES[direction]}",
                        id=quote(f"{prefix}-{box.id}e{i}"))
    yield statement(f"{op} -> {box.id}", id=quote(f"{prefix}-{box.id}e"), weight=4)
