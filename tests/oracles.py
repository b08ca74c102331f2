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


# -- a naive engine: recursion over every path, one line of calculus for each operation ------------

class Naive:
    """A result, and how a change of it comes from each operand: (operand, g -> its share of g).

    `again` computes the result from the operands as they are now.
    """

    def __init__(self, data, edges=(), again=None):
        self.data = np.array(data, float)
        self.edges, self.again, self.grad = list(edges), again, None
        self.paths = sum(arg.paths for arg, _ in edges) if edges else 1

    def pulled(self, g, found):
        """Add g to what was found here, and pass it on along every edge."""
        found[self] = found.get(self, 0.0) + np.array(g, float)
        for arg, share in self.edges:
            arg.pulled(folded(share(np.array(g, float)), arg.data.shape), found)
        return found

    def backward(self, seed=1.0):
        """Leaves add up, other results start afresh; returns what was found at each."""
        found = self.pulled(np.broadcast_to(seed, self.data.shape), {})
        for node, g in found.items():
            node.grad = g + node.grad if node.grad is not None and not node.edges else g
        return found

    def changed(self):
        """Whether some result behind this one is not what its operands now give."""
        if not self.edges:
            return False
        return (not np.array_equal(self.again(), self.data)
                or any(arg.changed() for arg, _ in self.edges))


def folded(g, shape):
    """g summed over the axes along which an operand of this shape was repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True).reshape(
        shape) if shape else g


def half_at_ties(x, y):
    return np.where(x > y, 1.0, np.where(x < y, 0.0, 0.5))


UNARY = {
    "negative": (lambda x: -x, lambda x: -1.0), "sin": (np.sin, np.cos), "exp": (np.exp, np.exp),
    "tanh": (np.tanh, lambda x: 1 - np.tanh(x) ** 2), "square": (lambda x: x * x, lambda x: 2 * x),
    "relu": (lambda x: x * (x > 0), lambda x: 1.0 * (x > 0)), "abs": (np.abs, np.sign)}
BINARY = {
    "add": (np.add, lambda x, y: 1.0, lambda x, y: 1.0),
    "subtract": (np.subtract, lambda x, y: 1.0, lambda x, y: -1.0),
    "multiply": (np.multiply, lambda x, y: y, lambda x, y: x),
    "divide": (np.divide, lambda x, y: 1 / y, lambda x, y: -x / y**2),
    "maximum": (np.maximum, half_at_ties, lambda x, y: half_at_ties(y, x))}


def naive(name, *args):
    """One of the operations of UNARY and BINARY applied to Naives."""
    f, *slopes = {**UNARY, **BINARY}[name]

    def now():
        return f(*(arg.data for arg in args))

    return Naive(now(), [
        (arg, lambda g, slope=slope: g * slope(*(x.data for x in args)))
        for arg, slope in zip(args, slopes, strict=True)], now)


def naive_sum(x):
    return Naive(x.data.sum(), [(x, lambda g: np.full(x.data.shape, g))], lambda: x.data.sum())


def naive_write(x, y, index):
    """x with y written at an index."""
    def put(x, y):
        result = np.array(x)
        result[index] = y
        return result

    return Naive(put(x.data, y.data), [(x, lambda g: put(g, 0.0)), (y, lambda g: g[index])],
                 lambda: put(x.data, y.data))


def naive_sgd(p, kept, lr, momentum=0.9):
    """One step of a leaf; `kept` is what the last one returned, None at first."""
    v = p.grad + momentum * (0.0 if kept is None else kept)
    p.data = p.data - lr * v
    return v


def naive_adam(p, kept, lr, a=0.9, b=0.999):
    """The same by Adam, as its paper has it."""
    t, m, v = (0, 0.0, 0.0) if kept is None else kept
    t, m, v = t + 1, a * m + (1 - a) * p.grad, b * v + (1 - b) * p.grad**2
    p.data = p.data - lr * (m / (1 - a**t)) / (np.sqrt(v / (1 - b**t)) + 1e-8)
    return t, m, v
