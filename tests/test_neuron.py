"""The scalar lesson: micrograd's neurons number for number, and the same network on Tensors."""

import random
from collections import Counter

import numpy
import pytest
from hypothesis import given, strategies as st
from numpy.testing import assert_allclose

import autograd.numpy as np
import nn
from autograd import ArgumentError, DtypeError, ShapeError, Tensor, Value
from nn import MLP, Layer, Neuron


def graph(value):
    """Every node that led to a value."""
    nodes, seen = [value], {id(value)}
    for node in nodes:
        for arg in node._prev:
            if id(arg) not in seen:
                seen.add(id(arg))
                nodes.append(arg)
    return nodes


# -- micrograd's words -----------------------------------------------------------------------------

def test_attributes_and_calls_are_those_of_micrograd():
    neuron = Neuron(3, nonlin=False)
    assert len(neuron.w) == 3 and all(isinstance(wi, Value) for wi in neuron.w)
    assert neuron.b.data == 0.0
    assert [id(p) for p in neuron.parameters()] == [id(p) for p in [*neuron.w, neuron.b]]
    layer = Layer(2, 3, nonlin=True)
    assert len(layer.neurons) == 3 and len(layer.parameters()) == 9
    model = MLP(2, [4, 4, 1])
    assert [len(layer.neurons) for layer in model.layers] == [4, 4, 1]
    assert [n.nonlin for layer in model.layers for n in layer.neurons] == [True] * 8 + [False]
    assert len(model.parameters()) == 12 + 20 + 5


def test_reprs_are_those_of_micrograd():
    assert repr(Neuron(2)) == "ReLUNeuron(2)"
    assert repr(Neuron(2, nonlin=False)) == "LinearNeuron(2)"
    assert repr(Layer(2, 2)) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    assert repr(MLP(2, [2, 1])) == (
        "MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]]")
    assert repr(Neuron(2, activation="tanh")) == "TanhNeuron(2)"
    assert repr(Neuron(2, activation=abs)) == "absNeuron(2)"


def test_one_neuron_gives_a_value_several_a_list():
    assert isinstance(MLP(2, [3, 1])([1.0, 2.0]), Value)
    assert [type(v) for v in MLP(2, [3, 2])([1.0, 2.0])] == [Value, Value]


def test_a_neuron_records_products_sums_and_relu_in_micrograds_order():
    neuron = Neuron(2, seed=0)
    act = neuron([Value(1.5), Value(-2.0)])
    assert act._op == "ReLU"
    (total,) = act._prev
    (first, last) = total._prev
    assert (total._op, first._op, last._op) == ("+", "+", "*")
    assert next(id(v) for v in first._prev) == id(neuron.b)
    assert act.data == max(0.0, neuron.b.data + neuron.w[0].data * 1.5 + neuron.w[1].data * -2.0)
    assert Counter(v._op for v in graph(act)) == {"": 5, "*": 2, "+": 2, "ReLU": 1}


def test_unseeded_weights_come_from_pythons_random_in_order():
    random.seed(1337)
    expected = [random.uniform(-1, 1) for _ in range(2 * 3 + 3 * 2)]
    random.seed(1337)
    model = MLP(2, [3, 2])
    drawn = [wi.data for layer in model.layers for n in layer.neurons for wi in n.w]
    assert drawn == expected


def test_the_very_weights_outputs_and_gradients_of_micrograd():
    engine = pytest.importorskip("micrograd.engine", reason="pip install micrograd==0.1.0")
    peer = pytest.importorskip("micrograd.nn", reason="pip install micrograd==0.1.0")
    random.seed(1337)
    ours = MLP(2, [16, 16, 1])
    after = random.random()
    random.seed(1337)
    theirs = peer.MLP(2, [16, 16, 1])
    assert random.random() == after
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
    x = [0.5, -1.25]
    out = ours(list(map(Value, x)))
    expected = theirs(list(map(engine.Value, x)))
    loss, their_loss = (1 + -1 * out).relu(), (1 + -1 * expected).relu()
    loss.backward()
    their_loss.backward()
    assert out.data == expected.data
    assert_allclose([p.grad for p in ours.parameters()], [p.grad for p in theirs.parameters()],
                    rtol=1e-14, atol=1e-14)
    ours.zero_grad()
    assert all(p.grad == 0 for p in ours.parameters())


# -- more than micrograd ---------------------------------------------------------------------------

def test_the_seed_decides_and_leaves_pythons_random_alone():
    random.seed(5)
    before = random.getstate()
    weights = [[p.data for p in MLP(2, [3, 1], seed=seed).parameters()] for seed in (1, 1, 2)]
    assert weights[0] == weights[1] != weights[2]
    assert random.getstate() == before
    layer = Layer(2, 2, seed=1)
    assert layer.neurons[0].w[0].data != layer.neurons[1].w[0].data
    rng = random.Random(1)
    assert [p.data for p in MLP(2, [3, 1], rng=rng).parameters()] == weights[0]
    assert [p.data for p in MLP(2, [3, 1], rng=rng).parameters()] != weights[0]


def test_seed_and_rng_together_are_refused():
    with pytest.raises(ArgumentError, match=r"both seed=1 and rng=.*\nhelp: give one of them"):
        Neuron(2, seed=1, rng=random.Random(1))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu", np.sin, lambda v: v * v])
