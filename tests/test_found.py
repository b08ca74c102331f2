"""Faults that were found by hand once: each program gave a wrong number, or lost a gradient."""

import copy
import pickle
import threading

import numpy
import pytest

import autograd
import autograd.numpy as np
import nn
from autograd import (
    DefinitionError,
    DtypeError,
    GraphError,
    ShapeError,
    Tensor,
    Value,
    custom_gradient,
    elementwise,
    grad,
    hessian,
    jvp,
    stack,
    vjp,
)


def leaf(x):
    return Tensor(numpy.asarray(x, dtype=float), requires_grad=True)


def test_a_value_written_into_a_tensor():
    def f(x):
        t = np.zeros(3)
        t[0] = x * 3
        return t.sum()

    assert grad(f)(2.0) == 3.0
    with pytest.raises(DtypeError, match="a Value beside a Tensor"):
        np.zeros(3)[0] = Value(2.0)


def test_values_stacked_with_tensors():
    with pytest.raises(DtypeError, match="a Value beside a Tensor"):
        stack([Value(1.0), leaf(2.0)])
    assert grad(lambda x: stack([x, Tensor(2.0)]).sum())(1.0) == 1.0


def test_tangents_in_dicts_go_by_key():
    def f(p):
        return 10 * p["a"] + p["b"]

    at = {"a": 1.0, "b": 1.0}
    assert jvp(f, (at,), ({"b": 0.0, "a": 1.0},))[1] == 10.0
    with pytest.raises(ShapeError, match=r"'c'(.|\n)*'a'(.|\n)*help: "):
        jvp(f, (at,), ({"c": 0.0, "a": 1.0},))
    with pytest.raises(ShapeError, match="the cotangent"):
        vjp(lambda x: (x, x), 1.0)[1]((1.0,))


def test_second_derivatives_of_complex_absolute_values():
    assert hessian(lambda x: np.sum(np.abs(x + 1j) ** 2))(numpy.ones(1)).tolist() == [[2.0]]
    assert hessian(lambda x: np.sum(np.abs(x)))(numpy.asarray([3.0])).tolist() == [[0.0]]
    assert np.var(numpy.asarray([1j, 1.0 + 1j])) == 0.25
    with pytest.raises(DtypeError, match="no order"):
        np.sigmoid(numpy.asarray([1j]))


def test_unnamed_primitives_are_not_mixed_up_in_copies():
    double = custom_gradient(lambda g: 2 * g)(lambda x: 2 * x)
    custom_gradient(lambda g: 5 * g)(lambda x: 5 * x)
    x = leaf(1.0)
    other, loss = copy.deepcopy((x, double(x)))
    loss.backward()
    assert other.grad.item() == 2.0
    with pytest.raises(GraphError, match=r"pickled(.|\n)*help: .*name"):
        pickle.dumps(double(x))


def test_names_of_the_engine_are_taken():
    for name in ("relu", "sign", "where", "nan"):
        with pytest.raises(DefinitionError, match=rf"{name}(.|\n)*another name"):
            elementwise(name, lambda g: g)


def test_rules_that_branch_or_chain_comparisons():
    branching = elementwise("branching", lambda g, x: g if x > 0 else 0.1 * g,
                            forward=lambda xp, x: x)
    with pytest.raises(DefinitionError, match=r"branches(.|\n)*where"):
        branching(Value(-1.0)).backward()
    same = elementwise("same_sign", lambda g, x, y: np.where((x > 0) == (y > 0), g, 0.0), None,
                       forward=lambda xp, x, y: x)
    v = Value(-2.0)
    same(v, -1.0).backward()
    assert v.grad == 1.0


def test_gradients_are_arrays_of_their_own():
    a, b, seed = leaf([1.0, 2.0]), leaf([3.0, 4.0]), numpy.ones(2)
    (a + b).backward(seed)
    a.grad *= 5.0
    assert b.grad.tolist() == [1.0, 1.0] and seed.tolist() == [1.0, 1.0]
    g = grad(np.sum)(numpy.ones(3))
    g *= 0.1
    assert g.tolist() == [0.1] * 3


def test_integers_do_not_slip_in():
    x = leaf([0.5, 0.5])
    x.data = [1, 2]
    assert x.dtype == float
    with pytest.raises(DtypeError, match="int64"):
        Tensor([1, 2]).requires_grad = True
    with pytest.raises(GraphError, match="detach"):
        (x * 2).requires_grad = False
    whole = Tensor([1, 2])
    with pytest.raises(DtypeError, match="astype"):
        whole[0] = x[0] * 1.7


def test_small_integers_in_rules_do_not_overflow():
    x = leaf([1.0])
    np.atan2(x, numpy.asarray([200], dtype="uint8")).backward()
    assert x.grad.item() == pytest.approx(200 / (1 + 200**2))
    y = leaf([1.01])
    (y ** numpy.asarray([-128], dtype="int8")).backward()
    assert y.grad.item() == pytest.approx(-128 * 1.01**-129)


def test_diagonals_beside_infinity_and_of_unequal_axes():
    assert np.einsum("ii", numpy.asarray([[1.0, numpy.inf], [0.0, 2.0]])) == 3.0
    with pytest.raises(ShapeError, match="'i'"):
        np.einsum("ii", numpy.ones((1, 3)))


