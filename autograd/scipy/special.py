"""The special functions of `autograd.numpy.special`, under HIPS autograd's name for them."""

from ..numpy.special import *  # noqa: F403
