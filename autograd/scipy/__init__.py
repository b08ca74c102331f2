"""HIPS autograd's names for some of SciPy: `autograd.scipy.special` and two of `stats`.

SciPy itself takes Tensors where it follows the array API standard: docs/interop.md says where.
"""
