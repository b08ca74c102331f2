"""A machine builds, shares, writes, sweeps, forgets and learns as it likes, beside a naive engine.

After every step the numbers and gradients of both are the same. The naive engine is in oracles.py:
recursion over every path, one line of calculus for each operation, under a hundred lines.
"""

from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import HealthCheck, seed as with_seed, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from oracles import BINARY, UNARY, Naive, naive, naive_adam, naive_sgd, naive_sum, naive_write

import autograd.numpy as anp
import nn
from autograd import GraphError, Tensor, Value, debug, fingerprint, no_grad
from autograd.node import ZERO

SHAPES = ((), (3,), (2, 3), (2, 1))
NUMBERS = st.integers(-4, 4).map(lambda k: k / 2)
SEEDS = st.integers(0, 2**16)
KINKED = {"relu", "abs", "maximum"}
OPTIMISERS = {"SGD": (lambda leaves: nn.SGD(leaves, lr=0.05, momentum=0.9), naive_sgd, 0.05),
              "Adam": (lambda leaves: nn.Adam(leaves, lr=0.05), naive_adam, 0.05)}
LARGEST, PATHS = 100.0, 100


class Pair:
    """The same result in both engines."""

    def __init__(self, ours, plain):
        self.ours, self.plain = ours, plain

    @property
    def grad(self):
        grad = self.ours.node.grad if isinstance(self.ours, Tensor) else self.ours.grad
        return None if grad is None or grad is ZERO else np.asarray(getattr(grad, "data", grad))


