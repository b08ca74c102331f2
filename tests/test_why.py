"""why(): what comes back along all paths sums to the gradient, and what blocks it is named."""

import inspect
import math
import random

import numpy
import pytest

import autograd.numpy as np
from autograd import ArgumentError, DtypeError, ShapeError, Tensor, Value, debug, no_grad, stack
from autograd.show import why

A = numpy.asarray


def program(seed):
    """A random graph of Values with shared results: (inputs, loss)."""
    choose = random.Random(seed)
    made = inputs = [Value(choose.uniform(-1.5, 1.5), label=f"x{i}") for i in range(3)]
    made = list(inputs)
    for _ in range(choose.randint(4, 14)):
        x, y = choose.choice(made), choose.choice(made[-3:])
        made.append(choose.choice([lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - 2 * y,
                                   lambda x, y: x.tanh(), lambda x, y: (x * y).sin(),
                                   lambda x, y: x.relu() + y])(x, y))
    return inputs, made[-1]


@pytest.mark.parametrize("seed", range(100))
def test_the_products_along_all_paths_sum_to_the_gradient(seed):
    inputs, loss = program(seed)
    loss.backward()
    for x in inputs:
        answer = why(x, loss, limit=10**6)
        products = [path.product for path in answer.paths]
        size = math.fsum(map(abs, products))
        assert answer.count == len(products)
        assert abs(math.fsum(products) - x.grad) <= 1e-12 * max(size, 1e-300)
        assert abs(answer.gradient - x.grad) <= 1e-12 * max(size, 1e-300)
        for path in answer.paths:
            assert path.nodes[0] is x and path.nodes[-1] is loss
            assert all(a in b.args for a, b in zip(path.nodes, path.nodes[1:], strict=False))


def test_a_square_has_two_paths_and_the_text_shows_them():
    x = Value(3.0, label="x")
    loss = x * x
    loss.label = "loss"
    answer = why(x, loss)
    assert answer.count == 2 and [path.product for path in answer.paths] == [3.0, 3.0]
    assert str(answer).splitlines() == ["d loss / d x = 6.0, by 2 paths",
                                        "  x → loss (operand 0):   3.0 = 3.0",
                                        "  x → loss (operand 1):   3.0 = 3.0"]
    assert why(x, x).gradient == 1.0 and why(x, x).count == 1


def array_program(seed):
    """A random graph of Tensors with shared results, broadcasting and bridges: (inputs, loss)."""
    choose, draw = random.Random(seed), numpy.random.default_rng(seed)
    inputs = [Tensor(draw.uniform(-1.5, 1.5, shape), requires_grad=True, label=f"x{i}")
              for i, shape in enumerate([(2, 3), (3,), (2, 1)])]
    made = [x + A(numpy.zeros((2, 3))) for x in inputs]
    for _ in range(choose.randint(3, 7)):
        x, y = choose.choice(made), choose.choice(made[-3:])
        made.append(choose.choice([
            lambda x, y: x * y, lambda x, y: x - 2.0 * y, lambda x, y: np.tanh(x) + y,
            lambda x, y: np.sin(x @ y.T) @ y, lambda x, y: np.relu(x) + inputs[1],
            lambda x, y: x / np.sum(np.exp(y), axis=1, keepdims=True),
            lambda x, y: np.concat(np.split(x, [1], axis=1)[::-1], axis=1) * inputs[2],
            lambda x, y: np.max(x, axis=0) + y[::-1], lambda x, y: x[A([1, 0, ])] * y[0, 1],
            lambda x, y: x * stack([y[0, 0].values() * y[1, 2].values(), Value(2.0)])[0],
            lambda x, y: np.reshape(np.cumulative_sum(np.reshape(x, (6,))), (2, 3)) * 0.3 + y])(
                x, y))
    return inputs, np.mean(made[-1] * made[choose.randrange(3)])


