"""Callbacks to choose from: stop early, write the history down as it grows."""

import csv
import io
import os
import time
from numbers import Real
from pathlib import Path
from typing import Any

from autograd.errors import ArgumentError
from autograd.show.files import write_whole

from .groups import groups, joined
from .run import Callback, Row, Run

_BINS = 30                              # of a histogram
_DRAWN = 1e150                          # numbers beyond are in no histogram: squares overflow


class EarlyStopping(Callback):
    """Stop after `patience` epochs in which the loss did not fall by more than `min_delta`.

    The loss is that of the validation data where there are some. The weights are then those of the
    best epoch.
    """

    def __init__(self, patience: int, min_delta: float = 0.0) -> None:
        if patience < 1 or min_delta < 0:
            raise ArgumentError(f"EarlyStopping({patience!r}, {min_delta!r})",
                                "give a patience of 1 epoch or more, and no negative min_delta")
        self.patience, self.min_delta = patience, min_delta

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, min_delta={self.min_delta})"

    def is_over(self, losses: list[float]) -> bool:
        """Whether the losses of the epochs so far say that it is time to stop."""
        best, since = float("inf"), 0
        for loss in losses:
            best, since = (loss, 0) if loss < best - self.min_delta else (best, since + 1)
        return since >= self.patience

    def on_train_begin(self, run: Run) -> None:
        self._look(run)

    def on_epoch_end(self, run: Run, row: Row) -> None:
        self._look(run)

    def on_train_end(self, run: Run) -> None:
        run.restore()

    def _look(self, run: Run) -> None:
        if self.is_over(run.history[run.history.monitored]):
            run.stop_training = True


class CSVLogger(Callback):
    """Writes the history to a CSV file after every epoch, whole: a head, then a row an epoch.

    A run that goes on from a checkpoint has its earlier rows too; another run starts anew. Raises
    ArgumentError, before the first epoch, for a file that cannot be written.
    """

    last = True

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def on_train_begin(self, run: Run) -> None:
        self._write(run)

    def on_epoch_end(self, run: Run, row: Row) -> None:
        self._write(run)

    def _write(self, run: Run) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, run.history.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(run.history.rows)
        write_whole(self.path, text.getvalue().encode())


class TensorBoard(Callback):
    """Writes event files for TensorBoard: `tensorboard --logdir folder` shows them.

    After every epoch the loss and the metrics, those of the validation data in a run of their own
    so that both lie in one chart, the learning rate, and a histogram of each parameter; Values
    layer by layer. A run in the same folder takes the place of the earlier one, one that goes on
    from a checkpoint that of the epochs after it. Raises ImportError without tensorboardX.
    """

    last = True

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._files: dict[str, Any] = {}

    def on_train_begin(self, run: Run) -> None:
        event = _tensorboard().proto.event_pb2
        for name in ["train", "validation"][:1 + (run.validation is not None)]:
            self._files[name] = self._opened(name)
            self._files[name].write_event(event.Event(
                step=len(run.history) + 1, wall_time=time.time(),
                session_log=event.SessionLog(status=event.SessionLog.START)))

    def on_epoch_end(self, run: Run, row: Row) -> None:
        scalar, histogram = _tensorboard().summary.scalar, _tensorboard().summary.histogram
        found = {"train": [scalar("learning_rate", run.optimizer.lr)], "validation": []}
        for name, x in row.items():
            if isinstance(x, Real) and name != "epoch":
                title = name.removeprefix("validation_")
                found["train" if title == name else "validation"].append(scalar(title, float(x)))
        for name, group in groups(run.model).items():
            numbers = joined(p.data for p in group.values())
            numbers = numbers[abs(numbers) < _DRAWN]
            if numbers.size:
                found["train"].append(histogram(name.replace(".", "/"), numbers, _BINS))
        for name, summaries in found.items():
            self._write(name, summaries, row["epoch"])

    def _write(self, name: str, summaries: list[Any], epoch: int) -> None:
        if name in self._files:
            for summary in summaries:
                self._files[name].write_event(_tensorboard().proto.event_pb2.Event(
                    step=epoch, wall_time=time.time(), summary=summary))
            self._files[name].flush()

    def on_train_end(self, run: Run) -> None:
        while self._files:
            self._files.popitem()[1].close()

    def _opened(self, name: str) -> Any:
        """A new event file: what is written to it is in it, no thread stands between."""
        try:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            return _tensorboard().event_file_writer.EventsWriter(
                str(self.folder / name / "events"), f".{time.time_ns()}")
        except OSError as error:
            raise ArgumentError(f"{self.folder / name} cannot be written: {error.strerror}",
                                "give a folder that you may write to") from error


def _tensorboard() -> Any:
    try:
        import tensorboardX
        import tensorboardX.event_file_writer
        import tensorboardX.proto.event_pb2
        import tensorboardX.summary
    except ImportError as error:
        raise ImportError("event files for TensorBoard need tensorboardX\n"
                          "help: pip install 'wengert[tensorboard]'") from error
    return tensorboardX
