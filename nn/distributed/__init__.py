"""Ranks are the processes of one MPI job: each holds the whole model, and a part of every batch.

    mpiexec -n 4 python train.py        nn.fit(model, x, y, ..., distributed=True)

All ranks start with the weights of rank 0 and add their gradients up in one message, so they take
the same step. A rank that fails tells the others, and one that does not come is named.
"""

from .messages import DistributedError
from .ranks import Alone, Ranks

__all__ = ["Alone", "DistributedError", "Ranks"]
