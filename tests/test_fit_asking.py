"""Asking a model: predictions, measures and a summary, which teach it nothing."""

import numpy
import pytest
from fitting import X, Y, bits, deep, line
from places import PLACES

import nn
from autograd import Tensor, Value
from autograd.errors import ArgumentError, ShapeError
from nn.fit import fit


def test_predictions_are_those_of_eval_mode_and_record_nothing():
    model, twin = deep(), deep()
    twin.eval()
    expected = twin(X).detach().numpy()
    for size in (None, 1, 5, 24, 99):
        found = nn.predict(model, X, size)
        numpy.testing.assert_allclose(found.data, expected, rtol=1e-14)
        assert type(found) is Tensor and not found.requires_grad
    assert all(module.training for module in model.modules())
    model[2].training = False                           # each in the mode that it was in
    nn.predict(model, X)
    assert [module.training for module in model.modules()] == [True, True, True, False, True]
    assert bits(model[2].rng.bit_generator.state) == bits(twin[2].rng.bit_generator.state)


def test_modes_are_put_back_after_an_error():
    model = deep()
    with pytest.raises(ShapeError):
        nn.predict(model, numpy.ones((3, 5)))
    assert model.training and model[2].training


def test_predictions_of_values_are_a_list():
    model = nn.MLP(1, [2, 1], activation="tanh", seed=0)
    found = nn.predict(model, X, 5)
    assert [type(value) for value in found] == [Value] * 24
    assert [value.data for value in found] == [model([float(x)]).data for x in X[:, 0]]
    assert all(value.op is None or not value.args for value in found)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_predictions_and_measures_over_every_storage(place):
    expected = nn.evaluate(deep(), X, Y, loss="mse", metrics=["r2"])
    with place:
        model = deep().to(place.device)
        found = nn.predict(model, place.put(X), 7)
        assert place.holds(found.data)
        numpy.testing.assert_allclose(place.back(found.data), nn.predict(deep(), X).data, rtol=1e-9)
        for x, y in ((place.put(X), place.put(Y)), (X.tolist(), Y.tolist())):
            assert nn.evaluate(model, x, y, loss="mse", metrics=["r2"],
                               batch_size=7) == pytest.approx(expected)


def test_measures_are_the_columns_of_fit():
    model = deep()
    history = fit(model, X, Y, loss="mse", epochs=3, validation=(X, Y), metrics=["r2"], seed=0,
                  quiet=True)
    model.train()
    found = nn.evaluate(model, X, Y, loss="mse", metrics="r2", batch_size=5)
    assert {f"validation_{name}": pytest.approx(x, rel=1e-12) for name, x in found.items()} == {
        name: x for name, x in history[-1].items() if name.startswith("validation")}
    assert model.training and {type(x) for x in found.values()} == {float}
    assert nn.evaluate(model, X, Y, metrics={"error": nn.mse_loss}) == {
        "error": pytest.approx(found["loss"])}
    assert list(nn.evaluate(nn.MLP(1, [1], seed=0), X, Y[:, 0], loss="mse")) == ["loss"]


@pytest.mark.parametrize("call, error, says", [
    (lambda m: nn.evaluate(m, X, Y), ArgumentError, "without a loss and metrics\nhelp: say what"),
    (lambda m: nn.evaluate(m, X[:5], Y, loss="mse"), ShapeError, "5 rows in x, 24 in y"),
    (lambda m: nn.evaluate(m, X, Y, loss="mses"), ArgumentError, "no loss: str 'mses'"),
    (lambda m: nn.evaluate(m, X, Y, loss="mse", batch_size=0), ArgumentError, "batch_size is 0"),
    (lambda m: nn.predict(m, X, 0.5), ArgumentError, "predict: batch_size is 0.5\nhelp: give a"),
    (lambda m: nn.evaluate(m, X, Y, loss=lambda p, t: p), ShapeError, "the loss has shape"),
])
def test_bad_questions_are_named(call, error, says):
    with pytest.raises(error, match=says):
        call(line())


class Pair(nn.Module):
    """Two outputs."""

    def __init__(self):
        self.inner = nn.Linear(1, 2, rng=0)

    def forward(self, x):
        return self.inner(x), x


def test_several_outputs_are_asked_for_at_once():
    assert [len(part) for part in nn.predict(Pair(), X)] == [24, 24]
    with pytest.raises(ArgumentError, match=r"the model gives tuple (.|\n)*\nhelp: ask for all"):
        nn.predict(Pair(), X, 5)


# -- the summary -----------------------------------------------------------------------------------

def test_a_summary_has_a_row_for_each_layer():
    shared = nn.Linear(4, 4, rng=0)
    model = nn.Sequential(nn.Linear(3, 4, rng=0), "tanh",
                          nn.Sequential(shared, nn.Dropout(0.5, rng=0), shared), Pair())
    model[3].inner = nn.Linear(4, 2, rng=0)
    before = bits(model[2][1].rng.bit_generator.state)
    assert repr(nn.summary(model, numpy.ones((5, 3)))) == """\
layer                                                        output shape    parameters
Sequential                                                   (5, 2), (5, 4)          46
  layers.0 Linear                                            (5, 4)                  16
  layers.1 Tanh                                              (5, 4)                   0
  layers.2 Sequential                                        (5, 4)                  20
    layers.2.layers.0 Linear                                 (5, 4)                  20
    layers.2.layers.1 Dropout                                (5, 4)                   0
    layers.2.layers.2 Linear, the same as layers.2.layers.0  (5, 4)                   0
  layers.3 Pair                                              (5, 2), (5, 4)          10
    layers.3.inner Linear                                    (5, 2)                  10
46 parameters"""
    assert model.training and "forward" not in vars(model) | vars(shared)
    assert bits(model[2][1].rng.bit_generator.state) == before


def test_a_summary_counts_values_and_buffers_and_knows_what_is_not_used():
    assert repr(nn.summary(nn.MLP(2, [3, 1], seed=0), numpy.ones((5, 2)))) == """\
layer             output shape  parameters
MLP               a Value               13
  layers.0 Layer  3 Values               9
  layers.1 Layer  a Value                4
13 parameters"""
    model = nn.Linear(1, 1, rng=0)
    model.mean, model.unused = Tensor([1.0, 2.0]), nn.Linear(1, 1, rng=0)
    lines = repr(nn.summary(model, X)).splitlines()
    assert lines[2].split() == ["unused", "Linear", "–", "2"]
    assert lines[-1] == "4 parameters, 2 numbers in buffers"


def test_a_summary_as_html_is_escaped_and_an_example_that_does_not_fit_is_named():
    class Odd(nn.Module):
        def __init__(self):
            self.parts = {"<b>&": nn.Linear(1, 1, rng=0)}

        def forward(self, x):
            return self.parts["<b>&"](x)

    html = nn.summary(Odd(), X)._repr_html_()
    assert "&lt;b&gt;&amp; Linear" in html and "<b>" not in html and html.count("<tr>") == 3
    model = deep()
    with pytest.raises(ShapeError, match="Linear with 1 inputs got"):
        nn.summary(model, numpy.ones((2, 3)))
    assert not any("forward" in vars(module) for module in model.modules())
