"""A monitor watches each parameter train: how large its gradient is, and how far it moved.

A gradient that shrinks from layer to layer towards the input vanishes, one that is 0 is dead. An
update ratio says how much of a parameter was replaced since the last look.
"""

import math
import re
from collections.abc import Mapping
from html import escape
from typing import Any

import numpy

from autograd.errors import ArgumentError, describe
from autograd.show.wording import number, short
from autograd.storage import quiet

from .groups import groups, joined, norm
from .module import Module
from .optimizer import gradient
from .pictures.paper import open_frame, panels_for, plain, whole_numbers

MEASURES = {"gradient": "gradient norm", "update": "update ratio"}
_LISTED = 20                            # parameters that the legend names


class Monitor:
    """Records each parameter's gradient norm and update ratio: fit(..., callbacks=[monitor]).

    `rows` has a dict for each call and parameter: "epoch", "parameter", "gradient", the norm of the
    gradient as it is then (that of the epoch's last batch), and "update", |new − old| / |old| since
    the call before. None (printed –) says that there was none to measure: a compiled step keeps no
    gradients. Values count together, layer by layer. In a loop of your own call `monitor()` before
    `zero_grad()`. Raises ArgumentError for what is no Module.
    """

    def __init__(self, model: Module) -> None:
        if not isinstance(model, Module):
            raise ArgumentError(f"a Monitor of {describe(model)}", "give it the model: "
                                "monitor = nn.Monitor(model)")
        self.model = model
        self.rows: list[dict[str, Any]] = []
        self._epoch = 0
        self._last = {name: _numbers(group) for name, group in groups(model).items()}

    def __call__(self, row: Mapping[str, float] | None = None) -> None:
        """Look at the model now; `row` is that of the epoch, which is counted on without one."""
        self._epoch = max(self._epoch + 1, int((row or {}).get("epoch", 0)))
        for name, group in groups(self.model).items():
            old, new = self._last.get(name), _numbers(group)
            self.rows.append({"epoch": self._epoch, "parameter": name,
                              "gradient": _gradient(group), "update": _ratio(old, new)})
            self._last[name] = new

    def plot(self, figure: Any = None) -> list[Any]:
        """Gradient norms and update ratios over the epochs, the first layer dark, the last bright.

        The scale is logarithmic; where something is 0 it has a 0, marked ×. The legend counts what
        cannot be drawn. Draws on a Matplotlib Figure (a new one if none is given) and returns its
        two Axes.
        """
        axes = panels_for("Monitor.plot", figure, 2, 10.0, 4.0)
        columns = self._columns()
        labels = [_label(name, column) for name, column in columns.items()]
        for ax, (measure, heading) in zip(axes, MEASURES.items(), strict=True):
            for column, label, style in zip(columns.values(), labels, styles(list(columns)),
                                            strict=True):
                values = [math.nan if x is None else x for x in column[measure]]
                dead = [i for i, x in enumerate(values) if x == 0]
                ax.plot(column["epoch"], values, label=plain(label),
                        marker="x" if dead else "o" if len(values) == 1 else None,
                        markevery=dead or None, **style)
            scale(ax, [x for column in columns.values() for x in column[measure]])
            open_frame(ax)
            whole_numbers(ax.xaxis)
            ax.set(xlabel="epoch", ylabel=heading)
        if columns:
            _legend(axes[1], list(columns), labels)
        return axes

    def _columns(self) -> dict[str, dict[str, list[Any]]]:
        """By parameter: its epochs, gradients and updates."""
        columns: dict[str, dict[str, list[Any]]] = {}
        for row in self.rows:
            column = columns.setdefault(row["parameter"], {key: [] for key in ("epoch", *MEASURES)})
            for key, values in column.items():
                values.append(row[key])
        return columns

    def _cells(self) -> list[list[str]]:
        """The table of the last call: a head, and a row for each parameter."""
        rows = [row for row in self.rows if row["epoch"] == self._epoch]
        return [["parameter", *MEASURES.values()],
                *([short(row["parameter"], 40), _cell(row["gradient"], " (dead)"),
                   _cell(row["update"])] for row in rows)]

    def __repr__(self) -> str:
        cells = self._cells()
        widths = [max(len(row[i]) for row in cells) for i in range(3)]
        lines = ["  ".join([row[0].ljust(widths[0]), row[1].rjust(widths[1]),
                            row[2].rjust(widths[2])]) for row in cells]
        return "\n".join(filter(None, [self._title(), *lines, self._why()]))

    def _repr_html_(self) -> str:
        head, *body = [[escape(cell) for cell in row] for row in self._cells()]
        top = "".join(f"<th>{cell}</th>" for cell in head)
        rows = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>"
                       for row in body)
        return (f"<table><caption>{escape(self._title())}</caption>"
                f"<thead><tr>{top}</tr></thead><tbody>{rows}</tbody></table>{self._why()}")

    def _title(self) -> str:
        when = f"after epoch {self._epoch}" if self._epoch else "not called yet"
        return f"Monitor of {self.model.title()}, {when}"

    def _why(self) -> str:
        """Why no gradient is there at all; empty where one is."""
        now = {row["gradient"] for row in self.rows if row["epoch"] == self._epoch}
        return "–: no gradient was there; a compiled step keeps none" if now == {None} else ""