@pytest.mark.parametrize("seed", range(100))
def test_what_all_paths_bring_sums_to_the_gradient_of_arrays(seed):
    inputs, loss = array_program(seed)
    loss.backward()
    for x in inputs:
        answer = why(x, loss, limit=10**5)
        products = [path.product for path in answer.paths]
        assert answer.count == len(products) and answer.through is None
        if x.grad is None:
            assert not products and "nothing leads" in answer.blocked
            continue
        size = sum(map(numpy.abs, products))
        assert all(product.shape == x.shape for product in products)
        assert numpy.all(abs(sum(products) - x.grad.data) <= 1e-12 * numpy.max(size))
        assert numpy.all(abs(answer.gradient - x.grad.data) <= 1e-12 * numpy.max(size))
        for path in answer.paths:
            assert path.nodes[0] is x.node and path.nodes[-1] is loss.node
            assert all(b.args[i] is a for a, b, i in zip(path.nodes, path.nodes[1:], path.places,
                                                         strict=False))


def test_a_path_through_arrays_shows_the_maps_and_the_shape():
    x = Tensor([[0.0, 1.0], [2.0, 3.0]])
    w = Tensor([[0.1], [-0.2]], requires_grad=True, label="w")
    loss = np.sum((x @ w) * 3.0)
    text = str(why(w, loss)).splitlines()
    assert text[0] == "d v3 / d w = (2, 1), 6.0 to 12.0, norm 13.416, by 1 path"
    assert text[1].startswith("  w → v1 → v2 → v3:   cᵀ @ g ← g * 3.0 ← ")
    assert text[1].endswith("= (2, 1), 6.0 to 12.0, norm 13.416")
    assert why(w, loss).paths[0].locals[0] == "cᵀ @ g"
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    both = str(why(a, stack([a * b, b])[0] * 1.0))
    assert "a → v2 → v3 → v4 → v5:   ×3.0 ← " in both and both.endswith("= 3.0")


def test_more_paths_than_the_limit_are_counted_and_the_way_is_a_table():
    x = Value(1.1, label="x")
    y = x
    for _ in range(60):
        y = y * y.sin() + y
    y.backward()
    answer = why(x, y, limit=3)
    assert len(answer.paths) == 3 and answer.count == 3**60
    assert "by about 10^29 paths" in str(answer)
    assert "3 of the paths are in .paths; for more: why(x, loss, limit=...)" in str(answer)
    assert answer.gradient == pytest.approx(x.grad, rel=1e-12)
    rows = answer.through.rows
    assert len(rows) == 3 and "178 other nodes on the way left out" in str(answer)
    assert "product of the two: what comes to x through this node" in str(answer)
    assert len(why(x, y, limit=1).through.rows) == 2
    rows = why(x, y).through.rows
    assert len(rows) == 20 and rows[0].node is x and rows[-1].node is y
    for row in rows:                            # all paths meet in the nodes that were chosen
        assert row.gradient == pytest.approx(row.node.grad, rel=1e-12)
        assert row.product == pytest.approx(x.grad, rel=1e-9)
    assert rows[0].derivative == 1.0 and rows[-1].gradient == 1.0


def test_the_table_of_arrays_shows_norms_and_what_comes_through():
    x = Tensor([0.3, -0.2, 0.5], requires_grad=True, label="x")
    y = x
    for _ in range(8):
        y = np.sin(y) * y + 0.5 * y
    y.label = "y"
    loss = np.sum(y)
    loss.backward()
    answer = why(x, loss)
    norm = float(numpy.linalg.norm(x.grad.data))
    rows = {row.node: row for row in answer.through.rows}
    assert answer.count == 3**8 and len(rows) == 20
    assert rows[x.node].gradient == pytest.approx(norm)
    assert rows[x.node].product == pytest.approx(norm)
    assert rows[y.node].product == rows[loss.node].product == pytest.approx(norm)
    assert rows[y.node].gradient == pytest.approx(math.sqrt(3))
    assert "(20 of 34 nodes on the way)" in str(answer) and "|gradient|" in str(answer)


def test_the_table_shows_where_a_gradient_dies():
    x = Value(0.5, label="x")
    y = x
    for k in range(30):
        y = y * 0.5 + y * 0.5
        if k == 20:
            y = (y * 0.0 + 800.0).tanh()
            y.label = "saturated"
    answer = why(x, y)
    row, = (row for row in answer.through.rows if row.name.startswith("saturated"))
    assert row.gradient > 0 and answer.gradient == 0 and row.derivative == 0
    assert "saturated = tanh(v65) lets nothing through: it is saturated" in answer.blocked


