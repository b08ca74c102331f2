"""Pictures of training: what is drawn is what the model says, and nothing of the model changes."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import array_api_strict
import numpy
import pytest

import nn
from autograd import ArgumentError, DtypeError, ShapeError, Tensor, Value
from nn.history import History
from nn.metrics import numbers
from nn.pictures.boundary import plane
from nn.pictures.paper import COLOURS, blank

pyplot = pytest.importorskip("matplotlib.pyplot", reason="pip install matplotlib")
pyplot.switch_backend("Agg")
to_rgb = pytest.importorskip("matplotlib.colors").to_rgb
Figure = pytest.importorskip("matplotlib.figure").Figure

ROOT = Path(__file__).resolve().parents[1]
X, Y = nn.spirals(60, 3, noise=0.02, seed=0)


@pytest.fixture(autouse=True)
def pyplot_is_left_alone():
    """Fail a test in which something that was given Axes made a figure of pyplot."""
    yield
    assert pyplot.get_fignums() == []


def axes():
    """New Axes outside of pyplot."""
    return blank().subplots()


def classes_drawn(ax):
    """The class whose colour each point of a boundary has, and -1 where it is white."""
    image = numpy.asarray(ax.images[0].get_array())
    tints = numpy.array([to_rgb(colour) for colour in COLOURS])
    ink, full = 1 - image, 1 - tints
    along = ink @ (full / (full**2).sum(1, keepdims=True)).T
    misfit = numpy.abs(ink[..., None, :] - along[..., None] * full).max(-1)
    return numpy.where(ink.max(-1) < 0.02, -1, misfit.argmin(-1))


def grid(ax):
    """The inputs at the middle of each pixel of a boundary, (height, width, 2)."""
    height, width = ax.images[0].get_array().shape[:2]
    left, right, bottom, top = ax.images[0].get_extent()
    assert ax.images[0].origin == "lower" and ax.get_ylim()[0] < ax.get_ylim()[1]
    across = left + (numpy.arange(width) + 0.5) * (right - left) / width
    up = bottom + (numpy.arange(height) + 0.5) * (top - bottom) / height
    return numpy.stack(numpy.meshgrid(across, up), -1)


def wide(outputs, rng=1):
    return nn.Sequential(nn.Linear(2, 12, rng=0), "tanh", nn.Linear(12, outputs, rng=rng))


# -- the boundary ----------------------------------------------------------------------------------

def flat(x):
    """The score alone: shape (n,)."""
    return wide(1)(x)[:, 0]


@pytest.mark.parametrize("model", [wide(1), wide(2), wide(3), wide(5), nn.Sequential(flat)])
def test_each_point_has_the_class_that_the_model_predicts(model):
    outputs = numbers(model(X)).reshape(60, -1).shape[1]
    ax = nn.plot_boundary(model, X, Y % max(outputs, 2), ax=axes())
    scores = numbers(model(grid(ax).reshape(-1, 2))).reshape(*grid(ax).shape[:2], -1)
    expected = scores.argmax(-1) if outputs > 1 else (scores[..., 0] > 0).astype(int)
    found = classes_drawn(ax)
    assert (found == expected)[found >= 0].all() and (found >= 0).mean() > 0.5
    assert set(found[found >= 0].flat) == set(expected.flat)


@pytest.mark.parametrize("model", [nn.MLP(2, [5, 1], seed=2), nn.MLP(2, [4, 3], seed=1),
                                   nn.Layer(2, 3, seed=0), nn.Neuron(2, seed=2)])
def test_models_of_values(model):
    one = not isinstance(model(X[0].tolist()), list)
    ax = nn.plot_boundary(model, X, Y % 2 if one else Y, ax=axes())
    points, found = grid(ax)[::20, ::20], classes_drawn(ax)[::20, ::20]
    scores = numbers([model(row) for row in points.reshape(-1, 2).tolist()])
    expected = (scores > 0).astype(int) if one else scores.argmax(-1)
    expected = expected.reshape(found.shape)
    assert (found == expected)[found >= 0].all() and (found >= 0).any()


def test_an_mlp_that_has_no_matrix_form_is_asked_row_by_row():
    model = nn.MLP(2, [3, 1], seed=0)
    model.layers[0].neurons[1].nonlin = False
    scored = plane(model, X)
    row = [float(scored.across[7]), float(scored.up[3])]
    assert scored.scores[3, 7].tolist() == [0.0, model(row).data]


@pytest.mark.parametrize("features", [(0, 1), (1, 0), (2, 0), (1, 2)])
def test_the_first_feature_goes_across_and_the_second_up(features):
    """A model of one feature: its boundary is a straight line at 0.25 of that feature."""
    x = numpy.random.default_rng(0).uniform(-1, 1, (50, 3))
    for feature in range(3):
        ax = nn.plot_boundary(lambda rows, f=feature: 9 * (rows[:, f] - 0.25), x,
                              (x[:, feature] > 0.25).astype(int), features, ax=axes())
        found, points = classes_drawn(ax), grid(ax)
        if feature in features:
            expected = (points[..., features.index(feature)] > 0.25).astype(int)
        else:
            expected = numpy.full(found.shape, int(x[:, feature].mean() > 0.25))
        assert (found == expected)[found >= 0].all() and (found >= 0).mean() > 0.5
    assert (ax.get_xlabel(), ax.get_ylabel()) == tuple(f"feature {i}" for i in features)
    assert numpy.allclose(ax.collections[-1].get_offsets(),
                          x[x[:, 2] > 0.25][:, list(features)])


def test_the_other_features_are_held_at_their_means_or_as_given():
    x = numpy.random.default_rng(0).normal(size=(20, 4))
    seen = []

    def model(rows):
        seen.append(rows)
        return rows[:, 0]

    plane(model, x, (0, 2))
    plane(model, x, (0, 2), at=[9, 5, 9, 7])
    for rows, held in zip((seen[0], seen[-1]), (x.mean(0)[[1, 3]], [5, 7]), strict=True):
        assert (rows[:, [1, 3]] == held).all()
        assert len(numpy.unique(rows[:, 0])) > 100 and 9 not in rows[:, [0, 2]]
    titles = [nn.plot_boundary(model, x, x[:, 0] > 0, at=at, ax=axes()).get_title()
              for at in (None, x[0])]
    assert titles == ["other features at their means", "other features held at values given"]
    assert nn.plot_boundary(wide(2), X, Y % 2, ax=axes()).get_title() == ""


def test_a_stronger_shade_is_a_surer_model():
    """Logits 0 and a: the colour's strength is 2p - 1, p the probability of the class."""
    ax = nn.plot_boundary(lambda x: x[:, 0], numpy.array([[-3.0, 0.0], [3.0, 1.0]]), [0, 1],
                          ax=axes())
    ink = (1 - numpy.asarray(ax.images[0].get_array()))[0, :, 0]    # of red
    a = grid(ax)[0, :, 0]
    sure = numpy.abs(2 / (1 + numpy.exp(-a)) - 1)
    full = numpy.where(a > 0, 1 - to_rgb(COLOURS[1])[0], 1 - to_rgb(COLOURS[0])[0])
    assert numpy.allclose(ink / full / sure, (ink / full / sure)[0])


