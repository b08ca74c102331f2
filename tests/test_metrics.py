"""Metrics: by hand and against scikit-learn, on every kind of prediction."""

import numpy
import pytest
from hypothesis import given, strategies as st

from autograd import Tensor, Value
from autograd.errors import ArgumentError, ShapeError
from nn.metrics import ConfusionMatrix, accuracy, confusion_matrix, r2_score

LOGITS = [[3.0, 1.0, 2.0], [0.0, 1.0, 0.5], [0.0, 1.0, 9.0], [5.0, 1.0, 0.0]]


@pytest.mark.parametrize("predictions", [
    LOGITS, numpy.array(LOGITS), Tensor(LOGITS), Tensor(LOGITS, requires_grad=True),
    [[Value(z) for z in row] for row in LOGITS], [0, 1, 2, 0], numpy.array([0, 1, 2, 0])])
def test_accuracy_of_three_classes(predictions):
    assert accuracy(predictions, [0, 1, 1, 0]) == 0.75
    assert accuracy(predictions, Tensor([0, 1, 2, 0])) == 1.0


@pytest.mark.parametrize("targets", [[0, 1, 1, 0], [-1, 1, 1, -1], [False, True, True, False]])
def test_accuracy_of_two_classes_by_sign(targets):
    assert accuracy([Value(-1.0), Value(2.0), Value(-3.0), Value(0.0)], targets) == 0.75


@pytest.mark.parametrize("targets", [[0, 1, 1, 0], [-1, 1, 1, -1], [0.0, 0.9, 0.8, 0.2],
                                     [False, True, True, False]])
@pytest.mark.parametrize("column", [False, True])
def test_accuracy_of_one_logit_in_either_shape(targets, column):
    logits, truth = numpy.array([-1.0, 2.0, -3.0, 0.0]), numpy.array(targets)
    truth = truth[:, None] if column else truth
    for predictions in (logits, logits[:, None], Tensor(logits[:, None]).astype("float32")):
        assert accuracy(predictions, truth) == accuracy(predictions, Tensor(truth)) == 0.75
    assert confusion_matrix(logits[:, None], truth).counts.tolist() == [[2, 0], [1, 1]]


def test_accuracy_of_one_hot_and_probability_rows():
    assert accuracy(LOGITS, numpy.eye(3)[[0, 1, 1, 0]]) == 0.75
    assert accuracy(Tensor(LOGITS), [[0.5, 0.3, 0.2]] * 4) == 0.5


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_the_confusion_matrix_is_scikit_learns(pairs):
    metrics = pytest.importorskip("sklearn.metrics", reason="pip install scikit-learn")
    found, truth = map(numpy.array, zip(*pairs, strict=True))
    matrix = confusion_matrix(found, truth, "abcd")
    assert (matrix.counts == metrics.confusion_matrix(truth, found, labels=range(4))).all()
    assert numpy.trace(matrix.counts) / len(pairs) == pytest.approx(accuracy(found, truth))


def test_the_confusion_matrix_prints_with_its_names():
    matrix = confusion_matrix(LOGITS, [0, 1, 1, 0], ["ant", "bee", "caterpillar"])
    assert repr(matrix) == ("true \\ predicted  ant  bee  caterpillar\n"
                            "ant                 2    0            0\n"
                            "bee                 0    1            1\n"
                            "caterpillar         0    0            0")
    assert matrix[1, 2] == 1 and numpy.asarray(matrix).sum() == 4
    assert type(matrix) is ConfusionMatrix and matrix.classes[0] == "ant"
    assert confusion_matrix([0, 2], [0, 1]).classes == ["0", "1", "2"]


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=2, max_size=30))
def test_r2_is_scikit_learns(pairs):
    metrics = pytest.importorskip("sklearn.metrics", reason="pip install scikit-learn")
    found, truth = map(list, zip(*pairs, strict=True))
    if 0 < numpy.ptp(truth) < 1e-6:
        return                                          # the sums of squares underflow
    assert r2_score(found, truth) == pytest.approx(metrics.r2_score(truth, found), rel=1e-6,
                                                   abs=1e-6)


def test_r2_by_hand():
    assert r2_score([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    assert r2_score([2.0, 2.0, 2.0], [1.0, 2.0, 3.0]) == 0.0
    assert r2_score([1.0, 1.0], [1.0, 1.0]) == 1.0 and r2_score([1.0, 2.0], [1.0, 1.0]) == 0.0


@pytest.mark.parametrize("call, error, says", [
    (lambda: accuracy(LOGITS, [0, 1]), ShapeError,
     r"of shape \(4, 3\), targets of shape \(2,\)\nhelp: give one prediction for each target"),
    (lambda: accuracy(LOGITS, [[0], [1], [1], [0]]), ShapeError,
     r"\(4, 3\), targets of shape \(4, 1\)\nhelp: drop the axis of 1: targets\[:, 0\]"),
    (lambda: accuracy([[1], [0]], [1, 0]), ShapeError, r"\nhelp: .*predictions\[:, 0\]"),
    (lambda: accuracy([[1], [0]], [[1], [0]]), ShapeError, r"\nhelp: .*targets\[:, 0\]"),
    (lambda: accuracy([[0.5], [1.0]], [0, 1, 1]), ShapeError, r"\(2, 1\), targets .*\(3,\)\nhelp:"),
    (lambda: accuracy(numpy.ones((2, 2, 2)), numpy.ones((2, 2, 2))), ShapeError, r"\(2, 2, 2\)"),
    (lambda: accuracy([[0.5], [1.0]], [0, 2]), ArgumentError,
     "one logit a row, and targets from 0 to 2\nhelp: .*a logit for each class"),
    (lambda: accuracy([0, 1], [[0], [1]]), ShapeError, r"targets of shape \(2, 1\)"),
    (lambda: accuracy([], []), ArgumentError, "no rows"),
    (lambda: r2_score([[1.0], [2.0]], [1.0, 2.0]), ShapeError, r"\(2, 1\)"),
    (lambda: confusion_matrix([0, 3], [0, 1], ["a", "b"]), ArgumentError,
     "predictions have classes from 0 to 3, 2 are named"),
    (lambda: confusion_matrix([0, 1], [0, -1]), ArgumentError, "targets have classes from -1 to 0"),
])
def test_bad_arguments_are_named(call, error, says):
    with pytest.raises(error, match=says):
        call()
