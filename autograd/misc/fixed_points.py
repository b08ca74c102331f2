"""HIPS autograd's fixed points, which are not here: their names say what is written instead."""

from typing import TYPE_CHECKING

from ..hips import named as _named

if not TYPE_CHECKING:                   # else type checkers take any name for one of ours
    __getattr__ = _named(__name__)
