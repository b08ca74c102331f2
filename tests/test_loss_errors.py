"""Losses refuse what would silently be something else, and name the edit to make."""

import math

import numpy
import pytest

from autograd import ArgumentError, DtypeError, ShapeError, Tensor, Value
from nn import (
    binary_cross_entropy,
    cross_entropy,
    hinge_loss,
    huber_loss,
    l1_loss,
    mse_loss,
    quadratic_loss,
)


def leaf(x):
    return Tensor(numpy.array(x, dtype=float), requires_grad=True)


@pytest.mark.parametrize("loss", [mse_loss, l1_loss, quadratic_loss, huber_loss, hinge_loss,
                                  binary_cross_entropy])
def test_n_1_against_n_is_an_error_not_a_broadcast(loss):
    with pytest.raises(ShapeError) as caught:
        loss(leaf([[1.0], [1.0]]), numpy.ones(2))
    assert str(caught.value) == (
        f"{loss.__name__}: prediction of shape (2, 1) against target of shape (2,)\n"
        "help: drop the last axis of the prediction, prediction[..., 0], or add one to the target, "
        "target[..., None]")
    with pytest.raises(ShapeError, match=r"\(2,\) against .*\(2, 1\)\nhelp: drop .* of the target"):
        loss(leaf([1.0, 1.0]), numpy.ones((2, 1)))
    with pytest.raises(ShapeError, match=r"\(2, 1\) against target of shape \(2,\)"):
        loss([[Value(1.0)], [Value(1.0)]], [1.0, 1.0])


@pytest.mark.parametrize("target", [numpy.ones(3), numpy.ones((1, 2)), 1.0, numpy.ones((2, 2))])
def test_nothing_is_broadcast(target):
    with pytest.raises(ShapeError, match=r"mse_loss: prediction of shape \(2,\) against target of"):
        mse_loss(leaf([1.0, 2.0]), target)


def test_ragged_lists_are_named():
    with pytest.raises(ShapeError, match=r"unlike parts, of shapes \(1,\), \(2,\)"):
        mse_loss([[Value(1.0)], [Value(1.0), Value(2.0)]], [[1.0], [1.0, 2.0]])


@pytest.mark.parametrize("classes, value, place", [
    ([0, 3, 1], 3, r"\[1\]"), ([0, 1, -1], -1, r"\[2\]"), ([7, 9, 0], 7, r"\[0\]")])
def test_a_class_index_out_of_range_is_named_with_its_place(classes, value, place):
    match = rf"class index {value} at {place}, for 3 classes\nhelp: class indices are 0 to 2"
    with pytest.raises(ArgumentError, match=match):
        cross_entropy(leaf(numpy.zeros((3, 3))), numpy.array(classes))
    with pytest.raises(ArgumentError, match=match):
        cross_entropy([[Value(0.0)] * 3] * 3, classes)


def test_a_class_index_out_of_range_for_one_sample():
    with pytest.raises(ArgumentError, match=r"class index 5 at \[\], for 3 classes"):
        cross_entropy([Value(0.0)] * 3, 5)


@pytest.mark.parametrize("classes", [[0.0, 1.0], [0.5, 1.0], [True, False]])
def test_class_indices_that_are_not_integers_are_named(classes):
    match = rf"class indices of dtype \w+, the first is {classes[0]}\nhelp: class indices are int"
    with pytest.raises(DtypeError, match=match):
        cross_entropy(leaf(numpy.zeros((2, 3))), numpy.array(classes))
    with pytest.raises(DtypeError, match=match):
        cross_entropy([[Value(0.0)] * 3] * 2, classes)


def test_class_indices_in_a_column_are_named_with_the_edit():
    with pytest.raises(ShapeError, match=r"\(2, 3\) against target of shape \(2, 1\)\nhelp: drop .*"
                                         r"target\[\.\.\., 0\]"):
        cross_entropy(leaf(numpy.zeros((2, 3))), numpy.zeros((2, 1), int))


@pytest.mark.parametrize("shape", [(3,), (3, 3), ()])
def test_class_indices_of_another_shape(shape):
    with pytest.raises(ShapeError, match=r"give class indices of shape \(2,\) or probabilities of"):
        cross_entropy(leaf(numpy.zeros((2, 3))), numpy.zeros(shape, int))


@pytest.mark.parametrize("shape", [(), (2, 3, 4), (0, 3), (3, 0)])
def test_logits_of_another_shape(shape):
    with pytest.raises(ShapeError, match="cross_entropy of logits of shape"):
        cross_entropy(numpy.zeros(shape), 0)


@pytest.mark.parametrize("logits", [[], Value(1.0), [[[Value(1.0)]]]])
def test_values_that_are_no_logits(logits):
    with pytest.raises(ShapeError, match="give a list of Values"):
        cross_entropy(logits, 0)


def test_hinge_targets_other_than_minus_and_plus_one():
    with pytest.raises(ArgumentError, match=r"hinge_loss: target 0.0 at \[1, 0\]\nhelp: .*2 \* t"):
        hinge_loss(leaf([[1.0], [2.0]]), numpy.array([[1.0], [0.0]]))
    with pytest.raises(ArgumentError, match=r"hinge_loss: target 0 at \[1\]"):
        hinge_loss([Value(1.0), Value(1.0)], [1, 0])


@pytest.mark.parametrize("wrong", [1.5, -0.25, 2.0, math.nan])
def test_binary_targets_outside_zero_to_one(wrong):
    with pytest.raises(ArgumentError, match=rf"target {wrong} at \[1\]\nhelp: targets are prob"):
        binary_cross_entropy(leaf([1.0, 2.0]), numpy.array([0.0, wrong]))
    with pytest.raises(ArgumentError, match=rf"target {wrong} at \[1\]"):
        binary_cross_entropy([Value(1.0), Value(1.0)], [1.0, wrong])


@pytest.mark.parametrize("delta", [0.0, -1.0, math.nan])
def test_huber_loss_needs_a_positive_delta(delta):
    with pytest.raises(ArgumentError, match=f"huber_loss with delta = {delta}"):
        huber_loss(1.0, 2.0, delta=delta)


@pytest.mark.parametrize("loss", [mse_loss, cross_entropy])
def test_an_unknown_reduction_lists_the_known(loss):
    with pytest.raises(ArgumentError, match="no reduction 'average'\nhelp: use 'mean', 'sum' or"):
        loss([1.0, 2.0], [0.5, 0.5], reduction="average")


@pytest.mark.parametrize("empty", [[], numpy.zeros(0), numpy.zeros((0, 3))])
def test_a_loss_of_nothing(empty):
    with pytest.raises(ArgumentError, match="a loss of no predictions"):
        mse_loss(empty, empty)
