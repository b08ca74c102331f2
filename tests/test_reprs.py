"""What notebooks show of an object: right numbers and colours, valid and harmless HTML."""

import math
import re
import struct
import xml.etree.ElementTree as ElementTree
import zlib
from base64 import b64decode
from html import unescape
from html.parser import HTMLParser

import numpy
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import autograd.numpy as np
import nn
from autograd import Tensor, Value, custom_gradient
from autograd.show import cards, heat
from nn.history import History
from nn.line_chart import chart
from nn.metrics import ConfusionMatrix
from nn.outline import outline

EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\nb\tc", "\x00\x1b[31m",
        "ünïcödé 企鹅 \ud800", "&amp;", "x" * 10_000]
SVG = "{http://www.w3.org/2000/svg}"


class Page(HTMLParser):
    """HTML read back: its tags, its text, its images; it fails where a tag is not closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text, self.images = [], [], "", []
        html.encode()                                   # no lone surrogates
        self.feed(html)
        self.close()
        assert not self.open, self.open
        assert not {"script", "style", "svg", "link", "iframe"} & set(self.tags)

    def handle_starttag(self, tag, attributes):
        names = dict(attributes)
        assert not [name for name in names if name.startswith("on") or name in ("id", "class")]
        self.tags.append(tag)
        if tag == "img":
            self.images.append(names)
        elif tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "

    @property
    def words(self):
        return " ".join(self.text.split())


def pixels(png):
    """A PNG of ours read by hand: the colours, (height, width, 3)."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, i = {}, 8
    while i < len(png):
        size, name = struct.unpack(">I4s", png[i:i + 8])
        chunks[name] = png[i + 8:i + 8 + size]
        check, = struct.unpack(">I", png[i + 8 + size:i + 12 + size])
        assert check == zlib.crc32(name + chunks[name])
        i += 12 + size
    width, height, *form = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert form == [8, 3, 0, 0, 0]
    lines = numpy.frombuffer(zlib.decompress(chunks[b"IDAT"]), numpy.uint8)
    lines = lines.reshape(height, width + 1)
    assert not lines[:, 0].any()
    return numpy.frombuffer(chunks[b"PLTE"], numpy.uint8).reshape(-1, 3)[lines[:, 1:]]


def drawn(image):
    """The pixels of an <img>, and its text."""
    found = Page(image).images[0]
    return pixels(b64decode(found["src"].partition("base64,")[2])), found["alt"]


def blend(x, peak):
    """The definition of the colours: from white to blue or red as |x| goes to the peak."""
    if math.isnan(x):
        return numpy.zeros(3)
    if math.isinf(x):
        return numpy.full(3, 130.0)
    end = numpy.array([33, 102, 172] if x < 0 else [178, 24, 43], float)
    return 255 + abs(x) / (peak or 1) * (end - 255)


# -- heat maps -----------------------------------------------------------------------------

@given(hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6)))
def test_every_pixel_has_the_colour_of_its_number(x):
    shown = pixels(heat.png(x))
    peak = max((abs(v) for v in x.ravel().tolist() if math.isfinite(v)), default=0.0)
    expected = numpy.array([[blend(v, peak) for v in row] for row in x.tolist()])
    assert abs(shown - expected).max() <= 1.5                       # 126 shades of each colour


def test_the_extremes_have_the_full_colours_and_zero_is_white():
    shown = pixels(heat.png([[-2.0, 0.0, 2.0, -0.0, math.nan, -math.inf]])).tolist()
    assert shown == [[[33, 102, 172], [255] * 3, [178, 24, 43], [255] * 3, [0] * 3, [130] * 3]]
    assert pixels(heat.png([[0, 0], [0, 0]])).min() == 255
    assert pixels(heat.png([[5e-324, -5e-324]])).tolist() == [[[178, 24, 43], [33, 102, 172]]]


