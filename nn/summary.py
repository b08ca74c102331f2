"""A summary is a model as a table of its layers: what each puts out, and how much it learns."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from autograd import Tensor, Value
from autograd.errors import describe
from autograd.show.cards import TABLE, row
from autograd.show.wording import short

from .evaluation import predict
from .module import Module, leaves
from .neuron import Neuron
from .outline import inner, many


def summary(model: Module, example: Any) -> "Summary":
    """Each layer of a model with the shape of its output for an example, and its parameters.

    `example` is a batch as the model takes it, such as x[:1]; it is asked in eval mode, and nothing
    is recorded. Raises what the model raises for an example that does not fit.
    """
    shapes: dict[int, str] = {}
    with _noted(model, shapes):
        predict(model, example)
    return Summary(model, shapes)


class Summary:
    """The table that `summary` returns: `rows` of (layer, output shape, parameters), and totals."""

    def __init__(self, model: Module, shapes: dict[int, str]) -> None:
        self.rows = list(_rows(model, "", 0, shapes, {}))
        self.total = model.count()
        self.buffers = sum(x.size for _, x in leaves(model)
                           if isinstance(x, Tensor) and not x.requires_grad)

    def _said(self) -> str:
        held = f", {many(self.buffers, 'number')} in buffers" if self.buffers else ""
        return many(self.total, "parameter") + held

    def __repr__(self) -> str:
        cells = [("layer", "output shape", "parameters"),
                 *((name, shape, f"{count:,}") for name, shape, count in self.rows)]
        widths = [max(len(line[i]) for line in cells) for i in range(3)]
        lines = [f"{a.ljust(widths[0])}  {b.ljust(widths[1])}  {c.rjust(widths[2])}"
                 for a, b, c in cells]
        return "\n".join([*lines, self._said()])

    def _repr_html_(self) -> str:
        rows = [row("layer", "output shape", "parameters", left=2, tag="th")]
        for name, shape, count in self.rows:
            indent = "&emsp;" * ((len(name) - len(name.lstrip())) // 2)
            rows.append(row(indent + escape(name.lstrip()), escape(shape), f"{count:,}", left=2))
        return f"{TABLE}{''.join(rows)}</table><p>{escape(self._said())}</p>"


def _rows(module: Module, name: str, depth: int, shapes: dict[int, str],
          listed: dict[int, str]) -> Iterator[tuple[str, str, int]]:
    """The row of a module, then those of the modules in it; neurons are told by their layer."""
    title = short(f"{name} {module.title()}".strip(), 60)
    before = listed.setdefault(id(module), name)
    if before != name:
        title += f", the same as {short(before, 40)}"
    first = before == name
    yield "  " * depth + title, shapes.get(id(module), "–"), module.count() if first else 0
    if first:
        for key, x in inner(module):
            if not isinstance(x, Neuron):
                yield from _rows(x, f"{name}.{key}".lstrip("."), depth + 1, shapes, listed)


@contextmanager
def _noted(model: Module, shapes: dict[int, str]) -> Iterator[None]:
    """Inside, each module notes the shape of what it puts out first."""
    def noting(module: Module) -> Any:
        def forward(*args: Any, **options: Any) -> Any:
            out = own(*args, **options)
            shapes.setdefault(id(module), _shape(out))
            return out

        own = module.forward
        return forward

    modules = model.modules()
    try:
        for module in modules:
            vars(module)["forward"] = noting(module)
        yield
    finally:
        for module in modules:
            vars(module).pop("forward", None)


def _shape(out: Any) -> str:
    """The shape of what a module puts out, of several things each, or how many Values."""
    if isinstance(out, list) and out and all(isinstance(x, Value) for x in out):
        return many(len(out), "Value")
    if isinstance(out, tuple | list):
        return ", ".join(map(_shape, out))
    if isinstance(out, Value):
        return "a Value"
    return str(tuple(out.shape)) if isinstance(out, Tensor) else describe(out)
