"""A stepper is one string of HTML: a picture and a table of the steps, which a script brings alive.

Where scripts are dropped, in an untrusted notebook say, the picture and the table are still there.
Nothing is fetched, and no kernel is needed.
"""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Iterator
from html import escape
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...array_node import ArrayNode
from ...errors import AutogradError
from ...storage import is_array
from .. import heat
from ..drawing.graph import Graph
from ..wording import amount
from .element import element
from .frames import Forward, Frame, Seed, Step, Update

if TYPE_CHECKING:
    from .steps import Steps

SHOWN = 1000                # frames of a longer pass that are shown
OPENED, SMALL, MOST = 12, 12, 40        # elements to open, of arrays so small, with Values so few
STYLE = """<style>
#{id} {{ background: white; color: black; padding: 8px; font: 14px/1.4 sans-serif; }}
#{id}:focus {{ outline: 1px solid #ccc; }}
#{id} .ws-slider {{ width: 12em; vertical-align: middle; }}
#{id} .ws-threshold {{ width: 5em; }}
#{id} .ws-lines {{ font: 14px/1.6 monospace; white-space: pre-wrap; margin: 8px 0; }}
#{id} .ws-phase {{ color: #d9480f; font-weight: bold; }}
#{id} .ws-code, #{id} .ws-note {{ color: #555; }}
#{id} .ws-picture {{ overflow: auto; max-height: 80vh; }}
#{id} .ws-arrays {{ display: flex; gap: 16px; flex-wrap: wrap; }}
#{id} .ws-element {{ overflow: auto; }}
#{id} figure {{ margin: 8px 0; }}
#{id} td, #{id} th {{ font: 13px monospace; text-align: left; padding: 2px 8px; color: black; }}
</style>"""


def html(steps: Steps) -> str:
    """The stepper as one self-contained element."""
    graph, ids = steps.picture
    frames = steps.frames[:SHOWN]
    shown: dict[str, str] = {}
    blocks = {box.id for box in graph.boxes if box.inside}
    moments = [_moment(frame, ids, shown, blocks) for frame in frames]
    made = {moments[i]["box"] for i in _completed(moments, blocks)}
    state = {"boxes": {box.id: {"leaf": not box.op and box.id not in made} for box in graph.boxes},
             "edges": list(_edges(graph)), "frames": moments,
             "arrays": {key: image for image, key in shown.items()},
             "elements": dict(_elements(steps))}
    told = json.dumps(state, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    picture = b64encode(graph.svg().encode()).decode()
    script = (Path(__file__).parent / "stepper.js").read_text(encoding="utf-8")
    return (f'<div class="wengert-stepper" id="{graph.name}" tabindex="0" '
            f'style="background:white;color:black">{STYLE.format(id=graph.name)}'
            f'<img alt="the graph, with data and gradients" style="max-width:100%" '
            f'src="data:image/svg+xml;base64,{picture}">{_table(frames, len(steps.frames))}'
            f'<script type="application/json">{told}</script><script>{script}</script></div>')


def page(steps: Steps, title: str) -> str:
    """The stepper as a page of its own."""
    body = html(steps).replace(" tabindex", " autofocus tabindex", 1)       # arrow keys at once
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
            f"<title>{escape(title)}</title></head><body>{body}</body></html>")


def _table(frames: tuple[Frame, ...], count: int) -> str:
    """Every frame as a row: what the script shows, and all there is without it."""
    rows = "".join(
        f"<tr><td>{k + 1}</td><td>{frame.phase}</td>"
        + "".join(f"<td>{escape(text)}</td>" for text in (frame.symbols, frame.numbers, frame.code))
        + "</tr>" for k, frame in enumerate(frames))
    more = "" if count == len(frames) else (
        f"<p>… and {count - len(frames):,} more: print(steps.frames[i]) shows any</p>")
    head = "".join(f"<th>{word}</th>" for word in ("", "phase", "symbols", "numbers", "code"))
    return (f"<details><summary>all {count:,} moments as a table</summary><table><thead><tr>{head}"
            f"</tr></thead><tbody>{rows}</tbody></table>{more}</details>")