def test_the_line_runs_where_two_classes_are_equally_likely():
    ax = nn.plot_boundary(lambda x: numpy.stack([0 * x[:, 0], x[:, 0] - 0.1, x[:, 1] - 0.2], 1),
                          X, Y, ax=axes())
    lines = [path for collection in ax.collections for path in collection.get_paths()
             if len(path.vertices) > 50]
    points = numpy.concatenate([path.vertices for path in lines])
    scores = numpy.sort([0 * points[:, 0], points[:, 0] - 0.1, points[:, 1] - 0.2], axis=0)
    assert len(lines) >= 3 and numpy.abs(scores[2] - scores[1]).max() < 0.02


def test_a_model_of_one_class_only_has_no_line():
    ax = nn.plot_boundary(lambda x: x[:, 0] * 0 - 2, X, Y % 2, ax=axes())
    assert (classes_drawn(ax) == 0).all() and len(ax.collections) == 2      # the points


def test_nan_is_grey_not_a_class():
    image = nn.plot_boundary(lambda x: numpy.where(x[:, 0] > 0, numpy.nan, 5.0), X, Y % 2,
                             ax=axes()).images[0].get_array()
    assert (image[:, -1] == 0.6).all() and not (image[:, 0] == 0.6).any()
    sure = nn.plot_boundary(lambda x: numpy.where(x[:, 0] > 0, numpy.inf, -numpy.inf), X, Y % 2,
                            ax=axes())
    assert set(classes_drawn(sure).flat) == {0, 1}


