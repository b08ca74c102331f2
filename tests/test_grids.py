"""Shapes that arrays have together, and grids: as NumPy has them."""

import numpy
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

import autograd.numpy as np
from autograd import ShapeError, Tensor


@given(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3))
def test_shapes_are_broadcast_together_as_numpy_does(drawn):
    assert np.broadcast_shapes(*drawn.input_shapes) == drawn.result_shape
    arrays = np.broadcast_arrays(*map(numpy.ones, drawn.input_shapes))
    assert {x.shape for x in arrays} == {drawn.result_shape}


def test_what_cannot_be_broadcast_or_unstacked_is_named():
    assert np.broadcast_shapes() == () and np.broadcast_shapes((0, 1), (3,)) == (0, 3)
    with pytest.raises(ShapeError, match=r"shapes \(2,\) and \(3,\) do not fit"):
        np.broadcast_shapes((2,), (3,))
    with pytest.raises(ShapeError, match=r"unstack of shape \(\)"):
        np.unstack(Tensor(1.0))
    with pytest.raises(ShapeError, match="meshgrid of shapes"):
        np.meshgrid(numpy.ones((2, 2)), numpy.ones(2))
    with pytest.raises(ShapeError, match="indexing='yx'"):
        np.meshgrid(numpy.ones(2), indexing="yx")
