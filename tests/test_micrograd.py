"""micrograd's programs run with only the import changed, and give micrograd's numbers."""

import math
import os
import pathlib
import random
import subprocess
import sys

import pytest

import autograd
import autograd.numpy as np
from autograd import Value


def readme(a, b):
    """The expression of micrograd's README, on whatever a and b are."""
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


def sanity(x):
    """micrograd's first test: a leaf used in many places, through relu."""
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    return h + q + q * x


def test_readme_example_with_in_place_operators():
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    assert f"{g.data:.4f}" == "24.7041"
    g.backward()
    assert f"{a.grad:.4f}" == "138.8338" and f"{b.grad:.4f}" == "645.5773"
    assert g.grad == 1 and readme(-4.0 + a * 0, 2.0 + b * 0).data == g.data


@pytest.mark.parametrize(("f", "at"), [(sanity, (-4.0,)), (readme, (-4.0, 2.0))])
def test_against_pytorch(f, at):
    torch = pytest.importorskip("torch", reason="install torch==2.13.0")
    ours = [Value(x) for x in at]
    theirs = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in at]
    y, z = f(*ours), f(*theirs)
    y.backward()
    z.backward()
    assert y.data == pytest.approx(z.item(), rel=1e-14)
    assert [x.grad for x in ours] == pytest.approx([t.grad.item() for t in theirs], rel=1e-14)


if "MICROGRAD_SDIST" in os.environ:
    def test_its_own_test_file(tmp_path):
        """The test file of micrograd's source distribution, unpacked where the variable says."""
        pytest.importorskip("torch", reason="install torch==2.13.0")
        source = pathlib.Path(os.environ["MICROGRAD_SDIST"], "test", "test_engine.py").read_text()
        changed = source.replace("from micrograd.engine import", "from autograd import")
        assert changed != source
        (tmp_path / "test_engine.py").write_text(changed)
        done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
                              cwd=tmp_path, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        assert done.returncode == 0 and "2 passed" in done.stdout, done.stdout


def program(seed):
    """A random program of the operations that micrograd has, with its inputs."""
    choose = random.Random(seed)
    inputs = [choose.uniform(-2, 2) for _ in range(3)]
    steps = [(choose.choice(["+", "*", "-", "/", "**", "relu", "neg", "+2", "3-", "2/", "sum"]),
              choose.random(), choose.random(), choose.choice([2, 3, -1, 0.5, 1]))
             for _ in range(choose.randint(1, 25))]
    return inputs, steps


def evaluate(kind, inputs, steps):
    """The leaves and the last result of a random program."""
    leaves = [kind(x) for x in inputs]
    nodes = list(leaves)
    for name, i, j, power in steps:
        x, y = (nodes[int(k * len(nodes))] for k in (i, j))
        safe = y * y + 1.5
        nodes.append({"+": lambda x=x, y=y: x + y, "*": lambda x=x, y=y: x * y * 0.3,
                      "-": lambda x=x, y=y: x - y, "/": lambda x=x, s=safe: x / s,
                      "**": lambda s=safe, p=power: (s / (s + 1)) ** p,
                      "relu": lambda x=x: x.relu(), "neg": lambda x=x: -x,
                      "+2": lambda x=x: 2 + x, "3-": lambda x=x: 3 - x, "2/": lambda s=safe: 2 / s,
                      "sum": lambda x=x, y=y: sum([x, y, x]) / 3}[name]())
    return leaves, nodes, nodes[-1]


def test_200_random_programs_beside_micrograd():
    engine = pytest.importorskip("micrograd.engine", reason="install micrograd==0.1.0")
    for seed in range(200):
        inputs, steps = program(seed)
        ours, our_nodes, y = evaluate(Value, inputs, steps)
        theirs, their_nodes, z = evaluate(engine.Value, inputs, steps)
        y.backward()
        z.backward()
        assert [n.data for n in our_nodes] == pytest.approx([n.data for n in their_nodes],
                                                            rel=1e-12, abs=1e-300)
        reached = [(n.grad, m.grad) for n, m in zip(our_nodes, their_nodes, strict=True)]
        for ours_is, theirs_is in reached:
            assert ours_is == pytest.approx(theirs_is, rel=1e-12, abs=1e-13), seed
        assert [x.grad for x in ours] == pytest.approx([x.grad for x in theirs], rel=1e-12,
                                                       abs=1e-13)


