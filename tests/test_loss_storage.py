"""Losses keep the dtype of the prediction, and run over any array library."""

import math

import numpy
import pytest
from numpy.testing import assert_allclose

from autograd import StorageError, Tensor
from nn import binary_cross_entropy, cross_entropy, hinge_loss, huber_loss, l1_loss, mse_loss

rng = numpy.random.default_rng(0)


@pytest.mark.parametrize("target", [numpy.zeros(3), numpy.zeros(3, int), numpy.zeros(3, bool),
                                    Tensor(numpy.zeros(3)), [0.0, 0.0, 0.0]])
def test_the_loss_has_the_dtype_of_the_prediction(target):
    p = Tensor(numpy.ones(3, numpy.float32), requires_grad=True)
    for loss in (mse_loss, huber_loss, binary_cross_entropy):
        assert loss(p, target).dtype == numpy.float32
    assert cross_entropy(p, numpy.array([1, 0, 0])).dtype == numpy.float32
    assert cross_entropy(p, 0).dtype == numpy.float32


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64", "int64"])
def test_class_indices_of_any_integer_dtype(dtype):
    logits = numpy.eye(3)
    expected = cross_entropy(logits, numpy.array([0, 2, 1]))
    assert cross_entropy(logits, numpy.array([0, 2, 1], dtype)) == expected
    assert cross_entropy(Tensor(logits), Tensor([0, 2, 1])).item() == expected


def test_integers_as_logits_are_made_floats():
    assert cross_entropy(numpy.array([[1, 2]]), numpy.array([0])) == pytest.approx(
        math.log1p(math.e))


def test_losses_run_over_any_array_library():
    xp = pytest.importorskip("array_api_strict", reason="pip install array-api-strict")
    x, y = rng.normal(size=(5, 3)), numpy.array([0, 1, 2, 1, 1])
    cases = [(cross_entropy, y), (cross_entropy, rng.dirichlet([1, 1, 1], 5)), (mse_loss, x[::-1]),
             (l1_loss, x[::-1]), (huber_loss, x[::-1]), (hinge_loss, numpy.sign(x)),
             (binary_cross_entropy, abs(x) % 1)]
    for loss, target in cases:
        ours, strict = Tensor(x, requires_grad=True), Tensor(xp.asarray(x), requires_grad=True)
        one, other = loss(ours, target), loss(strict, Tensor(xp.asarray(target.copy())))
        one.backward()
        other.backward()
        assert_allclose(other.item(), one.item(), rtol=1e-14)
        assert_allclose(numpy.asarray(strict.grad.data), ours.grad.data, rtol=1e-14, atol=1e-16)
        with pytest.raises(StorageError):
            loss(strict, target.copy())                 # a NumPy array beside it
