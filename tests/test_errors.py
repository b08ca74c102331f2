"""Every error says what came, with its shapes and values, and the edit that mends it."""

import math

import numpy
import pytest

import autograd
import autograd.numpy as np
from autograd import (
    ArgumentError,
    DtypeError,
    GraphError,
    ShapeError,
    Tensor,
    Value,
    grad,
    jacobian,
    jvp,
    vjp,
)

M = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
V = Tensor([1.0, 2.0, 3.0], requires_grad=True)

BAD = [
    (lambda: M @ M, ShapeError, ["(2, 3)", "3 ≠ 2"]),
    (lambda: M @ numpy.ones(2), ShapeError, ["(2, 3)", "(2,)"]),
    (lambda: M @ 3.0, ShapeError, ["(2, 3)", "3.0"]),
    (lambda: M + numpy.ones((2, 4)), ShapeError, ["(2, 3)", "(2, 4)"]),
    (lambda: M.sum(axis=2), ShapeError, ["(2, 3)", "2"]),
    (lambda: M.reshape(4, 2), ShapeError, ["(2, 3)", "(4, 2)"]),
    (lambda: M[5], (ShapeError, IndexError), ["5", "(2, 3)"]),
    (lambda: M["a"], (ShapeError, DtypeError, IndexError), ["'a'"]),
    (lambda: M[0.5], (ShapeError, DtypeError, IndexError), ["0.5"]),
    (lambda: np.concat([M, M.T]), ShapeError, ["(2, 3)", "(3, 2)"]),
    (lambda: np.stack([M, M.T]), ShapeError, ["(2, 3)", "(3, 2)"]),
    (lambda: np.max(numpy.zeros((0, 2)), axis=0), (ShapeError, ArgumentError), ["(0, 2)"]),
    (lambda: (M * Tensor(1.0, requires_grad=True)).backward(), ShapeError, ["(2, 3)"]),
    (lambda: M.sum().backward(), GraphError, ["requires"]),
    (lambda: Tensor([1, 2], requires_grad=True), DtypeError, ["int64"]),
    (lambda: Tensor("abc"), DtypeError, ["'abc'"]),
    (lambda: Tensor([[1.0], [1.0, 2.0]]), DtypeError, ["[[1.0], [1.0, 2.0]]"]),
    (lambda: Tensor([Value(1.0)]), DtypeError, ["Value", "stack"]),
    (lambda: Value("1"), DtypeError, ["'1'"]),
    (lambda: Value([1.0]), DtypeError, ["[1.0]"]),
    (lambda: Value(1j), DtypeError, ["1j"]),
    (lambda: Value(Value(2.0)), DtypeError, ["Value(2.0)"]),
    (lambda: np.exp(None), DtypeError, ["None"]),
    (lambda: np.exp("a"), DtypeError, ["'a'"]),
    (lambda: M.item(), ShapeError, ["(2, 3)"]),
    (lambda: bool(M), ShapeError, ["(2, 3)"]),
    (lambda: np.norm(M, 0), ArgumentError, ["0"]),
    (lambda: np.gelu(1.0, "exact"), ArgumentError, ["'exact'"]),
    (lambda: np.squeeze(M, axis=0), ShapeError, ["(2, 3)"]),
    (lambda: np.split(M, 2, axis=1), ShapeError, ["3", "2"]),
    (lambda: np.take(M, [0.5]), DtypeError, ["float64"]),
    (lambda: np.einsum("ij,jk", M, M), ShapeError, ["'j'", "3", "2"]),
    (lambda: grad(lambda x: x * x)(V), ShapeError, ["(3,)", "elementwise_grad"]),
    (lambda: grad(lambda x: "text")(1.0), DtypeError, ["'text'"]),
    (lambda: grad(lambda x: None)(1.0), DtypeError, ["None"]),
    (lambda: grad(lambda x: x)("a"), DtypeError, ["'a'"]),
    (lambda: grad(lambda x: x)(True), DtypeError, ["True"]),
    (lambda: grad(lambda x: x, argnums=2)(1.0), Exception, ["2", "1"]),
    (lambda: grad(lambda x: (x, x))(1.0), Exception, ["several"]),
    (lambda: grad(lambda x: x, has_aux=True)(1.0), Exception, ["aux"]),
    (lambda: jvp(np.exp, (V,), (numpy.ones(2),)), ShapeError, ["(2,)", "(3,)"]),
    (lambda: vjp(np.exp, V)[1](numpy.ones(2)), ShapeError, ["(2,)", "(3,)"]),
    (lambda: jvp(np.exp, (V,), (V, V)), ShapeError, ["2", "1"]),
    (lambda: jacobian(np.exp, mode="sideways"), Exception, ["'sideways'"]),
    (lambda: np.concat([]), ShapeError, ["no arrays"]),
    (lambda: np.cumulative_sum(M), ShapeError, ["(2, 3)", "axis"]),
    (lambda: np.tensordot(M, M, axes=1), ShapeError, ["(2, 3)"]),
    (lambda: np.tril(V), ShapeError, ["(3,)"]),
    (lambda: np.pad(V, 1, mode="reflect"), ArgumentError, ["'reflect'"]),
    (lambda: len(Tensor(1.0)), (ShapeError, TypeError), ["()"]),
    (lambda: Value(1.0) + Tensor(1.0), DtypeError, ["Value(1.0)", "Tensor of shape ()"]),
    (lambda: np.matmul(Value(1.0), Value(2.0)), (GraphError, DtypeError, ShapeError), ["()"]),
    (lambda: np.atan2(Value(1.0), Tensor(1.0)), DtypeError, ["Value(1.0)", "Tensor of shape ()"]),
    (lambda: autograd.elementwise("misnamed", lambda g, q: g), Exception, ["misnamed", "'q'"]),
]


@pytest.mark.parametrize("case", range(len(BAD)))
def test_errors_say_what_came_and_what_to_do(case):
    bad, kind, words = BAD[case]
    with pytest.raises(kind) as caught:
        bad()
    message = str(caught.value)
    _, _, advice = message.partition("\nhelp: ")
    assert isinstance(caught.value, autograd.AutogradError), repr(caught.value)
    assert advice, message
    assert all(word in message for word in words) and "0x" not in message, message


def test_errors_are_of_few_kinds_that_python_knows():
    kinds = {ShapeError: ValueError, DtypeError: TypeError, ArgumentError: ValueError,
             GraphError: RuntimeError, autograd.StorageError: TypeError}
    for kind, known in kinds.items():
        assert issubclass(kind, autograd.AutogradError) and issubclass(kind, known)


def test_errors_leave_what_was_there():
    """A backward pass that fails half way has changed no gradient of a leaf."""
    def fail(g, x):
        raise RuntimeError("in the rule")

    bad = autograd.custom_gradient(fail)(lambda x: x * 1.0)
    for x, zero in ((Value(2.0), 0.0), (Tensor([2.0], requires_grad=True), None)):
        y = bad(x * 1.0) * x
        for _ in range(2):
            with pytest.raises(RuntimeError, match="in the rule"):
                y.backward() if isinstance(x, Value) else y.sum().backward()
            assert x.grad == zero if zero is not None else x.grad is None
        (x * x).backward()
        assert float(x.grad if isinstance(x, Value) else x.grad.item()) == 4.0


def test_errors_in_a_function_of_the_user_pass_through():
    def broken(x):
        return math.log(x.no_such_attribute)

    with pytest.raises(AttributeError, match="no_such_attribute"):
        grad(broken)(2.0)