def test_numbers_of_paths_may_be_astronomical():
    x = Value(1.0, label="x")
    y = x
    for _ in range(30_000):
        y = (y + y) * 0.5
    answer = why(x, y)
    assert answer.count == 2**30_000 and "by about 10^9031 paths" in str(answer)
    assert answer.gradient == 1.0 and all(row.product == 1.0 for row in answer.through.rows)


def test_a_long_chain_does_not_recurse():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    answer = why(x, y)
    assert answer.paths[0].product == 1.0
    assert "v0 → v1 → v2 → v3 → … 49,994 nodes … → v49998 → v49999 → v50000:" in str(answer)


def test_what_blocks_is_named():
    x = Value(-2.0, label="x")
    dead = x.relu()
    dead.label = "hidden"
    assert "hidden = relu(x) lets nothing through" in why(x, dead * 3.0).blocked
    assert "detached" in why(x, x.detach() * 2.0).blocked
    with no_grad():
        unrecorded = x * 2.0
    assert "no_grad" in why(x, unrecorded).blocked
    assert "nothing leads" in why(x, Value(7.0) * 2.0).blocked
    assert why(x, x * 1.0 - x).blocked == "the paths cancel"


    assert why(x, np.tanh(x * 1e3 * 0.0 + x) * 0.0).blocked.count("by 0") == 1


def w(*shape):
    return Tensor(numpy.ones(shape), requires_grad=True)


