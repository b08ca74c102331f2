"""A checkpoint is a whole run in one file: training goes on from it as if it had never stopped.

The file is safetensors: the arrays by name, and in its metadata, as JSON, all that is no array.
Nothing in it is code. It is written whole or not at all, so it is always that of some epoch.
"""

import copy
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy

from autograd import Tensor, Value, containers
from autograd.errors import ArgumentError, describe
from autograd.show.files import remove_leftovers, write_whole
from autograd.show.wording import short
from autograd.storage import dtype_name, is_array

from .history import History
from .module import Module, leaves, snapshot
from .moving import portable
from .run import Callback, Row, Run

KIND, VERSION = "wengert run", 1        # what the file says it is
PARTS = {"identity", "model", "best", "optimizer", "callbacks", "start", "order", "generators",
         "history"}
ARRAY = "array in this file"            # the only word of a dict that stands for an array
AFRESH = "give another path to start a new run"


class Checkpoint(Callback):
    """Keeps the whole run in a file, after every `every` epochs and the last.

    `fit(..., callbacks=[Checkpoint(path)], resume=path)` then goes on from it, bit for bit as if it
    had not been stopped: weights, the best so far, the optimiser, the schedule and what else the
    callbacks keep, the order of rows, the generators of Dropout, and the history are in it.
    Without `resume` a file that is there gives way to the new run. Raises, before the first epoch,
    ImportError without safetensors, ArgumentError where the file cannot be written or the model's
    numbers cannot be kept.
    """

    last = True

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        if not isinstance(every, int) or every < 1:
            raise ArgumentError(f"Checkpoint({str(path)!r}, every={every!r})",
                                "give a whole number of epochs, 1 or more")
        self.path, self.every = Path(path), every

    def on_train_begin(self, run: Run) -> None:
        self.identity = identity(run)           # before training: a layer may count its calls
        to_bytes(self._state(run))
        folder = self.path.resolve().parent
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK) or self.path.is_dir():
            raise ArgumentError(f"a checkpoint cannot be written to {str(self.path)!r}",
                                "give a file in a folder that exists and that you may write to")
        remove_leftovers(self.path)

    def on_epoch_end(self, run: Run, row: Row) -> None:
        if row["epoch"] % self.every == 0 or row["epoch"] == run.epochs or run.stop_training:
            write_whole(self.path, to_bytes(self._state(run)))

    def _state(self, run: Run) -> Row:
        return {"identity": self.identity, **state_of(run)}


# -- what a run is ---------------------------------------------------------------------------------

def identity(run: Run) -> dict[str, dict[str, str]]:
    """What must be the same where a run goes on: by what it is of, its parts in words."""
    lines = re.sub(r" at 0x[0-9a-f]+|  # .*", "", repr(run.model)).splitlines()
    data = {"x": run.data[0], "y": run.data[1]}
    if run.validation:
        data |= {"validation x": run.validation[0], "validation y": run.validation[1]}
    sizes = [len(group["params"]) for group in run.optimizer.param_groups]
    return {
        "another model": {f"line {i}": line.strip() for i, line in enumerate(lines, 1)}
        | {name: _kind(x) for name, x in leaves(run.model)}
        | {"generators": str(len(generators(run.model)))},
        "another optimiser": {"optimizer": f"{type(run.optimizer).__name__} of {sizes} parameters"},
        "other data": {name: _kind(x) for name, x in data.items()},
        "other callbacks": {"those with a state": ", ".join(
            type(callback).__name__ for callback in _stateful(run)) or "none"}}


def _kind(x: Any) -> str:
    """Shape and dtype of an array or Tensor."""
    if isinstance(x, Value):
        return "a Value"
    array = x.data if isinstance(x, Tensor) else x
    return f"{tuple(array.shape)} {dtype_name(array.dtype)}"


def _stateful(run: Run) -> list[Callback]:
    """The callbacks that keep something."""
    return [callback for callback in run.callbacks
            if type(callback).state_dict is not Callback.state_dict]


