"""Folding: nodes of one scope in one box, whatever the program, and nothing lost on the way."""

import random
import re
import time
from collections import Counter
from contextlib import ExitStack

import numpy
import pytest
from hypothesis import given, strategies as st
from svg import elements, groups, overlaps, spilled

import autograd
import nn
from autograd import Tensor, Value, modes, scope
from autograd.errors import ArgumentError
from autograd.scopes import Scope
from autograd.show import draw
from autograd.show.drawing.draw import picture
from autograd.show.names import names
from autograd.sweep import history


def mlp(sizes, samples=1):
    """The mean of a network of neurons over some points."""
    model, rng = nn.MLP(2, sizes, seed=0), random.Random(1)
    outputs = [model([rng.uniform(-1, 1), rng.uniform(-1, 1)]) for _ in range(samples)]
    loss = sum(outputs[1:], outputs[0]) / samples
    loss.backward()
    return loss


def two_blocks():
    """x and y into an encoder, with a gate inside, and a decoder that uses x again."""
    x, y = Value(0.7, label="x"), Value(-1.2, label="y")
    with scope("encoder"):
        h = (x * y).tanh()
        with scope("gate"):
            g = (x + y).sigmoid()
        e = h * g
    with scope("decoder"):
        d = (e * 2.0 + x).relu() + 1
    return d - 1.5


def titles(graph):
    return [box.name for box in graph.boxes if box.inside]


# -- nothing is lost, on any program -----------------------------------------------------

PIECES = st.lists(st.tuples(
    st.lists(st.sampled_from("abc"), max_size=3),           # the scopes, outermost first
    st.lists(st.tuples(st.sampled_from("*-+"), st.integers(0, 99), st.integers(0, 99)),
             min_size=1, max_size=3)), min_size=1, max_size=12)


def run(pieces):
    """A program of those pieces: each some operations in scopes within each other."""
    values = [Value(1.0), Value(2.0), Value(3.0)]
    for path, operations in pieces:
        with ExitStack() as stack:
            for name in path:
                stack.enter_context(scope(name))
            for sign, i, j in operations:
                x, y = values[i % len(values)], values[j % len(values)]
                values.append(x * y if sign == "*" else x - y if sign == "-" else x + 1.0)
    return values[-1]


programs = PIECES.map(run)


def scopes(node):
    return node.origin.path if node.origin else ()


def common(paths):
    """The scopes that all paths begin with."""
    first, *rest = paths
    return tuple(scope for i, scope in enumerate(first)
                 if all(path[:i + 1] == first[:i + 1] for path in rest))


def where(nodes):
    """The path of every node; a leaf lies where all that use it lie."""
    users = {}
    for node in nodes:
        for arg in node.args:
            if isinstance(arg, Value):
                users.setdefault(arg, []).append(scopes(node))
    return {node: scopes(node) if node.op else common(users.get(node, [()])) for node in nodes}


@given(programs, st.integers(0, 3))
def test_every_node_is_in_the_box_of_its_scope_and_every_edge_is_drawn(root, depth):
    nodes = history([root])
    graph, ids = picture([root], nodes, names(nodes), depth=depth, limit=1000)
    paths = where(nodes)
    folded = {node: paths[node][depth] for node in nodes if len(paths[node]) > depth}
    for x in nodes:
        for y in nodes:
            if x in folded and y in folded:
                assert (ids[x] == ids[y]) == (folded[x] is folded[y])
    by_id = {box.id: box for box in graph.boxes}
    assert all(by_id[ids[node]].inside for node in folded)
    assert all(not by_id[ids[node]].inside for node in nodes if node.op and node not in folded)
    assert Counter(ids.values()) == Counter({box.id: box.inside or 1 for box in graph.boxes})
    expected = {(ids[arg], ids[node]) for node in nodes for arg in node.args
                if isinstance(arg, Value) and ids[arg] != ids[node]}
    links = [(link.source, box.id) for box in graph.boxes for link in box.operands if link.source]
    assert set(links) == expected
    into_blocks = [link for link in links if by_id[link[1]].inside]
    assert len(into_blocks) == len(set(into_blocks))    # one edge for each pair
    used = {(ids[node], arg) for node in nodes for arg in node.args if isinstance(arg, Value)}
    for box in graph.boxes:
        for link in box.operands if box.inside else ():
            assert link.count == sum(block == box.id and ids[arg] == link.source
                                     for block, arg in used)