def test_another_decoder_reads_the_png():
    image = pytest.importorskip("matplotlib.image", reason="pip install matplotlib")
    from io import BytesIO

    x = numpy.random.default_rng(0).normal(size=(9, 5))
    png = heat.png(x)
    read = image.imread(BytesIO(png), format="png")[..., :3]
    assert abs(read * 255 - pixels(png)).max() < 0.01


@pytest.mark.parametrize("shape, rows, columns, says", [
    ((), 1, 1, "float64 () "), ((5,), 1, 5, "(5,)"), ((3, 4), 3, 4, "(3, 4)"),
    ((2, 3, 4), 6, 4, "axes 0, 1 down and 2 across"),
    ((16, 3, 5, 5), 48, 25, "axes 0, 1 down and 2, 3 across")])
def test_an_image_has_a_square_of_pixels_for_each_cell(shape, rows, columns, says):
    x = numpy.random.default_rng(1).normal(size=shape)
    shown, text = drawn(heat.image(x))
    down, across = shown.shape[0] // rows, shown.shape[1] // columns
    assert shown.shape == (rows * down, columns * across, 3) and shown.shape[1] <= 160
    cells = pixels(heat.png(x.reshape(rows, columns)))
    assert (shown == cells.repeat(down, 0).repeat(across, 1)).all() and says in text


