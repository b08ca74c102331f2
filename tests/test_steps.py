"""steps(): the backward pass one contribution at a time, and the ruler around it."""

import json
import math
import random
import subprocess
import sys

import numpy
import pytest
from test_micrograd import readme
from test_why import program

import autograd.numpy as np
import nn
from autograd import ArgumentError, GraphError, Tensor, Value, debug, no_grad
from autograd.kinks import near
from autograd.sweep import history


def example():
    """micrograd's README example: (inputs, result)."""
    a, b = Value(-4.0, label="a"), Value(2.0, label="b")
    g = readme(a, b)
    g.label = "g"
    return (a, b), g


def arrays():
    """A small network of Tensors with broadcasting: (leaves, loss)."""
    rng = numpy.random.default_rng(0)
    x = rng.normal(size=(4, 3))
    w = Tensor(rng.normal(size=(3, 2)), requires_grad=True, label="w")
    b = Tensor(rng.normal(size=2), requires_grad=True, label="b")
    loss = np.mean(np.tanh(x @ w + b) ** 2) + np.sum(w * w) * 0.1
    loss.label = "loss"
    return (w, b), loss


def equal(x, y):
    return numpy.array_equal(numpy.asarray(x), numpy.asarray(y))


@pytest.mark.parametrize("make", [example, arrays, *(lambda s=s: program(s) for s in range(20))])
def test_contributions_into_a_node_sum_to_exactly_its_gradient(make):
    leaves, loss = make()
    steps = loss.steps()
    loss.backward()
    for leaf in leaves:
        into = steps.into(leaf) if (leaf.node if isinstance(leaf, Tensor) else leaf) in (
            steps.names) else []
        total = None
        for step in into:
            assert (step.before is None) == (total is None)
            assert total is None or equal(step.before, total)
            total = step.contribution if total is None else total + step.contribution
            assert equal(step.after, total)
        grad = leaf.grad.data if isinstance(leaf, Tensor) else leaf.grad
        assert equal(0.0 if total is None else total, grad)


def test_upstream_times_local_is_the_contribution_and_writes_nothing():
    (a, b), g = example()
    steps = g.steps()
    assert a.grad == b.grad == 0.0 and len(steps) == len(list(steps)) == len(steps[:])
    for step in steps:
        assert step.upstream * step.local == pytest.approx(step.contribution, rel=1e-15)
        assert step.operand is step.node.args[step.i]
        for text in (step.symbols, step.numbers, step.code):
            assert text and text in repr(step)


def test_every_edge_is_one_step_and_the_order_is_backward():
    _, g = example()
    steps = g.steps()
    edges = [(node, i) for node in history([g]) for i, arg in enumerate(node.args)
             if isinstance(arg, Value)]
    assert sorted((id(s.node), s.i) for s in steps) == sorted((id(n), i) for n, i in edges)
    serials = [step.node.serial for step in steps]
    assert serials == sorted(serials, reverse=True)


def test_a_gradient_is_final_before_it_is_passed_on():
    _, g = example()
    steps = g.steps()
    for k, step in enumerate(steps):
        into = [j for j, other in enumerate(steps) if other.operand is step.node]
        assert all(j < k for j in into)


def test_summing_what_was_broadcast_is_a_step_of_its_own():
    _, loss = arrays()
    summed = [step for step in loss.steps() if step.summed]
    names = {step.names[step.operand] for step in summed}
    assert "b" in names and all(step.adds and step.local is None for step in summed)
    step = next(step for step in summed if step.names[step.operand] == "b")
    assert "sum over axis 0, because b was broadcast" in step.symbols
    assert step.upstream.shape == (4, 2) and step.contribution.shape == (2,)
    assert equal(step.upstream.sum(0), step.contribution)


@pytest.mark.parametrize(("shape", "axes"), [
    ((3,), "axis 0"), ((1, 3), "axis 0"), ((2, 1), "axis 1"), ((), "axes 0, 1"),
    ((1, 1), "axes 0, 1")])
