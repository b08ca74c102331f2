"""DOT is the language of Graphviz: nodes, edges and their attributes, written here by hand.

Presentation attributes only, Courier because its metrics fit every viewer's monospace font, and no
orthogonal edges, which take minutes on large graphs. The local derivative of an edge stands where
the edge ends, in a cell of the operation: as the edge's label it is crossed by other edges, and on
a long edge it is far from what it belongs to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from .shades import DARK

if TYPE_CHECKING:
    from .boxes import Box, Frame
    from .shades import Shades

FAR, ROOM = 4, 200                          # ranks that an edge, and all together, may span
SIDES = {"LR": "w", "TB": "n", "RL": "e", "BT": "s"}          # where edges come in
AGAINST = {"LR": "RL", "RL": "LR", "TB": "BT", "BT": "TB"}
LEAF, PLAIN, OPERATION, BLOCK, FRAME = "#e8f1fb", "#ffffff", "#f3f3f3", "#fbf3e4", "#f9fafb"
DENSE = 3                                   # edges into a box, on average, that are drawn straight
SMALL = 9                                   # points of what is less important
DEFAULTS = {
    "graph": {"bgcolor": '"white"', "nodesep": 0.15, "ranksep": 0.22, "fontname": '"Courier"'},
    "node": {"fontname": '"Courier"', "fontsize": 11, "shape": "box", "margin": '"0.03,0.02"',
             "height": 0.2, "width": 0.2, "style": '"filled"', "fillcolor": f'"{PLAIN}"',
             "penwidth": 0.8},
    "edge": {"fontname": '"Courier"', "fontsize": SMALL, "arrowsize": 0.6, "penwidth": 0.8}}


def quote(text: str) -> str:
    """A DOT string that shows `text` as it is: no escapes, no entities, no HTML."""
    return '"' + escape(text, quote=False).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(text: str) -> str:
    """What stands in a label that looks like HTML: there too, \\N would be the node's name."""
    return escape(text).replace("\\", "\\\\")


def statement(subject: str, **attributes: Any) -> str:
    """One line of DOT; values are quoted already."""
    words = ", ".join(f"{key}={value}" for key, value in attributes.items())
    return f"  {subject} [{words}];"


def source(name: str, direction: str, boxes: tuple[Box, ...], more: int,
           frames: Iterable[Frame] = (), shades: Shades | None = None) -> str:
    """The DOT source of a graph; every id begins with the name."""
    prefix = re.sub(r"[^0-9A-Za-z]", "_", name)
    lines = [f"digraph {quote(name)} {{",
             *(statement(kind, **attributes) for kind, attributes in DEFAULTS.items()),
             statement("graph", id=quote(prefix), rankdir=direction)]
    if sum(len(box.operands) for box in boxes) > DENSE * len(boxes):
        lines.append(statement("graph", splines="line", ranksep=1))
    if shades is not None:
        lines.append(statement("graph", labelloc="b", labeljust="l", label=_legend(shades)))
    if more:
        lines.append(statement("more", id=quote(f"{prefix}-more"), style='"dashed"',
                               label=quote(f"… {more:,} more nodes")))
    far = _far(boxes)
    nodes: dict[str, list[str]] = {"": []}
    edges: list[str] = []
    names = {box.id: box.name for box in boxes}
    for box in boxes:
        inside = nodes.setdefault(box.frame, [])
        inside.append(_box(box, prefix, shades))
        inside += _operation(box, prefix, direction)
        inside += _named(box, prefix, far.get(box.id, {}), names)
        edges += _edges(box, prefix, far.get(box.id, {}), direction)
    return "\n".join([*lines, *_nested(frames, nodes, prefix), *edges, "}", ""])


def _far(boxes: tuple[Box, ...]) -> dict[str, dict[int, str]]:
    """For each box the operands, by place, that are drawn as a small box with the result's name.

    An edge costs a layout what it spans: 60 nodes, of which four are used again at every step,
    took 3 s, and such a picture is all edges. Where they span too much the longest are cut.
    """
    depth: dict[str, int] = {}
    for box in boxes:
        if box.operands:
            depth[box.id] = 1 + max((depth.get(link.source, 0) for link in box.operands), default=0)
    first: dict[str, int] = {}                  # a leaf stands just before its first use
    for box in boxes:
        for link in box.operands:
            first[link.source] = min(first.get(link.source, depth[box.id]), depth[box.id])
    depth = {source: use - 1 for source, use in first.items()} | depth
    far: dict[str, dict[int, str]] = {}
    total = 0
    for box in boxes:
        for link in box.operands:
            span = depth[box.id] - depth[link.source] if link.source else 1
            total += span - 1
            if span > FAR and link.source != "more":
                far.setdefault(box.id, {})[link.i] = link.source
    return far if total > ROOM else {}


# -- nodes -----------------------------------------------------------------------------------------

def _cell(text: str, size: int = 0, colour: str = "", **attributes: Any) -> str:
    """One cell of a table; an empty one is a blank, because Graphviz allows no empty text."""
    text = _text(text) or " "
    font = f' POINT-SIZE="{size}"' * bool(size) + f' COLOR="{colour}"' * bool(colour)
    text = f"<FONT{font}>{text}</FONT>" if font else text
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<TD{given}>{text}</TD>"


