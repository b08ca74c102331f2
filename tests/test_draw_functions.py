"""Drawing functions and modules: example arguments, labels from the signature, nothing written."""

import functools

import numpy
import pytest
from svg import elements, overlaps

import autograd
import autograd.numpy as np
import nn
from autograd import Tensor, Value, grad, hessian, value_and_grad
from autograd.errors import ArgumentError, ShapeError
from autograd.node import ZERO
from autograd.show import draw
from autograd.show.names import names
from autograd.sweep import history


def labels(graph):
    return [box.label for box in graph.boxes if not box.op and not box.inside]


# -- functions ---------------------------------------------------------------------------

def test_a_function_is_run_on_fresh_values_labelled_as_its_parameters():
    graph = draw(lambda a, b: a * b + a, 2.0, 3)
    assert [(box.label, box.data, box.grad) for box in graph.boxes] == [
        ("a", "2.0", "4.0"), ("b", "3.0", "2.0"), ("v2", "6.0", "1.0"), ("v3", "8.0", "1.0")]


def test_beside_an_array_all_arguments_are_tensors():
    graph = draw(lambda x, scale: (x * scale).sum(), numpy.ones((2, 3), "float32"), 2.0)
    x, scale, *_, root = graph.boxes
    assert (x.label, x.kind, x.grad) == ("x", "float32 (2, 3)", "2.0 to 2.0, mean 2.0")
    assert (scale.label, scale.kind, scale.grad) == ("scale", "float64 ()", "6.0")
    assert root.data == "12.0"


@pytest.mark.parametrize(("f", "args", "kwargs", "expected"), [
    (lambda p: p[0] * p[1], ([2.0, 3.0],), {}, ["p[0]", "p[1]"]),
    (lambda p: p["w"] * p["b"][1], ({"w": 2.0, "b": (3.0, 4.0)},), {}, ["p['w']", "p['b'][1]"]),
    (lambda a, *rest: a + rest[0] * rest[1], (1.0, 2.0, 3.0), {}, ["a", "rest[0]", "rest[1]"]),
    (lambda a, n=1, w=2.0: w * a**n, (2.0,), {"n": 3, "w": 4.0}, ["a", "w"]),
    (lambda a, mode: a * 2 if mode == "double" else a, (1.0, "double"), {}, ["a"]),
    (lambda a, flag: a * 2 if flag is True else a, (1.0, True), {}, ["a"]),
    (lambda a, i: np.sum(a[i]), (numpy.ones(3), numpy.array([0, 1])), {}, ["a"]),
    (lambda a, b: a * b, (Value(2.0, label="mine"), Value(3.0)), {}, ["mine", "b"]),
    (functools.partial(lambda a, b: a * b, 2.0), (3.0,), {}, ["b"]),
    (np.tanh, (0.5,), {}, ["x"]), (np.maximum, (0.5, 0.2), {}, ["x1", "x2"]),
    (lambda *xs: sum(xs[1:], xs[0]), (1.0,) * 5, {}, ["x0", "x1", "x2", "x3", "x4"]),
    (lambda x: x, (1.0,), {}, ["x"])])
def test_arguments_are_called_as_they_are_reached(f, args, kwargs, expected):
    assert labels(draw(f, *args, **kwargs)) == expected


def test_several_outputs_are_named_and_have_no_gradient():
    graph = draw(lambda x: {"loss": x * 2, "parts": [x * 3, 5.0]}, 2.0)
    assert [box.label for box in graph.boxes] == ["x", "out['loss']", "v2"]
    assert {box.grad for box in graph.boxes} == {"–"}
    assert {box.grad for box in draw(lambda x: x * 2, numpy.ones(3)).boxes} == {"–"}
    assert [box.label for box in draw(lambda x: (x * 2, x * 3), 2.0).boxes][1:] == [
        "out[0]", "out[1]"]


def test_what_was_given_stays_as_it_was():
    x, t = Value(2.0), Tensor([1.0, 2.0], requires_grad=True)
    array = numpy.ones(2)
    draw(lambda a: a * a, x)
    draw(lambda a, b: (a * b).sum(), t, array)
    assert x.grad is ZERO and not x.label and t.grad is None and not t.label
    assert array.tolist() == [1.0, 1.0]


def test_a_function_may_use_values_of_its_own_and_no_gradient_is_written():
    w = Value(3.0, label="w")
    graph = draw(lambda x: x * w, 2.0)
    assert [(box.label, box.grad) for box in graph.boxes][:2] == [("w", "2.0"), ("x", "3.0")]
    assert w.grad is ZERO
    calls = []
    t = Tensor([1.0], requires_grad=True)
    y = t * 2.0
    y.register_hook(calls.append)
    y.sum().backward()
    assert len(calls) == 1
    y.sum().draw()
    assert len(calls) == 1


