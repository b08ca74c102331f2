"""Scopes: every node keeps the block that recorded it, and in debug mode the line of code."""

import copy
import pickle
import threading

import pytest

import autograd.numpy as np
import nn
from autograd import (
    ArgumentError,
    DefinitionError,
    Tensor,
    Value,
    debug,
    enable_grad,
    no_grad,
    scope,
)
from autograd.sweep import history


def path(x):
    """The names of the scopes of a result, outermost first."""
    node = x.node if isinstance(x, Tensor) else x
    return [found.name for found in node.origin.path]


def line(x):
    """The line that recorded a result."""
    node = x.node if isinstance(x, Tensor) else x
    return node.origin.line


def test_scopes_lie_within_each_other_and_end():
    x, t = Value(2.0), Tensor([1.0, 2.0], requires_grad=True)
    with scope("outer"):
        with scope("inner"):
            deep, deeper = x * x, np.exp(t)
        shallow = x + 1.0
    assert path(deep) == path(deeper) == ["outer", "inner"]
    assert path(shallow) == ["outer"] and path(x * 2.0) == []
    assert deep.origin.path[0] is shallow.origin.path[0]        # one block, not two of a name


def test_a_block_entered_twice_is_two_scopes():
    @scope("block")
    def f(x):
        return x.tanh()

    x = Value(0.5)
    assert f(x).origin.path[0] is not f(x).origin.path[0]
    assert path(f(f(x))) == ["block"]


def test_a_scope_ends_with_an_error_too():
    x = Value(2.0)
    with pytest.raises(ZeroDivisionError), scope("broken"), scope("deeper"):
        raise ZeroDivisionError
    assert path(x * x) == []


def test_scopes_and_modes_mix():
    x = Value(2.0)
    with scope("a"), no_grad():
        assert (x * x).origin is None
        with enable_grad():
            assert path(x * x) == ["a"]
    with no_grad(), enable_grad():
        assert path(x * x) == []


def test_threads_have_scopes_of_their_own():
    seen = []
    with scope("mine"):
        thread = threading.Thread(target=lambda: seen.append(path(Value(1.0) * 2.0)))
        thread.start()
        thread.join()
    assert seen == [[]]


def test_modules_are_scopes_by_themselves():
    out = nn.MLP(2, [3, 1], seed=0)([1.0, 2.0])
    assert path(out) == ["MLP", "Layer", "Neuron"]
    neurons = {node.origin.path[-1] for node in history([out]) if node.op}
    assert len(neurons) == 4
    model = nn.Sequential(nn.Linear(2, 3, rng=0), nn.Tanh())
    assert path(model(np.ones((1, 2)))) == ["Sequential", "Tanh"]


def test_what_is_no_name_is_refused():
    for bad in ("", "  ", None, 3):
        with pytest.raises(ArgumentError, match="a scope called"):
            scope(bad)


def test_debug_mode_keeps_the_line_and_the_piece_of_it():
    a, t = Value(2.0), Tensor([1.0, 2.0], requires_grad=True)
    with debug():
        b = Value(3.0)
        loss = (a * b).tanh() + a ** b
        total = np.sum(t * 2.0)
    assert line(b).text == "b = Value(3.0)"
    assert line(loss).text == "loss = (a * b).tanh() + a ** b"
    assert line(loss).piece == "(a * b).tanh() + a ** b"
    assert [line(node).piece for node in history([loss]) if node.op] == [
        "a * b", "(a * b).tanh()", "a ** b", "(a * b).tanh() + a ** b"]
    assert line(total).piece == "np.sum(t * 2.0)"
    assert str(line(loss)).startswith("test_scopes.py:")
    assert line(a * b) is None and a.origin is not b.origin


def test_debug_mode_gives_the_same_numbers_and_graph():
    def f():
        a, b = Value(2.0), Value(-3.0)
        out = ((a * b).tanh() + a ** 2 - 2 ** b - (-a).exp().relu() / b + 1 - a) * 0.5
        out.backward()
        return [out.data, a.grad, b.grad, *((n.op.name, n.data) for n in history([out]) if n.op)]

    plain = f()
    with debug():
        assert f() == plain
    with debug(), no_grad():
        assert (Value(2.0) * 3.0).op is None


def test_a_line_of_nn_is_named_within_the_callers():
    model = nn.MLP(2, [2, 1], seed=0)
    with debug():
        out = model([1.0, 2.0])
    assert line(out).text == "out = model([1.0, 2.0])"
    assert line(out).within.text == "act = act + wi * xi"


def test_a_long_expression_is_told_by_its_first_line():
    x = Value(2.0)
    with debug():
        y = (x
             * 3.0)
    assert line(y).text == "y = (x" and line(y).piece == "x * 3.0"


def test_code_without_a_file_has_a_line_without_text():
    scope_of = {"Value": Value, "debug": debug}
    exec("with debug():\n    y = Value(2.0) * 3.0", scope_of)
    found = line(scope_of["y"])
    assert (str(found), found.text, found.piece) == ("<string>:2", "", "")


def test_copies_keep_the_scopes_and_leave_the_lines():
    x = Value(2.0)
    with debug(), scope("outer"):
        y = x * x + 1.0
        z = Tensor([1.0], requires_grad=True) * 2.0
    for made in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        assert path(made) == ["outer"] and line(made) is None
        assert made.origin.path[0] is made.args[0].origin.path[0]
    assert path(pickle.loads(pickle.dumps(z))) == ["outer"]


def test_debug_mode_reaches_what_is_recorded_within_no_grad():
    with no_grad(), debug(), enable_grad():
        y = Value(2.0) * 3.0
    assert line(y).text == "y = Value(2.0) * 3.0"


def test_code_without_a_name_or_a_line_table_does_no_harm():
    names = {"__name__": None, "Value": Value}
    with debug():
        exec("y = Value(2.0) * 3.0", names)
    assert line(names["y"]).piece == ""
    bare = compile("y = Value(2.0) * 3.0", "<bare>", "exec").replace(co_linetable=b"")
    with debug():
        exec(bare, names)
    assert line(names["y"]).piece == "" and str(line(names["y"]))


def test_classes_and_asynchronous_generators_are_not_decorated():
    async def later():
        yield 1

    for thing in (later, type("Thing", (), {})):
        with pytest.raises(DefinitionError, match="scope cannot decorate"):
            scope("name")(thing)
