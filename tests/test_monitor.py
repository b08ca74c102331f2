"""The monitor: its numbers are those of steps done by hand, and nothing dead or missing is lost."""

import math
import random

import numpy
import pytest

import nn
from autograd import ArgumentError, Tensor, Value
from nn.evaluation import forward
from nn.groups import norm

X = numpy.array([[1.0, 2.0], [-1.0, 0.5]])


class Two(nn.Module):
    """Two parameters of Tensors."""

    def __init__(self):
        self.w = Tensor([3.0, 4.0], requires_grad=True)
        self.b = Tensor(0.0, requires_grad=True)


def columns(monitor, measure):
    """A measure by parameter, over the calls."""
    found = {}
    for row in monitor.rows:
        found.setdefault(row["parameter"], []).append(row[measure])
    return found


def test_numbers_of_two_steps_by_hand():
    """loss = 2 w₀ + b at rate 0.5: w goes (3, 4), (2, 4), (1, 4) and b goes 0, -0.5, -1."""
    model = Two()
    monitor, optimizer = nn.Monitor(model), nn.SGD(model.parameters(), lr=0.5)
    for _ in range(2):
        optimizer.zero_grad()
        (model.w[0] * 2.0 + model.b).backward()
        optimizer.step()
        monitor()
    assert columns(monitor, "gradient") == {"w": [2.0, 2.0], "b": [1.0, 1.0]}
    assert columns(monitor, "update") == {"w": [1 / 5, pytest.approx(1 / math.sqrt(20))],
                                          "b": [math.inf, 1.0]}
    assert [row["epoch"] for row in monitor.rows] == [1, 1, 2, 2]


def test_numbers_in_fit_are_those_of_the_last_batch_and_of_the_whole_epoch():
    x, y = nn.moons(20, seed=0)
    model, twin = (nn.Linear(2, 2, rng=0) for _ in range(2))
    monitor = nn.Monitor(model)
    history = nn.fit(model, x, y, loss="cross_entropy", optimizer=nn.SGD, lr=0.1, epochs=3,
                     batch_size=8, seed=5, quiet=True, callbacks=[monitor])
    optimizer, rng = nn.SGD(twin.parameters(), lr=0.1), numpy.random.default_rng(5)
    for epoch in range(1, 4):
        before = {name: p.data.copy() for name, p in twin.named_parameters()}
        for a, b in nn.batches(x, y, 8, rng):
            optimizer.zero_grad()
            nn.cross_entropy(twin(a), b).backward()
            optimizer.step()
        for name, p in twin.named_parameters():
            row = next(r for r in monitor.rows if r["epoch"] == epoch and r["parameter"] == name)
            assert row["gradient"] == pytest.approx(numpy.linalg.norm(p.grad.data))
            assert row["update"] == pytest.approx(
                numpy.linalg.norm(p.data - before[name]) / numpy.linalg.norm(before[name]))
    assert len(history) == 3 and "gradient" not in history[0]


def test_values_count_together_layer_by_layer():
    model = nn.MLP(2, [3, 1], activation="tanh", rng=random.Random(0))
    twin, monitor = model.vectorize(), nn.Monitor(model)
    for net in (model, twin):
        optimizer = nn.SGD(net.parameters(), lr=0.1)
        scores = forward(net, X)
        (sum(scores, Value(0.0)) if net is model else scores.sum()).backward()
        optimizer.step()
    monitor()
    assert list(columns(monitor, "gradient")) == ["layers.0", "layers.1"]
    for i, name in ((0, "layers.0"), (2, "layers.1")):
        grads = numpy.concatenate([p.grad.data.ravel() for p in twin[i].parameters()])
        assert columns(monitor, "gradient")[name] == [pytest.approx(numpy.linalg.norm(grads))]


class Loose(nn.Module):
    """Values in lists and alone, without layers."""

    def __init__(self):
        self.w = [Value(1.0), Value(2.0)]
        self.deep = {"a": [[Value(3.0)], [Value(4.0)]]}
        self.b = Value(0.0)


@pytest.mark.parametrize("model, names", [
    (nn.Layer(2, 3, seed=0), ["Layer"]), (nn.Neuron(3, seed=0), ["w", "b"]),
    (Loose(), ["w", "deep.a", "b"]), (nn.MLP(1, [2, 2, 1], seed=0), [f"layers.{i}" for i in "012"]),
    (nn.Linear(2, 2, rng=0), ["weight", "bias"]),
    (nn.Sequential("tanh", nn.Linear(2, 2, rng=0)), ["layers.1.weight", "layers.1.bias"])])