def test_200_random_programs_beside_differences():
    for seed in range(200):
        inputs, steps = program(seed)
        leaves, _, y = evaluate(Value, inputs, steps)
        y.backward()
        for i, leaf in enumerate(leaves):
            def f(h, i=i, inputs=inputs, steps=steps):
                moved = [x + h * (i == k) for k, x in enumerate(inputs)]
                with autograd.no_grad():
                    return evaluate(Value, moved, steps)[2].data

            wide, narrow = ((f(h) - f(-h)) / (2 * h) for h in (2e-4, 1e-4))
            best = (4 * narrow - wide) / 3
            if abs(narrow - wide) < 1e-4 * max(1, abs(best)):   # elsewhere a relu is at its kink
                assert leaf.grad == pytest.approx(best, rel=1e-5, abs=1e-6), seed


def trace(root):
    """The walk of a notebook that draws micrograd's graphs: nodes and edges by `_prev`."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def draw_dot(root):
    """Lines of DOT as such notebooks write them."""
    nodes, edges = trace(root)
    lines = []
    for n in nodes:
        lines.append("%s [label=\"{ %s | data %.4f | grad %.4f }\"]" % (  # noqa: UP031
            id(n), n.label, n.data, n.grad))
        if n._op:
            lines += [f"{id(n)}{n._op} [label={n._op}]", f"{id(n)}{n._op} -> {id(n)}"]
    return lines + [f"{id(a)} -> {id(b)}{b._op}" for a, b in edges]


def test_code_that_draws_reads_what_it_expects():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.label = "o"
    o.backward()
    nodes, edges = trace(o)
    assert len(nodes) == 10 and len(edges) == 9
    assert {v.label for v in nodes} == {"x1", "x2", "w1", "w2", "b", "n", "o", ""}
    assert sorted(v._op for v in nodes) == ["", "", "", "", "", "*", "*", "+", "+", "tanh"]
    grads = {v.label: v.grad for v in (x1, x2, w1, w2, o, n)}
    assert grads == pytest.approx({"x1": -1.5, "x2": 0.5, "w1": 1.0, "w2": 0.0, "o": 1.0, "n": 0.5})
    assert any("data 0.7071 | grad 1.0000" in line for line in draw_dot(o))


def test_operations_have_micrograds_signs():
    a, b = Value(2.0), Value(3.0)
    signs = {"+": a + b, "*": a * b, "**2": a**2, "**-1": a**-1, "**0.5": a**0.5, "ReLU": a.relu(),
             "": a, "tanh": a.tanh(), "exp": a.exp()}
    assert {sign: value._op for sign, value in signs.items()} == {sign: sign for sign in signs}
    assert set((a * a)._prev) == {a} and set((a + b)._prev) == {a, b} and not set(a._prev)


def test_the_lectures_variants():
    a, b = Value(2.0, label="a"), Value(-3)
    assert b.data == -3.0 and type(b.data) is float and repr(a).startswith("Value(data=2.0")
    o = (2 * (a * b / 10.0)).exp()
    e = (o - 1) / (o + 1)                               # tanh(a·b/10) spelt out
    e.backward()
    slope = (1 - math.tanh(-0.6) ** 2) / 10
    assert (e.data, a.grad, b.grad) == pytest.approx((math.tanh(-0.6), -3 * slope, 2 * slope))
    assert (Value(4.0) ** -1).data == 0.25 == (1 / Value(4.0)).data
    total = sum((w * x for w, x in zip([a, b], [1.0, 2.0], strict=True)), Value(0.5))
    assert total.data == -3.5 and sum([a, b]).data == -1.0


@pytest.mark.parametrize("zero", [0.0, 0, None])
def test_the_lectures_training_loop(zero):
    xs = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    choose = random.Random(1)
    parameters = [Value(choose.uniform(-1, 1)) for _ in range(4)]
    losses = []
    for _ in range(40):
        predicted = [sum((w * x for w, x in zip(parameters, row, strict=False)),
                         parameters[3]).tanh() for row in xs]
        loss = sum((out - y) ** 2 for y, out in zip(ys, predicted, strict=True))
        for p in parameters:
            p.grad = zero if zero is not None else 0.0
        loss.backward()
        for p in parameters:
            p.data += -0.05 * p.grad
        losses.append(loss.data)
    assert losses[-1] < 0.5 * losses[0] and sorted(losses, reverse=True) == losses


def test_gradients_set_to_None_start_afresh():  # noqa: N802
    """`p.grad = None`, PyTorch's way to zero, does not break the next backward pass."""
    p = Value(2.0)
    (p * p).backward()
    p.grad = None
    (p * p).backward()
    assert p.grad == 4.0


def test_functions_of_arrays_work_on_values():
    v = Value(0.3)
    assert np.sin(v).data == math.sin(0.3)
    assert np.sigmoid(v).data == pytest.approx(1 / (1 + math.exp(-0.3)))