@given(programs, st.integers(1, 12))
def test_the_deepest_depth_that_fits_is_chosen(root, limit):
    nodes = history([root])
    chosen = root.draw(limit=limit)
    counts = [len(root.draw(depth=depth, limit=1000).boxes) for depth in range(4)]
    fitting = [depth for depth, count in enumerate(counts) if count <= limit]
    if len(nodes) <= limit:
        assert len(chosen.boxes) == len(nodes)
    elif fitting:
        assert len(chosen.boxes) == counts[fitting[-1]] and not chosen.more
    else:
        assert len(chosen.boxes) == limit and chosen.more
    assert chosen.more + sum(box.inside or 1 for box in chosen.boxes) == len(nodes)


# -- what is folded and opened -----------------------------------------------------------

def test_depth_says_how_many_levels_are_opened():
    root = two_blocks()
    assert titles(root.draw(depth=0)) == ["encoder", "decoder"]
    assert titles(root.draw(depth=1)) == ["gate"]
    assert titles(root.draw(depth=2)) == titles(root.draw()) == []
    assert [frame.title for frame in root.draw().frames] == ["encoder", "decoder", "gate"]


def test_unfold_opens_by_name_and_what_is_around():
    root = two_blocks()
    assert titles(root.draw(depth=0, unfold="encoder")) == ["gate", "decoder"]
    assert titles(root.draw(depth=0, unfold=["gate"])) == ["decoder"]
    assert titles(root.draw(depth=0, unfold=("gate", "decoder"))) == []
    loss = mlp([3, 1], samples=2)
    opened = loss.draw(depth=0, unfold="Layer#3")
    assert {"MLP#1", "Neuron#5", "Neuron#7", "Layer#4"} <= set(titles(opened))
    assert "MLP#2" not in titles(opened) and "Layer#3" not in titles(opened)
    with pytest.raises(ArgumentError,
                       match="called 'Layr'\nhelp: unfold some of MLP, Layer, Neuron"):
        loss.draw(unfold="Layr")
    with pytest.raises(ArgumentError, match=r'scope\("name"\)'):
        Value(1.0).draw(unfold="Layer")


def test_blocks_of_one_name_are_numbered_by_age():
    graph = mlp([2, 1], samples=3).draw(depth=0)
    assert titles(graph)[1:] == ["MLP#1", "MLP#2", "MLP#3"]
    assert [frame.title for frame in mlp([2, 1]).draw(depth=1).frames] == ["MLP"]


def test_a_leaf_that_one_block_uses_is_inside_and_others_are_not():
    graph = two_blocks().draw(depth=0)
    assert [box.label for box in graph.boxes] == ["x", "encoder", "decoder", "v11"]
    encoder = graph.boxes[1]
    assert (encoder.inside, encoder.contents) == (6, "6 nodes, 1 leaf")     # the leaf is y
    assert [link.source for link in encoder.operands] == ["n0"]


def test_leaves_that_blocks_share_are_one_box():
    loss = mlp([4, 1], samples=2)
    shared, *blocks = [box for box in loss.draw(depth=0).boxes if box.inside]
    assert (shared.label, shared.contents) == ("leaves", "17 leaves")
    assert [[(link.source, link.count) for link in block.operands] for block in blocks] == [
        [(shared.id, 17)]] * 2
    with scope("once"):
        x = Value(2.0, label="x") * 3.0
    a, b = Value(1.0, label="a"), Value(2.0, label="b")
    for _ in range(2):
        with scope("step"):
            x = x * a + b
    assert {"a", "b"} <= {box.label for box in x.draw(depth=0).boxes}   # few, and people named them


