"""Seeing: the graph that led to a result, as a picture, as DOT source and as text."""

from .graph import Graph, draw

__all__ = ["Graph", "draw"]