def test_any_activation_by_name_or_function(activation):
    neuron = Neuron(1, activation=activation, seed=3)
    neuron.w[0].data, neuron.b.data = 0.75, 0.5
    assert neuron([0.4]).data == pytest.approx(nn.activation(activation)(0.8), rel=1e-15)
    with pytest.raises(ArgumentError, match="no activation"):
        Neuron(1, activation="tahn")


def test_an_activation_with_a_parameter_is_trained_once_for_all_neurons():
    class Slope(nn.Module):
        def __init__(self):
            self.a = Value(0.25)

        def forward(self, x):
            return np.where(x.data > 0, x, self.a * x)

    model = MLP(1, [2, 2, 1], activation=Slope(), seed=0)
    assert model.count() == 4 + 6 + 3 + 1
    model([1.0]).backward()
    assert any(p is model.layers[0].neurons[1].activation.a for p in model.parameters())


def test_a_number_or_value_is_the_input_of_one():
    model = MLP(1, [1, 1], seed=4)
    assert model(0.5).data == model([0.5]).data == model(Value(0.5)).data == model(
        numpy.array([0.5])).data


@pytest.mark.parametrize("x", [[1.0], [1.0, 2.0, 3.0], [], 1.0, Value(1.0), numpy.ones(3)])
def test_the_wrong_number_of_inputs_is_named(x):
    size = len(x) if isinstance(x, (list, numpy.ndarray)) else 1
    with pytest.raises(ShapeError, match=rf"a neuron with 2 inputs got {size}: .*\nhelp: "):
        MLP(2, [3, 1], seed=0)(x)


def test_a_batch_is_refused():
    with pytest.raises(DtypeError):
        MLP(2, [3, 1], seed=0)(numpy.ones((2, 2)))


def test_saved_weights_come_back():
    one, other = MLP(2, [3, 1], seed=0), MLP(2, [3, 1], seed=1)
    state = one.state_dict()
    assert list(state)[:3] == ["layers.0.neurons.0.w.0", "layers.0.neurons.0.w.1",
                               "layers.0.neurons.0.b"]
    other.load_state_dict(state)
    assert other([0.3, 0.4]).data == one([0.3, 0.4]).data


# -- the same network on Tensors -------------------------------------------------------------------

SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)


BENDS = st.sampled_from(["relu", "tanh", "sigmoid", "gelu", "elu", np.sin])


@given(st.integers(1, 3), SIZES, BENDS, st.integers(0, 1000))
def test_vectorize_agrees_in_outputs_and_all_gradients(nin, nouts, activation, seed):
    model = MLP(nin, nouts, activation=activation, seed=seed)
    for p in model.parameters():
        p.data += 0.125                                         # biases are not 0
    twin = model.vectorize()
    rows = numpy.random.default_rng(seed).normal(size=(3, nin))
    x = [[Value(v) for v in row] for row in rows.tolist()]
    batch = Tensor(rows, requires_grad=True)
    outs = [model(row) for row in x]
    outs = [out if isinstance(out, list) else [out] for out in outs]
    assert_allclose(twin(batch).data, [[v.data for v in row] for row in outs], rtol=0, atol=1e-12)
    sum(v * v for row in outs for v in row).backward()
    np.sum(np.square(twin(batch))).backward()
    assert_allclose(batch.grad.data, [[v.grad for v in row] for row in x], rtol=1e-12, atol=1e-12)
    linears = [m for m in twin if isinstance(m, nn.Linear)]
    for layer, linear in zip(model.layers, linears, strict=True):
        assert_allclose(linear.weight.grad.data, [[wi.grad for wi in n.w] for n in layer.neurons],
                        rtol=1e-12, atol=1e-12)
        assert_allclose(linear.bias.grad.data, [n.b.grad for n in layer.neurons], rtol=1e-12,
                        atol=1e-12)


def test_vectorize_copies_the_weights():
    model = MLP(2, [3, 1], activation="tanh", seed=0)
    twin = model.vectorize()
    assert [m.title() for m in twin] == ["Linear", "Tanh", "Linear"]
    assert twin.count() == model.count()
    before = twin([[0.1, 0.2]]).item()
    model.layers[0].neurons[0].w[0].data = 100.0
    assert twin([[0.1, 0.2]]).item() == before


def test_vectorize_refuses_unlike_neurons():
    model = MLP(2, [2, 1], seed=0)
    model.layers[0].neurons[1].nonlin = False
    with pytest.raises(ArgumentError, match=r"unlike neurons .*ReLUNeuron\(2\), LinearNeuron\(2\)"):
        model.vectorize()
    model = MLP(2, [2, 1], seed=0)
    model.layers[0].neurons[1].activation = nn.Tanh()
    with pytest.raises(ArgumentError, match=r"ReLUNeuron\(2\), TanhNeuron\(2\)"):
        model.vectorize()


def test_a_single_neuron_draws_and_steps():
    act = Neuron(1, seed=0)([2.0])
    names = [step.node.op.name for step in act.steps()]
    assert names[0] == "relu" and set(names) == {"relu", "add", "multiply"}
