"""Gradients against mpmath at 50 digits and more: how many units in the last place they are off.

    python tests/thorough_mpmath.py --count 10000 [--seed 0] [name ...]

prints a row for each operation and operand. What is asked is 4 ulp × (1 + κ), κ the condition
number of the derivative: an error of the operands that small would do as much. The derivative is
taken by differences, with twice the digits until 20 of it stand, so no rule is written here.
"""

import argparse
import math
import sys
import time
from dataclasses import dataclass

import mpmath as mp
import numpy as np

import autograd.numpy as anp
from autograd import Value, elementwise_grad
from autograd.primitive import table

ASKED = 4.0
FAR = 1.2345678                         # no point where anything is asked
ANY, SMALL, POSITIVE, UNIT = (-1e300, 1e300), (-800.0, 800.0), (0.0, 1e300), (-1.0, 1.0)


@dataclass(frozen=True)
class Op:
    """A function of ours, the same by mpmath, and for each operand between what it lies."""

    ours: object
    exact: object
    domains: tuple


def of(name, *domains, exact=None, ours=None):
    return name, Op(ours or table.get(name) or getattr(anp, name),
                    exact or getattr(mp, name), domains)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x)) if x < 0 else x + mp.log1p(mp.exp(-x))


def logaddexp(x, y):
    return max(x, y) + mp.log1p(mp.exp(-abs(x - y)))


def remainder(x, y):
    return x - mp.floor(x / y) * y


def erfc(x):
    """Less 2 far on the left, where almost all digits would be those of 2."""
    return mp.erfc(x) if x > -FAR else -mp.erfc(-x)


def normal(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def log_normal(x):
    return mp.log(normal(x)) if x < FAR else mp.log1p(-normal(-x))


def gelu_tanh(x):
    return x * sigmoid(2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3))


def two(f):
    """f of an array of two numbers, as a function of both."""
    return lambda x, y: f(anp.stack([x, y], axis=-1), axis=-1)


OPS = dict([
    of("add", ANY, ANY, exact=lambda x, y: x + y),
    of("subtract", ANY, ANY, exact=lambda x, y: x - y),
    of("multiply", ANY, ANY, exact=lambda x, y: x * y),
    of("divide", ANY, ANY, exact=lambda x, y: x / y),
    of("remainder", SMALL, POSITIVE, exact=remainder),
    of("pow", (1e-5, 1e5), (-50.0, 50.0), exact=lambda x, y: x**y),
    of("negative", ANY, exact=lambda x: -x), of("positive", ANY, exact=lambda x: x),
    of("square", ANY, exact=lambda x: x * x), of("reciprocal", ANY, exact=lambda x: 1 / x),
    of("sqrt", POSITIVE), of("hypot", ANY, ANY),
    of("exp", SMALL), of("expm1", SMALL), of("log", POSITIVE),
    of("log1p", (-1.0, 1e300)), of("log2", POSITIVE, exact=lambda x: mp.log(x) / mp.log(2)),
    of("log10", POSITIVE, exact=lambda x: mp.log(x) / mp.log(10)),
    of("logaddexp", SMALL, SMALL, exact=logaddexp),
    of("sin", SMALL), of("cos", SMALL), of("tan", SMALL), of("asin", UNIT), of("acos", UNIT),
    of("atan", ANY), of("atan2", ANY, ANY, exact=mp.atan2), of("sinh", SMALL), of("cosh", SMALL),
    of("tanh", SMALL), of("sech", (-700.0, 700.0)), of("asinh", ANY), of("acosh", (1.0, 1e300)),
    of("atanh", UNIT),
    of("sigmoid", SMALL, exact=sigmoid), of("softplus", SMALL, exact=softplus),
    of("erf", (-28.0, 28.0), exact=lambda x: -erfc(x)), of("erfc", (-28.0, 28.0), exact=erfc),
    of("relu", ANY, exact=lambda x: max(x, mp.mpf(0))), of("abs", ANY, exact=abs),
    of("maximum", ANY, ANY, exact=max), of("minimum", ANY, ANY, exact=min),
    of("at_least", ANY, ANY, exact=max), of("at_most", ANY, ANY, exact=min),
    of("copysign", ANY, ANY, exact=lambda x, y: abs(x) * mp.sign(y)),
    of("identity", ANY, exact=lambda x: x),
    # made of them
    of("logsumexp", SMALL, SMALL, exact=logaddexp, ours=two(anp.logsumexp)),
    of("leaky_relu", ANY, exact=lambda x: x if x > 0 else mp.mpf(0.01) * x),
    of("elu", SMALL, exact=lambda x: x if x > 0 else mp.expm1(x)),
    of("silu", SMALL, exact=lambda x: x * sigmoid(x)),
    of("gelu", (-40.0, 40.0), exact=lambda x: x * normal(x)),
    of("gelu_tanh", (-40.0, 40.0), exact=gelu_tanh, ours=lambda x: anp.gelu(x, "tanh")),
])

