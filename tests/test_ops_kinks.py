"""docs/kinks.md is what the engine, PyTorch and JAX do: its tables are computed here.

The first table holds the conventions. The second holds every operation whose derivative at a
special value is another than a peer's: a scan of all elementwise operations finds no more.
"""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from domains import PRIMITIVES

import autograd.numpy as anp
from autograd import Value, elementwise_grad, grad, jvp
from autograd.primitive import table as primitives
from autograd.symbol import Symbol

PAGE = Path(__file__).parent.parent / "docs" / "kinks.md"
INF, NAN = np.inf, np.nan

# What is differentiated, in words that all three libraries have; the point; what that is in words.
PROBES = (
    ("relu(x)", [0.0], lambda np, x: np.relu(x)),
    ("relu(x)", [NAN], lambda np, x: np.relu(x)),
    ("maximum(x, 0.0)", [0.0], lambda np, x: np.maximum(x, 0.0)),
    ("clip(x, 0.0, None)", [0.0], lambda np, x: np.clip(x, 0.0, None)),
    ("clip(x, 0.0, 1.0)", [0.0, 1.0], lambda np, x: np.clip(x, 0.0, 1.0)),
    ("clip(x, 0.0, 1.0)", [NAN], lambda np, x: np.clip(x, 0.0, 1.0)),
    ("abs(x)", [0.0], lambda np, x: np.abs(x)),
    ("abs(x)", [NAN], lambda np, x: np.abs(x)),
    ("leaky_relu(x)", [0.0], lambda np, x: np.leaky_relu(x)),
    ("elu(x)", [0.0], lambda np, x: np.elu(x)),
    ("maximum(x, 2 * x)", [0.0], lambda np, x: np.maximum(x, 2 * x)),
    ("minimum(x, 2 * x)", [0.0], lambda np, x: np.minimum(x, 2 * x)),
    ("max(x)", [2.0, 1.0, 2.0], lambda np, x: np.max(x)),
    ("min(x)", [1.0, 1.0, 2.0], lambda np, x: np.min(x)),
    ("sort(x)[0]", [1.0, 1.0], lambda np, x: np.sort(x)[0]),
    ("norm(x)", [0.0, 0.0], lambda np, x: np.norm(x, 2)),
    ("norm(x, 3)", [0.0, 0.0], lambda np, x: np.norm(x, 3)),
    ("norm(x, inf)", [2.0, -2.0], lambda np, x: np.norm(x, INF)),
    ("std(x)", [1.0, 1.0], lambda np, x: np.std(x)),
    ("hypot(x, 0.0 * x)", [0.0], lambda np, x: np.hypot(x, 0.0 * x)),
    ("atan2(x, 0.0 * x)", [0.0], lambda np, x: np.atan2(x, 0.0 * x)),
    ("sign(x)", [0.0], lambda np, x: np.sign(x)),
    ("floor(x)", [1.0], lambda np, x: np.floor(x)),
    ("copysign(x, -1.0)", [0.0], lambda np, x: np.copysign(x, 0.0 * x - 1.0)),
    ("x**0", [0.0], lambda np, x: x**0),
    ("x**(0 * x)", [0.0], lambda np, x: np.pow(x, 0.0 * x)),
    ("0.0**x", [2.0, 0.0, -1.0], lambda np, x: np.pow(0.0, x)),
    ("sqrt(x)", [0.0], lambda np, x: np.sqrt(x)),
    ("where(x > 0, sqrt(x), 0.0)", [0.0], lambda np, x: np.where(x > 0, np.sqrt(x), 0.0 * x)),
    ("prod(x)", [0.0, 0.0, 2.0], lambda np, x: np.prod(x)),
    ("prod(x)", [0.0, 3.0, 2.0], lambda np, x: np.prod(x)),
    ("logaddexp(x, x)", [-INF], lambda np, x: np.logaddexp(x, x)),
    ("leaky_relu(x)", [NAN], lambda np, x: np.leaky_relu(x)),
    ("max(x)", [NAN, 1.0, 2.0], lambda np, x: np.max(x)),
    ("prod(x)", [INF, 1.0, 2.0], lambda np, x: np.prod(x)),
    ("prod(x)", [NAN, 1.0, 2.0], lambda np, x: np.prod(x)),
    ("prod(x)", [1e300, 1e300, 0.5], lambda np, x: np.prod(x)),
    ("cumulative_prod(x)[2]", [1e-300, 1e-300, 2.0],
     lambda np, x: np.cumulative_prod(x, axis=0)[2]),
    ("norm(x)", [1e-300, 0.0], lambda np, x: np.norm(x, 2)),
    ("norm(x, 1)", [0.0, NAN, 2.0], lambda np, x: np.norm(x, 1)),
    ("norm(x, inf)", [NAN, 1.0], lambda np, x: np.norm(x, INF)),
    ("logsumexp(x)", [-INF, 1.0], lambda np, x: np.logsumexp(x)),
    ("logsumexp(x)", [1e300, 1e300], lambda np, x: np.logsumexp(x)),
    ("softmax(x)[0]", [INF, 0.0], lambda np, x: np.softmax(x)[0]),
)
POINTS = (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, 5e-324, -1e-310, 1e-300, 1e300, -1e300,
          INF, -INF, NAN)


def kind_of(point):
    """Which numbers are among the operands, in the words of the tables."""
    if not all(map(np.isfinite, point)):
        return "inf or nan"
    tiny_or_huge = (x and not 1e-100 < abs(x) < 1e100 for x in point)
    return "tiny or huge" if any(tiny_or_huge) else "finite"


def shown(gradient):
    numbers = [f"{x + 0.0:.3g}" for x in np.ravel(gradient)]
    return numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"