def test_the_model_is_asked_in_eval_mode_and_left_as_it_was():
    drop = nn.Dropout(0.5, rng=0)
    model = nn.Sequential(nn.Linear(2, 8, rng=0), drop, "tanh", nn.Dropout(0.5, rng=1),
                          nn.Linear(8, 3, rng=1))
    model[3].eval()                                         # a part that is frozen stays so
    nn.cross_entropy(model(X), Y).backward()
    modes = [module.training for module in model.modules()]
    before = [(p.data.copy(), p.grad.data.copy()) for p in model.parameters()]
    random = drop.rng.bit_generator.state
    ax = nn.plot_boundary(model, X, Y, ax=axes())
    assert [module.training for module in model.modules()] == modes and False in modes
    assert drop.rng.bit_generator.state == random
    for p, (data, grad) in zip(model.parameters(), before, strict=True):
        assert (p.data == data).all() and (p.grad.data == grad).all()
    scores = numbers(model.eval()(grid(ax).reshape(-1, 2)))
    found = classes_drawn(ax).reshape(-1)
    assert (found == scores.argmax(1))[found >= 0].all()


def test_a_model_that_fails_is_put_back_too():
    model = nn.Sequential(nn.Linear(3, 2, rng=0))
    with pytest.raises(ShapeError, match="Linear with 3 inputs"):
        nn.plot_boundary(model, X, Y, ax=axes())
    assert model.training and model[0].training


def test_values_keep_their_gradients():
    model = nn.MLP(2, [3, 1], seed=0)
    model([0.5, 0.25]).backward()
    before = [(p.data, p.grad) for p in model.parameters()]
    nn.plot_boundary(model, X, Y % 2, ax=axes())
    assert [(p.data, p.grad) for p in model.parameters()] == before


@pytest.mark.parametrize("wrap", [Tensor, array_api_strict.asarray, lambda x: x.tolist(),
                                  lambda x: Tensor(x.astype(numpy.float32))])
def test_the_grid_is_of_the_kind_that_x_is(wrap):
    x, seen = wrap(X), []

    def model(rows):
        seen.append(rows)
        return rows[:, :1] * 1.0

    scored = plane(model, x)
    expected = numpy.ndarray if isinstance(x, list) else type(x)
    assert {type(rows) for rows in seen} == {expected}
    if expected is Tensor:
        assert {rows.dtype for rows in seen} == {x.dtype}
    assert numpy.allclose(scored.scores[5, :, 1], scored.across, rtol=1e-6)


def test_the_units_of_the_data_by_a_standardiser_before_the_model():
    x = X * [100.0, 0.01] + [500.0, 3.0]
    standardiser, model = nn.Standardiser().fit(x), wide(3)
    ax = nn.plot_boundary(nn.Sequential(standardiser.transform, model), x, Y, ax=axes())
    scores = numbers(model(standardiser.transform(grid(ax).reshape(-1, 2))))
    found = classes_drawn(ax).reshape(-1)
    assert (found == scores.argmax(1))[found >= 0].all() and ax.get_xlim()[0] > 300


