"""einsum against NumPy's, for random subscripts: values, gradients, errors with a way out."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd.numpy as anp
from autograd import vjp
from autograd.errors import ShapeError


@st.composite
def programs(draw):
    """Subscripts of up to four operands, with repeated letters, `...`, and shapes that fit."""
    letters = draw(st.permutations("ijkl"))[:draw(st.integers(1, 4))]
    sides = {c: draw(st.integers(0, 3)) for c in letters}
    dots = draw(st.lists(st.integers(1, 2), max_size=2))
    terms, sizes = [], []
    for _ in range(draw(st.integers(1, 4))):
        term = draw(st.lists(st.sampled_from(letters), max_size=3))
        shape = [sides[c] for c in term]
        if dots and draw(st.booleans()):
            at, start = draw(st.integers(0, len(term))), draw(st.integers(0, len(dots)))
            shape[at:at] = [1 if draw(st.booleans()) else n for n in dots[start:]]
            term.insert(at, "...")
        terms.append("".join(term))
        sizes.append(tuple(shape))
    left = ",".join(terms)
    if draw(st.booleans()) and "." not in left:
        return left, sizes
    used = [c for c in letters if c in left]
    output = draw(st.permutations(used))[:draw(st.integers(0, len(used)))]
    if "." in left:
        output.insert(draw(st.integers(0, len(output))), "...")
    return f"{left}->{''.join(output)}", sizes


@given(program=programs(), seed=st.integers(0, 2**16))
@settings(max_examples=300)
def test_random_subscripts(program, seed):
    subscripts, sizes = program
    rng = np.random.default_rng(seed)
    xs = [rng.normal(size=size) for size in sizes]
    value, pullback = vjp(lambda *xs: anp.einsum(subscripts, *xs), *xs)
    expected = np.einsum(subscripts, *xs)
    assert value.shape == expected.shape
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    g = rng.normal(size=value.shape)
    for i, (x, ours) in enumerate(zip(xs, pullback(g), strict=True)):
        for unit in np.eye(x.size).reshape((x.size, *x.shape)):     # linear in each operand
            change = np.einsum(subscripts, *xs[:i], unit, *xs[i + 1:])
            np.testing.assert_allclose(np.sum(ours * unit), np.sum(g * change), 1e-10, 1e-10)


def test_a_letter_of_length_one_broadcasts_as_in_numpy():
    one, three = np.full((1,), 2.0), np.arange(3.0)
    for subscripts in ("i,i->i", "i,i", "i,i->", "i,ij->j", "...,...->..."):
        other = three if "j" not in subscripts else np.arange(6.0).reshape(3, 2)
        value, pullback = vjp(lambda *xs, s=subscripts: anp.einsum(s, *xs), one, other)
        expected = np.einsum(subscripts, np.broadcast_to(one, (3,)), other)
        np.testing.assert_allclose(value, expected)
        first, second = pullback(np.ones(value.shape))
        assert first.shape == (1,) and second.shape == other.shape
        np.testing.assert_allclose(first, [other.sum()])
        np.testing.assert_allclose(second, np.full(other.shape, 2.0))


def test_capital_letters_and_an_empty_axis_beside_one():
    x = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_allclose(anp.einsum("...Z->Z...", x), np.einsum("...Z->Z...", x))
    assert anp.einsum("i,i->i", np.ones(1), np.ones(0)).shape == (0,)


@pytest.mark.parametrize("subscripts, shapes", [
    ("ij,jk->ik", [(2, 3), (4, 5)]), ("ij", [(2,)]), ("ij,j", [(2, 3)]), ("ij->ii", [(2, 2)]),
    ("ij->k", [(2, 2)]), ("i", [(2, 3)])])
def test_what_does_not_fit_is_named(subscripts, shapes):
    with pytest.raises(ShapeError, match="help:"):
        anp.einsum(subscripts, *map(np.ones, shapes))