def generators(model: Module) -> list[numpy.random.Generator]:
    """The generators of random numbers that a model holds, each once."""
    held = [x for module in model.modules() for x in containers.leaves(vars(module))]
    return list({id(x): x for x in held if isinstance(x, numpy.random.Generator)}.values())


def state_of(run: Run) -> Row:
    """All that a run needs to go on, in dicts and lists of numbers, words and NumPy arrays."""
    best = run.history.best_epoch
    kept = {name: portable(x) if is_array(x) else x for name, x in run.saved[best].items()}
    return {"model": run.model.state_dict(), "best": None if best == len(run.history) else kept,
            "optimizer": run.optimizer.state_dict(),
            "callbacks": [callback.state_dict() for callback in _stateful(run)],
            "start": run.start, "order": run.rng.bit_generator.state,
            "generators": [g.bit_generator.state for g in generators(run.model)],
            "history": run.history.rows}


def splitter(run: Run, saved: Row | None, seed: Any, path: Any) -> numpy.random.Generator:
    """What draws the rows to hold back: those of the saved run where there is one."""
    rng = run.rng if run.rng is seed and saved is None else copy.deepcopy(run.rng)
    if saved is not None:
        try:
            run.start = rng.bit_generator.state = saved["start"]
        except Exception as error:
            raise _damaged(path, error) from error
    return rng


def resume(run: Run, saved: Row | None, path: Any, quiet: bool) -> None:
    """Bring a run to where it was saved, if it was, and print how far that is.

    Raises ArgumentError, and nothing has changed, for the file of another run.
    """
    if saved is not None:
        _refuse_another(run, saved, path)
        weights, state = snapshot(run.model), run.optimizer.state_dict()
        try:
            _take_over(run, saved)
        except Exception as error:              # a file is anybody's, and so are its errors
            run.model.load_state_dict(weights)
            run.optimizer.load_state_dict(state)
            raise _damaged(path, error) from error
    if not quiet:
        print(f"{path}: {len(run.history)} of {run.epochs} epochs are done" if saved is not None
              else f"no file {path} yet: this run begins", flush=True)


def _take_over(run: Run, saved: Row) -> None:
    moving = list(zip([*generators(run.model), run.rng],
                      [*saved["generators"], saved["order"]], strict=True))
    for generator, state in moving:
        copy.deepcopy(generator).bit_generator.state = state    # raises what it raises, here
    rows, history = saved["history"], History()
    history.rows = rows
    epochs = [row["epoch"] for row in rows]
    if not epochs or epochs != list(range(1, len(rows) + 1)):
        raise ArgumentError(f"its epochs are {describe(epochs)}")
    run.model.load_state_dict(saved["model"] if saved["best"] is None else saved["best"])
    kept = {history.best_epoch: snapshot(run.model)}
    run.model.load_state_dict(saved["model"])
    run.optimizer.load_state_dict(saved["optimizer"])
    for callback, state in zip(_stateful(run), saved["callbacks"], strict=True):
        callback.load_state_dict(state)
    for generator, state in moving:
        generator.bit_generator.state = state
    run.saved, run.history = kept, history


def _refuse_another(run: Run, saved: Row, path: Any) -> None:
    """Raise ArgumentError, with what differs, unless the run is the one that was saved."""
    for of, mine in identity(run).items():
        theirs = saved["identity"].get(of, {})
        parts = [f"{name}: {mine.get(name, 'nothing')} here, {theirs.get(name, 'nothing')} there"
                 for name in mine | theirs if mine.get(name) != theirs.get(name)]
        if parts:
            more = [f"and {len(parts) - 5} more"] * (len(parts) > 5)
            said = [f"{path} is the checkpoint of a run with {of}", *parts[:5], *more]
            raise ArgumentError("\n  ".join(said), f"make it as it was there, or {AFRESH}")


