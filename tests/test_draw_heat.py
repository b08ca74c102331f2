"""Heat: boxes are coloured by the size of their gradient, and what is written on them is read."""

import math
import re

import numpy
import pytest
from hypothesis import given, strategies as st
from svg import elements, groups

import autograd.numpy as np
from autograd import Tensor, Value, scope
from autograd.show import draw
from autograd.show.drawing.shades import COLOURS, DARK, NONE, WRONG, ZERO, Shades, peak

POSITIVE = st.floats(5e-324, 1e308)


def fills(graph):
    """The colour of each result's box, by its id without the name."""
    return {group.get("id").rpartition("-")[2]: group[1].get("fill")
            for group in groups(graph.svg(), "node")}


def luminance(colour):
    """How bright a colour is (WCAG 2.2)."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [*COLOURS, ZERO, NONE, WRONG])
def test_text_can_be_read_on_every_colour(colour):
    text = 1.0 if colour in DARK else 0.0
    light, dark = sorted([luminance(colour), text], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@given(POSITIVE, POSITIVE, POSITIVE)
def test_a_larger_gradient_is_never_paler(x, y, z):
    scale = Shades([x, y, z, 0.0, None, math.nan, math.inf])
    low, middle, high = (scale.level(value) for value in sorted([x, y, z]))
    assert 0 <= low <= middle <= high == 6
    assert scale.level(max(x, y, z)) == 6


def test_levels_are_half_decades():
    scale = Shades([1.0])
    assert [scale.level(x) for x in (1.0, 0.33, 0.31, 0.11, 0.09, 0.011, 0.009, 2e-3, 9e-4,
                                     1e-300)] == [6, 6, 5, 5, 4, 3, 2, 1, 0, 0]
    assert len({scale.of(x) for x in (1.0, 0.3, 0.03, 0.0, None, math.nan)}) == 6
    assert scale.of(math.inf) == scale.of(-math.inf) == scale.of(math.nan) == WRONG
    assert Shades([]).of(0.0) == ZERO and Shades([None]).of(None) == NONE


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=5))
def test_the_size_of_gradients_is_their_greatest_element(numbers):
    array = numpy.array(numbers)
    assert peak([array]) == peak(numbers) == max(map(abs, numbers))
    assert math.isnan(peak([*numbers, math.nan])) and math.isnan(peak([math.nan, *numbers]))


def test_the_size_of_what_is_not_known_is_not_known():
    assert peak([None]) is None and peak([1.0, None]) is None
    assert peak([]) == 0.0 and peak([numpy.zeros((0, 3))]) == 0.0
    assert peak([-2.0]) == 2.0
    assert peak([(numpy.array([3.0]), None, numpy.array([-4.0]))]) == 4.0
    assert math.isnan(peak([numpy.array([1.0, math.nan])]))
    assert peak([numpy.array([3 + 4j])]) == 5.0


def test_boxes_are_filled_by_their_gradient():
    a, b = Value(2.0, label="a"), Value(0.0, label="b")
    loss = a * 100.0 + (b * a).relu()
    graph = loss.draw(heat=True, name="h")
    assert {fills(graph)[f"n{k}"] for k in range(6)} == {NONE}
    loss.backward()
    drawn = fills(loss.draw(heat=True, name="h"))
    assert drawn["n0"] == COLOURS[6]                            # 100
    assert drawn["n1"] == ZERO                                  # 0, by a dead relu
    assert drawn["n5"] == COLOURS[2 + 1]                        # 1: 1 %
    assert fills(loss.draw(name="h"))["n5"] == "#ffffff"        # without heat


def test_nan_and_inf_have_a_colour_of_their_own():
    x = Value(0.0, label="x")
    (np.sqrt(x) * 1.0).backward()
    y = np.sqrt(x)
    y.grad = math.nan
    drawn = fills(y.draw(heat=True, name="h"))
    assert drawn == {"n0": WRONG, "n1": WRONG, "n1op": drawn["n1op"]}


def test_large_arrays_are_no_hotter_than_numbers_and_the_largest_can_be_read():
    x = Tensor(numpy.ones(100), requires_grad=True, label="x")
    loss = (x * numpy.linspace(-2.33, 1.238, 100)).sum()
    loss.backward()
    graph = loss.draw(heat=True, name="h")
    assert [box.size for box in graph.boxes] == [2.33, 1.0, 1.0]
    assert [fills(graph)[f"n{k}"] for k in range(3)] == [COLOURS[6]] * 3
    assert "grad -2.33 to 1.238" in str(graph)
    assert "the largest is 2.33:" in str(graph) and "the largest is 2.33:" in graph.dot
    with scope("block"):
        h = x * 2.0
    loss = (h * numpy.linspace(-3.0, 1.0, 100)).sum()
    x.grad = None
    loss.backward()
    assert [box.size for box in loss.draw(heat=True, depth=0).boxes] == [3.0, 1.0, 1.0]


@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3))
def test_the_largest_of_the_legend_is_written_in_its_box(slope):
    graph = draw(lambda x: x * slope * 1.0, 2.0, heat=True)
    largest = str(graph).rpartition("the largest is ")[2].partition(":")[0]
    assert any(box.grad.lstrip("-") == largest for box in graph.boxes)


def test_heat_without_gradients_says_what_is_missing():
    x = Value(3.0, label="x")
    graph = (x * 4.0).draw(heat=True)
    said = "no gradient was computed: call backward() first, on a result that is one number"
    assert str(graph).splitlines()[-1] == said
    legend = [text.text for text in groups(graph.svg(), "graph")[0] if text.tag.endswith("text")]
    assert legend == [said]


def test_the_legend_is_in_the_picture_and_in_the_text():
    x = Value(3.0, label="x")
    loss = x * 4.0
    loss.backward()
    graph = loss.draw(heat=True)
    legend = [text.text for text in groups(graph.svg(), "graph")[0] if text.tag.endswith("text")]
    assert legend[:3] == ["greatest |grad|, the largest is 4.0:", "not computed", "0"]
    assert legend[-2:] == ["> 32 %", "nan, inf"]
    lines = str(graph).splitlines()
    assert re.split("  +", lines[0]) == ["x", "3.0", "grad 4.0", "███████"]
    assert re.split("  +", lines[1])[4] == "██████"
    assert lines[-1].startswith("greatest |grad|, the largest is 4.0: █ < 0.1 %, ██ > 0.1 %")
    assert "█" not in str(loss.draw())
    marks = Shades([2.0])
    assert [marks.mark(x) for x in (None, 0.0, math.nan, math.inf)] == ["–", "0", "nan", "inf"]


def test_heat_and_no_heat_have_ids_of_their_own():
    loss = draw(lambda x: x * x, 2.0)
    assert loss.name != draw(lambda x: x * x, 2.0, heat=True).name
    assert loss.name != draw(lambda x: x * x, 2.0, direction="TB").name
    assert elements(loss.svg(), "node")