@pytest.mark.parametrize("y, names", [
    (Y % 2, ["0", "1"]), (2 * (Y % 2) - 1, ["-1", "1"]), ((Y % 2)[:, None], ["0", "1"]),
    ((Y % 2).astype(bool), ["0", "1"]), ((Y % 2).astype(float), ["0", "1"]),
    (numpy.eye(2)[Y % 2], ["0", "1"])])
def test_targets_in_every_form_that_accuracy_takes(y, names):
    ax = nn.plot_boundary(wide(1), X, y, ax=axes())
    assert [label.get_text() for label in ax.get_legend().get_texts()] == names
    for i, points in enumerate(ax.collections[-2:]):
        assert numpy.allclose(points.get_offsets(), X[i == Y % 2])


def test_names_of_classes():
    ax = nn.plot_boundary(wide(3), X, Y, classes=("Adelie", "Chinstrap", "Gentoo"), ax=axes())
    assert [label.get_text() for label in ax.get_legend().get_texts()] == [
        "Adelie", "Chinstrap", "Gentoo"]
    with pytest.raises(ArgumentError, match=r"2 names for 3 classes: \['a', 'b'\]\nhelp: name e"):
        nn.plot_boundary(wide(3), X, Y, classes=("a", "b"), ax=axes())


@pytest.mark.parametrize("change, error, message", [
    ({"x": X[:, :1]}, ShapeError, r"x of shape \(60, 1\)\nhelp: give rows of two features"),
    ({"x": X.reshape(30, 2, 2), "y": Y[:30]}, ShapeError, r"\(30, 2, 2\)\nhelp: give rows"),
    ({"x": X[:50]}, ShapeError, "50 rows in x, 60 in y"),
    ({"x": X + numpy.nan}, ArgumentError, "nan in x at row 0, column 0"),
    ({"x": X[:0], "y": Y[:0]}, ArgumentError, "x is empty"),
    ({"features": (0, 2)}, ArgumentError, r"features=\(0, 2\) of x with 2 columns\nhelp: give two "
                                          "different columns, from 0 to 1"),
    ({"features": (1, 1)}, ArgumentError, "two different columns"),
    ({"features": (0, -1)}, ArgumentError, "two different columns"),
    ({"features": (0.5, 1)}, ArgumentError, r"features=\(0.5, 1\)"),
    ({"features": 0}, ArgumentError, "features=0 of x"),
    ({"at": [1.0]}, ShapeError, r"at has shape \(1,\), a row of x \(2,\)\nhelp: give a whole row"),
    ({"y": Y + 0.5}, ArgumentError, "y holds 1.5, the model's 3 classes are 0, 1, 2\nhelp: "),
    ({"y": Y + 1}, ArgumentError, "y holds 3, the"),
    ({"y": ["Adelie"] * 60}, ArgumentError, "y holds Adelie, the"),
    ({"y": numpy.zeros((60, 2))}, ShapeError, r"y has shape \(60, 2\)\nhelp: give one class a row"),
    ({"model": lambda x: x[:5]}, ShapeError, r"shape \(5, 2\) .* for 19200 rows of inputs\nhelp:"),
    ({"model": lambda x: x[:, 0] > 0}, ShapeError, "dtype bool .*\nhelp: let it give floats"),
    ({"model": lambda x: x[:, :, None]}, ShapeError, "one score a row"),
    ({"ax": "boundary.png"}, ArgumentError, "plot_boundary draws on Matplotlib Axes, got str 'bo"),
    ({"ax": numpy.array([None, None])}, ArgumentError, r"got array of shape \(2,\)")])
def test_what_does_not_fit_is_named(change, error, message):
    with pytest.raises(error, match=message):
        nn.plot_boundary(**{"model": wide(3), "x": X, "y": Y, "ax": axes(), **change})