def test_the_axes_of_broadcasting_are_named(shape, axes):
    x = Tensor(numpy.ones((2, 3)), requires_grad=True)
    b = Tensor(numpy.ones(shape), requires_grad=True, label="b")
    (x * b).sum().backward()
    texts = [step.symbols for step in (x * b).sum().steps() if step.summed]
    assert texts == [texts[0]] and f"sum over {axes}, because b" in texts[0]


def test_at_is_where_a_gradient_became_final():
    (a, b), g = example()
    steps = g.steps()
    assert steps.at(a) is steps.into(a)[-1] and steps.at(b).after == steps.into(b)[-1].after
    with pytest.raises(ArgumentError, match="no step reaches"):
        steps.at(g)
    with pytest.raises(ArgumentError, match="not in this graph"):
        steps.at(Value(1.0))
    with pytest.raises(ArgumentError, match="not in this graph"):
        steps.at("a")


def test_the_ruler_goes_from_the_first_operation_to_the_moved_weight():
    w = Value(5.0, label="w")
    loss = (w * 2 - 6) ** 2 * 0.5
    steps = loss.steps(update=nn.SGD([w], lr=0.1).step)
    assert [frame.phase for frame in steps.frames] == [
        *["forward"] * 3, "loss", *["backward"] * (1 + len(steps)), "update"]
    assert w.data == 4.2 and w.grad == 8.0
    assert steps.updates[0].numbers == "5 → 4.2   (by -0.8, its gradient is 8)"
    assert steps.frames[0].numbers == "5 * 2 = 10"                  # as it was, not as it is
    assert steps.updates[0].before == 5.0 and steps.updates[0].after == 4.2
    assert loss.steps().frames[-1].phase == "backward"


def test_an_update_is_that_of_its_own_pass():
    w = Value(5.0, label="w")
    loss = (w * 2 - 6) ** 2 * 0.5
    loss.backward()                                         # of before: must not count twice
    steps = loss.steps(update=nn.SGD([w], lr=0.1).step)
    assert w.data == 4.2 and w.grad == 8.0 == steps.at(w).after
    assert str(steps).splitlines()[-1].split()[:4] == ["w", "←", "w", "+"]


def test_zero_times_infinity_says_that_zero_stays():
    x = Value(0.0, label="x")
    texts = [step.numbers for step in (x.log() * 0.0).steps()]
    assert texts[-1].startswith("0 × inf = 0 (0 stays 0)")


def test_an_update_of_tensors_keeps_what_was_before():
    (w, b), loss = arrays()
    before = w.data.copy()
    steps = loss.steps(update=nn.Adam([w, b], lr=0.1).step)
    moved = {update.name: update for update in steps.updates}
    assert set(moved) == {"w", "b"}
    assert equal(moved["w"].before, before) and equal(moved["w"].after, w.data)
    assert not equal(before, w.data) and equal(moved["w"].gradient, w.grad.data)


def test_what_nothing_recorded_cannot_be_stepped():
    with no_grad():
        loss = Value(2.0) * 3.0
        other = Tensor([1.0], requires_grad=True) * 2.0
    for x in (loss, other, Value(1.0), Tensor([1.0])):
        with pytest.raises(GraphError, match=r"nothing to step through.*\nhelp: .*no_grad"):
            x.steps()
    with pytest.raises(ValueError, match="needs a seed"):
        (Tensor([1.0, 2.0], requires_grad=True) * 2.0).steps()


def test_names_come_from_labels_and_on_request_from_variables():
    x, y = Value(2.0), Value(3.0, label="why")
    product = x * y
    loss = product + x
    assert "dv3/dv2" in loss.steps()[0].symbols
    first = loss.steps(names=True)[0]
    assert first.symbols == "dloss/dproduct += dloss/dloss · ∂loss/∂product"
    assert loss.steps(names={"p": product})[0].symbols.startswith("dv3/dp")
    assert "dloss/dwhy" in str(loss.steps(names=True)) and x.label == ""


