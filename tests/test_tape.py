"""A frozen graph has the numbers and gradients of the walk, whatever its leaves hold."""

import gc
import math
import pickle
import random
import threading

import pytest

import autograd.numpy as np
from autograd import Value, custom_gradient, stack
from autograd.compiling import machine, tape_loops
from autograd.errors import GraphError
from autograd.kinds import strong_zero
from autograd.storage import scalars
from autograd.testing import random_program
from nn import MLP

SPECIAL = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1e300, 5e-324, -710.0)


def same(found, expected, rel=1e-13):
    """The same but for rounding: terms add up in another order."""
    for x, y in zip(found, expected, strict=True):
        assert type(x) is float
        assert x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=rel), (x, y)


def graphs(seeds, engine):
    """Leaves and results of random programs, special numbers among them, that depend on Values."""
    ops = None if engine == "numpy" else ("multiply", "add", "divide", "exp", "tanh", "where")
    for seed in seeds:
        program = random_program(seed, scalars=True, smooth=seed % 4 > 0, ops=ops)
        leaves = [Value(float(x)) for x in program.inputs]
        result = program.run("value", *leaves)
        if isinstance(result, Value) and result.step:
            yield leaves, result


# -- the numbers -----------------------------------------------------------------------------------

def test_random_programs_have_the_numbers_of_the_walk(engine):
    several = list(graphs(range(100), engine))
    total = sum(result for _, result in several)        # one tape: all operations compiled once
    for _, result in several:
        result.backward()
    expected = [leaf.grad for leaves, _ in several for leaf in leaves]
    for leaf in (leaf for leaves, _ in several for leaf in leaves):
        leaf.grad = 0.0
    tape = total.freeze()
    same([tape()], [total.data])
    same([leaf.grad for leaves, _ in several for leaf in leaves], expected)


def test_special_values_are_those_of_the_walk(engine):
    operations = {
        "one": [np.exp, np.log, np.sqrt, np.tanh, np.relu, lambda x: x ** 2, lambda x: x ** 0.5],
        "two": [lambda x, y: x / y, lambda x, y: x ** y, np.maximum, lambda x, y: x % y]}
    cases = [(f, (Value(x),)) for f in operations["one"] for x in SPECIAL]
    cases += [(f, (Value(x), Value(y))) for f in operations["two"] for x in SPECIAL
              for y in SPECIAL]
    results = [f(*leaves) for f, leaves in cases]
    for result in results:
        result.backward()
    leaves = [leaf for _, leaves in cases for leaf in leaves]
    expected = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = 0.0
    tape = sum(results).freeze()
    tape()
    tape.write()
    same([leaf.grad for leaf in leaves], expected)
    same([result.data for result in results], [f(*leaves).data for f, leaves in cases])


def training():
    """A model, a loss to be recorded, and what it is recorded of."""
    random.seed(3)
    model = MLP(2, [8, 8, 1])
    points = [[Value(random.gauss(0, 1)) for _ in "xy"] for _ in range(20)]
    labels = [Value(random.choice((1.0, -1.0))) for _ in points]

    def loss():
        scores = list(map(model, points))
        losses = [(1 - label * score).relu() for label, score in zip(labels, scores)]
        return sum(losses) / len(losses) + 1e-4 * sum(p * p for p in model.parameters())

    return model, loss, points, labels


def test_a_training_loop_reads_and_learns_as_before(engine):
    (model, loss, *_), (twin, again, *_) = training(), training()
    tape = again().freeze()
    for _ in range(10):
        model.zero_grad()
        value = loss()
        value.backward()
        twin.zero_grad()
        same([tape()], [value.data])
        for p, q in zip(model.parameters(), twin.parameters(), strict=True):
            same([q.grad], [p.grad], 1e-9)
            p.data -= 0.1 * p.grad
            q.data -= 0.1 * q.grad
    assert tape.root.data < 0.5 * again().data or tape.root.data < 1.0


def test_other_inputs_are_fed_through_the_leaves(engine):
    model, loss, points, labels = training()
    tape = loss().freeze()
    for x, label in zip((x for point in points for x in point), labels * 2):
        x.data, label.data = -0.5 * x.data, -label.data
    model.zero_grad()
    same([tape(), tape.forward()], [loss().data] * 2)
    points[0][0].data = 3                               # an integer is a number too
    same([tape.forward()], [loss().data])


def test_leaves_add_up_and_the_root_starts_afresh(engine):
    x = Value(3.0)
    y = x ** 3
    tape = y.freeze()
    assert (tape(), x.grad, y.grad) == (27.0, 27.0, 1.0)
    assert (tape(2.0), x.grad, y.grad) == (27.0, 81.0, 2.0)
    assert tape.forward() == 27.0 and x.grad == 81.0
    leaf = Value(2.0)
    assert (leaf.freeze()(), leaf.grad) == (2.0, 1.0)
    square = (leaf * leaf).freeze()
    assert (square(), leaf.grad) == (4.0, 5.0)