# -- weights ---------------------------------------------------------------------------------------

def test_a_heat_map_has_a_row_for_each_unit():
    layer = nn.Linear(4, 3, rng=0)
    ax = nn.plot_weights(layer, ax=axes())
    assert (ax.images[0].get_array() == layer.weight.data).all()
    assert ax.images[0].get_extent() == [-0.5, 3.5, 2.5, -0.5]         # unit 0 is on top
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("input", "unit")


def test_images_stand_upright_and_in_reading_order():
    """Unit i has its one weight in pixel i of (2, 3): the images show it there, i after i."""
    ax = nn.plot_weights(numpy.eye(6), shape=(2, 3), ax=axes())
    assert len(ax.images) == 6 and ax.get_ylim()[0] > ax.get_ylim()[1]
    corners = []
    for i, image in enumerate(ax.images):
        assert image.get_array().tolist() == numpy.eye(6)[i].reshape(2, 3).tolist()
        left, right, bottom, top = image.get_extent()
        assert image.origin == "upper" and bottom > top            # rows run down the page
        assert (right - left, bottom - top) == pytest.approx((3, 2))
        corners.append((top, left))
    assert corners == sorted(corners)
    numbered = [t.get_text() for t in ax.texts]
    assert numbered == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("count, shape", [(1, (1, 1)), (7, (8, 8)), (32, (8, 8)), (13, (1, 40)),
                                          (5, (40, 1)), (101, (2, 2))])
def test_images_do_not_overlap_and_are_all_on_the_page(count, shape):
    ax = nn.plot_weights(numpy.ones((count, shape[0] * shape[1])), shape, ax=axes())
    boxes = [image.get_extent() for image in ax.images]
    assert len(boxes) == count
    for i, (left, right, bottom, top) in enumerate(boxes):
        assert ax.get_xlim()[0] <= left and right <= ax.get_xlim()[1] + 1e-9
        assert ax.get_ylim()[1] < top and bottom <= ax.get_ylim()[0] + 1e-9
        assert all(left >= r or right <= a or top >= b or bottom <= t
                   for a, r, b, t in boxes[:i])


def test_layers_of_values_show_their_weights():
    layer = nn.Layer(3, 2, seed=0)
    for given, expected in ((layer, [[w.data for w in n.w] for n in layer.neurons]),
                            (layer.neurons[0], [[w.data for w in layer.neurons[0].w]]),
                            (layer.neurons[1].w, None)):
        if expected is None:
            with pytest.raises(ShapeError, match=r"shape \(3,\)\nhelp: give a matrix"):
                nn.plot_weights(given, ax=axes())
        else:
            assert nn.plot_weights(given, ax=axes()).images[0].get_array().tolist() == expected


def test_colours_are_even_about_zero_and_set_nan_and_inf_apart():
    weights = numpy.array([[0.5, -2.0, 0.0], [numpy.nan, numpy.inf, -numpy.inf]])
    image = nn.plot_weights(weights, ax=axes()).images[0]
    assert image.get_clim() == (-2.0, 2.0)
    red, blue, white, nan, *inf = image.to_rgba(image.get_array()).reshape(-1, 4)[:, :3]
    assert red[0] > red[2] and blue[2] > blue[0] and white.tolist() == [1, 1, 1]
    assert nan.tolist() == [0, 0, 0] and inf[0].tolist() == inf[1].tolist()
    assert 0 < inf[0][0] == inf[0][2] < 1
    assert nn.plot_weights(numpy.zeros((2, 2)), ax=axes()).images[0].get_clim() == (-1.0, 1.0)


def test_weights_of_another_storage_or_dtype():
    for given in (array_api_strict.asarray([[1.0, 2.0]]), Tensor([[1, 2]]), [[1, 2]],
                  numpy.array([[1, 2]], numpy.float32), [[Value(1.0), Value(2.0)]]):
        assert nn.plot_weights(given, ax=axes()).images[0].get_array().tolist() == [[1, 2]]


