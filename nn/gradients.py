"""A gradient history is the norm of each parameter's gradient, epoch by epoch or step by step.

Norms that grow from step to step explode, norms that shrink towards the input vanish.
"""

import math
from html import escape
from typing import Any

import numpy

from autograd.errors import ArgumentError
from autograd.show.wording import number, short

from .groups import groups, joined, norm
from .monitor import scale, styles
from .pictures.paper import axes_for, open_frame, plain, whole_numbers
from .run import Callback, Row, Run


class GradientHistory(Callback):
    """A callback that records the norm of each parameter's gradient, before it is clipped.

    `rows` has a dict for each epoch, or each step with `every="step"`: "epoch", "batch", and the
    norms by the parameter's name, Values layer by layer; None where there was no gradient. For an
    epoch they are means over its batches. `gradients["layers.0.weight"]` is a column. It works in
    compiled training too; on a device every step waits for its norms.
    """

    gradients = True

    def __init__(self, every: str = "epoch") -> None:
        if every not in ("epoch", "step"):
            raise ArgumentError(f"GradientHistory of every {every!r}",
                                'give every="epoch" or every="step"')
        self.every = every
        self.rows: list[Row] = []
        self._epoch: list[Row] = []         # the steps of the epoch that runs

    def __getitem__(self, name: str) -> list[float | None]:
        if name not in self.names:
            raise ArgumentError(f"no gradients of {name!r}",
                                f"the parameters are {', '.join(self.names) or 'none yet'}")
        return [row.get(name) for row in self.rows]

    @property
    def names(self) -> list[str]:
        """The parameters, in their order in the model."""
        return [name for name in (self.rows or [{}])[-1] if name not in ("epoch", "batch")]

    def on_train_begin(self, run: Run) -> None:
        if not len(run.history):
            self.rows = []

    def on_epoch_begin(self, run: Run, epoch: int) -> None:
        self._epoch = []

    def on_batch_end(self, run: Run, row: Row) -> None:
        found = {"epoch": row["epoch"], "batch": row["batch"]}
        for name, group in groups(run.model).items():
            parts = joined(row["gradients"][p] for p in group if p in row["gradients"])
            found[name] = None if parts is None else norm(parts)
        (self.rows if self.every == "step" else self._epoch).append(found)

    def on_epoch_end(self, run: Run, row: Row) -> None:
        if self._epoch:
            means = {name: _mean([step[name] for step in self._epoch]) for name in self._epoch[-1]}
            self.rows.append(self._epoch[-1] | {
                name: mean for name, mean in means.items() if name not in ("epoch", "batch")})

    def state_dict(self) -> Row:
        """The names, and the rows as an array; which of its numbers are None is beside it."""
        table = [[row.get(name) for name in ("epoch", "batch", *self.names)] for row in self.rows]
        return {"every": self.every, "names": self.names,
                "rows": numpy.array(table, float).reshape(len(table), len(self.names) + 2),
                "none": numpy.array([[x is None for x in line] for line in table], bool)}

    def load_state_dict(self, saved: Row) -> None:
        if saved["every"] != self.every:
            raise ArgumentError(f"GradientHistory of every {self.every}, saved for every "
                                f"{saved['every']}", f"give every={saved['every']!r}")
        names = ("epoch", "batch", *saved["names"])
        self.rows = [{name: None if none else int(x) if i < 2 else x for i, (name, x, none)
                      in enumerate(zip(names, *line, strict=True))}
                     for line in zip(saved["rows"].tolist(), saved["none"].tolist(), strict=True)]

    def plot(self, ax: Any = None) -> Any:
        """The norms on a logarithmic scale, on a Matplotlib Axes (a new one if none is given).

        Returns the Axes. Raises ImportError with the line that installs Matplotlib.
        """
        ax, steps = axes_for("GradientHistory.plot", ax, 7.0, 4.0), self.every == "step"
        xs = range(1, len(self.rows) + 1) if steps else [row["epoch"] for row in self.rows]
        for name, style in zip(self.names, styles(self.names), strict=True):
            values = [math.nan if x is None else x for x in self[name]]
            ax.plot(xs, values, label=plain(short(name, 40)),
                    marker="o" if len(values) == 1 else None, **style)
        scale(ax, [x for name in self.names for x in self[name]])
        open_frame(ax)
        whole_numbers(ax.xaxis)
        ax.set(xlabel="step" if steps else "epoch", ylabel="gradient norm")
        if self.names:
            ax.legend(fontsize="small", frameon=False)
        return ax

    def _cells(self) -> list[list[str]]:
        """A head, and for each parameter the first, the least, the greatest and the last norm."""
        rows = []
        for name in self.names:
            column = [x for x in self[name] if x is not None]
            some = [column[0], min(column), max(column), column[-1]] if column else [None] * 4
            rows.append([short(name, 40), *("–" if x is None else number(x, 3) for x in some)])
        return [["gradient norm", "first", "least", "greatest", "last"], *rows]

    def __repr__(self) -> str:
        cells = self._cells()
        widths = [max(len(row[i]) for row in cells) for i in range(5)]
        lines = ["  ".join([row[0].ljust(widths[0]),
                            *(x.rjust(w) for x, w in zip(row[1:], widths[1:], strict=True))])
                 for row in cells]
        return "\n".join([f"{len(self.rows)} {self.every}s", *lines])

    def _repr_html_(self) -> str:
        from autograd.show.cards import TABLE, row

        head, *body = [[escape(x) for x in line] for line in self._cells()]
        return f"{TABLE}{row(*head, tag='th')}{''.join(row(*line) for line in body)}</table>"


def _mean(norms: list[float | None]) -> float | None:
    """The mean of those that there are."""
    found = [x for x in norms if x is not None]
    return math.fsum(found) / len(found) if found else None
