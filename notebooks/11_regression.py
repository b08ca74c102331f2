# %% [markdown]
# # A line, then a curve
#
# Regression predicts a number. First a straight line is found in noisy points, then a deep net
# follows a curve that no line can.

# %%
import numpy
from matplotlib import pyplot

import nn

rng = numpy.random.default_rng(0)
x = rng.uniform(-2, 2, (100, 1))
y = 2 * x - 1 + 0.3 * rng.standard_normal((100, 1))

model = nn.Linear(1, 1, rng=0)
history = nn.fit(model, x, y, loss="mse", optimizer=nn.SGD, lr=0.1, epochs=100, batch_size=100,
                 quiet=True)
print(f"gradient descent: y = {model.weight.item():.6f} x {model.bias.item():+.6f}")
slope, intercept = numpy.polyfit(x[:, 0], y[:, 0], 1)
print(f"least squares:    y = {slope:.6f} x {intercept:+.6f}")

# %% [markdown]
# One `Linear` layer of one input and one output is a line: its weight is the slope, its bias the
# intercept. Every step used all 100 points, so nothing is random, and the loss has one lowest
# point, which least squares computes at once. Both differ from 2 and −1, which made the points: the
# noise has moved the best line.

# %%
ax = pyplot.figure(layout="constrained").subplots()
ends = numpy.array([[-2.0], [2.0]])
ax.plot(x, y, ".", color="0.6", label="points")
ax.plot(ends, 2 * ends - 1, "--", color="0.2", label="without noise")
ax.plot(ends, nn.predict(model, ends), label="found")
_ = ax.legend()

# %% [markdown]
# ## A curve
#
# 400 points around sin(4x), a quarter of them held out. A linear layer and a deep net are trained
# alike.

# %%
x = rng.uniform(-2, 2, (400, 1))
y = numpy.sin(4 * x) + 0.1 * rng.standard_normal((400, 1))
train, held = nn.train_validation_split(x, y, 0.25, seed=0)

linear = nn.Linear(1, 1, rng=0)
deep = nn.Sequential(nn.Linear(1, 32, rng=1), "tanh", nn.Linear(32, 32, rng=2), "tanh",
                     nn.Linear(32, 1, rng=3))
errors = {}
for name, model in (("linear layer", linear), ("deep net", deep)):
    history = nn.fit(model, *train, loss="mse", optimizer=nn.Adam, lr=0.01, epochs=100,
                     batch_size=25, validation=held, seed=0, quiet=True,
                     schedule=lambda optimizer: nn.CosineAnnealingLR(optimizer, 100))
    errors[name] = nn.mse_loss(nn.predict(model, held[0]), held[1]).item()
    print(f"{name}: mean squared error {errors[name]:.4f} on points held out")
noise = numpy.mean((numpy.sin(4 * held[0]) - held[1]) ** 2)
print(f"noise alone: {noise:.4f}; the linear layer's error is "
      f"{errors['linear layer'] / errors['deep net']:.0f} times the deep net's")

# %%
ax = pyplot.figure(figsize=(7.5, 4.2), layout="constrained").subplots()
line = numpy.linspace(-3, 3, 400)[:, None]
ax.axvspan(-2, 2, color="0.95", label="where it has seen points")
ax.plot(*train, ".", color="0.75")
ax.plot(line, numpy.sin(4 * line), "--", color="0.2", label="without noise")
ax.plot(line, nn.predict(linear, line), label="linear layer")
ax.plot(line, nn.predict(deep, line), label="deep net")
ax.set(ylim=(-2.2, 2.2))
_ = ax.legend(ncols=2, loc="lower center")

# %% [markdown]
# Between −2 and 2 the net follows the curve, worst at the ends, where it has neighbours on one side
# only. Outside it has learned nothing: there it goes on as its tanhs happen to, and no figure on
# points held out could have told, as they come from where it has seen others.
#
# How did it get there? The loss stays as high as the line's, until the net has found its waves.

# %%
_ = nn.plot_history(history)

# %% [markdown]
# `python -m nn regression` is this as a program, and `--seeds 5` tells what chance has to do with
# it.
#
# **Try:** 4 hidden neurons instead of 32: how many waves are left? Then take the "tanh" out: why is
# a deep net of linear layers alone no better than one?
