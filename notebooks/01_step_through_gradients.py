# %% [markdown]
# # Step through gradients
#
# Backpropagation is a walk back over the operations of your program. Here you take that walk one
# edge at a time, with the numbers in it. Inside `debug()` every result also keeps the line of code
# that made it.

# %%
import numpy

import autograd.numpy as np
import nn
from autograd import Tensor, Value, debug
from autograd.show import element, explain_nan, why

with debug():
    a = Value(2.0, label="a")
    b = Value(-3.0, label="b")
    c = Value(6.5, label="c")
    d = a * b + c
    loss = d.tanh() * a
steps = loss.steps(names=True)
for step in steps:
    print(f"{step.symbols:38}{step.numbers}")

# %% [markdown]
# Each line is one contribution: the gradient that arrives from above, times the local derivative of
# one operation, is added to the gradient of the operand. `names=True` took the names of your
# variables. Now the same as something to click: **Step** and **Back** (or the arrow keys),
# **Play**, the slider, or a click on a box, which jumps to where its gradient became final. Look at
# `a`: it is used twice, so it receives two contributions, and its gradient is their sum.

# %%
steps

# %% [markdown]
# Steps are also a plain sequence. These are the two contributions into `a`; they add up to exactly
# its gradient, and so do the products of the local derivatives along the two paths:

# %%
for step in steps.into(a):
    print(step.numbers)
why(a, loss, names=True)

# %% [markdown]
# ## From the first operation to the moved weight
#
# Give `steps` what moves the weights, and the ruler goes on to the update: w = 5 becomes 4.2.

# %%
w = Value(5.0, label="w")
prediction = w * 2.0
loss = (prediction - 6.0) ** 2 / 2
loss.steps(names=True, update=nn.SGD([w], lr=0.1).step)

# %% [markdown]
# ## Arrays
#
# The walk is the same for Tensors; what is passed on are arrays, shown as heat maps. The bias `b`
# was broadcast over the four rows, and so its contribution is summed over them: a step of its own.

# %%
rng = numpy.random.default_rng(0)
X = rng.normal(size=(4, 3))
W = Tensor(rng.normal(size=(3, 2)), requires_grad=True, label="W")
b = Tensor(numpy.zeros(2), requires_grad=True, label="b")
h = np.tanh(X @ W + b)
h.label = "h"
loss = np.mean(h**2)
loss.label = "loss"
loss.steps(names=True)

# %% [markdown]
# An array's element can be opened: the scalar graph behind one number, like micrograd's. Its
# gradients are those of the array's element.

# %%
one = element(h, (0, 1))
one.backward()
one.draw()

# %% [markdown]
# ## When something goes wrong
#
# `steps.until(above=...)` lists the steps in which a gradient is large or nan, or in which a kink
# was used, and `explain_nan` finds where a nan came from.

# %%
def normalised(v):
    length = (v[0] ** 2 + v[1] ** 2) ** 0.5
    return v[0] / length


explain_nan(normalised, Tensor([0.0, 0.0], requires_grad=True))

# %% [markdown]
# **Try:** write a small program of your own under `with debug():`, and guess the numbers of each
# step before you press **Step**. Then add `.relu()` where its operand is negative, and ask `why`.
