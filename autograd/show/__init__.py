"""Seeing: the graph that led to a result, as a picture and as text, and why a gradient is so."""

from .graph import Graph, draw
from .why import Path, Why, why

__all__ = ["Graph", "Path", "Why", "draw", "why"]