def test_no_grad_around_does_not_matter():
    with autograd.no_grad():
        assert len(draw(lambda x: x * 2 + 1, 1.0).boxes) == 3


@pytest.mark.parametrize(("f", "args", "what"), [
    (lambda a, b: a, (), r"<lambda>\(a, b\) with 0 example arguments: missing .+ 'a'"),
    (lambda a, b=1: a, (), r"<lambda>\(a, b=1\) with 0 example arguments"),
    (lambda a: a, (1.0, 2.0), "too many positional"),
    (lambda a: a.data, (1.0,), "<lambda> returned float 1.0, which is no graph"),
    (lambda a: None, (1.0,), "returned NoneType None, which is no graph"),
    (lambda a: [1.0, "x"], (1.0,), "which is no graph"),
    (Value(1.0), (2.0,), r"draw\(\) of Value\(1.0\) with arguments"),
    ([1.0], (), "which is no graph"), (numpy.ones(2), (), "which is no graph")])
def test_what_cannot_be_drawn_is_one_sentence(f, args, what):
    with pytest.raises(ArgumentError, match=what) as error:
        draw(f, *args)
    assert str(error.value).count("\n") == 1 and "\nhelp: " in str(error.value)


def test_an_error_of_the_function_is_its_own():
    with pytest.raises(ZeroDivisionError):
        draw(lambda x: 1 / 0, 1.0)
    with pytest.raises(ShapeError):
        draw(lambda x: x @ numpy.ones((3, 3)), numpy.ones(2))


@pytest.mark.parametrize("options", [
    {"unfold": 5}, {"unfold": [5]}, {"depth": -1}, {"depth": 1.5}, {"limit": 0}, {"limit": 2.5},
    {"limit": "all"}, {"direction": 3}, {"names": "x"}, {"names": [1]}])
def test_bad_options_are_one_sentence(options):
    with pytest.raises(ArgumentError, match=r"\nhelp: ") as error:
        Value(1.0).draw(**options)
    assert str(error.value).count("\n") == 1


# -- derivatives -------------------------------------------------------------------------

def test_derivatives_are_drawn_like_any_other_graph():
    first = draw(grad(np.tanh), 0.5)
    assert labels(first) == ["x", "seed"]
    assert [box.op for box in first.boxes if box.op] == ["sech", "*", "sech", "*"]
    assert float(first.boxes[-1].data) == pytest.approx(grad(np.tanh)(0.5), abs=1e-4)
    assert float(first.boxes[0].grad) == pytest.approx(grad(grad(np.tanh))(0.5), abs=1e-4)
    second = draw(grad(grad(np.tanh)), 0.5)
    assert float(second.boxes[-1].data) == pytest.approx(grad(grad(np.tanh))(0.5), abs=1e-4)
    assert "identity" not in str(second) + second.dot
    assert labels(second) == ["x", "seed#1", "seed#2"]
    assert not overlaps(second.svg())


def test_derivatives_that_do_not_depend_on_their_argument_are_drawn():
    for f in (lambda x: x * 3.0, lambda x: x):
        graph = draw(grad(f), 0.5)
        assert float(graph.boxes[-1].data) == grad(f)(0.5)
        assert elements(graph.svg(), "node")
    both = draw(value_and_grad(np.tanh), 0.5)
    assert [box.label for box in both.boxes][:3] == ["x", "out[0]", "seed"]
    assert both.boxes[-1].label == "out[1]"


def test_only_seeds_are_called_seeds():
    one = Value(1.0)
    assert labels(draw(lambda x: x * one * Value(1.0), 1.0)) == ["v0", "x", "v3"]
    assert labels(draw(grad(lambda x: x * x * one), 1.0)) == ["v0", "x", "seed"]


def test_derivatives_of_arrays_are_drawn():
    x = numpy.linspace(0.0, 1.0, 3)
    for f in (grad(lambda x: np.sum(np.sin(x) * x)), hessian(lambda x: np.sum(x**3))):
        graph = draw(f, x)
        assert "identity" not in str(graph) and labels(graph)[0] == "x"
        assert elements(graph.svg(), "node")


# -- modules -----------------------------------------------------------------------------

def test_a_module_is_drawn_with_its_input_outside():
    model = nn.Sequential(nn.Linear(3, 2, rng=0), nn.Tanh())
    for graph in (draw(model, numpy.ones((4, 3)), depth=0),
                  model.draw(numpy.ones((4, 3)), depth=0)):
        assert [box.label for box in graph.boxes] == ["x", "Sequential"]
        assert graph.boxes[1].contents == "6 nodes, 8 parameters"
    assert all(p.grad is None for p in model.parameters())