SPECIAL = dict([                        # what SciPy computes, or torch.special, jax.scipy.special
    of("erfcx", (-20.0, 1e5), exact=lambda x: mp.exp(x * x) * mp.erfc(x)),
    of("ndtr", (-35.0, 35.0), exact=lambda x: erfc(-x / mp.sqrt(2)) / 2),
    of("log_ndtr", (-35.0, 35.0), exact=log_normal),
    of("logit", (0.0, 1.0), exact=lambda x: mp.log(x / (1 - x))),
    of("xlogy", ANY, POSITIVE, exact=lambda x, y: x * mp.log(y)),
    of("xlog1py", ANY, (-1.0, 1e300), exact=lambda x, y: x * mp.log1p(y)),
    of("entr", POSITIVE, exact=lambda x: -x * mp.log(x)),
    of("rel_entr", POSITIVE, POSITIVE, exact=lambda x, y: x * mp.log(x / y)),
    of("kl_div", POSITIVE, POSITIVE, exact=lambda x, y: x * mp.log(x / y) - x + y),
    of("cbrt", POSITIVE),
    of("exprel", (-700.0, 700.0), exact=lambda x: mp.expm1(x) / x),
    of("boxcox", (1e-5, 1e5), (-30.0, 30.0), exact=lambda x, y: (x**y - 1) / y),
    of("sindg", SMALL, exact=lambda x: mp.sin(x * mp.pi / 180)),
    of("cosdg", SMALL, exact=lambda x: mp.cos(x * mp.pi / 180)),
    of("gammaln", (0.0, 1e5), exact=mp.loggamma), of("digamma", (0.0, 1e5), exact=mp.digamma),
])


def points(domains, count, rng):
    """So many points of a domain: of all sizes, in the middle, and close to its ends."""
    def column(low, high):
        ends = [end for end in (low, high) if 0 < abs(end) < 1e5]
        tiny = np.exp(rng.uniform(np.log(1e-300), np.log(min(max(-low, high), 1e300)), count))
        sizes = np.where(rng.random(count) < 0.5, tiny, -tiny)
        middle = rng.uniform(max(low, -5.0), min(high, 5.0), count)
        wide = rng.uniform(max(low, -1e3), min(high, 1e3), count)
        ends = (np.asarray(ends)[rng.integers(0, len(ends), count)] if ends else middle)
        close = ends * (1 + rng.choice([-1, 1], count) * 2.0 ** -rng.uniform(1, 50, count))
        found = np.choose(rng.integers(0, 4, count), [sizes, middle, wide, close])
        return np.where((found > low) & (found < high), found, middle)

    return [column(*domain) for domain in domains]


