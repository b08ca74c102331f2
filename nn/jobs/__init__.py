"""Jobs are what `python -m nn` runs: each a module with `main(words)`, listed here."""

import argparse
import os
from pathlib import Path
from typing import Any, NoReturn

JOBS = {
    "penguins": "learn the species of penguins from four measurements: the main job",
    "digits": "read handwritten digits: an MLP and a small CNN",
    "regression": "a line, then a curve: one linear layer against a deep net",
    "clustering": "groups in the code of an autoencoder of digits, beside pixels and PCA",
    "text": "write a log of a lighthouse: an n-gram MLP, then a small transformer",
    "curve": "accuracy against amount of data: a deep net beside two classics",
    "example": "gradient descent on one weight, every number shown",
    "moons": "two moons on the scalar engine, as in micrograd's demo",
}


class Parser(argparse.ArgumentParser):
    """Options of a job: a bad one is one clear line and exit status 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def whole(least: int) -> Any:
    """The option type of whole numbers from `least` up."""
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} up")
        return number

    return parse


def rate(text: str) -> float:
    """The option type of learning rates: positive numbers."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def sizes(text: str) -> list[int]:
    """The option type of layer sizes: '16' or '32,16'."""
    return [whole(1)(part) for part in text.split(",")]


def folder(text: str) -> Path:
    """The option type of output folders: one that is there, or is made now, and can be written."""
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from None
    if not os.access(path, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"{text}: cannot be written to")
    return path