def test_a_module_without_an_example_gets_zeros():
    linear = nn.Sequential(nn.Linear(3, 2, rng=0, dtype="float32"), nn.Tanh()).draw(depth=1)
    x = next(box for box in linear.boxes if box.label == "x")
    assert (x.kind, x.data) == ("float32 (1, 3)", "0.0 to 0.0, mean 0.0")
    neurons = nn.MLP(2, [3, 1], seed=0)
    assert labels(neurons.draw(depth=0)) == ["x[0]", "x[1]"]
    assert labels(nn.Layer(2, 2, seed=0).draw(depth=0)) == ["x[0]", "x[1]"]
    assert labels(nn.Neuron(2, seed=0).draw(depth=0)) == ["x[0]", "x[1]"]
    assert all(p.grad is ZERO for p in neurons.parameters())


def test_a_module_that_does_not_tell_its_input_says_what_to_give():
    with pytest.raises(ArgumentError, match=r"no layer of Tanh .+\nhelp: .*model\.draw\(x\)"):
        nn.Tanh().draw()
    assert labels(nn.Tanh().draw(0.5)) == ["x"]

    class Two(nn.Module):
        def __init__(self):
            self.a = nn.Linear(2, 2, rng=0)

        def forward(self, x, y):
            return self.a(x) + y

    with pytest.raises(ArgumentError, match=r"Two\(x, y\) with 1 example argument: .+ 'y'"):
        Two().draw()
    assert "y" in labels(Two().draw(numpy.ones(2), numpy.ones(2)))
    with pytest.raises(ShapeError, match="3 inputs"):
        nn.Linear(3, 2, rng=0).draw(numpy.ones((4, 2)))


# -- names -------------------------------------------------------------------------------

def test_names_come_from_labels_then_variables_then_places():
    a, b = Value(2.0), [Value(1.0), Value(3.0, label="three")]
    p = {"w": Value(4.0)}
    c = a * b[0] * b[1] * p["w"]
    t = Tensor([1.0], requires_grad=True)
    y = t * 2.0
    assert [box.name for box in c.draw(names=True).boxes] == [
        "a", "b[0]", "three", "p['w']", "v4", "v5", "c"]
    assert [box.label for box in c.draw(names=True).boxes][4:6] == ["v4", "v5"]
    assert [box.name for box in c.draw(names={"z": a, "_": b[0]}).boxes][:3] == [
        "z", "v1", "three"]
    assert [box.name for box in y.draw(names=True).boxes] == ["t", "y"]
    assert [box.name for box in c.draw(names=locals()).boxes][-1] == "c"


def test_constant_arrays_are_called_as_their_variables():
    data, weights = numpy.ones(3), {"w": numpy.zeros(3)}
    x = Tensor(numpy.ones(3), requires_grad=True, label="x")
    y = (x * data + weights["w"]) * numpy.ones(3)
    called = names(history([y.node]), locals())
    assert [called.of(x) for x in (data, weights["w"], 2.0, numpy.float64(2.0), numpy.ones(3))] == [
        "data", "weights['w']", "2.0", "2.0", "float64 (3,)"]
    assert [called.of(arg) for arg in y.node.args] == ["v2", "float64 (3,)"]
    assert names(history([y.node])).of(data) == "float64 (3,)"
    assert names(history([y.node]), {"x": data}).of(data) == "float64 (3,)"     # x is a label


GLOBAL = Value(5.0)


def test_locals_come_before_globals():
    y = GLOBAL * 2.0
    assert [box.name for box in y.draw(names=True).boxes] == ["GLOBAL", "y"]
    mine = GLOBAL
    assert [box.name for box in y.draw(names=True).boxes] == ["mine", "y"]
    assert mine is GLOBAL


def test_no_two_nodes_are_called_the_same():
    x = Value(1.0, label="w")
    for label in ("w", "v3", "w#1", "", "  ", "w" * 99, "w" * 100, "v3"):
        x = x + 1.0
        x.label = label
    nodes = history([x])
    called = list(names(nodes).values())
    assert len(set(called)) == len(nodes)
    assert called == ["w#2", "w#3", "v3#1", "w#1", "v4", "v5", "w" * 23 + "…#1", "w" * 23 + "…#2",
                      "v3#2"]
    x = Value(1.0)
    x = x + 1.0
    x.label = "v2"
    assert list(names(history([x * 2.0])).values()) == ["v0", "v2", "v2#1"]


def test_names_are_those_of_steps():
    x = Value(2.0)
    loss = (x * x).tanh() * 3.0
    called = names(history([loss]))
    assert [box.name for box in loss.draw(limit=2).boxes] == list(called.values())[-2:]
    assert called[loss] in str(loss.steps())
