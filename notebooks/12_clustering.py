# %% [markdown]
# # Digits in ten numbers
#
# An autoencoder learns without labels: it squeezes an image into a short code, and draws the image
# again from the code. Here 64 pixels become ten numbers. Are images of the same digit near each
# other then?

# %%
import numpy
from matplotlib import pyplot
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

import nn
from nn.jobs.digit_data import digits

_ = threadpool_limits(1)                # arrays as small as these only wait for a second core
x, y = digits()
(train, _), (held, labels) = nn.train_validation_split(x, y, seed=0)
train.shape, held.shape

# %%
rng = numpy.random.default_rng(0)
encoder = nn.Sequential(nn.Linear(64, 256, rng=rng), "relu", nn.Linear(256, 10, rng=rng))
decoder = nn.Sequential(nn.Linear(10, 256, rng=rng), "relu", nn.Linear(256, 64, rng=rng))
model = nn.Sequential(encoder, decoder).to(dtype="float32")
history = nn.fit(model, train, train, loss="mse", optimizer=nn.Adam, lr=0.002, epochs=50,
                 validation=(held, held), seed=0, quiet=True)
_ = nn.plot_history(history)

# %% [markdown]
# The target is the image itself: `nn.fit(model, train, train)`. The classic way to ten numbers is
# principal component analysis (PCA), the best there is among linear ones.

# %%
pca = PCA(10).fit(train)
pictures = {"held out": held, "from the code": numpy.asarray(nn.predict(model, held)),
            "from PCA": pca.inverse_transform(pca.transform(held))}
for name, images in list(pictures.items())[1:]:
    print(f"{name}: mean squared error {numpy.mean((images - held) ** 2):.4f} of a pixel")

# %%
axes = pyplot.figure(figsize=(9, 3), layout="constrained").subplots(3, 10)
first = [numpy.flatnonzero(labels == digit)[0] for digit in range(10)]
for (name, images), row in zip(pictures.items(), axes, strict=True):
    for i, ax in zip(first, row, strict=True):
        ax.imshow(images[i].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")

# %% [markdown]
# ## Groups
#
# k-means looks for ten groups, among all 1,797 digits, in the code, in the pixels, and in PCA. The
# adjusted Rand index compares groups with the true digits: 1 if they are the same, 0 for chance.

# %%
codes = {"code": numpy.asarray(nn.predict(encoder, x)), "pixels": x, "PCA": pca.transform(x)}
for name, points in codes.items():
    groups = KMeans(10, n_init=10, random_state=0).fit_predict(points)
    print(f"{name}: adjusted Rand index {adjusted_rand_score(y, groups):.3f}")

# %% [markdown]
# The code draws digits twice as well as PCA, but its groups are no better: over five seeds pixels
# are best, at 0.668, and code and PCA are alike, at 0.646 and 0.647. What is good for drawing is
# what all images share; nothing told the encoder to keep digits apart.
#
# What did k-means find? The centre of each group in the code, drawn by the decoder, and what is in
# the group:

# %%
found = KMeans(10, n_init=10, random_state=0).fit(codes["code"])
axes = pyplot.figure(figsize=(9, 1.4), layout="constrained").subplots(1, 10)
centres = numpy.asarray(nn.predict(decoder, found.cluster_centers_.astype("float32")))
for group, ax in enumerate(axes):
    counts = numpy.bincount(y[found.labels_ == group], minlength=10)
    ax.imshow(centres[group].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[], xlabel=f"{counts.max() / counts.sum():.0%} are {counts.argmax()}")

# %% [markdown]
# A map of the held-out digits, each at the two directions in which its code varies most:

# %%
ax = pyplot.figure(figsize=(6, 6), layout="constrained").subplots()
places = PCA(2).fit_transform(numpy.asarray(nn.predict(encoder, held)))
for digit in range(10):
    ax.scatter(*places[labels == digit].T, s=45, marker=f"${digit}$", linewidths=0.3)
_ = ax.set(xticks=[], yticks=[])

# %% [markdown]
# `python -m nn clustering --seeds 5` gives the figures of five seeds.
#
# **Try:** a code of two numbers, which is a map itself. How much of a digit is left, and which
# digits fall together?