class Machine(RuleBasedStateMachine):
    """Leaves, results that follow from them, and optimisers, of Values or of Tensors."""

    values = False

    @initialize(seed=SEEDS)
    def begin(self, seed):
        self.leaves, self.constants, self.results, self.optimisers = [], [], [], {}
        self.leaf(seed)

    # -- building ----------------------------------------------------------------------------------
    @rule(seed=SEEDS)
    def leaf(self, seed):
        data = self.drawn(np.random.default_rng(seed))
        ours = Value(float(data)) if self.values else Tensor(data, requires_grad=True)
        self.leaves.append(Pair(ours, Naive(data)))

    @precondition(lambda self: not self.values)
    @rule(seed=SEEDS)
    def constant(self, seed):
        data = self.drawn(np.random.default_rng(seed))
        self.constants.append(Pair(Tensor(data.copy()), Naive(data)))

    def drawn(self, rng):
        """Small multiples of a half: ties, zeros and kinks are common."""
        return rng.integers(-3, 4, () if self.values else SHAPES[rng.integers(len(SHAPES))]) / 2

    @rule(seed=SEEDS, count=st.integers(1, 20))
    def grow(self, seed, count):
        rng = np.random.default_rng(seed)
        for _ in range(count):
            name = rng.choice(sorted(UNARY | BINARY) + ["sum"] * (not self.values))
            x, y = self.any(rng), self.any(rng)         # now and then the same
            if name == "sum":
                self.record(anp.sum(x.ours), naive_sum(x.plain))
            elif name in UNARY:
                self.apply(name, x)
            elif rng.random() < 0.2:
                number = float(rng.integers(-4, 5) / 2)
                number = Pair(number, Naive(number))
                self.apply(name, *((number, y) if rng.random() < 0.5 else (x, number)))
            else:
                self.apply(name, x, y)

    def any(self, rng):
        """A leaf, a constant or a result, the last ones above all."""
        pairs = self.leaves + self.constants + self.results
        return pairs[-1 - int(len(pairs) * rng.random() ** 2)]

    def apply(self, name, *pairs):
        data = [x.plain.data for x in pairs]
        if (name in KINKED and unclear(data, any(type(x.ours) is float for x in pairs))) or (
                name == "divide" and np.any(np.abs(data[1]) < 0.2)):
            return
        with np.errstate(over="ignore"):
            self.record(getattr(anp, name)(*(x.ours for x in pairs)),
                        naive(name, *(x.plain for x in pairs)))

    def record(self, ours, plain):
        if (plain.paths <= PATHS and np.all(np.abs(plain.data) <= LARGEST)
                and getattr(ours, "requires_grad", self.values)):       # not of constants alone
            self.results.append(Pair(ours, plain))

    # -- writing -----------------------------------------------------------------------------------
    @precondition(lambda self: not self.values and self.results)
    @rule(k=SEEDS, c=NUMBERS, row=st.booleans())
    def write(self, k, c, row):
        x = self.results[-1 - k % len(self.results)]
        if x.plain.data.ndim:
            index = 0 if row else (..., 0)
            x.ours[index] = c
            x.plain = naive_write(x.plain, Naive(c), index)

    @precondition(lambda self: not self.values and self.results)
    @rule(k=SEEDS, seed=SEEDS)
    def add_in_place(self, k, seed):
        x, y = self.results[-1 - k % len(self.results)], self.any(np.random.default_rng(seed))
        if np.broadcast_shapes(x.plain.data.shape, y.plain.data.shape) == x.plain.data.shape:
            x.ours += y.ours
            x.plain = naive("add", x.plain, y.plain)

    @precondition(lambda self: not self.values)
    @rule(k=SEEDS)
    def write_on_a_leaf_is_refused(self, k):
        x = self.leaves[k % len(self.leaves)]
        with pytest.raises(GraphError, match="no_grad"):
            x.ours += 1.0

    @precondition(lambda self: self.constants)
    @rule(k=SEEDS, c=NUMBERS)
    def write_on_a_constant(self, k, c):
        x = self.constants[k % len(self.constants)]     # what was recorded keeps its numbers
        x.ours[...] = c
        x.plain = Naive(np.full_like(x.plain.data, c))

    @precondition(lambda self: len(self.results) > 10)
    @rule(k=SEEDS, c=NUMBERS, whole=st.booleans())
    def move_a_leaf(self, k, c, whole):
        x = self.leaves[k % len(self.leaves)]
        if self.values:
            x.ours.data += c
        elif whole:
            with no_grad():
                x.ours += c
        else:
            x.ours.data = x.ours.data + c
        x.plain.data = x.plain.data + c
        self.drop_what_is_stale()

    def drop_what_is_stale(self):
        """Results of numbers that are gone: debug mode names the change, and they are left."""
        with np.errstate(all="ignore"):
            stale = [x for x in self.results if x.plain.changed()]
        for x in stale[:3]:
            with debug(), pytest.raises(GraphError, match="recorded data was changed"):
                x.ours.backward(*seed_of(x))
        self.results = [x for x in self.results if x not in stale]

    # -- sweeping ----------------------------------------------------------------------------------
    @precondition(lambda self: self.results)
    @rule(k=SEEDS, count=st.integers(1, 4), checked=st.booleans())
    def backward(self, k, count, checked):
        for x in self.results[-1 - k % len(self.results):][:count]:
            seed = seed_of(x)
            before = seed or fingerprint(x.ours)
            with debug() if checked else nullcontext():
                x.ours.backward(*seed)
            found = x.plain.backward(*seed)
            assert seed or fingerprint(x.ours) == before    # it changed nothing that was recorded
            if self.values:                             # micrograd's: every node has its gradient
                for pair in self.results:
                    if pair.plain in found:
                        close(pair.ours.grad, pair.plain.grad)

    @rule(k=SEEDS)
    def forget_one(self, k):
        x = self.leaves[k % len(self.leaves)]
        x.ours.grad, x.plain.grad = ZERO if self.values else None, None

    @precondition(lambda self: not self.values)
    @rule(k=SEEDS)
    def halve_a_gradient(self, k):
        x = self.leaves[k % len(self.leaves)]
        if x.plain.grad is not None:
            x.ours.grad *= 0.5                          # it shares memory with no other
            x.plain.grad = x.plain.grad * 0.5

    # -- learning ----------------------------------------------------------------------------------
    @precondition(lambda self: len(self.results) > 10)
    @rule(name=st.sampled_from(sorted(OPTIMISERS)))
    def step(self, name):
        if name not in self.optimisers:
            leaves = list(self.leaves)
            self.optimisers[name] = (OPTIMISERS[name][0]([x.ours for x in leaves]), leaves,
                                     [None] * len(leaves))
        optimiser, leaves, kept = self.optimisers[name]
        optimiser.step()
        for i, x in enumerate(leaves):
            if x.plain.grad is not None:
                kept[i] = OPTIMISERS[name][1](x.plain, kept[i], OPTIMISERS[name][2])
        self.drop_what_is_stale()

    @precondition(lambda self: self.optimisers)
    @rule(name=st.sampled_from(sorted(OPTIMISERS)))
    def forget_all(self, name):
        if name in self.optimisers:
            self.optimisers[name][0].zero_grad()
            for x in self.optimisers[name][1]:
                x.plain.grad = None

    # -- what always holds -------------------------------------------------------------------------
    @invariant()
    def both_are_the_same(self):
        for x in getattr(self, "leaves", []) + getattr(self, "results", []):
            close(x.ours.data, x.plain.data)
            if x in self.leaves:
                assert (x.grad is None) == (x.plain.grad is None)
                if x.grad is not None:
                    close(x.grad, x.plain.grad)


def seed_of(x):
    """Nothing for one element, else a cotangent in its shape."""
    shape = x.plain.data.shape
    return () if x.plain.data.size == 1 else (np.arange(1.0, x.plain.data.size + 1).reshape(shape),)


def unclear(data, number):
    """Whether some are close to a kink, where the last bits of two engines may fall differently.

    Nor do they agree at a tie with a number: there the gradient of maximum is relu's.
    """
    turns = np.abs(data[0] - (data[1] if len(data) > 1 else 0.0))
    return np.any(turns < 1e-9) if number else np.any((turns > 0) & (turns < 1e-9))


def close(ours, plain):
    scale = max(1.0, float(np.max(np.abs(plain), initial=0.0)))
    assert np.shape(ours) == np.shape(plain)
    np.testing.assert_allclose(ours, plain, rtol=1e-9, atol=1e-9 * scale)


class ValueMachine(Machine):
    values = True


def run(machine, count, seed=None):
    """So many runs of a machine; with a seed those of that seed, so that a long check resumes."""
    chosen = settings(max_examples=count, stateful_step_count=40, derandomize=seed is None,
                      database=None, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine if seed is None else with_seed(seed)(machine),
                              settings=chosen)


def test_tensors_as_the_naive_engine():
    run(Machine, 120)


def test_values_as_the_naive_engine():
    run(ValueMachine, 120)
