"""The printed kernels against the definition: Node.contribution through sweep.pull, bit for bit.

On random scalar programs at ordinary and special numbers: division by zero, overflow, nan. Only
the sign of a zero gradient is free, since a kernel adds to a zero and the walk takes what comes.
"""

import math

import pytest
from domains import PRIMITIVES
from hypothesis import example, given, settings, strategies as st
from test_ops_scalars import INF, NAN, SPECIAL

import autograd.numpy as anp
from autograd import Value, sweep
from autograd.primitive import table

POINTWISE = [domain for domain in PRIMITIVES.values() if domain.on_values]
UNARY = [d.function for d in POINTWISE if len(d.function.rules) == 1]
BINARY = [d.function for d in POINTWISE if len(d.function.rules) == 2]
numbers = st.sampled_from(SPECIAL) | st.floats(-4, 4) | st.floats()


def equal(x, y):
    return x == y or (x != x and y != y)


@pytest.mark.parametrize("op", [*UNARY, *BINARY, table["where"]], ids=lambda op: op.name)
@given(data=st.data())
@settings(max_examples=60)
def test_one_step(op, data):
    arity = len(op.rules)
    drawn = data.draw(st.tuples(*[numbers] * arity))
    moving = data.draw(st.tuples(*[st.booleans()] * arity).filter(any))
    g = data.draw(numbers)
    args = [Value(x) if moves else x for x, moves in zip(drawn, moving, strict=True)]
    node = op(*args)
    if not node.args:                       # no rule moves: a constant
        return
    node.grad = g
    op.step(tuple(isinstance(arg, Value) for arg in node.args))(node)
    expected = {}
    for i, arg in enumerate(node.args):
        if isinstance(arg, Value) and op.rules[i] is not None:
            part = node.contribution(i, g)
            assert type(part) is float
            expected[arg] = expected[arg] + part if arg in expected else part
    for arg, part in expected.items():
        assert equal(arg.grad, part), (arg.grad, part)


@st.composite
def programs(draw):
    """Leaves, and a list of (operation, operands): sharing, repeated operands, constants."""
    leaves = draw(st.lists(numbers, min_size=1, max_size=4))
    lines = []
    for k in range(draw(st.integers(1, 14))):
        op = draw(st.sampled_from([*UNARY, *BINARY, *BINARY]))
        places = st.integers(0, len(leaves) + k - 1)
        operand = places if len(op.rules) == 1 else places | numbers
        lines.append((op, draw(st.tuples(places, *[operand] * (len(op.rules) - 1)))))
    return leaves, lines


def run(leaves, lines):
    """Every Value of the program; a whole number among the operands is a place, a float itself."""
    made = [Value(x) for x in leaves]
    for op, operands in lines:
        made.append(op(*(made[i] if type(i) is int else i for i in operands)))
    return made


@given(program=programs())
@settings(max_examples=400)
@example(program=([0.0, 1.0], [(anp.divide, (1, 0)), (anp.multiply, (2, 0))]))
@example(program=([1e308, 10.0], [(anp.multiply, (0, 1)), (anp.divide, (2, 2))]))
@example(program=([0.0], [(anp.sqrt, (0,)), (anp.multiply, (1, 0.0))]))
@example(program=([NAN, INF], [(anp.subtract, (1, 1)), (anp.maximum, (2, 0))]))
@example(program=([0.0, 0.0], [(anp.pow, (0, 1)), (anp.log, (2,)), (anp.divide, (3, 3))]))
def test_a_whole_program(program):
    made = run(*program)
    root = made[-1]
    root.backward()
    found = sweep.pull({root: 1.0})
    for value in made:
        expected = found.get(value)
        assert equal(value.grad, 0.0 if expected is None else expected), value
        assert type(value.grad) is float


@given(program=programs())
@settings(max_examples=100)
def test_steps_are_the_same_walk(program):
    root = run(*program)[-1]
    root.backward()
    if root.op is None:
        return
    arrived = {}
    for step in root.steps():
        before = 0.0 if step.before is None else step.before
        assert equal(before, arrived.get(step.operand, 0.0))
        arrived[step.operand] = step.after
    for node, grad in arrived.items():
        assert equal(node.grad, grad)


@given(program=programs())
@settings(max_examples=150)
def test_forward_and_reverse_agree_on_every_program_without_special_values(program):
    made = run(*program)
    root, leaves = made[-1], made[:len(program[0])]
    found = sweep.pull({root: 1.0}, leaves)
    for leaf in leaves:
        pulled = found.get(leaf, 0.0)
        pushed = sweep.push([root], {leaf: 1.0}).get(root, 0.0)
        if all(math.isfinite(v.data) for v in made) and math.isfinite(pulled) and (
                math.isfinite(pushed)):
            size = max(abs(pulled), abs(pushed), 1e-200)
            parts = [abs(s.contribution) for s in root.steps()]
            if max(parts, default=0.0) < 1e100:             # an overflow on the way is not linear
                assert abs(pulled - pushed) <= 1e-9 * max(size, *parts, 1e-200) * len(made) ** 2
