"""What is fitted: a line, its weights as numbers, and a deeper model with all that has a state."""

import numpy

import nn

X = numpy.linspace(-1, 1, 24)[:, None]
Y = 3 * X + 0.5


def line():
    return nn.Linear(1, 1, rng=0)


def deep(dtype=None, dropout=0.3):
    """Two layers with Dropout between."""
    return nn.Sequential(nn.Linear(1, 6, rng=0, dtype=dtype), "tanh", nn.Dropout(dropout, rng=1),
                         nn.Linear(6, 1, rng=2, dtype=dtype))


def weights(model):
    return [float(x) for array in model.state_dict().values() for x in numpy.ravel(array)]


def bits(tree):
    """A state in which arrays and floats are told apart bit by bit."""
    if isinstance(tree, dict):
        return {key: bits(x) for key, x in tree.items()}
    if isinstance(tree, list):
        return [bits(x) for x in tree]
    if isinstance(tree, numpy.ndarray):
        return str(tree.dtype), tree.shape, tree.tobytes()
    return repr(tree)


class InterruptAt:
    """A trace that raises KeyboardInterrupt at the n-th line run in some files."""

    def __init__(self, n, files):
        self.left, self.files = n, files

    def __call__(self, frame, event, arg):
        if not frame.f_code.co_filename.replace("\\", "/").endswith(self.files):
            return None
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self
