"""A few points of each row of tests/thorough_mpmath.py, and both tails of those that have two."""

import numpy as np
import pytest
import thorough_mpmath as thorough
from domains import PRIMITIVES

from autograd.primitive import table

STEPS = {"sign", "floor", "ceil", "round", "trunc", "round_to", "floor_divide"}     # 0 everywhere
OF_COMPLEX = {"conj", "real", "imag", "where", "nextafter"}             # the identity on reals
TAILS = {"sigmoid": (-744.0, -40.0, 36.0, 744.0), "softplus": (-744.0, -40.0, 36.0, 700.0),
         "log1p": (-1 + 2.0**-53, -1e-17, 1e-300, 1e300), "expm1": (-744.0, -1e-17, 1e-300, 709.0),
         "gelu": (-37.5, -8.0, 6.0, 37.5), "gelu_tanh": (-20.0, -5.0, 5.0, 20.0),
         "silu": (-740.0, -40.0, 40.0, 740.0), "erfc": (-5.0, 6.0, 26.0), "erf": (-26.0, 6.0),
         "tanh": (-350.0, -20.0, 20.0, 350.0), "atan": (-1e160, 1e100, 1e160)}


def test_every_elementwise_operation_has_a_row():
    core = {name for name, domain in PRIMITIVES.items()
            if domain.on_values and type(table[name]).__name__ == "Elementwise"
            and table[name].rules and "special" not in (
                getattr(table[name].written[0], "__module__", "") or "")}
    assert core - STEPS - OF_COMPLEX <= thorough.OPS.keys()


@pytest.mark.parametrize("name", thorough.OPS)
def test_gradients_are_within_4_ulp(name):
    for row in thorough.rows(name, 8):
        assert row.count == 8 and row.share <= thorough.ASKED, str(row)


@pytest.mark.parametrize("name", [*TAILS, "logsumexp", "logaddexp"])
def test_both_tails_are_within_4_ulp(name):
    points = TAILS.get(name, (-700.0, -40.0, 40.0, 700.0))
    columns = [np.array(points)] if name in TAILS else [np.array(points), np.array(points) / 3]
    for row in thorough.rows_at(name, columns):
        assert row.share <= thorough.ASKED, str(row)
