"""Explaining: what an operation does to a gradient, in words and in LaTeX, from its rule."""