def test_the_line_of_code_stands_in_the_step():
    with debug():
        a, b = Value(2.0, label="a"), Value(-3.0, label="b")
        e = a * b
    step = e.steps()[0]
    assert step.line.text == "e = a * b"
    assert step.code.startswith("v2 = a * b   # test_steps.py:") and step.code.endswith("e = a * b")
    assert (a * b).steps()[0].code == "v2 = a * b" and (a * b).steps()[0].line is None


def test_until_finds_large_gradients_nan_and_kinks():
    x = Value(0.0, label="x")
    y = x.relu() * 1000.0 + x.sqrt()
    steps = y.steps()
    assert [s.node.op.name for s in steps.until(above=100.0)] == ["sqrt", "multiply", "relu"]
    assert [s.node.op.name for s in steps.until(kink=True) if s.kink] == ["relu"]
    assert [s.node.op.name for s in steps.until(kink=False)] == ["sqrt", "relu"]    # inf
    assert (Value(2.0) * 3.0).steps().until() == []
    bad = Value(math.inf) * 0.0 * Value(2.0)
    assert [s.contribution for s in bad.steps().until()][-1] != 0.0


@pytest.mark.parametrize(("f", "x", "there"), [
    (np.relu, 0.0, True), (np.relu, 1.0, False), (np.abs, 0.0, True), (np.abs, 1e-300, False),
    (lambda x: np.clip(x, 0.0, 1.0), 1.0, True), (lambda x: np.clip(x, 0.0, 1.0), 0.5, False),
    (lambda x: np.maximum(x, Value(1.0)), 1.0, True), (lambda x: x % 1.0, 2.5, False),
    (np.square, 0.0, False), (np.sin, math.pi / 2, False), (np.sqrt, 0.0, False),
    (np.cos, 0.0, False), (np.exp, 700.0, False), (lambda x: 1.0 / x, 0.0, False),
    (lambda x: x**3, 0.0, False), (np.tanh, 30.0, False), (np.log, 1e-300, False)])
def test_kinks_are_where_the_derivative_jumps(f, x, there):
    assert near(f(Value(x))) == there
    if "maximum" not in f(Value(x)).op.name:
        with numpy.errstate(all="ignore"):
            assert numpy.any(near(f(Tensor([0.3, x], requires_grad=True)).node)) == there


def test_ties_of_a_maximum_are_kinks():
    ties, none = Tensor([1.0, 2.0, 2.0], requires_grad=True), Tensor([1.0, 2.0], requires_grad=True)
    assert near(np.max(ties).node) and not near(np.max(none).node)
    assert not near(np.prod(Tensor([0.0, 0.0, 2.0], requires_grad=True)).node)


def test_json_holds_the_graph_the_steps_and_what_is_not_finite():
    (a, b), g = example()
    told = json.loads(g.steps().to_json())
    assert [node["name"] for node in told["nodes"]][:2] == ["a", "b"]
    gradients = {}
    for step in told["steps"]:
        gradients[step["operand"]] = gradients.get(step["operand"], 0.0) + step["contribution"]
    g.backward()
    assert gradients[0] == pytest.approx(a.grad) and gradients[1] == pytest.approx(b.grad)
    bad = json.loads((Value(0.0).log() * 2.0).steps().to_json())
    assert bad["nodes"][1]["data"] == "-inf" and bad["steps"][-1]["after"] == "inf"
    _, loss = arrays()
    step = json.loads(loss.steps().to_json())["steps"][-1]
    assert numpy.asarray(step["contribution"]).ndim == 2


def test_several_outputs_have_steps():
    x = Tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True, label="x")
    first, second = np.split(x * 2.0, 2)
    loss = np.sum(first * second)
    steps = loss.steps()
    assert str(steps) and json.loads(steps.to_json())
    loss.backward()
    assert equal(steps.at(x).after, x.grad.data)


def test_printing_a_long_pass_is_one_line_a_step():
    (_, _), g = example()
    steps = g.steps()
    assert len(str(steps).splitlines()) == len(steps) and "0x" not in repr(steps)
    assert f"{len(steps)} steps back from g" in repr(steps)


PROGRAM = """
from autograd import Value

def build():
    return Value(2.0, label="x") * 3.0

if __name__ == "__main__":
    a = Value(2.0)
    b = Value(-3.0)
    loss = a * b + a
    number = 3
"""


