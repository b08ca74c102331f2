"""Clustering: an autoencoder squeezes digits into ten numbers; k-means looks for groups in them.

No label is used to train it or to find the groups, only to see what they are.
"""

import argparse
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy

from ..data import train_validation_split
from ..evaluation import predict
from ..history import History
from ..layers import Sequential
from ..losses import mse_loss
from ..metrics import numbers
from ..pictures import plot_history, to_png
from ..pictures.paper import blank
from ..weights import to_bytes
from . import Parser, whole
from .clustering_report import page, plot_codes, plot_digits
from .digit_data import digits, scikit_learn
from .options import read, repeated
from .report import text_table, write
from .training import dense, learn, on_one_thread

WIDTHS = 64, 256, 10                    # of the encoder; the decoder has them in reverse
RATE, BATCH = 0.002, 32
HEAD = ("seed", "error of the code", "of PCA", "ratio", "Rand index of the code", "of pixels",
        "of PCA")


class Found(NamedTuple):
    """What one seed gave: images x held out with labels y, seen through the code and through PCA.

    `codes` and `images` are those of the x held out. `groups` are those of k-means in the code of
    all images: the centre as an image, the commonest digit, its share. `errors` are mean squared
    errors of a pixel, code and PCA; `indices` adjusted Rand indices by code, pixels and PCA.
    """

    x: Any
    y: Any
    model: Sequential
    codes: dict[str, Any]
    images: dict[str, Any]
    groups: list[tuple[Any, int, float]]
    errors: tuple[float, ...]
    indices: tuple[float, ...]
    history: History


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn clustering", description=__doc__)
    options.add_argument("--epochs", type=whole(1), default=50, help="passes over the data (50)")
    return repeated(options)


def main(words: list[str]) -> int:
    """Run the job; the files are those of the first seed."""
    given = read(parser(), words)
    x, y = digits()
    seeds = range(given.seed, given.seed + given.seeds)
    found = [find(x, y, seed, given) for seed in seeds]
    rows = table(seeds, found)
    print("mean squared error of a pixel held out; adjusted Rand index of ten groups by k-means\n"
          + text_table(HEAD, rows))
    first = found[0]
    write(given.out, {
        "digits.png": lambda: to_png(plot_digits(first, blank(9.6, 4.0))),
        "codes.png": lambda: to_png(plot_codes(first, blank(9.6, 4.8))),
        "loss.png": lambda: to_png(plot_history(first.history, blank(4.8, 3.6))),
        "report.html": lambda: page(first, (HEAD, rows)).encode(),
        "weights.safetensors": lambda: to_bytes(first.model)})
    return 0


def autoencoder(seed: int, dtype: Any) -> Sequential:
    """An encoder of 64 pixels to ten numbers, and a decoder back to pixels."""
    rng = numpy.random.default_rng(seed)
    return Sequential(dense(WIDTHS, "relu", rng, dtype), dense(WIDTHS[::-1], "relu", rng, dtype))


@on_one_thread
def find(x: Any, y: Any, seed: int, given: argparse.Namespace) -> Found:
    """Train on four fifths of the images, measure the error on the rest, find groups in all."""
    (train, _), (held, labels) = train_validation_split(x, y, seed=seed)
    model = autoencoder(seed, x.dtype)
    encoder, decoder = model
    print(f"clustering, seed {seed}: {len(train)} digits to learn from, {len(held)} held out")
    history = learn(model, (train, train), given, title="autoencoder", validation=(held, held),
                    epochs=given.epochs, loss=mse_loss, lr=RATE, batch_size=BATCH, seed=seed)
    pca = scikit_learn("decomposition").PCA(WIDTHS[-1], random_state=seed).fit(train)
    encode = {"code": lambda x: numbers(predict(encoder, x)), "PCA": pca.transform}
    codes = {name: function(held) for name, function in encode.items()}
    images = {"code": numbers(predict(decoder, codes["code"])),
              "PCA": pca.inverse_transform(codes["PCA"])}
    found = [k_means(points, seed) for points in (encode["code"](x), x, encode["PCA"](x))]
    rand = scikit_learn("metrics").adjusted_rand_score
    return Found(held, labels, model, codes, images,
                 named(numbers(predict(decoder, found[0].cluster_centers_)), found[0].labels_, y),
                 tuple(float(numpy.mean((image - held) ** 2)) for image in images.values()),
                 tuple(float(rand(y, group.labels_)) for group in found), history)


def k_means(x: Any, seed: int) -> Any:
    """scikit-learn's k-means of ten groups in x, the best of ten starts."""
    return scikit_learn("cluster").KMeans(10, n_init=10, random_state=seed).fit(x)


def named(centres: Any, groups: Any, y: Any) -> list[tuple[Any, int, float]]:
    """(centre, commonest digit, its share) of each group, in the order of these digits."""
    counts = [numpy.bincount(y[groups == group], minlength=10) for group in range(len(centres))]
    made = [(centre, int(count.argmax()), float(count.max() / count.sum()))
            for centre, count in zip(centres, counts, strict=True)]
    return sorted(made, key=lambda group: group[1])


def table(seeds: Sequence[int], found: Sequence[Found]) -> list[list[str]]:
    """The cells under HEAD, with a row of means below several seeds."""
    rows = {f"{seed}": (*one.errors, *one.indices) for seed, one in zip(seeds, found, strict=True)}
    if len(rows) > 1:
        rows["mean"] = tuple(numpy.mean(list(rows.values()), axis=0))
    return [[name, f"{code:.5f}", f"{pca:.5f}", f"{code / pca:.3f}",
             *(f"{index:.3f}" for index in indices)]
            for name, (code, pca, *indices) in rows.items()]