def test_names(model, names):
    monitor = nn.Monitor(model)
    monitor()
    assert [row["parameter"] for row in monitor.rows] == names


def test_no_gradient_and_a_gradient_of_zero_are_told_apart():
    model = Two()
    monitor = nn.Monitor(model)
    monitor()
    (model.w * 0.0).sum().backward()
    monitor()
    assert columns(monitor, "gradient") == {"w": [None, 0.0], "b": [None, None]}
    assert columns(monitor, "update") == {"w": [0.0, 0.0], "b": [0.0, 0.0]}
    assert repr(monitor) == ("Monitor of Two, after epoch 2\n"
                             "parameter  gradient norm  update ratio\n"
                             "w               0 (dead)             0\n"
                             "b                      –             0")
    values = Loose()
    watched = nn.Monitor(values)
    (values.w[0] * 3.0).backward()
    watched()
    assert columns(watched, "gradient") == {"w": [3.0], "deep.a": [None], "b": [None]}


@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1.0, 1e200, 1e307])
def test_norms_do_not_vanish_or_overflow_before_they_must(scale):
    assert norm(numpy.array([3.0, -4.0]) * scale) == pytest.approx(5.0 * scale)
    assert norm(numpy.float32([3.0, -4.0])) == 5.0
    assert norm(numpy.array([3.0j, 4.0])) == 5.0
    assert norm(numpy.array([])) == 0.0


def test_nan_and_inf_are_recorded_and_said():
    model = Two()
    monitor = nn.Monitor(model)
    model.w.grad, model.b.grad = Tensor([numpy.nan, 1.0]), Tensor(numpy.inf)
    monitor()
    gradients = columns(monitor, "gradient")
    assert math.isnan(gradients["w"][0]) and gradients["b"] == [math.inf]
    assert "nan" in repr(monitor) and "inf" in repr(monitor)


def test_what_changes_afterwards_does_not_change_the_rows():
    model = Two()
    monitor = nn.Monitor(model)
    model.w.grad = Tensor([3.0, 4.0])
    monitor()
    model.w.grad.data[...] = 0.0
    model.w.data[...] = 6.0                                 # in place: the copy is the monitor's
    monitor()
    assert columns(monitor, "gradient")["w"] == [5.0, 0.0]
    assert columns(monitor, "update")["w"] == [0.0, pytest.approx(math.hypot(3, 2) / 5)]
    assert [(p.data.tolist(), p.requires_grad) for p in model.parameters()] == [
        ([6.0, 6.0], True), (0.0, True)]


def test_a_parameter_that_comes_later_or_changes_its_shape():
    model = Two()
    monitor = nn.Monitor(model)
    model.late = Tensor([1.0], requires_grad=True)
    model.w = Tensor([1.0], requires_grad=True)
    monitor()
    assert columns(monitor, "update") == {"w": [None], "b": [0.0], "late": [None]}
    assert repr(monitor).splitlines()[2].split() == ["w", "–", "–"]


def test_epochs_are_those_of_the_rows_and_never_go_back():
    monitor = nn.Monitor(Two())
    for row in ({"epoch": 10}, {"epoch": 20}, None, {"epoch": 1}, {}):
        monitor(row)
    assert [row["epoch"] for row in monitor.rows[::2]] == [10, 20, 21, 22, 23]


@pytest.mark.parametrize("thing, came", [([1.0], r"list \[1.0\]"), (nn.Monitor, "type <class")])
def test_what_is_no_model(thing, came):
    with pytest.raises(ArgumentError, match=f"a Monitor of {came}.*\nhelp: give it the model: "):
        nn.Monitor(thing)


def test_the_table_before_the_first_call_and_as_html():
    class Odd(nn.Module):
        def __init__(self):
            self.parts = {"<script>&\n" + "x" * 100: Tensor([1.0], requires_grad=True)}

    monitor = nn.Monitor(Odd())
    assert repr(monitor).splitlines()[0] == "Monitor of Odd, not called yet"
    assert "not called yet" in monitor._repr_html_()
    monitor()
    html = monitor._repr_html_()
    assert "<script" not in html and "&lt;script&gt;&amp; xxx" in html and len(html) < 500
    assert all(len(line) < 80 for line in repr(monitor).splitlines())
    assert "style" not in html and "0x" not in repr(monitor)


# -- the plot --------------------------------------------------------------------------------------

def figure():
    """A new Figure outside of pyplot."""
    pytest.importorskip("matplotlib", reason="pip install matplotlib")
    from nn.pictures.paper import blank

    return blank(10, 4)


