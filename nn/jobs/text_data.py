"""The log of a lighthouse: a small text to learn to write from, one entry a line.

It was written for this project and is part of it. Characters are learned as codes, small integers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from autograd.errors import ArgumentError

from ..data import split_rows

LENGTH = 32                             # characters that a model sees at once
END = "\n"                              # of a line, and what stands before the first


def log() -> list[str]:
    """The lines of the log."""
    return Path(__file__).with_name("lighthouse.txt").read_text(encoding="utf-8").splitlines()


class Vocabulary:
    """The characters of a text in order, the end of a line first; each is known by its place."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.characters = "".join(sorted({END, *"".join(lines)}))
        self._codes = {character: i for i, character in enumerate(self.characters)}

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> Any:
        """The codes of a text, (n,); ArgumentError, which names them, for unknown characters."""
        unknown = [c for c in dict.fromkeys(text) if c not in self._codes]
        if unknown:
            raise ArgumentError(f"the log has no {', '.join(map(repr, unknown))} to learn from",
                                f"write with these: {self.characters.strip()}, and spaces")
        return numpy.array([self._codes[c] for c in text], dtype=int)

    def decode(self, codes: Any) -> str:
        """The text of codes, (n,)."""
        return "".join(self.characters[code] for code in codes)


def split(lines: Sequence[str], vocabulary: Vocabulary, seed: int) -> tuple[Any, Any]:
    """The codes of nine tenths of the lines, and of the others, drawn at random."""
    chosen = split_rows(numpy.zeros(len(lines)), 0.1, seed=seed)
    learned, held = ([lines[i] for i in sorted(rows)] for rows in chosen)
    return tuple(vocabulary.encode(END + "".join(line + END for line in part))
                 for part in (learned, held))


def windows(codes: Any, step: int) -> tuple[Any, Any]:
    """Pieces of LENGTH codes, one every `step`, and the code after each place: both (n, LENGTH)."""
    pieces = numpy.lib.stride_tricks.sliding_window_view(codes, LENGTH + 1)[::step]
    return pieces[:, :-1].copy(), pieces[:, 1:].copy()


def unigram_entropy(y: Any) -> float:
    """Nats a character that are left to guess by who knows how frequent each code in y is."""
    counts = numpy.unique(y, return_counts=True)[1]
    return float(numpy.log(y.size) - (counts * numpy.log(counts)).sum() / y.size)


def bigram_loss(codes: Any, x: Any, y: Any, size: int) -> float:
    """Nats a character of y after x by how often it came after that in `codes`, plus once each."""
    counts = numpy.ones((size, size))
    numpy.add.at(counts, (codes[:-1], codes[1:]), 1.0)
    shares = counts / counts.sum(axis=1, keepdims=True)
    return float(-numpy.log(shares[x, y]).mean())
