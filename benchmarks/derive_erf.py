"""Derive the four polynomials of autograd/ops/erf.py and measure the error of what they compute.

From the root of the repository, with mpmath installed: python -m benchmarks.derive_erf
"""

import mpmath as mp
import numpy as np

from autograd.ops.erf import FAR, NEAR, SHORT_TAIL, TAIL, erf, erfc


def minimax(function, weight, low, high, degree, points=1000):
    """Fit the polynomial that minimises max |weight * (polynomial - function)| (Remez exchange).

    Returns its coefficients, highest power first, and that maximum.
    """
    middle, radius = mp.mpf(high + low) / 2, mp.mpf(high - low) / 2
    grid = [middle - radius * mp.cos(mp.pi * (i + 0.5) / points) for i in range(points)]
    values, weights = [function(x) for x in grid], [weight(x) for x in grid]
    extrema = [round((points - 1) * mp.sin(mp.pi * i / (degree + 1) / 2) ** 2)
               for i in range(degree + 2)]
    while True:
        rows = [[grid[i] ** power for power in range(degree, -1, -1)] + [(-1) ** row / weights[i]]
                for row, i in enumerate(extrema)]
        *coefficients, level = mp.lu_solve(mp.matrix(rows), [values[i] for i in extrema])
        errors = [w * (mp.polyval(coefficients, x) - y)
                  for x, y, w in zip(grid, values, weights, strict=True)]
        worst = max(map(abs, errors))
        if worst < 1.001 * abs(level):
            return coefficients, worst
        extrema = alternating_extrema(errors, degree + 2)


def log_of_tail(x):
    """log(erfc(x)) without its two large parts."""
    return mp.log(mp.erfc(x)) + x * x + mp.log1p(mp.sqrt(mp.pi) * x)


def tail_up_to(top, degree):
    """The polynomial of log_of_tail from 0 to `top`, in (x - 1.375) / (x + 1.375)."""
    middle = mp.mpf(1.375)
    return minimax(lambda s: log_of_tail(middle * (1 + s) / (1 - s)), lambda s: 1, mp.mpf(-1),
                   (top - middle) / (top + middle), degree)


def alternating_extrema(errors, count):
    """Choose `count` indices where the errors are largest while their signs alternate."""
    peaks = [0]
    for i, error in enumerate(errors):
        if error * errors[peaks[-1]] <= 0:
            peaks.append(i)
        elif abs(error) > abs(errors[peaks[-1]]):
            peaks[-1] = i
    while len(peaks) > count:
        peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
    return peaks


def max_ulp(x, function=erf):
    """Return the largest error of the shipped erf or erfc over x, in units of its last place."""
    exact = [getattr(mp, function.__name__)(point) for point in x.tolist()]
    below_one = np.nextafter(x.dtype.type(1), 0)
    ulps = np.spacing(np.minimum(np.abs(np.asarray(exact, x.dtype)), below_one)).tolist()
    return max(abs(true - value) / ulp
               for true, value, ulp in zip(exact, function(np, x).tolist(), ulps, strict=True))


def main():
    mp.mp.dps = 50
    fits = {
        "NEAR": minimax(lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
                        lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)), 0, 1, 11),
        "FAR": minimax(lambda x: mp.log(mp.erfc(x)),
                       lambda x: mp.erfc(x) / mp.erf(x), 1, 6, 17),
        "TAIL": tail_up_to(28, 29), "SHORT_TAIL": tail_up_to(11, 12)}
    for (name, (coefficients, error)), shipped in zip(
            fits.items(), (NEAR, FAR, TAIL, SHORT_TAIL), strict=True):
        coefficients = tuple(map(float, coefficients))
        print(f"{name} = {coefficients}")
        print(f"relative error {mp.nstr(error, 3)}; the shipped coefficients",
              "agree" if coefficients == shipped else "DIFFER")
    random = np.random.default_rng(0)
    for dtype in ("float64", "float32"):
        for low, high in ((0, 0.5), (0.5, 1), (1, 2), (2, 6)):
            error = max_ulp(random.uniform(low, high, 25_000).astype(dtype))
            print(f"erf, {dtype} on [{low}, {high}]: at most {mp.nstr(error, 4)} ulp")
        for low, high in ((-6, 0), (0, 0.5), (0.5, 9)):
            error = max_ulp(random.uniform(low, high, 25_000).astype(dtype), erfc)
            print(f"erfc, {dtype} on [{low}, {high}]: at most {mp.nstr(error, 4)} ulp")


if __name__ == "__main__":
    main()