def test_a_block_says_what_leaves_it():
    x = numpy.random.default_rng(0).normal(size=(8, 2))
    model = nn.Sequential(nn.Linear(2, 16, rng=0), nn.Tanh(), nn.Linear(16, 3, rng=1))
    hidden = model.layers[1](model.layers[0](Tensor(x)))
    loss = nn.cross_entropy(model(Tensor(x)), numpy.arange(8) % 3)
    loss.backward()
    first, bend, second = (box for box in loss.draw(depth=1).boxes if box.inside)
    assert first.label == "Linear#1 (16, 2)" and second.label == "Linear#2 (3, 16)"
    assert (first.contents, second.contents) == ("5 nodes, 48 parameters", "5 nodes, 51 parameters")
    assert bend.kind == "float64 (8, 16)" and bend.contents == "1 node"
    low, high, mean = hidden.data.min(), hidden.data.max(), hidden.data.mean()
    assert bend.data == f"{low:.3f} to {high:.3f}, mean {mean:.3g}"
    assert second.grad.startswith("-0.0927 to ")
    neurons = [box for box in mlp([4, 1]).draw(depth=2).boxes if box.inside]
    assert [box.contents for box in neurons] == ["8 nodes, 3 leaves"] * 4 + [
        "13 nodes, 5 leaves"]
    layer = next(box for box in mlp([4, 1]).draw(depth=1).boxes if box.inside)
    assert layer.kind == "4 numbers" and layer.contents == "32 nodes, 12 leaves"


def test_operands_from_one_block_keep_their_order_and_long_runs_are_one():
    with scope("pair"):
        x = Value(2.0)
        a, b = x * 3.0, x * 5.0
    graph = (b - a).draw(depth=0)
    assert [link.local for link in graph.boxes[-1].operands] == ["×1.0", "×-1.0"]
    with scope("many"):
        many = [x * float(i) for i in range(100)]
    wide = autograd.stack([*many, Value(1.0)]).draw(depth=0)
    assert [(link.count, link.i) for link in wide.boxes[-1].operands] == [(100, 0), (1, 100)]
    assert elements(wide.svg(), "edge")


def test_text_says_how_to_see_more():
    loss = mlp([16, 16, 1], samples=4)
    assert str(loss.draw()).startswith(
        "folded at depth=1 of 3: depth=2 opens more, unfold='Layer' opens those called so\n")
    text = str(loss.draw(depth=2))
    assert re.match(r"… [\d,]+ more nodes: limit=\d+ draws all boxes, depth=0 folds more\n", text)
    limit = int(re.search(r"limit=(\d+)", text)[1])
    assert loss.draw(depth=2, limit=limit).more == 0
    assert repr(loss.draw(depth=0)).endswith("boxes: print() lists them, .save() draws>")


def test_derivatives_of_blocks_and_identities():
    def f(x):
        with scope("block"):
            return (x * x).tanh()

    graph = draw(autograd.grad(f), 2.0)
    assert "identity" not in str(graph)
    assert graph.boxes[0].label == "x"
    assert titles(draw(autograd.grad(f), 2.0, depth=0)) == ["block"]
    x = Value(2.0)
    kept = autograd.numpy.positive(x)
    assert len(kept.draw().boxes) == 2


def test_folding_is_the_same_in_debug_mode():
    with autograd.debug():
        watched = two_blocks()
    for depth in range(3):
        assert str(watched.draw(depth=depth)) == str(two_blocks().draw(depth=depth))


def test_a_block_that_was_left_and_entered_again_is_drawn():
    block = Scope("block", None)
    outer = modes.here()
    modes.leave(block)
    try:
        x = Value(2.0) * 3.0
        modes.leave(outer)
        y = x * 5.0
        modes.leave(block)
        z = y * x
    finally:
        modes.leave(outer)
    graph = z.draw(depth=0)                             # each of the two boxes uses the other
    assert [[link.source for link in box.operands if link.source] for box in graph.boxes] == [
        ["s1"], ["n2"]]
    assert elements(graph.svg(), "edge")


