"""Paper is what pictures are drawn on: the Axes or Figure that was given, else a new one.

Matplotlib is imported here, when something is drawn. Only a picture that was given nothing to be
drawn on goes through pyplot, which shows it in a notebook.
"""

from io import BytesIO
from typing import Any

from autograd.errors import ArgumentError, describe

# Okabe and Ito's colours, which the colour-blind can tell apart, and two of Tol's.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#332288",
           "#882255", "#F0E442")


def blank(width: float = 6.4, height: float = 4.8) -> Any:
    """A new Figure of its own, in inches, that pyplot does not know of."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plotting needs Matplotlib\nhelp: pip install matplotlib") from error
    return _spaced(Figure(figsize=(width, height), layout="constrained"))


def _of_pyplot(width: float, height: float) -> Any:
    blank()                             # raises where Matplotlib is missing
    from matplotlib import pyplot

    return _spaced(pyplot.figure(figsize=(width, height), layout="constrained"))


def _spaced(figure: Any) -> Any:
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08, wspace=0.06)
    return figure


def axes_for(name: str, ax: Any, width: float = 6.4, height: float = 4.8) -> Any:
    """The Axes that the picture `name` was given, else those of a new Figure of pyplot."""
    if ax is None:
        return _of_pyplot(width, height).subplots()
    blank()
    from matplotlib.axes import Axes

    if not isinstance(ax, Axes):
        raise ArgumentError(f"{name} draws on Matplotlib Axes, got {describe(ax)}",
                            "give ax=figure.subplots(), or nothing for a figure of its own")
    return ax


def panels_for(name: str, figure: Any, columns: int, width: float, height: float) -> list[Any]:
    """Axes beside one another on the Figure given, else on a new one of pyplot."""
    blank()
    from matplotlib.figure import FigureBase

    if figure is None:
        figure = _of_pyplot(width, height)
    elif not isinstance(figure, FigureBase):
        raise ArgumentError(f"{name} draws on a Matplotlib Figure, got {describe(figure)}",
                            "give figure=pyplot.figure(), or nothing for one of its own")
    return list(figure.subplots(1, columns, squeeze=False)[0])


def plain(name: object) -> str:
    """A name as Matplotlib shows it: no mathematics between dollar signs."""
    return str(name).replace("$", r"\$")


def open_frame(ax: Any) -> None:
    """Take the upper and the right line of the frame away."""
    ax.spines[["top", "right"]].set_visible(False)


def whole_numbers(*axes: Any) -> None:
    """Let these axes count: 1, 2, 3, not 1.5."""
    from matplotlib.ticker import MaxNLocator

    for axis in axes:
        axis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def to_png(picture: Any, dpi: float = 150) -> bytes:
    """A Figure, or the one that these Axes are on, as a PNG: the same bytes in every process.

    Raises ArgumentError for anything else. `picture` may be what a `plot_` function returned.
    """
    blank()
    from matplotlib.artist import Artist

    drawn = picture[0] if isinstance(picture, list) and picture else picture
    figure = drawn.figure if isinstance(drawn, Artist) else None
    if figure is None:
        raise ArgumentError(f"to_png of {describe(picture)}",
                            "give a Matplotlib Figure or Axes, as in "
                            "to_png(nn.plot_history(history))")
    png = BytesIO()
    figure.figure.savefig(png, format="png", dpi=dpi, bbox_inches="tight",
                          metadata={"Software": None})
    return png.getvalue()