def run(tmp_path, target, text=""):
    """`python -m autograd step TARGET` on PROGRAM."""
    (tmp_path / "example.py").write_text(PROGRAM)
    return subprocess.run([sys.executable, "-m", "autograd", "step", target.format(tmp_path)],
                          input=text, capture_output=True, text=True, timeout=60)


def test_the_command_steps_through_a_file(tmp_path):
    done = run(tmp_path, "{}/example.py:loss")
    assert done.returncode == 0 and done.stderr == ""
    assert "dloss/da += dloss/dv2 · ∂v2/∂a" in done.stdout
    assert "(1 → -2)" in done.stdout and "# example.py:10: loss = a * b + a" in done.stdout
    assert "dv1/dx" in run(tmp_path, "{}/example.py:build").stdout


@pytest.mark.parametrize(("target", "said"), [
    ("{}/example.py:nothing", "leaves no 'nothing' behind; there are: a, b, loss"),
    ("{}/example.py:number", "not a Value or Tensor"), ("{}/missing.py:loss", "there is no file"),
    ("{}/example.py", "does not say what to step through"),
    ("{}/example.py:a", "nothing to step through")])
def test_the_command_says_what_is_wrong(tmp_path, target, said):
    done = run(tmp_path, target)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr


def test_random_walks_of_the_ruler_agree_with_the_numbers():
    choose = random.Random(0)
    for seed in range(20):
        _, loss = program(seed)
        if loss.op is None:
            continue
        frames = loss.steps().frames
        frame = choose.choice(frames)
        assert frame.symbols and frame.numbers and frame.code.startswith(frame.name)


def test_what_steps_say_is_of_the_moment_they_were_made():
    a, c = Value(2.0, label="a"), Tensor([1.0, 2.0], requires_grad=True, label="c")
    both = [(a * a).steps(), (c * c).sum().steps()]
    before = [[str(steps), steps.to_json(), steps._repr_html_()] for steps in both]
    both = [(a * a).steps(), (c * c).sum().steps()]             # nothing was read of these
    a.data = 10.0
    with no_grad():
        c[...] = 50.0
    assert [[str(steps), steps.to_json()] for steps in both] == [kept[:2] for kept in before]


def test_an_update_keeps_what_was_before_in_numbers_json_and_views():
    w = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, label="w")
    loss = np.sum(w.T * w)
    steps = loss.steps(update=nn.SGD([w], lr=0.1).step)
    data = [node["data"] for node in json.loads(steps.to_json())["nodes"]]
    assert data[0] == [[1.0, 2.0], [3.0, 4.0]] and [[1.0, 3.0], [2.0, 4.0]] in data
    assert w.data.tolist() != data[0]


def test_an_update_that_fails_leaves_the_gradients_as_they_were():
    w = Value(3.0)
    loss = w * w
    loss.backward()

    def update():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loss.steps(update=update)
    assert w.grad == 6.0 and loss.grad == 1.0
    with pytest.raises(ArgumentError, match="update=int 3"):
        loss.steps(update=3)


def test_what_did_not_move_is_no_update():
    nan, w = Value(math.nan), Tensor(2.0, requires_grad=True, label="w")
    assert (nan * nan).steps(update=lambda: None).updates == ()

    def clear():
        w.data = w.data - 0.1 * w.grad.data
        w.grad = None

    steps = (w * w).steps(update=clear)
    assert steps.updates[0].numbers == "2 → 1.6   (by -0.4, its gradient is 4)"
    assert steps._repr_html_()


def test_a_given_gradient_is_said():
    a = Value(2.0, label="a")
    assert (a * a).steps(gradient=3.0).seed.symbols == "dv1/dv1, the gradient given"
    assert (a * a).steps().seed.symbols == "dv1/dv1 = 1"


def test_local_derivatives_at_poles_do_not_warn():
    x = Tensor([1000.0, 0.0], requires_grad=True)
    assert str(x.tanh().sum().steps())
    with numpy.errstate(divide="ignore"):
        y = 1.0 / x
    assert str(y.sum().steps())