@pytest.mark.parametrize("layer, shape, error, message", [
    (nn.Linear(6, 2, rng=0), (2, 2), ShapeError, r"shape=\(2, 2\) for units of 6 inputs\nhelp: give"
                                                 r" \(height, width\) with height \* width = 6"),
    (nn.Linear(6, 2, rng=0), (-2, -3), ShapeError, r"shape=\(-2, -3\)"),
    (nn.Linear(6, 2, rng=0), 6, ShapeError, "shape=6 for"),
    (nn.Linear(6, 2, rng=0), (2.0, 3.0), ShapeError, r"shape=\(2.0, 3.0\)"),
    (wide(2), None, ArgumentError, "one layer, got a model, Sequential\nhelp: .*model.layers"),
    (numpy.ones(3), None, ShapeError, r"shape \(3,\)\nhelp: .* one unit is weights\[None\]"),
    (numpy.ones((0, 3)), None, ShapeError, r"shape \(0, 3\)"),
    (numpy.ones((2, 2, 2)), (2, 2), ShapeError, r"shape \(2, 2, 2\)"),
    (numpy.ones((2, 2)) * 1j, None, DtypeError, "complex128\nhelp: give real numbers"),
    ("weights.png", None, ArgumentError, "plot_weights of str 'weights.png'"),
    (3.0, None, ArgumentError, "plot_weights of float 3.0")])
def test_weights_that_are_none_are_named(layer, shape, error, message):
    with pytest.raises(error, match=message):
        nn.plot_weights(layer, shape, ax=axes())


# -- curves ----------------------------------------------------------------------------------------

def history_of(**columns):
    history = History()
    history.rows = [dict(zip(("epoch", *columns), row, strict=True))
                    for row in zip(range(1, 99), *columns.values(), strict=False)]
    return history


def test_losses_and_metrics_have_a_panel_each():
    history = history_of(loss=[3.0, 2.0, 1.0], validation_loss=[3.0, 1.0, 2.0],
                         validation_accuracy=[0.5, 0.75, 1.0], validation_top_3=[0.9, 1.0, 1.0])
    losses, metrics = nn.plot_history(history, Figure())
    assert {line.get_label() for line in losses.lines} >= {"training", "validation"}
    drawn = {line.get_label(): line for line in metrics.lines}
    assert list(drawn["validation accuracy"].get_ydata()) == [0.5, 0.75, 1.0]
    assert list(drawn["validation top 3"].get_xdata()) == [1, 2, 3]
    assert list(metrics.lines[-1].get_xdata()) == [2, 2]           # the best epoch
    assert metrics.get_ylabel() == "metrics" and metrics.get_legend()
    one = nn.plot_history(history_of(loss=[1.0, 2.0], accuracy=[0.5, 0.5]), Figure())[1]
    assert one.get_ylabel() == "accuracy" and one.get_legend() is None


def test_a_history_without_metrics_or_without_epochs_is_one_panel():
    assert len(nn.plot_history(history_of(loss=[1.0, 0.5]), Figure())) == 1
    assert len(nn.plot_history(History(), Figure())) == 1


def test_one_epoch_alone_is_a_dot():
    for ax in nn.plot_history(history_of(loss=[1.0], accuracy=[0.5]), Figure()):
        assert ax.lines[0].get_marker() == "o"


def test_what_a_callback_wrote_into_the_rows():
    history = history_of(loss=[1.0, 0.5], note=["a", "b"])
    history.rows[1]["late"] = 0.25
    metrics = nn.plot_history(history, Figure())[1]
    assert metrics.get_ylabel() == "late" and numpy.isnan(metrics.lines[0].get_ydata()[0])


@pytest.mark.parametrize("history, figure, message", [
    ([1.0, 0.5], None, r"plot_history of list \[1.0, 0.5\]\nhelp: give it what nn.fit"),
    (History(), "a.png", "plot_history draws on a Matplotlib Figure, got str 'a.png'\nhelp: ")])
