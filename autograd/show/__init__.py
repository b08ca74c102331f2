"""Seeing: graphs as pictures and text, gradients step by step, and why a number is what it is."""

from .drawing.draw import draw
from .drawing.graph import Graph
from .explaining.explain import explain
from .finding.kinks import Kink, kinks
from .finding.nan import explain_nan
from .finding.why import Path, Why, why
from .stepping.element import element
from .stepping.steps import Steps

__all__ = ["Graph", "Kink", "Path", "Steps", "Why", "draw", "element", "explain", "explain_nan",
           "kinks", "why"]
