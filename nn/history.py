"""A history is what training measured: one row of numbers an epoch, printed as a table."""

import os
from collections.abc import Iterator
from html import escape
from itertools import chain
from numbers import Real
from typing import Any

from autograd.errors import ArgumentError

_SHOWN = 12                             # rows of a longer history that are printed
_CHARTS = 6                             # pictures of a history with many metrics


class History:
    """The rows of a training run: `history["loss"]` is a column, `history[-1]` a row.

    A column goes by the name in the rows or by its heading: "validation_loss", "validation loss".

    `interrupted` says whether a KeyboardInterrupt ended it, `best_epoch` which epoch had the
    lowest loss: of the validation data where there is some, else of training.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []
        self.interrupted = False

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, float]]:
        return iter(self.rows)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, int | slice):
            return self.rows[key]
        if not self.rows:
            return []
        names = {name.replace("_", " "): name for name in self.rows[0]} | dict(
            zip(self.rows[0], self.rows[0], strict=True))
        if key not in names:
            raise ArgumentError(f"no column {key!r}", f"the columns are {', '.join(self.rows[0])}")
        return [row[names[key]] for row in self.rows]

    @property
    def monitored(self) -> str:
        """The column that says which epoch is best."""
        return "validation_loss" if self.rows and "validation_loss" in self.rows[0] else "loss"

    @property
    def best_epoch(self) -> int:
        """The epoch, counted from 1, of the lowest loss; the first of equals, 0 before any."""
        column = self.monitored
        losses = [loss if loss == loss else float("inf")
                  for loss in (self[column] if self.rows and column in self.rows[0] else [])]
        return losses.index(min(losses)) + 1 if losses else 0

    @property
    def columns(self) -> list[str]:
        """The names in all rows, "epoch" first: a callback may have added some."""
        return list(dict.fromkeys(["epoch", *chain(*self.rows)]))

    def _cells(self) -> tuple[list[str], list[list[str]]]:
        """The head and the rows to show: all, or some spread evenly, the best and the last."""
        n, best = len(self.rows), self.best_epoch
        shown = range(n) if n <= _SHOWN else sorted(
            {*range(0, n - 1, -(-n // (_SHOWN - 2))), max(best - 1, 0), n - 1})
        names = self.columns[1:] or ["loss"]
        head = ["epoch", *(_heading(name) for name in names), ""]
        return head, [[f"{i + 1}", *(_text(self.rows[i].get(name)) for name in names),
                       "best" if i + 1 == best else ""] for i in shown]

    def __repr__(self) -> str:
        head, rows = self._cells()
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
                 for row in [head, *rows]]
        return "\n".join([line.rstrip() for line in lines] + self._notes())

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{note}</p>" for note in self._notes())
        if not self.rows:
            return f"<p>no epochs yet</p>{notes}"
        head, rows = self._cells()
        cells = "".join(f"<th>{escape(name)}</th>" for name in head)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
                       for row in rows)
        best, column, said = self.best_epoch, self.monitored, _epochs(len(self))
        if best:
            said += f", best: {best} ({_heading(column)} {_text(self.rows[best - 1][column])})"
        return (f"{self._charts()}<details><summary>{escape(said)}</summary><table><thead><tr>"
                f"{cells}</tr></thead><tbody>{body}</tbody></table></details>{notes}")

    def _charts(self) -> str:
        """A picture for the loss and for each metric, with the validation data as second line."""
        from .line_chart import chart

        charts: dict[str, dict[str, list[float]]] = {}
        for name in self.columns[1:]:
            column: list[Any] = [row.get(name) for row in self.rows]
            numbers = [float(x) for x in column if isinstance(x, Real)]
            if len(numbers) == len(self.rows):
                title = name.removeprefix("validation_")
                line = "training" if title == name else "validation"
                charts.setdefault(title, {})[line] = numbers
        return "".join(chart(_heading(title), lines, self.best_epoch)
                       for title, lines in list(charts.items())[:_CHARTS])

    def _notes(self) -> list[str]:
        return [f"interrupted after {_epochs(len(self))}"] if self.interrupted else []

    def plot(self, ax: Any = None) -> Any:
        """The losses over the epochs, on a Matplotlib Axes (a new one if none is given).

        Returns the Axes: `history.plot().figure.savefig("loss.png")` makes a file. Raises
        ImportError with the line that installs Matplotlib, ArgumentError for a path.
        """
        if isinstance(ax, str | os.PathLike):
            raise ArgumentError(f"plot draws on Matplotlib Axes, got a path, {os.fspath(ax)!r}",
                                f"history.plot().figure.savefig({os.fspath(ax)!r})")
        try:
            from matplotlib.ticker import MaxNLocator

            if ax is None:
                from matplotlib import pyplot

                ax = pyplot.subplots()[1]
        except ImportError as error:
            raise ImportError("plotting needs Matplotlib\nhelp: pip install matplotlib") from error
        epochs = range(1, len(self) + 1)
        for name, label in (("loss", "training"), ("validation_loss", "validation")):
            if self.rows and name in self.rows[0]:
                ax.plot(epochs, self[name], "o-" if len(self) == 1 else "-", label=label)
        if self.rows:
            ax.axvline(self.best_epoch, color="0.8", zorder=0, label=f"best: {self.best_epoch}")
            ax.legend()
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.set(xlabel="epoch", ylabel="loss")
        return ax


def _heading(name: str) -> str:
    return _short(name.replace("_", " "))


def _text(x: Any) -> str:
    """A number with four digits; what else a row may hold in a few characters."""
    return f"{float(x):.4g}" if isinstance(x, Real) else "" if x is None else _short(x)


def _short(x: Any) -> str:
    from autograd.show.wording import short

    return short(x)


def _epochs(n: int) -> str:
    return f"{n} epoch{'s' * (n != 1)}"
