"""The report of a clustering: digits and what is left of them, the groups, the code as a map."""

from collections.abc import Sequence
from typing import Any

import numpy

from ..pictures import plot_history
from ..pictures.paper import COLOURS, blank
from . import report
from .digit_data import SIDE
from .report import card, embedded, html_table, image

_COLOURS = *COLOURS[:9], "#808000"      # the tenth is too pale for letters

def page(found: Any, table: tuple[Sequence[str], Sequence[Sequence[str]]]) -> str:
    """The report as HTML, of a Found and a table of all seeds."""
    (code, pca), (by_code, by_pixels, by_pca) = found.errors, found.indices
    return report.page(
        "Clustering",
        f"<p>An autoencoder of {found.model.count():,} weights squeezes the 64 pixels of a digit "
        "into ten numbers and draws the digit from them again. Digits that it had not seen come "
        f"back with a mean squared error of {code:.5f}; from the first ten principal components "
        f"it is {pca:.5f}.</p>",
        image(lambda: plot_digits(found, blank(9.6, 4.0))), html_table(*table),
        "<h2>Groups that nobody named</h2>", f"<p>{verdict(by_code, by_pixels, by_pca)}</p>",
        "<h2>A map of the digits</h2>", image(lambda: plot_codes(found, blank(9.6, 4.8))),
        "<p>Digits held out, each at the two directions in which the ten numbers vary most.</p>",
        "<h2>Learning</h2>", image(lambda: plot_history(found.history, blank(4.8, 3.6))),
        "<h2>The network</h2>", card(found.model),
        embedded("svg+xml", found.model.draw(found.x[:1], depth=1).svg().encode()))


def verdict(by_code: float, by_pixels: float, by_pca: float) -> str:
    """What the adjusted Rand indices say, in words."""
    indices = {"the code": by_code, "the pixels": by_pixels, "PCA": by_pca}
    first, second, third = sorted(indices, key=lambda name: -indices[name])
    return (f"k-means of ten groups agrees best with the digits on {first}: an adjusted Rand index "
            f"of {indices[first]:.3f}, against {indices[second]:.3f} on {second} and "
            f"{indices[third]:.3f} on {third}; 1 is every digit its own group, 0 is chance. The "
            "code is made to draw the pixels again, not to tell digits apart.")


def plot_digits(found: Any, figure: Any) -> Any:
    """A digit of each class held out, drawn again from the code and by PCA, above the groups."""
    rows = numpy.array([numpy.flatnonzero(found.y == digit)[0] for digit in range(10)])
    lines = {"held out": found.x[rows], "from the code": found.images["code"][rows],
             "from PCA": found.images["PCA"][rows],
             "centres of\nthe groups": [centre for centre, _, _ in found.groups]}
    axes = figure.subplots(len(lines), 10)
    for (name, images), line in zip(lines.items(), axes, strict=True):
        for pixels, ax in zip(images, line, strict=True):
            ax.imshow(pixels.reshape(SIDE, SIDE), cmap="gray_r", vmin=0.0, vmax=1.0)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for (_, digit, share), ax in zip(found.groups, axes[-1], strict=True):
        ax.set_xlabel(f"{share:.0%} are {digit}")
    return figure


def plot_codes(found: Any, figure: Any) -> Any:
    """Each digit held out at the first two principal components of its code, and of its pixels."""
    axes = figure.subplots(1, 2)
    for ax, title, points in zip(axes, ("the code", "PCA of the pixels"), found.codes.values(),
                                 strict=True):
        centred = points - points.mean(0)
        across = centred @ numpy.linalg.svd(centred, full_matrices=False)[2][:2].T
        for digit in range(10):
            ax.scatter(*across[found.y == digit].T, s=40, marker=f"${digit}$", linewidths=0.3,
                       color=_COLOURS[digit])
        ax.set(title=title, xticks=[], yticks=[])
    return figure
