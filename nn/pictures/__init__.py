"""Pictures of training: curves, decision boundaries and weights, drawn on Matplotlib Axes."""

from .boundary import plot_boundary
from .curves import plot_history
from .paper import to_png
from .weights import plot_weights

__all__ = ["plot_boundary", "plot_history", "plot_weights", "to_png"]
