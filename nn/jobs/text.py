"""Text: an n-gram MLP, then a small transformer, learn to go on with the log of a lighthouse.

Both guess the next character, the first from the last four, the second from up to 32. How well is
measured in nats a character on lines held out; then the transformer writes lines of its own.
"""

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy

from autograd.errors import ArgumentError

from ..evaluation import evaluate
from ..history import History
from ..module import Module
from ..optim import AdamW
from ..pictures import to_png
from ..pictures.paper import blank
from ..schedules import CosineAnnealingLR
from ..weights import to_bytes
from . import Parser, rate, whole
from .options import one_line, read, repeated
from .report import text_table, write
from .text_data import LENGTH, Vocabulary, bigram_loss, log, split, unigram_entropy, windows
from .text_models import NGram, Transformer, next_character, sample
from .text_report import page, plot_attention, plot_losses
from .training import learn, on_one_thread

CONTEXT = 4                             # characters that the n-gram MLP sees
SETTINGS = {"n-gram MLP": (8, 0.01), "transformer": (7, 0.1)}      # epochs, weight decay
RATE, BATCH = 0.005, 16
STEP = LENGTH // 4                      # from a window to the next: each character is in four
HEAD = "seed", "unigram entropy", "bigram counts", "n-gram MLP", "transformer"


class Learned(NamedTuple):
    """What one seed gave: both models and their histories by name, and losses in HEAD's order.

    These are nats a character of the lines held out.
    """

    vocabulary: Vocabulary
    models: dict[str, Any]
    histories: dict[str, History]
    losses: tuple[float, ...]


def parser() -> Parser:
    """The options of this job."""
    options = Parser(prog="python -m nn text", description=__doc__)
    add = options.add_argument
    add("--epochs", type=whole(1), help="passes over the text (n-gram MLP: 8, transformer: 7)")
    add("--prompt", default="", metavar="TEXT", help="how the lines that are written begin")
    add("--samples", type=whole(1), default=10, metavar="N", help="lines to write (10)")
    add("--temperature", type=rate, default=0.7,
        help="of writing: 1 is as learned, below it keeps to what is likely (0.7)")
    return repeated(options)


def main(words: list[str]) -> int:
    """Run the job; lines and files are those of the first seed."""
    options, lines = parser(), log()
    given, vocabulary = read(options, words), Vocabulary(lines)
    try:
        vocabulary.encode(given.prompt)
    except ArgumentError as error:
        options.error(f"argument --prompt: {one_line(error)}")
    seeds = range(given.seed, given.seed + given.seeds)
    found = [learned(lines, vocabulary, seed, given) for seed in seeds]
    first, rows, example = found[0], table(seeds, found), given.prompt or lines[0]
    print("nats a character of lines held out\n" + text_table(HEAD, rows))
    written = {name: sample(model, vocabulary, given.prompt, given.samples, given.temperature,
                            given.seed) for name, model in first.models.items()}
    for name, several in written.items():
        print(f"\nthe {name} writes, at temperature {given.temperature:g}:",
              *several, sep="\n  ")
    write(given.out, {
        "loss.png": lambda: to_png(plot_losses(first, HEAD, blank().subplots())),
        "attention.png": lambda: to_png(plot_attention(first, example, blank(9.6, 5.4))),
        "lines.txt": lambda: "\n".join([*written["transformer"], ""]).encode(),
        "report.html": lambda: page(first, (HEAD, rows), written, example).encode(),
        "ngram.safetensors": lambda: to_bytes(first.models["n-gram MLP"]),
        "transformer.safetensors": lambda: to_bytes(first.models["transformer"])})
    return 0


def models(size: int, seed: int) -> dict[str, Module]:
    """Both models by name, for so many characters."""
    rng = numpy.random.default_rng(seed)
    return {"n-gram MLP": NGram(size, CONTEXT, 16, 128, rng),
            "transformer": Transformer(size, 64, 4, 2, rng)}


@on_one_thread
def learned(lines: Sequence[str], vocabulary: Vocabulary, seed: int,
            given: argparse.Namespace) -> Learned:
    """Train both models on nine tenths of the lines."""
    codes, held = split(lines, vocabulary, seed)
    train, check = windows(codes, STEP), windows(held, LENGTH)
    print(f"text, seed {seed}: {len(codes):,} of {len(vocabulary)} characters to learn from, "
          f"{len(held):,} held out")
    losses = [unigram_entropy(check[1]), bigram_loss(codes, *check, len(vocabulary))]
    both, histories = models(len(vocabulary), seed), {}
    for name, (epochs, decay) in SETTINGS.items():
        model, epochs = both[name], given.epochs or epochs
        histories[name] = learn(
            model, train, given, title=name, epochs=epochs, validation=check, loss=next_character,
            optimizer=partial(AdamW, weight_decay=decay), lr=RATE, batch_size=BATCH, clip_norm=1.0,
            schedule=lambda optimizer, epochs=epochs: CosineAnnealingLR(optimizer, epochs),
            seed=seed)
        losses.append(evaluate(model, *check, loss=next_character)["loss"])
    return Learned(vocabulary, both, histories, tuple(losses))


def table(seeds: Sequence[int], found: Sequence[Learned]) -> list[list[str]]:
    """The cells under HEAD, with a row of means below several seeds."""
    rows = {f"{seed}": one.losses for seed, one in zip(seeds, found, strict=True)}
    if len(rows) > 1:
        rows["mean"] = tuple(numpy.mean(list(rows.values()), axis=0))
    return [[name, *(f"{loss:.4f}" for loss in losses)] for name, losses in rows.items()]
