"""Losses agree with PyTorch's and with their definitions, on Tensors and on Values, and refuse
what would silently be something else."""

import math

import mpmath
import numpy
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import nn
from autograd import Tensor, Value, grad
from nn import (
    binary_cross_entropy,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    quadratic_loss,
)

rng = numpy.random.default_rng(0)
REDUCTIONS = pytest.mark.parametrize("reduction", ["mean", "sum", "none"])


def torch_or_skip():
    return pytest.importorskip("torch", reason="pip install torch==2.13.0")


def leaf(x):
    return Tensor(numpy.array(x, dtype=float), requires_grad=True)


def pulled(ours, x, theirs, torch_x):
    """The gradients of both, with the same cotangents."""
    weights = numpy.linspace(0.5, 1.5, ours.size).reshape(ours.shape)
    (ours * weights).sum().backward()
    (theirs * theirs.new_tensor(weights)).sum().backward()
    assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)
    assert_allclose(x.grad.data, torch_x.grad.numpy(), rtol=1e-10, atol=1e-10)


# -- against PyTorch -------------------------------------------------------------------------------

REGRESSION = {"mse_loss": {}, "l1_loss": {}, "huber_loss": {"delta": 0.7}}


@REDUCTIONS
@pytest.mark.parametrize("name", REGRESSION)
@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8])
def test_regression_losses_agree_with_pytorch(name, reduction, scale):
    torch = torch_or_skip()
    p, t = rng.normal(size=(2, 6, 3)) * scale
    p[0] = t[0]                                                     # exact predictions
    p[1], t[1] = 0.7, 0.0                                           # at the bend of huber_loss
    ours, theirs = leaf(p), torch.tensor(p, requires_grad=True)
    pulled(getattr(nn, name)(ours, t, reduction=reduction, **REGRESSION[name]), ours,
           getattr(torch.nn.functional, name)(theirs, torch.tensor(t), reduction=reduction,
                                              **REGRESSION[name]), theirs)


LOGITS = numpy.array([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4],
                      [1e300, 0.0, -1e300], [1e5, 1e5 + 1.0, 1e5 - 1.0], [40.0, 0.0, -40.0]])
CLASSES = numpy.array([2, 1, 0, 2, 0, 1, 0])


@REDUCTIONS
@pytest.mark.parametrize("classes", [CLASSES, (CLASSES + 1) % 3])
def test_cross_entropy_of_indices_agrees_with_pytorch(classes, reduction):
    torch = torch_or_skip()
    ours, theirs = leaf(LOGITS), torch.tensor(LOGITS, requires_grad=True)
    pulled(cross_entropy(ours, classes, reduction=reduction), ours,
           torch.nn.functional.cross_entropy(theirs, torch.tensor(classes), reduction=reduction),
           theirs)


@REDUCTIONS
def test_cross_entropy_of_probabilities_agrees_with_pytorch(reduction):
    torch = torch_or_skip()
    probabilities = rng.dirichlet([1.0, 1.0, 1.0], size=len(LOGITS))
    ours, theirs = leaf(LOGITS), torch.tensor(LOGITS, requires_grad=True)
    pulled(cross_entropy(ours, probabilities, reduction=reduction), ours,
           torch.nn.functional.cross_entropy(theirs, torch.tensor(probabilities),
                                             reduction=reduction), theirs)


@pytest.mark.parametrize("target", [2, numpy.array(1), numpy.array([0.2, 0.3, 0.5])])
def test_cross_entropy_of_one_sample_agrees_with_pytorch(target):
    torch = torch_or_skip()
    ours, theirs = leaf([1.0, -2.0, 0.5]), torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64,
                                                        requires_grad=True)
    pulled(cross_entropy(ours, target), ours,
           torch.nn.functional.cross_entropy(theirs, torch.tensor(target)), theirs)


@REDUCTIONS
def test_binary_cross_entropy_agrees_with_pytorch(reduction):
    torch = torch_or_skip()
    z = numpy.array([0.0, 0.0, 0.5, -3.0, 40.0, -40.0, 800.0, -800.0, 1e300, -1e300, 0.0])
    t = numpy.array([0.0, 1.0, 0.25, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.5])
    if reduction == "mean":
        z, t = z[:8], t[:8]
    ours, theirs = leaf(z), torch.tensor(z, requires_grad=True)
    pulled(binary_cross_entropy(ours, t, reduction=reduction), ours,
           torch.nn.functional.binary_cross_entropy_with_logits(
               theirs, torch.tensor(t), reduction=reduction), theirs)