def test_steps_write_nothing_even_with_hooks():
    x = leaf([1.0])
    y = x * 2
    y.retain_grad()
    (y * y).sum().steps()
    assert y.grad is None and x.grad is None


def test_gradients_of_sort_need_no_square_matrix():
    x = leaf(numpy.arange(200_000.0)[::-1])
    (np.sort(x) * numpy.arange(200_000.0)).sum().backward()
    assert x.grad.tolist() == x.data.tolist()


def test_long_chains_of_views_and_gradients_with_a_graph():
    x = leaf(numpy.ones(4))
    y = x * 1.0
    for _ in range(3000):
        y = y.reshape(2, 2).reshape(4)
    (y * y * y).sum().backward(create_graph=True)
    other = copy.deepcopy(x)
    assert other.grad.tolist() == [3.0] * 4 and other.grad.is_leaf


def test_second_derivatives_at_a_pole_on_values():
    assert grad(lambda x: x / 0.0)(1.0) == numpy.inf and grad(grad(lambda x: x / 0.0))(1.0) == 0.0
    assert grad(grad(lambda x: 1.0 / x))(0.0) == numpy.inf


def test_metadata_of_a_users_elementwise_primitive_on_values():
    scaled = elementwise("scaled", lambda g, *, by=2.0: g * by, forward=lambda xp, x, by: x * by)
    v = Value(3.0)
    scaled(v, by=4.0).backward()
    assert v.grad == 4.0 and grad(lambda x: scaled(x, by=4.0))(numpy.float64(1.0)) == 4.0


def test_empty_arrays_and_repeated_arguments():
    assert np.softmax(numpy.zeros((3, 0))).shape == (3, 0)
    with numpy.errstate(divide="ignore"):
        assert np.logsumexp(numpy.zeros(0)) == -numpy.inf
    with pytest.raises(ShapeError, match="twice"):
        grad(lambda x, y: x * y, (0, 0))(1.0, 2.0)
    with pytest.raises(DtypeError, match="seed"):
        (leaf([1.0]) * 1j).sum().backward()


def test_words_of_other_libraries_are_answered():
    for name, word in (("view", "reshape"), ("unsqueeze", "None"), ("clamp", "clip")):
        with pytest.raises(AttributeError, match=rf"{name}(.|\n)*help: .*{word}"):
            getattr(leaf([1.0]), name)
    with pytest.raises(AttributeError, match="'relu6', nor has NumPy"):
        np.relu6                                                            # noqa: B018
    with pytest.raises(ShapeError, match=r"any\(\)"):
        bool(leaf([1.0, 2.0]) > 1)
    with pytest.raises(DtypeError, match=r"astype\(float\)"):
        grad(np.sum)(numpy.arange(3))
    assert autograd.numpy.array(leaf([1.0])).is_leaf is False


def test_an_interrupt_while_gradients_are_written_leaves_none_or_all(monkeypatch):
    leaves = [leaf([float(i)]) for i in range(5)]
    total = sum(x * x for x in leaves)
    receive, calls = type(leaves[0].node).receive, []

    def interrupted(node, g):
        calls.append(node)
        if len(calls) == 3:
            raise KeyboardInterrupt
        receive(node, g)

    monkeypatch.setattr(type(leaves[0].node), "receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        total.sum().backward()
    assert [x.grad for x in leaves] == [None] * 5


def test_one_mode_object_in_many_threads_and_none_on_generators():
    off, seen = autograd.no_grad(), []

    def work():
        for _ in range(200):
            with off:
                seen.append((leaf([1.0]) * 2).requires_grad)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 800 and not any(seen) and (leaf([1.0]) * 2).requires_grad
    with pytest.raises(DefinitionError, match="with"):
        @autograd.no_grad()
        def pieces():
            yield


def test_optimiser_states_through_json_and_of_another_optimiser():
    x = leaf([1.0, 2.0])
    adam = nn.Adam([x], lr=0.1)
    (x * x).sum().backward()
    adam.step()
    saved = adam.state_dict()
    saved["state"] = {str(i): state for i, state in saved["state"].items()}
    other = nn.Adam([leaf([0.0, 0.0])], lr=0.1)
    other.load_state_dict(saved)
    assert other.state[0].keys() == adam.state[0].keys() != set()
    with pytest.raises(autograd.ArgumentError, match=r"SGD(.|\n)*betas"):
        nn.SGD([x], lr=0.1).load_state_dict(saved)


def test_a_branch_not_taken_is_silent_whatever_it_multiplies():
    def branches(x):
        return np.where(x < 1, np.exp(x * x), x**2)

    for at in (40.0, numpy.asarray(40.0)):
        far = grad(lambda x: np.where(x < 1, np.exp(x * x) * x, x * x))
        with numpy.errstate(over="ignore", invalid="ignore"):
            assert far(at) == 80.0 and jvp(far, (at,), (at * 0 + 1,))[1] == 2.0
            assert grad(lambda x: jvp(branches, (x,), (x / x,))[1])(at) == 2.0
    assert grad(lambda x: np.where(x > 0, x * (1 / x), 0.0))(0.0) == 0.0