def ours(f, x):
    with np.errstate(all="ignore"):
        return shown(grad(lambda x: anp.sum(f(anp, x)))(x))


def peers():
    """{name: function of (f, x) that shows the gradient}, by the libraries themselves."""
    pytest.importorskip("torch", reason="pip install torch")
    pytest.importorskip("jax", reason="pip install jax")
    import jax
    import torch
    from peers import JAX, TORCH

    def words(table, **more):
        return type("words", (), {name: staticmethod(f) for name, f in {
            **{name: f for name, f in table.items() if f}, **more}.items()})

    def torch_bound(function):
        return lambda x, y: function(x, y if isinstance(y, torch.Tensor) else torch.tensor(
            y, dtype=x.dtype))

    np_torch = words(TORCH, max=torch.amax, min=torch.amin, sort=lambda x: torch.sort(x)[0],
                     maximum=torch_bound(torch.maximum), norm=torch.linalg.vector_norm,
                     std=lambda x: torch.std(x, correction=0), sum=torch.sum,
                     softmax=lambda x: torch.softmax(x, 0),
                     logsumexp=lambda x: torch.logsumexp(x, 0),
                     clip=lambda x, low, high: torch.clamp(x, low, high), prod=torch.prod)
    jnp = jax.numpy
    np_jax = words(JAX, sort=jnp.sort, norm=jnp.linalg.norm, std=jnp.std)

    def by_torch(f, x):
        x = torch.tensor(x, requires_grad=True)
        f(np_torch, x).sum().backward()
        return shown(x.grad)

    def by_jax(f, x):
        return shown(jax.grad(lambda x: f(np_jax, x).sum())(jnp.asarray(x)))

    return {"PyTorch": by_torch, "JAX": by_jax}


def rows(heading):
    """The rows of the table under a heading of the page, as lists of cells."""
    section = PAGE.read_text(encoding="utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\|(.*)\|$", section, re.MULTILINE)[2:]
    return [[cell.strip().strip("`") for cell in line.split(" | ")] for line in lines]


def test_the_table_of_kinks_is_printed_from_the_operations():
    told = {name: cells[1] for cells in rows("Where they are")
            for name in re.findall(r"\w+", cells[0])}
    operations = {name: op for name, op in primitives.items() if op.kink}
    assert told.keys() == operations.keys()
    for name, op in operations.items():
        if op.diagonal:
            operands = (None, "x", "y") if name == "where" else ("x", "y")[:len(op.rules)]
            printed = str(op.kink(*(word and Symbol(word) for word in operands)))
            assert told[name] == printed.replace("0.0 if x == y else x - y", "x - y")


def probe(row):
    words, at = row[:2]
    return next((f, np.array(x)) for name, x, f in PROBES
                if name == words and shown(np.array(x)) == at)


def test_the_page_lists_every_probe_and_no_other():
    assert [row[:2] for row in rows("Conventions")] == [
        [name, shown(np.array(x))] for name, x, _ in PROBES]


@pytest.mark.parametrize("row", rows("Conventions"), ids=lambda row: f"{row[0]} at {row[1]}")
def test_the_conventions_are_ours_on_tensors_values_and_forward(row):
    f, x = probe(row)
    assert ours(f, x) == row[2]
    with np.errstate(all="ignore"):
        slopes = [jvp(lambda x: anp.sum(f(anp, x)), (x,), (unit,))[1] for unit in np.eye(x.size)]
        if x.size == 1 or np.all(np.abs(x) < 1e300):            # 0 * inf is nan forward
            assert shown(slopes) == row[2]
        if x.size == 1 and "norm" not in row[0] and "std" not in row[0]:
            value = Value(float(x[0]))
            out = f(anp, value)
            if isinstance(out, Value):
                out.backward()
            assert shown(value.grad) == row[2]
            assert shown(elementwise_grad(lambda x: f(anp, x))(float(x[0]))) == row[2]


def test_the_columns_of_the_peers_are_theirs():
    for row in rows("Conventions"):
        f, x = probe(row)
        for (name, by_peer), cell in zip(peers().items(), row[3:], strict=True):
            assert by_peer(f, x) == cell, (row, name)


def differences():
    """{(operation, peer, kind of point)} where derivatives at special values are not the same."""
    pytest.importorskip("torch", reason="pip install torch")
    pytest.importorskip("jax", reason="pip install jax")
    import peers as library

    found = set()
    for name, domain in PRIMITIVES.items():
        if not domain.on_values or name in ("at_least", "at_most"):     # clip, above
            continue
        arity = len(domain.function.rules)
        for peer, table, by_peer in (("PyTorch", library.TORCH, library.by_torch),
                                     ("JAX", library.JAX, library.by_jax)):
            if table[name] is None:
                continue
            # JAX takes subnormal numbers for 0 on CPUs
            known = [x for x in POINTS if peer != "JAX" or not 0 < abs(x) < 1e-307]
            points = list(np.array(list(itertools.product(known, repeat=arity))).T)
            _, theirs, weights = by_peer(table[name], points, {}, range(arity), "float64")
            with np.errstate(all="ignore"):
                def weighted(*xs, f=domain.function, w=weights[0]):
                    return anp.sum(f(*xs) * w)

                mine = grad(weighted, tuple(range(arity)))(*points)
            for x, y in zip(mine, theirs, strict=True):
                apart = ~np.isclose(x, y, rtol=1e-6, atol=1e-307, equal_nan=True)
                found |= {(name, peer, kind_of([p[at] for p in points]))
                          for at in np.flatnonzero(apart)}
    return found


def test_the_differences_listed_are_the_only_ones():
    assert differences() == {tuple(row[:3]) for row in rows("Differences")}