# -- against their definitions ---------------------------------------------------------------------

def test_hinge_loss_by_hand():
    score, target = leaf([2.0, 0.5, -0.5, 1.0, -3.0]), numpy.array([1, 1, -1, 1, 1])
    losses = hinge_loss(score, target, reduction="none")
    assert_array_equal(losses.data, [0.0, 0.5, 0.5, 0.0, 4.0])
    losses.sum().backward()
    assert_array_equal(score.grad.data, [0.0, -1.0, 1.0, 0.0, -1.0])


def test_the_worked_example():
    w = Value(5.0)
    loss = quadratic_loss(w * 2.0, 6.0)
    loss.backward()
    assert (loss.data, w.grad) == (8.0, 8.0)
    assert quadratic_loss(10.0, 6.0) == 8.0


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=5), st.data())
def test_cross_entropy_is_accurate_where_the_loss_is_tiny(logits, data):
    index = data.draw(st.integers(0, len(logits) - 1))
    with mpmath.workdps(1000):
        exact = mpmath.log(sum(mpmath.exp(mpmath.mpf(z) - logits[index]) for z in logits))
    assert_allclose(cross_entropy(numpy.array(logits), index), float(exact), rtol=1e-12, atol=4e-16)


@given(st.floats(-700, 700), st.sampled_from([0.0, 1.0]))
def test_binary_cross_entropy_is_accurate_in_both_tails(z, t):
    with mpmath.workdps(400):
        sign = 1 if t == 0 else -1
        exact = mpmath.log1p(mpmath.exp(sign * mpmath.mpf(z)))
        slope = sign / (1 + mpmath.exp(-sign * mpmath.mpf(z)))
    x = leaf(z)
    loss = binary_cross_entropy(x, numpy.float64(t))
    loss.backward()
    assert_allclose(loss.item(), float(exact), rtol=1e-14)
    assert_allclose(x.grad.item(), float(slope), rtol=1e-14)


def test_classes_and_their_probabilities_give_the_same_loss():
    logits, classes = rng.normal(size=(8, 4)), rng.integers(0, 4, 8)
    one_hot = numpy.eye(4)[classes]
    assert_allclose(cross_entropy(logits, one_hot), cross_entropy(logits, classes), rtol=1e-14)
    assert_allclose(cross_entropy(logits, one_hot.astype(int)), cross_entropy(logits, classes),
                    rtol=1e-14)


@given(st.floats(-1e6, 1e6))
def test_cross_entropy_does_not_depend_on_a_shift(shift):
    logits = numpy.array([[0.5, -1.0, 2.0]])
    moved = cross_entropy(logits + shift, numpy.array([0]))
    assert moved == pytest.approx(cross_entropy(logits, numpy.array([0])), abs=1e-9)


def test_two_classes_are_a_binary_loss():
    z, t = rng.normal(size=9), rng.integers(0, 2, 9)
    pair = numpy.stack([numpy.zeros(9), z], axis=1)
    assert_allclose(cross_entropy(pair, t), binary_cross_entropy(z, t), rtol=1e-14)


def test_a_masked_class_has_no_gradient():
    x = leaf([[1.0, -math.inf, 2.0]])
    cross_entropy(x, numpy.array([0])).backward()
    e = math.exp(1.0)
    assert_allclose(x.grad.data, [[1 / (1 + e) - 1, 0.0, e / (1 + e)]], rtol=1e-14)