@pytest.mark.parametrize("shape", [(65, 3), (1000, 784), (1, 129), (200,), (3, 70)])
def test_a_large_array_is_shown_by_means_of_blocks(shape):
    x = numpy.random.default_rng(2).normal(size=shape)
    means, arranged = heat.cells(x)
    assert max(means.shape) == 64 and arranged == f"means of blocks, {means.shape[0]} × " \
                                                  f"{means.shape[1]}"
    matrix = x.reshape(means.shape[0] if len(shape) == 1 else shape[0], -1)
    cuts = [[n * i // side for i in range(side + 1)]
            for n, side in zip(matrix.shape, means.shape, strict=True)]
    for i in range(means.shape[0]):
        for j in range(0, means.shape[1], 7):
            block = matrix[cuts[0][i]:cuts[0][i + 1], cuts[1][j]:cuts[1][j + 1]]
            assert means[i, j] == pytest.approx(block.mean(), abs=1e-12)
    assert arranged in drawn(heat.image(x))[1]


def test_one_nan_among_many_numbers_is_seen_and_said():
    x = numpy.full((500, 500), 1.7e308)                     # whose sum is out of range
    x[100, 200], x[400, 3] = math.nan, -math.inf
    cells, _ = heat.cells(x)
    assert numpy.isnan(cells).sum() == numpy.isinf(cells).sum() == 1
    shown, text = drawn(heat.image(x))
    assert (shown == 0).all(2).any() and (shown == 130).all(2).any()
    assert "1.7e+308 to 1.7e+308, mean 1.7e+308, 1 nan (black), 1 inf (grey)" in text


@pytest.mark.parametrize("x, says", [
    ([[True, False]], "False to True, mean 0.5"), ([[-3, 4]], "-3 to 4, mean 0.5"),
    ([3 + 4j, 0j], "|x| 0.0 to 5.0, mean 2.5; blue -5.0"), ([math.nan], "1 nan (black); white 0"),
    (numpy.float32([0.1]), "float32 (1,) 0.1;"), (2.0, "2.0; blue -2.0, white 0, red 2.0"),
    (numpy.array([2**64 - 1, 0], "uint64"), "mean 9.22e+18"), ([[0.0]], "0.0; white 0")])
def test_the_text_of_an_image_says_what_is_seen(x, says):
    assert says in drawn(heat.image(x if isinstance(x, float) else numpy.asarray(x)))[1]


@pytest.mark.parametrize("shape", [(0,), (3, 0), (2, 0, 4)])
def test_an_empty_array_has_no_image(shape):
    assert heat.image(numpy.zeros(shape)) == "" and heat.summary(numpy.zeros(shape)) == "empty"
    assert "data: empty" in Page(cards.card(Tensor(numpy.zeros(shape)))).words


def arrays_of(library):
    """An array of each kind of a library: on its devices, and of dtypes that NumPy lacks."""
    xp = pytest.importorskip(library, reason=f"install {library}")
    if library == "array_api_strict":
        devices = xp.__array_namespace_info__().devices()
        return [xp.asarray([[1.0, -2.0]], device=device) for device in devices
                if not str(device).startswith("array_api_strict.Device('no_")]
    name = library.partition(".")[0]
    one = xp.asarray([[1.0, -2.0]])
    return [one, one.to(xp.bfloat16) if name == "torch" else one.astype(xp.bfloat16)]


@pytest.mark.parametrize("library", ["numpy", "array_api_strict", "torch", "jax.numpy"])
def test_every_storage_is_shown_alike(library):
    arrays = [numpy.asarray([[1.0, -2.0]])] if library == "numpy" else arrays_of(library)
    for x in arrays:
        assert heat.on_host(x).tolist() == [[1.0, -2.0]]
        shown, text = drawn(heat.image(x))
        assert (shown[0, 0] > shown[0, -1]).tolist() == [True, True, False]
        assert "-2.0 to 1.0, mean -0.5" in text
        page = Page(cards._tensor(Tensor(x, requires_grad=True)))
        assert "1.0 -2.0" in page.words and "grad –" in page.words
        assert ("device1" in page.words) == ("device1" in str(getattr(x, "device", "")))


def test_what_has_no_numbers_yet_is_no_image():
    jax = pytest.importorskip("jax", reason="pip install jax")
    torch = pytest.importorskip("torch", reason="install torch==2.13.0")
    said = []

    @jax.jit
    def traced(x):
        said.append(heat.image(x))
        said.append(Page(cards._tensor(Tensor(x, requires_grad=True).sum())).words)
        return x

    traced(jax.numpy.ones(3))
    assert said[0] == "" == heat.image(torch.ones(3, device="meta")) == heat.image("no array")
    assert "= sum(x)" in said[1] and said[1].endswith("data: not known yet")


# -- Values and Tensors --------------------------------------------------------------------

def test_a_value_shows_its_operands_and_local_derivatives():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    loss = a * b
    loss.label = "loss"
    assert Page(cards._value(loss)).words == (
        "data grad local derivative loss = a * b -6.0 – a 2.0 – ×-3.0 b -3.0 – ×2.0")
    loss.backward()
    assert Page(cards._value(loss)).words == (
        "data grad local derivative loss = a * b -6.0 1.0 a 2.0 -3.0 ×-3.0 b -3.0 2.0 ×2.0")
    assert Page(cards._value(Value(0.5))).words == "data grad Value 0.5 –"
    assert len(cards.card(loss)) < 2000


def test_operands_without_a_label_get_names_of_their_own():
    x, y = Value(3.0), Value(1.0, label="x")
    assert "Value = x * x" in Page(cards._value(x * x)).words
    assert "Value = y + x" in Page(cards._value(x + y)).words
    assert "Value = x * 2.0" in Page(cards._value(x * 2.0)).words
    assert "Value = tanh(x)" in Page(cards._value(x.tanh())).words


def test_a_gradient_of_zero_is_not_one_that_was_not_computed():
    x = Value(-1.0)
    y = x.relu()
    y.backward()
    assert "x -1.0 0.0 ×0.0" in Page(cards._value(y)).words


def test_a_tensor_shows_data_and_gradient_in_numbers():
    x = Tensor([[1.0, -2.0], [math.nan, math.inf]], requires_grad=True, label="x")
    before = Page(cards._tensor(x))
    assert before.words == ("x float64 (2, 2) requires_grad · grad – data: -2.0 to 1.0, mean -0.5, "
                            "1 nan (black), 1 inf (grey) 1.0 -2.0 nan inf")
    (x * Tensor([[3.0, 0.0], [0.0, 4.0]])).sum().backward()
    assert Page(cards._tensor(x)).words.endswith(
        "grad: 0.0 to 4.0, mean 1.75, norm 5.0 3.0 0.0 0.0 4.0")
    html = cards._tensor(x)
    assert "background:#2166ac;color:#fff\">-2.0<" in html
    assert "background:#000000;color:#fff\">nan<" in html and "#828282" in html


def test_a_tensor_says_what_made_it_and_looking_warns_of_nothing():
    x, w = Tensor(numpy.ones((4, 3))), Tensor(numpy.ones((3, 2)), requires_grad=True, label="w")
    product = x @ w                             # .grad of a recorded result warns: errors in tests
    assert Page(cards.card(product)).words.startswith("Tensor = float64 (4, 3) @ w float64 (4, 2)")
    assert product.node.grad is None and w.grad is None
    product.retain_grad()
    product.sum().backward()
    assert "grad: 1.0 to 1.0" in Page(cards.card(product)).words
    large = Page(cards.card(Tensor(numpy.ones((9, 9)), requires_grad=True)))
    assert len(large.images) == 1 and "table" not in large.tags
    assert large.images[0]["alt"] == "data: 1.0 to 1.0, mean 1.0; blue -1.0, white 0, red 1.0"


@pytest.mark.parametrize("label", [*EVIL, 5])
def test_hostile_labels_are_escaped_and_shortened(label):
    v, t = Value(1.0, label=label), Tensor([1.0], requires_grad=True, label=label)
    shown = cards.short(label)
    for html in (cards._value(v), cards._value(v * v), cards._tensor(t), cards._tensor(t * t)):
        page = Page(html)
        assert len(html) < 2500 and " ".join(shown.split()) in page.words and len(shown) <= 99


def test_what_fails_falls_back_to_the_plain_repr():
    @custom_gradient(lambda g, x: g.nonsense)
    def cube(x):
        return x * x * x

    assert "cube(x) 8.0" in Page(cards._value(cube(Value(2.0)))).words     # the rule is not needed
    assert cards.card("no node at all") is None


def test_a_card_of_a_large_graph_or_array_is_small_and_cheap():
    x = Value(1.0)
    for _ in range(5_000):
        x = x + 1.0
    assert len(x._repr_html_()) < 2000
    t = Tensor(numpy.random.default_rng(3).normal(size=(300, 300)), requires_grad=True)
    (t * t).sum().backward()
    assert len(t._repr_html_()) < 25_000
    small = Tensor(numpy.ones((8, 8)), requires_grad=True)
    (small * small).sum().backward()
    assert len(small._repr_html_()) < 12_000
    assert t._repr_html_() == t._repr_html_()


# -- modules -------------------------------------------------------------------------------

def rows_of(html):
    """The text of each row of the outline, folded ones too."""
    texts = [re.sub(r"<[^>]+>", "|", row) for row in re.split(r"<tr>", html)]
    return [[unescape(cell) for cell in text.split("|") if cell] for text in texts]


def test_a_module_is_a_foldable_table_of_layers_shapes_and_counts():
    model = nn.Sequential(nn.Linear(4, 16, rng=0), nn.Tanh(), nn.Dropout(0.25, rng=0),
                          nn.Sequential(nn.Linear(16, 3, bias=False, rng=1)))
    head, columns, *rows = rows_of(outline(model))
    assert head == ["Sequential", " ", "128 parameters float64"]
    assert columns == ["name", "kind", "shape", "parameters"]
    assert rows == [
        ["layers.0", "Linear(in_features=4, out_features=16)", "weight (16, 4), bias (16,)", "80"],
        ["layers.1", "Tanh", "0"], ["layers.2", "Dropout(p=0.25)", "0"],
        ["layers.3", "Sequential"],
        ["layers.0", "Linear(in_features=16, out_features=3)", "weight (3, 16)", "48", "48"]]
    page = Page(outline(model))
    assert page.tags.count("details") == 2 and outline(model).count("<details open") == 1
    assert "in eval mode" in Page(outline(model.eval())).words


def test_a_network_of_values_counts_them():
    head, _, *rows = rows_of(outline(nn.MLP(2, [3, 1], seed=0)))
    assert head[-1] == "13 parameters"
    assert rows[1] == ["neurons.0", "Neuron(nonlin=True) (activation: ReLU)",
                       "w 2 Values, b 1 Value", "3"]
    neuron = rows_of(outline(nn.Neuron(2, seed=0)))[2:]
    assert neuron[:2] == [["w", "trainable", "2 Values", "2"], ["b", "trainable", "1 Value", "1"]]


class Odd(nn.Module):
    """Shared modules and parameters, dicts, buffers, itself, and a list that holds itself."""

    def __init__(self):
        self.first = nn.Linear(2, 2, rng=0)
        self.blocks = {"<b>": self.first, "more": [nn.Tanh(), nn.Linear(2, 2, rng=1)]}
        self.blocks["more"].append(self.blocks["more"])
        self.tied = self.first.weight
        self.mean, self.recorded = Tensor([0.0, 1.0]), self.tied * 2.0
        self.me, self.name = self, "<script>" * 99


def test_what_is_held_twice_is_listed_once_and_named_again():
    head, _, *rows = rows_of(outline(Odd()))
    assert head[-1] == "12 parameters float64, 2 numbers in buffers"
    assert [[row[0], *row[2:]] for row in rows] == [
        ["tied", "(2, 2)", "4"], ["mean", "(2,)"],
        ["first", "weight the same as tied, bias (2,)", "6"],
        ["blocks.<b>", "the same as first"], ["blocks.more.0", "0"],
        ["blocks.more.1", "weight (2, 2), bias (2,)", "6"], ["me", "the same as the whole"]]
    assert [row[1] for row in rows[:2]] == ["trainable", "buffer"]
    Page(outline(Odd()))


def test_a_module_of_nothing_and_one_of_a_thousand_layers():
    assert Page(outline(nn.Tanh())).words == "Tanh 0 parameters"
    many = nn.Sequential(*[nn.Sequential(nn.Linear(1, 1, rng=0)) for _ in range(1000)])
    html = outline(many)
    assert len(html) < 150_000 and Page(html).words.endswith("… 900 more")
    assert "2,000 parameters" in html

    class Broken(nn.Module):
        def parameters(self):
            raise RuntimeError("mine")

    assert Broken()._repr_html_() is None
    with pytest.raises(RuntimeError, match="mine"):
        outline(Broken())


# -- histories -----------------------------------------------------------------------------

def history_of(**columns):
    history = History()
    history.rows = [{"epoch": i, **dict(zip(columns, row, strict=True))}
                    for i, row in enumerate(zip(*columns.values(), strict=True), 1)]
    return history


def charts(history):
    """The pictures of a history: each as its SVG and its text."""
    return [(ElementTree.fromstring(b64decode(image["src"].partition("base64,")[2])), image["alt"])
            for image in Page(history._repr_html_()).images]


def texts(svg):
    return [text.text for text in svg.iter(f"{SVG}text") if text.text]


def read_back(svg, colour):
    """The stretches of a line as the numbers that the ticks say they are."""
    grid = [path.get("d") for path in svg.iter(f"{SVG}path") if path.get("stroke") == "#ddd"]
    labels = [text.text for text in svg.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    log = "log scale" in labels
    labels = [float(label) for label in labels if label != "log scale"]
    heights = [float(re.search(r" ([\d.]+)H", d)[1]) for d in grid]
    (y0, v0), (y1, v1) = [(y, math.log10(v) if log else v) for y, v in
                          (sorted(zip(heights, labels, strict=True))[k] for k in (0, -1))]
    points = [[[float(v) for v in point.split()] for point in path.get("d")[1:].split("L")]
              for path in svg.iter(f"{SVG}path") if path.get("stroke") == colour]
    points += [[[float(dot.get("cx")), float(dot.get("cy"))]] for dot in svg.iter(f"{SVG}circle")
               if dot.get("fill") == colour]
    values = [[v0 + (y - y0) * (v1 - v0) / (y1 - y0) for _, y in line] for line in points]
    return [[10 ** v if log else v for v in line] for line in values]


BLUE, ORANGE = "#0072B2", "#D55E00"


def test_the_curves_are_where_the_ticks_say():
    loss, validation = [1.9, 0.7, 0.4, 0.35], [2.1, 0.9, 0.55, 0.75]
    (svg, said), = charts(history_of(loss=loss, validation_loss=validation))
    assert read_back(svg, BLUE)[0] == pytest.approx(loss, abs=0.01)
    assert read_back(svg, ORANGE)[0] == pytest.approx(validation, abs=0.01)
    assert said == "loss over 4 epochs: training 1.9 to 0.35; validation 2.1 to 0.75; best: 3"
    assert {"loss", "training", "validation", "epoch", "1", "4", "best: 3"} <= set(texts(svg))
    across = [float(x) for x in re.findall(r"[ML]([\d.]+) ", next(
        path.get("d") for path in svg.iter(f"{SVG}path") if path.get("stroke") == BLUE))]
    best = next(path.get("d") for path in svg.iter(f"{SVG}path") if path.get("stroke-dasharray"))
    assert best.startswith(f"M{across[2]} ") and numpy.ptp(numpy.diff(across)) < 0.2


@given(st.lists(st.floats(width=32), min_size=1, max_size=30))
def test_any_numbers_can_be_drawn_inside_of_the_frame(losses):
    svg, said = charts(history_of(loss=losses))[0]
    finite = [x for x in losses if math.isfinite(x)]
    for line in svg.iter(f"{SVG}path"):
        assert all(0 <= float(v) <= 320 for v in re.findall(r"[\d.]+", line.get("d")))
        assert "nan" not in line.get("d") and "inf" not in line.get("d")
    assert ("no finite numbers" in texts(svg)) == (not finite)
    assert ("not finite" in said) == (len(finite) < len(losses))
    labels = [text.text for text in svg.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert len(labels) <= 9 and all(len(label) <= 10 for label in labels)


@pytest.mark.parametrize("losses", [[0.0, 5e-324], [1.7e308, -1.7e308], [1e300, 1.0], [0.0] * 3,
                                    [1e-300, 2e-300], [1e9 + 1, 1e9], [-1e-5, -2e-5], [1e-320] * 2])
def test_extreme_numbers_do_not_break_the_scale(losses):
    svg, _ = charts(history_of(loss=losses))[0]
    assert len(texts(svg)) >= 5


def test_a_gap_is_a_band_and_a_number_alone_is_a_dot():
    nan, inf = math.nan, math.inf
    (svg, said), = charts(history_of(loss=[1.0, nan, 0.5, inf, inf, 0.25, 0.125]))
    assert sorted(map(len, read_back(svg, BLUE))) == [1, 1, 2]
    assert read_back(svg, BLUE)[0] == pytest.approx([0.25, 0.125], abs=0.01)
    bands = [rect for rect in svg.iter(f"{SVG}rect") if rect.get("fill") == BLUE]
    assert len(bands) == 2 and "3 not finite" in said
    assert float(bands[1].get("width")) > float(bands[0].get("width"))


def test_numbers_that_differ_by_much_are_on_a_log_scale():
    losses = [1e4, 30.0, 0.5, 0.02]
    (svg, _), = charts(history_of(loss=losses))
    assert "log scale" in texts(svg) and "1e4" in texts(svg)
    assert read_back(svg, BLUE)[0] == pytest.approx(losses, rel=0.02)
    assert "log scale" not in texts(charts(history_of(loss=[1e4, 0.0]))[0][0])


def test_a_long_history_is_thinned_and_keeps_its_peak():
    losses = [1 + math.sin(i / 500) for i in range(20_000)]
    losses[12_345] = 7.0
    history = history_of(loss=losses)
    line = read_back(charts(history)[0][0], BLUE)[0]
    assert max(line) == pytest.approx(7.0, abs=0.05) and len(line) < 300
    assert len(history._repr_html_()) < 15_000
    torn = history_of(loss=[math.nan, 1.0] * 5_000)
    assert len(torn._repr_html_()) < 90_000


def test_each_metric_has_its_own_picture_and_its_name_is_harmless():
    history = history_of(loss=[1.0], validation_loss=[2.0], validation_accuracy=[0.5],
                         **{name: [0.5] for name in EVIL[:4]})
    page = Page(history._repr_html_())
    titles = [texts(svg)[0] for svg, _ in charts(history)]
    assert titles[:3] == ["loss", "accuracy", cards.short(EVIL[0])] and len(titles) == 6
    assert page.tags.index("details") > page.tags.index("img")
    assert "1 epoch, best: 1 (validation loss 2)" in page.words
    assert "epoch 1" in texts(charts(history)[0][0])
    for label in EVIL:
        Page(chart(label, {"training": [1.0, 2.0]}))


def test_a_history_of_no_epochs_or_of_odd_rows_is_shown():
    assert Page(History()._repr_html_()).words == "no epochs yet"
    history = history_of(loss=[1.0, 0.5])
    history.rows[1].update(note="<b>", rate=numpy.float32(0.1))     # as a callback may
    assert "&lt;b&gt;" in history._repr_html_() and "0.1" in repr(history)
    other = History()
    other.rows = [{"epoch": 1, "accuracy": 0.5}]
    assert "1 epoch" in Page(other._repr_html_()).words and "0.5" in repr(other)


# -- confusion matrices --------------------------------------------------------------------

def test_a_confusion_matrix_shades_by_share_and_gives_recall():
    matrix = ConfusionMatrix(numpy.array([[3, 1, 0], [0, 2, 0], [0, 0, 0]]), ["ant", "bee", "cat"])
    html = matrix._repr_html_()
    assert Page(html).words == ("true \\ predicted ant bee cat recall ant 3 1 0 0.750 "
                                "bee 0 2 0 1.000 cat 0 0 0 –")
    shades = re.findall(r"rgba\(([\d,.]+)\)", html)
    assert shades[:2] == ["33,102,172,0.45", "178,24,43,0.15"] and shades[4] == "33,102,172,0.60"
    assert shades[8] == "33,102,172,0.00"


def test_class_names_are_escaped_and_shortened():
    matrix = ConfusionMatrix(numpy.eye(7, dtype=int), EVIL)
    page = Page(matrix._repr_html_())
    assert len(matrix._repr_html_()) < 9_000
    assert all(" ".join(cards.short(name).split()) in page.words for name in EVIL)
    assert len(repr(matrix).splitlines()) == 8 and len(repr(matrix)) < 2_500
    assert "1  0" in repr(ConfusionMatrix(numpy.eye(2, dtype=int), [0, 1]))


def test_many_classes_are_a_picture():
    page = Page(ConfusionMatrix(numpy.eye(200, dtype=int), map(str, range(200)))._repr_html_())
    assert page.words == "200 classes: true down, predicted across" and len(page.images) == 1


# -- plain text ----------------------------------------------------------------------------

def test_no_plain_repr_or_html_has_an_address():
    v, x = Value(2.0, label="v"), Tensor([1.0, 2.0], requires_grad=True)
    loss = (v * v).tanh()
    model = nn.Sequential(nn.Linear(2, 1, rng=0), nn.Activation(np.tanh), nn.Dropout(0.5, rng=0))
    things = [v, loss, x, x * 2.0, loss.draw(), model, nn.MLP(2, [1], seed=0), Odd(),
              nn.Adam(model.parameters()), history_of(loss=[1.0]), nn.confusion_matrix([0], [0])]
    for thing in things:
        shown = repr(thing) + str(thing)
        if not isinstance(thing, nn.Optimizer) and "Graph" not in repr(thing):
            shown += thing._repr_html_()
        assert not re.search(r"0x[0-9a-f]{6}", re.sub(r"base64,[^\"]+", "", shown)), shown
