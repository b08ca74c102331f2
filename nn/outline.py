"""An outline is a module as a foldable table: what it holds, the shapes, and how many numbers.

What is held in two places is listed in the first and named in the second, so that a module may
share layers, or hold itself.
"""

from collections.abc import Iterator
from html import escape
from typing import Any

from autograd import Tensor, Value
from autograd.show.cards import FAINT, TABLE, cell, row
from autograd.show.wording import short

from .module import Module

LIMIT = 200                             # rows; of what is left out only the number is said


def outline(module: Module) -> str:
    """The HTML of a module: a table in <details>, and one in it for each module with layers."""
    buffers = {id(x): x for inner in module.modules() for _, x in _held(inner)
               if isinstance(x, Tensor) and not x.requires_grad}
    dtypes = {str(p.dtype).split(".")[-1] for p in module.parameters() if isinstance(p, Tensor)}
    words = [" ".join([many(module.count(), "parameter"), *sorted(dtypes)])]
    if buffers:
        words.append(f"{many(sum(x.size for x in buffers.values()), 'number')} in buffers")
    if not module.training:
        words.append("in eval mode")
    head = f"<b>{escape(_title(module))}</b> {FAINT.format(', '.join(words))}"
    rows = "".join(_Rows(module).of(module, ""))
    if not rows:
        return f'<div style="font-size:12px">{head}</div>'
    return (f'<details open style="font-size:12px"><summary>{head}</summary>{TABLE}'
            f"{_row('name', 'kind', 'shape', 'parameters', tag='th')}{rows}</table></details>")


class _Rows:
    """The rows of one outline, in the order of definition; it knows what it has listed where."""

    def __init__(self, whole: Module) -> None:
        self.listed = {id(whole): "the whole"}
        self.left = LIMIT

    def of(self, module: Module, path: str) -> Iterator[str]:
        """A row for each parameter, buffer and module right below a module."""
        things: list[Any] = [*self.leaves(module, path), *inner(module)]
        for i, thing in enumerate(things):
            if self.left <= 0:
                yield _row(f"… {len(things) - i:,} more")
                return
            self.left -= 1
            yield (self.child(thing[0], thing[1], path) if isinstance(thing[1], Module)
                   else _row(*map(escape, thing)))

    def leaves(self, module: Module, path: str) -> Iterator[tuple[str, str, str, str]]:
        """Name, kind, shape and size of each parameter and buffer that is a module's own.

        The Values of one attribute, a list of weights say, have one row together.
        """
        rows: dict[str, list[Any]] = {}
        for name, x in _held(module):
            if not isinstance(x, Module):
                name = name.partition(".")[0] if isinstance(x, Value) else name
                rows.setdefault(name, []).append(x)
        for name, xs in rows.items():
            x, before = xs[0], self.listed.get(id(xs[0]))
            for each in xs:
                self.listed.setdefault(id(each), path + name)
            trained = isinstance(x, Value) or x.requires_grad
            size = len(xs) if isinstance(x, Value) else x.size
            shape = many(size, "Value") if isinstance(x, Value) else str(x.shape)
            yield (short(name), "trainable" if trained else "buffer",
                   f"the same as {short(before, 60)}" if before else shape,
                   f"{size:,}" if trained and not before else "")

    def child(self, name: str, x: Module, path: str) -> str:
        """The row of a module in another: folded if it has layers, else with all that it holds."""
        title, size = _title(x), f"{x.count():,}"
        before = self.listed.setdefault(id(x), path + name)
        if before != path + name:
            return _row(*map(escape, (short(name), title, f"the same as {short(before, 60)}")))
        below = inner(x)
        if any(_bears(y) for _, y in below):
            rows = "".join(self.of(x, f"{path}{name}."))
            title = f"<details><summary>{escape(title)}</summary>{TABLE}{rows}</table></details>"
            return (f"<tr>{cell(escape(short(name)), 'left')}{cell(title, 'left', span=2)}"
                    f"{cell(size)}</tr>")
        if below:
            title += f" ({', '.join(f'{short(key)}: {_title(y)}' for key, y in below)})"
        shapes = [f"{key} {shape}" + " (buffer)" * (trained == "buffer")
                  for key, trained, shape, _ in self.leaves(x, f"{path}{name}.")]
        cells = short(name), short(title, 80), short(", ".join(shapes), 80), size
        return _row(*map(escape, cells))


def _held(holder: Any, path: str = "", around: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The modules and leaves right below a module, in lists and dicts too, each where it is."""
    if isinstance(holder, list | tuple):
        held: Any = enumerate(holder)
    else:
        held = (holder if isinstance(holder, dict) else vars(holder)).items()
    for key, x in held:
        if isinstance(x, list | tuple | dict) and not any(x is y for y in around):
            yield from _held(x, f"{path}{key}.", (*around, x))
        elif (isinstance(x, Module) or (isinstance(x, Value) and x.op is None)
              or (isinstance(x, Tensor) and x.is_leaf)):
            yield f"{path}{key}", x


def inner(module: Module) -> list[tuple[str, Module]]:
    """The modules right below a module, each with its name there."""
    return [(name, x) for name, x in _held(module) if isinstance(x, Module)]


def _bears(module: Module) -> bool:
    """Whether there is a parameter or buffer anywhere in a module."""
    return any(not isinstance(x, Module) for inner in module.modules() for _, x in _held(inner))


def _title(module: Module) -> str:
    """What a module is called, with its options: `Dropout(p=0.5)`."""
    options = [f"{key}={short(repr(value))}" for key, value in vars(module).items()
               if isinstance(value, bool | int | float | str) and key != "training"
               and not key.startswith("_")]
    return short(module.title()) + (f"({', '.join(options)})" if options else "")


def _row(*cells: str, tag: str = "td") -> str:
    return row(*cells, *[""] * (4 - len(cells)), left=3, tag=tag)


def many(n: int, what: str) -> str:
    """So many of something: `1 parameter`, `2 parameters`."""
    return f"{n:,} {what}{'s' * (n != 1)}"
