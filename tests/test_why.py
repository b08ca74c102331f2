"""why(): the products of the local derivatives along all paths sum to the gradient."""

import math
import random

import pytest

from autograd import DtypeError, Tensor, Value, no_grad
from autograd.show import why


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
                                        "  x → loss:   3.0 = 3.0", "  x → loss:   3.0 = 3.0"]
    assert why(x, x).gradient == 1.0 and why(x, x).count == 1


def test_more_paths_than_the_limit_are_counted_and_summed():
    x = Value(1.1)
    y = x
    for _ in range(60):
        y = y * y.sin() + y
    y.backward()
    answer = why(x, y, limit=3)
    assert len(answer.paths) == 3 and answer.count == 3**60
    assert "more; why(x, loss, limit=...)" in str(answer)
    assert answer.gradient == pytest.approx(x.grad, rel=1e-12)


def test_a_long_chain_does_not_recurse():
    x = Value(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    assert why(x, y).paths[0].product == 1.0


def test_what_blocks_is_named():
    x = Value(-2.0, label="x")
    dead = x.relu()
    dead.label = "hidden"
    assert "hidden = relu(...) lets nothing through" in why(x, dead * 3.0).blocked
    assert "detached" in why(x, x.detach() * 2.0).blocked
    with no_grad():
        unrecorded = x * 2.0
    assert "no_grad" in why(x, unrecorded).blocked
    assert "nothing leads" in why(x, Value(7.0) * 2.0).blocked
    assert why(x, x * 1.0 - x).blocked == "the paths cancel"


def test_arrays_are_refused():
    with pytest.raises(DtypeError, match=r"values\(\)"):
        why(Tensor([1.0], requires_grad=True), Value(1.0))