def _table(rows: Iterable[str], rule: str = "", padding: int = 1) -> str:
    body = rule.join(f"<TR>{row}</TR>" for row in rows)
    return (f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">'
            f"{body}</TABLE>>")


def _box(box: Box, prefix: str, shades: Shades | None) -> str:
    """The box of a result or block: its name, dtype and shape, data and gradient."""
    amounts = [line for word, amount in (("data", box.data), ("grad", box.grad))
               for line in f"{word} {amount}".split(", ")]
    rows = [f"<TD><B>{_text(box.label)}</B></TD>"] * bool(box.label)
    if box.inside:
        rows += [_cell(line, SMALL) for line in box.contents.split(", ")]
    rows += [_cell(line, ALIGN="LEFT") for line in filter(None, [box.kind, *amounts])]
    colour = (shades.of(box.size) if shades is not None else
              BLOCK if box.inside else PLAIN if box.op else LEAF)
    extra = {"fontcolor": '"white"'} if colour in DARK else {}
    if box.inside:
        extra["penwidth"] = "1.6"
    elif shades is not None and not box.op:
        extra["color"] = '"#1864ab"'                # else the fill says what a leaf is
    return statement(box.id, id=quote(f"{prefix}-{box.id}"), fillcolor=f'"{colour}"',
                     label=_table(rows), **extra)


def _operation(box: Box, prefix: str, direction: str) -> Iterator[str]:
    """The operation that made a result: its name, and a cell for each operand."""
    if not box.op:
        return
    name, _, metadata = box.op.partition(" ")
    cells = [_cell(link.local or link.constant, SMALL, PORT=f"i{link.i}") for link in box.operands]
    wide = 1 if direction in ("LR", "RL") else len(cells) or 1
    heads = [_cell(name, COLSPAN=wide),
             *([_cell(metadata, SMALL, COLSPAN=wide)] if metadata else [])]
    rows = ["</TR><TR>".join(heads), *(cells if direction in ("LR", "RL") else
                                       ["<VR/>".join(cells)] * bool(cells))]
    if direction == "TB":
        rows = rows[::-1]
    yield statement(f"{box.id}op", id=quote(f"{prefix}-{box.id}op"), fillcolor=f'"{OPERATION}"',
                    color='"#888888"', margin=0, label=_table(rows, "<HR/>", 2))


def _named(box: Box, prefix: str, far: dict[int, str], names: dict[str, str]) -> Iterator[str]:
    for i, origin in far.items():
        yield statement(f"{box.id}c{i}", id=quote(f"{prefix}-{box.id}c{i}"), fontsize=SMALL,
                        style='"dashed"', label=quote(names[origin]))


def _nested(frames: Iterable[Frame], nodes: dict[str, list[str]], prefix: str) -> Iterator[str]:
    """The nodes, each within its frame, and the frames within each other."""
    within: dict[str, list[Frame]] = {}
    for frame in frames:
        within.setdefault(frame.parent, []).append(frame)
    waiting: list[Frame | None] = [*within.get("", [])[::-1]]       # None ends a frame
    yield from nodes[""]
    while waiting:
        current = waiting.pop()
        if current is None:
            yield "  }"
            continue
        yield f"  subgraph cluster_{current.id} {{"
        yield statement("graph", id=quote(f"{prefix}-{current.id}"), label=quote(current.title),
                        labelloc="t", labeljust="l", fontsize=10, fontcolor='"#555555"', margin=6,
                        style='"rounded,filled"', color='"#bbbbbb"', fillcolor=f'"{FRAME}"')
        yield from nodes.get(current.id, ())
        waiting += [None, *within.get(current.id, [])[::-1]]


def _legend(shades: Shades) -> str:
    """One line of colours and what they mean."""
    (_, title), *colours = shades.legend()
    return _table([_cell(title, SMALL) + "".join(
        _cell(text, SMALL, "white" if colour in DARK else "black", BGCOLOR=colour, BORDER=1)
        for colour, text in colours)], padding=3)


# -- edges -----------------------------------------------------------------------------------------

def _edges(box: Box, prefix: str, far: dict[int, str], direction: str) -> Iterator[str]:
    """The edges into a box, in the order of the operands."""
    for link in box.operands:
        if link.source:
            tail = f"{box.id}c{link.i}" if link.i in far else link.source
            head = f"{box.id}op:i{link.i}" if box.op else box.id
            if not box.op:                      # blocks: straight lines would cross their like
                tail += f":{SIDES[AGAINST[direction]]}"
            count = {"label": quote(f"{link.count:,}")} if link.count > 1 else {}
            yield statement(f"{tail} -> {head}:{SIDES[direction]}",
                            id=quote(f"{prefix}-{box.id}e{link.i}"), **count)
    if box.op:
        yield statement(f"{box.id}op -> {box.id}", id=quote(f"{prefix}-{box.id}e"), weight=4)
