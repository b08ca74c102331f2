# %% [markdown]
# # micrograd's two moons
#
# The demo of micrograd, on the scalar engine: 337 weights, 100 points, about 66,000 Values recorded
# in every step. The code is micrograd's, with the import line changed.

# %%
import random

import nn
from autograd import Value

x, y = nn.moons(100, noise=0.1, seed=0)
signs = 2 * y - 1
model = nn.MLP(2, [16, 16, 1], rng=random.Random(0))
model

# %%
def loss_and_accuracy():
    scores = [model([float(a), float(b)]) for a, b in x]
    losses = [(1 + -int(sign) * score).relu() for sign, score in zip(signs, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    penalty = 1e-4 * sum(p * p for p in model.parameters())
    right = [(sign > 0) == (score.data > 0) for sign, score in zip(signs, scores, strict=True)]
    return data_loss + penalty, sum(right) / len(right)


steps = 60
curve = []
for k in range(steps):
    total, accuracy = loss_and_accuracy()
    model.zero_grad()
    total.backward()
    rate = 1.0 - 0.9 * k / steps
    for p in model.parameters():
        p.data -= rate * p.grad
    curve.append(total.data)
    if k % 10 == 0 or k == steps - 1:
        print(f"step {k:3} loss {total.data:.4f}, accuracy {accuracy:.0%}")

# %% [markdown]
# Look at where the network changes its mind: the boundary is made of straight pieces, because every
# neuron bends the plane along one line (relu).

# %%
_ = nn.plot_boundary(model, x, y)

# %% [markdown]
# One point through the trained network, folded to its layers, coloured by the size of the gradient.

# %%
point = [Value(float(v), label=name) for v, name in zip(x[0], ("x0", "x1"), strict=True)]
score = model(point)
score.backward()
score.draw(depth=1, heat=True)

# %% [markdown]
# The same network on Tensors gives the same scores, from all points at once:

# %%
import time

began = time.perf_counter()
scores = model.vectorize()(x)
vectorised = time.perf_counter() - began
began = time.perf_counter()
[model([float(a), float(b)]) for a, b in x]
print("vectorised is more than 50 times faster:", (time.perf_counter() - began) / vectorised > 50)

# %% [markdown]
# **Try:** `activation="tanh"` in `nn.MLP(...)`: what happens to the straight pieces? And with 4
# neurons in each layer instead of 16?
