"""Stepping: the moments of a training step one by one, in a notebook, a page or a terminal."""