def recorded(*rows):
    """A monitor with these rows: (epoch, parameter, gradient, update)."""
    monitor = nn.Monitor(Two())
    monitor.rows = [dict(zip(("epoch", "parameter", "gradient", "update"), row, strict=True))
                    for row in rows]
    return monitor


def test_the_plot_shows_the_rows_on_logarithmic_scales():
    monitor = recorded((1, "a.weight", 0.1, 1e-3), (1, "a.bias", 1e-9, 1e-4),
                       (2, "a.weight", 0.2, 2e-3), (2, "a.bias", 2e-9, 2e-4))
    gradients, updates = monitor.plot(figure())
    assert gradients.get_yscale() == updates.get_yscale() == "log"
    assert [list(line.get_ydata()) for line in gradients.lines] == [[0.1, 0.2], [1e-9, 2e-9]]
    assert [list(line.get_ydata()) for line in updates.lines] == [[1e-3, 2e-3], [1e-4, 2e-4]]
    assert list(gradients.lines[0].get_xdata()) == [1, 2]
    weight, bias = gradients.lines
    assert (weight.get_color() == bias.get_color()).all()          # of one layer
    assert weight.get_linestyle() == "-" and bias.get_linestyle() == "--"
    assert names(updates) == ["a.weight", "a.bias"]


def names(ax):
    """What the legend says."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_zero_none_nan_and_inf_are_drawn_or_said():
    gradients, updates = recorded(
        (1, "a", 0.5, 0.1), (1, "b", 0.0, 0.0), (1, "c", None, 0.0), (1, "d", math.nan, math.inf),
        (2, "a", 0.0, 0.1), (2, "b", 0.0, 0.0), (2, "c", None, 0.0), (2, "d", 0.5, 0.1),
    ).plot(figure())
    assert names(updates) == ["a (dead in 1 of 2)", "b (dead)", "c (no gradient)",
                              "d (nan or inf in 1 of 2)"]
    assert gradients.get_yscale() == "symlog" and gradients.get_ylim()[0] < 0
    a, b, c, d = gradients.lines
    assert (a.get_marker(), a.get_markevery()) == ("x", [1])
    assert list(b.get_ydata()) == [0, 0] and b.get_markevery() == [0, 1]
    assert numpy.isnan(c.get_ydata()).all() and numpy.isnan(d.get_ydata()[0])
    assert 0 in gradients.get_yticks()


@pytest.mark.parametrize("rows", [
    [], [(1, "a", None, None)], [(1, "a", 0.0, 0.0)], [(1, "a", 5e-324, 1e308)],
    [(1, "a", 5e-324, 1e308), (1, "b", 0.0, 0.0)],
    [(1, "a", math.nan, math.inf)], [(1, "a", 1e-170, 1e-17), (2, "a", 1.0, 0.1)]])
def test_plots_at_the_ends_of_what_can_be(rows):
    drawn = nn.to_png(recorded(*rows).plot(figure()))
    assert drawn.startswith(b"\x89PNG")


def test_of_very_many_parameters_the_legend_names_some_and_all_that_are_dead():
    rows = [(1, f"layers.{i}.weight", 0.0 if i in (33, 51) else 1.0, 0.1) for i in range(60)]
    updates = recorded(*rows).plot(figure())[1]
    said = names(updates)
    assert len(updates.lines) == 60 and len(said) <= 20
    assert {"layers.33.weight (dead)", "layers.51.weight (dead)", "layers.0.weight"} <= {*said}
    assert updates.get_legend().get_title().get_text() == f"{len(said)} of 60 parameters"


def test_a_deep_net_of_small_weights_shows_its_vanishing_gradient():
    layers = [part for i in range(6) for part in (nn.Linear(4, 4, rng=i), "tanh")]
    model = nn.Sequential(nn.Linear(2, 4, rng=9), *layers, nn.Linear(4, 1, rng=8))
    for p in model.parameters():
        p.data[...] *= 0.1
    monitor = nn.Monitor(model)
    model(X).sum().backward()
    monitor()
    gradients = [norm for name, (norm,) in columns(monitor, "gradient").items()
                 if name.endswith("weight")]
    assert gradients == sorted(gradients) and 0 < gradients[0] < 1e-6 * gradients[-1]


def test_what_is_no_figure():
    with pytest.raises(ArgumentError, match=r"Monitor\.plot draws on a Matplotlib Figure, got str"):
        nn.Monitor(Two()).plot("a.png")