def test_what_is_no_history_or_no_figure(history, figure, message):
    with pytest.raises(ArgumentError, match=message):
        nn.plot_history(history, figure)


# -- paper -----------------------------------------------------------------------------------------

def test_without_axes_a_figure_of_pyplot_is_made():
    try:
        made = [nn.plot_boundary(wide(3), X, Y), nn.plot_weights(numpy.eye(4), (2, 2)),
                nn.plot_history(history_of(loss=[1.0]))[0]]
        assert pyplot.get_fignums() == [ax.figure.number for ax in made] == [1, 2, 3]
        assert pyplot.figure(1) is made[0].figure
    finally:
        pyplot.close("all")


@pytest.mark.parametrize("draw", [
    lambda: nn.plot_history(History()), lambda: nn.plot_weights(numpy.eye(2)),
    lambda: nn.plot_boundary(wide(3), X, Y), lambda: nn.Monitor(wide(1)).plot(),
    lambda: nn.to_png(None)])
def test_without_matplotlib_the_way_out_is_named(draw, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"^plotting needs Matplotlib\nhelp: pip install matplot"):
        draw()


def test_nothing_is_imported_before_something_is_drawn():
    code = "import nn, sys; nn.Monitor(nn.Linear(1, 1)); assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


PROGRAM = """
import hashlib, numpy, nn
from nn.pictures.paper import blank
x, y = nn.spirals(30, 3, seed=0)
model = nn.Linear(2, 3, rng=0)
ax = nn.plot_boundary(model, x, y, ax=blank().subplots())
print(hashlib.sha256(nn.to_png(ax)).hexdigest())
"""


def test_a_png_is_the_same_in_every_process():
    runs = [subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True,
                           check=True, cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}).stdout
            for seed in ("1", "2")]
    assert runs[0] == runs[1] and len(runs[0]) == 65


def test_a_png_says_nothing_of_the_machine_or_the_day():
    figure = blank(2, 2)
    ax = figure.subplots()
    png = nn.to_png(ax)
    assert png.startswith(b"\x89PNG") and b"atplotlib" not in png and b"tEXt" not in png
    assert png == nn.to_png(figure) == nn.to_png([ax]) == nn.to_png(figure)
    assert hashlib.sha256(nn.to_png(figure, dpi=50)) != hashlib.sha256(png)


def test_a_png_of_part_of_a_figure_is_of_the_whole():
    figure = Figure()
    part = figure.subfigures(1, 2)[1]
    axes = nn.plot_history(history_of(loss=[1.0, 0.5], accuracy=[0.5, 1.0]), part)
    assert nn.to_png(axes) == nn.to_png(part) == nn.to_png(figure)


@pytest.mark.parametrize("thing", [None, [], "a.png", b"png", History()])
def test_a_png_of_no_figure(thing):
    with pytest.raises(ArgumentError, match=r"(?s)^to_png of .*\nhelp: give a Matplotlib Figure"):
        nn.to_png(thing)


def test_no_text_is_cut_off():
    """Each kind of picture lies within its figure, at the size it has by itself."""
    monitor = nn.Monitor(wide(3))
    monitor()
    pictures = [nn.plot_boundary(wide(3), X, Y, ax=axes()),
                nn.plot_weights(numpy.eye(64)[:12], (8, 8), ax=axes()),
                nn.plot_weights(numpy.eye(5), ax=axes()),
                nn.plot_history(history_of(loss=[1e-9, 2e9], accuracy=[0.5, 1.0]), blank())[0],
                monitor.plot(blank(10, 4))[0]]
    for ax in pictures:
        figure = ax.figure
        figure.draw_without_rendering()
        box = figure.get_tightbbox()
        assert box.x0 >= 0 and box.y0 >= 0
        assert box.x1 <= figure.get_figwidth() and box.y1 <= figure.get_figheight()