def test_huber_loss_bends_once_and_can_be_differentiated_twice():
    second = grad(grad(lambda x: huber_loss(x, 0.0, delta=2.0)))
    assert [second(x) for x in (0.0, 1.0, -1.9, 2.1, -5.0)] == [1.0, 1.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("loss", [mse_loss, quadratic_loss, l1_loss, huber_loss])
def test_targets_may_have_gradients_too(loss):
    p, t = leaf([1.0, 5.0]), leaf([2.0, 3.0])
    loss(p, t).backward()
    assert_allclose(p.grad.data, -t.grad.data)


# -- the scalar lesson -----------------------------------------------------------------------------

@REDUCTIONS
@pytest.mark.parametrize("loss", [mse_loss, l1_loss, quadratic_loss, huber_loss, hinge_loss,
                                  binary_cross_entropy])
def test_lists_of_values_give_what_tensors_give(loss, reduction):
    numbers, target = [0.5, -1.5, 3.0], [1, 1, -1] if loss is hinge_loss else [1, 0, 1]
    values, tensor = [Value(x) for x in numbers], leaf(numbers)
    ours = loss(values, target, reduction=reduction)
    theirs = loss(tensor, numpy.array(target), reduction=reduction)
    if reduction == "none":
        assert [type(x) for x in ours] == [Value] * 3
        assert_allclose([x.data for x in ours], theirs.data, rtol=1e-15)
        ours, theirs = sum(ours), theirs.sum()
    assert type(ours) is Value
    ours.backward()
    theirs.backward()
    assert_allclose(ours.data, theirs.item(), rtol=1e-15)
    assert_allclose([v.grad for v in values], tensor.grad.data, rtol=1e-15)


@pytest.mark.parametrize("target", [numpy.array([1.0, 2.0]), (1.0, 2.0), Tensor([1.0, 2.0]),
                                    [Value(1.0), 2.0]])
def test_values_against_targets_of_any_kind(target):
    assert mse_loss([Value(2.0), Value(4.0)], target).data == 2.5


def test_values_against_a_tensor_with_a_gradient_carry_it():
    values, target = [Value(2.0), Value(4.0)], leaf([1.0, 2.0])
    mse_loss(values, target).backward()
    assert_allclose(target.grad.data, [-1.0, -2.0])
    assert [v.grad for v in values] == [1.0, 2.0]


def test_rows_of_values():
    rows = [[Value(1.0), Value(2.0)], [Value(3.0), Value(5.0)]]
    assert mse_loss(rows, [[1.0, 2.0], [3.0, 4.0]]).data == 0.25
    assert mse_loss(rows, numpy.array([[1.0, 2.0], [3.0, 4.0]]), reduction="sum").data == 1.0


def test_a_prediction_of_one_value():
    assert mse_loss(Value(3.0), 1.0).data == 4.0
    assert hinge_loss(Value(0.25), -1).data == 1.25


@REDUCTIONS
@pytest.mark.parametrize("target", [[2, 0], numpy.array([2, 0]),
                                    [[0.1, 0.2, 0.7], [1.0, 0.0, 0.0]]])
def test_cross_entropy_of_values_gives_what_tensors_give(target, reduction):
    numbers = [[1.0, -2.0, 0.5], [800.0, 0.0, -800.0]]
    values, tensor = [[Value(x) for x in row] for row in numbers], leaf(numbers)
    ours = cross_entropy(values, target, reduction=reduction)
    theirs = cross_entropy(tensor, numpy.array(target), reduction=reduction)
    if reduction == "none":
        ours, theirs = sum(ours), theirs.sum()
    assert type(ours) is Value
    ours.backward()
    theirs.backward()
    assert_allclose(ours.data, theirs.item(), rtol=1e-14)
    assert_allclose([[v.grad for v in row] for row in values], tensor.grad.data, rtol=1e-12,
                    atol=1e-15)


@pytest.mark.parametrize("target", [1, numpy.int64(1), [0.0, 1.0]])
def test_cross_entropy_of_one_row_of_values(target):
    values = [Value(1.0), Value(3.0)]
    loss = cross_entropy(values, target)
    loss.backward()
    assert loss.data == pytest.approx(math.log1p(math.exp(-2.0)))
    assert values[0].grad == pytest.approx(1 / (1 + math.exp(2.0)))


def test_plain_numbers_give_plain_numbers():
    assert mse_loss([1.0, 2.0], [1.0, 4.0]) == 2.0 and l1_loss(1.0, 4.0) == 3.0
    assert isinstance(mse_loss([1.0], [2.0]), float)
    assert isinstance(mse_loss(numpy.ones(3), numpy.zeros(3)), float)
    assert cross_entropy([0.0, 0.0], 1) == pytest.approx(math.log(2))