# -- what is in a file -----------------------------------------------------------------------------

def to_bytes(tree: Row) -> bytes:
    """A state as the content of a safetensors file."""
    safetensors, arrays = _safetensors(), dict[str, Any]()
    metadata = {"kind": KIND, "version": str(VERSION), "run": json.dumps(_plain(tree, "", arrays))}
    try:
        content: bytes = safetensors.numpy.save(arrays, metadata)
    except safetensors.SafetensorError as error:
        raise ArgumentError(f"a checkpoint cannot keep these numbers: {error}",
                            "use floats of 64 bits or fewer, integers and booleans") from None
    return content


def _plain(tree: Any, path: str, arrays: dict[str, Any]) -> Any:
    """A tree as JSON has it: its arrays, by their path, go into `arrays`."""
    if isinstance(tree, dict):
        return {str(key): _plain(x, f"{path}.{key}", arrays) for key, x in tree.items()}
    if isinstance(tree, list | tuple):
        return [_plain(x, f"{path}.{i}", arrays) for i, x in enumerate(tree)]
    if isinstance(tree, numpy.ndarray):
        name = f"{len(arrays)}{path}"
        arrays[name] = numpy.ascontiguousarray(tree).reshape(tree.shape)
        return {ARRAY: name}
    if isinstance(tree, numpy.generic):
        return tree.item()
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree
    raise ArgumentError(f"a checkpoint cannot keep {path.lstrip('.')}, {describe(tree)}",
                        "keep numbers, words and NumPy arrays, in lists and dicts")


def read(path: str | os.PathLike[str]) -> Row | None:
    """The state in a checkpoint's file; None where there is no file.

    Raises ArgumentError for a file that is damaged, no checkpoint, or of a newer version.
    """
    safetensors = _safetensors()
    try:
        if Path(path).exists() and not Path(path).is_file():
            raise OSError("it is no file")
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError) as error:
        raise ArgumentError(f"{path} cannot be read: {error}",
                            "give the path of a Checkpoint") from error
    try:
        arrays = safetensors.numpy.load(content)
        size = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8:8 + size]).get("__metadata__", {})
        version = int(metadata.get("version", 0))
        if metadata.get("kind") == KIND and version == VERSION:
            return _checked(_filled(json.loads(metadata["run"]), arrays))
    except Exception as error:                  # a file is anybody's, and so are its errors
        raise _damaged(path, error) from error
    if metadata.get("kind") == KIND:
        raise ArgumentError(f"{path} has version {version} of the format of checkpoints, this nn "
                            f"reads version {VERSION}", "install the nn that wrote it: pip install "
                            "--upgrade wengert")
    raise ArgumentError(f"{path} is a safetensors file, but no checkpoint",
                        "read weights with nn.load(model, path); resume= goes on from a Checkpoint")


def _filled(tree: Any, arrays: dict[str, Any]) -> Any:
    """What `_plain` was given, from what it returned."""
    if isinstance(tree, dict):
        if tree.keys() == {ARRAY}:
            return arrays[tree[ARRAY]]
        return {key: _filled(x, arrays) for key, x in tree.items()}
    return [_filled(x, arrays) for x in tree] if isinstance(tree, list) else tree


def _checked(state: Row) -> Row:
    """A state, if it has the parts of one."""
    for part in state["identity"].values():
        if not all(isinstance(word, str) for word in part.values()):
            raise TypeError("its identity is not in words")
    if missing := PARTS - state.keys():
        raise KeyError(*missing)
    return state


def _damaged(path: Any, error: Exception) -> ArgumentError:
    why = f"{type(error).__name__}: {error}".partition("\nhelp:")[0]
    return ArgumentError(f"{path} is not a whole checkpoint: {short(why, 200)}",
                         f"copy it again, if it is a copy; {AFRESH}")


def _safetensors() -> Any:
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError("checkpoints need safetensors\n"
                          "help: pip install safetensors") from error
    return safetensors
