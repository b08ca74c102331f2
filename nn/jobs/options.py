"""Training jobs share their options: seeds, where to train, which folder, how much is printed."""

import argparse

from autograd import StorageError, device

from . import Parser, folder, whole


def shared(options: Parser) -> Parser:
    """The parser with the options of every training job after the job's own."""
    add, job = options.add_argument, options.prog.split()[-1]
    add("--seed", type=whole(0), default=0, help="of split, weights and batches (0)")
    add("--device", metavar="NAME", help="where to train: cpu, cuda, cuda:1 (cpu)")
    add("--storage", metavar="NAME",
        help="whose arrays: numpy, cupy, torch, jax (numpy; for cuda the first that is found)")
    add("--out", type=folder, default=f"out/{job}", help=f"folder for the files (out/{job})")
    add("--quiet", action="store_true", help="results only, not every epoch")
    return options


def repeated(options: Parser, seeds: int = 1) -> Parser:
    """`shared`, for a job that can run over several seeds, and compiled."""
    options.add_argument("--seeds", type=whole(1), default=seeds, metavar="N",
                         help=f"how many seeds, from --seed up, to average over ({seeds})")
    options.add_argument("--compile", action="store_true",
                         help="each training step as one program: machine code with Numba")
    return shared(options)


def read(options: Parser, words: list[str]) -> argparse.Namespace:
    """The options given, and `there`, the device that `--device` and `--storage` mean."""
    given = options.parse_args(words)
    try:
        given.there = device(given.device, storage=given.storage)
    except StorageError as error:
        options.error(one_line(error))
    return given


def one_line(error: Exception) -> str:
    """What an error says, its help too, on one line."""
    return str(error).replace("\nhelp: ", "; ")
