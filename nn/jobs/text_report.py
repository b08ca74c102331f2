"""The report of a text: how the loss fell, what both models write, and what a place reads."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..pictures.paper import COLOURS, axes_for, blank, open_frame, whole_numbers
from . import report
from .report import card, embedded, html_table, image
from .text_data import END, LENGTH
from .text_models import attention


def page(found: Any, table: tuple[Sequence[str], Sequence[Sequence[str]]],
         written: Mapping[str, Sequence[str]], text: str) -> str:
    """The report as HTML: of what was learned, a table of all seeds, what each model wrote.

    It shows what the transformer reads of `text`.
    """
    unigram, bigram, ngram, transformer = found.losses
    parts = [
        f"<p>Of each character of lines held out {unigram:.2f} nats are unknown to who knows only "
        f"how frequent it is, {bigram:.2f} to who counted which follows which, {ngram:.2f} to the "
        f"n-gram MLP and {transformer:.2f} to the transformer.</p>",
        html_table(*table),
        image(lambda: plot_losses(found, table[0], blank(6.4, 4.8).subplots())),
        "<h2>What they write</h2>",
        *(f"<h3>The {name}</h3><p>{'<br>'.join(map(escape, lines))}</p>"
          for name, lines in written.items()),
        "<h2>What a place reads</h2>", image(lambda: plot_attention(found, text, blank(9.6, 5.4))),
        "<p>Each row is a place that guesses the next character; the darker a column, the more it "
        "reads of that one. Nothing is read of what comes later.</p>",
        "<h2>The networks</h2>"]
    for name, model in found.models.items():
        drawn = model.draw(found.vocabulary.encode(text)[None, :LENGTH], depth=1)
        parts += [f"<h3>The {name}</h3>", card(model), embedded("svg+xml", drawn.svg().encode())]
    return report.page("A log of a lighthouse", *parts)


def plot_losses(found: Any, head: Sequence[str], ax: Any = None) -> Any:
    """Both models' losses over the epochs, on lines held out, and the lines that counting sets."""
    ax = axes_for("plot_losses", ax)
    for i, (name, history) in enumerate(found.histories.items()):
        epochs = range(1, len(history) + 1)
        ax.plot(epochs, history["validation_loss"], "o-", color=COLOURS[i],
                label=f"{name}, held out")
        ax.plot(epochs, history["loss"], ":", color=COLOURS[i], label=f"{name}, training")
    for name, loss in zip(head[1:3], found.losses, strict=False):
        ax.axhline(loss, color="0.7", zorder=0)
        ax.annotate(name, (0.98, loss), xycoords=("axes fraction", "data"), ha="right", va="bottom",
                    color="0.4")
    whole_numbers(ax.xaxis)
    ax.set(xlabel="epoch", ylabel="nats a character")
    ax.legend()
    open_frame(ax)
    return ax


def plot_attention(found: Any, text: str, figure: Any) -> Any:
    """A panel for each head of each block: from which characters each place of a text reads."""
    text = (END + text)[:LENGTH]
    blocks = attention(found.models["transformer"], found.vocabulary.encode(text))
    shown = text.replace(END, "↵")
    rows = figure.subplots(len(blocks), len(blocks[0]), squeeze=False)
    for i, (heads, row) in enumerate(zip(blocks, rows, strict=True), 1):
        for j, (weights, ax) in enumerate(zip(heads, row, strict=True), 1):
            ax.imshow(weights, cmap="gray_r", vmin=0.0, vmax=1.0)
            ax.set_title(f"block {i}, head {j}", fontsize="small")
            ax.set_xticks(range(len(shown)), shown, fontsize=6)
            ax.set_yticks(range(len(shown)), shown, fontsize=6)
            ax.tick_params(length=0)
    return figure