def slope(f, xs, i):
    """df/dx_i at exact numbers, to 20 digits."""
    last, digits = None, 50
    while digits < 20_000:
        with mp.workdps(digits):
            h = mp.mpf(10) ** -(digits // 3) * (abs(xs[i]) or 1)
            up, down = ([*xs[:i], xs[i] + s * h, *xs[i + 1:]] for s in (1, -1))
            new = (f(*up) - f(*down)) / (2 * h)
            stands = last is not None and abs(new - last) <= abs(new) * mp.mpf(10) ** -20
            if stands and (new or digits > 3000):       # a 0 may be lost in something large
                return new
        last, digits = new, 2 * digits
    raise ArithmeticError(f"no derivative of {f} at {xs}")


def condition(f, xs, i, exact):
    """κ of the derivative by operand i: the relative change for one of each operand."""
    if not exact:
        return 0.0
    with mp.workdps(60):
        total = mp.mpf(0)
        for j, x in enumerate(xs):
            h = mp.mpf(10) ** -10 * (abs(x) or 1)
            up, down = ([*xs[:j], x + s * h, *xs[j + 1:]] for s in (1, -1))
            total += abs(x * (slope(f, up, i) - slope(f, down, i)) / (2 * h) / exact)
        return float(total)


def off(got, exact):
    """The error in units of the last place of the exact result."""
    if mp.isinf(got) or abs(exact) > sys.float_info.max:
        nearest = float(exact) if abs(exact) <= sys.float_info.max else math.inf
        return 0.0 if abs(got) >= min(nearest, sys.float_info.max) else math.inf
    if got != got:
        return math.inf
    return float(abs(mp.mpf(got) - exact) / mp.mpf(float(np.spacing(abs(float(exact))))))


@dataclass
class Row:
    """The worst of an operation and operand: ulps; of those above 4 over 1 + κ, and where."""

    name: str
    operand: int
    kind: str
    count: int = 0
    ulps: float = 0.0
    share: float = 0.0
    at: tuple = ()

    def note(self, ulps, share, at):
        self.count += 1
        self.ulps = max(self.ulps, ulps)
        if share > self.share:
            self.share, self.at = share, at

    def __str__(self):
        return (f"{self.name:12} {'xy'[self.operand]} {self.kind:6} {self.count:7,} points: "
                f"{self.ulps:9.3g} ulp" + (f", {self.share:.2g} × (1 + κ) at {self.at}"
                                           if self.share else ""))


def rows(name, count, seed=0):
    """A row for each operand, by Tensors and by Values, of `count` points of a seed."""
    rng = np.random.default_rng([seed, *name.encode()])
    return rows_at(name, points((OPS | SPECIAL)[name].domains, count, rng))


def rows_at(name, xs):
    """The same for the points given, an array for each operand."""
    op, found = (OPS | SPECIAL)[name], []
    for i in range(len(xs)):
        with np.errstate(all="ignore"):
            by_array = elementwise_grad(op.ours, i)(*xs)
        by_kind = {"Tensor": Row(name, i, "Tensor"), "Value": Row(name, i, "Value")}
        for k, at in enumerate(zip(*(x.tolist() for x in xs), strict=True)):
            wide = [mp.mpf(x) for x in at]
            exact, kappa = slope(op.exact, wide, i), None
            got = {"Tensor": float(by_array[k])}
            if name != "logsumexp":                     # of arrays only
                got["Value"] = by_values(op.ours, at, i)
            for kind, number in got.items():
                ulps, share = off(number, exact), 0.0
                if ulps > ASKED:
                    kappa = condition(op.exact, wide, i, exact) if kappa is None else kappa
                    share = ulps / (1 + kappa)
                by_kind[kind].note(ulps, share, at)
        found += [row for row in by_kind.values() if row.count]
    return found


def by_values(f, at, i):
    nodes = [Value(x) for x in at]
    out = f(*nodes)
    if isinstance(out, Value):
        out.backward()
    return nodes[i].grad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=[])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    start, failed = time.time(), 0
    for name in asked.names or OPS | SPECIAL:
        for row in rows(name, asked.count, asked.seed):
            failed += row.share > ASKED
            print(row, flush=True)
    print(f"{failed} rows beyond {ASKED:g} × (1 + κ); {time.time() - start:.0f} s")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
