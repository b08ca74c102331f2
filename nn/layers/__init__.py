"""Layers are the modules that networks are built of, each a formula on batches."""

from .linear import Dropout, Linear, Sequential

__all__ = ["Dropout", "Linear", "Sequential"]
