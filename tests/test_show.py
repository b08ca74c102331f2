"""Drawing: what is in the picture, that it is valid whatever the labels are, and every fallback."""

import os
import re
import stat
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ElementTree
from base64 import b64decode

import numpy
import pytest
from svg import SVG, elements, overlaps, spilled
from test_micrograd import readme

import autograd
import autograd.numpy as np
from autograd import Tensor, Value
from autograd.errors import ArgumentError
from autograd.show import draw
from autograd.show.drawing import layout
from autograd.show.wording import amount, amounts, kinds, number, short


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch):
    """Each test hears the warnings that a process gives once."""
    monkeypatch.setattr(layout, "_said", set())


@pytest.fixture
def no_programs(monkeypatch):
    monkeypatch.setattr(layout, "programs", lambda: iter(()))


def micrograd_readme():
    return readme(Value(-4.0, label="a"), Value(2.0, label="b"))


def edges(graph):
    return re.findall(r"^  (\w+) -> (\w+)(?::(i\d+):\w)?", graph.dot, re.MULTILINE)


def executable(path, script):
    path.write_text(f"#!{sys.executable}\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


# -- what is in the picture --------------------------------------------------------------

def test_every_node_operation_constant_and_edge_is_drawn():
    g = micrograd_readme()
    results = autograd.sweep.history([g])
    operations = [node for node in results if node.op]
    constants = [str(x) for node in operations for x in node.args if not isinstance(x, Value)]
    assert (len(results), len(constants)) == (27, 8)
    graph = g.draw(name="readme")
    nodes, arrows = elements(graph.svg(), "node"), elements(graph.svg(), "edge")
    assert len(nodes) == len(results) + len(operations)
    assert len(arrows) == len(operations) + sum(len(node._prev) for node in operations)
    cells = [cell for i, lines in nodes.items() if i.endswith("op") for cell in lines[1:]]
    assert sorted(cell for cell in cells if "×" not in cell) == sorted(constants)
    assert all(i.startswith("readme-") for i in [*nodes, *arrows])


def test_a_node_shows_its_label_data_and_gradient():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    product = a * b
    drawn = elements(product.draw(name="p").svg(), "node")
    assert drawn["p-n0"] == ["a", "data 2.0", "grad –"]
    product.backward()
    drawn = elements(product.draw(name="p").svg(), "node")
    assert drawn["p-n0"] == ["a", "data 2.0", "grad -3.0"]
    assert drawn["p-n2"] == ["v2", "data -6.0", "grad 1.0"]
    assert drawn["p-n2op"] == ["*", "×-3.0", "×2.0"]


def test_a_gradient_of_zero_is_not_one_that_was_not_computed():
    x = Value(-1.0)
    x.relu().backward()
    assert x.draw().boxes[0].grad == "0.0"
    assert Value(-1.0).draw().boxes[0].grad == "–"
    assert Tensor([1.0], requires_grad=True).draw().boxes[0].grad == "–"


def test_x_times_x_has_two_edges():
    x = Value(3.0, label="x")
    graph = (x * x).draw()
    assert edges(graph) == [("n0", "n1op", "i0"), ("n0", "n1op", "i1"), ("n1op", "n1", "")]
    assert len(elements(graph.svg(), "edge")) == 3
    assert [link.local for link in graph.boxes[1].operands] == ["×3.0", "×3.0"]


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_operands_keep_their_order(direction):
    b, a = Value(1.0, label="b"), Value(2.0, label="a")         # b is older, and yet comes second
    graph = (a - b).draw(direction=direction, name="d")
    places = {}
    for group in ElementTree.fromstring(graph.svg()).iter(f"{SVG}g"):
        if group.get("class") == "node":
            text = group.find(f"{SVG}text")
            places[group.get("id")] = float(text.get("x")), float(text.get("y"))
    (xa, ya), (xb, yb) = places["d-n1"], places["d-n0"]
    assert (ya < yb) if direction in ("LR", "RL") else (xa < xb)


@pytest.mark.parametrize(("f", "expected"), [
    (lambda x: x.tanh(), ["×0.7864"]), (lambda x: x * 4.0, ["×4.0", ""]),
    (lambda x: 1.0 / x, ["", "×-4.0"]), (lambda x: x - x, ["×1.0", "×-1.0"]),
    (lambda x: np.where(True, x, 1.0), ["", "×1.0", ""])])
def test_an_edge_shows_the_local_derivative(f, expected):
    drawn = [link.local for link in f(Value(0.5)).draw().boxes[-1].operands]
    assert drawn == expected


def test_a_rule_that_cannot_be_printed_is_named():
    def newton(g, x):
        while x > 1e-3:                         # would not end on a symbol
            x = x / 2
        return g * x

    halved = autograd.custom_gradient(newton)(lambda x: x)
    x = Tensor([1.0, 2.0], requires_grad=True)
    assert halved(x).draw().boxes[-1].operands[0].local == "unnamedᵀ(g)"
    assert halved(Value(0.0005)).draw().boxes[-1].operands[0].local == "×0.0005"


def test_an_operation_whose_rule_fails_is_drawn():
    def fail(g, x):
        raise autograd.GraphError("no gradient here")

    failing = autograd.custom_gradient(fail)(lambda x: 2 * x)
    x = Tensor([1.0], requires_grad=True)
    (x * 1.0).sum().backward()
    for operand in (x, Value(1.0)):
        drawn = failing(operand).draw().boxes[-1]
        assert [link.local for link in drawn.operands] == ["unnamedᵀ(g)"]
        assert drawn.grad == "–"


def test_metadata_and_gates_print():
    x, y, z, w = (Tensor(numpy.ones(2), requires_grad=True, label=label) for label in "xyzw")
    joined = np.concat([x, y, z, w]).draw().boxes[-1]
    assert [link.local for link in joined.operands] == ["g[0:2]", "g[2:4]", "g[4:6]", "g[6:8]"]
    assert joined.op == "concat axis=0"
    picked = x[..., numpy.array([0, 1, 1]), None][::-1].draw()
    assert [box.op for box in picked.boxes[1:]] == ["getitem [..., int64 (3,), No…]",
                                                    "getitem [::-1]"]
    assert [box.made for box in picked.boxes] == ["", "x[..., int64 (3,), None]", "v1[::-1]"]


def test_an_array_that_is_traced_has_no_numbers_yet():
    jax = pytest.importorskip("jax", reason="pip install jax")
    shown = []
    jax.jit(lambda x: shown.append(amount(x)) or x)(jax.numpy.ones(3))
    assert shown == ["not known yet"]


def test_an_edge_between_tensors_shows_the_map():
    X, W = (Tensor(numpy.ones((3, 3)), requires_grad=True, label=label) for label in "XW")
    maps = {box.op: [link.local for link in box.operands]
            for box in (np.tanh(X @ W)[0, 1:] * 2.0).sum().draw().boxes}
    assert maps["@"] == ["g @ Wᵀ", "Xᵀ @ g"]
    assert maps["tanh"] == ["g * sech(v2) * sech(v2)"]
    assert maps["*"] == ["g * 2.0", ""]
    assert maps["getitem [0, 1:]"] == ["scatter(g, (3, 3), [0, 1:])"]
    assert np.max(X).draw().boxes[-1].operands[0].local == "maxᵀ(g)"


def maps_of(graph):
    """Every map, by the name of the result and of the operand."""
    return {(box.name, link.name): link.local for box in graph.boxes for link in box.operands}


def test_maps_are_written_in_the_names_of_the_picture():
    x, y = (Tensor(numpy.ones((2, 2)), requires_grad=True, label=label) for label in "xy")
    loss = (np.sin(x) * y).sum()
    assert maps_of(loss.draw()) == {("v2", "x"): "g * cos(x)", ("v3", "v2"): "g * y",
                                    ("v3", "y"): "g * v2", ("v4", "v3"): "sumᵀ(g)"}
    w, same = (Tensor(numpy.ones(2), requires_grad=True, label="w") for _ in range(2))
    assert maps_of((w * same).draw()) == {("v2", "w#1"): "g * w#2", ("v2", "w#2"): "g * w#1"}
    z = np.exp(x)
    assert maps_of((z @ (z / -3.0)).draw()) == {
        ("v1", "x"): "g * v1", ("v2", "v1"): "g / -3.0", ("v2", ""): "",
        ("v3", "v1"): "g @ v2ᵀ", ("v3", "v2"): "v1ᵀ @ g"}


@pytest.mark.parametrize(("label", "written"), [
    ("w[0]", "w[0]"), ("p['w']", "p['w']"), ("layer.w", "layer.w"), ("größe", "größe"),
    ("a b", "(a b)"), ("g", "v1"), ("x + y", "v1"), ("x]", "v1"), ("2", "v1"), ("<b>", "v1"),
    ("-w", "v1"), ("x" * 30, "x" * 23 + "…")])
def test_a_name_that_would_be_misread_in_a_map_is_left_for_its_place(label, written):
    x, y = (Tensor(numpy.ones(2), requires_grad=True, label=label) for label in ("x", label))
    assert (x * y).draw().boxes[-1].operands[0].local == f"g * {written}"


def test_constants_in_maps_are_numbers_or_arrays_by_name():
    data, eye = numpy.ones((2, 2)), numpy.eye(2)
    x = Tensor(numpy.ones((2, 2)), requires_grad=True, label="x")
    fixed = Tensor(numpy.ones((2, 2)))

    def drawn(y, **options):
        box = y.draw(**options).boxes[-1]
        return box.made, [link.local or link.constant for link in box.operands]

    assert drawn(x * data) == ("x * float64 (2, 2)", ["g * c", "float64 (2, 2)"])
    assert drawn(x * data, names=locals()) == ("x * data", ["g * data", "data"])
    assert drawn(fixed @ x, names=locals()) == ("fixed @ x", ["fixed", "fixedᵀ @ g"])
    assert (x * data).draw(names=True).boxes[-1].made == "x * data"
    assert drawn(x * eye, names={"p": [eye]}) == ("x * p[0]", ["g * p[0]", "p[0]"])
    assert drawn(x * eye, names={"x": eye}) == ("x * float64 (2, 2)", ["g * c", "float64 (2, 2)"])
    assert drawn(x * numpy.float64(2.5)) == ("x * 2.5", ["g * 2.5", "2.5"])
    c = Tensor(numpy.ones((2, 2)), requires_grad=True, label="c")
    assert drawn(c * data)[1][0] == "g * const"


@pytest.mark.parametrize(("f", "expected"), [
    (lambda x: x ** 2, "g * ∂(x ** 2)/∂x"), (lambda x: x.relu(), "g if x > 0 else 0.0"),
    (lambda x: np.maximum(x, 0.0), "g if x > 0.0 else 0.0"),
    (lambda x: np.minimum(x, x), "g * ∂minimum(x, x)/∂x"),
    (lambda x: x.sum(axis=0), "sumᵀ(g)"), (lambda x: np.max(x), "maxᵀ(g)")])
def test_a_map_that_is_too_long_says_what_it_is(f, expected):
    x = Tensor(numpy.ones(3), requires_grad=True, label="x")
    assert f(x).draw().boxes[-1].operands[0].local == expected
    x.label = "a_long_name"
    drawn = f(x).draw().boxes[-1].operands[0].local
    assert drawn in ("g * ∂v1/∂a_long_name", expected.replace("x ", "a_long_name "),
                     expected.replace("∂x", "∂a_long_name"))


def test_operations_are_called_as_people_write_them():
    x = Tensor([[1.0, 2.0]], requires_grad=True, label="x")
    results = {np.maximum(x, 0.0): "maximum(x, 0.0)", x.sum(axis=-1): "sum(x, axis=-1)",
               x.relu(): "relu(x)", np.matrix_transpose(x): "xᵀ", x[0]: "x[0]", -x: "-x",
               np.permute_dims(x, (1, 0)): "permute_dims(x, axes=(1, 0))"}
    assert {y.draw().boxes[-1].made for y in results} == set(results.values())
    for y, made in results.items():
        assert f"v1  = {made} " in str(y.draw())
    assert [box.op for box in np.clip(x, 0.0, 1.0).draw().boxes[1:]] == ["maximum", "minimum"]
    folded = Value(2.0)
    with autograd.scope("block"):
        inner = folded * 3.0
    assert "= block + v0" in str((inner + folded).draw(depth=0))


def test_an_array_shows_shape_dtype_and_range():
    x = Tensor([[1.0, 2.0], [3.0, 6.0]], requires_grad=True, dtype="float32", label="x")
    drawn = elements(x.draw(name="x").svg(), "node")["x-n0"]
    assert drawn == ["x", "float32 (2, 2)", "data 1.0 to 6.0", "mean 3.0", "grad –"]


def test_gradients_inside_a_tensor_graph_are_shown_and_not_written():
    x = Tensor([1.0, 2.0], requires_grad=True)
    inner = x * 3.0
    loss = inner.sum()
    assert [box.grad for box in loss.draw().boxes] == ["–", "–", "–"]
    loss.backward()
    assert [box.grad for box in loss.draw().boxes] == ["3.0 to 3.0, mean 3.0",
                                                       "1.0 to 1.0, mean 1.0", "1.0"]
    assert inner.node.grad is None
    assert x.grad.tolist() == [3.0, 3.0]


def test_gradients_inside_are_not_shown_beside_those_of_another_pass():
    x = Tensor([1.0, 2.0], requires_grad=True)
    inner = (x * 3.0).sum()
    (inner * 7.0).backward()
    assert [box.grad for box in inner.draw().boxes] == ["21.0 to 21.0, mean 21.0", "–", "–"]
    y = Tensor([numpy.nan, 1.0], requires_grad=True)
    loss = (y * y * 2.0).sum()
    loss.backward()                                     # nan, and the same nan when drawn
    assert "–" not in {box.grad for box in loss.draw().boxes}


def test_a_graph_of_both_engines_is_drawn():
    t = Tensor([2.0, 3.0], requires_grad=True, label="t")
    a, b = t.values()
    loss = autograd.stack([a * b, a]).sum()
    loss.backward()
    graph = draw(loss)
    assert graph.boxes[0].grad == "2.0 to 4.0, mean 3.0"
    assert elements(graph.svg(), "node")


def test_the_graph_of_a_derivative_is_drawn():
    x = Tensor(2.0, requires_grad=True)
    (x * x * x).backward(create_graph=True)
    graph = x.grad.draw()
    assert graph.boxes[-1].data == "12.0"
    assert elements(graph.svg(), "node")


def test_a_picture_is_of_the_moment():
    x = Value(3.0)
    graph = (x * x).draw()
    before = graph.dot
    (x * x).backward()
    x.data = 7.0
    assert graph.dot == before


# -- large graphs ------------------------------------------------------------------------

def test_a_large_graph_says_how_many_nodes_are_left_out():
    x = Value(1.0, label="x")
    for _ in range(1000):
        x = x + 1.0
    graph = x.draw()
    assert (len(graph.boxes), graph.more) == (150, 851)
    assert "… 851 more nodes" in elements(graph.svg(), "node")[f"{graph.name}-more"]
    assert str(graph).startswith("… 851 more nodes")
    assert graph.boxes[-1].data == "1001.0"
    assert [box.data for box in x.draw(limit=2).boxes] == ["1000.0", "1001.0"]


def test_a_result_used_far_away_is_drawn_by_name():
    w, h = Value(0.5, label="w"), Value(1.0)
    for _ in range(40):
        h = h * w + w
    graph = h.draw()
    assert len(edges(graph)) == 80 * 3
    assert {"w"} in [set(lines) for lines in elements(graph.svg(), "node").values()]


@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_boxes_do_not_overlap_and_hold_their_text(direction):
    svg = micrograd_readme().draw(direction=direction).svg()
    assert len(elements(svg, "node")) == 52
    assert not overlaps(svg)
    assert not spilled(svg)


def test_the_readme_graph_is_not_wider_than_it_was_made():
    """In pixels: text of 11 pixels, and nothing beside it that could be left out."""
    width = int(re.search(r'<svg width="(\d+)"', micrograd_readme().draw().svg())[1])
    assert width < 2100                         # it was 3,300 before


# -- labels ------------------------------------------------------------------------------

LABELS = ["it's", "p['w']", "<script>alert(1)</script>", 'say "x"', "a\\b\\N\\n", "{x}|<y>",
          "&lt; & &amp;", "<b>", "größe ∂x 中文 αβ", "two\nlines\tand tabs", "]]>", "--> */ //", "",
          "\\", "|", "%s {0}"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_a_label_is_shown_as_it_is(label, direction):
    x = Value(1.0, label=label)
    svg = (x + 1).draw(direction=direction, name="n").svg()
    drawn = elements(svg, "node")["n-n0"]
    expected = " ".join(label.split())
    expected = expected if len(expected) <= 24 else expected[:23] + "…"
    assert drawn == [expected or "v0", "data 1.0", "grad –"]
    names = {element.tag for element in ElementTree.fromstring(svg).iter()}
    assert f"{SVG}script" not in names


def test_a_long_label_is_shortened_and_controls_are_written_out():
    assert short("x" * 10_000) == "x" * 23 + "…"
    assert short("a\x00b\x1b[31m\ud800\u202e") == "a\\x00b\\x1b[31m\\ud800\\u202e"
    graph = Value(1.0, label="\x00<é>\ud800" * 5000).draw()
    assert len(graph.dot) < 1000
    ElementTree.fromstring(graph.svg())


@pytest.mark.parametrize("name", ['"; evil', "<script>", "größe", "x" * 999, "a b"])
def test_any_name_gives_valid_ids(name):
    svg = (Value(1.0) + 1).draw(name=name).svg()
    assert all(re.fullmatch(r"[0-9A-Za-z_]+-n\d\w*", i) for i in elements(svg, "node"))


def test_numbers_are_short():
    assert [number(x) for x in (2.0, 24.70408, 0.0, -0.0, 1e-7, 1e300, float("nan"), -float("inf"),
                                7, True, 1 + 2j)] == [
        "2.0", "24.7041", "0.0", "-0.0", "1e-07", "1e+300", "nan", "-inf", "7", "True", "1+2j"]
    arrays = [numpy.zeros((0, 3)), numpy.array(2), numpy.array([True, False]),
              numpy.array([3 + 4j]), numpy.array([3 + 4j, 0]), numpy.array([1.0, numpy.nan]),
              (1, 2)]
    assert [amount(x) for x in arrays] == [
        "empty", "2", "0.0 to 1.0, mean 0.5", "3+4j", "|x| 0.0 to 5.0, mean 2.5",
        "nan to nan, mean nan", "2 arrays"]


def test_several_results_are_summed_up_together():
    ones, other = numpy.ones((2, 2)), numpy.array([3.0, 5.0])
    several = [[1.0, 2.0, 6.0], [ones], [ones, ones * 3], [ones, other, 7.0], [1 + 0j, 3 + 4j],
               [ones[:0], ones[:0]], [(ones, ones), 1.0]]
    assert [(kinds(x), amounts(x)) for x in several] == [
        ("3 numbers", "1.0 to 6.0, mean 3.0"), ("float64 (2, 2)", "1.0 to 1.0, mean 1.0"),
        ("2 × float64 (2, 2)", "1.0 to 3.0, mean 2.0"), ("3 arrays", "1.0 to 7.0, mean 2.714"),
        ("2 numbers", "|x| 1.0 to 5.0, mean 3.0"), ("2 × float64 (0, 2)", "empty"),
        ("2 numbers", "2 results")]


# -- forms -------------------------------------------------------------------------------

def test_the_text_form_is_a_list_of_what_was_computed():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    loss = (a * b).tanh()
    loss.backward()
    lines = [re.sub("  +", " | ", line) for line in str((a * b).draw()).splitlines()]
    assert lines == [
        f"a | 2.0 | grad {number(a.grad)}", f"b | -3.0 | grad {number(b.grad)}",
        "v2 | = a * b | -6.0 | grad – | a: ×-3.0, b: ×2.0"]
    assert str(loss.draw()).splitlines()[-1].startswith("v3  = tanh(v2)")
    w, same = Value(1.0, label="w"), Value(2.0, label="w")
    assert "= w#1 + w#2" in str((w + same).draw())


def test_repr_has_no_address():
    graph = (Value(1.0) + 1).draw(name="sum")
    assert repr(graph) == "<Graph sum of 2 nodes: print() lists them, .save() draws>"


def test_a_notebook_gets_svg_png_and_text():
    graph = (Value(1.0) + 1).draw()
    bundle = graph._repr_mimebundle_()
    assert bundle["image/svg+xml"] == graph.svg()
    assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert bundle["text/plain"] == str(graph)
    assert set(graph._repr_mimebundle_(include={"text/plain"})) == {"text/plain"}
    assert set(graph._repr_mimebundle_(exclude={"image/png"})) == {"image/svg+xml", "text/plain"}


@pytest.mark.parametrize("suffix", [".svg", ".png", ".dot", ".gv", ".txt", ".SVG"])
def test_save_writes_by_suffix(tmp_path, suffix):
    path = tmp_path / f"graph{suffix}"
    path.write_text("older")
    graph = (Value(1.0) + 1).draw()
    assert graph.save(str(path)) == path
    starts = {".svg": b"<?xml", ".png": b"\x89PNG", ".dot": b"digraph", ".gv": b"digraph",
              ".txt": b"v0"}
    assert path.read_bytes().startswith(starts[suffix.lower()])
    assert os.listdir(tmp_path) == [path.name]


def test_save_refuses_an_unknown_suffix_and_lists_those_it_knows(tmp_path):
    for name in ("graph.gif", "graph", "graph.svg.gz"):
        with pytest.raises(ArgumentError, match=r"\.svg \.png \.pdf \.dot \.gv \.txt"):
            (Value(1.0) + 1).draw().save(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_save_says_in_one_sentence_that_a_path_cannot_be_written(tmp_path):
    graph = (Value(1.0) + 1).draw()
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "file").write_text("")
    for path in ("missing/graph.txt", "folder.svg", "file/graph.txt"):
        with pytest.raises(ArgumentError, match=r"cannot be written: .+\nhelp: "):
            graph.save(tmp_path / path)
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.svg"]


def test_a_failed_save_leaves_the_older_file(tmp_path, monkeypatch):
    path = tmp_path / "graph.txt"
    path.write_text("older")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(ArgumentError, match="No space left on device"):
        (Value(1.0) + 1).draw().save(path)
    assert path.read_text() == "older"
    assert os.listdir(tmp_path) == ["graph.txt"]


@pytest.mark.parametrize("x", [None, 1.0, "loss", [Value(1.0)], numpy.ones(2)])
def test_what_is_no_graph_is_refused(x):
    with pytest.raises(ArgumentError, match="which is no graph"):
        draw(x)


def test_bad_options_are_refused():
    with pytest.raises(ArgumentError, match="LR, TB, RL, BT"):
        Value(1.0).draw(direction="up")
    with pytest.raises(ArgumentError, match="limit of 1 or more"):
        Value(1.0).draw(limit=0)


# -- the same in every process -----------------------------------------------------------

PROGRAM = """
import nn
from autograd import Value, Tensor
x, w = Value(0.5, label="x"), [Value(i / 7, label=f"w{i}") for i in range(20)]
loss = sum((wi * x for wi in w), Value(0.0)).tanh()
loss.backward()
print(loss.draw().dot, loss.draw())
t = Tensor([1.0, 2.0], requires_grad=True)
print((t * t).sum().draw(heat=True).dot)
model = nn.MLP(2, [8, 8, 1], seed=0)
loss = model([0.5, 1.0]) + model([1.0, 0.5])
print(*[loss.draw(depth=depth, names=True, heat=True).dot for depth in range(4)])
"""


def test_the_source_is_the_same_in_every_process():
    runs = [subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True,
                           check=True, env={**os.environ, "PYTHONHASHSEED": seed}).stdout
            for seed in ("0", "1", "77")]
    assert runs[0] == runs[1] == runs[2]
    assert "0x" not in runs[0]
    assert runs[0].count("digraph") == 6


def test_ids_of_different_graphs_differ():
    one, other = (Value(1.0) + 1).draw(), (Value(1.0) + 2).draw()
    assert one.name != other.name
    assert (Value(1.0) + 1).draw().dot == one.dot


# -- programs that lay out ---------------------------------------------------------------

def test_dot_on_path_comes_first_and_the_wheel_needs_no_path(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    wheel = list(layout.programs())
    assert [program.stem for program in wheel] == ["graphviz-pure"]
    executable(tmp_path / "dot", "print('<svg>mine</svg>')")
    assert list(layout.programs()) == [tmp_path / "dot", *wheel]
    assert (Value(1.0) + 1).draw().svg() == "<svg>mine</svg>\n"


def test_pdf_needs_graphviz_itself_and_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    graph = (Value(1.0) + 1).draw()
    with pytest.raises(ArgumentError, match=r"^no PDF: .+`dot`.+\nhelp: install Graphviz"):
        graph.save(tmp_path / "graph.pdf")
    assert os.listdir(tmp_path) == []
    executable(tmp_path / "dot", "import sys; assert '-Tpdf' in sys.argv; print('%PDF-1.7')")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert graph.save(tmp_path / "graph.pdf").read_bytes() == b"%PDF-1.7\n"


@pytest.mark.parametrize("script", [
    "import sys; sys.exit('libgvc.so.6: not found')", "pass", "print('not a picture')",
    "import os; os.kill(os.getpid(), 11)", "\ufffd"])
def test_a_broken_dot_is_passed_over_and_named_once(monkeypatch, tmp_path, script):
    executable(tmp_path / "dot", script)
    monkeypatch.setenv("PATH", str(tmp_path))
    graph = (Value(1.0) + 1).draw()
    with pytest.warns(UserWarning, match=r"dot cannot draw graphs \(.+\). help: ") as said:
        assert elements(graph.svg(), "node")
        assert graph.svg()
    assert len(said) == 1


def test_a_dot_that_does_not_end_is_stopped(monkeypatch, tmp_path):
    executable(tmp_path / "dot", "import time; time.sleep(60)")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(layout, "SECONDS", 0.3)
    with pytest.warns(UserWarning, match=r"not within 0.3 s"):
        assert elements((Value(1.0) + 1).draw().svg(), "node")


def test_without_any_program_text_is_shown_and_said_once(no_programs, tmp_path):
    graph = (Value(1.0, label="<x>") + 1).draw()
    with pytest.warns(UserWarning, match="pip install graphviz-pure") as said:
        svg = graph.svg()
        graph.save(tmp_path / "graph.svg")
    assert len(said) == 1
    lines = [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert lines == str(graph).splitlines()
    with pytest.raises(ArgumentError, match="pip install graphviz-pure"):
        graph.png()
    with pytest.raises(ArgumentError, match="pip install graphviz-pure"):
        graph.save(tmp_path / "graph.png")
    assert os.listdir(tmp_path) == ["graph.svg"]


def test_a_repr_never_raises(no_programs, monkeypatch):
    graph = (Value(1.0) + 1).draw()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert set(graph._repr_mimebundle_()) >= {"text/plain"}

    def fail(*_):
        raise RuntimeError("anything")

    monkeypatch.setattr(layout, "render", fail)
    assert graph._repr_mimebundle_() == {"text/plain": str(graph)}


def test_without_metadata_the_wheel_is_found_among_the_scripts(monkeypatch, tmp_path):
    def missing(name):
        raise layout.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(layout.importlib.metadata, "files", missing)
    monkeypatch.setattr(layout.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert list(layout.programs()) == []
    executable(tmp_path / "graphviz-pure", "pass")
    assert list(layout.programs()) == [tmp_path / "graphviz-pure"]


@pytest.mark.skipif(os.name == "nt", reason="the program is a script")
def test_a_program_that_hangs_is_not_asked_again(tmp_path, monkeypatch):
    executable(tmp_path / "dot", "import time; open('asked', 'a').write('x'); time.sleep(60)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(layout, "SECONDS", 0.5)
    monkeypatch.setattr(layout, "_too_large", {})
    with pytest.warns(UserWarning, match=r"cannot draw graphs \(not within 0.5 s\)"):
        first = (Value(2.0) * 3.0).draw().svg()
    asked = (tmp_path / "asked").read_text() if (tmp_path / "asked").exists() else ""
    for _ in range(3):
        assert "<svg" in (Value(2.0) * 3.0).draw().svg()
    assert "<svg" in first and len(asked) <= 1
    assert not (tmp_path / "asked").exists() or (tmp_path / "asked").read_text() == asked
