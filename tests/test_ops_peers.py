"""PyTorch and JAX at the same inputs: values and gradients equal to 1e-6 (float32: 1e-4).

What differs at kinks and poles is in docs/kinks.md: tests/test_ops_kinks.py reads it.
"""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from oracles import like, outputs
from test_ops_derivatives import DOMAINS, NAMES, bind

from autograd import vjp

pytest.importorskip("torch", reason="pip install torch")
pytest.importorskip("jax", reason="pip install jax")
import classic_peers
import special_peers
from peers import JAX, TORCH, by_jax, by_torch

PEERS = {"torch": (TORCH, by_torch), "jax": (JAX, by_jax)}
WITHOUT = {
    "torch": {"floor_divide", "imag", "item", "element", "from_values", "tile", "getitem",
              "scatter", "setitem", "put", "put_along_axis", "to_device", "nextafter",
              "sech", "overlap_add"},
    "jax": {"item", "element", "from_values", "setitem", "put", "put_along_axis",
            "to_device", "nextafter", "sech"},
}
for _peers in (special_peers, classic_peers):
    WITHOUT["torch"] |= special_peers.without(_peers.TORCH)
    WITHOUT["jax"] |= special_peers.without(_peers.JAX)


@pytest.mark.parametrize("peer", PEERS)
def test_every_operation_has_a_counterpart_or_is_listed_as_without(peer):
    table = PEERS[peer][0]
    assert {domain.name for domain in DOMAINS} == set(table)
    assert {name for name, function in table.items() if function is None} == WITHOUT[peer]


def compare(domain, case, peer, dtype, bar):
    function, by_peer = PEERS[peer]
    args = tuple(x.astype(dtype) if i in case.moving else x for i, x in enumerate(case.args))
    case = case._replace(args=args)
    values, gradients, weights = by_peer(function[domain.name], args, case.params, case.moving,
                                         dtype)
    f, _, xs = bind(domain, case)
    out, pullback = vjp(f, *xs)
    ours = pullback(like(out, [w.astype(z.dtype)
                               for w, z in zip(weights, outputs(out), strict=True)]))
    for x, y in [*zip(outputs(out), values, strict=True), *zip(ours, gradients, strict=True)]:
        assert x.shape == y.shape
        if domain.name != "astype":
            assert x.dtype == y.dtype == dtype
        np.testing.assert_allclose(x, y, rtol=bar, atol=bar * np.max(abs(y), initial=1.0))


def cases(peer):
    return [pytest.param(domain, id=name) for domain, name in zip(DOMAINS, NAMES, strict=True)
            if domain.name not in WITHOUT[peer]]



@pytest.mark.parametrize("domain", cases("torch"))
@given(data=st.data())
@settings(max_examples=8)
def test_pytorch_agrees(domain, data):
    case = data.draw(domain.cases)
    compare(domain, case, "torch", "float64", 1e-6)
    if domain.name != "astype":
        compare(domain, case, "torch", "float32", 1e-4)


@pytest.mark.parametrize("domain", cases("jax"))
@given(data=st.data())
@settings(max_examples=2)               # JAX compiles every operation for every shape and dtype
def test_jax_agrees(domain, data):
    compare(domain, data.draw(domain.cases), "jax", "float64", 1e-6)
