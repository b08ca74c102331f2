"""Small helpers of HIPS autograd's programs: containers as vectors, and plain optimisers."""

from .flatten import flatten as flatten
