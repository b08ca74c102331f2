"""The table: every primitive and its derivative, each written once."""

from . import (
    constants,
    decompositions,
    elementwise,
    fft,
    indexing,
    linalg,
    reductions,
    shapes,
    special,
    special_bessel,
    special_beta,
    special_gamma,
    windows,
)

__all__ = ["constants", "decompositions", "elementwise", "fft", "indexing", "linalg",
           "reductions", "shapes", "special", "special_bessel", "special_beta", "special_gamma",
           "windows"]