def _edges(graph: Graph) -> Iterator[str]:
    for box in graph.boxes:
        if box.op:
            yield from (f"{box.id}e{link.i}" for link in box.operands)
            yield f"{box.id}e"


def _completed(moments: list[dict[str, Any]], blocks: set[str]) -> list[int]:
    """The moments in which the data of a folded block is complete; its gradient is told too.

    None for the words of a field means those of the picture.
    """
    data = {moment["box"]: i for i, moment in enumerate(moments)
            if moment["phase"] in ("forward", "loss")}
    grad = {moment["box"]: i for i, moment in enumerate(moments) if moment["final"]}
    for part, last in (("data", data), ("grad", grad)):
        for block in blocks & last.keys():
            moments[last[block]]["writes"].append([block, part, None])
    return [data[block] for block in blocks & data.keys()]


def _moment(frame: Frame, ids: dict[Any, str], shown: dict[str, str],
            blocks: set[str]) -> dict[str, Any]:
    """A frame as the script needs it: what it lights, writes, and shows as heat maps."""
    box, arrays = ids.get(frame.node, ""), _arrays(frame)
    made: dict[str, Any] = {"phase": frame.phase, "box": box, "writes": [], "edges": [],
                            "size": 0.0, "kink": False, "arrays": [], "final": False}
    if isinstance(frame, Forward):
        made["writes"] = [[box, "data", None]]
        if box not in blocks:
            made["edges"] = [f"{box}e", *(f"{box}e{i}" for i in range(len(frame.node.args)))]
    elif isinstance(frame, Seed):
        made["writes"], made["final"] = [[box, "grad", lines("grad", frame.after)]], True
    elif isinstance(frame, Step):
        made["box"] = target = ids.get(frame.operand, "")
        if box not in blocks:
            made["edges"] = [f"{box}e{frame.i}", *([f"{box}e"] if frame.adds else [])]
        if frame.adds:
            made["writes"] = [[target, "grad", lines("grad", frame.after)]]
            made["final"] = True
        made["kink"] = frame.kink
        made["size"] = frame.size if math.isfinite(frame.size) else None
    elif isinstance(frame, Update):
        made["writes"] = [[box, "data", lines("now", frame.after)]]
    made["writes"] = [each for each in made["writes"] if each[0] not in blocks]
    for caption, array in arrays:
        drawn = heat.image(array)
        key = shown.setdefault(drawn, str(len(shown)))
        made["arrays"].append([caption, key])
    return made


def lines(word: str, x: Any) -> list[str]:
    """A number or array as the lines of its field in the picture."""
    return f"{word} {amount(x)}".split(", ")


def _elements(steps: Steps) -> Iterator[tuple[str, str]]:
    """The scalar graphs behind some elements of the Tensors: as many as a page can carry."""
    count = 0
    for node, name in sorted(steps.names.items(), key=lambda item: not item[0].label):
        if node.op is None or not isinstance(node, ArrayNode) or not is_array(node.data):
            continue
        shape = tuple(node.data.shape)
        for place in product(*map(range, shape)) if 1 < math.prod(shape) <= SMALL else ():
            if count == OPENED:
                return
            try:
                value = element(ArrayNode.handle(node, True), place, limit=MOST)
            except AutogradError:                       # too large, or not of real numbers
                break
            value.backward()
            yield f"{name}[{', '.join(map(str, place))}]", value.draw().svg()
            count += 1


def _arrays(frame: Frame) -> list[tuple[str, Any]]:
    """The arrays of a frame that are worth a heat map."""
    if isinstance(frame, Step):
        found = [("upstream", frame.upstream), ("local derivative", frame.local),
                 ("contribution", frame.contribution),
                 ("gradient so far", frame.after)]
    elif isinstance(frame, Update):
        found = [("before", frame.before), ("after", frame.after)]
    else:
        found = [("data", frame.data[frame.node])] if isinstance(frame, Forward) else []
    return [(word, x) for word, x in found if is_array(x) and math.prod(x.shape) > 1]
