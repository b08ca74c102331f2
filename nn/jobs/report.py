"""A report is one page that needs nothing else; a job writes it beside its other files."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from autograd.show.cards import row
from autograd.show.files import write_whole

from ..pictures import to_png

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{}</title><style>
body {{ font: 16px/1.5 sans-serif; max-width: 1120px; margin: 2em auto; padding: 0 1em;
       background: white; color: #222; }}
img {{ max-width: 100%; }}
h2 {{ margin-top: 2em; }}
</style></head><body>
{}
</body></html>
"""


def page(title: str, *parts: str) -> str:
    """A page of HTML, its parts one below the other."""
    return _PAGE.format(escape(title), "\n".join([f"<h1>{escape(title)}</h1>", *parts]))


def image(draw: Callable[[], Any]) -> str:
    """A figure as an image in the page; what is missing, where it cannot be drawn."""
    try:
        return embedded("png", to_png(draw()))
    except ImportError as error:
        return f"<p>{escape(str(error))}</p>"


def embedded(kind: str, content: bytes) -> str:
    """An image in the page: of kind png, or svg+xml."""
    return f'<img alt="" src="data:image/{kind};base64,{b64encode(content).decode()}">'


def card(x: Any) -> str:
    """What a notebook shows of x."""
    html: str = x._repr_html_()
    return html


def html_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of the page, from the cells that `text_table` prints."""
    made = [row(*map(escape, head), tag="th"), *(row(*map(escape, cells)) for cells in rows)]
    return f'<table style="border-collapse:collapse">{"".join(made)}</table>'


def text_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The cells in columns: the first to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(
        cell.rjust(width) if i else cell.ljust(width)
        for i, (cell, width) in enumerate(zip(cells, widths, strict=True))).rstrip()
        for cells in [head, *rows])


def write(out: Path, makers: Mapping[str, Callable[[], bytes]]) -> list[str]:
    """Write the files, each whole or not at all; one that lacks a package is named instead."""
    made: dict[str, bytes] = {}
    for name, make in makers.items():               # all before the first is written
        try:
            made[name] = make()
        except ImportError as error:
            print(f"\n{name} was not written: {error}")
    for name, content in made.items():
        write_whole(out / name, content)
    written = list(made)
    print(f"\nwritten to {out}: {', '.join(written)}")
    return written
