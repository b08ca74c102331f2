"""DOT is the language of Graphviz: nodes, edges and their attributes, written here by hand.

Presentation attributes only, Courier because its metrics fit every viewer's monospace font, and no
orthogonal edges, which take minutes on large graphs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Box

LEAF, PLAIN, OPERATION = "#e8f1fb", "#ffffff", "#f3f3f3"


def quote(text: str) -> str:
    """A DOT string that shows `text` as it is: no escapes, no entities, no HTML."""
    text = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("<", "&lt;").replace(">", "&gt;").replace("\n", "\\n") + '"'


def record(fields: list[str], stacked: bool) -> str:
    """The label of a record: fields under each other, whatever the direction of the graph."""
    escaped = "|".join(re.sub(r"([{}|])", r"\\\1", quote(field)[1:-1]) for field in fields)
    return f'"{escaped}"' if stacked else f'"{{{escaped}}}"'


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
             statement("edge", fontname='"Courier"', fontsize=10, fontcolor='"#1a5fb4"',
                       arrowsize=0.6)]
    if more:
        lines.append(statement("more", id=quote(f"{prefix}-more"), shape="box", style='"dashed"',
                               label=quote(f"… {more:,} more nodes")))
    for box in boxes:
        lines += _statements(box, prefix, direction)
    return "\n".join([*lines, "}", ""])


def _statements(box: Box, prefix: str, direction: str) -> Iterator[str]:
    """A box, the operation that made it, and the edges into that."""
    fields = [field for field in (box.label, box.kind) if field]
    yield statement(box.id, id=quote(f"{prefix}-{box.id}"), shape="record",
                    fillcolor=f'"{PLAIN if box.op else LEAF}"',
                    label=record([*fields, *(f"{word} {amount}".replace(", ", "\n")
                                    for word, amount in (("data", box.data), ("grad", box.grad)))],
                                 stacked=direction in ("LR", "RL")))
    if not box.op:
        return
    op = f"{box.id}op"
    yield statement(op, id=quote(f"{prefix}-{op}"), shape="box", style='"rounded,filled"',
                    fillcolor=f'"{OPERATION}"', ordering='"in"', label=quote(box.op))
    for i, link in enumerate(box.operands):
        tail = link.source or f"{box.id}c{i}"
        if not link.source:
            yield statement(tail, id=quote(f"{prefix}-{tail}"), shape="plain", fontsize=10,
                            style='""', label=quote(link.constant))
        yield statement(f"{tail} -> {op}", id=quote(f"{prefix}-{box.id}e{i}"),
                        label=quote(f" {link.local} " if link.local else ""))
    yield statement(f"{op} -> {box.id}", id=quote(f"{prefix}-{box.id}e"), weight=4)
