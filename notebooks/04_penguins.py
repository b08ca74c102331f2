# %% [markdown]
# # Penguins
#
# 342 penguins of three species were measured at Palmer Station, Antarctica. A small network learns
# to tell the species from bill length, bill depth, flipper length and mass.

# %%
import autograd.numpy as np
import nn
from nn.jobs.penguin_data import SPECIES, penguins

train, validation = nn.train_validation_split(*penguins(), seed=0)
standardiser = nn.Standardiser().fit(train[0])
train, validation = ((standardiser.transform(x), y) for x, y in (train, validation))
train[0].shape, validation[0].shape, SPECIES

# %% [markdown]
# Standardising makes every measurement have mean 0 and spread 1: otherwise the mass, in thousands
# of grams, would drown the others.

# %%
model = nn.Sequential(nn.Linear(4, 16, rng=0), nn.Tanh(), nn.Linear(16, 3, rng=1))
model

# %%
monitor = nn.Monitor(model)
history = nn.fit(model, *train, loss=nn.cross_entropy, optimizer=nn.Adam, lr=0.01, epochs=40,
                 batch_size=32, validation=validation, metrics={"accuracy": nn.accuracy}, seed=0,
                 quiet=True, callbacks=[monitor])
_ = nn.plot_history(history)

# %% [markdown]
# Look at the two lines of the loss: as long as the validation loss falls with the training loss,
# the network learns what is true of other penguins too. Which species are mixed up?

# %%
nn.confusion_matrix(nn.predict(model, validation[0]), validation[1], SPECIES)

# %% [markdown]
# What the network thinks of every bill, for a penguin of average flipper and mass:

# %%
ax = nn.plot_boundary(model, *train, features=(0, 1), classes=SPECIES)
_ = ax.set(xlabel="bill length, standardised", ylabel="bill depth, standardised")

# %% [markdown]
# The size of the gradients and of the updates, layer by layer. An update ratio of about 0.001 to
# 0.01 is healthy; 0 means that a layer does not learn.

# %%
_ = monitor.plot()

# %% [markdown]
# One penguin, step by step: the loss of the first one to check on.

# %%
loss = nn.cross_entropy(model(validation[0][:1]), validation[1][:1])
loss.label = "loss"
loss.steps()

# %% [markdown]
# And the example of the intro texts: a bill 37.3 mm long and 16.8 mm deep, a flipper of 192 mm,
# 3000 g.

# %%
row = standardiser.transform([[37.3, 16.8, 192.0, 3000.0]])
dict(zip(SPECIES, np.softmax(model(row))[0].tolist(), strict=True))

# %% [markdown]
# **Try:** train on two measurements only (`train[0][:, :2]`), and see what the confusion matrix
# says. Which two are enough?
