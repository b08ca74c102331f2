"""Planted bugs are caught, in operations of every kind; what is not caught is said to survive."""

import contextlib
import threading
import unittest
from unittest.mock import Mock

import numpy as np
import pytest

import autograd.numpy as anp
from autograd import ArgumentError, Tensor, Value, elementwise
from autograd.primitive import find
from autograd.testing import BUGS, caught, check_gradients, kill_table, planted

X = np.array([[0.3, -1.2, 0.7], [2.5, 0.4, 1.1], [0.2, 0.9, -0.3]])
wrong_cube = elementwise("planted_wrong", lambda g, x: g * 2 * x * x,
                         forward=lambda xp, x: x * x * x)
CALLS = {                                   # operands, metadata, and the bugs that have no effect
    "multiply": ((X, X[0]), {}, {"stale result", "dropped shared edge", "wrong axis"}),
    "exp": ((X,), {}, {"missing unbroadcast", "dropped shared edge", "wrong axis"}),
    "max": ((X,), {"axis": 0}, {
        "missing unbroadcast", "transposed", "dropped shared edge", "lost dtype"}),
    "getitem": ((X,), {"index": (slice(1, None), 0)}, {
        "missing unbroadcast", "stale result", "dropped shared edge", "wrong axis", "lost dtype"}),
    "matrix_product": ((X, X.T + 1), {}, {
        "missing unbroadcast", "stale result", "dropped shared edge", "wrong axis"})}


@pytest.mark.parametrize("name", CALLS)
def test_every_bug_with_an_effect_is_caught(name):
    args, params, without = CALLS[name]
    table = kill_table(find(name), *args, **params)
    assert table.rate == 1.0 and not table.survivors, str(table)
    assert {bug for bug, outcome in table[name].items() if outcome == "no effect"} == without


def test_in_single_numbers_nothing_has_a_place():
    for at in (2.0, Value(2.0), Tensor(2.0), np.array(2.0)):
        found = kill_table(find("multiply"), at, 3.1)["multiply"]
        assert found["off-by-one index"] == found["transposed"] == "no effect"
        assert found["sign flip"] == found["100 times too large"] == "killed"


def test_a_shared_operand_shows_a_dropped_edge():
    multiply = find("multiply")
    table = caught(lambda: check_gradients(lambda x: multiply(x, x), X), multiply,
                   ["dropped shared edge"])
    assert table["multiply"] == {"dropped shared edge": "killed"}


def test_an_operand_given_twice_is_shared():
    row = X[0]
    table = kill_table(find("multiply"), row, row)
    assert table["multiply"]["dropped shared edge"] == "killed" and table.rate == 1.0
    assert kill_table(find("subtract"), 2.0, 2.0)["subtract"]["sign flip"] == "killed"


@pytest.mark.parametrize("args", [(), ("abc",), (np.array([1, 2]),), (np.array([1.0, np.nan]),)])
def test_operands_that_nothing_can_be_checked_at(args):
    with pytest.raises(ArgumentError, match="nothing can be checked there"):
        kill_table(find("sin"), *args)


def test_a_bug_in_single_numbers_that_is_not_seen_has_an_effect():
    table = caught(lambda: find("multiply")(Value(2.0), 3.0).backward(), find("multiply"))
    assert table["multiply"]["sign flip"] == table["multiply"]["missing term"] == "survived"


def test_outcomes_of_pytest_are_outcomes():
    def failing():
        x = Value(1.0)
        find("exp")(x).backward()
        if x.grad < 0:
            pytest.fail("a negative slope")

    def not_raising():
        x = Value(1.0)
        find("exp")(x).backward()
        with pytest.raises(ZeroDivisionError):
            1 / min(0, x.grad)

    table = caught(failing, find("exp"), ["sign flip", "100 times too large"])
    assert list(table["exp"].values()) == ["killed", "survived"]
    assert caught(not_raising, find("exp"), ["sign flip"]).rate == 1.0
    for outcome, seen in ((pytest.skip.Exception, ArgumentError),
                          (unittest.SkipTest, ArgumentError), (KeyboardInterrupt,) * 2):
        with pytest.raises(seen, match="not here"):
            caught(Mock(side_effect=outcome("not here")), find("exp"))


def test_a_test_of_a_users_own_that_checks_too_little():
    cubed = elementwise("planted_cube", lambda g, x: g * 3 * x * x,
                        forward=lambda xp, x: x * x * x)

    def the_gradient_is_positive():
        x = Tensor(X, requires_grad=True)
        cubed(x).sum().backward()
        return bool((x.grad.data >= 0).all())

    table = caught(the_gradient_is_positive, cubed)
    assert table["planted_cube"]["sign flip"] == "killed"
    assert ("planted_cube", "100 times too large") in table.survivors and table.rate < 0.5
    assert "\n100 times too large   survived\n" in str(table) and "caught: " in str(table)
    both = type(table)(table | {"other": {"sign flip": "killed"}})
    assert "planted_cube  " in str(both) and "!" in str(both) and "not, . no" in str(both)


def test_what_no_bug_can_be_planted_in():
    with pytest.raises(ArgumentError, match="made of subtract, exp, sum, log"):
        kill_table(anp.logsumexp, X)
    with pytest.raises(ArgumentError, match="made of matrix_product"):
        kill_table(anp.matmul, X, X)
    with pytest.raises(ArgumentError, match="no operation with rules"):
        caught(lambda: True, anp.logsumexp)
    with pytest.raises(ArgumentError, match="no bug is called 'typo'"):
        caught(lambda: True, find("exp"), ["typo"])


def test_a_test_that_fails_anyway_catches_nothing():
    exp = find("exp")
    for useless in (lambda: False, lambda: 1 / 0, lambda: check_gradients(wrong_cube, X)):
        with pytest.raises(ArgumentError, match="the test fails without a bug"):
            caught(useless, exp)
    with pytest.raises(ArgumentError, match="check_gradients of planted_wrong: fail"):
        kill_table(wrong_cube, X)
    table = caught(lambda: None, exp)
    assert table.rate != 1.0 and str(table).endswith("\nnothing had an effect here")


def test_the_operation_is_itself_again_afterwards():
    exp = find("exp")
    for bug in BUGS:
        with pytest.raises(ZeroDivisionError), planted(exp, bug):
            raise ZeroDivisionError
        assert check_gradients(lambda x: anp.exp(x), X[0]), bug
        assert check_gradients(lambda v: v.exp(), Value(0.5)), bug


def test_bugs_left_in_any_order_and_in_threads_are_gone():
    exp = find("exp")
    rules, first, second = exp.rules, planted(exp, "sign flip"), planted(exp, "missing term")
    for step in (first.__enter__, second.__enter__, lambda: first.__exit__(None, None, None)):
        step()
    assert not check_gradients(exp, 0.5, order=1)               # the second is at work
    second.__exit__(None, None, None)
    assert exp.rules is rules
    begun, over, tables = threading.Event(), threading.Event(), []

    def other():
        with contextlib.suppress(ZeroDivisionError), planted(exp, "sign flip"):
            begun.set()
            over.wait(10)
            raise ZeroDivisionError

    thread = threading.Thread(target=other)
    thread.start()
    begun.wait(10)
    with planted(exp, "missing term"):
        over.set()
        thread.join()
    assert exp.rules is rules
    threads = [threading.Thread(target=lambda bug=bug: tables.append(caught(
        lambda: check_gradients(exp, 0.5, order=1), exp, [bug]))) for bug in list(BUGS)[:2]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [table.rate for table in tables] == [1.0, 1.0] and exp.rules is rules