X = Tensor([-1.5, 2.5, 3.5], requires_grad=True, label="x")
V = Value(2.5, label="v")
BLOCKED = {
    "relu, all": (X, lambda: np.sum(np.relu(X - 9.0)), "v2 = relu(v1) lets nothing through: its "
                  "derivative is 0 at all 3 elements of v1"),
    "relu, some": (X, lambda: np.sum(np.relu(X)), "the gradient is 0 at 1 of 3 elements: v1 = "
                   "relu(x) lets nothing through at 1 of 3 elements of x"),
    "relu, none left": (X, lambda: np.sum(np.relu(X)[0]), "v1 = relu(x) lets nothing through: its "
                        "derivative is 0 at 1 of 3 elements of x, at all that a gradient reaches"),
    "where": (X, lambda: np.sum(np.where(X > 9.0, X, 0.0)),
              "where(bool (3,), x, 0.0) lets nothing through"),
    "saturated": (X, lambda: np.sum(np.tanh(X * 1e4)), "tanh(v1) lets nothing through: it is "
                  "saturated, its derivative at v1 = (3,), -15000.0 to 35000.0, norm 45552.168 "
                  "underflows to 0"),
    "saturated number": (V, lambda: (V * 1e4).tanh(), "derivative at v1 = 25000.0 underflows"),
    "step": (X, lambda: np.sum(np.floor(X)), "floor(x) lets nothing through: it is a step"),
    "step of a number": (V, lambda: round(V), "it is a step, and its derivative is 0 everywhere, "
                         "also at v = 2.5"),
    "cast": (X, lambda: np.sum(X.astype("int64") * 0.5), "no operation that made it was recorded. "
             "help: build it outside no_grad(), do not detach it, and go through no comparison, "
             "argmax or cast to integers"),
    "by zeros": (X, lambda: np.sum(X * A([0.0, 0.0, 0.0])), "v1 = x * float64 (3,) lets "
                 "nothing through: it multiplies x = (3,), -1.5 to 3.5, norm 4.555 by 0"),
    "by a zero matrix": (X, lambda: np.sum(X @ A(numpy.zeros((3, 2)))), "by 0"),
    "by 0": (V, lambda: V * 0.0, "it multiplies v = 2.5 by 0"),
    "no element": (X, lambda: np.sum(X[X > 9.0]), "it takes no element of x"),
    "one element": (X, lambda: X[1] * 2.0, "0 at 2 of 3 elements: v1 = x[1] picks 1 of 3 "
                    "elements of x"),
    "the greatest": (X, lambda: np.max(X) * 2.0, "max(x) picks 1 of 3 elements of x"),
    "underflow": (X, lambda: np.sum(X * 1e-200 * 1e-200), "is so small that it underflows to 0"),
    "cancel": (X, lambda: np.sum(X - X), "the paths cancel"),
    "cancel on the way": (X, lambda: (lambda h: np.sum(h * 2.0 - h - h))(np.sin(X)),
                          "the paths cancel in v1 = sin(x)"),
    "cancel within": (X, lambda: np.sum(X[:1] * A([1.0, -1.0])), "adds up to 0"),
    "cancel, nearly": (V, lambda: V * 0.1 + V * 0.2 - V * 0.3, "cancel, but for rounding"),
    "detached": (X, lambda: np.sum(X.detach() * w(3)), "operand 0 of v1 = float64 (3,) * v0 is a "
                 "constant that shares its array"),
    "a copy": (X, lambda: np.sum(w(3) * X.data.copy()), "operand 1 of v1 = v0 * float64 (3,) is a "
               "constant that has the same numbers"),
    "a number taken out": (V, lambda: Value(3.0) * V.data, "has the same number, 2.5"),
    "an item": (w(), lambda: w(2)[0] * 1.0, "nothing leads"),
    "an integer": (V, lambda: Value(3.0) * int(V.data), "a constant that is 2, near 2.5"),
    "integers": (X, lambda: np.sum(np.where(True, w(3), X.data.astype(int))), "has the "
                 "same numbers without their fractions"),
    "a comparison": (X, lambda: np.sum(np.where(X > 0, 1.0, w(3))), "holds booleans in its shape"),
    "a comparison of a number": (V, lambda: Value(3.0) * (V > 0), "a constant that is True"),
    "argmax": (X, lambda: np.argmax(X), "no operation that made it was recorded"),
    "integer x": (Tensor([1, 2], label="n"), lambda: np.sum(w(2)), "n is int64 (2,): integers"),
    "no gradient": (Tensor([1.0], label="c"), lambda: np.sum(w(1)), "c does not require a grad"),
    "not connected": (X, lambda: np.sum(w(3)), "nothing leads from x to the loss. help: use it"),
    "not finite": (X, lambda: np.sum((X - X) / (X - X)), "explain_nan"),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_what_blocks_is_named_with_operation_and_numbers(name):
    x, loss, said = BLOCKED[name]
    with numpy.errstate(all="ignore"):
        answer = why(x, loss())
    assert said in answer.blocked
    assert answer.blocked in str(answer) and "0x" not in str(answer)


def test_where_nothing_blocks_nothing_is_said():
    for loss in (np.sum(X * 2.0), np.mean(np.softmax(X) * A([1.0, 2.0, 3.0])), np.norm(X)):
        assert why(X, loss).blocked == ""
    assert why(V, V * 2.0).blocked == ""


def test_the_line_of_what_blocks_is_named():
    x = Value(-2.0, label="x")
    with debug():
        hidden = x.relu()
        loss = hidden * 3.0
    line = inspect.getsourcelines(test_the_line_of_what_blocks_is_named)[1] + 3
    assert f"(test_why.py:{line}: hidden = x.relu())" in why(x, loss).blocked


def test_operands_and_other_blocks_are_counted_and_named():
    x, y = Value(0.0, label="x"), Value(0.0, label="y")
    answer = why(x, x * x)
    assert answer.blocked == "v1 = x * x lets nothing through: it multiplies x = 0.0 by itself"
    assert str(answer).splitlines()[1:3] == ["  x → v1 (operand 0):   0.0 = 0.0",
                                             "  … and 1 path more, bringing 0"]
    assert "it multiplies x = 0.0 by y = 0" in why(x, x * y).blocked
    two = why(x, (x - 1.0).relu() + (x - 2.0).relu()).blocked
    assert two.startswith("v2 = relu(v1) lets") and two.endswith("; v4 = relu(v3) blocks too")
    three = sum((x - k).relu() for k in (1.0, 2.0, 3.0))
    assert why(x, three).blocked.endswith("; 2 other operations block too")


def test_paths_show_what_matters_the_largest_first():
    x = Value(2.0, label="x")
    dead = (-x).relu()
    small, large = x * 0.5, x * -7.0
    loss = dead * 3.0 + dead * 4.0 + small + large + 1.0
    loss.label = "loss"
    answer = why(x, loss)
    lines = str(answer).splitlines()
    assert [path.product for path in answer.paths] != sorted(path.product for path in answer.paths)
    assert len(answer.paths) == 4 and len(lines) == 5
    assert lines[0] == "d loss / d x = -6.5, by 4 paths"
    assert lines[1].endswith(":   -7.0 = -7.0") and lines[2].endswith(":   0.5 = 0.5")
    assert lines[3:] == ["  … and 2 paths more, bringing 0", "  (factors of 1 are left out)"]
    assert "-0.0" not in str(answer) and "-0.0" not in str(why(x, -(dead * 1.0)))
    y = x
    for k in range(40):
        y = y * (1.0 + k / 100) + 1.0
    line = str(why(x, y)).splitlines()[1]
    assert ":   1.01 × 1.02 × 1.03 × … 33 factors … × 1.37 × 1.38 × 1.39 = " in line


def test_names_are_the_callers_variables_or_given():
    a, b = Value(2.0), Tensor([1.0, 2.0], requires_grad=True)
    g = a * a * 3.0
    assert str(why(a, g, names=True)).startswith("d g / d a = 12.0")
    assert str(why(a, g, names={"slope": g})).startswith("d slope / d v0 = 12.0")
    other = Tensor([3.0, 4.0], requires_grad=True)
    total = np.sum(b * other * b)
    assert "g * other" in str(why(b, total, names=True))
    assert "d total / d b" in str(why(b, total, names=True))
    with pytest.raises(ArgumentError, match="names="):
        why(a, g, names=1.5)


def test_the_order_of_making_matters():
    x = Value(2.5, label="x")
    loss = x * 2.0
    assert "the other way round" in why(loss + 1.0, loss).blocked
    assert "the loss is a leaf" in why(loss, x).blocked
    assert "this result, getitem(...), lies beside the loss" in why(X[0], np.sum(X)).blocked
    assert "help: ask about x, which does lead there" in why(X[0], np.sum(X)).blocked
    newer = Value(7.0, label="x")
    assert "was made after the loss" in why(newer, loss).blocked


def test_complex_arrays():
    z = Tensor([1.0 + 2.0j, 3.0j], requires_grad=True, label="z")
    loss = np.sum(np.real(z * np.conj(z)))
    loss.backward()
    answer = why(z, loss)
    assert answer.count == 2 and numpy.allclose(answer.gradient, z.grad.data)
    assert numpy.allclose(sum(path.product for path in answer.paths), z.grad.data)
    y = z
    for _ in range(5):
        y = y * y * 0.5
    answer = why(z, np.sum(np.abs(y)))
    assert [row.product for row in answer.through.rows] == pytest.approx(
        [answer.through.rows[0].product] * len(answer.through.rows))
    with pytest.raises(DtypeError, match="complex"):
        why(z, np.sum(z))


@pytest.mark.parametrize("name", ["array_api_strict", "torch", "jax.numpy"])
def test_other_storages(name):
    xp = pytest.importorskip(name)
    x = Tensor(xp.asarray([0.5, -2.0, 3.0], dtype=xp.float32), requires_grad=True, label="x")
    answer = why(x, np.sum(np.relu(x) * x))
    assert answer.count == 2 and "norm 6.083" in str(answer)
    assert "0 at 1 of 3 elements: v1 = relu(x)" in answer.blocked
    y = x
    for _ in range(6):
        y = np.sin(y) * y
    assert len(why(x, np.sum(y)).through.rows) == 14
    other = Tensor(xp.asarray([1.0, 1.0, 1.0], dtype=xp.float32), requires_grad=True)
    assert "shares its array" in why(x, np.sum(x.detach() * other)).blocked
    assert "tanh(v1) lets nothing through" in why(x, np.sum(np.tanh(x * 1e4))).blocked


def test_labels_are_shortened_and_errors_are_sentences():
    x = Value(2.0, label="<script>\n" * 4000)
    assert len(str(why(x, x.relu() * 1.0))) < 300
    for ends in ((3.0, V), (V, [V]), (None, None)):
        with pytest.raises(DtypeError, match="two Values or Tensors"):
            why(*ends)
    with pytest.raises(ShapeError, match=r"shape \(3,\)"):
        why(X, X * 2.0)