# -- sizes -------------------------------------------------------------------------------

def seconds(f):
    """Of the processor, the lesser of two calls."""
    def timed():
        start = time.process_time()
        f()
        return time.process_time() - start

    return min(timed(), timed())


def test_a_network_of_2000_nodes_is_drawn_folded():
    loss = mlp([16, 16, 1], samples=3)
    assert 2000 <= len(history([loss])) <= 2500
    graph = loss.draw()
    assert graph.more == 0 and titles(graph)
    assert not overlaps(graph.svg())
    assert not spilled(graph.svg())


def test_a_graph_of_100_nodes_is_drawn_in_full():
    model = nn.MLP(3, [4, 4, 1], seed=0)
    loss = model([0.5, -1.0, 2.0])
    loss.backward()
    assert 95 <= len(history([loss])) <= 130
    graph = loss.draw()
    assert len(graph.boxes) == len(history([loss]))
    assert not overlaps(graph.svg())
    assert {frame.title for frame in graph.frames} >= {"MLP", "Layer#1", "Neuron#9"}


def test_time_grows_as_the_graph_does():
    def chain(n):
        x = Value(1.0)
        with scope("chain"):
            for _ in range(n):
                with scope("link"):
                    x = x * 0.5 + 1.0
        return x

    small, large = chain(2_000), chain(40_000)
    times = [seconds(x.draw) for x in (small, large)]
    assert times[1] < 80 * times[0]             # 20 times the nodes; 400 if it were quadratic
    graph = large.draw()
    assert repr(graph).startswith(f"<Graph {graph.name} of 80,001 nodes in 1 box")


def test_scopes_within_each_other_without_end():
    def factorial(n, x):
        with scope("call"):
            return x if n == 0 else x * factorial(n - 1, x)

    root = factorial(300, Value(1.01))
    graph = root.draw(depth=10_000, limit=1000)
    assert len(graph.boxes) == 301
    assert graph.dot.count("subgraph") == 300
    assert titles(root.draw(depth=7)) == ["call#8"]


# -- in the picture ----------------------------------------------------------------------

@pytest.mark.parametrize("direction", ["LR", "TB", "RL", "BT"])
def test_open_blocks_are_framed_and_folded_ones_are_boxes(direction):
    root = two_blocks()
    svg = root.draw(name="n", direction=direction).svg()
    frames = elements(svg, "cluster")
    assert frames == {"n-s1": ["encoder"], "n-s2": ["gate"], "n-s3": ["decoder"]}
    assert not overlaps(svg)
    folded = root.draw(name="n", depth=0, direction=direction).svg()
    assert not groups(folded, "cluster")
    assert elements(folded, "node")["n-s1"] == [
        "encoder", "6 nodes", "1 leaf", "data -0.2589", "grad –"]
    assert "n-s3e0" in elements(folded, "edge")


@pytest.mark.parametrize("name", [
    "<script>alert(1)</script>", 'a "b" \\N', "two\nlines", "x" * 9999, "größe 中文", "{x}|<y>",
    "&lt;", "\x00\ud800"])
def test_any_name_of_a_scope_is_shown_as_it_is(name):
    with scope(name):
        y = Value(1.0) * 2.0 + 1.0
    shown = elements(y.draw(depth=0, name="n").svg(), "node")["n-s1"][0]
    framed = elements(y.draw(depth=1, name="n").svg(), "cluster")["n-s1"][0]
    assert shown == framed == autograd.show.wording.short(name)
    assert len(y.draw(depth=0, unfold=name).boxes) == len(y.draw().boxes)


def test_a_dense_network_has_straight_edges():
    model = nn.MLP(2, [16, 16, 1], seed=0)
    graph = model.draw(depth=2)
    assert "splines=line" in graph.dot
    assert not overlaps(graph.svg())
    assert "splines" not in model.draw(depth=1).dot