# -- measuring -------------------------------------------------------------------------------------

def _numbers(group: dict[str, Any]) -> Any:
    """The numbers of a group in an array of their own."""
    return joined(p.data for p in group.values())


def _gradient(group: dict[str, Any]) -> float | None:
    """The norm of what was computed of the gradient, None if nothing was."""
    found = joined(g for g in map(gradient, group.values()) if g is not None)
    return None if found is None else norm(found)


def _ratio(old: Any, new: Any) -> float | None:
    """|new − old| / |old|; 0 where nothing moved, inf where 0 did."""
    if old is None or old.shape != new.shape:
        return None
    with quiet():
        moved, size = norm(new - old), norm(old)
    return moved / size if size else moved if moved == 0 else math.inf


# -- showing ---------------------------------------------------------------------------------------

def _cell(x: float | None, at_zero: str = "") -> str:
    return "–" if x is None else f"0{at_zero}" if x == 0 else number(x, 3)


def _label(name: str, column: dict[str, list[Any]]) -> str:
    """The name, and what of its lines lies at 0 or cannot be drawn at all."""
    gradients, count = column["gradient"], len(column["epoch"])
    kinds = {"no gradient": sum(x is None for x in gradients),
             "dead": sum(x == 0 for x in gradients),
             "nan or inf": sum(any(x is not None and not math.isfinite(x) for x in pair)
                               for pair in zip(gradients, column["update"], strict=True))}
    notes = [kind if n == count else f"{kind} in {n} of {count}" for kind, n in kinds.items() if n]
    return short(name, 40) + (f" ({', '.join(notes)})" if notes else "")


def styles(names: list[str]) -> list[dict[str, Any]]:
    """A colour for each layer, from dark to bright with depth; biases are dashed."""
    from matplotlib import colormaps

    layers = [re.sub(r"\.?[^.\d][^.]*$", "", name) or name for name in names]
    order = list(dict.fromkeys(layers))
    shades = colormaps["viridis"](numpy.linspace(0.0, 0.88, len(order)))
    return [{"color": shades[order.index(layer)], "linewidth": 1.4,
             "linestyle": "--" if name.endswith("bias") else "-"}
            for name, layer in zip(names, layers, strict=True)]


def scale(ax: Any, values: list[float | None]) -> None:
    """A logarithmic scale, one that reaches 0 where there is a 0."""
    positive = [x for x in values if x is not None and 0 < x < math.inf]
    if not positive:
        return
    low, high = max(min(positive), 1e-300), min(max(positive), 1e300)
    ax.set_autoscaley_on(False)                     # Matplotlib's own limits would overflow
    if 0 in values:
        low = 10.0 ** math.floor(math.log10(low))
        ax.set_yscale("symlog", linthresh=low, linscale=0.5)
        ax.set_ylim(-0.2 * low, 2 * high)
    else:
        ax.set_yscale("log")
        ax.set_ylim(low / 2, 2 * high)


def _legend(ax: Any, names: list[str], labels: list[str]) -> None:
    """The names beside the panels; of very many those that need a word, and some between."""
    noted = [i for i, label in enumerate(labels) if label != short(names[i], 40)]
    spread = range(0, len(names), -(-len(names) // _LISTED))
    kept = sorted(list(dict.fromkeys([*noted, *spread]))[:_LISTED])
    ax.legend([ax.lines[i] for i in kept], [plain(labels[i]) for i in kept], fontsize="small",
              title=f"{len(kept)} of {len(names)} parameters" if len(kept) < len(names) else None,
              loc="upper left", bbox_to_anchor=(1.0, 1.02), borderaxespad=0.6, frameon=False)
