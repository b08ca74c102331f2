"""One weight learns to make 6 of 2: the worked example of gradient descent, every number shown.

prediction = w · x, loss = ½ (prediction − y)², dloss/dw = (prediction − y) · x.
"""

from autograd import Value

from ..losses import quadratic_loss
from ..optim import SGD
from . import Parser

W, X, Y, RATE = 5.0, 2.0, 6.0, 0.1


def steps(until: float = 5e-5) -> list[tuple[float, float, float, float, float]]:
    """(w, prediction, loss, gradient, new w) of each step, until w moves less than `until`."""
    w = Value(W, label="w")
    optimizer, rows = SGD([w], lr=RATE), []
    while True:
        before, prediction = w.data, w * X
        loss = quadratic_loss(prediction, Y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rows.append((before, prediction.data, loss.data, w.grad, w.data))
        if abs(w.data - before) < until:
            return rows


def main(words: list[str]) -> int:
    """Print the steps."""
    Parser(prog="python -m nn example", description=__doc__).parse_args(words)
    rows = steps()
    w, prediction, loss, gradient, new = rows[0]
    print(f"w = {w:g}, x = {X:g}, y = {Y:g}, learning rate {RATE:g}\n\n"
          f"prediction = w * x                  = {w:g} * {X:g} = {prediction:g}\n"
          f"loss       = (prediction - y)^2 / 2 = {prediction - Y:g}^2 / 2 = {loss:g}\n"
          f"gradient   = (prediction - y) * x   = {prediction - Y:g} * {X:g} = {gradient:g}\n"
          f"new w      = w - rate * gradient    = {w:g} - {RATE:g} * {gradient:g} = {new:g}\n\n"
          "and so on:\n\nstep       w  prediction    loss  gradient   new w")
    for i, (w, prediction, loss, gradient, new) in enumerate(rows, 1):
        print(f"{i:4}  {w:6.4f}  {prediction:10.4f}  {loss:6.4f}  {gradient:8.4f}  {new:6.4f}")
    print(f"\nw = {rows[-1][-1]:.3g}: {rows[-1][-1]:.3g} * {X:g} = {Y:g}")
    return 0
