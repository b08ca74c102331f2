"""Derivatives by other means: the complex step where a function is analytic, else Richardson.

Complex step: f(x + ih) = f(x) + ih f'(x) + O(h²), with h so small that nothing is lost (Squire and
Trapp, 1998). Richardson: central differences with steps h, h/2, h/4 ..., extrapolated to h = 0; the
table also says how far to trust the result (Ridders, 1982).
"""

import numpy as np

TINY = 1e-100


def outputs(result):
    """One output or several, as a list of arrays."""
    parts = result if isinstance(result, (tuple, list)) else [result]
    return [np.asarray(part) for part in parts]


def like(result, parts):
    """The parts in the containers of a result: one alone, or several."""
    return list(parts) if isinstance(result, (tuple, list)) else next(iter(parts))


def flat(result):
    """All outputs in one vector."""
    parts = [part.reshape(-1) for part in outputs(result)]
    return np.concatenate(parts) if parts else np.zeros(0)


def complex_step(f, x, direction):
    """The derivative of f at the array x along a direction, exact to rounding; f analytic."""
    return flat(f(x + 1j * TINY * direction)).imag / TINY, 0.0


def richardson(f, x, direction, step=0.02, levels=6):
    """(derivative of f at x along a direction, estimate of its error), entry by entry."""
    rows, best, error = [], None, np.inf
    for level in range(levels):
        h = step / 2**level
        row = [(flat(f(x + h * direction)) - flat(f(x - h * direction))) / (2 * h)]
        for k, earlier in enumerate(rows[-1] if rows else []):
            row.append(row[k] + (row[k] - earlier) / (4 ** (k + 1) - 1))
        if rows:
            spread = np.maximum(abs(row[-1] - row[-2]), abs(row[-1] - rows[-1][-1]))
            better = spread < error
            best = row[-1] if best is None else np.where(better, row[-1], best)
            error = np.where(better, spread, error)
        rows.append(row)
    return best, error


def units(x):
    """Every unit direction in the shape of x."""
    return np.eye(x.size).reshape((x.size, *x.shape))


def jacobian(f, x, analytic):
    """(matrix, error) of f at x: rows are inputs, columns the outputs one after the other."""
    derivative = complex_step if analytic else richardson
    pairs = [derivative(f, x, unit) for unit in units(x)]
    width = flat(f(x)).size
    matrix = np.array([pair[0] for pair in pairs]).reshape(x.size, width)
    error = max((float(np.max(pair[1], initial=0.0)) for pair in pairs), default=0.0)
    return matrix, error


def ulps(x, y):
    """How many representable float64 numbers lie between x and y; 0 for two nans."""
    def rank(value):
        bits = np.asarray(value, np.float64).view(np.int64).astype(object)
        return np.where(bits < 0, -(bits & (2**63 - 1)), bits)

    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return np.where(np.isnan(x) & np.isnan(y), 0, abs(rank(x) - rank(y)))
