# %% [markdown]
# # One step of gradient descent
#
# The smallest thing that learns has one weight. It predicts `w * x`, compares with `y`, and moves
# the weight a little way down the slope of the loss.

# %%
from autograd import Value

w = Value(5.0, label="w")
x, y = 2.0, 6.0
prediction = w * x
prediction.label = "prediction"
loss = (prediction - y) ** 2 / 2
loss.label = "loss"
prediction.data, loss.data

# %% [markdown]
# The prediction is 10 where it should be 6, and half the squared error is 8. Every operation was
# recorded, so the slope can be had by walking back.

# %%
loss.backward()
loss.draw()

# %% [markdown]
# Look at the op boxes: each holds the local derivative of its operands. The gradient of `w` is the
# product of all of them on the way back from the loss. Here is that walk, one edge at a time:

# %%
for step in loss.steps():
    print(step)

# %% [markdown]
# The gradient is 8: the loss rises by 8 per unit of `w`, so `w` must go down. With a rate of 0.1 it
# goes from 5 to 4.2.

# %%
rate = 0.1
w.data -= rate * w.grad
w.data

# %% [markdown]
# And so on. A fresh graph each time, and the old gradient cleared, because gradients of leaves add
# up:

# %%
for _ in range(20):
    w.grad = 0.0
    loss = (w * x - y) ** 2 / 2
    loss.backward()
    w.data -= rate * w.grad
f"w = {w.data:.4f}, prediction {w.data * x:.4f}"

# %% [markdown]
# **Try:** a rate of 0.5, and of 0.6. Which is the largest rate that still learns, and what does the
# loss's second derivative, `x²`, have to do with it?