def test_write_brings_the_values_between_up_to_date(engine):
    (_, loss, *_), (_, again, *_) = training(), training()
    frozen, eager = loss(), again()
    tape = frozen.freeze()
    tape.write()                                        # nothing was computed yet
    assert frozen.data == eager.data and frozen.grad == 0.0
    tape()
    tape.write()
    eager.backward()
    pairs = [(frozen, eager)]
    for x, y in pairs:
        same([x.data, x.grad], [y.data, y.grad], 1e-9)
        pairs += zip(x._prev, y._prev, strict=True) if len(pairs) < 2000 else ()


def test_a_chain_of_any_length_and_a_small_program(engine):
    x = y = Value(1.0)
    length = 20_000 if engine == "numba" else 500
    for _ in range(length):
        y = y + x * 1e-6
    tape, short = y.freeze(), (x + x * 1e-6).freeze()
    y.backward()
    expected, x.grad = x.grad, 0.0
    same([tape(), x.grad], [y.data, expected], 1e-9)
    assert tape.source == short.source and len(tape) == 2 * length
    assert repr(short) == "<tape of 2 operations on 1 leaves, in 2 groups>"


# -- what goes wrong -------------------------------------------------------------------------------

@custom_gradient(lambda g, x: g * 2 * x)
def black_box(x):
    return x * x


@pytest.mark.parametrize("f", [
    black_box, lambda x: np.special.betainc(x, x, x), lambda x: stack([x, x]).values()[0]])
def test_what_cannot_be_frozen_says_so(f):
    with pytest.raises(GraphError, match=r"freeze\(\) of a graph with \w+(.|\n)*help: "):
        (f(Value(0.5)) * 2.0).freeze()


def test_a_call_that_fails_writes_nothing(engine):
    x, y = Value(2.0), Value(3.0)
    z = x * y
    tape = z.freeze()
    tape()
    y.data = "three"
    with pytest.raises(ValueError):
        tape()
    assert (x.grad, y.grad, z.data) == (3.0, 2.0, 6.0)


def test_a_call_that_is_interrupted_gives_all_gradients_or_none(monkeypatch):
    monkeypatch.setattr(machine, "available", lambda: False)
    x, y = Value(2.0), Value(3.0)
    tape = (x * y).freeze()
    tape()

    class Interrupting(list):
        def __iter__(self):
            yield self[0]
            raise KeyboardInterrupt

    tape.leaves = Interrupting(tape.leaves)
    with pytest.raises(KeyboardInterrupt):
        tape._add([1.0, 1.0])
    assert (x.grad, y.grad) == (3.0, 2.0)


def test_threads_take_turns(engine):
    x = Value(1.0)
    tape = (x * x + 1.0).freeze()
    threads = [threading.Thread(target=lambda: [tape() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert x.grad == 200 * 2.0


def test_a_tape_leaves_nothing_to_the_collector(engine):
    x = Value(1.0)
    (x * x + 1.0).freeze()()                            # compiling may
    gc.collect()
    tape = (x * x + 1.0).freeze()
    tape()
    del tape
    assert gc.collect() == 0


def test_the_functions_of_floats_are_the_same_to_numba():
    pytest.importorskip("numba", reason="machine code needs Numba: pip install numba")
    binary = ("divide", "pow", "remainder", "floor_divide", "maximum", "minimum", "logaddexp",
              "atan2", "hypot", "copysign", "nextafter", "strong_zero")
    unary = sorted(machine.scope().keys() - {*binary, "where", "add", "subtract", "multiply",
                                             "at_least", "at_most", "inf", "nan", "math"})
    calls = [f"{name}(x, y)" for name in binary] + [f"{name}(x)" for name in unary]
    source = f"def functions(x, y):\n    return ({', '.join(calls)})\n"
    names = {**vars(scalars), "strong_zero": strong_zero}
    exec(source, names)
    fast = machine.compiled(source, "functions")
    for x in (*SPECIAL, -2.5, 0.3, 7.7, -1e-9):
        for y in (*SPECIAL, 3.0, -1 / 3):
            same(map(float, fast(x, y)), map(float, names["functions"](x, y)), 1e-15)


# -- the text --------------------------------------------------------------------------------------

def test_the_loops_are_the_rules():
    x, y = Value(1.0), Value(2.0)
    source = (x * y / 3.0).freeze().source
    assert "data[k] = multiply(data[at_x[k]], data[at_y[k]])" in source
    for line in ("dx = g * y", "dy = g * x", "if dx != dx and g == 0: dx = 0.0",
                 "grad[at_x[k]] += dx", "dx = g / y"):
        assert f"                {line}\n" in source
    compile(source, "", "exec")


def test_numba_compiles_what_it_has_and_numpy_the_rest():
    pytest.importorskip("numba", reason="compiled tapes need Numba: pip install numba")
    kinds = (("multiply", (True, True)),)
    first, _ = tape_loops.loops(kinds)
    assert tape_loops.loops(kinds)[0] is first          # compiled once
    x = Value(2.5)
    z = np.round(x * 1.5, 1) * x
    assert math.isclose(z.freeze()(), z.data)


def test_a_leaf_is_a_tape_too():
    leaf = Value(3.0)
    tape = leaf.freeze()
    assert tape() == 3.0 and tape(2.0) == 3.0 and leaf.grad == 3.0


def test_a_tape_is_not_pickled():
    with pytest.raises(GraphError, match="freeze"):
        pickle.dumps((Value(2.0) * 3).freeze())
